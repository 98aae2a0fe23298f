/* bag.c - finds numbers by a 64-bit hash: an open table that grows, and never forgets.
 * SPDX-License-Identifier: MIT */
#include "bag.h"

#include <stdlib.h>

enum { BAG_FIRST = 64 }; /* a power of two */

static void put(struct ush_bag_item *items, size_t size, struct ush_bag_item item)
{
    size_t at = (size_t) item.hash & (size - 1);
    while (items[at].value != 0) {
        at = (at + 1) & (size - 1);
    }
    items[at] = item;
}

/* Moves everything in the order of its coming: that of probing from an empty place. */
static void move(const struct ush_bag *bag, struct ush_bag_item *items, size_t size)
{
    size_t begin = 0;
    while (begin < bag->size && bag->items[begin].value != 0) {
        begin++;
    }
    for (size_t i = 0; i < bag->size; i++) {
        struct ush_bag_item item = bag->items[(begin + i) & (bag->size - 1)];
        if (item.value != 0) {
            put(items, size, item);
        }
    }
}

bool ush_bag_reserve(struct ush_bag *bag, size_t more)
{
    if (more > SIZE_MAX / 8 / sizeof *bag->items - bag->n) {
        return false;
    }
    size_t size = bag->size == 0 ? BAG_FIRST : bag->size;
    while (bag->n + more > size / 2) {
        size *= 2;
    }
    if (size == bag->size) {
        return true;
    }
    struct ush_bag_item *items = calloc(size, sizeof *items);
    if (items == NULL) {
        return false;
    }
    move(bag, items, size);
    free(bag->items);
    bag->items = items;
    bag->size = size;
    return true;
}

void ush_bag_put(struct ush_bag *bag, uint64_t hash, uint64_t value)
{
    put(bag->items, bag->size, (struct ush_bag_item){hash, value});
    bag->n++;
}

uint64_t ush_bag_next(const struct ush_bag *bag, uint64_t hash, size_t *at)
{
    /* *at counts the places probed so far; an empty place ends every probe. */
    while (bag->size != 0) {
        const struct ush_bag_item *item = &bag->items[((size_t) hash + *at) & (bag->size - 1)];
        if (item->value == 0) {
            break;
        }
        *at += 1;
        if (item->hash == hash) {
            return item->value;
        }
    }
    return 0;
}

void ush_bag_done(struct ush_bag *bag)
{
    free(bag->items);
    *bag = (struct ush_bag){0};
}
