/* sqlite.c - a storage in one SQLite file: the doors.
 * SPDX-License-Identifier: MIT */
#include "usher/plug/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "append.h"
#include "db.h"
#include "fetch.h"
#include "file.h"
#include "read.h"
#include "schema.h"

static struct ush_sqlite *of(struct usher_storage *s)
{
    return (struct ush_sqlite *) (void *) s;
}

/* Own the file: look before touching, lock before writing. */
static int own(struct ush_sqlite *s, uint64_t epoch, struct usher_fault *why)
{
    int rv = ush_file_resolve(s, why);
    if (rv == 0) {
        rv = ush_file_look(s->path, USH_SCHEMA_VERSION, why);
    }
    if (rv == 0) {
        rv = ush_file_lock(s, why);
    }
    if (rv == 0) {
        rv = ush_file_make(s->path, why);
    }
    if (rv == 0) {
        rv = ush_sqlite_connect(s, epoch, why);
    }
    if (rv == 0) {
        rv = ush_file_sync_folder(s->path, why);
    }
    return rv;
}

static int load(struct usher_storage *storage, struct usher_load *what, usher_fact_fn each,
                void *ctx, struct usher_fault *why)
{
    struct ush_sqlite *s = of(storage);
    if (what->fresh_epoch == 0) {
        return ush_sqlite_fail(why, USHER_EINVAL, s->given, "an epoch is never 0");
    }
    int rv = s->epoch == 0 ? own(s, what->fresh_epoch, why) : ush_sqlite_ready(s, why);
    if (rv != 0) {
        return rv;
    }
    what->epoch = s->epoch;
    what->seq = s->mark;
    return ush_sqlite_read_live(s, what->since_ms, each, ctx, why);
}

static int mark(struct usher_storage *storage, uint64_t *seq, struct usher_fault *why)
{
    struct ush_sqlite *s = of(storage);
    int rv = ush_sqlite_ready(s, why);
    if (rv == 0) {
        *seq = s->mark;
    }
    return rv;
}

static int append(struct usher_storage *storage, const struct usher_batch *batch,
                  struct usher_fault *why)
{
    return ush_sqlite_append(of(storage), batch, why);
}

static int fetch(struct usher_storage *storage, const struct usher_fetch *what,
                 usher_fact_fn each, void *ctx, struct usher_fault *why)
{
    int rv = ush_sqlite_ready(of(storage), why);
    return rv == 0 ? ush_sqlite_fetch(of(storage), what, each, ctx, why) : rv;
}

static int history(struct usher_storage *storage, uint64_t after, uint32_t max,
                   usher_fact_fn each, void *ctx, struct usher_fault *why)
{
    int rv = ush_sqlite_ready(of(storage), why);
    return rv == 0 ? ush_sqlite_history(of(storage), after, max, each, ctx, why) : rv;
}

static int find_key(struct usher_storage *storage, const struct usher_find *what,
                    struct usher_found *out, struct usher_fault *why)
{
    int rv = ush_sqlite_ready(of(storage), why);
    return rv == 0 ? ush_sqlite_find_key(of(storage), what, out, why) : rv;
}

static int find_visitor(struct usher_storage *storage, const uint8_t token_hash[32],
                        struct usher_visitor_id *out, bool *found, struct usher_fault *why)
{
    int rv = ush_sqlite_ready(of(storage), why);
    return rv == 0 ? ush_sqlite_find_visitor(of(storage), token_hash, out, found, why) : rv;
}

static void let_go(struct usher_storage *storage)
{
    struct ush_sqlite *s = of(storage);
    if (s->db != NULL) {
        /* The last one out copies the log into the file and removes it; nobody waits for a
         * reader who is still inside, for then he is the last. */
        sqlite3_busy_timeout(s->db, 0);
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
        sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    }
    ush_sqlite_drop(s);
    ush_file_unlock(s);
    free(s->path);
    free(s->given);
    free(s);
}

static const struct usher_storage_ops ops = {
    .size = sizeof ops,
    .name = "sqlite",
    .load = load,
    .mark = mark,
    .append = append,
    .fetch = fetch,
    .history = history,
    .find_key = find_key,
    .find_visitor = find_visitor,
    .close = let_go,
};

/* A relative path gets "./" before it, for SQLite takes ":memory:" and "file:" for its own. */
static char *tame(const char *path)
{
    const size_t size = strlen(path) + sizeof "./";
    char *tamed = malloc(size);
    if (tamed != NULL) {
        snprintf(tamed, size, "%s%s", path[0] == '/' ? "" : "./", path);
    }
    return tamed;
}

int usher_sqlite_open(struct usher_storage **out, const char *path)
{
    if (path == NULL || path[0] == '\0' || path[strlen(path) - 1] == '/') {
        return USHER_EINVAL;
    }
    struct ush_sqlite *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return USHER_ENOMEM;
    }
    s->given = tame(path);
    if (s->given == NULL) {
        free(s);
        return USHER_ENOMEM;
    }
    s->storage.ops = &ops;
    s->lock_fd = -1;
    *out = &s->storage;
    return 0;
}
