/* replay.c - plays a tape to fresh cores, and compares what they do.
 * SPDX-License-Identifier: MIT
 *
 * Texts are read where they stand in the tape; only arrays are copied. */
#include <stdlib.h>
#include <string.h>

#include "tape.h"
#include "tape_parts.h"
#include "usher/sim.h"

enum { QUEUES_MAX = 64, SKILLS_MAX = 64 };

struct player {
    const uint8_t *at, *end;
    bool bad; /* the tape ended too soon, or makes no sense */
    struct usher *core;
    uint64_t hash, effects;
    struct usher_fact *facts;
    struct usher_have have[USHER_HAVE_MAX];
    struct usher_queue_id queues[QUEUES_MAX];
    struct usher_skill skills[SKILLS_MAX];
    struct usher_step_set steps[USHER_STEPS_MAX];
    uint8_t tiers[QUEUES_MAX];
    void (*each)(void *ctx, const struct usher_effect *fx); /* NULL: nobody watches */
    void *ctx;
};

static void show(const struct player *p, const struct usher_effect *fx)
{
    if (p->each != NULL) {
        p->each(p->ctx, fx);
    }
}

void ush_tape_numbers(const struct usher_config *cfg, uint64_t out[USH_TAPE_NUMBERS])
{
    const struct usher_limits *l = &cfg->limits;
    const uint64_t numbers[USH_TAPE_NUMBERS] = {l->links,
                                                l->sessions,
                                                l->agents,
                                                l->queues,
                                                l->keys,
                                                l->answers,
                                                l->capacity_max,
                                                l->links_visitor,
                                                l->links_agent,
                                                l->batch_facts,
                                                l->body_max,
                                                l->batch_bytes,
                                                l->recent_bytes,
                                                cfg->agent_grace_ms,
                                                cfg->visitor_waiting_ms,
                                                cfg->visitor_active_ms,
                                                cfg->missed_max,
                                                cfg->place_ms,
                                                l->boards,
                                                cfg->board_ms,
                                                l->skills,
                                                l->classes,
                                                l->profiles,
                                                cfg->active_max,
                                                cfg->window_ms};
    memcpy(out, numbers, sizeof numbers);
}

void ush_tape_config(struct usher_config *cfg, const uint64_t n[USH_TAPE_NUMBERS])
{
    struct usher_limits *l = &cfg->limits;
    uint32_t *small[] = {&l->links,       &l->sessions,    &l->agents,       &l->queues,
                         &l->keys,        &l->answers,     &l->capacity_max, &l->links_visitor,
                         &l->links_agent, &l->batch_facts, &l->body_max};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        *small[i] = (uint32_t) n[i];
    }
    l->batch_bytes = (size_t) n[11];
    l->recent_bytes = (size_t) n[12];
    cfg->agent_grace_ms = (uint32_t) n[13];
    cfg->visitor_waiting_ms = (uint32_t) n[14];
    cfg->visitor_active_ms = (uint32_t) n[15];
    cfg->missed_max = (uint32_t) n[16];
    cfg->place_ms = (uint32_t) n[17];
    l->boards = (uint32_t) n[18];
    cfg->board_ms = (uint32_t) n[19];
    l->skills = (uint32_t) n[20];
    l->classes = (uint32_t) n[21];
    l->profiles = (uint32_t) n[22];
    cfg->active_max = (uint32_t) n[23];
    cfg->window_ms = n[24];
}

static const void *bytes(struct player *p, size_t len)
{
    static const uint8_t nothing[1];
    if (p->bad || (size_t) (p->end - p->at) < len) {
        p->bad = true;
        return nothing;
    }
    p->at += len;
    return p->at - len;
}

static uint64_t get(struct player *p)
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = *(const uint8_t *) bytes(p, 1);
        n |= (uint64_t) (byte & 127) << shift;
        if (byte < 128) {
            break;
        }
    }
    return n;
}

static void get_id(struct player *p, void *id, size_t size)
{
    const void *from = bytes(p, size);
    memset(id, 0, size);
    if (!p->bad) {
        memcpy(id, from, size);
    }
}

static struct usher_span get_span(struct player *p)
{
    struct usher_span s = {NULL, (size_t) get(p)};
    s.base = bytes(p, s.len);
    s.len = p->bad ? 0 : s.len;
    return s;
}

static size_t get_have(struct player *p)
{
    size_t n = (size_t) get(p);
    if (n > USHER_HAVE_MAX) {
        p->bad = true;
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        get_id(p, &p->have[i].session, sizeof p->have[i].session);
        p->have[i].index[0] = get(p);
        p->have[i].index[1] = get(p);
    }
    return n;
}

static void get_fact(struct player *p, struct usher_fact *f)
{
    f->seq = get(p);
    f->at_ms = (int64_t) get(p);
    f->type = (enum usher_fact_type) get(p);
    f->log = (enum usher_log) get(p);
    f->cause = (enum usher_cause) get(p);
    f->index = get(p);
    f->after = get(p);
    f->number = get(p);
    f->digest = get(p);
    f->until_ms = (int64_t) get(p);
    f->by.kind = (enum usher_kind) get(p);
    get_id(p, &f->session, sizeof f->session);
    get_id(p, &f->by.visitor, sizeof f->by.visitor);
    get_id(p, &f->by.agent, sizeof f->by.agent);
    get_id(p, &f->queue, sizeof f->queue);
    get_id(p, &f->agent, sizeof f->agent);
    f->by.name = get_span(p);
    f->agent_name = get_span(p);
    f->key = get_span(p);
    f->body = get_span(p);
    f->email = get_span(p);
}

static size_t get_facts(struct player *p)
{
    size_t n = (size_t) get(p);
    if (n > (size_t) (p->end - p->at)) {
        p->bad = true; /* a fact is more than one byte */
        return 0;
    }
    p->facts = calloc(n + 1, sizeof *p->facts);
    p->bad = p->bad || p->facts == NULL;
    for (size_t i = 0; i < n && !p->bad; i++) {
        get_fact(p, &p->facts[i]);
    }
    return p->bad ? 0 : n;
}

/* Skills at p->skills; how many. */
static size_t get_skills(struct player *p)
{
    size_t n = (size_t) get(p);
    p->bad = p->bad || n > SKILLS_MAX;
    for (size_t i = 0; !p->bad && i < n; i++) {
        get_id(p, &p->skills[i].id, sizeof p->skills[i].id);
        p->skills[i].level = (uint32_t) get(p);
    }
    return p->bad ? 0 : n;
}

static void get_rules(struct player *p, struct usher_queue_set *set)
{
    set->order = (enum usher_order) get(p);
    set->pick = (enum usher_pick) get(p);
    set->offering = (enum usher_offering) get(p);
    set->fanout = (uint32_t) get(p);
    set->cost = (uint32_t) get(p);
    set->active_max = (uint32_t) get(p);
    set->wrap_ms = (uint32_t) get(p);
    set->sticky_ms = (uint32_t) get(p);
    set->drain_ms = (uint32_t) get(p);
    for (size_t i = 0; i < USHER_PRIORITIES; i++) {
        set->order_ms[i] = (uint32_t) get(p);
    }
    set->n_steps = (size_t) get(p);
    p->bad = p->bad || set->n_steps > USHER_STEPS_MAX;
    set->n_steps = p->bad ? 0 : set->n_steps;
    for (size_t i = 0; i < set->n_steps; i++) {
        p->steps[i].after_ms = (uint32_t) get(p);
        p->steps[i].kind = (enum usher_step_kind) get(p);
        p->steps[i].by = (uint32_t) get(p);
        get_id(p, &p->steps[i].skill, sizeof p->steps[i].skill);
        get_id(p, &p->steps[i].queue, sizeof p->steps[i].queue);
    }
    set->steps = p->steps;
    set->n_needs = get_skills(p);
    set->needs = p->skills;
    set->priority = (uint32_t) get(p);
}

static void get_agent_set(struct player *p, struct usher_agent_set *set)
{
    get_id(p, &set->agent, sizeof set->agent);
    set->name = get_span(p);
    set->n_queues = (size_t) get(p);
    p->bad = p->bad || set->n_queues > QUEUES_MAX;
    set->n_queues = p->bad ? 0 : set->n_queues;
    get_id(p, p->queues, set->n_queues * sizeof *p->queues);
    set->queues = p->queues;
    set->capacity = (uint32_t) get(p);
    set->supervisor = get(p) != 0;
    set->n_skills = get_skills(p);
    set->skills = p->skills;
    if (get(p) != 0) {
        get_id(p, p->tiers, set->n_queues);
        set->tiers = p->tiers;
    }
    set->weight = (uint32_t) get(p);
}

static void get_queue_set(struct player *p, struct usher_queue_set *set)
{
    get_id(p, &set->queue, sizeof set->queue);
    set->name = get_span(p);
    set->open = get(p) != 0;
    set->offer_ms = (uint32_t) get(p);
    set->waiting_max = (uint32_t) get(p);
    set->reopen_ms = (uint32_t) get(p);
    get_rules(p, set);
}

static void get_host(struct player *p, struct usher_event *ev)
{
    if (ev->type == USHER_EV_SIGN_IN_VISITOR) {
        get_id(p, &ev->as.visitor.visitor, sizeof ev->as.visitor.visitor);
        get_id(p, ev->as.visitor.token_hash, sizeof ev->as.visitor.token_hash);
        ev->as.visitor.past = get(p) != 0;
        ev->as.visitor.same_epoch = get(p) != 0;
        ev->as.visitor.n_have = get_have(p);
        ev->as.visitor.have = p->have;
    } else if (ev->type == USHER_EV_SIGN_IN_AGENT) {
        get_id(p, &ev->as.agent.agent, sizeof ev->as.agent.agent);
        ev->as.agent.same_epoch = get(p) != 0;
        ev->as.agent.n_have = get_have(p);
        ev->as.agent.have = p->have;
    } else if (ev->type == USHER_EV_REFUSE) {
        ev->as.refuse.why = (enum usher_why) get(p);
        ev->as.refuse.retry_ms = (uint32_t) get(p);
        struct usher_span text = get_span(p); /* with the NUL at its end */
        p->bad = p->bad || text.len == 0 || ((const char *) text.base)[text.len - 1] != 0;
        ev->as.refuse.text = text.base;
    } else if (ev->type == USHER_EV_QUEUE_SET) {
        get_queue_set(p, &ev->as.queue_set);
    } else if (ev->type == USHER_EV_AGENT_SET) {
        get_agent_set(p, &ev->as.agent_set);
    }
}

static void get_command(struct player *p, struct usher_event *ev)
{
    if (ev->type == USHER_EV_START) {
        get_id(p, &ev->as.start.queue, sizeof ev->as.start.queue);
        ev->as.start.name = get_span(p);
        ev->as.start.email = get_span(p);
        ev->as.start.body = get_span(p);
        ev->as.start.n_needs = get_skills(p);
        ev->as.start.needs = p->skills;
        ev->as.start.priority = (uint32_t) get(p);
    } else if (ev->type == USHER_EV_SAY || ev->type == USHER_EV_WHISPER) {
        ev->as.say.body = get_span(p);
    } else if (ev->type == USHER_EV_VISIT) {
        ev->as.visit.url = get_span(p);
        ev->as.visit.title = get_span(p);
    } else if (ev->type == USHER_EV_BOARD) {
        ev->as.board.on = get(p) != 0;
    } else if (ev->type == USHER_EV_SEEN) {
        ev->as.seen.upto = get(p);
    } else if (ev->type == USHER_EV_MOVE) {
        get_id(p, &ev->as.move.queue, sizeof ev->as.move.queue);
        get_id(p, &ev->as.move.agent, sizeof ev->as.move.agent);
    } else if (ev->type == USHER_EV_HISTORY) {
        ev->as.history.before = get(p);
        ev->as.history.before_internal = get(p);
        ev->as.history.limit = (uint32_t) get(p);
    } else if (ev->type == USHER_EV_READY) {
        ev->as.ready.on = get(p) != 0;
        ev->as.ready.reason = get_span(p);
    } else if (ev->type == USHER_EV_ACCEPT || ev->type == USHER_EV_DECLINE) {
        ev->as.answer.offer = get(p);
        ev->as.answer.reason = get_span(p);
    }
}

static void get_storage(struct player *p, struct usher_event *ev)
{
    if (ev->type == USHER_EV_LOADED) {
        ev->as.loaded.n = get_facts(p);
        ev->as.loaded.facts = p->facts;
        ev->as.loaded.more = get(p) != 0;
        ev->as.loaded.epoch = get(p);
        ev->as.loaded.seq = get(p);
    } else if (ev->type == USHER_EV_PERSISTED) {
        ev->as.persisted.upto = get(p);
    } else if (ev->type == USHER_EV_FETCHED) {
        ev->as.fetched.ticket = get(p);
        ev->as.fetched.n = get_facts(p);
        ev->as.fetched.facts = p->facts;
        ev->as.fetched.failed = get(p) != 0;
    } else if (ev->type == USHER_EV_FOUND) {
        ev->as.found.ticket = get(p);
        ev->as.found.found = get(p) != 0;
        ev->as.found.failed = get(p) != 0;
        get_id(p, &ev->as.found.session, sizeof ev->as.found.session);
        ev->as.found.log = (enum usher_log) get(p);
        ev->as.found.index = get(p);
        ev->as.found.digest = get(p);
    }
}

static void play_core(struct player *p)
{
    struct usher_config cfg;
    uint64_t numbers[USH_TAPE_NUMBERS];
    usher_config_init(&cfg);
    for (size_t i = 0; i < USH_TAPE_NUMBERS; i++) {
        numbers[i] = get(p);
    }
    get_id(p, cfg.seed, sizeof cfg.seed);
    ush_tape_config(&cfg, numbers);
    usher_free(p->core);
    p->core = NULL;
    p->bad = p->bad || usher_new(&p->core, &cfg) != 0;
    if (!p->bad) {
        show(p, NULL);
    }
}

static void play_step(struct player *p)
{
    struct usher_event ev;
    struct usher_now now;
    memset(&ev, 0, sizeof ev);
    now.mono_ms = get(p);
    now.wall_ms = (int64_t) get(p);
    ev.type = (enum usher_event_type) get(p);
    ev.link.v = get(p);
    get_id(p, &ev.session, sizeof ev.session);
    ev.key = get_span(p);
    get_host(p, &ev);
    get_command(p, &ev);
    get_storage(p, &ev);
    p->bad = p->bad || p->core == NULL;
    if (!p->bad) {
        (void) usher_step(p->core, now, &ev); /* refused then, it is refused now */
    }
    free(p->facts);
    p->facts = NULL;
}

/* False: it brought something else than it did when it was recorded. */
static bool play_take(struct player *p)
{
    uint64_t check = get(p);
    p->bad = p->bad || p->core == NULL;
    const struct usher_effect *fx = p->bad ? NULL : usher_take(p->core);
    if (fx != NULL) {
        p->hash = ush_effect_hash(p->hash, fx);
        p->effects++;
        show(p, fx);
    }
    return p->bad || (p->hash & 0xffff) == check;
}

/* All of it. 0, or EINVAL, or ECORRUPT; then p->hash and p->effects are those of the first taking
 * that differs. */
static int play(struct player *p, struct usher_span tape, uint64_t *recorded)
{
    uint64_t entry = 0;
    p->at = tape.base;
    p->end = p->at + tape.len;
    const void *magic = bytes(p, sizeof USH_TAPE_MAGIC - 1);
    bool same = !p->bad && memcmp(magic, USH_TAPE_MAGIC, sizeof USH_TAPE_MAGIC - 1) == 0;
    p->bad = !same;
    while (!p->bad && same && entry != USH_TAPE_END) {
        entry = get(p);
        if (entry == USH_TAPE_CORE) {
            play_core(p);
        } else if (entry == USH_TAPE_STEP) {
            play_step(p);
        } else if (entry == USH_TAPE_TAKE) {
            same = play_take(p);
        } else if (entry == USH_TAPE_END) {
            *recorded = get(p);
            same = get(p) == p->effects && *recorded == p->hash;
        } else {
            p->bad = true;
        }
    }
    usher_free(p->core);
    if (p->bad) {
        return USHER_EINVAL;
    }
    return same ? 0 : USHER_ECORRUPT;
}

int usher_sim_replay(struct usher_span tape, uint64_t *hash, uint64_t *recorded, uint64_t *at)
{
    struct player p = {0};
    uint64_t was = 0;
    int rv = play(&p, tape, &was);
    if (rv != USHER_EINVAL) {
        *hash = p.hash;
        *recorded = was;
        *at = p.effects;
    }
    return rv;
}

int usher_sim_watch(struct usher_span tape, void (*each)(void *ctx, const struct usher_effect *fx),
                    void *ctx)
{
    struct player p = {.each = each, .ctx = ctx};
    uint64_t was = 0;
    return play(&p, tape, &was);
}
