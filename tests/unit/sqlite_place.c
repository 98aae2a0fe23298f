/* sqlite_place.c - a folder of one's own, a store in it, and plain facts, for tests of SQLite.
 * SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1 /* mkdtemp, unlinkat */

#include "sqlite_place.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

void ush_place_make(struct ush_place *place)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(place->folder, sizeof place->folder, "%.40s/usher-XXXXXX",
             tmp == NULL ? "/tmp" : tmp);
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/desk.db", place->folder);
}

void ush_place_empty(const struct ush_place *place)
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

void ush_place_remove(struct ush_place *place)
{
    ush_place_empty(place);
    assert_int_equal(rmdir(place->folder), 0);
}

int ush_each_ignore(void *ctx, const struct usher_fact *fact)
{
    (void) ctx;
    (void) fact;
    return 0;
}

struct usher_storage *ush_store_open(const char *path)
{
    struct usher_storage *s = NULL;
    assert_int_equal(usher_sqlite_open(&s, path), 0);
    return s;
}

int ush_store_load(struct usher_storage *s, struct usher_fault *why)
{
    struct usher_load load = {.fresh_epoch = 77};
    return s->ops->load(s, &load, ush_each_ignore, NULL, why);
}

struct usher_storage *ush_store_loaded(const char *path)
{
    struct usher_storage *s = ush_store_open(path);
    struct usher_fault why = {0};
    if (ush_store_load(s, &why) != 0) {
        fail_msg("%s", why.text);
    }
    return s;
}

struct usher_fact ush_fact_of(uint64_t seq, char text[32])
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

int ush_store_append(struct usher_storage *s, uint64_t first, size_t n,
                               struct usher_fault *why)
{
    struct usher_fact facts[APPEND_MAX];
    char texts[APPEND_MAX][32];
    assert_true(n <= APPEND_MAX);
    for (size_t i = 0; i < n; i++) {
        facts[i] = ush_fact_of(first + i, texts[i]);
    }
    const struct usher_batch batch = {.first = first, .n = n, .facts = facts};
    return s->ops->append(s, &batch, why);
}

static int each_as_made(void *ctx, const struct usher_fact *fact)
{
    uint64_t *seq = ctx;
    char text[32];
    *seq += 1;
    const struct usher_fact want = ush_fact_of(*seq, text);
    assert_int_equal(fact->seq, *seq);
    assert_int_equal(fact->type, want.type);
    assert_int_equal(fact->index, want.index);
    assert_int_equal(fact->body.len, want.body.len);
    assert_memory_equal(fact->body.base, want.body.base, want.body.len);
    return 0;
}

uint64_t ush_store_verify(struct usher_storage *s)
{
    uint64_t seq = 0, mark = UINT64_MAX;
    struct usher_fault why = {0};
    assert_int_equal(s->ops->history(s, 0, UINT32_MAX, each_as_made, &seq, &why), 0);
    assert_int_equal(s->ops->mark(s, &mark, &why), 0);
    assert_int_equal(mark, seq);
    return seq;
}
