/* world.c - the host around the core: steps, drains, starts and crashes, in virtual time.
 * SPDX-License-Identifier: MIT */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/check.h"

bool ush_failed(const struct ush_world *w)
{
    return w->why[0] != 0;
}

void ush_fail(struct ush_world *w, const char *format, ...)
{
    char text[400];
    va_list args;
    if (ush_failed(w)) {
        return; /* the first one is the cause */
    }
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(w->why, sizeof w->why, "step %llu, at %llu ms: %s", (unsigned long long) w->steps,
             (unsigned long long) w->now.mono_ms, text);
}

void ush_world_init(struct ush_world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->seed = seed;
    ush_rand_init(&w->rand, seed);
    usher_config_init(&w->cfg);
    w->now = (struct usher_now){1000, INT64_C(1790000000000)};
    ush_store_init(&w->store, ush_rand_next(&w->rand) | 1);
    w->links = ush_grow(NULL, 0, &w->links_room, sizeof *w->links);
    w->n_links = 1; /* id 0 is none */
}

void ush_world_done(struct ush_world *w)
{
    usher_free(w->core);
    for (size_t i = 0; i < w->n_links; i++) {
        ush_sim_link_free(&w->links[i]);
    }
    for (size_t i = 0; i < w->n_devices; i++) {
        free(w->devices[i].outbox);
        free(w->devices[i].held);
    }
    free(w->links);
    free(w->devices);
    free(w->persons);
    free(w->commands);
    free(w->keys);
    ush_store_done(&w->store);
    ush_picture_done(&w->picture);
    ush_judge_done(&w->judge);
}

uint32_t ush_world_add_queue(struct ush_world *w, const char *id)
{
    uint32_t at = w->picture.n_queues++;
    CHECK(at < USH_QUEUES_MAX);
    snprintf(w->picture.queues[at].id.s, sizeof w->picture.queues[at].id.s, "%s", id);
    w->wish.queues[at].open = true;
    return at;
}

uint32_t ush_world_add_agent(struct ush_world *w, const char *id)
{
    uint32_t at = w->picture.n_agents++;
    CHECK(at < USH_AGENTS_MAX);
    snprintf(w->picture.agents[at].id.s, sizeof w->picture.agents[at].id.s, "%s", id);
    return at;
}

uint32_t ush_world_add_person(struct ush_world *w, enum usher_kind kind, uint32_t who)
{
    w->persons = ush_grow(w->persons, w->n_persons, &w->persons_room, sizeof *w->persons);
    w->persons[w->n_persons] = (struct ush_person){.kind = kind, .who = who};
    return (uint32_t) w->n_persons++;
}

uint32_t ush_world_add_device(struct ush_world *w, uint32_t person)
{
    w->devices = ush_grow(w->devices, w->n_devices, &w->devices_room, sizeof *w->devices);
    w->devices[w->n_devices] = (struct ush_device){.person = person, .last_key = USH_NONE};
    return (uint32_t) w->n_devices++;
}

static void number(struct ush_world *w, uint8_t id[16], uint32_t n)
{
    ush_rand_fill(&w->rand, id, 16);
    for (int i = 0; i < 4; i++) {
        id[i] = (uint8_t) (n >> (8 * i));
    }
    id[15] |= 1; /* never all zero */
}

uint32_t ush_world_new_session(struct ush_world *w)
{
    struct ush_picture *p = &w->picture;
    uint32_t at = (uint32_t) p->n_sessions;
    p->sessions = ush_grow(p->sessions, at, &p->sessions_room, sizeof *p->sessions);
    p->sessions[at] = (struct ush_pictured_session){
        .visitor = USH_NONE, .queue = USH_NONE, .owner = USH_NONE, .held_for = USH_NONE};
    number(w, p->sessions[at].id.b, at);
    p->n_sessions++;
    return at;
}

uint32_t ush_world_new_visitor(struct ush_world *w, uint32_t person)
{
    struct ush_picture *p = &w->picture;
    uint32_t at = (uint32_t) p->n_visitors;
    p->visitors = ush_grow(p->visitors, at, &p->visitors_room, sizeof *p->visitors);
    p->visitors[at] = (struct ush_pictured_visitor){.person = person, .open = USH_NONE};
    number(w, p->visitors[at].id.b, at);
    ush_rand_fill(&w->rand, p->visitors[at].token_hash, sizeof p->visitors[at].token_hash);
    p->n_visitors++;
    return at;
}

int ush_world_step(struct ush_world *w, struct usher_event *ev, uint32_t command)
{
    struct usher_fault why;
    if (ev->type != USHER_EV_LOADED) {
        w->now.wall_ms++; /* so that a fact's time says in which step it was made */
    }
    w->steps++;
    w->stepped_ms = w->now.mono_ms;
    if (w->tape != NULL) {
        ush_tape_step(w->tape, w->now, ev);
    }
    int rv = usher_step(w->core, w->now, ev);
    w->hash = ush_mix(w->hash, (uint64_t) (rv + 1000));
    ush_judge_stepped(w, ev, command, rv);
    bool loading = ev->type == USHER_EV_LOADED && (ev->as.loaded.more || rv != 0);
    if (!loading && usher_audit(w->core, &why) != 0) {
        ush_fail(w, "audit: %s", why.text);
    }
    return rv;
}

static void find(struct ush_world *w, const struct usher_effect *fx)
{
    struct ush_sim_link *l = &w->links[fx->link.v];
    l->find_out = true;
    l->find_ticket = fx->as.find.ticket;
    l->find_by = fx->as.find.by;
    l->find_by.name.len = 0;
    l->find_key = ush_key_parse(fx->as.find.key);
}

static void act(struct ush_world *w, const struct usher_effect *fx)
{
    switch (fx->type) {
    case USHER_DO_FACT:
    case USHER_DO_NOTE:
    case USHER_DO_DROP:
        ush_sim_link_effect(w, fx);
        break;
    case USHER_DO_PERSIST:
        ush_save_begin(w, &fx->as.persist);
        break;
    case USHER_DO_FETCH:
        w->saving.fetch_out = true;
        w->saving.fetch = fx->as.fetch;
        break;
    case USHER_DO_FIND:
        find(w, fx);
        break;
    }
}

void ush_world_drain(struct ush_world *w)
{
    const struct usher_effect *fx;
    do {
        fx = usher_take(w->core);
        if (w->tape != NULL) {
            ush_tape_take(w->tape, fx);
        }
        if (fx != NULL) {
            w->hash = ush_effect_hash(w->hash, fx);
            ush_judge_effect(w, fx);
            if (!ush_failed(w)) {
                act(w, fx);
            }
        }
    } while (fx != NULL && !ush_failed(w));
    ush_judge_drained(w);
}

void ush_world_tick(struct ush_world *w)
{
    struct usher_event ev = {.type = USHER_EV_TICK};
    if (ush_world_step(w, &ev, USH_NONE) != 0) {
        ush_fail(w, "a TICK was refused");
    }
}

static void rules(struct ush_world *w, uint32_t queue, struct usher_queue_set *set,
                  struct usher_step_set steps[USHER_STEPS_MAX],
                  struct usher_skill needs[USH_SKILLS])
{
    const struct ush_rules *r = &w->wish.queues[queue].rules;
    set->order = r->order;
    set->pick = r->pick;
    set->offering = r->offering;
    memcpy(set->order_ms, r->order_ms, sizeof set->order_ms);
    set->fanout = r->fanout;
    set->cost = r->cost;
    set->active_max = r->active_max;
    set->wrap_ms = r->wrap_ms;
    set->sticky_ms = r->sticky_ms;
    set->drain_ms = r->drain_ms;
    set->priority = r->priority;
    set->needs = needs;
    set->n_needs = ush_speech_skills(r->needs, needs);
    set->steps = steps;
    set->n_steps = r->n_steps;
    for (uint32_t i = 0; i < r->n_steps; i++) {
        const struct ush_sim_step *step = &r->steps[i];
        steps[i] =
            (struct usher_step_set){.after_ms = step->after_ms, .kind = step->kind, .by = step->by};
        if (step->skill != USH_NONE) {
            ush_skill_id(step->skill, &steps[i].skill);
        }
        if (step->queue != USH_NONE) {
            steps[i].queue = w->picture.queues[step->queue].id;
        }
    }
}

void ush_world_queue_set(struct ush_world *w, uint32_t queue)
{
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
    ev.as.queue_set.queue = w->picture.queues[queue].id;
    ev.as.queue_set.open = w->wish.queues[queue].open;
    ev.as.queue_set.offer_ms = w->wish.queues[queue].offer_ms;
    ev.as.queue_set.waiting_max = w->wish.queues[queue].waiting_max;
    ev.as.queue_set.reopen_ms = w->wish.queues[queue].reopen_ms;
    struct usher_step_set steps[USHER_STEPS_MAX];
    struct usher_skill needs[USH_SKILLS];
    ush_shop_check(w, queue);
    rules(w, queue, &ev.as.queue_set, steps, needs);
    if (ush_world_step(w, &ev, USH_NONE) != 0) {
        ush_fail(w, "a queue could not be set");
    }
}

void ush_world_agent_set(struct ush_world *w, uint32_t agent)
{
    struct usher_event ev = {.type = USHER_EV_AGENT_SET};
    const struct ush_traits *t = &w->wish.agents[agent].traits;
    struct usher_queue_id queues[USH_QUEUES_MAX];
    uint8_t tiers[USH_QUEUES_MAX];
    struct usher_skill skills[USH_SKILLS];
    size_t n = 0;
    for (uint32_t q = 0; q < w->picture.n_queues; q++) {
        if ((w->wish.agents[agent].queues >> q & 1) != 0 && w->picture.queues[q].set) {
            tiers[n] = t->tiers[q];
            queues[n++] = w->picture.queues[q].id;
        }
    }
    ev.as.agent_set.skills = skills;
    ev.as.agent_set.n_skills = ush_speech_skills(t->levels, skills);
    ev.as.agent_set.tiers = tiers;
    ev.as.agent_set.weight = t->weight;
    ev.as.agent_set.agent = w->picture.agents[agent].id;
    ev.as.agent_set.queues = queues;
    ev.as.agent_set.n_queues = n;
    ev.as.agent_set.capacity = w->wish.agents[agent].capacity;
    ev.as.agent_set.supervisor = agent == USH_SUPERVISOR;
    if (ush_world_step(w, &ev, USH_NONE) != 0) {
        ush_fail(w, "an agent could not be set");
    }
}

static void configure(struct ush_world *w)
{
    for (uint32_t q = w->picture.n_queues; q-- > 0;) { /* what a step leads to comes first */
        if (!w->wish.queues[q].gone) {
            ush_world_queue_set(w, q);
        }
    }
    for (uint32_t a = 0; a < w->picture.n_agents; a++) {
        if (!w->wish.agents[a].gone) {
            ush_world_agent_set(w, a);
        }
    }
}

/* A core that has loaded what the store holds, as far as it has room. */
static int load(struct ush_world *w, int64_t since_ms)
{
    if (usher_new(&w->core, &w->cfg) != 0) {
        ush_fail(w, "no core could be made");
        return 0;
    }
    if (w->tape != NULL) {
        ush_tape_core(w->tape, &w->cfg);
    }
    ush_judge_restarted(w);
    int rv = ush_save_load(w, since_ms);
    if (rv != 0) {
        usher_free(w->core);
        w->core = NULL;
    }
    return rv;
}

int ush_world_start(struct ush_world *w)
{
    uint32_t reopen_ms = 0;
    w->now.wall_ms++;
    for (uint32_t q = 0; q < w->picture.n_queues; q++) {
        uint32_t own = w->wish.queues[q].reopen_ms;
        own = own == 0 ? 86400000 : own;
        reopen_ms = own > reopen_ms ? own : reopen_ms;
    }
    int rv = load(w, w->now.wall_ms - (int64_t) reopen_ms);
    bool full = rv == USHER_EFULL;
    for (int i = 1; rv == USHER_EFULL && i < 4; i++) {
        rv = load(w, w->now.wall_ms - (int64_t) (reopen_ms >> (4 * i)));
    }
    if (rv == USHER_EFULL) {
        rv = load(w, INT64_MAX); /* no closed session at all */
    }
    while (rv == USHER_EFULL) {
        /* The operator gives it more room. */
        w->cfg.limits.sessions *= 2;
        w->cfg.limits.keys *= 2;
        w->cfg.limits.agents = USH_AGENTS_MAX;
        w->cfg.limits.queues = USH_QUEUES_MAX;
        rv = load(w, w->now.wall_ms - (int64_t) reopen_ms);
    }
    if (rv != 0) {
        ush_fail(w, "what the store holds was answered %d", rv);
        return rv;
    }
    w->judge.full = full;
    configure(w);
    return 0;
}

static void forget_links(struct ush_world *w)
{
    w->n_ghosts = 0;
    for (size_t i = 1; i < w->n_links; i++) {
        struct ush_sim_link *l = &w->links[i];
        if (l->at != USH_LINK_GONE) {
            l->at = USH_LINK_GONE;
            ush_sim_link_free(l);
        }
    }
    for (uint32_t i = 0; i < w->n_devices; i++) {
        if (w->devices[i].link != 0) {
            struct ush_device *d = &w->devices[i];
            for (size_t k = 0; k < d->n_outbox; k++) {
                const struct ush_command *c = &w->commands[d->outbox[k]];
                w->keys[c->key].before_crash |= c->sent;
            }
            d->link = 0;
            ush_client_lost(w, i);
        }
    }
}

void ush_world_crash(struct ush_world *w, bool saved)
{
    if (w->saving.out) {
        USH_SOMETIMES(w, USHER_SIM_CRASH_WITH_BATCH);
        if (saved && !w->saving.committed) {
            ush_store_append(&w->store, &w->saving.batch);
        }
    }
    usher_free(w->core);
    w->core = NULL;
    w->saving = (struct ush_saving){0};
    w->durable = w->store.n;
    w->crashes++;
    forget_links(w);
    ush_answer_crashed(w);
}
