/* storage_desk.h - what the tests of the contract of storages share: a storage and its model.
 * SPDX-License-Identifier: MIT */
#ifndef USH_CONTRACT_STORAGE_DESK_H
#define USH_CONTRACT_STORAGE_DESK_H

#include "storage_kit.h"

/* One test: a place, a storage on it, and what it should hold. */
struct ush_desk {
    const struct ush_storage_maker *maker;
    struct usher_storage *s;
    struct ush_model model;
};

/* For cmocka: an empty place before each test, and nothing left open after it. */
int ush_desk_setup(void **state);
int ush_desk_teardown(void **state);

/* Open a storage on the place, without a load. */
void ush_desk_open(struct ush_desk *d);
/* Open and load; gives the epoch. */
uint64_t ush_desk_load(struct ush_desk *d, uint64_t fresh_epoch);
void ush_desk_close(struct ush_desk *d);
void ush_desk_reopen(struct ush_desk *d);
/* Ann's session 1 with ten things said, and whispers after 2 and 4: loaded and saved. */
void ush_desk_fill(struct ush_desk *d);
/* Add a fact to the model, not yet saved. */
void ush_desk_add(struct ush_desk *d, struct usher_fact fact);
uint64_t ush_desk_mark(struct ush_desk *d);
/* Append a batch that must be refused, and change nothing. */
void ush_desk_refused(struct ush_desk *d, struct usher_batch batch);
/* A reader that counts facts into a size_t. */
int ush_count(void *ctx, const struct usher_fact *fact);

/* Tests by what they are about; setup, teardown and state are filled in by the suite. */
struct CMUnitTest;
extern const struct CMUnitTest ush_storage_keeps[];
extern const size_t ush_storage_keeps_n;
extern const struct CMUnitTest ush_storage_answers[];
extern const size_t ush_storage_answers_n;

#endif
