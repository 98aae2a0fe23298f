/* core_hall.c - drives a core with many agents and visitors, and keeps what it makes durable.
 * SPDX-License-Identifier: MIT */
#include "core_hall.h"

static const char *const names[HALL_AGENTS] = {"ann", "bea", "cyd", "dan",
                                               "eve", "fay", "gil", "hal"};

const char *hall_name(int agent)
{
    return agent >= 0 && agent < HALL_AGENTS ? names[agent] : "nobody";
}

static struct usher_agent_id agent_id(int agent)
{
    struct usher_agent_id id = {{0}};
    strcpy(id.s, hall_name(agent));
    return id;
}

struct usher_session_id hall_session_id(int s)
{
    struct usher_session_id id = {{0}};
    id.b[0] = 9;
    id.b[1] = (uint8_t) (s >> 8);
    id.b[2] = (uint8_t) s;
    return id;
}

static void load_all(struct hall *h)
{
    struct usher_event ev = {.type = USHER_EV_LOADED};
    ev.as.loaded.facts = h->facts;
    ev.as.loaded.n = h->n_facts;
    ev.as.loaded.epoch = 1;
    ev.as.loaded.seq = h->n_facts;
    hall_step(h, &ev);
    h->loaded = true;
}

struct hall *hall_open(const struct usher_config *cfg)
{
    struct hall *h = calloc(1, sizeof *h);
    assert_non_null(h);
    h->sessions = calloc(HALL_SESSIONS, sizeof *h->sessions);
    h->who = calloc(HALL_LINKS, sizeof *h->who);
    h->room = 1024;
    h->facts = calloc(h->room, sizeof *h->facts);
    assert_true(h->sessions != NULL && h->who != NULL && h->facts != NULL);
    h->cfg.size = sizeof h->cfg;
    if (cfg != NULL) {
        h->cfg = *cfg;
    } else {
        usher_config_init(&h->cfg);
    }
    if (h->cfg.limits.sessions == 0) {
        h->cfg.limits = (struct usher_limits){
            .links = 256, .sessions = HALL_SESSIONS, .agents = HALL_AGENTS, .keys = 256};
    }
    h->now = (struct usher_now){.mono_ms = 0, .wall_ms = HALL_AT};
    assert_int_equal(usher_new(&h->desk, &h->cfg), 0);
    load_all(h);
    return h;
}

void hall_close(struct hall *h)
{
    for (size_t i = 0; i < h->n_facts; i++) {
        free((void *) (uintptr_t) h->facts[i].key.base); /* one block for all texts of a fact */
    }
    usher_free(h->desk);
    free(h->facts);
    free(h->sessions);
    free(h->who);
    free(h);
}

void hall_pass(struct hall *h, uint64_t ms)
{
    uint64_t end = h->now.mono_ms + ms;
    struct usher_event tick = {.type = USHER_EV_TICK};
    while (h->now.mono_ms < end) {
        uint64_t due = usher_deadline(h->desk);
        assert_true(due > h->now.mono_ms); /* never in the past */
        uint64_t next = due < end ? due : end;
        h->now.wall_ms += (int64_t) (next - h->now.mono_ms);
        h->now.mono_ms = next;
        hall_step(h, &tick);
    }
}

static void sign_out(struct hall *h, uint64_t link)
{
    struct usher_event down = {.type = USHER_EV_LINK_DOWN, .link = {link}};
    hall_step(h, &down);
}

static uint64_t link_up(struct hall *h, int who)
{
    uint64_t link = ++h->n_links;
    assert_true(link < HALL_LINKS);
    h->who[link] = who;
    struct usher_event up = {.type = USHER_EV_LINK_UP, .link = {link}};
    hall_step(h, &up);
    return link;
}

void hall_come(struct hall *h, int agent)
{
    struct usher_event in = {.type = USHER_EV_SIGN_IN_AGENT};
    in.link.v = h->agents[agent].link = link_up(h, agent);
    in.as.agent.agent = agent_id(agent);
    in.as.agent.same_epoch = true;
    hall_step(h, &in);
}

void hall_leave(struct hall *h, int agent)
{
    uint64_t link = h->agents[agent].link;
    h->agents[agent].link = 0;
    sign_out(h, link);
}

void hall_visitor_comes(struct hall *h, int s)
{
    struct usher_event in = {.type = USHER_EV_SIGN_IN_VISITOR};
    in.link.v = h->sessions[s].link = link_up(h, HALL_AGENTS + s);
    memcpy(in.as.visitor.visitor.b, hall_session_id(s).b, 16);
    memcpy(in.as.visitor.token_hash, hall_session_id(s).b, 16);
    in.as.visitor.past = h->sessions[s].state != USHER_STATE_NONE;
    in.as.visitor.same_epoch = true;
    hall_step(h, &in);
}

void hall_visitor_leaves(struct hall *h, int s)
{
    uint64_t link = h->sessions[s].link;
    h->sessions[s].link = 0;
    sign_out(h, link);
}

void hall_restart(struct hall *h)
{
    usher_free(h->desk);
    h->desk = NULL;
    h->loaded = false;
    assert_int_equal(usher_new(&h->desk, &h->cfg), 0);
    for (int i = 0; i < HALL_AGENTS; i++) {
        h->agents[i].link = 0;
    }
    for (int i = 0; i < HALL_SESSIONS; i++) {
        h->sessions[i].link = 0;
        h->sessions[i].place = 0;
    }
    for (unsigned i = 0; i < 2 * h->n_queues; i++) {
        struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
        ev.as.queue_set = h->queues[i % h->n_queues];
        if (i < h->n_queues) {
            ev.as.queue_set.n_steps = 0; /* all queues are there before steps name them */
        }
        hall_step(h, &ev);
    }
    for (int i = 0; i < HALL_AGENTS; i++) {
        struct usher_event ev = {.type = USHER_EV_AGENT_SET};
        ev.as.agent_set = h->sets[i];
        if (h->sets[i].agent.s[0] != 0) {
            hall_step(h, &ev);
        }
    }
    load_all(h);
}

void hall_restart_all(struct hall *h)
{
    bool was[HALL_AGENTS + HALL_SESSIONS];
    for (int i = 0; i < HALL_AGENTS + HALL_SESSIONS; i++) {
        was[i] = (i < HALL_AGENTS ? h->agents[i].link : h->sessions[i - HALL_AGENTS].link) != 0;
    }
    hall_restart(h);
    for (int i = 0; i < HALL_AGENTS + HALL_SESSIONS; i++) {
        if (was[i] && i < HALL_AGENTS) {
            hall_come(h, i);
        } else if (was[i]) {
            hall_visitor_comes(h, i - HALL_AGENTS);
        }
    }
}

void hall_queue(struct hall *h, struct usher_queue_set set)
{
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
    unsigned i = 0;
    while (i < h->n_queues && strcmp(h->queues[i].queue.s, set.queue.s) != 0) {
        i++;
    }
    assert_true(i < 8);
    h->n_queues += i == h->n_queues;
    h->queues[i] = set;
    ev.as.queue_set = set;
    hall_step(h, &ev);
}

void hall_agent(struct hall *h, int agent, struct usher_agent_set set)
{
    struct usher_event ev = {.type = USHER_EV_AGENT_SET};
    set.agent = agent_id(agent);
    h->sets[agent] = set;
    ev.as.agent_set = set;
    hall_step(h, &ev);
}

void hall_hire(struct hall *h, int agent, const char *queue, uint32_t capacity)
{
    /* What the hall keeps for a restart points to the queue's own id. */
    for (unsigned i = 0; i < h->n_queues; i++) {
        if (strcmp(h->queues[i].queue.s, queue) == 0) {
            hall_agent(h, agent,
                       (struct usher_agent_set){
                           .queues = &h->queues[i].queue, .n_queues = 1, .capacity = capacity});
        }
    }
    assert_int_equal(h->sets[agent].n_queues, 1);
    hall_come(h, agent);
    hall_ready(h, agent, true);
}

static struct usher_event by_agent(const struct hall *h, enum usher_event_type type, int agent)
{
    return (struct usher_event){.type = type, .link = {h->agents[agent].link}};
}

static struct usher_event by_visitor(const struct hall *h, enum usher_event_type type, int s)
{
    return (struct usher_event){
        .type = type, .link = {h->sessions[s].link}, .session = hall_session_id(s)};
}

void hall_ready(struct hall *h, int agent, bool on)
{
    struct usher_event ev = by_agent(h, USHER_EV_READY, agent);
    ev.as.ready.on = on;
    hall_step(h, &ev);
}

void hall_need(struct hall *h, int s, const char *queue, uint32_t priority,
               const struct usher_skill *needs, size_t n)
{
    if (h->sessions[s].link == 0) {
        hall_visitor_comes(h, s);
    }
    struct usher_event ev = by_visitor(h, USHER_EV_START, s);
    h->sessions[s].asked = priority;
    strcpy(ev.as.start.queue.s, queue);
    ev.as.start.body = (struct usher_span){"hello", 5};
    ev.as.start.priority = priority;
    ev.as.start.needs = needs;
    ev.as.start.n_needs = n;
    hall_step(h, &ev);
}

void hall_start(struct hall *h, int s, const char *queue, uint32_t priority)
{
    hall_need(h, s, queue, priority, NULL, 0);
}

void hall_end(struct hall *h, int s)
{
    struct usher_event ev = by_visitor(h, USHER_EV_CLOSE, s);
    hall_step(h, &ev);
}

void hall_reopen(struct hall *h, int s)
{
    struct usher_event ev = by_visitor(h, USHER_EV_REOPEN, s);
    hall_step(h, &ev);
}

void hall_answer(struct hall *h, int agent, uint64_t number, bool yes)
{
    struct usher_event ev = by_agent(h, yes ? USHER_EV_ACCEPT : USHER_EV_DECLINE, agent);
    ev.as.answer.offer = number;
    hall_step(h, &ev);
}

static uint64_t number_of(const struct hall *h, int agent, int s)
{
    for (unsigned i = 0; i < h->sessions[s].n_offers; i++) {
        if (h->sessions[s].offers[i].agent == agent) {
            return h->sessions[s].offers[i].number;
        }
    }
    return 0;
}

void hall_accept(struct hall *h, int agent, int s)
{
    uint64_t number = number_of(h, agent, s);
    assert_int_not_equal(number, 0);
    hall_answer(h, agent, number, true);
}

void hall_decline(struct hall *h, int agent, int s)
{
    uint64_t number = number_of(h, agent, s);
    assert_int_not_equal(number, 0);
    hall_answer(h, agent, number, false);
}

void hall_move(struct hall *h, int agent, int s, const char *queue, int to)
{
    struct usher_event ev = by_agent(h, USHER_EV_MOVE, agent);
    ev.session = hall_session_id(s);
    if (queue != NULL) {
        strcpy(ev.as.move.queue.s, queue);
    } else {
        ev.as.move.agent = agent_id(to);
    }
    hall_step(h, &ev);
}
