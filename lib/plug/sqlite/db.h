/* db.h - one SQLite file as a storage sees it: its path, its lock, its connection.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_DB_H
#define USH_SQLITE_DB_H

#include <sqlite3.h>

#include "usher/storage.h"

/* Facts are found by session and by key through indexes that begin with the
 * block of their seq, so that a batch touches only the end of each index,
 * however many sessions it is about (see schema.c). */
#define USH_SQLITE_BLOCK_BITS 12
#define USH_SQLITE_BLOCK "seq >> 12"

enum ush_query {
    USH_Q_BEGIN,
    USH_Q_COMMIT,
    USH_Q_ROLLBACK,
    USH_Q_EPOCH,
    USH_Q_MARK,
    USH_Q_INSERT,
    USH_Q_OPENED,
    USH_Q_JOINED,
    USH_Q_WAITS,
    USH_Q_REOPENED,
    USH_Q_CLOSED,
    USH_Q_LIVE,
    USH_Q_PEOPLE,
    USH_Q_SINCE,
    USH_Q_FETCH,
    USH_Q_BACK_PUBLIC,
    USH_Q_BACK_INTERNAL,
    USH_Q_FACT,
    USH_Q_HISTORY,
    USH_Q_KEY,
    USH_Q_TOKEN,
    USH_Q_COUNT
};

struct ush_sqlite {
    struct usher_storage storage; /* first: the ops take it for the whole */
    char *given;                  /* the path as it was given */
    char *path;                   /* absolute and without links; NULL before load */
    int lock_fd;                  /* on PATH.lock; -1 before load */
    sqlite3 *db;                  /* NULL before load and after a fault */
    sqlite3_stmt *queries[USH_Q_COUNT];
    uint64_t epoch; /* 0 before load */
    uint64_t mark;  /* the last seq known to be durable */
};

/* Fill *why and return err. */
int ush_sqlite_fail(struct usher_fault *why, int err, const char *what, const char *text);
/* The same for a result of SQLite on s->db: ECORRUPT or EIO. */
int ush_sqlite_fault(struct ush_sqlite *s, int rc, const char *what, struct usher_fault *why);

/* Open s->path, which exists and is ours to write; make the schema if the file
 * is empty and `epoch` is not 0. ECORRUPT: foreign, newer or damaged, and nothing
 * was written. Sets s->epoch and s->mark, when all that they count is durable. */
int ush_sqlite_connect(struct ush_sqlite *s, uint64_t epoch, struct usher_fault *why);
/* Be connected: after a fault this connects anew. ESTATE before load. */
int ush_sqlite_ready(struct ush_sqlite *s, struct usher_fault *why);
/* Close the connection and write nothing more. */
void ush_sqlite_drop(struct ush_sqlite *s);

/* A statement, reset and without values. The connection must be up. */
sqlite3_stmt *ush_sqlite_query(struct ush_sqlite *s, enum ush_query query);
/* Step a statement that gives no row. A result of SQLite. */
int ush_sqlite_run(sqlite3_stmt *stmt);
/* Free what statements hold of the file, so that no reading outlives its call. */
void ush_sqlite_rest(sqlite3_stmt *stmt);

#endif
