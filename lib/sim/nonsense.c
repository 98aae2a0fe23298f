/* nonsense.c - events that the core must refuse, and that must leave no trace (G10).
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "world.h"

enum { KINDS = 23 };

/* A link that has signed in, or that has not; 0: there is none. */
static uint64_t find_link(const struct ush_world *w, bool in, enum usher_kind as)
{
    for (size_t i = 0; i < w->n_devices; i++) {
        uint64_t link = w->devices[i].link;
        if (link != 0 && (w->links[link].at == USH_LINK_IN) == in && !w->links[link].dropped &&
            w->links[link].as == as) {
            return link;
        }
    }
    return 0;
}

static struct usher_span body_of(struct ush_world *w, size_t len)
{
    memset(w->body, 'x', sizeof w->body);
    return (struct usher_span){w->body, len};
}

static void from_link(struct ush_world *w, uint32_t kind, struct usher_event *ev)
{
    static const char key[USHER_KEY_MAX + 1] = {'k'};
    uint64_t visitor = find_link(w, true, USHER_VISITOR);
    ev->type = USHER_EV_SAY;
    ev->link.v = visitor;
    ev->as.say.body = body_of(w, 5);
    if (kind == 0) {
        ev->link.v = w->n_links + 1;
    } else if (kind == 1) {
        ev->link.v = find_link(w, false, USHER_VISITOR);
    } else if (kind == 2) {
        /* The length alone decides, so it need not be there. */
        ev->as.say.body.len = (size_t) w->cfg.limits.body_max + 1;
    } else if (kind == 3) {
        ev->key = (struct usher_span){key, sizeof key};
    } else if (kind == 4) {
        ev->as.say.body.len = 0;
    } else {
        ev->type = USHER_EV_WHISPER;
    }
}

static void sign_in(struct ush_world *w, uint32_t kind, struct usher_event *ev)
{
    ev->type = USHER_EV_SIGN_IN_AGENT;
    ev->link.v = find_link(w, kind == 6, USHER_AGENT);
    if (kind == 6) {
        ev->as.agent.agent = w->picture.agents[0].id;
    } else {
        memcpy(ev->as.agent.agent.s, "stranger", 8);
    }
}

static void from_host(struct ush_world *w, uint32_t kind, struct usher_event *ev)
{
    if (kind == 8) {
        ev->type = USHER_EV_QUEUE_SET;
    } else if (kind == 9) {
        static const struct usher_queue_id nowhere = {"nowhere"};
        ev->type = USHER_EV_AGENT_SET;
        ev->as.agent_set.agent = w->picture.agents[0].id;
        ev->as.agent_set.queues = &nowhere;
        ev->as.agent_set.n_queues = 1;
    } else if (kind == 10) {
        ev->type = USHER_EV_AGENT_SET;
        ev->as.agent_set.agent = w->picture.agents[0].id;
        ev->as.agent_set.capacity = w->cfg.limits.capacity_max + 1;
    } else if (kind == 11) {
        ev->type = USHER_EV_LINK_UP;
    } else {
        ev->type = kind == 12 ? USHER_EV_LINK_DOWN : USHER_EV_LINK_FULL;
        ev->link.v = w->n_links + 1;
    }
}

/* A queue or an agent that cannot be routed so. */
static void about_routing(struct ush_world *w, uint32_t kind, struct usher_event *ev)
{
    static const struct usher_skill nameless = {{""}, 1};
    static struct usher_step_set self = {.kind = USHER_STEP_MOVE};
    ev->type = kind < 21 ? USHER_EV_QUEUE_SET : USHER_EV_AGENT_SET;
    ev->as.queue_set.queue = w->picture.queues[0].id;
    if (kind == 18) {
        ev->as.queue_set.order = (enum usher_order) 99;
    } else if (kind == 19) {
        ev->as.queue_set.cost = w->cfg.limits.capacity_max + 1;
    } else if (kind == 20) {
        self.queue = w->picture.queues[0].id;
        ev->as.queue_set.steps = &self;
        ev->as.queue_set.n_steps = 1;
    } else {
        ev->as.agent_set = (struct usher_agent_set){.agent = w->picture.agents[0].id};
        ev->as.agent_set.weight = kind == 21 ? 1001 : 0;
        ev->as.agent_set.skills = &nameless;
        ev->as.agent_set.n_skills = kind == 22;
    }
}

static void from_storage(struct ush_world *w, uint32_t kind, struct usher_event *ev)
{
    if (kind == 14) {
        ev->type = USHER_EV_PERSISTED;
        ev->as.persisted.upto = w->store.n + 100000;
    } else if (kind == 15) {
        ev->type = USHER_EV_FETCHED;
        ev->as.fetched.ticket = UINT64_MAX;
    } else if (kind == 16) {
        ev->type = USHER_EV_LOADED;
        ev->as.loaded.epoch = w->store.epoch;
    } else {
        ev->type = (enum usher_event_type) 999;
    }
}

void ush_nonsense(struct ush_world *w)
{
    struct usher_event ev = {.type = USHER_EV_TICK};
    struct usher_stats before;
    struct usher_stats after;
    uint32_t kind = ush_rand_below(&w->rand, KINDS);
    ush_world_drain(w); /* so that it is known which links the core has dropped */
    if (ush_failed(w)) {
        return;
    }
    if (kind < 6) {
        from_link(w, kind, &ev);
    } else if (kind < 8) {
        sign_in(w, kind, &ev);
    } else if (kind < 14) {
        from_host(w, kind, &ev);
    } else if (kind < 18) {
        from_storage(w, kind, &ev);
    } else {
        about_routing(w, kind, &ev);
    }
    bool about_link = kind < 8;
    if ((about_link && ev.link.v == 0) || usher_deadline(w->core) <= w->now.mono_ms) {
        return;
    }
    usher_stats_get(w->core, &before);
    int rv = ush_world_step(w, &ev, USH_NONE);
    usher_stats_get(w->core, &after);
    before.steps = after.steps;
    if (rv == 0 || memcmp(&before, &after, sizeof before) != 0) {
        ush_fail(w, "G10: nonsense of kind %u was answered %d, or left a trace", kind, rv);
    }
}
