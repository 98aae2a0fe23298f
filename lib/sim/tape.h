/* tape.h - the recorded events of a run, and every taking, so that it can be played again.
 * SPDX-License-Identifier: MIT */
#ifndef USH_TAPE_H
#define USH_TAPE_H

#include "usher/core.h"

struct ush_tape {
    uint8_t *bytes;
    size_t n, room;
    uint64_t hash;    /* of the effects so far */
    uint64_t effects; /* so many */
};

void ush_tape_init(struct ush_tape *t);
void ush_tape_done(struct ush_tape *t);

/* A core was made. */
void ush_tape_core(struct ush_tape *t, const struct usher_config *cfg);
void ush_tape_step(struct ush_tape *t, struct usher_now now, const struct usher_event *ev);
/* What a taking brought: NULL, or an effect, of which only the hash is kept. */
void ush_tape_take(struct ush_tape *t, const struct usher_effect *fx);
/* The run is over. */
void ush_tape_end(struct ush_tape *t);

/* effect_hash.c: an effect in 64 bits, every field and every text. */
uint64_t ush_effect_hash(uint64_t hash, const struct usher_effect *fx);

#endif
