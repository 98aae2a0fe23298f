/* memory.c - a storage whose facts live on a shelf in memory.
 * SPDX-License-Identifier: MIT */
#include "usher/plug/memory.h"

#include <stdlib.h>
#include <string.h>

#include "fetch.h"
#include "shelf.h"

struct memory {
    struct usher_storage storage; /* first: the ops take it for the whole */
    struct usher_shelf *shelf;
    bool own; /* the shelf goes with the storage */
};

static struct memory *of(struct usher_storage *s)
{
    return (struct memory *) (void *) s;
}

static bool is_live(const struct ush_kept_session *session, int64_t since_ms)
{
    return !session->closed || session->closed_ms >= since_ms;
}

/* Which VISITOR and AGENT facts does a load need? One byte a fact, to be freed. */
static char *wanted(const struct usher_shelf *shelf, int64_t since_ms)
{
    char *want = calloc(shelf->n + 1, 1);
    if (want == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < shelf->n_sessions; i++) {
        if (is_live(&shelf->sessions[i], since_ms)) {
            want[ush_shelf_visitor(shelf, shelf->sessions[i].visitor)] = 1;
        }
    }
    for (size_t i = 0; i < shelf->n_agents; i++) {
        want[shelf->agents[i].seq] = 1;
    }
    return want;
}

static int load(struct usher_storage *s, struct usher_load *what, usher_fact_fn each, void *ctx,
                struct usher_fault *why)
{
    struct usher_shelf *shelf = of(s)->shelf;
    if (what->fresh_epoch == 0) {
        return ush_memory_fail(why, USHER_EINVAL, "an epoch is never 0");
    }
    if (shelf->owner != NULL && shelf->owner != s) {
        return ush_memory_fail(why, USHER_EFENCED, "the shelf has an owner");
    }
    char *want = wanted(shelf, what->since_ms);
    if (want == NULL) {
        return ush_memory_fail(why, USHER_EIO, "out of memory");
    }
    shelf->owner = s;
    if (shelf->epoch == 0) {
        shelf->epoch = what->fresh_epoch;
    }
    what->epoch = shelf->epoch;
    what->seq = shelf->n;
    int rv = 0;
    for (size_t i = 0; i < shelf->n && rv == 0; i++) {
        const struct usher_fact *fact = &shelf->facts[i].fact;
        const struct ush_kept_session *session = ush_shelf_session(shelf, fact->session);
        if (want[fact->seq] != 0 || (session != NULL && is_live(session, what->since_ms))) {
            rv = ush_memory_tell(fact, each, ctx, why);
        }
    }
    free(want);
    return rv;
}

/* Everything but load and close is for the owner. */
static int owned(struct usher_storage *s, struct usher_fault *why)
{
    return of(s)->shelf->owner == s ? 0 : ush_memory_fail(why, USHER_ESTATE, "not loaded");
}

static int mark(struct usher_storage *s, uint64_t *seq, struct usher_fault *why)
{
    int rv = owned(s, why);
    if (rv == 0) {
        *seq = of(s)->shelf->n;
    }
    return rv;
}

static int append(struct usher_storage *s, const struct usher_batch *batch,
                  struct usher_fault *why)
{
    int rv = owned(s, why);
    if (rv != 0) {
        return rv;
    }
    rv = ush_shelf_append(of(s)->shelf, batch);
    if (rv == USHER_EINVAL) {
        return ush_memory_fail(why, rv, "the batch does not continue the history");
    }
    return rv == 0 ? 0 : ush_memory_fail(why, rv, "out of memory");
}

static int fetch(struct usher_storage *s, const struct usher_fetch *what, usher_fact_fn each,
                 void *ctx, struct usher_fault *why)
{
    int rv = owned(s, why);
    if (rv != 0) {
        return rv;
    }
    const struct usher_shelf *shelf = of(s)->shelf;
    const struct ush_kept_session *session = ush_shelf_session(shelf, what->session);
    if (session == NULL) {
        return 0;
    }
    return what->internal ? ush_memory_fetch_both(shelf, session, what, each, ctx, why)
                          : ush_memory_fetch_log(shelf, session, what, each, ctx, why);
}

static int history(struct usher_storage *s, uint64_t after, uint32_t max, usher_fact_fn each,
                   void *ctx, struct usher_fault *why)
{
    int rv = owned(s, why);
    const struct usher_shelf *shelf = of(s)->shelf;
    for (uint64_t i = after; rv == 0 && i < shelf->n && i - after < max; i++) {
        rv = ush_memory_tell(&shelf->facts[i].fact, each, ctx, why);
    }
    return rv;
}

static int find_key(struct usher_storage *s, const struct usher_find *what,
                    struct usher_found *out, struct usher_fault *why)
{
    int rv = owned(s, why);
    if (rv != 0) {
        return rv;
    }
    const struct usher_shelf *shelf = of(s)->shelf;
    const uint64_t seq = what->key.len == 0 ? 0 : ush_shelf_key(shelf, &what->by, what->key);
    *out = (struct usher_found){0};
    if (seq != 0) {
        const struct usher_fact *fact = &shelf->facts[seq - 1].fact;
        *out = (struct usher_found){true, fact->session, fact->log, fact->index, fact->digest};
    }
    return 0;
}

static int find_visitor(struct usher_storage *s, const uint8_t token_hash[32],
                        struct usher_visitor_id *out, bool *found, struct usher_fault *why)
{
    int rv = owned(s, why);
    if (rv != 0) {
        return rv;
    }
    const struct usher_shelf *shelf = of(s)->shelf;
    const uint64_t seq = ush_shelf_token(shelf, token_hash);
    *found = seq != 0;
    if (seq != 0) {
        *out = shelf->facts[seq - 1].fact.by.visitor;
    }
    return 0;
}

static void let_go(struct usher_storage *s)
{
    struct memory *m = of(s);
    if (m->shelf->owner == s) {
        m->shelf->owner = NULL;
    }
    if (m->own) {
        usher_shelf_free(m->shelf);
    }
    free(m);
}

static const struct usher_storage_ops ops = {
    .size = sizeof ops,
    .name = "memory",
    .load = load,
    .mark = mark,
    .append = append,
    .fetch = fetch,
    .history = history,
    .find_key = find_key,
    .find_visitor = find_visitor,
    .close = let_go,
};

int usher_shelf_new(struct usher_shelf **out)
{
    struct usher_shelf *shelf = calloc(1, sizeof *shelf);
    if (shelf == NULL) {
        return USHER_ENOMEM;
    }
    *out = shelf;
    return 0;
}

void usher_shelf_free(struct usher_shelf *shelf)
{
    if (shelf != NULL) {
        ush_shelf_done(shelf);
        free(shelf);
    }
}

int usher_memory_open(struct usher_storage **out, struct usher_shelf *shelf)
{
    struct memory *m = calloc(1, sizeof *m);
    if (m == NULL) {
        return USHER_ENOMEM;
    }
    m->storage.ops = &ops;
    m->shelf = shelf;
    if (shelf == NULL) {
        int rv = usher_shelf_new(&m->shelf);
        if (rv != 0) {
            free(m);
            return rv;
        }
        m->own = true;
    }
    *out = &m->storage;
    return 0;
}
