/* rank.h - a line in order of (key, seq): first, next, and how many stand before.
 * SPDX-License-Identifier: MIT
 *
 * A treap over an array of nodes, one a slot of the owner's table; a node is in
 * one line at most. The heap order comes from a hash of the slot, so the shape is
 * a function of the contents (Seidel and Aragon, "Randomized search trees",
 * 1996). Every operation costs O(log n) expected; joining at the end costs about
 * one comparison, because the last node is known. */
#ifndef USH_RANK_H
#define USH_RANK_H

#include "pool.h"

struct ush_rank_node {
    int64_t key;
    uint64_t seq;
    uint32_t up, left, right; /* USH_NONE: none */
    uint32_t count;           /* nodes at and below; 0: in no line */
};

struct ush_rank {
    uint32_t root, first, last;
};

void ush_rank_init(struct ush_rank *r);
void ush_rank_add(struct ush_rank *r, struct ush_rank_node *nodes, uint32_t slot, int64_t key,
                  uint64_t seq);
void ush_rank_del(struct ush_rank *r, struct ush_rank_node *nodes, uint32_t slot);
/* The slot after this one, or USH_NONE. */
uint32_t ush_rank_next(const struct ush_rank_node *nodes, uint32_t slot);
/* How many stand before this one. */
uint32_t ush_rank_of(const struct ush_rank_node *nodes, uint32_t slot);
/* How many stand before where (key, seq) would stand. */
uint32_t ush_rank_before(const struct ush_rank *r, const struct ush_rank_node *nodes, int64_t key,
                         uint64_t seq);
/* How many stand in the line. */
uint32_t ush_rank_count(const struct ush_rank *r, const struct ush_rank_node *nodes);

#endif
