/* trouble.c - what happens next, by chance: small limits, odd times, cuts, failures, crashes.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "world.h"

static uint32_t between(struct ush_world *w, uint32_t low, uint32_t high)
{
    return ush_rand_between(&w->rand, low, high);
}

/* Mostly this, now and then much of it. */
static uint32_t some(struct ush_world *w, uint32_t often, uint32_t seldom)
{
    return between(w, 0, 9) < 8 ? between(w, 0, often) : between(w, 0, seldom);
}

/* Small, so that every table gets full; and other ones after a restart. */
void ush_trouble_limits(struct ush_world *w)
{
    struct usher_limits *l = &w->cfg.limits;
    bool wide = between(w, 0, 3) == 0;
    l->links = between(w, 5, wide ? 60 : 30);
    l->sessions = between(w, 3, wide ? 200 : 24);
    l->agents = between(w, w->picture.n_agents, USH_AGENTS_MAX);
    l->queues = between(w, w->picture.n_queues, USH_QUEUES_MAX);
    l->keys = between(w, 4, wide ? 4000 : 100);
    l->answers = between(w, 8, wide ? 4000 : 300);
    l->capacity_max = 6;
    l->links_visitor = between(w, 1, 3);
    l->links_agent = between(w, 1, 3);
    l->batch_facts = between(w, 16, wide ? 200 : 30);
    l->body_max = l->body_max > 0 ? l->body_max : between(w, 64, USH_BODY_MAX); /* stays */
    l->batch_bytes = 4 * (l->body_max + 2048) + between(w, 0, 8000);
    l->recent_bytes = 8192;
    while (usher_footprint(&w->cfg) == 0) {
        l->recent_bytes += 1024;
    }
    l->recent_bytes += wide ? 100000 : 0;
}

static void draw_odds(struct ush_world *w)
{
    w->odds = (struct ush_odds){.think = between(w, 1500, 4000),
                                .connect = between(w, 500, 9000),
                                .send_up = between(w, 1500, 4000),
                                .send_down = between(w, 1500, 4000),
                                .save = some(w, 3000, 200) + 50,
                                .read = between(w, 50, 1500),
                                .time = between(w, 100, 1200),
                                .hurry = between(w, 0, 2) == 0 ? 4000 : 400,
                                .lazy = between(w, 0, 3) == 0 ? between(w, 0, 9000) : 0,
                                .cut = some(w, 30, 300),
                                .fault = some(w, 60, 400),
                                .haunt = some(w, 600, 100),
                                .garble = some(w, 100, 500),
                                .twice = some(w, 100, 1000),
                                .stall = some(w, 30, 300),
                                .clear = some(w, 200, 400),
                                .crash = some(w, 12, 100),
                                .go_back = between(w, 0, 4) == 0 ? 10 : 0,
                                .configure = some(w, 20, 100),
                                .nonsense = between(w, 0, 100),
                                .save_fails = some(w, 500, 6000),
                                .reply_lost = some(w, 300, 3000),
                                .read_fails = some(w, 300, 3000),
                                .unkeyed = some(w, 1500, 6000),
                                .reuse = some(w, 200, 1000),
                                .flood = between(w, 0, 9) == 0 ? 5000 : 0,
                                .patience = some(w, 3000, 9900)};
    if (w->odds.lazy > 0) {
        w->odds.flood = 0; /* which step dropped a link must be known */
    }
}

static void draw_wishes(struct ush_world *w)
{
    for (uint32_t q = 0; q < w->picture.n_queues; q++) {
        w->wish.queues[q].offer_ms = between(w, 0, 3) == 0 ? 0 : between(w, 200, 8000);
        w->wish.queues[q].waiting_max = between(w, 0, 2) == 0 ? 0 : between(w, 1, 12);
        const uint32_t long_ones[] = {0, 300000000};
        w->wish.queues[q].reopen_ms =
            between(w, 0, 2) == 0 ? long_ones[between(w, 0, 1)] : between(w, 500, 200000);
        ush_shop_queue(w, q);
    }
    for (uint32_t a = 0; a < w->picture.n_agents; a++) {
        w->wish.agents[a].queues = between(w, 1, ((uint32_t) 1 << w->picture.n_queues) - 1);
        w->wish.agents[a].capacity = between(w, 0, 6);
        ush_shop_agent(w, a);
    }
}

static void draw_people(struct ush_world *w)
{
    char id[8];
    uint32_t n_queues = between(w, 1, 3);
    uint32_t n_agents = between(w, 1, 5);
    uint32_t n_visitors = between(w, 2, 9);
    for (uint32_t i = 0; i < n_queues; i++) {
        snprintf(id, sizeof id, "q%u", i % 10);
        ush_world_add_queue(w, id);
    }
    for (uint32_t i = 0; i < n_agents; i++) {
        snprintf(id, sizeof id, "a%u", i % 10);
        ush_world_add_person(w, USHER_AGENT, ush_world_add_agent(w, id));
    }
    for (uint32_t i = 0; i < n_visitors; i++) {
        ush_world_add_person(w, USHER_VISITOR, USH_NONE);
    }
    for (uint32_t i = 0; i < n_agents + n_visitors; i++) {
        for (uint32_t n = between(w, 0, 5) == 0 ? 3 : between(w, 1, 2); n > 0; n--) {
            ush_world_add_device(w, i);
        }
    }
}

void ush_trouble_draw(struct ush_world *w)
{
    w->rich = between(w, 0, 3) > 0;
    draw_people(w);
    draw_odds(w);
    draw_wishes(w);
    ush_rand_fill(&w->rand, w->cfg.seed, sizeof w->cfg.seed);
    w->cfg.agent_grace_ms = between(w, 500, 60000);
    w->cfg.visitor_waiting_ms = between(w, 500, 120000);
    w->cfg.visitor_active_ms = between(w, 500, 300000);
    w->cfg.missed_max = between(w, 1, 3);
    w->cfg.place_ms = between(w, 50, 15000);
    w->cfg.board_ms = between(w, 1, 3000);
    w->cfg.active_max = w->rich && between(w, 0, 4) == 0 ? between(w, 1, 8) : 0;
    w->cfg.window_ms = between(w, 0, 1) == 0 ? 0 : between(w, 1000, 200000);
    w->cfg.limits.boards = USH_BOARDS;
    w->now.mono_ms = between(w, 0, 2) == 0 ? between(w, 0, 5000) : between(w, 0, 100000000);
    ush_trouble_limits(w);
}

static uint32_t some_device(struct ush_world *w)
{
    return between(w, 0, (uint32_t) w->n_devices - 1);
}

/* Some device's link, or 0. */
static uint64_t some_link(struct ush_world *w)
{
    uint32_t first = some_device(w);
    for (uint32_t i = 0; i < w->n_devices; i++) {
        const struct ush_device *d = &w->devices[(first + i) % w->n_devices];
        if (d->link != 0) {
            return d->link;
        }
    }
    return 0;
}

static void think(struct ush_world *w)
{
    uint32_t device = some_device(w);
    if (w->devices[device].link != 0 || w->devices[device].deaf) {
        ush_mind(w, device);
    } else if (w->devices[device].back_at <= w->now.mono_ms &&
               ush_rand_odds(&w->rand, w->odds.connect)) {
        ush_sim_link_connect(w, device);
    }
}

static void send_up(struct ush_world *w)
{
    uint64_t link = some_link(w);
    if (link != 0) {
        ush_sim_link_up_one(w, link);
    }
}

static void send_down(struct ush_world *w)
{
    uint64_t link = some_link(w);
    uint32_t n = between(w, 1, 12);
    bool more = link != 0;
    for (; more && n > 0; n--) {
        more = ush_sim_link_down_one(w, link);
    }
    if (link != 0 && !more && (w->links[link].dropped || w->links[link].broken)) {
        ush_sim_link_cut(w, link);
    }
}

static void read_store(struct ush_world *w)
{
    bool fails = ush_rand_odds(&w->rand, w->odds.read_fails);
    uint64_t link = some_link(w);
    if (w->saving.fetch_out && between(w, 0, 1) == 0) {
        ush_save_fetch(w, fails);
        ush_world_drain(w); /* it may drop a link */
    } else if (link != 0 && w->links[link].find_out) {
        ush_save_find(w, link, fails);
    } else if (link != 0 && w->links[link].at == USH_LINK_ASKED) {
        ush_sim_link_looked_up(w, link, fails);
    }
}

static uint64_t step_of_time(struct ush_world *w)
{
    uint64_t deadline = usher_deadline(w->core);
    uint64_t left =
        deadline == USHER_NEVER || deadline <= w->now.mono_ms ? 0 : deadline - w->now.mono_ms;
    if (left > 0 && left < 400000 && between(w, 0, 9999) < w->odds.hurry + 500) {
        return between(w, 0, 5) == 0 ? left - 1 : left;
    }
    if (ush_rand_odds(&w->rand, w->odds.hurry)) {
        return between(w, 0, between(w, 0, 4) == 0 ? 30000 : 3000);
    }
    return between(w, 0, 40);
}

static void pass_time(struct ush_world *w)
{
    uint64_t ms = step_of_time(w);
    w->now.mono_ms += ms;
    w->now.wall_ms += (int64_t) ms;
    if (usher_deadline(w->core) <= w->now.mono_ms && between(w, 0, 9) < 8) {
        ush_world_tick(w);
        ush_world_drain(w);
        /* G8: ticks bring the deadline into the future. */
        for (int i = 0; i < 500 && usher_deadline(w->core) <= w->now.mono_ms; i++) {
            ush_world_tick(w);
            ush_world_drain(w);
        }
        if (!ush_failed(w) && usher_deadline(w->core) <= w->now.mono_ms) {
            ush_fail(w, "G8: the deadline stays in the past");
        }
    }
    for (uint32_t i = 0; i < w->n_devices; i++) {
        ush_client_retry(w, i);
    }
}

static void clear(struct ush_world *w)
{
    uint64_t link = some_link(w);
    struct usher_event ev = {.type = USHER_EV_LINK_CLEAR, .link = {link}};
    if (link != 0 && w->links[link].full) {
        w->links[link].full = false;
        if (ush_world_step(w, &ev, USH_NONE) != 0) {
            ush_fail(w, "that a link has room again was refused");
        }
    }
}

static void configure(struct ush_world *w)
{
    uint32_t queue = between(w, 0, w->picture.n_queues - 1);
    uint32_t agent = between(w, 0, w->picture.n_agents - 1);
    uint32_t dice = between(w, 0, 3);
    if (dice < 2 && w->picture.queues[queue].set) {
        w->wish.queues[queue].open = !w->wish.queues[queue].open || between(w, 0, 2) > 0;
        w->wish.queues[queue].offer_ms = between(w, 200, 8000);
        if (between(w, 0, 3) == 0) {
            ush_shop_queue(w, queue);
        }
        ush_world_queue_set(w, queue);
    } else if (dice >= 2 && w->picture.agents[agent].set) {
        w->wish.agents[agent].queues = between(w, 0, ((uint32_t) 1 << w->picture.n_queues) - 1);
        w->wish.agents[agent].capacity = between(w, 0, 6);
        if (between(w, 0, 1) == 0) {
            ush_shop_agent(w, agent);
        }
        ush_world_agent_set(w, agent);
    }
}

/* The desk goes down, and comes up later: on this machine or after its restart, with the limits
 * and the people of a configuration that may have changed. */
static void crash(struct ush_world *w, bool go_back)
{
    ush_world_crash(w, between(w, 0, 1) == 0);
    if (go_back && w->store.n > 0) {
        ush_store_go_back(&w->store, w->store.n - between(w, 0, (uint32_t) w->store.n / 2));
        w->durable = w->store.n;
        if (between(w, 0, 1) == 0) {
            w->store.epoch = ush_rand_next(&w->rand) | 1;
            w->other_epoch = true;
        }
        ush_answer_crashed(w);
    }
    uint32_t away = between(w, 0, 30) == 0 ? between(w, 0, 400000000) : some(w, 3000, 200000);
    w->now.mono_ms = between(w, 0, 3) == 0 ? between(w, 0, 5000) : w->now.mono_ms + away;
    w->now.wall_ms += between(w, 0, 9) == 0 ? -(int64_t) between(w, 0, 5000) : (int64_t) away;
    if (between(w, 0, 2) == 0) {
        ush_trouble_limits(w);
    }
    for (uint32_t a = 0; a < w->picture.n_agents; a++) {
        w->wish.agents[a].gone = between(w, 0, 30) == 0;
    }
    for (uint32_t q = 0; q < w->picture.n_queues; q++) {
        w->wish.queues[q].gone = between(w, 0, 40) == 0;
    }
    (void) ush_world_start(w);
}

static void cut(struct ush_world *w)
{
    uint64_t link = some_link(w);
    if (link != 0) {
        ush_sim_link_cut(w, link);
    }
}

/* One move of the world. */
void ush_trouble_move(struct ush_world *w)
{
    const struct ush_odds *o = &w->odds;
    const uint32_t odds[] = {o->think,     o->send_up,  o->send_down, o->save,  o->read,
                             o->time,      o->cut,      o->clear,     o->crash, o->go_back,
                             o->configure, o->nonsense, o->fault,     o->haunt};
    uint32_t sum = 0;
    for (size_t i = 0; i < sizeof odds / sizeof *odds; i++) {
        sum += odds[i];
    }
    uint32_t dice = between(w, 0, sum - 1);
    size_t move = 0;
    while (dice >= odds[move]) {
        dice -= odds[move++];
    }
    switch (move) {
    case 0:
        think(w);
        break;
    case 1:
        send_up(w);
        break;
    case 2:
        send_down(w);
        break;
    case 3:
        if (w->saving.out) {
            ush_save_try(w);
        }
        break;
    case 4:
        read_store(w);
        break;
    case 5:
        pass_time(w);
        break;
    case 6:
        cut(w);
        break;
    case 7:
        clear(w);
        break;
    case 8:
        crash(w, false);
        break;
    case 9:
        crash(w, true);
        break;
    case 10:
        configure(w);
        break;
    case 11:
        ush_nonsense(w);
        break;
    case 12:
        ush_fault_move(w);
        break;
    default:
        ush_fault_go_on(w);
        break;
    }
    if (!ush_failed(w) && !ush_rand_odds(&w->rand, o->lazy)) {
        ush_world_drain(w);
    }
}
