/* fetch.c - reads the facts of one session from a shelf.
 * SPDX-License-Identifier: MIT */
#include "fetch.h"

#include <stdio.h>

int ush_memory_fail(struct usher_fault *why, int err, const char *text)
{
    why->err = err;
    snprintf(why->text, sizeof why->text, "memory: %s", text);
    return err;
}

/* Give one fact away; a reader that says no ends the reading. */
int ush_memory_tell(const struct usher_fact *fact, usher_fact_fn each, void *ctx,
                    struct usher_fault *why)
{
    int rv = each(ctx, fact);
    return rv == 0 ? 0 : ush_memory_fail(why, rv, "the reader stopped");
}

static const struct ush_kept *at(const struct usher_shelf *shelf, uint64_t seq)
{
    return seq == 0 ? NULL : &shelf->facts[seq - 1];
}

int ush_memory_fetch_log(const struct usher_shelf *shelf, const struct ush_kept_session *session,
                         const struct usher_fetch *what, usher_fact_fn each, void *ctx,
                         struct usher_fault *why)
{
    const unsigned log = what->log == USHER_LOG_PUBLIC ? 0 : 1;
    /* Mostly a reader is near the end, so the way to his place begins there. */
    const struct ush_kept *kept = at(shelf, session->last[log]);
    while (kept != NULL && kept->prev != 0 && at(shelf, kept->prev)->fact.index > what->after) {
        kept = at(shelf, kept->prev);
    }
    size_t bytes = 0;
    uint32_t n = 0;
    for (; kept != NULL && n < what->facts_max; kept = at(shelf, kept->next), n++) {
        if (kept->fact.index <= what->after) {
            break;
        }
        bytes += ush_kept_bytes(&kept->fact);
        if (kept->fact.index >= what->before || (n > 0 && bytes > what->bytes_max)) {
            break;
        }
        int rv = ush_memory_tell(&kept->fact, each, ctx, why);
        if (rv != 0) {
            return rv;
        }
    }
    return 0;
}

/* A place in both logs at once: the public order, each internal fact behind the public one that
 * it follows. NULL: that log has no more. */
struct both { const struct ush_kept *public, *internal; };

static bool internal_is_later(const struct both *b)
{
    if (b->internal == NULL || b->public == NULL) {
        return b->public == NULL;
    }
    return b->internal->fact.after >= b->public->fact.index;
}

static struct both newest(const struct usher_shelf *shelf, const struct ush_kept_session *session,
                          const struct usher_fetch *what)
{
    struct both b = {at(shelf, session->last[0]), at(shelf, session->last[1])};
    while (b.public != NULL && b.public->fact.index >= what->before) {
        b.public = at(shelf, b.public->prev);
    }
    while (b.internal != NULL && b.internal->fact.after >= what->before) {
        b.internal = at(shelf, b.internal->prev);
    }
    while (b.internal != NULL && what->before_internal > 0 &&
           b.internal->fact.index >= what->before_internal) {
        b.internal = at(shelf, b.internal->prev);
    }
    if (b.public != NULL && b.public->fact.index <= what->after) {
        b.public = NULL;
    }
    if (b.internal != NULL && b.internal->fact.after <= what->after) {
        b.internal = NULL;
    }
    return b;
}

/* Take the later of the two, and step that log back. */
static const struct ush_kept *take_later(const struct usher_shelf *shelf, struct both *b,
                                         uint64_t after)
{
    const struct ush_kept *later = NULL;
    if (internal_is_later(b)) {
        later = b->internal;
        if (later != NULL) {
            b->internal = at(shelf, later->prev);
            if (b->internal != NULL && b->internal->fact.after <= after) {
                b->internal = NULL;
            }
        }
        return later;
    }
    later = b->public;
    b->public = at(shelf, later->prev);
    if (b->public != NULL && b->public->fact.index <= after) {
        b->public = NULL;
    }
    return later;
}

int ush_memory_fetch_both(const struct usher_shelf *shelf, const struct ush_kept_session *session,
                          const struct usher_fetch *what, usher_fact_fn each, void *ctx,
                          struct usher_fault *why)
{
    struct both back = newest(shelf, session, what);
    const struct ush_kept *last_internal = back.internal;
    struct both from = {NULL, NULL};
    size_t bytes = 0;
    uint32_t n = 0;
    while (n < what->facts_max) {
        const struct ush_kept *kept = take_later(shelf, &back, what->after);
        if (kept == NULL) {
            break;
        }
        bytes += ush_kept_bytes(&kept->fact);
        if (n > 0 && bytes > what->bytes_max) {
            break;
        }
        n++;
        if (kept->fact.log == USHER_LOG_PUBLIC) {
            from.public = kept;
        } else {
            from.internal = kept;
        }
    }
    int rv = 0;
    for (; n > 0 && rv == 0; n--) {
        /* Now forward again: the public one first, unless an internal one belongs before it. */
        const struct ush_kept *kept = from.public;
        if (kept == NULL ||
            (from.internal != NULL && from.internal->fact.after < kept->fact.index)) {
            kept = from.internal;
            from.internal = kept == last_internal ? NULL : at(shelf, kept->next);
        } else {
            from.public = at(shelf, kept->next);
        }
        rv = ush_memory_tell(&kept->fact, each, ctx, why);
    }
    return rv;
}
