/* sqlite_place.h - a folder of one's own, a store in it, and plain facts, for tests of SQLite.
 * SPDX-License-Identifier: MIT */
#ifndef USH_TEST_SQLITE_PLACE_H
#define USH_TEST_SQLITE_PLACE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "usher/plug/sqlite.h"

struct ush_place { char folder[64], path[128]; };

void ush_place_make(struct ush_place *place);
/* Unlink everything in the folder. */
void ush_place_empty(const struct ush_place *place);
void ush_place_remove(struct ush_place *place);

/* A reader who wants nothing. */
int ush_each_ignore(void *ctx, const struct usher_fact *fact);

struct usher_storage *ush_store_open(const char *path);
/* The result of a load whose facts nobody wants. */
int ush_store_load(struct usher_storage *s, struct usher_fault *why);
/* Open and load, which must succeed. */
struct usher_storage *ush_store_loaded(const char *path);

/* Fact 1 is a visitor, fact 2 opens his session, all others say their number in it. */
struct usher_fact ush_fact_of(uint64_t seq, char text[32]);
/* Append the n facts from `first` on; n is at most APPEND_MAX. */
enum { APPEND_MAX = 64 };
int ush_store_append(struct usher_storage *s, uint64_t first, size_t n, struct usher_fault *why);
/* What the store holds is fact 1 to the last that it names, each as it was made; gives the last. */
uint64_t ush_store_verify(struct usher_storage *s);

#endif
