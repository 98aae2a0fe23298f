/* usher/storage.h - write a storage: plain blocking functions.
 * SPDX-License-Identifier: MIT
 *
 * All slots are called from one private thread, one at a time (close included),
 * and may block. None may touch the core. All are required. Each returns 0 or
 * an error and then fills *why. Retry, order and lost commit replies are the
 * caller's business, never the storage's. Contract tests: tests/contract. */
#ifndef USHER_STORAGE_H
#define USHER_STORAGE_H

#include "effect.h"
#include "fact.h"

#ifdef __cplusplus
extern "C" {
#endif

struct usher_storage;

/* Called once for each fact, in order. Everything is borrowed for the call.
 * A result other than 0 stops the reading, which then returns it. */
typedef int (*usher_fact_fn)(void *ctx, const struct usher_fact *f);

/* What load is told and tells. */
struct usher_load {
    uint64_t fresh_epoch; /* in: random, never 0; becomes the epoch of a new store */
    int64_t since_ms;     /* in: sessions closed before this wall time are not live */
    uint64_t epoch;       /* out: the store's epoch; set before the first fact is told */
    uint64_t seq;         /* out: its last seq; 0 when empty; set before the first fact is told */
};

/* Where a key was used. */
struct usher_found {
    bool found;
    struct usher_session_id session;
    enum usher_log log;
    uint64_t index, digest;
};

struct usher_storage_ops {
    size_t size;      /* sizeof(struct usher_storage_ops) of the author */
    const char *name; /* "memory", "sqlite" */

    /* Own the desk: make the store if there is none, refuse it untouched if it
     * is foreign or newer (ECORRUPT), or owned by a living other writer
     * (EFENCED). Then tell, in seq order, every fact (desk log included) that
     * names a live session (open, or closed at or after since_ms), the VISITOR
     * fact of each such session's visitor, and the last AGENT fact of each
     * agent. Bodies (but VISITOR's) and agent_name may be left out; by.name and
     * email of OPENED, and every key and digest must be there. It may be called
     * again, with a later since_ms, when the core has no room for so much. */
    int (*load)(struct usher_storage *s, struct usher_load *load, usher_fact_fn each, void *ctx,
                struct usher_fault *why);

    /* The last durable seq. Asked after any failed append: did it commit after all? */
    int (*mark)(struct usher_storage *s, uint64_t *seq, struct usher_fault *why);

    /* Make the batch durable, all or none; return only when it is. b->first is
     * mark + 1, or the call is EINVAL and changes nothing. */
    int (*append)(struct usher_storage *s, const struct usher_batch *b, struct usher_fault *why);

    /* One session's facts, as struct usher_fetch asks (effect.h). With
     * `internal` false: facts of `log` with after < index < before, ascending
     * by index, at most facts_max and bytes_max of texts (at least one fact if
     * there is any). With `internal` true: public facts with after < index <
     * before, ascending, and after each those internal facts (with index <
     * before_internal, if that is not 0) whose `after` is
     * its index; here facts_max and bytes_max keep the *newest*. */
    int (*fetch)(struct usher_storage *s, const struct usher_fetch *what, usher_fact_fn each,
                 void *ctx, struct usher_fault *why);

    /* Facts of all sessions and the desk by seq, ascending, seq > after, at most
     * max: for a host's cursor. */
    int (*history)(struct usher_storage *s, uint64_t after, uint32_t max, usher_fact_fn each,
                   void *ctx, struct usher_fault *why);

    /* Where did this person use this key last? (by.kind and by.visitor or by.agent.)
     * An empty key is never found. */
    int (*find_key)(struct usher_storage *s, const struct usher_find *what, struct usher_found *out,
                    struct usher_fault *why);

    /* The visitor whose token has this SHA-256. *found says whether there is one. */
    int (*find_visitor)(struct usher_storage *s, const uint8_t token_hash[32],
                        struct usher_visitor_id *out, bool *found, struct usher_fault *why);

    /* Let the desk go and free s. Called exactly once, load or not. */
    void (*close)(struct usher_storage *s);
};

/* Embed this first in your own struct, which begins zeroed. A storage serves one desk. */
struct usher_storage {
    const struct usher_storage_ops *ops;
    const void *desk; /* the runtime's: the desk that it serves now */
};

#ifdef __cplusplus
}
#endif
#endif
