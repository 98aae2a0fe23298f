/* learn.h - makes a scenario of one day that a real desk has recorded.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_LEARN_H
#define WHATIF_LEARN_H

#include <usher/fact.h>

#include <stdbool.h>
#include <stdio.h>

/* Numbers in the order in which they came. */
struct sim_list { double *v; size_t n, room; };

/* Sessions that came to one queue with the same needs. All times are ms. */
struct sim_learned_kind {
    struct usher_queue_id queue;
    char needs[128];              /* as in the OPENED fact */
    struct sim_list at, handling; /* since the day began; below 0: nobody took it */
    struct sim_list waits, left;  /* one a wait; left 1: the visitor went, 0: anything else */
};
struct sim_learned_transfer {
    uint32_t kind;
    struct usher_queue_id from, to;
    struct sim_list handling;     /* by whoever took it next */
    uint32_t n;
};
struct sim_learned_agent {
    struct usher_agent_id id;
    struct sim_list queues, kinds; /* that he served, by number */
    struct sim_list shifts;       /* on, off, on, off … since the day began */
    struct sim_list rings;
    bool on;
    uint32_t in_hand, capacity, offers, missed, declined;
};
struct sim_learned_queue { struct usher_queue_id id; double offer_ms; };

struct sim_learned_session; /* learn_fold.c */
struct sim_learned {
    int64_t from, to;             /* wall time of the day */
    struct sim_learned_queue *queues; size_t n_queues;
    struct sim_learned_kind *kinds; size_t n_kinds;
    struct sim_learned_transfer *transfers; size_t n_transfers;
    struct sim_learned_agent *agents; size_t n_agents;
    struct sim_learned_session *sessions; /* a table by hash */
    size_t n_sessions, room;
    bool failed;                  /* out of memory */
};

/* learn.c: read the store (sqlite:PATH) and write a scenario of `day` (2026-11-24, by local
 * time). Errors: EINVAL, EIO, ENOMEM, and `why` says what. */
int sim_learn(FILE *out, const char *store, const char *day, char *why, size_t size);

/* learn_fold.c: one fact after another, from the first of the store on. */
void sim_learn_fact(struct sim_learned *l, const struct usher_fact *f);
void sim_learn_end(struct sim_learned *l); /* the day is over for those who are still on duty */
void sim_learn_done(struct sim_learned *l);

/* learn_write.c */
int sim_learn_write(FILE *out, const struct sim_learned *l, const char *day); /* ENOMEM, EIO */

/* list.c */
bool sim_list_add(struct sim_list *list, double value); /* false: no memory */
void sim_list_done(struct sim_list *list);

#endif
