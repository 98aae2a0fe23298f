/* query.h - the statements of a SQLite storage: each prepared once.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_QUERY_H
#define USH_SQLITE_QUERY_H

#include "db.h"

/* Facts that USH_Q_INSERT_MANY takes. */
#define USH_ROWS_MANY 8

enum ush_query {
    USH_Q_BEGIN,
    USH_Q_COMMIT,
    USH_Q_ROLLBACK,
    USH_Q_EPOCH,
    USH_Q_MARK,
    USH_Q_INSERT,
    USH_Q_INSERT_MANY,
    USH_Q_BLOCK_FULL,
    USH_Q_VISITOR_NEW,
    USH_Q_AGENT_LAST,
    USH_Q_OPENED,
    USH_Q_JOINED,
    USH_Q_WAITS,
    USH_Q_REOPENED,
    USH_Q_CLOSED,
    USH_Q_LIVE,
    USH_Q_FROM,
    USH_Q_PEOPLE,
    USH_Q_SINCE,
    USH_Q_BLOCK_SESSIONS,
    USH_Q_BLOCK_KEYS,
    USH_Q_FETCH,
    USH_Q_BACK_PUBLIC,
    USH_Q_BACK_INTERNAL,
    USH_Q_FACT,
    USH_Q_HISTORY,
    USH_Q_KEY,
    USH_Q_VISITOR,
    USH_Q_TOKEN,
    USH_Q_COUNT
};

_Static_assert(USH_Q_COUNT <= USH_QUERIES_MAX, "struct ush_sqlite has a place for each statement");

/* Prepare all, after the schema is known to be right. ECORRUPT if it is not after all. */
int ush_sqlite_prepare(struct ush_sqlite *s, struct usher_fault *why);
void ush_sqlite_unprepare(struct ush_sqlite *s);

/* A statement, reset and without values. The connection must be up. */
sqlite3_stmt *ush_sqlite_query(struct ush_sqlite *s, enum ush_query query);
/* Step a statement that gives no row. A result of SQLite. */
int ush_sqlite_run(sqlite3_stmt *stmt);
/* Free what statements hold of the file, so that no reading outlives its call. */
void ush_sqlite_rest(sqlite3_stmt *stmt);

#endif
