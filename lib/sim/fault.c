/* fault.c - frames lost, doubled, overtaken or cut off, and links that one side only thinks alive.
 * SPDX-License-Identifier: MIT
 *
 * Within one link nothing is lost or out of order, for that is what TCP is for. But
 * a link ends somewhere, and the two sides do not notice at the same time:
 *
 *   ghost   the device has gone on to another link; the desk still reads what is left
 *           in the old one, in between what comes over the new one
 *   deaf    the desk knows that the link is gone; the device still writes into it
 *
 * and what was not answered is sent again: over another link, by another device that
 * shares the outbox (tabs of one browser), or over the same link. */
#include "world.h"

static uint32_t between(struct ush_world *w, uint32_t low, uint32_t high)
{
    return ush_rand_between(&w->rand, low, high);
}

/* A device leaves its link behind without a word, and comes back over another one. */
static void leave_ghost(struct ush_world *w, uint32_t device)
{
    struct ush_device *d = &w->devices[device];
    if (w->n_ghosts == USH_GHOSTS_MAX || w->links[d->link].at != USH_LINK_IN) {
        return;
    }
    w->ghosts[w->n_ghosts++] = d->link;
    w->links[d->link].ghost = true;
    d->link = 0;
    ush_client_lost(w, device);
    USH_SOMETIMES(w, USHER_SIM_GHOST);
}

/* The desk is told that a link is gone, and its device is not. */
static void deafen(struct ush_world *w, uint32_t device)
{
    struct ush_device *d = &w->devices[device];
    if (!d->greeted) {
        return;
    }
    uint64_t link = d->link;
    d->link = 0;
    d->deaf = true;
    ush_sim_link_cut(w, link);
    USH_SOMETIMES(w, USHER_SIM_DEAF);
}

/* P6: a person goes on elsewhere, with all that the first device held and still wants answered. */
static void inherit(struct ush_world *w, uint32_t from, uint32_t to)
{
    const struct ush_device *a = &w->devices[from];
    struct ush_device *b = &w->devices[to];
    if (from == to || a->person != b->person || b->link != 0 || b->deaf || b->n_outbox > 0) {
        return;
    }
    b->n_held = 0;
    for (size_t i = 0; i < a->n_held; i++) {
        b->held = ush_grow(b->held, b->n_held, &b->held_room, sizeof *b->held);
        b->held[b->n_held++] = a->held[i];
    }
    b->has_epoch = a->has_epoch;
    b->epoch = a->epoch;
    for (size_t i = 0; i < w->devices[from].n_outbox; i++) {
        struct ush_command c = w->commands[w->devices[from].outbox[i]];
        c.device = to;
        c.sent = false;
        c.retry_at = 0;
        ush_client_want(w, &c, true);
    }
    USH_SOMETIMES(w, USHER_SIM_INHERITED);
}

/* A deaf device notices at last. */
static void notice(struct ush_world *w, uint32_t device)
{
    if (w->devices[device].deaf) {
        w->devices[device].deaf = false;
        ush_client_lost(w, device);
    }
}

static void end_ghost(struct ush_world *w, size_t at)
{
    uint64_t link = w->ghosts[at];
    w->ghosts[at] = w->ghosts[--w->n_ghosts];
    ush_sim_link_cut(w, link);
}

/* Something of what is left in a ghost reaches the desk; or the desk notices. */
static void haunt(struct ush_world *w)
{
    size_t at = between(w, 0, (uint32_t) w->n_ghosts - 1);
    uint64_t link = w->ghosts[at];
    if (w->links[link].dropped || between(w, 0, 19) == 0) {
        end_ghost(w, at);
    } else if (w->links[link].find_out) {
        ush_save_find(w, link, ush_rand_odds(&w->rand, w->odds.read_fails));
    } else {
        ush_sim_link_up_one(w, link);
    }
}

void ush_fault_move(struct ush_world *w)
{
    uint32_t device = between(w, 0, (uint32_t) w->n_devices - 1);
    uint32_t dice = between(w, 0, 2);
    if (dice == 0 && w->devices[device].link != 0) {
        leave_ghost(w, device);
    } else if (dice == 1 && w->devices[device].link != 0) {
        deafen(w, device);
    } else if (dice == 2) {
        inherit(w, device > 0 ? device - 1 : 0, device); /* devices of a person stand together */
        inherit(w, device, device > 0 ? device - 1 : 0);
    }
}

void ush_fault_go_on(struct ush_world *w)
{
    if (between(w, 0, 3) == 0) {
        notice(w, between(w, 0, (uint32_t) w->n_devices - 1));
    } else if (w->n_ghosts > 0) {
        haunt(w);
    }
}

void ush_fault_calm(struct ush_world *w)
{
    while (w->n_ghosts > 0 && !ush_failed(w)) {
        end_ghost(w, 0);
        ush_world_drain(w);
    }
    for (uint32_t i = 0; i < w->n_devices; i++) {
        notice(w, i);
    }
}

/* The frame is answered before the desk has seen it. */
static void refuse(struct ush_world *w, uint64_t link, uint32_t command, enum usher_why why)
{
    const struct ush_command *c = &w->commands[command];
    struct usher_event ev = {.type = USHER_EV_REFUSE, .link = {link}};
    bool later = why == USHER_TOO_FAST;
    ev.key = later ? ush_key_text(c->key, w->key) : (struct usher_span){NULL, 0};
    ev.as.refuse.why = why;
    ev.as.refuse.retry_ms = later ? between(w, 1, 3000) : 0;
    ev.as.refuse.text = later ? "too fast" : "not a well-formed frame";
    if (ush_world_step(w, &ev, USH_NONE) != 0) {
        ush_fail(w, "that a frame was refused was refused");
    } else if (later && c->key != USH_NONE) {
        ush_answer_refused(w, link, command);
    }
}

/* What becomes of a frame at the desk's door. True: it goes no further. */
bool ush_fault_at_door(struct ush_world *w, uint64_t link, uint32_t command)
{
    struct ush_sim_link *l = &w->links[link];
    const struct ush_command *c = &w->commands[command];
    if (w->calm || l->at != USH_LINK_IN || !ush_rand_odds(&w->rand, w->odds.garble)) {
        return false;
    }
    if (between(w, 0, 3) == 0) {
        /* Its end is missing. Nor can what follows be read, and its device gives the link up. */
        USH_SOMETIMES(w, USHER_SIM_CUT_OFF);
        l->broken = true;
        l->up_at = l->n_up;
        refuse(w, link, command, USHER_BAD_FRAME);
        return true;
    }
    USH_SOMETIMES(w, USHER_SIM_TOO_FAST);
    if (c->key != USH_NONE || (c->type != USHER_EV_SEEN && c->type != USHER_EV_TYPING)) {
        refuse(w, link, command, USHER_TOO_FAST); /* idle talk is dropped in silence */
    }
    return true;
}
