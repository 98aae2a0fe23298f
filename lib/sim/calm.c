/* calm.c - trouble stops, everybody comes back, time passes: then all must end well (G7).
 * SPDX-License-Identifier: MIT */
#include "world.h"

enum { ROUNDS_MAX = 6000, MOVES_MAX = 200000 };

static struct ush_command plain(uint32_t device, enum usher_event_type type)
{
    return (struct ush_command){.type = type,
                                .device = device,
                                .key = USH_NONE,
                                .session = USH_NONE,
                                .queue = USH_NONE,
                                .agent = USH_NONE};
}

static uint32_t live_links(const struct ush_world *w)
{
    uint32_t n = 0;
    for (size_t i = 0; i < w->n_devices; i++) {
        n += w->devices[i].link != 0;
    }
    return n;
}

/* One device of each person, as far as there is room; agents first, for they do the work. */
static void connect(struct ush_world *w)
{
    for (int agents = 1; agents >= 0; agents--) {
        for (uint32_t i = 0; i < w->n_devices && !ush_failed(w); i++) {
            const struct ush_device *d = &w->devices[i];
            bool agent = w->persons[d->person].kind == USHER_AGENT;
            bool second = i > 0 && w->devices[i - 1].person == d->person;
            if (agent == (agents == 1) && !second && d->link == 0 &&
                live_links(w) < w->cfg.limits.links) {
                ush_sim_link_connect(w, i);
                ush_world_drain(w);
            }
        }
    }
}

static void clear(struct ush_world *w, uint64_t link)
{
    struct usher_event ev = {.type = USHER_EV_LINK_CLEAR, .link = {link}};
    w->links[link].full = false;
    if (ush_world_step(w, &ev, USH_NONE) != 0) {
        ush_fail(w, "that a link has room again was refused");
    }
}

/* Everything that is on its way arrives. True: something moved. */
static bool deliver(struct ush_world *w)
{
    bool moved = false;
    for (uint32_t i = 0; i < w->n_devices && !ush_failed(w); i++) {
        uint64_t link = w->devices[i].link;
        if (link == 0) {
            continue;
        }
        while (ush_sim_link_down_one(w, link)) {
            moved = true;
        }
        if (w->links[link].dropped || w->links[link].broken) {
            ush_sim_link_cut(w, link);
            moved = true;
        } else if (w->links[link].full) {
            clear(w, link);
            moved = true;
        } else if (w->links[link].find_out) {
            ush_save_find(w, link, false);
            moved = true;
        } else if (w->links[link].at == USH_LINK_ASKED) {
            ush_sim_link_looked_up(w, link, false);
            moved = true;
        } else {
            moved = ush_sim_link_up_one(w, link) || moved;
        }
        ush_world_drain(w);
    }
    return moved;
}

static bool work_store(struct ush_world *w)
{
    bool moved = w->saving.out || w->saving.fetch_out;
    if (w->saving.out) {
        ush_save_try(w);
        ush_world_drain(w);
    }
    if (w->saving.fetch_out && !ush_failed(w)) {
        ush_save_fetch(w, false);
        ush_world_drain(w);
    }
    return moved;
}

/* An agent takes what he is offered, and brings to an end what he has. Without keys: their
 * table may be full, and he must be able to work nevertheless. */
static void serve(struct ush_world *w, uint32_t device)
{
    const struct ush_device *d = &w->devices[device];
    uint32_t agent = w->persons[d->person].who;
    if (!d->greeted) {
        return;
    }
    if (!d->ready) {
        struct ush_command c = plain(device, USHER_EV_READY);
        c.on = true;
        ush_client_want(w, &c, false);
    }
    for (uint32_t i = 0; i < d->n_offers; i++) {
        if (d->offers[i].live) {
            struct ush_command c = plain(device, USHER_EV_ACCEPT);
            c.number = d->offers[i].number;
            ush_client_want(w, &c, false);
        }
    }
    for (uint32_t i = 0; i < w->picture.n_sessions; i++) {
        const struct ush_pictured_session *s = &w->picture.sessions[i];
        if (s->state == USHER_STATE_ACTIVE && s->owner == agent) {
            struct ush_command c = plain(device, USHER_EV_CLOSE);
            c.session = i;
            ush_client_want(w, &c, false);
        }
    }
}

/* Does a session wait although somebody who serves its queue is there? */
static bool is_stranded(const struct ush_world *w)
{
    for (size_t i = 0; i < w->picture.n_sessions; i++) {
        const struct ush_pictured_session *s = &w->picture.sessions[i];
        for (uint32_t a = 0; s->state == USHER_STATE_WAITING && a < w->picture.n_agents; a++) {
            const struct ush_pictured_agent *agent = &w->picture.agents[a];
            if (agent->set && agent->presence.links > 0 &&
                ush_route_tier(&w->picture, a, s, w->now.mono_ms) != USH_NONE) {
                return true;
            }
        }
    }
    return false;
}

static bool has_unanswered(const struct ush_world *w)
{
    for (size_t i = 0; i < w->n_devices; i++) {
        if (w->devices[i].link != 0 && w->devices[i].n_outbox > 0) {
            return true;
        }
    }
    return false;
}

/* Nothing is on its way: let time pass until something is due, but not for ever. */
static void wait(struct ush_world *w)
{
    uint64_t deadline = usher_deadline(w->core);
    uint64_t now = w->now.mono_ms;
    uint64_t ms = deadline != USHER_NEVER && deadline > now && deadline - now < 5000
                      ? deadline - now
                  : deadline <= now ? 0
                                    : 1000;
    w->now.mono_ms += ms;
    w->now.wall_ms += (int64_t) ms;
    ush_world_tick(w);
    ush_world_drain(w);
    for (uint32_t i = 0; i < w->n_devices; i++) {
        ush_client_retry(w, i);
        if (w->persons[w->devices[i].person].kind == USHER_AGENT) {
            serve(w, i);
        }
    }
}

/* Everybody holds all of what is his. */
static void all_agree(struct ush_world *w)
{
    for (uint32_t i = 0; i < w->n_devices; i++) {
        const struct ush_device *d = &w->devices[i];
        bool visitor = w->persons[d->person].kind == USHER_VISITOR;
        for (size_t k = 0; d->link != 0 && d->greeted && k < d->n_held; k++) {
            const struct ush_held *h = &d->held[k];
            const struct ush_pictured_session *s = &w->picture.sessions[h->session];
            bool open = s->state != USHER_STATE_CLOSED && s->state != USHER_STATE_NONE;
            bool his =
                visitor ? open
                        : s->state == USHER_STATE_ACTIVE && s->owner == w->persons[d->person].who;
            if (his && (h->index[0] != s->head[0] || (!visitor && h->index[1] != s->head[1]))) {
                ush_fail(w, "G7: device %u lacks something of session %u in the end", i,
                         h->session);
            }
        }
    }
}

static uint32_t wrap_ups(const struct ush_world *w)
{
    uint32_t n = 0;
    for (uint32_t a = 0; a < w->picture.n_agents; a++) {
        n += w->picture.agents[a].n_wraps;
    }
    return n;
}

/* Boards are told now and then: until nothing has happened for so long. */
static void look_at_boards(struct ush_world *w)
{
    size_t facts;
    uint32_t wraps;
    int moves = 0;
    do {
        facts = w->store.n;
        wraps = wrap_ups(w);
        w->now.mono_ms += 2 * w->cfg.board_ms;
        w->now.wall_ms += 2 * (int64_t) w->cfg.board_ms;
        ush_world_tick(w);
        ush_world_drain(w);
        while (!ush_failed(w) && moves++ < MOVES_MAX && (deliver(w) || work_store(w))) {
        }
    } while (!ush_failed(w) && moves < MOVES_MAX &&
             (w->store.n != facts || wraps > 0 || w->judge.n_steps > 0));
    if (!ush_failed(w)) {
        ush_board_settled(w);
    }
}

void ush_calm(struct ush_world *w)
{
    w->calm = true;
    ush_world_drain(w);
    ush_fault_calm(w);
    for (uint32_t q = 0; q < w->picture.n_queues && !ush_failed(w); q++) {
        if (w->picture.queues[q].set) {
            w->wish.queues[q].open = true;
            w->wish.queues[q].offer_ms = 20000;
            ush_world_queue_set(w, q);
        }
    }
    for (uint32_t a = 0; a < w->picture.n_agents && !ush_failed(w); a++) {
        ush_world_agent_set(w, a); /* whoever was left out of the configuration is back */
    }
    int round = 0;
    int moves = 0;
    bool over = false;
    while (!over && !ush_failed(w) && round < ROUNDS_MAX && moves++ < MOVES_MAX) {
        connect(w);
        bool moved = deliver(w);
        moved = work_store(w) || moved;
        if (!moved && !ush_failed(w)) {
            wait(w);
            round++;
            over = !w->saving.out && w->judge.n_steps == 0 && round > 4 && !has_unanswered(w) &&
                   !is_stranded(w);
        }
    }
    while (!ush_failed(w) && moves++ < MOVES_MAX && (deliver(w) || work_store(w))) {
    }
    if (!ush_failed(w) && !over) {
        ush_fail(w, "G7: trouble stopped, and still %s",
                 is_stranded(w) ? "a session waits for whom there is an agent"
                                : "a command has no answer");
    }
    if (!ush_failed(w)) {
        ush_answer_settled(w);
        all_agree(w);
        look_at_boards(w);
    }
}
