/* shelf.h - the facts that a memory storage keeps, and the ways to find them.
 * SPDX-License-Identifier: MIT */
#ifndef USH_MEMORY_SHELF_H
#define USH_MEMORY_SHELF_H

#include "bag.h"
#include "usher/plug/memory.h"

/* One fact, with its neighbours in its session's log (seqs; 0: none). */
struct ush_kept {
    struct usher_fact fact;
    uint64_t prev, next;
};

struct ush_kept_session {
    struct usher_session_id id;
    struct usher_visitor_id visitor;
    uint64_t first[2], last[2]; /* seqs: public, internal */
    bool closed;
    int64_t closed_ms;
};

struct ush_kept_agent {
    struct usher_agent_id id;
    uint64_t seq; /* of his last AGENT fact */
};

/* The texts of one batch. */
struct ush_kept_texts {
    struct ush_kept_texts *next;
    char bytes[];
};

struct usher_shelf {
    uint64_t epoch; /* 0: never loaded */
    const struct usher_storage *owner;
    struct ush_kept *facts; /* facts[seq - 1] */
    size_t n, facts_size;
    struct ush_kept_session *sessions;
    size_t n_sessions, sessions_size;
    struct ush_kept_agent *agents;
    size_t n_agents, agents_size;
    struct ush_bag by_session; /* index of the session + 1 */
    struct ush_bag by_visitor; /* seq of the VISITOR fact */
    struct ush_bag by_token;   /* the same */
    struct ush_bag by_key;     /* seq */
    struct ush_kept_texts *texts;
};

/* What a limit in bytes counts: all texts of a fact. */
size_t ush_kept_bytes(const struct usher_fact *fact);
/* EINVAL if the batch does not continue the shelf, EIO if there is no memory;
 * then nothing changed. The facts are copied, with their texts. */
int ush_shelf_append(struct usher_shelf *shelf, const struct usher_batch *batch);
/* NULL if there is none. */
struct ush_kept_session *ush_shelf_session(const struct usher_shelf *shelf,
                                           struct usher_session_id id);
/* These give a seq, 0 if there is none. Of a key used twice, the newest use. */
uint64_t ush_shelf_visitor(const struct usher_shelf *shelf, struct usher_visitor_id id);
uint64_t ush_shelf_token(const struct usher_shelf *shelf, const uint8_t hash[32]);
uint64_t ush_shelf_key(const struct usher_shelf *shelf, const struct usher_by *by,
                       struct usher_span key);
void ush_shelf_done(struct usher_shelf *shelf);

#endif
