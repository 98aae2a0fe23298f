/* read.h - what a SQLite storage is asked, but for the facts of one session.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_READ_H
#define USH_SQLITE_READ_H

#include "db.h"

/* Step a statement that gives rows. *row is false at the end. */
int ush_read_step(struct ush_sqlite *s, sqlite3_stmt *stmt, bool *row, struct usher_fault *why);
/* The same for a statement whose rows are facts. */
int ush_read_step_fact(struct ush_sqlite *s, sqlite3_stmt *stmt, bool *row,
                       struct usher_fact *fact, struct usher_fault *why);
/* Give one fact away; a reader that says no ends the reading. */
int ush_read_tell(const struct usher_fact *fact, usher_fact_fn each, void *ctx,
                  struct usher_fault *why);
/* Give all facts of a statement away that is bound already. */
int ush_read_tell_all(struct ush_sqlite *s, sqlite3_stmt *stmt, usher_fact_fn each, void *ctx,
                      struct usher_fault *why);

/* All as usher_storage_ops says; the connection must be up. */
int ush_sqlite_read_live(struct ush_sqlite *s, int64_t since_ms, usher_fact_fn each, void *ctx,
                         struct usher_fault *why);
int ush_sqlite_history(struct ush_sqlite *s, uint64_t after, uint32_t max, usher_fact_fn each,
                       void *ctx, struct usher_fault *why);
int ush_sqlite_find_key(struct ush_sqlite *s, const struct usher_find *what,
                        struct usher_found *out, struct usher_fault *why);
int ush_sqlite_find_visitor(struct ush_sqlite *s, const uint8_t token_hash[32],
                            struct usher_visitor_id *out, bool *found, struct usher_fault *why);

#endif
