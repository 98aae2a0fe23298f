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

#include "sqlite_place.h"

enum { DISK_FILES = 8, DISK_NAME = 160 };

/* A write that no sync has covered; bytes NULL: a truncation to `offset`. */
struct disk_write { sqlite3_int64 offset; size_t n; unsigned char *bytes; };

struct disk_file {
    char name[DISK_NAME]; /* empty: unused */
    unsigned char *platter;
    size_t size, room;
    struct disk_write *waiting;
    size_t n_waiting, waiting_size;
};

/* The shim's own view of an open file; the real one follows it in memory. */
struct disk_handle {
    sqlite3_file base;
    struct disk_file *file; /* NULL: not watched */
    sqlite3_file *real;
};

struct disk {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    struct disk_file files[DISK_FILES];
    /* Faults: the operation after so many more fails, and with `forever` all after it. */
    bool armed, forever;
    uint32_t countdown;
    int write_error; /* SQLITE_IOERR_WRITE or SQLITE_FULL */
    uint32_t faults; /* happened so far */
    uint64_t dice_state;
};

static struct disk disk;

static inline uint32_t disk_dice(uint32_t n)
{
    disk.dice_state = disk.dice_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t) (disk.dice_state >> 33) % n;
}

static inline bool disk_fails(void)
{
    if (!disk.armed) {
        return false;
    }
    if (disk.countdown > 0) {
        disk.countdown--;
        return false;
    }
    disk.armed = disk.forever;
    disk.faults++;
    return true;
}

static inline void disk_resize(struct disk_file *f, size_t size)
{
    if (size >= f->room) {
        f->room = 2 * size + 4096;
        f->platter = realloc(f->platter, f->room);
        assert_non_null(f->platter);
    }
    if (size > f->size) {
        memset(f->platter + f->size, 0, size - f->size);
    }
    f->size = size;
}

static inline void disk_apply(struct disk_file *f, const struct disk_write *w)
{
    if (w->bytes == NULL) {
        disk_resize(f, (size_t) w->offset);
        return;
    }
    if ((size_t) w->offset + w->n > f->size) {
        disk_resize(f, (size_t) w->offset + w->n);
    }
    memcpy(f->platter + w->offset, w->bytes, w->n);
}

static inline void disk_forget(struct disk_file *f)
{
    for (size_t i = 0; i < f->n_waiting; i++) {
        free(f->waiting[i].bytes);
    }
    f->n_waiting = 0;
}

/* Some of what waits reaches the platter by chance: whole, in part, or not at all. */
static inline void disk_chance(struct disk_file *f)
{
    for (size_t i = 0; i < f->n_waiting; i++) {
        struct disk_write *w = &f->waiting[i];
        const uint32_t luck = disk_dice(3);
        if (luck == 1 && w->bytes != NULL && w->n > 1) {
            w->n = 1 + disk_dice((uint32_t) w->n);
        }
        if (luck != 0) {
            disk_apply(f, w);
        }
    }
    disk_forget(f);
}

static inline void disk_wait(struct disk_file *f, const void *bytes, size_t n,
                             sqlite3_int64 offset)
{
    if (f->n_waiting == f->waiting_size) {
        f->waiting_size = f->waiting_size == 0 ? 64 : 2 * f->waiting_size;
        f->waiting = realloc(f->waiting, f->waiting_size * sizeof *f->waiting);
        assert_non_null(f->waiting);
    }
    struct disk_write w = {.offset = offset, .n = n};
    if (bytes != NULL) {
        w.bytes = malloc(n + 1);
        assert_non_null(w.bytes);
        memcpy(w.bytes, bytes, n);
    }
    f->waiting[f->n_waiting++] = w;
}

static inline struct disk_handle *disk_of(sqlite3_file *file)
{
    return (struct disk_handle *) (void *) file;
}

static inline sqlite3_file *disk_real(sqlite3_file *file)
{
    return disk_of(file)->real;
}

static int disk_close(sqlite3_file *file)
{
    sqlite3_file *real = disk_real(file);
    return real->pMethods == NULL ? SQLITE_OK : real->pMethods->xClose(real);
}

static int disk_read(sqlite3_file *file, void *to, int n, sqlite3_int64 offset)
{
    return disk_real(file)->pMethods->xRead(disk_real(file), to, n, offset);
}

static int disk_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 offset)
{
    sqlite3_file *real = disk_real(file);
    struct disk_file *f = disk_of(file)->file;
    if (f != NULL && disk_fails()) {
        const int half = n / 2; /* a write that fails may have been half done */
        if (half > 0 && real->pMethods->xWrite(real, from, half, offset) == SQLITE_OK) {
            disk_wait(f, from, (size_t) half, offset);
        }
        return disk.write_error;
    }
    const int rc = real->pMethods->xWrite(real, from, n, offset);
    if (rc == SQLITE_OK && f != NULL) {
        disk_wait(f, from, (size_t) n, offset);
    }
    return rc;
}

static int disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *real = disk_real(file);
    struct disk_file *f = disk_of(file)->file;
    if (f != NULL && disk_fails()) {
        return SQLITE_IOERR_TRUNCATE;
    }
    const int rc = real->pMethods->xTruncate(real, size);
    if (rc == SQLITE_OK && f != NULL) {
        disk_wait(f, NULL, 0, size);
    }
    return rc;
}

static int disk_sync(sqlite3_file *file, int flags)
{
    struct disk_file *f = disk_of(file)->file;
    (void) flags; /* the real file need not be synced: nobody pulls the plug on it */
    if (f == NULL) {
        return SQLITE_OK;
    }
    if (disk_fails()) {
        disk_chance(f);
        return SQLITE_IOERR_FSYNC;
    }
    for (size_t i = 0; i < f->n_waiting; i++) {
        disk_apply(f, &f->waiting[i]);
    }
    disk_forget(f);
    return SQLITE_OK;
}

static int disk_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return disk_real(file)->pMethods->xFileSize(disk_real(file), size);
}

static int disk_lock(sqlite3_file *file, int level)
{
    return disk_real(file)->pMethods->xLock(disk_real(file), level);
}

static int disk_unlock(sqlite3_file *file, int level)
{
    return disk_real(file)->pMethods->xUnlock(disk_real(file), level);
}

static int disk_reserved(sqlite3_file *file, int *out)
{
    return disk_real(file)->pMethods->xCheckReservedLock(disk_real(file), out);
}

static int disk_control(sqlite3_file *file, int op, void *arg)
{
    return disk_real(file)->pMethods->xFileControl(disk_real(file), op, arg);
}

static int disk_sector(sqlite3_file *file)
{
    return disk_real(file)->pMethods->xSectorSize(disk_real(file));
}

static int disk_device(sqlite3_file *file)
{
    return disk_real(file)->pMethods->xDeviceCharacteristics(disk_real(file));
}

static int disk_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return disk_real(file)->pMethods->xShmMap(disk_real(file), page, size, extend, out);
}

static int disk_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return disk_real(file)->pMethods->xShmLock(disk_real(file), offset, n, flags);
}

static void disk_shm_barrier(sqlite3_file *file)
{
    disk_real(file)->pMethods->xShmBarrier(disk_real(file));
}

static int disk_shm_unmap(sqlite3_file *file, int remove)
{
    return disk_real(file)->pMethods->xShmUnmap(disk_real(file), remove);
}

static const sqlite3_io_methods disk_methods = {
    2,           disk_close,  disk_read,    disk_write,    disk_truncate,
    disk_sync,   disk_size,   disk_lock,    disk_unlock,   disk_reserved,
    disk_control, disk_sector, disk_device, disk_shm_map,  disk_shm_lock,
    disk_shm_barrier, disk_shm_unmap, NULL, NULL,
};

static inline struct disk_file *disk_find(const char *name, bool make)
{
    struct disk_file *free_one = NULL;
    for (size_t i = 0; i < DISK_FILES; i++) {
        if (strcmp(disk.files[i].name, name) == 0) {
            return &disk.files[i];
        }
        if (disk.files[i].name[0] == '\0' && free_one == NULL) {
            free_one = &disk.files[i];
        }
    }
    if (!make) {
        return NULL;
    }
    assert_non_null(free_one);
    snprintf(free_one->name, sizeof free_one->name, "%s", name);
    return free_one;
}

static inline void disk_lose(struct disk_file *f)
{
    disk_forget(f);
    free(f->waiting);
    free(f->platter);
    *f = (struct disk_file){0};
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    struct disk_handle *h = disk_of(file);
    (void) vfs;
    *h = (struct disk_handle){.real = (sqlite3_file *) (void *) (h + 1)};
    const int rc = disk.real->xOpen(disk.real, name, h->real, flags, out);
    if (rc != SQLITE_OK) {
        return rc;
    }
    h->base.pMethods = &disk_methods;
    if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0) {
        h->file = disk_find(name, true);
    }
    return SQLITE_OK;
}

/* A name that is gone is gone at once: more is lost than a real disk would lose. */
static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    struct disk_file *f = disk_find(name, false);
    (void) vfs;
    if (f != NULL) {
        if (disk_fails()) {
            return SQLITE_IOERR_DELETE;
        }
        disk_lose(f);
    }
    return disk.real->xDelete(disk.real, name, sync_folder);
}

static inline void disk_insert(uint64_t seed)
{
    disk.real = sqlite3_vfs_find(NULL);
    disk.dice_state = seed;
    disk.write_error = SQLITE_IOERR_WRITE;
    disk.vfs = *disk.real;
    disk.vfs.zName = "disk";
    disk.vfs.pNext = NULL;
    disk.vfs.szOsFile = (int) sizeof(struct disk_handle) + disk.real->szOsFile;
    disk.vfs.xOpen = disk_open;
    disk.vfs.xDelete = disk_delete;
    assert_int_equal(sqlite3_vfs_register(&disk.vfs, 1), SQLITE_OK);
}

static inline void disk_remove(void)
{
    assert_int_equal(sqlite3_vfs_unregister(&disk.vfs), SQLITE_OK);
}

/* Forget all files, before their folder is emptied. */
static inline void disk_clear(void)
{
    disk.armed = false;
    for (size_t i = 0; i < DISK_FILES; i++) {
        disk_lose(&disk.files[i]);
    }
}

/* What would be found after the plug was pulled now, under another name. */
static inline void disk_pull_plug(const char *path, const char *copy)
{
    static const char *const ends[] = {"", "-wal", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char from[DISK_NAME], to[DISK_NAME];
        snprintf(from, sizeof from, "%s%s", path, ends[i]);
        snprintf(to, sizeof to, "%s%s", copy, ends[i]);
        const struct disk_file *f = disk_find(from, false);
        if (f == NULL) {
            continue;
        }
        /* Chance decides about what waits, on the copy only. */
        struct disk_file after = {.size = 0};
        disk_resize(&after, f->size);
        if (f->size > 0) {
            memcpy(after.platter, f->platter, f->size);
        }
        for (size_t j = 0; j < f->n_waiting; j++) {
            disk_wait(&after, f->waiting[j].bytes, f->waiting[j].n, f->waiting[j].offset);
        }
        disk_chance(&after);
        FILE *file = fopen(to, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(after.platter, 1, after.size, file), after.size);
        assert_int_equal(fclose(file), 0);
        disk_lose(&after);
    }
}

#endif
