/* sqlite_disk.c - a disk that fails when told to, and forgets what was not synced.
 * SPDX-License-Identifier: MIT */
#include "sqlite_disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct ush_disk ush_disk;

/* The shim's own view of an open file; the real one follows it in memory. */
struct ush_disk_handle {
    sqlite3_file base;
    struct ush_disk_file *file; /* NULL: not watched */
    sqlite3_file *real;
};

uint32_t ush_disk_dice(uint32_t n)
{
    const uint64_t last = ush_disk.dice_state;
    ush_disk.dice_state = last * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t) (ush_disk.dice_state >> 33) % n;
}

static bool disk_fails(void)
{
    if (!ush_disk.armed) {
        return false;
    }
    if (ush_disk.countdown > 0) {
        ush_disk.countdown--;
        return false;
    }
    ush_disk.armed = ush_disk.forever;
    ush_disk.faults++;
    return true;
}

static void disk_resize(struct ush_disk_file *f, size_t size)
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

static void disk_apply(struct ush_disk_file *f, const struct ush_disk_write *w)
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

static void disk_forget(struct ush_disk_file *f)
{
    for (size_t i = 0; i < f->n_waiting; i++) {
        free(f->waiting[i].bytes);
    }
    f->n_waiting = 0;
}

/* Some of what waits reaches the platter by chance: whole, in part, or not at all. */
static void disk_chance(struct ush_disk_file *f)
{
    for (size_t i = 0; i < f->n_waiting; i++) {
        struct ush_disk_write *w = &f->waiting[i];
        const uint32_t luck = ush_disk_dice(3);
        if (luck == 1 && w->bytes != NULL && w->n > 1) {
            w->n = 1 + ush_disk_dice((uint32_t) w->n);
        }
        if (luck != 0) {
            disk_apply(f, w);
        }
    }
    disk_forget(f);
}

static void disk_wait(struct ush_disk_file *f, const void *bytes, size_t n, sqlite3_int64 offset)
{
    if (f->n_waiting == f->waiting_size) {
        f->waiting_size = f->waiting_size == 0 ? 64 : 2 * f->waiting_size;
        f->waiting = realloc(f->waiting, f->waiting_size * sizeof *f->waiting);
        assert_non_null(f->waiting);
    }
    struct ush_disk_write w = {.offset = offset, .n = n};
    if (bytes != NULL) {
        w.bytes = malloc(n + 1);
        assert_non_null(w.bytes);
        memcpy(w.bytes, bytes, n);
    }
    f->waiting[f->n_waiting++] = w;
}

static struct ush_disk_handle *disk_of(sqlite3_file *file)
{
    return (struct ush_disk_handle *) (void *) file;
}

static sqlite3_file *disk_real(sqlite3_file *file)
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
    struct ush_disk_file *f = disk_of(file)->file;
    if (f != NULL && disk_fails()) {
        const int half = n / 2; /* a write that fails may have been half done */
        if (half > 0 && real->pMethods->xWrite(real, from, half, offset) == SQLITE_OK) {
            disk_wait(f, from, (size_t) half, offset);
        }
        return ush_disk.write_error;
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
    struct ush_disk_file *f = disk_of(file)->file;
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
    struct ush_disk_file *f = disk_of(file)->file;
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

struct ush_disk_file *ush_disk_find(const char *name, bool make)
{
    struct ush_disk_file *free_one = NULL;
    for (size_t i = 0; i < DISK_FILES; i++) {
        if (strcmp(ush_disk.files[i].name, name) == 0) {
            return &ush_disk.files[i];
        }
        if (ush_disk.files[i].name[0] == '\0' && free_one == NULL) {
            free_one = &ush_disk.files[i];
        }
    }
    if (!make) {
        return NULL;
    }
    assert_non_null(free_one);
    snprintf(free_one->name, sizeof free_one->name, "%s", name);
    return free_one;
}

void ush_disk_lose(struct ush_disk_file *f)
{
    disk_forget(f);
    free(f->waiting);
    free(f->platter);
    *f = (struct ush_disk_file){0};
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    struct ush_disk_handle *h = disk_of(file);
    (void) vfs;
    *h = (struct ush_disk_handle){.real = (sqlite3_file *) (void *) (h + 1)};
    const int rc = ush_disk.real->xOpen(ush_disk.real, name, h->real, flags, out);
    if (rc != SQLITE_OK) {
        return rc;
    }
    h->base.pMethods = &disk_methods;
    if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0) {
        h->file = ush_disk_find(name, true);
    }
    return SQLITE_OK;
}

/* A name that is gone is gone at once: more is lost than a real disk would lose. */
static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    struct ush_disk_file *f = ush_disk_find(name, false);
    (void) vfs;
    if (f != NULL) {
        if (disk_fails()) {
            return SQLITE_IOERR_DELETE;
        }
        ush_disk_lose(f);
    }
    return ush_disk.real->xDelete(ush_disk.real, name, sync_folder);
}

void ush_disk_insert(uint64_t seed)
{
    ush_disk.real = sqlite3_vfs_find(NULL);
    ush_disk.dice_state = seed;
    ush_disk.write_error = SQLITE_IOERR_WRITE;
    ush_disk.vfs = *ush_disk.real;
    ush_disk.vfs.zName = "disk";
    ush_disk.vfs.pNext = NULL;
    ush_disk.vfs.szOsFile = (int) sizeof(struct ush_disk_handle) + ush_disk.real->szOsFile;
    ush_disk.vfs.xOpen = disk_open;
    ush_disk.vfs.xDelete = disk_delete;
    assert_int_equal(sqlite3_vfs_register(&ush_disk.vfs, 1), SQLITE_OK);
}

void ush_disk_remove(void)
{
    assert_int_equal(sqlite3_vfs_unregister(&ush_disk.vfs), SQLITE_OK);
}

void ush_disk_clear(void)
{
    ush_disk.armed = false;
    for (size_t i = 0; i < DISK_FILES; i++) {
        ush_disk_lose(&ush_disk.files[i]);
    }
}

void ush_disk_pull_plug(const char *path, const char *copy)
{
    static const char *const ends[] = {"", "-wal", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char from[DISK_NAME], to[DISK_NAME];
        snprintf(from, sizeof from, "%s%s", path, ends[i]);
        snprintf(to, sizeof to, "%s%s", copy, ends[i]);
        const struct ush_disk_file *f = ush_disk_find(from, false);
        if (f == NULL) {
            continue;
        }
        /* Chance decides about what waits, on the copy only. */
        struct ush_disk_file after = {.size = 0};
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
        ush_disk_lose(&after);
    }
}
