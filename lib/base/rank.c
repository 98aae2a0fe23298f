/* rank.c - a line in order of (key, seq): first, next, and how many stand before.
 * SPDX-License-Identifier: MIT */
#include "rank.h"

#include "check.h"

void ush_rank_init(struct ush_rank *r)
{
    *r = (struct ush_rank){USH_NONE, USH_NONE, USH_NONE};
}

/* The heap order of a slot (a finalizer in the manner of MurmurHash3). */
static uint32_t weight(uint32_t slot)
{
    uint32_t h = slot + 1;
    h ^= h >> 16;
    h *= UINT32_C(0x85ebca6b);
    h ^= h >> 13;
    h *= UINT32_C(0xc2b2ae35);
    return h ^ h >> 16;
}

static bool before(const struct ush_rank_node *a, const struct ush_rank_node *b)
{
    return a->key != b->key ? a->key < b->key : a->seq < b->seq;
}

static uint32_t count_of(const struct ush_rank_node *nodes, uint32_t slot)
{
    return slot == USH_NONE ? 0 : nodes[slot].count;
}

static void recount(struct ush_rank_node *nodes, uint32_t slot)
{
    struct ush_rank_node *n = &nodes[slot];
    n->count = 1 + count_of(nodes, n->left) + count_of(nodes, n->right);
}

/* Let `now` stand where `was` stands below `up`. */
static void replace(struct ush_rank *r, struct ush_rank_node *nodes, uint32_t up, uint32_t was,
                    uint32_t now)
{
    if (up == USH_NONE) {
        r->root = now;
    } else if (nodes[up].left == was) {
        nodes[up].left = now;
    } else {
        nodes[up].right = now;
    }
    if (now != USH_NONE) {
        nodes[now].up = up;
    }
}

/* Turn the edge between a slot and the node above it. */
static void rotate_up(struct ush_rank *r, struct ush_rank_node *nodes, uint32_t slot)
{
    uint32_t up = nodes[slot].up;
    uint32_t inner;
    replace(r, nodes, nodes[up].up, up, slot);
    if (nodes[up].left == slot) {
        inner = nodes[slot].right;
        nodes[up].left = inner;
        nodes[slot].right = up;
    } else {
        inner = nodes[slot].left;
        nodes[up].right = inner;
        nodes[slot].left = up;
    }
    if (inner != USH_NONE) {
        nodes[inner].up = up;
    }
    nodes[up].up = slot;
    recount(nodes, up);
    recount(nodes, slot);
}

static void hang(struct ush_rank *r, struct ush_rank_node *nodes, uint32_t slot)
{
    uint32_t at = r->last;
    if (before(&nodes[at], &nodes[slot])) {
        nodes[at].right = slot;
        nodes[slot].up = at;
        r->last = slot;
        return;
    }
    at = r->root;
    for (;;) {
        bool left = before(&nodes[slot], &nodes[at]);
        uint32_t below = left ? nodes[at].left : nodes[at].right;
        if (below == USH_NONE) {
            if (left) {
                nodes[at].left = slot;
            } else {
                nodes[at].right = slot;
            }
            nodes[slot].up = at;
            break;
        }
        at = below;
    }
    if (before(&nodes[slot], &nodes[r->first])) {
        r->first = slot;
    }
}

void ush_rank_add(struct ush_rank *r, struct ush_rank_node *nodes, uint32_t slot, int64_t key,
                  uint64_t seq)
{
    CHECK(nodes[slot].count == 0);
    nodes[slot] = (struct ush_rank_node){key, seq, USH_NONE, USH_NONE, USH_NONE, 1};
    if (r->root == USH_NONE) {
        *r = (struct ush_rank){slot, slot, slot};
        return;
    }
    hang(r, nodes, slot);
    for (uint32_t up = nodes[slot].up; up != USH_NONE; up = nodes[up].up) {
        nodes[up].count++;
    }
    while (nodes[slot].up != USH_NONE && weight(slot) > weight(nodes[slot].up)) {
        rotate_up(r, nodes, slot);
    }
}

static uint32_t previous(const struct ush_rank_node *nodes, uint32_t slot)
{
    uint32_t at = nodes[slot].left;
    if (at != USH_NONE) {
        while (nodes[at].right != USH_NONE) {
            at = nodes[at].right;
        }
        return at;
    }
    while (nodes[slot].up != USH_NONE && nodes[nodes[slot].up].left == slot) {
        slot = nodes[slot].up;
    }
    return nodes[slot].up;
}

uint32_t ush_rank_next(const struct ush_rank_node *nodes, uint32_t slot)
{
    uint32_t at = nodes[slot].right;
    if (at != USH_NONE) {
        while (nodes[at].left != USH_NONE) {
            at = nodes[at].left;
        }
        return at;
    }
    while (nodes[slot].up != USH_NONE && nodes[nodes[slot].up].right == slot) {
        slot = nodes[slot].up;
    }
    return nodes[slot].up;
}

void ush_rank_del(struct ush_rank *r, struct ush_rank_node *nodes, uint32_t slot)
{
    CHECK(nodes[slot].count > 0);
    if (r->first == slot) {
        r->first = ush_rank_next(nodes, slot);
    }
    if (r->last == slot) {
        r->last = previous(nodes, slot);
    }
    while (nodes[slot].left != USH_NONE && nodes[slot].right != USH_NONE) {
        uint32_t left = nodes[slot].left;
        uint32_t right = nodes[slot].right;
        rotate_up(r, nodes, weight(left) > weight(right) ? left : right);
    }
    uint32_t below = nodes[slot].left != USH_NONE ? nodes[slot].left : nodes[slot].right;
    uint32_t up = nodes[slot].up;
    replace(r, nodes, up, slot, below);
    for (; up != USH_NONE; up = nodes[up].up) {
        nodes[up].count--;
    }
    nodes[slot].count = 0;
}

uint32_t ush_rank_of(const struct ush_rank_node *nodes, uint32_t slot)
{
    uint32_t n = count_of(nodes, nodes[slot].left);
    while (nodes[slot].up != USH_NONE) {
        uint32_t up = nodes[slot].up;
        if (nodes[up].right == slot) {
            n += 1 + count_of(nodes, nodes[up].left);
        }
        slot = up;
    }
    return n;
}

uint32_t ush_rank_count(const struct ush_rank *r, const struct ush_rank_node *nodes)
{
    return count_of(nodes, r->root);
}

uint32_t ush_rank_before(const struct ush_rank *r, const struct ush_rank_node *nodes, int64_t key,
                         uint64_t seq)
{
    uint32_t n = 0;
    for (uint32_t at = r->root; at != USH_NONE;) {
        bool less = nodes[at].key != key ? nodes[at].key < key : nodes[at].seq < seq;
        n += less ? 1 + count_of(nodes, nodes[at].left) : 0;
        at = less ? nodes[at].right : nodes[at].left;
    }
    return n;
}
