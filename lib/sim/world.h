/* world.h - everything in a simulated world, and what its files do for one another.
 * SPDX-License-Identifier: MIT
 *
 *    client.c            world.c               the core           save.c, store.c
 *    persons' devices -> links, both ways ->   usher_step    ->   a worker and its store
 *    outbox, cursors  <-                  <-   usher_take    <-
 *                             |
 *                        judge*.c looks at every event and every effect
 *
 * trouble.c decides what happens next, by chance. */
#ifndef USH_WORLD_H
#define USH_WORLD_H

#include "picture.h"
#include "rand.h"
#include "store.h"
#include "tape.h"
#include "usher/core.h"
#include "usher/sim.h"

enum {
    USH_BODY_MAX = 512, /* longest body that anybody says here */
    USH_KEY_TEXT = 24,
    USH_OFFERS_KEPT = 8, /* offers that a device remembers, live or not */
    USH_SUPERVISOR = 0,  /* this agent is one */
    USH_BOARDS = 64,     /* more than a supervisor has links */
    USH_MEETS = 8,       /* have, and known sessions, of a device */
    USH_GHOSTS_MAX = 8   /* links at a time that their devices have left without a word */
};

/* A key, and what came of it. */
struct ush_used_key {
    uint32_t person;       /* whose it is */
    uint64_t seq, index;   /* of the fact that its command caused; seq 0: of none yet */
    uint64_t step;         /* in which it did */
    uint32_t command, who; /* which command caused it, and which visitor or agent */
    bool before_crash;     /* it was sent before a crash */
    bool vague;            /* the store went back: which command it was is not known any more */
};

/* What a device wants. */
struct ush_command {
    enum usher_event_type type;
    uint32_t device, key; /* key: number or USH_NONE */
    uint32_t session;
    uint32_t content;          /* bodies, names and reasons are a function of it */
    uint32_t queue, agent;     /* USH_NONE: none; beyond the known ones: nobody has it */
    uint64_t number;           /* offer, upto, before */
    uint8_t needs[USH_SKILLS]; /* START */
    uint32_t n_needs, priority;
    uint64_t internal; /* before, of the internal log */
    uint32_t limit;
    bool on;
    bool answered, sent; /* sent: over the device's present link */
    uint64_t retry_at;
};

/* What a device holds of a session. */
struct ush_held {
    uint32_t session;
    uint64_t index[2];
    bool ended; /* an agent's device: it saw the end of his part */
    bool anew;  /* since then the public log came from 1; the internal one may */
    bool closed;
    bool greeted; /* hello named it, or it came later over this link */
};

struct ush_offered {
    uint64_t number;
    uint32_t session;
    bool live;
};

/* A browser tab, an app: it comes back with its cursors and its outbox. */
struct ush_device {
    uint32_t person;
    uint64_t link;    /* 0: none */
    bool greeted;     /* over this link */
    bool deaf;        /* its link is gone, and it does not know: what it sends is lost */
    uint64_t back_at; /* not before, for it was turned away */
    bool has_epoch;
    uint64_t epoch;
    uint32_t *outbox; /* commands that are not answered, in order */
    size_t n_outbox, outbox_room;
    struct ush_held *held;
    size_t n_held, held_room;
    struct ush_offered offers[USH_OFFERS_KEPT];
    uint32_t n_offers;
    bool ready;        /* an agent's device: the last that it heard about him */
    uint32_t last_key; /* some key that was answered, or USH_NONE */
};

struct ush_person {
    enum usher_kind kind;
    uint32_t who; /* agent, or visitor; USH_NONE: not known to the desk yet */
};

/* A keyed command that a link waits to have answered. */
struct ush_due {
    uint64_t step;
    uint32_t command;
    uint32_t allowed; /* bit set of answers: judge_answer.c */
    bool judged;      /* `allowed` is known */
};

/* One effect on its way to a device, in short. */
struct ush_told {
    bool is_fact;
    enum usher_note_type note;
    enum usher_fact_type fact;
    enum usher_log log;
    enum usher_why why;
    uint32_t session, key;
    uint64_t index; /* fact: index; done: was; reset: first; offer: number */
    uint32_t retry_ms;
    bool on;
    uint64_t epoch;
    uint32_t *sessions; /* hello */
    size_t n_sessions;
};

/* Where a link stands with a session: what the core must tell next. */
struct ush_course {
    uint32_t session;
    uint64_t next[2];
    bool over; /* an agent's part ended, so it may begin anew from 1 */
    bool anew; /* the public log did; the internal one may */
};

/* What a supervisor's link was told of queues and agents. */
struct ush_sim_board {
    bool on, told;
    uint64_t told_ms;
    bool has_queue[USH_QUEUES_MAX], has_agent[USH_AGENTS_MAX];
    struct usher_board_queue queues[USH_QUEUES_MAX];
    struct usher_board_agent agents[USH_AGENTS_MAX];
};

enum ush_link_at { USH_LINK_NEW, USH_LINK_ASKED, USH_LINK_IN, USH_LINK_GONE };

struct ush_sim_link {
    enum ush_link_at at;
    uint32_t device;
    enum usher_kind as;
    uint32_t who;       /* visitor or agent, once signed in */
    uint64_t signed_in; /* the step, as far as judged; 0: not yet */
    bool full, dropped, left, hello_told;
    bool ghost;  /* its device has left it, and the desk does not know */
    bool broken; /* a frame was cut off: its device will leave it */
    int drop_code;
    uint32_t *up; /* commands on their way to the core; USH_NONE: hello */
    size_t n_up, up_at, up_room;
    struct ush_told *down; /* on its way to the device */
    size_t n_down, down_at, down_room;
    /* a command that waits for FOUND */
    bool waits, find_out;
    uint32_t find_command, find_session;
    uint64_t find_ticket;
    struct usher_by find_by;
    uint32_t find_key;
    /* the judge's */
    struct ush_sim_board board;
    struct ush_course *courses;
    size_t n_courses, courses_room;
    struct ush_due *due;
    size_t n_due, due_room;
};

/* One usher_step(), until the judge has seen all facts that it made. */
struct ush_stepped {
    uint64_t number; /* of the step, from 1 */
    struct usher_now now;
    struct usher_event ev; /* its spans are gone */
    int rv;
    uint64_t deadline; /* afterwards */
    uint32_t command, device;
    uint32_t queues;          /* AGENT_SET: bit set */
    struct ush_rules rules;   /* QUEUE_SET */
    struct ush_traits traits; /* AGENT_SET */
    bool unsure;              /* a link was dropped about now */
    uint64_t since_ms;        /* … and no earlier than then */
    bool lost;                /* nothing could be saved */
    uint64_t leavers[4];      /* links that the core dropped in this step */
    uint32_t n_leavers;
    uint32_t answer;   /* what the command may be answered: see judge_answer.c */
    bool found_failed; /* it waited for a look-up, which failed */
    bool effect;       /* it made a fact with the command's key */
};

/* What a note said about the state of the desk, until the picture is up to date. */
struct ush_claim {
    enum usher_note_type type;
    uint64_t step, link;
    uint32_t session;
    enum usher_session_state state;
    uint64_t number, head[2];
};

/* A note that answers a key, until it is known what it may be. */
struct ush_came {
    uint64_t link, was;
    uint32_t key, answer;
};

struct ush_judge {
    struct ush_stepped *steps; /* not yet judged */
    size_t n_steps, steps_room;
    size_t drained;            /* so many of them had their effects taken */
    struct usher_batch sealed; /* its facts are not yet judged; n 0: none */
    size_t sealed_steps;       /* so many of the steps made it */
    uint64_t seq;              /* last seq that was in a batch */
    uint32_t page_n;           /* facts and bytes in the page that fills, as far as known */
    size_t page_bytes;
    uint64_t quiet_step; /* the last step after which nothing was left to do */
    uint64_t quiet_ms;
    struct ush_claim *claims;
    size_t n_claims, claims_room;
    struct ush_came *came;
    size_t n_came, came_room;
    uint32_t pushed, pushed_out; /* links dropped 4409, and those that had to be */
    bool full;                   /* a table was full: closed sessions may be forgotten early */
};

struct ush_saving {
    bool out, lost;        /* lost: the core was told */
    bool doubt, committed; /* the reply was lost; and whether it had been done */
    struct usher_batch batch;
    bool fetch_out;
    struct usher_fetch fetch;
    bool find_failed; /* a look-up just did */
};

/* What the host's configuration says; the picture has what the core was told. */
struct ush_wish {
    struct {
        bool gone, open;
        uint32_t offer_ms, waiting_max, reopen_ms;
        struct ush_rules rules;
    } queues[USH_QUEUES_MAX];
    struct {
        bool gone;
        uint32_t queues, capacity;
        struct ush_traits traits;
    } agents[USH_AGENTS_MAX];
};

/* Odds in 10 000, of each kind of move and of each kind of trouble; drawn from the seed. */
struct ush_odds {
    uint32_t think, connect, send_up, send_down, save, read, time, lazy;
    uint32_t cut, stall, clear, crash, go_back, configure, nonsense;
    uint32_t save_fails, reply_lost, read_fails, unkeyed, reuse, flood, patience, hurry;
    uint32_t fault, haunt, garble, twice;
};

struct ush_world {
    uint64_t seed;
    struct ush_rand rand;
    struct usher_config cfg;
    struct usher *core;
    struct usher_now now;
    uint64_t stepped_ms; /* the core's time: mono, of its last step */
    uint64_t durable;    /* the core knows */
    uint64_t hash, steps, crashes;
    struct ush_odds odds;
    struct ush_wish wish;
    bool calm;        /* no trouble any more */
    bool rich;        /* queues and agents use all that routing can do, mixed at random */
    bool other_epoch; /* the store got a new one: old keys are known, what they said is not */

    struct ush_person *persons;
    struct ush_device *devices;
    struct ush_sim_link *links; /* by id; 0 is none */
    struct ush_command *commands;
    struct ush_used_key *keys;
    size_t n_persons, persons_room, n_devices, devices_room, n_links, links_room;
    size_t n_commands, commands_room, n_keys, keys_room;
    uint64_t ghosts[USH_GHOSTS_MAX];
    size_t n_ghosts;

    struct ush_store store;
    struct ush_saving saving;
    struct ush_picture picture;
    struct ush_judge judge;
    struct ush_tape *tape; /* NULL: none is kept */

    uint64_t sometimes[USHER_SIM_SOMETIMES];
    char why[512]; /* the first broken promise */
    struct usher_skill needs[USH_SKILLS];
    char body[USH_BODY_MAX + 8], name[USHER_NAME_MAX], email[USHER_EMAIL_MAX], key[USH_KEY_TEXT];
};

#define USH_SOMETIMES(w, what) ((w)->sometimes[what]++)

/* world.c: the host */
void ush_world_init(struct ush_world *w, uint64_t seed);
uint32_t ush_world_add_queue(struct ush_world *w, const char *id);
uint32_t ush_world_add_agent(struct ush_world *w, const char *id);
uint32_t ush_world_add_person(struct ush_world *w, enum usher_kind kind, uint32_t who);
uint32_t ush_world_add_device(struct ush_world *w, uint32_t person);
void ush_world_done(struct ush_world *w);
int ush_world_start(struct ush_world *w); /* load and configure */
/* All memory of the desk is lost. `saved`: what is out reaches the store nevertheless. */
void ush_world_crash(struct ush_world *w, bool saved);
int ush_world_step(struct ush_world *w, struct usher_event *ev, uint32_t command);
void ush_world_drain(struct ush_world *w);
void ush_world_tick(struct ush_world *w);
void ush_world_queue_set(struct ush_world *w, uint32_t queue);
void ush_world_agent_set(struct ush_world *w, uint32_t agent);
bool ush_failed(const struct ush_world *w);
void ush_fail(struct ush_world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
uint32_t ush_world_new_session(struct ush_world *w);
uint32_t ush_world_new_visitor(struct ush_world *w, uint32_t person);

/* links.c: links between devices and the core */
void ush_sim_link_connect(struct ush_world *w, uint32_t device);
void ush_sim_link_cut(struct ush_world *w, uint64_t link);
void ush_sim_link_send(struct ush_world *w, uint32_t command);
bool ush_sim_link_up_one(struct ush_world *w, uint64_t link);   /* the core gets one thing */
bool ush_sim_link_down_one(struct ush_world *w, uint64_t link); /* the device gets one thing */
void ush_sim_link_try_again(struct ush_world *w, uint64_t link);
void ush_sim_link_looked_up(struct ush_world *w, uint64_t link, bool failed);
void ush_sim_link_effect(struct ush_world *w, const struct usher_effect *fx);
void ush_sim_link_free(struct ush_sim_link *l);

/* save.c: the worker and its store */
void ush_save_begin(struct ush_world *w, const struct usher_batch *b);
void ush_save_try(struct ush_world *w);
void ush_save_fetch(struct ush_world *w, bool fails);
void ush_save_find(struct ush_world *w, uint64_t link, bool fails);
int ush_save_load(struct ush_world *w, int64_t since_ms);

/* client.c: devices */
void ush_client_hear(struct ush_world *w, uint32_t device, const struct ush_told *t);
void ush_client_connected(struct ush_world *w, uint32_t device);
void ush_client_lost(struct ush_world *w, uint32_t device);
struct ush_held *ush_client_held(struct ush_device *d, uint32_t session);
uint32_t ush_client_want(struct ush_world *w, const struct ush_command *c, bool keyed);
void ush_client_retry(struct ush_world *w, uint32_t device);
uint32_t ush_key_parse(struct usher_span key);
struct usher_span ush_key_text(uint32_t key, char out[USH_KEY_TEXT]);
/* speech.c: commands as events */
void ush_speech(struct ush_world *w, const struct ush_command *c, struct usher_event *ev);
struct usher_span ush_speech_body(const struct ush_world *w, const struct ush_command *c,
                                  char out[USH_BODY_MAX]);
struct usher_span ush_speech_name(const struct ush_command *c, char out[USHER_NAME_MAX]);
struct usher_span ush_speech_email(const struct ush_command *c, char out[USHER_EMAIL_MAX]);
struct usher_span ush_speech_url(const struct ush_command *c, char out[USHER_NAME_MAX]);
struct usher_span ush_speech_needs(const struct ush_command *c, const struct ush_rules *r,
                                   char out[USHER_EMAIL_MAX]);
size_t ush_speech_skills(const uint8_t levels[USH_SKILLS], struct usher_skill out[USH_SKILLS]);
struct usher_span ush_speech_title(const struct ush_command *c, char out[USHER_EMAIL_MAX]);
bool ush_speech_same(const struct ush_world *w, uint32_t a, uint32_t b);
/* mind.c: what a person wants to do next, by chance */
void ush_mind(struct ush_world *w, uint32_t device);

/* shop.c: how a shop may be configured */
void ush_shop_queue(struct ush_world *w, uint32_t queue);
void ush_shop_check(struct ush_world *w, uint32_t queue);
void ush_shop_agent(struct ush_world *w, uint32_t agent);
void ush_shop_needs(struct ush_world *w, struct ush_command *c);
void ush_skill_id(uint32_t skill, struct usher_skill_id *out);
/* trouble.c */
void ush_trouble_draw(struct ush_world *w);
void ush_trouble_limits(struct ush_world *w);
void ush_trouble_move(struct ush_world *w);
/* fault.c: frames and links that fare badly */
void ush_fault_move(struct ush_world *w);
void ush_fault_go_on(struct ush_world *w);
void ush_fault_calm(struct ush_world *w);
bool ush_fault_at_door(struct ush_world *w, uint64_t link, uint32_t command);
/* nonsense.c: events that the core must refuse without a trace */
void ush_nonsense(struct ush_world *w);
/* calm.c */
void ush_calm(struct ush_world *w);

/* judge.c */
void ush_judge_stepped(struct ush_world *w, const struct usher_event *ev, uint32_t command, int rv);
void ush_judge_effect(struct ush_world *w, const struct usher_effect *fx);
void ush_judge_drained(struct ush_world *w);
void ush_judge_restarted(struct ush_world *w);
void ush_judge_done(struct ush_judge *j);
bool ush_absent(const struct ush_presence *p, const struct ush_stepped *st, uint64_t since,
                uint64_t ms);
/* judge_fact.c: may this fact be, here and now? */
void ush_judge_fact(struct ush_world *w, const struct ush_stepped *st, const struct usher_fact *f,
                    const struct usher_fact *before, const struct usher_fact *after);
/* judge_offer.c: who is offered what, and how that ends */
const char *ush_judge_offered(struct ush_world *w, const struct ush_stepped *st,
                              const struct usher_fact *f, const struct usher_fact *before);
const char *ush_judge_offer_over(struct ush_world *w, const struct ush_stepped *st,
                                 const struct usher_fact *f, const struct usher_fact *before,
                                 const struct usher_fact *after);
const char *ush_judge_assigned(struct ush_world *w, const struct ush_stepped *st,
                               const struct usher_fact *f, const struct usher_fact *before);
/* judge_rest.c: what must hold when a step has done all it can */
void ush_judge_rest(struct ush_world *w, const struct ush_stepped *st);
void ush_judge_limits(struct ush_world *w);
bool ush_may_have(const struct ush_world *w, const struct ush_loads *l, uint32_t agent,
                  const struct ush_pictured_session *s, uint64_t now);
/* judge_link.c: what is told to whom */
void ush_judge_told(struct ush_world *w, const struct usher_effect *fx);
void ush_judge_claims(struct ush_world *w);
void ush_judge_all_told(struct ush_world *w);
void ush_judge_signed_in(struct ush_world *w, struct ush_sim_link *l, bool same_epoch,
                         const struct usher_have *have, size_t n_have);
/* judge_board.c: what a supervisor is shown */
void ush_board_asked(struct ush_world *w, const struct usher_event *ev);
void ush_board_told(struct ush_world *w, struct ush_sim_link *l, const struct usher_note *n);
void ush_board_settled(struct ush_world *w);
/* judge_answer.c: each keyed command has one answer, and the right one */
void ush_answer_delivered(struct ush_world *w, uint64_t link, uint32_t command);
void ush_answer_refused(struct ush_world *w, uint64_t link, uint32_t command);
void ush_answer_allow(struct ush_world *w, struct ush_stepped *st);
void ush_answer_effect(struct ush_world *w, struct ush_stepped *st, const struct usher_fact *f);
void ush_answer_judged(struct ush_world *w, const struct ush_stepped *st);
void ush_answer_fact(struct ush_world *w, uint64_t link, const struct usher_fact *f);
void ush_answer_note(struct ush_world *w, uint64_t link, const struct usher_note *n);
void ush_answer_match(struct ush_world *w);
void ush_answer_settled(struct ush_world *w);
void ush_answer_crashed(struct ush_world *w);

#endif
