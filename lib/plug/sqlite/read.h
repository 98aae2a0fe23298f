/* read.h - everything that a SQLite storage is asked.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_READ_H
#define USH_SQLITE_READ_H

#include "db.h"

/* All as usher_storage_ops says; the connection must be up. */
int ush_sqlite_read_live(struct ush_sqlite *s, int64_t since_ms, usher_fact_fn each, void *ctx,
                         struct usher_fault *why);
int ush_sqlite_fetch(struct ush_sqlite *s, const struct usher_fetch *what, usher_fact_fn each,
                     void *ctx, struct usher_fault *why);
int ush_sqlite_history(struct ush_sqlite *s, uint64_t after, uint32_t max, usher_fact_fn each,
                       void *ctx, struct usher_fault *why);
int ush_sqlite_find_key(struct ush_sqlite *s, const struct usher_find *what,
                        struct usher_found *out, struct usher_fault *why);
int ush_sqlite_find_visitor(struct ush_sqlite *s, const uint8_t token_hash[32],
                            struct usher_visitor_id *out, bool *found, struct usher_fault *why);

#endif
