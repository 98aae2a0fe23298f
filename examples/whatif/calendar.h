/* calendar.h - what will happen when, to a fraction of a millisecond; a heap of timers.
 * SPDX-License-Identifier: MIT
 *
 * Times are milliseconds since the run began, as a double: exact to a nanosecond for a hundred
 * days. What happens at the same time happens in the order in which it was set. */
#ifndef WHATIF_CALENDAR_H
#define WHATIF_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lives in what it is about; zeroed memory is a timer that is not set. */
struct sim_timer {
    size_t place;   /* in the heap, from 1; 0: not set */
    uint32_t what;  /* for the owner of the calendar */
    uint32_t which;
};

struct sim_entry { double at; uint64_t order; struct sim_timer *timer; };

struct sim_calendar {
    struct sim_entry *entries; /* entries[1..n] */
    size_t n, room;
    uint64_t orders;
    bool failed;               /* there was no memory; nothing more is set */
};

void sim_calendar_done(struct sim_calendar *c);
/* Anew, if it is set. */
void sim_calendar_set(struct sim_calendar *c, struct sim_timer *t, double at);
void sim_calendar_cancel(struct sim_calendar *c, struct sim_timer *t);
/* The next one stays where it is until it is cancelled; NULL: nothing will happen. */
struct sim_timer *sim_calendar_first(const struct sim_calendar *c, double *at);

#endif
