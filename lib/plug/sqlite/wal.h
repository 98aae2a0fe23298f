/* wal.h - makes what the write-ahead log holds durable, when nobody knows whether it is.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_WAL_H
#define USH_SQLITE_WAL_H

#include <sqlite3.h>

/* To be called on a connection that has read its log and holds the lock for
 * writing. A result of SQLite. */
int ush_wal_rewrite(sqlite3 *db);

#endif
