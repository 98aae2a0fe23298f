/* map.c - finds a slot by a 64-bit hash: chains over a fixed table.
 * SPDX-License-Identifier: MIT */
#include "map.h"

#include "check.h"

uint32_t ush_map_heads(uint32_t n)
{
    uint32_t heads = 8;
    while (heads < n && heads < UINT32_C(1) << 31) {
        heads *= 2;
    }
    return heads;
}

void ush_map_init(struct ush_map *m, uint32_t *heads, struct ush_map_node *nodes, uint32_t n)
{
    *m = (struct ush_map){.heads = heads, .nodes = nodes, .mask = ush_map_heads(n) - 1};
}

static uint32_t head_of(const struct ush_map *m, uint64_t hash)
{
    return (uint32_t) (hash ^ hash >> 32) & m->mask;
}

void ush_map_put(struct ush_map *m, uint32_t slot, uint64_t hash)
{
    struct ush_map_node *n = &m->nodes[slot];
    CHECK(n->used == 0);
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
