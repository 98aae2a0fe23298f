/* world_slot.c - the sessions' table: the slot that was free last is used first.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include <string.h>

/* NULL: there are more than slots, and the run must begin again with more. */
struct sim_session *sim_slot_take(struct sim_world *w)
{
    if (w->n_free == 0 && w->used == w->slots) {
        w->crowded = true;
        return NULL;
    }
    uint32_t slot = w->n_free > 0 ? w->free_slots[--w->n_free] : w->used++;
    struct sim_session *s = &w->sessions[slot];
    memset(s, 0, sizeof *s);
    s->patience.what = SIM_W_PATIENCE;
    s->next.what = SIM_W_NEXT;
    s->patience.which = s->next.which = slot;
    s->agent = s->before = s->after = SIM_NONE;
    return s;
}

void sim_slot_give(struct sim_world *w, struct sim_session *s)
{
    s->state = SIM_FREE;
    w->free_slots[w->n_free++] = sim_slot_of(w, s);
}
