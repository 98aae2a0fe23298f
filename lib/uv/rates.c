/* rates.c - who did how much lately: one bounded table for addresses, visitors, agents, accounts.
 * SPDX-License-Identifier: MIT */
#include "rates.h"

#include <stdlib.h>

/* How many of the longest unused records are looked at for one to reuse. */
#define LOOK_MAX 16

const uint32_t ush_stretch_ms[USH_COUNTS] = {
    [USH_COUNT_MINUTE] = 60 * 1000,
    [USH_COUNT_DAY] = 24 * 60 * 60 * 1000,
    [USH_COUNT_SIGNIN] = 5 * 60 * 1000,
    [USH_COUNT_LOGIN_ADDRESS] = 5 * 60 * 1000,
    [USH_COUNT_LOGIN_ACCOUNT] = 15 * 60 * 1000,
};

int ush_table_init(struct ush_table *t, uint32_t size, const uint8_t key[16])
{
    *t = (struct ush_table){.size = size, .key = ush_sip_key(key)};
    ush_list_init(&t->used);
    t->records = calloc(size, sizeof *t->records);
    uint32_t *heads = calloc(ush_map_heads(size), sizeof *heads);
    struct ush_map_node *nodes = calloc(size, sizeof *nodes);
    if (t->records == NULL || heads == NULL || nodes == NULL) {
        free(t->records);
        free(heads);
        free(nodes);
        *t = (struct ush_table){0};
        return USHER_ENOMEM;
    }
    ush_map_init(&t->map, heads, nodes, size);
    return 0;
}

void ush_table_done(struct ush_table *t)
{
    free(t->records);
    free(t->map.heads);
    free(t->map.nodes);
    *t = (struct ush_table){0};
}

static uint64_t hash_of(const struct ush_table *t, char kind, const void *name, size_t len)
{
    struct ush_sip sip;
    ush_sip_init(&sip, t->key);
    ush_sip_add(&sip, &kind, 1);
    ush_sip_add(&sip, name, len);
    return ush_sip_end(&sip);
}

/* Would a fresh record say the same? The day's count is not asked: it would fill
 * the table with yesterday's visitors, and a new visitor is cheaper to be than
 * another visitor's record is to push out. */
static bool says_nothing(const struct ush_record *r, uint64_t now_ms)
{
    if (r->links > 0 || r->starts > 0 || r->shut_until_ms > now_ms) {
        return false;
    }
    for (int i = 0; i < USH_RATE_BUCKETS; i++) {
        if (!ush_bucket_full(&r->bucket[i], now_ms)) {
            return false;
        }
    }
    for (int i = 0; i < USH_COUNTS; i++) {
        uint32_t n = ush_count_now(&r->count[i], ush_stretch_ms[i], now_ms);
        if (n > 0 && i != USH_COUNT_DAY) {
            return false;
        }
    }
    return true;
}

static void touch(struct ush_table *t, struct ush_record *r)
{
    ush_list_del(&r->used);
    ush_list_add_last(&t->used, &r->used);
}

/* A record that is free or may be reused, out of the map; NULL if there is none. */
static struct ush_record *room(struct ush_table *t, uint64_t now_ms)
{
    if (t->n < t->size) {
        return &t->records[t->n++];
    }
    for (int i = 0; i < LOOK_MAX; i++) {
        struct ush_record *r = USH_ITEM(t->used.next, struct ush_record, used);
        if (says_nothing(r, now_ms)) {
            ush_map_del(&t->map, (uint32_t) (r - t->records));
            return r;
        }
        touch(t, r); /* So that the next newcomer looks at others. */
    }
    return NULL;
}

static struct ush_record *find(struct ush_table *t, uint64_t hash)
{
    uint32_t slot = ush_map_first(&t->map, hash);
    return slot == USH_NONE ? NULL : &t->records[slot];
}

struct ush_record *ush_table_get(struct ush_table *t, char kind, const void *name, size_t len,
                                 uint64_t now_ms)
{
    uint64_t hash = hash_of(t, kind, name, len);
    struct ush_record *r = find(t, hash);
    if (r == NULL) {
        r = room(t, now_ms);
        if (r == NULL) {
            return &t->common;
        }
        struct ush_list used = r->used;
        *r = (struct ush_record){.used = used, .hash = hash};
        ush_map_put(&t->map, (uint32_t) (r - t->records), hash);
    }
    touch(t, r);
    return r;
}

uint64_t ush_table_hash(const struct ush_table *t, char kind, const void *name, size_t len)
{
    uint64_t hash = hash_of(t, kind, name, len);
    return hash == 0 ? 1 : hash;
}

struct ush_record *ush_table_look(struct ush_table *t, char kind, const void *name, size_t len)
{
    struct ush_record *r = find(t, hash_of(t, kind, name, len));
    return r == NULL && t->n == t->size ? &t->common : r;
}
