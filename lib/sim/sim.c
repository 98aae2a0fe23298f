/* sim.c - one world from its seed to its end.
 * SPDX-License-Identifier: MIT */
#include "usher/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

enum { STEPS = 2000 };

struct usher_sim {
    struct ush_world world;
    struct ush_tape tape;
    uint32_t steps;
    bool tapes, ran;
};

const char *usher_sim_sometimes_name(enum usher_sim_sometimes what)
{
    switch (what) {
    case USHER_SIM_CRASH_WITH_BATCH:
        return "crash with a batch out";
    case USHER_SIM_FULL_PAGE:
        return "page full";
    case USHER_SIM_FETCH:
        return "fetch";
    case USHER_SIM_FIND:
        return "key looked up";
    case USHER_SIM_RESET:
        return "reset";
    case USHER_SIM_RETRY_AFTER_CRASH:
        return "key retried after a crash";
    case USHER_SIM_EXPIRY_WHILE_LOST:
        return "expiry while the storage is down";
    case USHER_SIM_GRACE_OVER:
        return "agent's grace over";
    case USHER_SIM_TWO_LINKS:
        return "two links of one person";
    case USHER_SIM_KEY_CONFLICT:
        return "key conflict";
    case USHER_SIM_LOST_REPLY:
        return "commit reply lost";
    case USHER_SIM_LINK_FULL:
        return "link full";
    case USHER_SIM_TABLE_FULL:
        return "table full";
    case USHER_SIM_ABANDONED:
        return "visitor gone for too long";
    case USHER_SIM_REOPENED:
        return "reopened";
    case USHER_SIM_MISSED_TOO_OFTEN:
        return "missed too often";
    case USHER_SIM_FRAME_LOST:
        return "frames lost with their link";
    case USHER_SIM_TWICE:
        return "frame doubled";
    case USHER_SIM_OVERTAKEN:
        return "frame overtaken by its repeat";
    case USHER_SIM_CUT_OFF:
        return "frame cut off";
    case USHER_SIM_TOO_FAST:
        return "frame refused at the door";
    case USHER_SIM_GHOST:
        return "link that only the desk thought alive";
    case USHER_SIM_DEAF:
        return "link that only its device thought alive";
    case USHER_SIM_INHERITED:
        return "came back as another device";
    case USHER_SIM_BOARD:
        return "board looked at";
    case USHER_SIM_BROADCAST:
        return "session offered to several agents";
    case USHER_SIM_AUTO:
        return "session given without being offered";
    case USHER_SIM_ESCALATED:
        return "session more urgent by waiting";
    case USHER_SIM_OVERFLOWED:
        return "session moved on by waiting";
    case USHER_SIM_SOMETIMES:
        break;
    }
    return "?";
}

void usher_sim_config_default(struct usher_sim_config *cfg, size_t size)
{
    memset(cfg, 0, size);
    cfg->size = size;
}

int usher_sim_new(struct usher_sim **out, const struct usher_sim_config *cfg)
{
    struct usher_sim_config whole = {0};
    if (out == NULL || cfg == NULL || cfg->size < sizeof cfg->size || cfg->size > sizeof whole) {
        return USHER_EINVAL;
    }
    memcpy(&whole, cfg, cfg->size);
    struct usher_sim *sim = calloc(1, sizeof *sim);
    if (sim == NULL) {
        return USHER_ENOMEM;
    }
    ush_world_init(&sim->world, whole.seed);
    sim->steps = whole.steps == 0 ? STEPS : whole.steps;
    sim->tapes = whole.tape;
    if (sim->tapes) {
        ush_tape_init(&sim->tape);
        sim->world.tape = &sim->tape;
    }
    *out = sim;
    return 0;
}

void usher_sim_free(struct usher_sim *sim)
{
    if (sim != NULL) {
        ush_world_done(&sim->world);
        ush_tape_done(&sim->tape);
        free(sim);
    }
}

int usher_sim_run(struct usher_sim *sim, struct usher_sim_result *out)
{
    struct ush_world *w = &sim->world;
    if (sim->ran) {
        return USHER_EINVAL;
    }
    sim->ran = true;
    ush_trouble_draw(w);
    (void) ush_world_start(w);
    while (!ush_failed(w) && w->steps < sim->steps) {
        ush_trouble_move(w);
    }
    if (!ush_failed(w)) {
        ush_calm(w);
    }
    if (sim->tapes) {
        ush_tape_end(&sim->tape);
    }
    memset(out, 0, sizeof *out);
    out->seed = w->seed;
    out->hash = w->hash;
    out->steps = w->steps;
    out->facts = w->store.n;
    out->crashes = w->crashes;
    memcpy(out->sometimes, w->sometimes, sizeof out->sometimes);
    snprintf(out->why, sizeof out->why, "%s", w->why);
    return ush_failed(w) ? USHER_ECORRUPT : 0;
}

struct usher_span usher_sim_tape(const struct usher_sim *sim)
{
    return (struct usher_span){sim->tape.bytes, sim->tape.n};
}
