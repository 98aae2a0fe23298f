/* storage_sqlite_test.c - the SQLite storage keeps the contract.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "place.h"
#include "storage.h"
#include "usher/plug/sqlite.h"

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
    if (!ush_place_make(&place, "desk.db")) {
        return 1;
    }
    const struct ush_storage_maker maker = {
        .name = "sqlite", .ctx = &place, .wipe = wipe, .open = open_on_file};
    const int failed = ush_contract_storage(maker);
    wipe(&place);
    ush_place_done(&place);
    return failed;
}
