/* storage_sqlite_test.c - the SQLite storage keeps the contract.
 * SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1 /* mkdtemp */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "storage.h"
#include "usher/plug/sqlite.h"

/* A folder of our own, and a file in it. */
struct place { char folder[64], path[96]; };

static void wipe(void *ctx)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal", ".lock"};
    const struct place *place = ctx;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[112];
        snprintf(path, sizeof path, "%s%s", place->path, ends[i]);
        unlink(path);
    }
}

static int open_on_file(void *ctx, struct usher_storage **out)
{
    const struct place *place = ctx;
    return usher_sqlite_open(out, place->path);
}

int main(void)
{
    struct place place;
    const char *tmp = getenv("TMPDIR");
    snprintf(place.folder, sizeof place.folder, "%.40s/usher-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    if (mkdtemp(place.folder) == NULL) {
        perror("mkdtemp");
        return 1;
    }
    snprintf(place.path, sizeof place.path, "%s/desk.db", place.folder);
    const struct ush_storage_maker maker = {
        .name = "sqlite", .ctx = &place, .wipe = wipe, .open = open_on_file};
    const int failed = ush_contract_storage(maker);
    wipe(&place);
    rmdir(place.folder);
    return failed;
}
