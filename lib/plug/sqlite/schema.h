/* schema.h - the tables and views of a store, and how an old one becomes a new one.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_SCHEMA_H
#define USH_SQLITE_SCHEMA_H

#include <sqlite3.h>
#include <stdint.h>

/* The newest schema that this library knows: user_version in the file's header. */
#define USH_SCHEMA_VERSION 2
/* The oldest that can be brought up to it. */
#define USH_SCHEMA_FIRST 2

/* Bring an open database from `version` (0: empty) to the newest schema, in one
 * transaction; a new one gets `epoch`. A result of SQLite. */
int ush_schema_upgrade(sqlite3 *db, int version, uint64_t epoch);

#endif
