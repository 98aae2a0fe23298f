/* map.c - finds a slot by a 64-bit hash: chains over a table that is used from its start.
 * SPDX-License-Identifier: MIT */
#include "map.h"

#include "check.h"

#define FIRST 8 /* heads in use at first; a power of two */

uint32_t ush_map_heads(uint32_t n)
{
    uint32_t heads = FIRST;
    while (heads < n && heads < UINT32_C(1) << 31) {
        heads *= 2;
    }
    return heads;
}

void ush_map_init(struct ush_map *m, uint32_t *heads, struct ush_map_node *nodes, uint32_t n)
{
    *m = (struct ush_map){
        .heads = heads, .nodes = nodes, .used = FIRST, .max = ush_map_heads(n), .mask = FIRST - 1};
}

static uint32_t head_of(const struct ush_map *m, uint64_t hash)
{
    uint32_t head = (uint32_t) (hash ^ hash >> 32) & m->mask;
    return head < m->used ? head : head & m->mask >> 1;
}

/* One head more: of the chain that has held its entries until now, some go there. */
static void split(struct ush_map *m)
{
    uint32_t fresh = m->used++;
    if (fresh > m->mask) {
        m->mask = m->mask << 1 | 1;
    }
    uint32_t *stay = &m->heads[fresh & m->mask >> 1];
    uint32_t *go = &m->heads[fresh];
    for (uint32_t at = *stay; at != 0; at = m->nodes[at - 1].next) {
        uint32_t **to = head_of(m, m->nodes[at - 1].hash) == fresh ? &go : &stay;
        **to = at;
        *to = &m->nodes[at - 1].next;
    }
    *stay = *go = 0;
}

void ush_map_put(struct ush_map *m, uint32_t slot, uint64_t hash)
{
    struct ush_map_node *n = &m->nodes[slot];
    CHECK(n->used == 0);
    if (++m->count > m->used && m->used < m->max) {
        split(m);
    }
    uint32_t *head = &m->heads[head_of(m, hash)];
    *n = (struct ush_map_node){.hash = hash, .next = *head, .used = 1};
    *head = slot + 1;
}

void ush_map_del(struct ush_map *m, uint32_t slot)
{
    struct ush_map_node *n = &m->nodes[slot];
    CHECK(n->used == 1);
    uint32_t *at = &m->heads[head_of(m, n->hash)];
    while (*at != slot + 1) {
        CHECK(*at != 0);
        at = &m->nodes[*at - 1].next;
    }
    *at = n->next;
    n->used = 0;
    m->count--;
}

static uint32_t from(const struct ush_map *m, uint32_t at, uint64_t hash)
{
    while (at != 0 && m->nodes[at - 1].hash != hash) {
        at = m->nodes[at - 1].next;
    }
    return at == 0 ? USH_NONE : at - 1;
}

uint32_t ush_map_first(const struct ush_map *m, uint64_t hash)
{
    return from(m, m->heads[head_of(m, hash)], hash);
}

uint32_t ush_map_next(const struct ush_map *m, uint32_t slot)
{
    return from(m, m->nodes[slot].next, m->nodes[slot].hash);
}
