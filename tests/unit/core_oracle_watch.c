/* core_oracle_watch.c - compares what a core did, fact by fact, with the plain definitions.
 * SPDX-License-Identifier: MIT */
#include "core_oracle.h"

#define WRONG(o, ...) wrong((o), __LINE__, __VA_ARGS__)

static void wrong(const struct oracle *o, int line, const char *what, int s, int a, int b)
{
    if (o->trace) {
        oracle_tell(o);
    }
    fail_msg("seed %llu at %lld ms (line %d): %s: session %d, agent %d, other %d",
             (unsigned long long) o->seed, (long long) oracle_now(o), line, what, s, a, b);
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Became b, or the session, free in this very moment? Then others who did may have been first.
 * Or was it held back by a limit? Then who gave the place free has it. Left out if not strict. */
static bool left_out(const struct oracle *o, int s, int b)
{
    const struct oracle_agent *a = &o->agents[b];
    int64_t now = oracle_now(o);
    bool just = a->step == o->h->n_steps || o->sessions[s].over_step == o->h->n_steps ||
                o->set_step == o->h->n_steps || o->sessions[s].maybe_ms[b] == now;
    const struct usher_queue_set *q = oracle_queue(o, o->h->sessions[s].queue);
    for (size_t i = 0; i < q->n_steps; i++) {
        just = just || o->h->sessions[s].came_ms + q->steps[i].after_ms == now;
    }
    for (unsigned i = 0; i < a->n_wraps; i++) {
        just = just || a->wraps[i].until_ms == now;
    }
    return !o->strict && (just || o->h->cfg.active_max != 0 || q->active_max != 0);
}

/* An agent gets a session, offered or at once: was he allowed, was it the first, was he the best?
 */
static void given(struct oracle *o, int s, int agent)
{
    struct oracle_session *os = &o->sessions[s];
    bool more = o->h->sessions[s].state == USHER_STATE_OFFERED; /* one of several */
    enum usher_session_state was = o->h->sessions[s].state;
    o->h->sessions[s].state = USHER_STATE_WAITING;
    struct hall_session *hs = &o->h->sessions[s];
    unsigned n_offers = hs->n_offers;
    if (oracle_may(o, s, agent) == NO) {
        WRONG(o, "given to who may not have it", s, agent, NOBODY);
    }
    o->n_given++;
    for (int i = 0; i < ORACLE_SESSIONS && os->first != agent && !more; i++) {
        if (i != s && oracle_may(o, i, agent) == YES) {
            o->n_orders++;
            if (oracle_before(o, i, s)) {
                WRONG(o, "overtaken", i, agent, s);
            }
        }
    }
    for (int b = 0; b < HALL_AGENTS && os->first != agent; b++) {
        bool has = false;
        for (unsigned i = 0; i < n_offers; i++) {
            has = has || hs->offers[i].agent == b;
        }
        if (b != agent && !has && oracle_may(o, s, b) == YES && !left_out(o, s, b) &&
            oracle_better(o, s, b, agent)) {
            WRONG(o, "another agent is better", s, agent, b);
        }
    }
    hs->state = was;
    o->agents[agent].load_ms = oracle_now(o);
}

static void let_go(struct oracle *o, int s, bool wrap)
{
    int owner = o->h->sessions[s].owner;
    if (owner == NOBODY) {
        return;
    }
    struct oracle_agent *a = &o->agents[owner];
    uint32_t ms = oracle_queue(o, o->h->sessions[s].queue)->wrap_ms;
    if (oracle_queue(o, o->h->sessions[s].queue)->active_max != 0) {
        o->set_step = o->h->n_steps;
    }
    a->load_ms = oracle_now(o);
    a->step = o->h->n_steps;
    if (wrap && ms != 0) {
        unsigned kept = 0;
        for (unsigned i = 0; i < a->n_wraps; i++) {
            if (a->wraps[i].until_ms > oracle_now(o)) {
                a->wraps[kept++] = a->wraps[i];
            }
        }
        assert_true(kept < ORACLE_WRAPS);
        a->wraps[kept] = (struct oracle_wrap){oracle_now(o) + ms, oracle_cost(o, s), true};
        a->n_wraps = kept + 1;
    }
}

static void ended(struct oracle *o, int s, int agent, enum usher_cause cause)
{
    struct oracle_session *os = &o->sessions[s];
    int64_t now = oracle_now(o);
    os->over_step = o->agents[agent].step = o->h->n_steps;
    os->hold_ms = os->first == agent ? now : os->hold_ms; /* he was asked */
    o->agents[agent].load_ms = now;
    if (cause == USHER_CAUSE_DECLINED || cause == USHER_CAUSE_MISSED ||
        cause == USHER_CAUSE_NOT_READY) {
        /* Not said in the headers: 5 s, and twice as long with each further one, up to 300 s. */
        int64_t ms = INT64_C(5000) << (os->overs < 7 ? os->overs : 7);
        os->overs++;
        o->n_exclusions++;
        os->not_ms[agent] = now + 5000;
        unsigned n = 0;
        for (int i = 0; i < ORACLE_SESSIONS; i++) {
            n += o->sessions[i].maybe_ms[agent] > now;
        }
        for (int i = 0; i < ORACLE_SESSIONS && n >= 8; i++) {
            o->sessions[i].not_ms[agent] = 0; /* there is room for so many */
        }
        os->maybe_ms[agent] = most(os->maybe_ms[agent], now + (ms < 300000 ? ms : 300000));
    } else if (cause != USHER_CAUSE_GONE && cause != USHER_CAUSE_TAKEN) {
        os->maybe_ms[agent] = most(os->maybe_ms[agent], now + 5000);
    }
}

static void waits_for(struct oracle *o, int s, int agent, int64_t ms)
{
    struct oracle_session *os = &o->sessions[s];
    os->first = agent;
    os->named = false;
    os->hold_ms = oracle_now(o) + ms;
    os->hold_sure = false;
    for (size_t i = 0; agent != NOBODY && i < o->h->sets[agent].n_queues; i++) {
        os->hold_sure =
            os->hold_sure || strcmp(o->h->sets[agent].queues[i].s, o->h->sessions[s].queue) == 0;
    }
    o->n_holds += os->hold_sure && ms > 0;
}

static void about_session(struct oracle *o, int s, const struct usher_fact *f)
{
    struct oracle_session *os = &o->sessions[s];
    struct hall_session *hs = &o->h->sessions[s];
    int agent = hall_agent_of(&f->agent), by = hall_agent_of(&f->by.agent);
    if (f->type == USHER_FACT_OFFERED) {
        given(o, s, agent);
        o->agents[agent].offer_seq = f->seq;
        os->was_offered = true;
    } else if (f->type == USHER_FACT_OFFER_OVER) {
        ended(o, s, agent, f->cause);
    } else if (f->type == USHER_FACT_JOINED) {
        if (!hall_is_offered(o->h, s, by)) {
            given(o, s, by);
            o->agents[by].offer_seq = f->seq;
        }
        o->agents[by].own_seq = f->seq;
        o->agents[by].step = o->h->n_steps;
        o->agents[by].here_ms = oracle_now(o); /* is an offer that becomes his a change of load? */
        os->overs = 0;
        os->first = NOBODY;
        os->was_had = true;
    } else if (f->type == USHER_FACT_CLOSED) {
        let_go(o, s, true);
        os->was_had = hs->state == USHER_STATE_ACTIVE;
    } else if (f->type == USHER_FACT_LEFT) {
        let_go(o, s, false);
        os->over_step = o->h->n_steps;
        waits_for(o, s, agent, 0);
    } else if (f->type == USHER_FACT_MOVED && f->cause == USHER_CAUSE_WAITED) {
        os->hold_sure = false;
        os->over_step = o->h->n_steps;
    } else if (f->type == USHER_FACT_ESCALATED) {
        os->hold_sure = os->hold_sure && o->strict; /* it ends, as it is now */
    } else if (f->type == USHER_FACT_MOVED) {
        let_go(o, s, true);
        /* Not said in the headers: who moved it on is not asked for a while. */
        os->maybe_ms[by] = most(os->maybe_ms[by], oracle_now(o) + 20000);
        waits_for(o, s, agent, agent != NOBODY ? 20000 : 0);
        memset(os->not_ms, 0, sizeof os->not_ms);
        os->named = agent != NOBODY;
        os->hold_sure = false;
    } else if (f->type == USHER_FACT_REOPENED) {
        strcpy(hs->queue, f->queue.s);
        waits_for(o, s, hs->last, oracle_queue(o, f->queue.s)->sticky_ms);
        memset(os->not_ms, 0, sizeof os->not_ms);
        os->named = !o->strict; /* skills do not count either, as it is now */
        os->hold_sure = os->hold_sure && os->was_had;
        os->overs = 0;
    }
}

static void on_fact(void *ctx, const struct usher_fact *f)
{
    struct oracle *o = ctx;
    int s = hall_session_of(&f->session);
    oracle_tell_fact(o, f);
    if (f->type == USHER_FACT_AGENT) {
        o->agents[hall_agent_of(&f->agent)].here_ms = oracle_now(o);
        o->agents[hall_agent_of(&f->agent)].step = o->h->n_steps;
    } else if (s >= 0) {
        about_session(o, s, f);
    }
}

/* Steps that are due have been taken. */
static void steps_are_taken(const struct oracle *o, int s)
{
    const struct hall_session *hs = &o->h->sessions[s];
    const struct usher_queue_set *q = oracle_queue(o, hs->queue);
    for (size_t i = 0; i < q->n_steps; i++) {
        const struct usher_step_set *st = &q->steps[i];
        if (oracle_now(o) - hs->came_ms < st->after_ms) {
            continue;
        }
        if (st->kind == USHER_STEP_CLOSE) {
            WRONG(o, "waits although its queue closes it", s, (int) i, NOBODY);
        } else if (st->kind == USHER_STEP_PRIORITY && hs->priority < st->by) {
            WRONG(o, "its priority did not rise", s, (int) i, NOBODY);
        } else if (st->kind == USHER_STEP_MOVE) {
            const struct usher_queue_set *to = oracle_queue(o, st->queue.s);
            uint32_t n = 0, max = to->waiting_max != 0 ? to->waiting_max : 1000;
            for (int k = 0; k < ORACLE_SESSIONS; k++) {
                n += (o->h->sessions[k].state == USHER_STATE_WAITING ||
                      o->h->sessions[k].state == USHER_STATE_OFFERED) &&
                     strcmp(o->h->sessions[k].queue, to->queue.s) == 0;
            }
            if (to->open && n < max && o->strict) { /* when it is tried again is not said */
                WRONG(o, "did not move on", s, (int) i, (int) n);
            }
        }
    }
}

static void place_is_right(struct oracle *o, int s)
{
    const struct hall_session *hs = &o->h->sessions[s];
    struct oracle_session *os = &o->sessions[s];
    uint64_t place = 1;
    bool held =
        false; /* somebody waits for one agent alone: whether he stands in line is not said */
    for (int i = 0; i < ORACLE_SESSIONS; i++) {
        place += i != s && o->h->sessions[i].state == USHER_STATE_WAITING &&
                 strcmp(o->h->sessions[i].queue, hs->queue) == 0 && oracle_before(o, i, s);
        held = held || (o->h->sessions[i].state == USHER_STATE_WAITING &&
                        oracle_now(o) <= o->sessions[i].hold_ms && o->sessions[i].first != NOBODY);
    }
    o->n_places++;
    if (hs->place_step == o->h->n_steps) {
        os->was_offered = false;
    }
    if (hs->place == place || (held && !o->strict)) {
        os->place_ms = NOBODY;
        return;
    }
    if (hs->place_ms == oracle_now(o) && o->h->sessions[s].place_step == o->h->n_steps) {
        WRONG(o, "is told a place that is not so", s, (int) hs->place, (int) place);
    }
    os->place_ms = os->place_ms == NOBODY ? oracle_now(o) : os->place_ms;
    int64_t place_ms = 10 * (int64_t) o->h->cfg.place_ms; /* not more often; as often is not said */
    /* By slope, places change while nothing happens. */
    if (oracle_queue(o, hs->queue)->order != USHER_ORDER_SLOPE && (o->strict || !os->was_offered) &&
        oracle_now(o) - hs->place_ms >= place_ms && oracle_now(o) - os->place_ms >= place_ms) {
        WRONG(o, "is not told its place", s, (int) hs->place, (int) place);
    }
}

static void figures_are_right(const struct oracle *o)
{
    struct usher_stats st;
    uint32_t n[USHER_STATE_CLOSED + 1] = {0};
    usher_stats_get(o->h->desk, &st);
    for (int s = 0; s < ORACLE_SESSIONS; s++) {
        n[o->h->sessions[s].state]++;
    }
    if (st.waiting != n[USHER_STATE_WAITING] || st.offered != n[USHER_STATE_OFFERED] ||
        st.active != n[USHER_STATE_ACTIVE]) {
        WRONG(o, "counted otherwise", (int) st.waiting, (int) st.offered, (int) st.active);
    }
}

static void after(void *ctx)
{
    struct oracle *o = ctx;
    figures_are_right(o);
    for (int s = 0; s < ORACLE_SESSIONS; s++) {
        struct hall_session *hs = &o->h->sessions[s];
        struct oracle_session *os = &o->sessions[s];
        if (hs->state == USHER_STATE_OFFERED && hs->n_offers == 0) {
            WRONG(o, "offered to nobody", s, NOBODY, NOBODY);
        }
        for (unsigned i = 0; i < hs->n_offers; i++) {
            if (hs->offers[i].until_ms <= oracle_now(o)) {
                WRONG(o, "an offer outlived its deadline", s, hs->offers[i].agent, NOBODY);
            }
        }
        if (os->first != NOBODY &&
            !(o->h->agents[os->first].ready && o->h->agents[os->first].link != 0)) {
            os->hold_ms = oracle_now(o); /* it ends when he leaves, and does not come back */
        }
        if (hs->state != USHER_STATE_WAITING) {
            os->place_ms = NOBODY;
            continue;
        }
        if (os->first != NOBODY && !oracle_able(o, s, os->first)) {
            os->hold_sure = false; /* nobody is held for who cannot have him, nor later */
        }
        steps_are_taken(o, s);
        for (int a = 0; a < HALL_AGENTS; a++) {
            o->n_gates++;
            if (oracle_may(o, s, a) == YES) {
                WRONG(o, "waits although this agent is free", s, a, NOBODY);
            }
        }
        if (hs->link != 0) {
            place_is_right(o, s);
        } else {
            os->place_ms = NOBODY;
        }
    }
    for (int a = 0; a < HALL_AGENTS; a++) {
        if (oracle_load(o, a, false) > 255) {
            WRONG(o, "load without end", NOBODY, a, NOBODY);
        }
    }
}

void oracle_watch(struct oracle *o, struct hall *h, uint64_t seed)
{
    o->h = h;
    o->seed = seed;
    o->strict = getenv("USHER_STRICT") != NULL;
    o->trace = getenv("USHER_TRACE") != NULL;
    memset(o->agents, 0, sizeof o->agents);
    memset(o->sessions, 0, sizeof o->sessions);
    for (int s = 0; s < ORACLE_SESSIONS; s++) {
        o->sessions[s].first = NOBODY;
        o->sessions[s].place_ms = NOBODY;
        h->sessions[s].owner = h->sessions[s].last = NOBODY;
    }
    h->ctx = o;
    h->fact = on_fact;
    h->after = after;
}

void oracle_needs(struct oracle *o, int s, const struct usher_skill *needs, size_t n)
{
    memset(&o->sessions[s], 0, sizeof o->sessions[s]);
    o->sessions[s].first = NOBODY;
    o->sessions[s].place_ms = NOBODY;
    o->sessions[s].n_needs = n;
    if (n > 0) {
        memcpy(o->sessions[s].needs, needs, n * sizeof *needs);
    }
}

void oracle_agent_changed(struct oracle *o, int agent)
{
    o->agents[agent].here_ms = oracle_now(o);
    o->agents[agent].step = o->h->n_steps + 1;
    for (int s = 0; s < ORACLE_SESSIONS; s++) {
        o->sessions[s].hold_sure = o->sessions[s].hold_sure && o->sessions[s].first != agent;
    }
}

void oracle_queue_changed(struct oracle *o, unsigned q)
{
    o->drained[q] = o->drained[q] || o->h->queues[q].drain_ms != 0;
    o->set_step = o->h->n_steps + 1;
    for (int s = 0; s < ORACLE_SESSIONS; s++) {
        o->sessions[s].hold_sure = false; /* whether it outlives this is not said */
    }
}

void oracle_restarting(struct oracle *o)
{
    for (int s = 0; s < ORACLE_SESSIONS; s++) {
        struct oracle_session *os = &o->sessions[s];
        os->hold_sure = false;
        memset(os->not_ms, 0, sizeof os->not_ms);
        os->overs = 8; /* they may be forgotten, or not */
        os->place_ms = NOBODY;
    }
    for (int a = 0; a < HALL_AGENTS; a++) {
        o->agents[a].load_ms = o->agents[a].here_ms = oracle_now(o);
        o->agents[a].offer_seq = o->agents[a].own_seq = 0;
        for (unsigned i = 0; i < o->agents[a].n_wraps; i++) {
            o->agents[a].wraps[i].sure = false;
        }
    }
}
