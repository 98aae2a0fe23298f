/* map.h - finds a slot by a 64-bit hash: chains over a table that is used from its start.
 * SPDX-License-Identifier: MIT
 *
 * The map keeps hashes and links, the owner keeps the objects: the owner
 * compares, if equal hashes may mean different things.
 *
 * Linear hashing (Litwin, "Linear hashing: a new tool for file and table
 * addressing", 1980): with each entry beyond the heads in use one chain is split
 * into two, so that a large table of which little is used touches little memory. */
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
    uint32_t count;
    uint32_t used, max; /* heads */
    uint32_t mask;      /* used - 1, rounded up to a power of two, less 1 */
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
