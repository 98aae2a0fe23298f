/* map.h - finds a slot by a 64-bit hash: chains over a fixed table.
 * SPDX-License-Identifier: MIT
 *
 * The map keeps hashes and links, the owner keeps the objects: the owner
 * compares, if equal hashes may mean different things. */
#ifndef USH_MAP_H
#define USH_MAP_H

#include "pool.h"

struct ush_map_node {
    uint64_t hash;
    uint32_t next;
    uint32_t used;
};

struct ush_map {
    uint32_t *heads;            /* 0: empty, else slot + 1 */
    struct ush_map_node *nodes; /* one a slot of the owner's table */
    uint32_t mask;
};

/* Heads for n slots: a power of two, at least n. */
uint32_t ush_map_heads(uint32_t n);
/* heads and nodes: zeroed. */
void ush_map_init(struct ush_map *m, uint32_t *heads, struct ush_map_node *nodes, uint32_t n);
void ush_map_put(struct ush_map *m, uint32_t slot, uint64_t hash);
void ush_map_del(struct ush_map *m, uint32_t slot);
/* The first slot with this hash; then the next one after `slot`. USH_NONE at the end. */
uint32_t ush_map_first(const struct ush_map *m, uint64_t hash);
uint32_t ush_map_next(const struct ush_map *m, uint32_t slot);

#endif
