/* world.c - virtual time, the storage's answers, trouble, and the loop that runs it all.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

uint32_t ush_sim_pick(struct usher_sim *s, uint32_t n)
{
    /* xorshift64*: Marsaglia 2003, Vigna 2016 */
    s->rng ^= s->rng >> 12;
    s->rng ^= s->rng << 25;
    s->rng ^= s->rng >> 27;
    return (uint32_t) ((s->rng * UINT64_C(2685821657736338717)) >> 33) % n;
}

/* FNV-1a: enough to tell two runs apart. */
void ush_sim_mix(struct usher_sim *s, const void *data, size_t len)
{
    const uint8_t *p = data;
    for (size_t i = 0; i < len; i++) {
        s->hash = (s->hash ^ p[i]) * UINT64_C(1099511628211);
    }
}

static void mix_u64(struct usher_sim *s, uint64_t n)
{
    uint8_t b[8];
    for (unsigned i = 0; i < 8; i++) {
        b[i] = (uint8_t) (n >> (8 * i));
    }
    ush_sim_mix(s, b, sizeof b);
}

int ush_sim_step(struct usher_sim *s, const struct usher_event *ev)
{
    struct usher_fault why;
    struct usher_stats before;
    struct usher_stats after;
    usher_stats_get(s->u, &before);
    int rv = usher_step(s->u, s->now, ev);
    usher_stats_get(s->u, &after);
    mix_u64(s, (uint64_t) ev->type << 32 | (uint32_t) rv);
    if (usher_audit(s->u, &why) != 0) {
        ush_sim_fail(s, "audit", why.text);
    }
    if (rv != 0 && ev->type != USHER_EV_LOADED && after.keys > before.keys) {
        ush_sim_fail(s, "G10", "a refused event left a key");
    }
    const struct usher_limits *l = &s->cfg.core.limits;
    if (after.links > l->links ||
        after.waiting + after.offered + after.active + after.closed > l->sessions) {
        ush_sim_fail(s, "G11", "a table exceeds its limit");
    }
    return rv;
}

static struct tab *find_tab(struct usher_sim *s, uint64_t link, int *person)
{
    for (int i = 0; i < PEOPLE; i++) {
        for (int k = 0; k < TABS; k++) {
            if (s->people[i].tabs[k].link == link) {
                *person = i;
                return &s->people[i].tabs[k];
            }
        }
    }
    return NULL;
}

static bool told(struct usher_sim *s, const struct usher_effect *fx)
{
    int person;
    struct tab *t = find_tab(s, fx->link.v, &person);
    if (t == NULL) {
        return ush_sim_fail(s, "links", "a link was told something that is not there");
    }
    mix_u64(s,
            fx->type == USHER_DO_FACT ? fx->as.fact.fact->seq : (uint64_t) fx->as.note.type << 40);
    if (s->told != NULL) {
        s->told(s->told_ctx, s, person, fx);
    }
    return ush_sim_judge_told(s, person, t, fx);
}

static bool effect(struct usher_sim *s, const struct usher_effect *fx)
{
    int person;
    struct tab *t;
    mix_u64(s, (uint64_t) fx->type << 56 | fx->link.v);
    switch (fx->type) {
    case USHER_DO_FACT:
    case USHER_DO_NOTE:
        return told(s, fx);
    case USHER_DO_DROP:
        t = find_tab(s, fx->link.v, &person);
        if (t != NULL) {
            ush_sim_cut(s, t);
        }
        return true;
    case USHER_DO_PERSIST:
        if (!ush_sim_judge_batch(s, &fx->as.persist)) {
            return false;
        }
        s->batch = fx->as.persist.facts;
        s->n_batch = fx->as.persist.n;
        return true;
    case USHER_DO_FETCH: {
        struct usher_fetch what = fx->as.fetch;
        s->counts.fetches++;
        return ush_sim_store_fetch(s, &what) == 0 || ush_sim_fail(s, "fetch", "its answer was refused");
    }
    case USHER_DO_FIND: {
        struct usher_find what = fx->as.find;
        s->counts.finds++;
        return ush_sim_store_find(s, &what) == 0 || ush_sim_fail(s, "find", "its answer was refused");
    }
    }
    return ush_sim_fail(s, "effects", "an unknown effect");
}

/* Take everything, as a host does after each turn; then the kept events again. */
bool ush_sim_drain(struct usher_sim *s)
{
    uint32_t n = 0;
    const struct usher_effect *fx = usher_take(s->u);
    while (fx != NULL && s->why.err == 0) {
        if (!effect(s, fx)) {
            return false;
        }
        if (++n > 1000000) {
            return ush_sim_fail(s, "effects", "there is no end to them");
        }
        fx = usher_take(s->u);
    }
    for (int i = 0; i < PEOPLE; i++) {
        for (int k = 0; k < TABS; k++) {
            struct tab *t = &s->people[i].tabs[k];
            if (t->waiting && t->link != 0) {
                t->waiting = false;
                if (ush_sim_step(s, &t->kept) != 0) {
                    return ush_sim_fail(s, "find", "the event waits again");
                }
                return ush_sim_drain(s);
            }
        }
    }
    return s->why.err == 0;
}

static bool commit(struct usher_sim *s)
{
    for (size_t i = 0; i < s->n_batch; i++) {
        const struct usher_fact *f = &s->batch[i];
        s->counts.expired_while_lost +=
            s->lost && f->type == USHER_FACT_OFFER_OVER && f->cause == USHER_CAUSE_MISSED;
        s->counts.grace_ended += f->type == USHER_FACT_LEFT;
        s->counts.offers += f->type == USHER_FACT_OFFERED;
        if (!ush_sim_store_add(s, f) || !ush_sim_fold(s, &s->durable, f)) {
            return ush_sim_fail(s, "store", "a batch does not follow");
        }
    }
    s->counts.facts += s->n_batch;
    s->batch = NULL;
    return true;
}

/* The batch that is out becomes durable. */
bool ush_sim_save(struct usher_sim *s)
{
    if (s->batch == NULL) {
        return true;
    }
    if (!commit(s)) {
        return false;
    }
    s->lost = false;
    struct usher_event ev;
    memset(&ev, 0, sizeof ev);
    ev.type = USHER_EV_PERSISTED;
    ev.as.persisted.upto = s->n_facts;
    return ush_sim_step(s, &ev) == 0 || ush_sim_fail(s, "journal", "PERSISTED was refused");
}

static int configure(struct usher_sim *s)
{
    struct usher_event ev;
    int rv = 0;
    for (unsigned q = 0; rv == 0 && q < QUEUES; q++) {
        memset(&ev, 0, sizeof ev);
        ev.type = USHER_EV_QUEUE_SET;
        snprintf(ev.as.queue_set.queue.s, sizeof ev.as.queue_set.queue.s, "queue%u", q);
        ev.as.queue_set.open = true;
        ev.as.queue_set.offer_ms = 3000;
        ev.as.queue_set.waiting_max = 5;
        ev.as.queue_set.reopen_ms = 15000;
        rv = ush_sim_step(s, &ev);
    }
    for (unsigned a = 0; rv == 0 && a < AGENTS; a++) {
        struct usher_queue_id queues[QUEUES];
        memset(queues, 0, sizeof queues);
        snprintf(queues[0].s, sizeof queues[0].s, "queue%u", a % QUEUES);
        snprintf(queues[1].s, sizeof queues[1].s, "queue%u", (a + 1) % QUEUES);
        memset(&ev, 0, sizeof ev);
        ev.type = USHER_EV_AGENT_SET;
        ev.as.agent_set.agent = s->people[VISITORS + a].id;
        ev.as.agent_set.queues = queues;
        ev.as.agent_set.n_queues = 1 + a % 2;
        ev.as.agent_set.capacity = 1 + a % 3;
        rv = ush_sim_step(s, &ev);
    }
    return rv;
}

/* A core on what is durable. Where there is no room for all closed sessions, only the open ones are
 * loaded. */
int ush_sim_boot(struct usher_sim *s)
{
    int rv = usher_new(&s->u, &s->cfg.core);
    if (rv != 0) {
        return rv;
    }
    rv = ush_sim_store_load(s, s->now.wall_ms - 15000);
    if (rv == USHER_EFULL) {
        usher_free(s->u);
        rv = usher_new(&s->u, &s->cfg.core);
        rv = rv != 0 ? rv : ush_sim_store_load(s, INT64_MAX);
    }
    return rv != 0 ? rv : configure(s);
}

void ush_sim_crash(struct usher_sim *s)
{
    s->counts.crashes++;
    s->counts.crashes_batch_out += s->batch != NULL;
    if (s->batch != NULL && ush_sim_pick(s, 2) == 0) {
        commit(s); /* it had become durable, but nobody was told */
    }
    s->batch = NULL;
    s->lost = false;
    usher_free(s->u);
    s->u = NULL;
    ush_sim_models_copy(&s->ahead, &s->durable);
    for (int i = 0; i < PEOPLE; i++) {
        for (int k = 0; k < TABS; k++) {
            s->people[i].tabs[k].link = 0;
            s->people[i].tabs[k].waiting = false;
        }
        for (uint32_t o = 0; o < s->people[i].n_sent; o++) {
            s->people[i].outbox[o].tries = 0;
            s->people[i].outbox[o].crossed |= !s->people[i].outbox[o].acked;
        }
    }
    s->now.mono_ms = 1000 + ush_sim_pick(s, 1000); /* another run, another clock */
    if (ush_sim_boot(s) != 0) {
        ush_sim_fail(s, "restore", "the desk does not start on its own facts");
    }
}

static bool happens(struct usher_sim *s, uint32_t odds)
{
    return odds > 0 && ush_sim_pick(s, 10000) < odds;
}

static void trouble(struct usher_sim *s)
{
    const struct usher_sim_odds *odds = &s->cfg.odds;
    struct usher_event ev;
    memset(&ev, 0, sizeof ev);
    struct tab *t = &s->people[ush_sim_pick(s, PEOPLE)].tabs[ush_sim_pick(s, TABS)];
    if (happens(s, odds->crash)) {
        ush_sim_crash(s);
    } else if (t->link != 0 && happens(s, odds->link_cut)) {
        ush_sim_cut(s, t);
    } else if (t->link != 0 && happens(s, odds->link_full)) {
        t->full = !t->full;
        s->counts.full_links += t->full;
        ev.type = t->full ? USHER_EV_LINK_FULL : USHER_EV_LINK_CLEAR;
        ev.link.v = t->link;
        ush_sim_step(s, &ev);
    } else if (s->batch != NULL && !s->lost && happens(s, odds->save_lost)) {
        s->lost = true;
        ev.type = USHER_EV_STORAGE_LOST;
        ush_sim_step(s, &ev);
    }
}

static void act(struct usher_sim *s)
{
    int person = (int) ush_sim_pick(s, PEOPLE);
    int tab = (int) ush_sim_pick(s, TABS);
    struct tab *t = &s->people[person].tabs[tab];
    if (t->link == 0) {
        if (ush_sim_pick(s, 6) == 0) {
            ush_sim_connect(s, person, tab);
        }
    } else if (ush_sim_pick(s, 5) == 0) {
        ush_sim_retry(s, person, tab);
    } else {
        ush_sim_random_command(s, person, tab);
    }
}

static bool one_step(struct usher_sim *s)
{
    struct usher_event tick;
    memset(&tick, 0, sizeof tick);
    tick.type = USHER_EV_TICK;
    s->counts.steps++;
    uint64_t ms = ush_sim_pick(s, 4) != 0 ? ush_sim_pick(s, 40) : ush_sim_pick(s, 1200);
    s->now.mono_ms += ms;
    s->now.wall_ms += (int64_t) ms;
    trouble(s);
    if (ush_sim_pick(s, 6) == 0) {
        ush_sim_step(s, &tick);
    } else {
        act(s);
    }
    bool slow = s->lost ? ush_sim_pick(s, 60) != 0 : happens(s, s->cfg.odds.save_slow);
    if (ush_sim_pick(s, 8) != 0 && !ush_sim_drain(s)) {
        return false;
    }
    return slow || s->batch == NULL || (ush_sim_save(s) && ush_sim_drain(s));
}

int usher_sim_run(struct usher_sim *s, uint64_t steps, struct usher_fault *why)
{
    for (uint64_t i = 0; i < steps && s->why.err == 0; i++) {
        one_step(s);
    }
    *why = s->why;
    return s->why.err;
}

static bool work_off(struct usher_sim *s)
{
    struct usher_event tick;
    memset(&tick, 0, sizeof tick);
    tick.type = USHER_EV_TICK;
    for (int i = 0; i < 1000; i++) {
        if (!ush_sim_drain(s) || !ush_sim_save(s) || !ush_sim_drain(s)) {
            return false;
        }
        uint64_t due = usher_deadline(s->u);
        if (s->batch == NULL && (due == USHER_NEVER || due > s->now.mono_ms)) {
            return ush_sim_judge_quiet(s);
        }
        ush_sim_step(s, &tick);
    }
    return ush_sim_fail(s, "G8", "there is always something due");
}

/* Everybody answers offers, so that whoever can be served is. */
static void serve(struct usher_sim *s)
{
    for (int i = VISITORS; i < PEOPLE; i++) {
        struct usher_event ev;
        memset(&ev, 0, sizeof ev);
        if (s->people[i].tabs[0].offer != 0) {
            ev.type = USHER_EV_ACCEPT;
            ev.as.answer.offer = s->people[i].tabs[0].offer;
            s->people[i].tabs[0].offer = 0;
            ush_sim_send(s, i, 0, &ev, false);
        }
    }
}

static bool is_served(struct usher_sim *s)
{
    for (uint32_t i = 0; i < s->durable.n; i++) {
        const struct model *c = &s->durable.of[i];
        uint32_t free_agents = 0;
        for (int a = 0; c->state == USHER_STATE_WAITING && a < AGENTS; a++) {
            uint32_t load = 0;
            for (uint32_t k = 0; k < s->durable.n; k++) {
                load +=
                    s->durable.of[k].agent == a && (s->durable.of[k].state == USHER_STATE_ACTIVE ||
                                                    s->durable.of[k].state == USHER_STATE_OFFERED);
            }
            bool serves = a % 2 == 1 || c->queue[5] - '0' == a % QUEUES;
            free_agents += serves && load < (uint32_t) (1 + a % 3);
        }
        if (free_agents > 0) {
            return ush_sim_fail(s, "G7", "a session waits though an agent is free");
        }
    }
    for (int i = 0; i < PEOPLE; i++) {
        for (uint32_t o = 0; o < s->people[i].n_sent; o++) {
            if (!s->people[i].outbox[o].acked && !s->people[i].outbox[o].refused) {
                return ush_sim_fail(s, "G7", "a command was never answered");
            }
        }
    }
    return true;
}

int usher_sim_settle(struct usher_sim *s, struct usher_fault *why)
{
    s->calm = true;
    for (int i = 0; i < PEOPLE; i++) {
        for (int k = 0; k < TABS; k++) {
            if (s->people[i].tabs[k].link != 0) {
                ush_sim_cut(s, &s->people[i].tabs[k]);
            }
        }
    }
    bool ok = work_off(s);
    for (int i = 0; ok && i < PEOPLE; i++) {
        ush_sim_connect(s, i, 0);
        ok = work_off(s);
    }
    for (int round = 0; ok && round < 60; round++) {
        for (int i = VISITORS; i < PEOPLE; i++) {
            struct usher_event ev;
            memset(&ev, 0, sizeof ev);
            ev.type = USHER_EV_READY;
            ev.as.ready.on = true;
            ush_sim_send(s, i, 0, &ev, false);
        }
        for (int i = 0; ok && i < PEOPLE; i++) {
            /* A look-up in the storage is one at a time: so until nothing is left. */
            for (int k = 0; ok && k < (round == 0 ? 300 : 3); k++) {
                ush_sim_retry(s, i, 0);
                ok = work_off(s);
            }
        }
        serve(s);
        s->now.mono_ms += round < 40 ? 2500 : 10000;
        s->now.wall_ms += round < 40 ? 2500 : 10000;
        ok = ok && work_off(s);
    }
    if (ok) {
        is_served(s);
    }
    *why = s->why;
    return s->why.err;
}

void usher_sim_config_default(struct usher_sim_config *cfg, size_t size)
{
    memset(cfg, 0, size);
    cfg->size = size;
    usher_config_init(&cfg->core);
    cfg->odds = (struct usher_sim_odds){200, 300, 3000, 60, 12};
}

static void small_limits(struct usher_config *c)
{
    struct usher_limits small = {.links = 40,
                                 .sessions = 24,
                                 .agents = 6,
                                 .queues = 3,
                                 .keys = 400,
                                 .answers = 400,
                                 .capacity_max = 4,
                                 .batch_facts = 16,
                                 .body_max = 64,
                                 .batch_bytes = 12000,
                                 .recent_bytes = 12288};
    if (c->limits.links == 0) {
        c->limits = small;
        c->agent_grace_ms = 8000;
        c->visitor_waiting_ms = 20000;
        c->visitor_active_ms = 40000;
    }
}

static bool populate(struct usher_sim *s)
{
    for (int i = 0; i < PEOPLE; i++) {
        struct person *p = &s->people[i];
        p->agent = i >= VISITORS;
        memset(&p->visitor, p->agent ? 0 : i + 1, sizeof p->visitor);
        if (p->agent) {
            snprintf(p->id.s, sizeof p->id.s, "agent%d", i - VISITORS);
        }
        p->outbox = calloc(OUTBOX_MAX, sizeof *p->outbox);
        if (p->outbox == NULL) {
            return false;
        }
    }
    s->durable.of = calloc(SESSIONS_MAX, sizeof *s->durable.of);
    s->ahead.of = calloc(SESSIONS_MAX, sizeof *s->ahead.of);
    return s->durable.of != NULL && s->ahead.of != NULL;
}

int usher_sim_new(struct usher_sim **out, const struct usher_sim_config *cfg)
{
    struct usher_sim *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return USHER_ENOMEM;
    }
    s->cfg = *cfg;
    s->rng = cfg->seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    s->hash = UINT64_C(14695981039346656037);
    s->epoch = 77;
    s->now = (struct usher_now){1000, 1700000000000};
    memcpy(s->cfg.core.seed, &s->cfg.seed, sizeof s->cfg.seed);
    small_limits(&s->cfg.core);
    int rv = populate(s) ? ush_sim_boot(s) : USHER_ENOMEM;
    if (rv != 0) {
        usher_sim_free(s);
        return rv;
    }
    *out = s;
    return 0;
}

void usher_sim_free(struct usher_sim *s)
{
    if (s == NULL) {
        return;
    }
    for (int i = 0; i < PEOPLE; i++) {
        free(s->people[i].outbox);
    }
    usher_free(s->u);
    ush_sim_store_free(s);
    free(s->durable.of);
    free(s->ahead.of);
    free(s);
}

uint64_t usher_sim_hash(const struct usher_sim *s)
{
    return s->hash;
}

void usher_sim_counts_get(const struct usher_sim *s, struct usher_sim_counts *out)
{
    *out = s->counts;
}
