/* world.h - people around a desk: sessions that come and go, agents who work and rest.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_WORLD_H
#define WHATIF_WORLD_H

#include "arrivals.h"
#include "calendar.h"
#include "desk.h"
#include "tally.h"

#define SIM_NONE UINT32_MAX

enum sim_what {
    SIM_W_ARRIVAL = 1, /* of a kind */
    SIM_W_PATIENCE,    /* of a session ends */
    SIM_W_NEXT,        /* a session is finished, or its wrap-up is over */
    SIM_W_ANSWER,      /* an agent answers his offer */
    SIM_W_BACK,        /* an agent is there again */
    SIM_W_ROSTER,      /* of a group changes */
    SIM_W_HOURS,       /* of a queue change */
    SIM_W_MARK         /* another bin or sample begins, or the end */
};

/* WRAPPING: the session is gone, and its units are still taken. */
enum sim_state { SIM_FREE, SIM_WAITING, SIM_ACTIVE, SIM_WRAPPING };

/* Where something is counted: in the sample and bin in which it began. */
struct sim_tag { uint32_t sample, bin; bool counts; };

/*   arrival          moved by a step            accept
 *     |--- leg in queue a ---|--- leg in queue b ---|--- handling ---|   transfer: a new wait
 *     |------------------- wait --------------------|
 * A queue counts legs, a kind counts the first wait of each session. */
struct sim_session {
    uint64_t number, born; /* in its run, from 1; of its kind, from 0 */
    enum sim_state state;
    uint32_t kind, queue, agent, units;
    bool first_wait, offers_drawn;
    double came, since;    /* its wait began; its leg, or its handling */
    double offered_at, first_offer; /* in this leg, in this wait; below 0: not yet */
    double work, rate, updated; /* ms of handling left at `updated`, how fast it goes down */
    bool asked, told;      /* it was in line on arrival; and was told how long it would be */
    float expected, low, high; /* ms */
    double handling;       /* drawn for the next time that an agent has it */
    struct sim_tag tag, wait_tag; /* of the leg, of the wait */
    struct sim_random life, offers;
    struct sim_timer patience, next;
    uint32_t before, after; /* in its agent's hands; SIM_NONE */
};

struct sim_agent {
    uint32_t group;
    bool on_duty, ready, away, writing; /* writing: he wraps up and is not ready meanwhile */
    uint32_t in_hand, wraps;
    uint32_t first;        /* session in hand, or SIM_NONE */
    uint32_t offered;      /* session that is offered to him, or SIM_NONE */
    uint64_t offer;        /* its number */
    bool answers_yes;
    struct sim_timer answer, back;
    struct sim_random random;
};

struct sim_line { double last; uint32_t waiting; };
struct sim_team {
    double last;
    uint32_t first_agent, staffed;
    uint32_t ringing, handling, wrapping; /* units */
};

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
    uint32_t *instant;      /* agents whose offer is answered in no time, or was */
    size_t n_instant, instant_room;
    bool settling;
    uint64_t numbers;
    uint64_t open_legs, open_waits; /* legs, first waits: counted, and not yet handled */
    bool counting;          /* now: after the warm-up, before the end */
    bool crowded;           /* more sessions at a time than slots */
    uint32_t sample, bin;
    struct sim_sample *cells;
    double end;             /* of counting */
    double marked;          /* the last boundary */
    int failed;             /* no memory */
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

/* world_slot.c */
struct sim_session *sim_slot_take(struct sim_world *w);
void sim_slot_give(struct sim_world *w, struct sim_session *s);
static inline uint32_t sim_slot_of(const struct sim_world *w, const struct sim_session *s)
{
    return (uint32_t) (s - w->sessions);
}

/* world_session.c */
void sim_session_arrive(struct sim_world *w, uint32_t kind);
void sim_session_impatient(struct sim_world *w, struct sim_session *s);
void sim_session_next(struct sim_world *w, struct sim_session *s);

/* world_fact.c */
void sim_fact(struct sim_world *w, const struct usher_fact *f);

/* world_wait.c: legs, waits, and what is counted of them */
void sim_wait_begin(struct sim_world *w, struct sim_session *s, uint32_t queue);
void sim_wait_offered(struct sim_world *w, struct sim_session *s);
void sim_wait_moved(struct sim_world *w, struct sim_session *s, uint32_t queue);
enum sim_end { SIM_END_SERVED, SIM_END_LEFT, SIM_END_TIMED_OUT };
void sim_wait_end(struct sim_world *w, struct sim_session *s, enum sim_end how);
void sim_wait_turned_away(struct sim_world *w, struct sim_session *s);
void sim_wait_handled(struct sim_world *w, struct sim_session *s, bool transferred);
/* Count n of something: for the queue of the leg, and for the kind if it is its first wait. */
void sim_wait_count(struct sim_world *w, const struct sim_session *s, enum sim_count what,
                    double n);

/* world_agent.c */
void sim_agent_roster(struct sim_world *w, uint32_t group);
void sim_agent_back(struct sim_world *w, uint32_t agent);
void sim_agent_missed(struct sim_world *w, uint32_t agent); /* the core made him not ready */
/* Before a session is given away: does he write something up? */
void sim_agent_writes(struct sim_world *w, uint32_t agent);
void sim_agent_take(struct sim_world *w, struct sim_session *s);
void sim_agent_give(struct sim_world *w, struct sim_session *s); /* the queue's wrap-up follows */
void sim_agent_wrapped(struct sim_world *w, struct sim_session *wrap);
bool sim_agent_staffed(const struct sim_agent *a);

/* world_offer.c */
void sim_offer_made(struct sim_world *w, struct sim_session *s, uint32_t agent, uint64_t number);
void sim_offer_over(struct sim_world *w, uint32_t agent);
void sim_offer_answer(struct sim_world *w, uint32_t agent);
void sim_offer_settle(struct sim_world *w); /* answers what is answered in no time */

/* world_count.c */
void sim_count_line(struct sim_world *w, uint32_t line, int change);
void sim_count_team(struct sim_world *w, struct sim_team *team); /* before it changes */
struct sim_tag sim_count_tag(const struct sim_world *w);
struct sim_cell *sim_count_cell(struct sim_world *w, const struct sim_tag *tag, uint32_t line);
void sim_count_mark(struct sim_world *w);

#endif
