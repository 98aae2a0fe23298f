/* storage_memory_test.c - the memory storage keeps the contract.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "storage.h"
#include "usher/plug/memory.h"

static void wipe(void *ctx)
{
    struct usher_shelf **shelf = ctx;
    usher_shelf_free(*shelf);
    if (usher_shelf_new(shelf) != 0) {
        abort();
    }
}

static int open_on_shelf(void *ctx, struct usher_storage **out)
{
    struct usher_shelf **shelf = ctx;
    return usher_memory_open(out, *shelf);
}

int main(void)
{
    struct usher_shelf *shelf = NULL;
    const struct ush_storage_maker maker = {
        .name = "memory", .ctx = &shelf, .wipe = wipe, .open = open_on_shelf};
    const int failed = ush_contract_storage(maker);
    usher_shelf_free(shelf);
    return failed;
}
