/* list.h - a ring of neighbours inside other structs: O(1) in, out, and ask.
 * SPDX-License-Identifier: MIT */
#ifndef USH_LIST_H
#define USH_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct ush_list {
    struct ush_list *prev, *next;
};

#define USH_ITEM(list, type, member) ((type *) (void *) ((char *) (list) -offsetof(type, member)))

static inline void ush_list_init(struct ush_list *l)
{
    l->prev = l;
    l->next = l;
}

/* For an item: is it in no list? For a list: has it no items? Zeroed counts as yes. */
static inline bool ush_list_empty(const struct ush_list *l)
{
    return l->next == NULL || l->next == l;
}

static inline void ush_list_add_before(struct ush_list *at, struct ush_list *item)
{
    item->prev = at->prev;
    item->next = at;
    at->prev->next = item;
    at->prev = item;
}

static inline void ush_list_add_last(struct ush_list *list, struct ush_list *item)
{
    ush_list_add_before(list, item);
}

static inline void ush_list_add_first(struct ush_list *list, struct ush_list *item)
{
    ush_list_add_before(list->next, item);
}

/* Nothing happens if it is in no list. */
static inline void ush_list_del(struct ush_list *item)
{
    if (!ush_list_empty(item)) {
        item->prev->next = item->next;
        item->next->prev = item->prev;
    }
    ush_list_init(item);
}

#endif
