/* mind.c - what a person wants to do next, by chance: mostly sense, sometimes not.
 * SPDX-License-Identifier: MIT */
#include "world.h"

static uint32_t any(struct ush_world *w, uint32_t n)
{
    return ush_rand_below(&w->rand, n);
}

static struct ush_command blank(struct ush_world *w, uint32_t device, enum usher_event_type type)
{
    return (struct ush_command){.type = type,
                                .device = device,
                                .key = USH_NONE,
                                .session = USH_NONE,
                                .content = any(w, 100000),
                                .queue = USH_NONE,
                                .agent = USH_NONE};
}

static void want(struct ush_world *w, const struct ush_command *c)
{
    ush_client_want(w, c, !ush_rand_odds(&w->rand, w->odds.unkeyed));
}

/* Now and then a queue or an agent that nobody knows. */
static uint32_t some_queue(struct ush_world *w)
{
    return any(w, 40) == 0 ? 99 : any(w, w->picture.n_queues);
}

static uint32_t some_agent(struct ush_world *w)
{
    return any(w, 40) == 0 ? 99 : any(w, w->picture.n_agents);
}

static void say_hello_to_queue(struct ush_world *w, uint32_t device)
{
    struct ush_command c = blank(w, device, USHER_EV_START);
    c.queue = some_queue(w);
    ush_shop_needs(w, &c);
    want(w, &c);
}

/* Something about a session that the device holds. */
static void talk(struct ush_world *w, uint32_t device, const struct ush_held *h)
{
    bool agent = w->persons[w->devices[device].person].kind == USHER_AGENT;
    uint32_t dice = any(w, 100);
    struct ush_command c = blank(w, device, USHER_EV_SAY);
    c.session = h->session;
    if (dice < 25) {
        c.type = USHER_EV_SEEN;
        c.number = any(w, 12) == 0 ? h->index[0] + 1 + any(w, 3) : h->index[0];
    } else if (dice < 32) {
        c.type = USHER_EV_TYPING;
    } else if (dice < 38) {
        c.type = USHER_EV_HISTORY;
        c.number = any(w, 2) == 0 ? 0 : any(w, (uint32_t) h->index[0] + 3);
        c.internal = agent && any(w, 2) == 0 ? any(w, (uint32_t) h->index[1] + 2) : 0;
        c.limit = any(w, 3) == 0 ? 0 : 1 + any(w, USHER_HISTORY_MAX);
    } else if (dice < 46) {
        c.type = USHER_EV_CLOSE;
    } else if (dice < 50) {
        c.type = USHER_EV_REOPEN;
    } else if (!agent && dice < 58) {
        c.type = USHER_EV_VISIT;
    } else if (agent && dice < 60) {
        c.type = USHER_EV_WHISPER;
    } else if (agent && dice < 68) {
        c.type = USHER_EV_MOVE;
        c.queue = any(w, 2) == 0 ? some_queue(w) : USH_NONE;
        c.agent = c.queue == USH_NONE ? some_agent(w) : USH_NONE;
    }
    want(w, &c);
}

/* A key that was answered: the same again, or something else under it. */
static void use_again(struct ush_world *w, uint32_t device)
{
    uint32_t key = w->devices[device].last_key;
    struct ush_command c = w->commands[w->keys[key].command];
    if (w->keys[key].seq == 0) {
        return; /* it had no effect, so it is no repeat */
    }
    c.device = device;
    c.key = key;
    c.answered = c.sent = false;
    c.retry_at = 0;
    if (any(w, 2) == 0) {
        c.content += 1 + any(w, 5);
        c.number += 1;
    }
    ush_client_want(w, &c, true);
}

static void visitor(struct ush_world *w, uint32_t device)
{
    struct ush_device *d = &w->devices[device];
    const struct ush_held *h = d->n_held == 0 ? NULL : &d->held[any(w, (uint32_t) d->n_held)];
    bool open = false;
    for (size_t i = 0; i < d->n_held; i++) {
        open = open || !d->held[i].closed;
    }
    if (h == NULL || any(w, open ? 60 : 3) == 0) {
        say_hello_to_queue(w, device);
    } else if (h->closed && any(w, 4) == 0) {
        struct ush_command c = blank(w, device, USHER_EV_REOPEN);
        c.session = h->session;
        want(w, &c);
    } else {
        talk(w, device, h);
    }
}

static void answer(struct ush_world *w, uint32_t device, const struct ush_offered *offer)
{
    bool accepts = any(w, 3) != 0;
    struct ush_command c = blank(w, device, accepts ? USHER_EV_ACCEPT : USHER_EV_DECLINE);
    c.number = offer->number;
    want(w, &c);
}

static void agent(struct ush_world *w, uint32_t device)
{
    struct ush_device *d = &w->devices[device];
    const struct ush_offered *o = d->n_offers == 0 ? NULL : &d->offers[d->n_offers - 1];
    if (any(w, 30) == 0) {
        struct ush_command c = blank(w, device, USHER_EV_BOARD);
        c.on = any(w, 4) != 0;
        want(w, &c);
    } else if ((!d->ready && any(w, 3) == 0) || any(w, 40) == 0) {
        struct ush_command c = blank(w, device, USHER_EV_READY);
        c.on = !d->ready || any(w, 4) == 0;
        c.content = any(w, 4);
        want(w, &c);
    } else if (o != NULL && o->live && !ush_rand_odds(&w->rand, w->odds.patience)) {
        answer(w, device, o);
    } else if (o != NULL && any(w, 50) == 0) {
        answer(w, device, &d->offers[any(w, d->n_offers)]);
    } else if (d->n_held > 0) {
        talk(w, device, &d->held[any(w, (uint32_t) d->n_held)]);
    }
}

/* About a session that may be anybody's: "unknown" is the answer for what is not yours. */
static void pry(struct ush_world *w, uint32_t device)
{
    struct ush_held h = {.session = any(w, (uint32_t) w->picture.n_sessions + 2)};
    if (h.session < w->picture.n_sessions && !w->picture.sessions[h.session].opened) {
        return; /* nobody can know an id that was never told */
    }
    talk(w, device, &h);
}

void ush_mind(struct ush_world *w, uint32_t device)
{
    const struct ush_device *d = &w->devices[device];
    bool flood = ush_rand_odds(&w->rand, w->odds.flood);
    if (!d->greeted || (d->n_outbox >= 6 && !flood)) {
        return;
    }
    if (d->last_key != USH_NONE && ush_rand_odds(&w->rand, w->odds.reuse)) {
        use_again(w, device);
    } else if (any(w, 100) == 0) {
        pry(w, device);
    } else if (w->persons[d->person].kind == USHER_VISITOR) {
        visitor(w, device);
    } else {
        agent(w, device);
    }
}
