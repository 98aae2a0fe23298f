/* wire_kit.h - what the tests of the wire share: spans, golden lines, and seeded chance.
 * SPDX-License-Identifier: MIT */
#ifndef USH_TEST_WIRE_KIT_H
#define USH_TEST_WIRE_KIT_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "usher/wire.h"

static inline struct usher_span span_of(const char *text)
{
    return (struct usher_span){text, strlen(text)};
}

/* Chance that can be repeated: the seed is USHER_SEED, or 1, and is printed. */
struct chance {
    uint64_t state;
};

static inline struct chance chance_new(const char *test)
{
    const char *given = getenv("USHER_SEED");
    uint64_t seed = given == NULL ? 1 : strtoull(given, NULL, 0);
    print_message("%s: USHER_SEED=%" PRIu64 "\n", test, seed);
    return (struct chance){seed * UINT64_C(0x9E3779B97F4A7C15) + 1};
}

/* 0 to n - 1. */
static inline uint32_t chance_below(struct chance *c, uint32_t n)
{
    c->state ^= c->state << 13;
    c->state ^= c->state >> 7;
    c->state ^= c->state << 17;
    return (uint32_t) ((c->state >> 32) % n);
}

/* The lines of a file of tests/golden, found from where this file stands. */
struct golden {
    FILE *file;
    char line[262144];
    size_t len;
    int number;
};

static inline struct golden *golden_open(const char *name)
{
    char path[1024];
    const char *cut = strstr(__FILE__, "unit/wire_kit.h");
    assert_non_null(cut);
    snprintf(path, sizeof path, "%.*sgolden/%s", (int) (cut - __FILE__), __FILE__, name);
    struct golden *g = calloc(1, sizeof *g);
    assert_non_null(g);
    g->file = fopen(path, "rb");
    if (g->file == NULL) {
        fail_msg("cannot open %s: run the tests where they were compiled", path);
    }
    return g;
}

/* The next line, without its newline; false after the last. */
static inline bool golden_next(struct golden *g)
{
    if (fgets(g->line, sizeof g->line, g->file) == NULL) {
        return false;
    }
    g->len = strlen(g->line);
    assert_true(g->len > 0);
    assert_int_equal(g->line[g->len - 1], '\n');
    g->line[--g->len] = 0;
    g->number++;
    return true;
}

static inline void golden_close(struct golden *g)
{
    fclose(g->file);
    free(g);
}

#endif
