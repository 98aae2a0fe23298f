/* sqlite_disk.h - a disk that fails when told to, and forgets what was not synced.
 * SPDX-License-Identifier: MIT
 *
 * It stands between SQLite and the real files (a shim VFS). The real file is what
 * the system's cache shows to readers; beside it the shim keeps what the platter
 * would hold: a write reaches it only by a sync that succeeds. After a sync that
 * fails, what was waiting is lost for good, though readers still see it, as on
 * Linux: a second sync has nothing to say about it. */
#ifndef USH_TEST_SQLITE_DISK_H
#define USH_TEST_SQLITE_DISK_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DISK_FILES = 8, DISK_NAME = 160 };

/* A write that no sync has covered; bytes NULL: a truncation to `offset`. */
struct ush_disk_write { sqlite3_int64 offset; size_t n; unsigned char *bytes; };

struct ush_disk_file {
    char name[DISK_NAME]; /* empty: unused */
    unsigned char *platter;
    size_t size, room;
    struct ush_disk_write *waiting;
    size_t n_waiting, waiting_size;
};

struct ush_disk {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    struct ush_disk_file files[DISK_FILES];
    /* Faults: the operation after so many more fails, and with `forever` all after it. */
    bool armed, forever;
    uint32_t countdown;
    int write_error; /* SQLITE_IOERR_WRITE or SQLITE_FULL */
    uint32_t faults; /* happened so far */
    uint64_t dice_state;
};

extern struct ush_disk ush_disk;

/* Stand before the default VFS; every file that SQLite opens from now on is watched. */
void ush_disk_insert(uint64_t seed);
void ush_disk_remove(void);
/* Forget all files, before their folder is emptied. */
void ush_disk_clear(void);
/* What would be found after the plug was pulled now, under another name. */
void ush_disk_pull_plug(const char *path, const char *copy);

/* The watched file of that name, or NULL, or a new one. */
struct ush_disk_file *ush_disk_find(const char *name, bool make);
void ush_disk_lose(struct ush_disk_file *f);
uint32_t ush_disk_dice(uint32_t n);

#endif
