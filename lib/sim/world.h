/* world.h - what the files of the simulator share.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SIM_WORLD_H
#define USH_SIM_WORLD_H

#include "../../include/usher/sim.h"

enum {
    VISITORS = 6,
    AGENTS = 4,
    QUEUES = 2,
    TABS = 2, /* links of one person */
    PEOPLE = VISITORS + AGENTS,
    SESSIONS_MAX = 4096,
    OUTBOX_MAX = 4096,
    WAIT_MAX = 24
};

/* A command that a person sent, and what became of it. */
struct sent {
    char key[24];
    struct usher_event ev; /* spans point to `text` */
    char text[40];
    bool acked, refused, crossed, abused; /* crossed: a crash came between sending and the answer */
    uint64_t was;
    uint32_t
        tries; /* in this run: of several under way the first may be refused and the next not */
    struct usher_session_id session;
};

/* What a tab holds of a session. */
struct held {
    struct usher_session_id session;
    uint64_t have[2];
};

/* One link, or the place for one. */
struct tab {
    uint64_t link;             /* 0: none */
    bool hello, full, waiting; /* waiting: an EWAIT event is kept */
    struct usher_event kept;   /* its text is in kept_text */
    char kept_text[40];
    uint64_t offer; /* the last one shown */
    struct held held[64];
    uint32_t n_held;
};

struct person {
    bool agent;
    struct usher_visitor_id visitor;
    struct usher_agent_id id;
    struct tab tabs[TABS];
    struct sent *outbox;
    uint32_t n_sent;
};

/* The judge's own picture of a session, folded from facts. */
struct model {
    struct usher_session_id id;
    int visitor;
    enum usher_session_state state;
    int agent; /* owner, or to whom it is offered */
    uint64_t offer, head[2], enq;
    bool plain; /* never declined, missed or moved: strict FIFO applies */
    char queue[USHER_ID_MAX + 1];
};

struct models {
    struct model *of;
    uint32_t n;
    bool ready[AGENTS];
    uint64_t seq;
};

struct usher_sim {
    struct usher_sim_config cfg;
    struct usher *u;
    uint64_t rng, links, keys, epoch;
    struct usher_now now;
    struct person people[PEOPLE];
    /* the storage */
    struct usher_fact *facts; /* durable, deep copies */
    size_t n_facts, room;
    const struct usher_fact *batch; /* out */
    size_t n_batch;
    bool lost; /* saving fails for now */
    /* the judge */
    struct models durable, ahead; /* as of the last durable fact; as of the last batch taken */
    struct usher_fault why;
    uint64_t hash;
    struct usher_sim_counts counts;
    bool calm, abused;
    void (*told)(void *ctx, struct usher_sim *s, int person, const struct usher_effect *fx);
    void *told_ctx;
};

/* world.c */
uint32_t ush_sim_pick(struct usher_sim *s, uint32_t n);
int ush_sim_step(struct usher_sim *s, const struct usher_event *ev);
bool ush_sim_drain(struct usher_sim *s);
bool ush_sim_save(struct usher_sim *s);
int ush_sim_boot(struct usher_sim *s);
void ush_sim_crash(struct usher_sim *s);
void ush_sim_mix(struct usher_sim *s, const void *data, size_t len);
/* store.c */
bool ush_sim_store_add(struct usher_sim *s, const struct usher_fact *f);
int ush_sim_store_load(struct usher_sim *s, int64_t since);
int ush_sim_store_fetch(struct usher_sim *s, const struct usher_fetch *what);
int ush_sim_store_find(struct usher_sim *s, const struct usher_find *what);
bool ush_sim_store_knows(const struct usher_sim *s, const struct usher_visitor_id *id);
void ush_sim_store_free(struct usher_sim *s);
/* client.c */
void ush_sim_connect(struct usher_sim *s, int person, int tab);
void ush_sim_cut(struct usher_sim *s, struct tab *t);
int ush_sim_send(struct usher_sim *s, int person, int tab, struct usher_event *ev, bool keyed);
void ush_sim_retry(struct usher_sim *s, int person, int tab);
void ush_sim_random_command(struct usher_sim *s, int person, int tab);
struct held *ush_sim_held(struct tab *t, struct usher_session_id id);
/* judge.c */
bool ush_sim_fail(struct usher_sim *s, const char *promise, const char *text);
bool ush_sim_judge_told(struct usher_sim *s, int person, struct tab *t, const struct usher_effect *fx);
bool ush_sim_judge_batch(struct usher_sim *s, const struct usher_batch *b);
bool ush_sim_judge_quiet(struct usher_sim *s);
bool ush_sim_fold(struct usher_sim *s, struct models *m, const struct usher_fact *f);
struct model *ush_sim_model(struct models *m, struct usher_session_id id);
void ush_sim_models_copy(struct models *to, const struct models *from);

#endif
