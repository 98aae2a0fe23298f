/* storage.h - the contract of storages, as a test suite that any storage can be put through.
 * SPDX-License-Identifier: MIT
 *
 * Write a program that fills a maker and returns ush_contract_storage(maker) from
 * main; link it with storage*.c of this folder, your storage and cmocka. */
#ifndef USH_CONTRACT_STORAGE_H
#define USH_CONTRACT_STORAGE_H

#include "usher/storage.h"

struct ush_storage_maker {
    const char *name;
    void *ctx;
    /* Forget everything: the next open is on an empty place. Called between tests. */
    void (*wipe)(void *ctx);
    /* Open one more storage on the same place. */
    int (*open)(void *ctx, struct usher_storage **out);
};

/* Runs all tests; the number of those that failed. */
int ush_contract_storage(struct ush_storage_maker maker);

#endif
