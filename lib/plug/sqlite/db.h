/* db.h - one SQLite file as a storage sees it: its path, its lock, its connection.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_DB_H
#define USH_SQLITE_DB_H

#include <sqlite3.h>

#include "usher/storage.h"

#define USH_QUERIES_MAX 30

/* Three numbers for each fact of a block of the history: see block.h. */
#define USH_BLOCK_FACTS 1024
struct ush_block {
    uint8_t sessions[4 * USH_BLOCK_FACTS], places[4 * USH_BLOCK_FACTS], keys[4 * USH_BLOCK_FACTS];
};

struct ush_sqlite {
    struct usher_storage storage; /* first: the ops take it for the whole */
    char *given;                  /* the path as it was given */
    char *path;                   /* absolute and without links; NULL before load */
    int lock_fd;                  /* on PATH.lock; -1 before load */
    sqlite3 *db;                  /* NULL before load and after a fault */
    sqlite3_stmt *queries[USH_QUERIES_MAX]; /* by enum ush_query, query.h */
    uint64_t epoch; /* 0 before load */
    uint64_t mark;  /* the last seq known to be durable */
    struct ush_block last; /* of the block in which it is */
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

#endif
