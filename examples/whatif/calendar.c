/* calendar.c - a binary heap that knows where each timer stands.
 * SPDX-License-Identifier: MIT */
#include "calendar.h"

#include <stdlib.h>

static bool before(const struct sim_entry *a, const struct sim_entry *b)
{
    if (a->at < b->at) {
        return true;
    }
    return !(b->at < a->at) && a->order < b->order;
}

static void put(struct sim_calendar *c, size_t place, struct sim_entry e)
{
    c->entries[place] = e;
    e.timer->place = place;
}

static void rise(struct sim_calendar *c, size_t place, struct sim_entry e)
{
    while (place > 1 && before(&e, &c->entries[place / 2])) {
        put(c, place, c->entries[place / 2]);
        place /= 2;
    }
    put(c, place, e);
}

static void sink(struct sim_calendar *c, size_t place, struct sim_entry e)
{
    for (;;) {
        size_t child = 2 * place;
        if (child > c->n) {
            break;
        }
        if (child < c->n && before(&c->entries[child + 1], &c->entries[child])) {
            child++;
        }
        if (!before(&c->entries[child], &e)) {
            break;
        }
        put(c, place, c->entries[child]);
        place = child;
    }
    put(c, place, e);
}

static bool grow(struct sim_calendar *c)
{
    size_t room = c->room == 0 ? 1024 : 2 * c->room;
    struct sim_entry *entries = realloc(c->entries, room * sizeof *entries);

    if (entries == NULL) {
        c->failed = true;
        return false;
    }
    c->entries = entries;
    c->room = room;
    return true;
}

void sim_calendar_done(struct sim_calendar *c)
{
    free(c->entries);
    *c = (struct sim_calendar){0};
}

void sim_calendar_set(struct sim_calendar *c, struct sim_timer *t, double at)
{
    sim_calendar_cancel(c, t);
    if (c->n + 1 >= c->room && !grow(c)) {
        return;
    }
    c->n++;
    rise(c, c->n, (struct sim_entry){at, ++c->orders, t});
}

void sim_calendar_cancel(struct sim_calendar *c, struct sim_timer *t)
{
    size_t place = t->place;

    if (place == 0) {
        return;
    }
    t->place = 0;
    struct sim_entry last = c->entries[c->n--];
    if (last.timer == t) {
        return;
    }
    if (place > 1 && before(&last, &c->entries[place / 2])) {
        rise(c, place, last);
    } else {
        sink(c, place, last);
    }
}

struct sim_timer *sim_calendar_first(const struct sim_calendar *c, double *at)
{
    if (c->n == 0) {
        return NULL;
    }
    *at = c->entries[1].at;
    return c->entries[1].timer;
}
