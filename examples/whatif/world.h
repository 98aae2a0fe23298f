/* world.h - people around a desk: sessions that come and go, agents who work and rest.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_WORLD_H
#define WHATIF_WORLD_H

#include "arrivals.h"
#include "calendar.h"
#include "desk.h"
#include "tally.h"

enum sim_what {
    SIM_W_ARRIVAL = 1, /* of a kind */
    SIM_W_PATIENCE,    /* of a session ends */
    SIM_W_NEXT,        /* a session: its offer is answered, or it is finished */
    SIM_W_AGENT,       /* is back, or has wrapped up */
    SIM_W_ROSTER,      /* of a group changes */
    SIM_W_HOURS,       /* of a queue change */
    SIM_W_MARK         /* another bin or sample begins, or the end */
};

enum sim_state { SIM_FREE, SIM_WAITING, SIM_OFFERED, SIM_ACTIVE };

/* Where one wait is counted: once for the queue, and for the kind if it is the first. */
struct sim_tag { uint32_t sample, bin; bool counts; };

struct sim_session {
    uint64_t number;       /* in its run, from 1 */
    enum sim_state state;
    uint32_t kind, queue, agent;
    uint64_t offer;
    bool answers_yes, first_wait, offers_drawn;
    double since;          /* it waits, or is handled, since */
    double offered_at;     /* first offer of this wait; below 0: none yet */
    double work, rate, updated; /* ms of handling left at `updated`, how fast it goes down */
    double handling;       /* drawn for the next time that an agent has it */
    uint64_t born;         /* of its kind, from 0 */
    struct sim_tag tag;
    struct sim_random life, offers;
    struct sim_timer patience, next;
    uint32_t before, after; /* in its agent's hands; SIM_NONE */
};

struct sim_agent {
    uint32_t group;
    bool on_duty, ready, away, wrapping;
    uint32_t in_hand, ringing;
    uint32_t first;        /* session in hand, or SIM_NONE */
    struct sim_timer back;
    struct sim_random random;
};

struct sim_line { double last; uint32_t waiting; };
struct sim_team {
    double last;
    uint32_t staffed, ringing, handling, wrapping, first_agent;
};

#define SIM_NONE UINT32_MAX

struct sim_world {
    const struct sim_scenario *s;
    struct sim_tally *tally;
    struct sim_desk desk;
    struct sim_calendar calendar;
    uint64_t seed;          /* of this replication */
    struct sim_session *sessions;
    uint32_t slots, used;   /* used: slots ever used */
    uint32_t *free_slots;
    uint32_t n_free;
    struct sim_agent *agents;
    struct sim_line *lines; /* queues, then kinds */
    struct sim_team *teams;
    struct sim_arriving *arriving; /* one a kind */
    struct sim_timer *arrival_timers, *roster_timers, *hours_timers, mark;
    uint32_t *instant;      /* sessions whose offer is answered in no time */
    size_t n_instant;
    bool settling;
    uint64_t numbers;
    uint64_t open_counted;  /* waits and handlings that are counted and not over */
    bool counting;          /* now: after the warm-up, before the end */
    bool crowded;           /* more sessions at a time than slots */
    uint32_t sample, bin;
    struct sim_sample *cells;
    double end;             /* of counting */
    double marked;          /* the last boundary */
    int failed;             /* no memory for a sample */
    uint64_t base;          /* number of this run's first sample */
    bool batches;
    double batch;           /* length of one */
    double bin_ms;
    bool by_day;            /* bins are hours of the day, not of the run */
};


/* How a run is cut into bins and samples. */
struct sim_cut {
    double bin;       /* 0: none */
    bool by_day;      /* bins are times of the day */
    size_t n_bins;
    double batch;     /* 0: the run is one sample */
    uint32_t slots;   /* sessions at a time */
    uint64_t seed, base;
};

/* world.c: one run from its beginning. Errors: ENOMEM; EFULL (crowded); the core's. */
int sim_world_new(struct sim_world *w, const struct sim_scenario *s, struct sim_tally *t,
                  const struct sim_cut *cut);
void sim_world_done(struct sim_world *w);
int sim_world_play(struct sim_world *w, double end); /* count until then */
int sim_world_drain(struct sim_world *w); /* until all that counts is over, or drain is */

/* world_session.c */
void sim_session_arrive(struct sim_world *w, uint32_t kind);
void sim_session_impatient(struct sim_world *w, struct sim_session *s);
void sim_session_next(struct sim_world *w, struct sim_session *s);
void sim_session_fact(struct sim_world *w, const struct usher_fact *f);
void sim_session_settle(struct sim_world *w); /* answers what is answered in no time */

/* world_agent.c */
void sim_agent_roster(struct sim_world *w, uint32_t group);
void sim_agent_back(struct sim_world *w, uint32_t agent);
void sim_agent_missed(struct sim_world *w, uint32_t agent); /* the core made him not ready */
void sim_agent_offer(struct sim_world *w, struct sim_session *s, uint32_t agent);
void sim_agent_offer_over(struct sim_world *w, struct sim_session *s);
void sim_agent_take(struct sim_world *w, struct sim_session *s);
void sim_agent_give(struct sim_world *w, struct sim_session *s);
/* Before a session is given away: does he write something up? */
void sim_agent_wraps(struct sim_world *w, uint32_t agent);

/* world_count.c */
void sim_count_line(struct sim_world *w, uint32_t line, int change);
void sim_count_team(struct sim_world *w, struct sim_team *team);
void sim_count_flush(struct sim_world *w);
struct sim_tag sim_count_tag(const struct sim_world *w);
struct sim_cell *sim_count_cell(struct sim_world *w, const struct sim_tag *tag, uint32_t line);
void sim_count_mark(struct sim_world *w);

#endif
