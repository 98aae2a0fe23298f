/* picture.c - the judge's own picture of a desk, folded from facts and from who has a link.
 * SPDX-License-Identifier: MIT */
#include "picture.h"

#include <stdlib.h>
#include <string.h>

enum { BACKOFF_MS = 5000, BACKOFF_MAX_MS = 300000, MOVER_MS = 20000 };

void ush_picture_done(struct ush_picture *p)
{
    free(p->sessions);
    free(p->visitors);
    *p = (struct ush_picture){0};
}

uint32_t ush_picture_agent(const struct ush_picture *p, const struct usher_agent_id *id)
{
    for (uint32_t i = 0; i < p->n_agents; i++) {
        if (memcmp(&p->agents[i].id, id, sizeof *id) == 0) {
            return i;
        }
    }
    return USH_NONE;
}

uint32_t ush_picture_queue(const struct ush_picture *p, const struct usher_queue_id *id)
{
    for (uint32_t i = 0; i < p->n_queues; i++) {
        if (memcmp(&p->queues[i].id, id, sizeof *id) == 0) {
            return i;
        }
    }
    return USH_NONE;
}

struct ush_pictured_session *ush_picture_session(struct ush_picture *p,
                                                 const struct usher_session_id *id)
{
    uint32_t at = ush_number_of(id);
    return at < p->n_sessions && memcmp(&p->sessions[at].id, id, sizeof *id) == 0 ? &p->sessions[at]
                                                                                  : NULL;
}

bool ush_picture_offered(const struct ush_pictured_session *s)
{
    bool is = false;
    for (uint32_t a = 0; a < USH_AGENTS_MAX; a++) {
        is = is || s->offers[a].number != 0;
    }
    return is;
}

void ush_picture_unhold(struct ush_picture *p, uint32_t agent)
{
    for (size_t i = 0; i < p->n_sessions; i++) {
        if (p->sessions[i].held_for == agent) {
            p->sessions[i].held_until = 0;
        }
    }
}

uint32_t ush_picture_waiting(const struct ush_picture *p, uint32_t queue)
{
    uint32_t n = 0;
    for (size_t i = 0; i < p->n_sessions; i++) {
        const struct ush_pictured_session *s = &p->sessions[i];
        bool waits = s->state == USHER_STATE_WAITING || s->state == USHER_STATE_OFFERED;
        n += waits && s->queue == queue;
    }
    return n;
}

void ush_picture_bar(struct ush_pictured_agent *a, uint32_t session, uint64_t until, uint64_t now)
{
    for (uint32_t i = a->n_bars; i-- > 0;) {
        if (a->bars[i].until <= now || a->bars[i].session == session) {
            a->bars[i] = a->bars[--a->n_bars];
        }
    }
    uint32_t at = a->n_bars;
    if (a->n_bars == USH_BARS_MAX) {
        at = 0; /* far beyond what the desk remembers for certain */
    } else {
        a->n_bars++;
    }
    a->bars[at] = (struct ush_bar){session, until};
}

/* The desk keeps a short table an agent: what does not fit may be forgotten early. */
enum ush_barred ush_picture_barred(const struct ush_pictured_agent *a, uint32_t session,
                                   uint64_t now)
{
    bool is = false;
    uint32_t live = 0;
    for (uint32_t i = 0; i < a->n_bars; i++) {
        live += a->bars[i].until > now;
        is = is || (a->bars[i].session == session && a->bars[i].until > now);
    }
    if (!is) {
        return USH_BARRED_NO;
    }
    return live > USH_CORE_BARS ? USH_BARRED_MAYBE : USH_BARRED_YES;
}

static void touch(struct ush_picture *p, uint32_t agent, uint64_t step)
{
    if (agent != USH_NONE) {
        p->agents[agent].touched = step;
        p->agents[agent].idle = step;
    }
}

static void wait(struct ush_pictured_session *s, uint32_t queue, const struct usher_fact *f,
                 int64_t mono, bool anew)
{
    s->state = USHER_STATE_WAITING;
    s->queue = queue == USH_NONE ? s->queue : queue;
    s->owner = s->held_for = USH_NONE;
    s->held_until = 0;
    memset(s->offers, 0, sizeof s->offers);
    if (f->type != USHER_FACT_MOVED || f->cause != USHER_CAUSE_WAITED) {
        s->since = mono > 0 ? (uint64_t) mono : 0; /* else it has waited before, too */
    }
    if (anew) {
        s->enq = mono;
        s->enq_seq = f->seq;
        s->misses = 0;
    }
}

static uint64_t back_off(uint32_t misses)
{
    uint64_t ms = BACKOFF_MS;
    for (uint32_t i = 1; i < misses && ms < BACKOFF_MAX_MS; i++) {
        ms *= 2;
    }
    return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

static void offer_over(struct ush_picture *p, struct ush_pictured_session *s, uint32_t agent,
                       const struct usher_fact *f, int64_t mono, uint64_t step)
{
    struct ush_pictured_agent *a = &p->agents[agent];
    bool missed = f->cause == USHER_CAUSE_MISSED;
    touch(p, agent, step);
    if (missed || f->cause == USHER_CAUSE_DECLINED || f->cause == USHER_CAUSE_NOT_READY) {
        uint64_t now = mono > 0 ? (uint64_t) mono : 0;
        s->misses++;
        a->missed = missed ? a->missed + 1 : 0;
        ush_picture_bar(a, ush_number_of(&s->id), now + back_off(s->misses), now);
    }
    s->offers[agent] = (struct ush_pictured_offer){0, 0};
    if (s->state == USHER_STATE_OFFERED && !ush_picture_offered(s)) {
        s->state = USHER_STATE_WAITING;
    }
}

static void count_session(struct ush_pictured_agent *a, int64_t wall, uint64_t window_ms)
{
    uint64_t window = wall > 0 ? (uint64_t) wall / window_ms : 0;
    a->count = a->window == window ? a->count + 1 : 1;
    a->window = window;
}

/* After a session its units stay taken. */
static void wrap_up(struct ush_picture *p, const struct ush_pictured_session *s, bool by_timer,
                    uint64_t now, uint64_t step)
{
    struct ush_pictured_agent *a = &p->agents[s->owner];
    const struct ush_pictured_queue *q = &p->queues[s->queue];
    uint32_t ms = by_timer && q->was_step == step ? q->was.wrap_ms : q->rules.wrap_ms;
    if (ms > 0 && a->n_wraps < USH_WRAPS_MAX) {
        a->wraps[a->n_wraps++] = (struct ush_bar){s->cost, now + ms};
    }
}

/* Wrap-ups that are over. */
void ush_picture_time(struct ush_picture *p, uint64_t now, uint64_t step)
{
    for (uint32_t i = 0; i < p->n_agents; i++) {
        struct ush_pictured_agent *a = &p->agents[i];
        for (uint32_t k = a->n_wraps; k-- > 0;) {
            if (a->wraps[k].until <= now) {
                a->wraps[k] = a->wraps[--a->n_wraps];
                touch(p, i, step);
            }
        }
    }
}

/* What the agent's links may still see of the session ends with this fact. */
static void release(struct ush_picture *p, struct ush_pictured_session *s,
                    const struct usher_fact *f, uint64_t now, uint64_t step)
{
    if (s->state == USHER_STATE_ACTIVE) {
        touch(p, s->owner, step);
        if (f->type != USHER_FACT_LEFT) {
            wrap_up(p, s, f->cause == USHER_CAUSE_ABANDONED, now, step);
        }
        s->until[s->owner][0] = s->head[0];
        s->until[s->owner][1] = s->head[1];
    }
}

static void apply_desk(struct ush_picture *p, const struct usher_fact *f, int64_t mono,
                       uint64_t step)
{
    struct ush_pictured_session *s = ush_picture_session(p, &f->session);
    uint32_t agent = ush_picture_agent(p, &f->agent);
    if (f->type == USHER_FACT_VISITOR) {
        p->visitors[ush_number_of(&f->by.visitor)].known = true;
    } else if (f->type == USHER_FACT_AGENT && agent != USH_NONE) {
        p->agents[agent].ready = f->number == 1;
        p->agents[agent].missed = 0;
        if (f->number == 0) {
            ush_picture_unhold(p, agent);
        }
        touch(p, agent, step);
    } else if (f->type == USHER_FACT_OFFERED && s != NULL) {
        s->cost = s->state == USHER_STATE_OFFERED ? s->cost : p->queues[s->queue].rules.cost;
        s->state = USHER_STATE_OFFERED;
        s->held_until = 0;
        s->offers[agent] =
            (struct ush_pictured_offer){f->seq, (uint64_t) (mono + f->until_ms - f->at_ms)};
        s->offer_restart = false;
        p->agents[agent].turn = step;
        touch(p, agent, step);
    } else if (f->type == USHER_FACT_OFFER_OVER && s != NULL && agent != USH_NONE) {
        offer_over(p, s, agent, f, mono, step);
    }
}

static void join(struct ush_picture *p, struct ush_pictured_session *s, const struct usher_fact *f,
                 int64_t mono, uint64_t step)
{
    uint32_t agent = ush_picture_agent(p, &f->by.agent);
    if (s->state == USHER_STATE_WAITING) {
        s->cost = p->queues[s->queue].rules.cost; /* it was his at once */
        p->agents[agent].turn = step;
    }
    s->state = USHER_STATE_ACTIVE;
    s->since = mono > 0 ? (uint64_t) mono : 0;
    s->owner = agent;
    s->held_until = 0;
    s->offers[agent] = (struct ush_pictured_offer){0, 0};
    s->misses = 0;
    count_session(&p->agents[agent], f->at_ms, p->window_ms);
    s->seen[1] = s->seen_at[1] = 0;
    s->until[agent][0] = s->until[agent][1] = UINT64_MAX;
    p->agents[agent].missed = 0;
    touch(p, agent, step);
}

/* Its last agent alone may have it for a while, if he is ready. */
static void hold(struct ush_picture *p, struct ush_pictured_session *s, uint32_t agent,
                 uint64_t now)
{
    const struct ush_rules *r = &p->queues[s->queue].rules;
    if (agent == USH_NONE || r->offering == USHER_OFFERING_MANUAL) {
        return;
    }
    const struct ush_pictured_agent *a = &p->agents[agent];
    if (r->sticky_ms > 0 && a->ready && a->presence.links > 0 && a->set &&
        ush_route_tier(p, agent, s, now) != USH_NONE) {
        s->held_for = agent;
        s->held_until = now + r->sticky_ms;
    }
}

/* "priority=2 s0=3": its numbers have one digit. */
static void read_needs(struct ush_pictured_session *s, struct usher_span text)
{
    const char *at = text.base;
    for (size_t i = 2; i + 1 < text.len; i++) {
        uint8_t number = (uint8_t) (at[i + 1] - '0');
        if (at[i] == '=' && at[i - 1] == 'y') {
            s->priority = number;
        } else if (at[i] == '=') {
            s->needs[at[i - 1] - '0'] = number;
        }
    }
}

static void apply_session(struct ush_picture *p, struct ush_pictured_session *s,
                          const struct usher_fact *f, int64_t mono, uint64_t step)
{
    uint32_t number = ush_number_of(&s->id);
    uint32_t queue = ush_picture_queue(p, &f->queue);
    uint64_t now = mono > 0 ? (uint64_t) mono : 0;
    s->head[f->log == USHER_LOG_INTERNAL ? 1 : 0] = f->index;
    s->last_seq = f->seq;
    if (f->type == USHER_FACT_OPENED) {
        s->opened = true;
        read_needs(s, f->body);
        s->visitor = ush_number_of(&f->by.visitor);
        wait(s, queue, f, mono, true);
        p->visitors[s->visitor].open = number;
    } else if (f->type == USHER_FACT_JOINED) {
        join(p, s, f, mono, step);
        s->joined_seq = f->seq;
    } else if (f->type == USHER_FACT_LEFT) {
        release(p, s, f, now, step);
        wait(s, queue, f, mono, false);
    } else if (f->type == USHER_FACT_MOVED) {
        uint32_t mover = s->owner;
        release(p, s, f, now, step);
        wait(s, queue, f, mono, f->cause != USHER_CAUSE_WAITED);
        if (mover != USH_NONE) {
            ush_picture_bar(&p->agents[mover], number, now + MOVER_MS, now);
        }
    } else if (f->type == USHER_FACT_ESCALATED) {
        s->priority = (uint32_t) f->number;
    } else if (f->type == USHER_FACT_REOPENED) {
        uint32_t last = s->owner;
        wait(s, queue, f, mono, true);
        hold(p, s, last, now);
        p->visitors[s->visitor].open = number;
    } else if (f->type == USHER_FACT_CLOSED) {
        release(p, s, f, now, step);
        s->state = USHER_STATE_CLOSED;
        s->closed_at = mono;
        p->visitors[s->visitor].open = USH_NONE;
    } else if (f->type == USHER_FACT_SEEN) {
        int side = f->by.kind == USHER_VISITOR ? 0 : 1;
        s->seen[side] = f->number;
        s->seen_at[side] = mono > 0 ? (uint64_t) mono : 0;
    }
}

void ush_picture_apply(struct ush_picture *p, const struct usher_fact *f, int64_t mono,
                       uint64_t step)
{
    struct ush_pictured_session *s = ush_picture_session(p, &f->session);
    if (f->log == USHER_LOG_DESK) {
        apply_desk(p, f, mono, step);
    } else if (s != NULL) {
        apply_session(p, s, f, mono, step);
    }
}

static void forget(struct ush_picture *p, struct usher_now now)
{
    struct ush_presence gone = {.gone_at = now.mono_ms, .gone_first = now.mono_ms};
    for (size_t i = 0; i < p->n_sessions; i++) {
        const struct ush_pictured_session was = p->sessions[i];
        p->sessions[i] = (struct ush_pictured_session){.id = was.id,
                                                       .form = was.form,
                                                       .visitor = USH_NONE,
                                                       .queue = USH_NONE,
                                                       .owner = USH_NONE,
                                                       .held_for = USH_NONE};
    }
    for (size_t i = 0; i < p->n_visitors; i++) {
        p->visitors[i].known = false;
        p->visitors[i].open = USH_NONE;
        p->visitors[i].presence = gone;
    }
    for (uint32_t i = 0; i < p->n_agents; i++) {
        struct ush_pictured_agent *a = &p->agents[i];
        *a = (struct ush_pictured_agent){.id = a->id, .presence = gone};
    }
    for (uint32_t i = 0; i < p->n_queues; i++) {
        struct ush_pictured_queue *q = &p->queues[i];
        *q = (struct ush_pictured_queue){.id = q->id,
                                         .offer_ms = 20000,
                                         .waiting_max = 1000,
                                         .reopen_ms = 86400000,
                                         .rules = {.cost = 1, .fanout = 1}};
    }
}

void ush_picture_restore(struct ush_picture *p, const struct ush_store *s, struct usher_now now)
{
    forget(p, now);
    for (uint64_t seq = 1; seq <= s->n; seq++) {
        const struct usher_fact *f = ush_store_at(s, seq);
        int64_t age = now.wall_ms - f->at_ms;
        ush_picture_apply(p, f, (int64_t) now.mono_ms - (age > 0 ? age : 0), 0);
    }
    for (size_t i = 0; i < p->n_sessions; i++) {
        struct ush_pictured_session *session = &p->sessions[i];
        session->offer_restart = session->state == USHER_STATE_OFFERED;
        session->seen_at[0] = session->seen_at[1] = session->since = 0;
        session->durable[0] = session->head[0];
        session->durable[1] = session->head[1];
    }
    for (uint32_t i = 0; i < p->n_agents; i++) {
        p->agents[i].n_bars = 0; /* these, and misses running, are not facts */
        p->agents[i].missed = 0;
        p->agents[i].n_wraps = 0;
        p->agents[i].turn = p->agents[i].count = p->agents[i].window = 0;
    }
}
