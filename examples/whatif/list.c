/* list.c - a list of numbers that grows.
 * SPDX-License-Identifier: MIT */
#include "learn.h"

#include <stdlib.h>

bool sim_list_add(struct sim_list *list, double value)
{
    if (list->n == list->room) {
        size_t room = list->room == 0 ? 16 : 2 * list->room;
        double *more = realloc(list->v, room * sizeof *more);
        if (more == NULL) {
            return false;
        }
        list->v = more;
        list->room = room;
    }
    list->v[list->n++] = value;
    return true;
}

void sim_list_done(struct sim_list *list)
{
    free(list->v);
    *list = (struct sim_list){0};
}
