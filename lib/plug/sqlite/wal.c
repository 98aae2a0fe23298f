/* wal.c - makes what the write-ahead log holds durable, when nobody knows whether it is.
 * SPDX-License-Identifier: MIT
 *
 * A process may have died, or an fsync have failed, after the last batch was
 * written into the log and before it was on the disk. Who opens the log then reads
 * it from the system's cache, where it is whole, and would call it durable. An
 * fsync alone does not help: after one has failed, Linux takes the bytes for
 * clean, and the next one says yes without writing them. So every byte is written
 * once more, as it is, and then synced: whatever that sync says is true. Readers
 * see no change, since there is none. */
#include "wal.h"

#include <stddef.h>

enum { PIECE = 16384 };

static int rewrite(sqlite3_file *file)
{
    const sqlite3_io_methods *io = file->pMethods;
    unsigned char piece[PIECE];
    sqlite3_int64 size = 0;
    int rc = io->xFileSize(file, &size);
    for (sqlite3_int64 at = 0; at < size && rc == SQLITE_OK; at += PIECE) {
        const int n = size - at < PIECE ? (int) (size - at) : PIECE;
        rc = io->xRead(file, piece, n, at);
        if (rc == SQLITE_OK) {
            rc = io->xWrite(file, piece, n, at);
        }
    }
    if (rc != SQLITE_OK || size == 0) {
        return rc;
    }
    return io->xSync(file, SQLITE_SYNC_FULL);
}

int ush_wal_rewrite(sqlite3 *db)
{
    sqlite3_file *file = NULL;
    int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    if (rc != SQLITE_OK || file == NULL || file->pMethods == NULL) {
        return rc;
    }
    return rewrite(file);
}
