/* fetch.h - reads the facts of one session from a shelf.
 * SPDX-License-Identifier: MIT */
#ifndef USH_MEMORY_FETCH_H
#define USH_MEMORY_FETCH_H

#include "shelf.h"

/* Fill *why and return err. */
int ush_memory_fail(struct usher_fault *why, int err, const char *text);
/* Give one fact away; a reader that says no ends the reading. */
int ush_memory_tell(const struct usher_fact *fact, usher_fact_fn each, void *ctx,
                    struct usher_fault *why);

/* The two readings of usher_storage_ops.fetch: one log, oldest first; both, the newest. */
int ush_memory_fetch_log(const struct usher_shelf *shelf, const struct ush_kept_session *session,
                         const struct usher_fetch *what, usher_fact_fn each, void *ctx,
                         struct usher_fault *why);
int ush_memory_fetch_both(const struct usher_shelf *shelf, const struct ush_kept_session *session,
                          const struct usher_fetch *what, usher_fact_fn each, void *ctx,
                          struct usher_fault *why);

#endif
