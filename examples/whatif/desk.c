/* desk.c - steps the core and does at once what it asks for.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN UINT64_C(1000) /* of the core's clock, so that it is never 0 */
#define WALL INT64_C(1790000000000)
#define VISITORS (UINT64_C(1) << 32) /* links of visitors, from here on */
#define CLASSES 4096                 /* different needs: kinds, by the queues they come to */
#define FOR_EVER UINT32_MAX          /* ms, about 49 days */

static struct usher_now now_of(const struct sim_desk *d)
{
    uint64_t ms = (uint64_t) floor(d->now);

    return (struct usher_now){BEGIN + ms, WALL + (int64_t) ms};
}

static void step_one(struct sim_desk *d, const struct usher_event *ev)
{
    int rv = usher_step(d->core, now_of(d), ev);

    d->steps++;
    if (rv != 0 && d->failed == 0) {
        d->failed = rv;
    }
}

static void take_batch(struct sim_desk *d, const struct usher_batch *batch)
{
    struct usher_event ev = {.type = USHER_EV_PERSISTED};

    for (size_t i = 0; i < batch->n; i++) {
        d->on_fact(d->ctx, &batch->facts[i]);
    }
    d->facts += batch->n;
    ev.as.persisted.upto = batch->first + batch->n - 1;
    step_one(d, &ev);
}

/* An agent who takes a session that has waited for long is told its log from the start, and the
 * core asks for what it has at hand no longer. Nobody reads it here, so blank facts will do. */
static void take_fetch(struct sim_desk *d, const struct usher_fetch *fetch)
{
    struct usher_fact facts[USHER_HISTORY_MAX];
    struct usher_event ev = {.type = USHER_EV_FETCHED};
    uint64_t n = fetch->before - fetch->after - 1;

    n = n < fetch->facts_max ? n : fetch->facts_max;
    n = n < USHER_HISTORY_MAX ? n : USHER_HISTORY_MAX;
    memset(facts, 0, sizeof facts);
    for (uint64_t i = 0; i < n; i++) {
        facts[i].type = USHER_FACT_SAID;
        facts[i].log = fetch->log;
        facts[i].session = fetch->session;
        facts[i].index = fetch->after + 1 + i;
    }
    ev.as.fetched.ticket = fetch->ticket;
    ev.as.fetched.facts = facts;
    ev.as.fetched.n = (size_t) n;
    step_one(d, &ev);
}

static void step(struct sim_desk *d, const struct usher_event *ev)
{
    step_one(d, ev);
    const struct usher_effect *fx = usher_take(d->core);
    while (fx != NULL && d->failed == 0) {
        if (fx->type == USHER_DO_PERSIST) {
            take_batch(d, &fx->as.persist);
        } else if (fx->type == USHER_DO_FETCH) {
            struct usher_fetch fetch = fx->as.fetch;
            take_fetch(d, &fetch);
        } else if (fx->type == USHER_DO_NOTE && fx->as.note.type == USHER_NOTE_REFUSED) {
            d->refused = fx->as.note.as.refused.why;
        } else if (fx->type != USHER_DO_FACT && fx->type != USHER_DO_NOTE) {
            d->failed = USHER_ESTATE; /* a link is dropped: that cannot be */
        }
        d->told++;
        fx = usher_take(d->core);
    }
}

/* Nobody's link ever breaks here, and nobody looks at a place in line: these timers stay out of
 * the way. A closed session is forgotten at once. */
int sim_desk_new(struct sim_desk *d, const struct sim_scenario *s, uint32_t slots, uint64_t seed)
{
    struct usher_config cfg;
    struct sim_random random;
    struct usher_event ev = {.type = USHER_EV_LOADED};

    usher_config_init(&cfg);
    cfg.limits.links = slots + s->n_agents;
    cfg.limits.sessions = 2 * slots;
    cfg.limits.agents = s->n_agents > 0 ? s->n_agents : 1;
    cfg.limits.queues = (uint32_t) s->n_queues;
    cfg.limits.skills = s->n_skills + 1;
    cfg.limits.classes = CLASSES;
    cfg.limits.keys = 1;
    cfg.limits.answers = 1024;
    cfg.limits.capacity_max = s->capacity_max;
    cfg.limits.boards = 1;
    cfg.limits.links_visitor = cfg.limits.links_agent = 1;
    cfg.limits.body_max = 16;
    cfg.limits.batch_facts = 64 + 4 * cfg.limits.capacity_max;
    cfg.limits.batch_bytes = 65536;
    cfg.limits.recent_bytes = 262144;
    cfg.place_ms = cfg.agent_grace_ms = cfg.visitor_active_ms = cfg.visitor_waiting_ms = FOR_EVER;
    cfg.missed_max = s->missed_max;
    cfg.active_max = s->active_max;
    cfg.window_ms = (uint64_t) s->window;
    sim_random_init(&random, seed, SIM_FOR_CORE, 0, 0);
    for (size_t i = 0; i < sizeof cfg.seed; i++) {
        cfg.seed[i] = (uint8_t) sim_random_next(&random);
    }
    d->s = s;
    d->here = calloc(slots, sizeof *d->here);
    int rv = d->here != NULL ? usher_new(&d->core, &cfg) : USHER_ENOMEM;
    if (rv != 0) {
        return rv;
    }
    ev.as.loaded.epoch = 1;
    step(d, &ev);
    return d->failed;
}

void sim_desk_done(struct sim_desk *d)
{
    usher_free(d->core);
    free(d->here);
    d->core = NULL;
    d->here = NULL;
}

void sim_desk_queue(struct sim_desk *d, const struct usher_queue_set *set)
{
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};

    ev.as.queue_set = *set;
    ev.as.queue_set.reopen_ms = 1;
    step(d, &ev);
}

static struct usher_agent_id agent_id(uint32_t agent)
{
    struct usher_agent_id id = {{0}};

    snprintf(id.s, sizeof id.s, "a%08x", (unsigned) agent);
    return id;
}

uint32_t sim_desk_agent_of(const struct usher_agent_id *id)
{
    uint32_t agent = 0;

    for (int i = 1; i <= 8; i++) {
        char c = id->s[i];
        agent = agent << 4 | (uint32_t) (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return agent;
}

static struct usher_link_id agent_link(uint32_t agent)
{
    return (struct usher_link_id){1 + (uint64_t) agent};
}

void sim_desk_agent(struct sim_desk *d, uint32_t agent, const struct sim_group *g)
{
    struct usher_event ev = {.type = USHER_EV_AGENT_SET};

    ev.as.agent_set = (struct usher_agent_set){.agent = agent_id(agent),
                                               .queues = g->queues,
                                               .n_queues = g->n_queues,
                                               .tiers = g->tiers,
                                               .skills = g->skills,
                                               .n_skills = g->n_skills,
                                               .weight = g->weight,
                                               .capacity = g->capacity};
    step(d, &ev);
    ev = (struct usher_event){.type = USHER_EV_LINK_UP, .link = agent_link(agent)};
    step(d, &ev);
    ev = (struct usher_event){.type = USHER_EV_SIGN_IN_AGENT, .link = agent_link(agent)};
    ev.as.agent.agent = agent_id(agent);
    step(d, &ev);
}

void sim_desk_ready(struct sim_desk *d, uint32_t agent, bool on)
{
    struct usher_event ev = {.type = USHER_EV_READY, .link = agent_link(agent)};

    ev.as.ready.on = on;
    step(d, &ev);
}

/* The slot stands in front, the session's number behind it. */
static struct usher_session_id session_id(uint32_t slot, uint64_t number)
{
    struct usher_session_id id = {{0}};

    memcpy(id.b, &slot, sizeof slot);
    memcpy(id.b + 8, &number, sizeof number);
    return id;
}

uint32_t sim_desk_slot_of(const struct usher_session_id *id, uint64_t *number)
{
    uint32_t slot = 0;

    memcpy(&slot, id->b, sizeof slot);
    memcpy(number, id->b + 8, sizeof *number);
    return slot;
}

static struct usher_link_id visitor_link(uint32_t slot)
{
    return (struct usher_link_id){VISITORS + slot};
}

static void bring_visitor(struct sim_desk *d, uint32_t slot)
{
    struct usher_event ev = {.type = USHER_EV_LINK_UP, .link = visitor_link(slot)};
    uint32_t person = slot + 1;

    step(d, &ev);
    ev = (struct usher_event){.type = USHER_EV_SIGN_IN_VISITOR, .link = visitor_link(slot)};
    memcpy(ev.as.visitor.visitor.b, &person, sizeof person);
    memcpy(ev.as.visitor.token_hash, &person, sizeof person);
    step(d, &ev);
    d->here[slot] = true;
}

void sim_desk_start(struct sim_desk *d, uint32_t slot, uint64_t number, uint32_t kind)
{
    struct usher_event ev = {.type = USHER_EV_START, .link = visitor_link(slot)};
    const struct sim_kind *k = &d->s->kinds[kind];

    if (!d->here[slot]) {
        bring_visitor(d, slot);
    }
    ev.session = session_id(slot, number);
    ev.as.start.queue = d->s->queues[k->queue].set.queue;
    ev.as.start.needs = k->needs;
    ev.as.start.n_needs = k->n_needs;
    ev.as.start.priority = k->priority;
    ev.as.start.body = (struct usher_span){".", 1};
    d->refused = USHER_WHY_NONE;
    step(d, &ev);
}

static void close_by(struct sim_desk *d, struct usher_link_id link, uint32_t slot, uint64_t number)
{
    struct usher_event ev = {.type = USHER_EV_CLOSE, .link = link};

    ev.session = session_id(slot, number);
    step(d, &ev);
}

void sim_desk_leave(struct sim_desk *d, uint32_t slot, uint64_t number)
{
    close_by(d, visitor_link(slot), slot, number);
}

void sim_desk_finish(struct sim_desk *d, uint32_t slot, uint64_t number, uint32_t agent)
{
    close_by(d, agent_link(agent), slot, number);
}

void sim_desk_move(struct sim_desk *d, uint32_t slot, uint64_t number, uint32_t agent,
                   const struct usher_queue_id *queue)
{
    struct usher_event ev = {.type = USHER_EV_MOVE, .link = agent_link(agent)};

    ev.session = session_id(slot, number);
    ev.as.move.queue = *queue;
    d->refused = USHER_WHY_NONE;
    step(d, &ev);
}

void sim_desk_answer(struct sim_desk *d, uint32_t agent, uint64_t offer, bool accept)
{
    struct usher_event ev = {.type = accept ? USHER_EV_ACCEPT : USHER_EV_DECLINE,
                             .link = agent_link(agent)};

    ev.as.answer.offer = offer;
    step(d, &ev);
}

bool sim_desk_wait(const struct sim_desk *d, uint32_t slot, uint64_t number, struct usher_wait *out)
{
    struct usher_session_id id = session_id(slot, number);

    return usher_wait(d->core, &id, out) == 0;
}

void sim_desk_tick(struct sim_desk *d)
{
    struct usher_event ev = {.type = USHER_EV_TICK};

    step(d, &ev);
}

double sim_desk_deadline(const struct sim_desk *d)
{
    uint64_t at = usher_deadline(d->core);

    if (at == USHER_NEVER) {
        return SIM_NEVER;
    }
    double ms = at > BEGIN ? (double) (at - BEGIN) : 0;
    return ms > d->now ? ms : d->now;
}
