/* row.h - a fact as a row of the table `fact`, both ways.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_ROW_H
#define USH_SQLITE_ROW_H

#include <sqlite3.h>

#include "usher/fact.h"

/* What ush_row_read expects, in this order; the texts that a load leaves out stand last. */
#define USH_ROW_SHORT                                                                         \
    "seq, at_ms, type, log, cause, session, idx, after_idx, by_kind, by_visitor, by_agent,"   \
    " by_name, queue, agent, number, until_ms, digest, key, email"
#define USH_ROW USH_ROW_SHORT ", agent_name, body"

/* Column of the session in both. */
enum { USH_ROW_SESSION = 5 };
/* Column of the first text length in a walk: seq, place, then the five texts. */
enum { USH_ROW_TEXTS = 2, USH_ROW_TEXTS_END = 7 };

/* Bind all of a fact to an INSERT, as its row 0, 1 ... A result of SQLite. */
int ush_row_bind(sqlite3_stmt *stmt, int row, const struct usher_fact *fact);
/* The current row; the texts live until the next step. ECORRUPT if it is no fact. */
int ush_row_read(sqlite3_stmt *stmt, struct usher_fact *fact);
/* What a limit in bytes counts: all texts of a fact. */
size_t ush_row_bytes(const struct usher_fact *fact);

/* Bind one thing. Empty texts and ids of zeros become NULL. Results of SQLite. */
int ush_bind_text(sqlite3_stmt *stmt, int at, struct usher_span text);
int ush_bind_blob(sqlite3_stmt *stmt, int at, struct usher_span bytes);
int ush_bind_id(sqlite3_stmt *stmt, int at, const uint8_t id[16]);
int ush_bind_name(sqlite3_stmt *stmt, int at, const char name[USHER_ID_MAX + 1]);
/* A number without sign; what is too large becomes the largest. */
int ush_bind_number(sqlite3_stmt *stmt, int at, uint64_t number);

#endif
