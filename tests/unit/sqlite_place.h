/* sqlite_place.h - a folder of one's own, a store in it, and plain facts, for tests of SQLite.
 * SPDX-License-Identifier: MIT */
#ifndef USH_TEST_SQLITE_PLACE_H
#define USH_TEST_SQLITE_PLACE_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "usher/plug/sqlite.h"

struct place { char folder[64], path[128]; };

static inline void place_make(struct place *place)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(place->folder, sizeof place->folder, "%.40s/usher-XXXXXX",
             tmp == NULL ? "/tmp" : tmp);
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/desk.db", place->folder);
}

/* Unlink everything in the folder. */
static inline void place_empty(const struct place *place)
{
    DIR *folder = opendir(place->folder);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            assert_int_equal(unlinkat(dirfd(folder), entry->d_name, 0), 0);
        }
    }
    closedir(folder);
}

static inline void place_remove(struct place *place)
{
    place_empty(place);
    assert_int_equal(rmdir(place->folder), 0);
}

static inline int each_ignore(void *ctx, const struct usher_fact *fact)
{
    (void) ctx;
    (void) fact;
    return 0;
}

static inline struct usher_storage *store_open(const char *path)
{
    struct usher_storage *s = NULL;
    assert_int_equal(usher_sqlite_open(&s, path), 0);
    return s;
}

/* The result of a load whose facts nobody wants. */
static inline int store_load(struct usher_storage *s, struct usher_fault *why)
{
    struct usher_load load = {.fresh_epoch = 77};
    return s->ops->load(s, &load, each_ignore, NULL, why);
}

static inline struct usher_storage *store_loaded(const char *path)
{
    struct usher_storage *s = store_open(path);
    struct usher_fault why = {0};
    if (store_load(s, &why) != 0) {
        fail_msg("%s", why.text);
    }
    return s;
}

/* Fact 1 is a visitor, fact 2 opens his session, all others say their number in it. */
static inline struct usher_fact fact_of(uint64_t seq, char text[32])
{
    struct usher_fact fact = {.seq = seq, .at_ms = 1790000000000 + (int64_t) seq};
    snprintf(text, 32, "thirty-one characters %9llu", (unsigned long long) seq);
    fact.by.kind = USHER_VISITOR;
    memset(fact.by.visitor.b, 0xa1, sizeof fact.by.visitor.b);
    if (seq == 1) {
        fact.type = USHER_FACT_VISITOR;
        fact.log = USHER_LOG_DESK;
        memset(text, 0x7e, 32);
        fact.body = (struct usher_span){text, 32};
        return fact;
    }
    memset(fact.session.b, 0x5e, sizeof fact.session.b);
    fact.by.name = (struct usher_span){"Ann", 3};
    fact.log = USHER_LOG_PUBLIC;
    fact.index = seq - 1;
    fact.type = seq == 2 ? USHER_FACT_OPENED : USHER_FACT_SAID;
    if (seq > 2) {
        fact.body = (struct usher_span){text, 31};
        fact.key = fact.body;
        fact.digest = seq;
    }
    return fact;
}

enum { APPEND_MAX = 64 };

/* Append the n facts from `first` on. */
static inline int store_append(struct usher_storage *s, uint64_t first, size_t n,
                               struct usher_fault *why)
{
    struct usher_fact facts[APPEND_MAX];
    char texts[APPEND_MAX][32];
    assert_true(n <= APPEND_MAX);
    for (size_t i = 0; i < n; i++) {
        facts[i] = fact_of(first + i, texts[i]);
    }
    const struct usher_batch batch = {.first = first, .n = n, .facts = facts};
    return s->ops->append(s, &batch, why);
}

static inline int each_as_made(void *ctx, const struct usher_fact *fact)
{
    uint64_t *seq = ctx;
    char text[32];
    *seq += 1;
    const struct usher_fact want = fact_of(*seq, text);
    assert_int_equal(fact->seq, *seq);
    assert_int_equal(fact->type, want.type);
    assert_int_equal(fact->index, want.index);
    assert_int_equal(fact->body.len, want.body.len);
    assert_memory_equal(fact->body.base, want.body.base, want.body.len);
    return 0;
}

/* What the store holds is fact 1 to the last that it names, each as it was made; gives the last. */
static inline uint64_t store_verify(struct usher_storage *s)
{
    uint64_t seq = 0, mark = UINT64_MAX;
    struct usher_fault why = {0};
    assert_int_equal(s->ops->history(s, 0, UINT32_MAX, each_as_made, &seq, &why), 0);
    assert_int_equal(s->ops->mark(s, &mark, &why), 0);
    assert_int_equal(mark, seq);
    return seq;
}

#endif
