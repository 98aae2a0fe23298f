/* effect_hash.c - an effect in 64 bits: every field that it has, and every text.
 * SPDX-License-Identifier: MIT */
#include "rand.h"
#include "tape.h"

static uint64_t span(uint64_t h, struct usher_span s)
{
    return ush_mix_bytes(h, s.base, s.len);
}

static uint64_t by(uint64_t h, const struct usher_by *b)
{
    h = ush_mix(h, b->kind);
    if (b->kind == USHER_VISITOR) {
        h = ush_mix_bytes(h, &b->visitor, sizeof b->visitor);
    } else if (b->kind != USHER_SYSTEM) {
        h = ush_mix_bytes(h, &b->agent, sizeof b->agent);
    }
    return span(h, b->name);
}

static uint64_t fact(uint64_t h, const struct usher_fact *f)
{
    const uint64_t numbers[] = {
        f->seq,    (uint64_t) f->at_ms,   f->type, f->log, f->cause, f->index, f->after, f->number,
        f->digest, (uint64_t) f->until_ms};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        h = ush_mix(h, numbers[i]);
    }
    h = ush_mix_bytes(h, &f->session, sizeof f->session);
    h = ush_mix_bytes(h, &f->queue, sizeof f->queue);
    h = ush_mix_bytes(h, &f->agent, sizeof f->agent);
    h = by(h, &f->by);
    h = span(h, f->agent_name);
    h = span(h, f->key);
    h = span(h, f->body);
    return span(h, f->email);
}

static uint64_t hello(uint64_t h, const struct usher_note *n)
{
    h = ush_mix(h, n->as.hello.as);
    if (n->as.hello.as == USHER_VISITOR) {
        h = ush_mix_bytes(h, &n->as.hello.visitor, sizeof n->as.hello.visitor);
    } else {
        h = ush_mix_bytes(h, &n->as.hello.agent, sizeof n->as.hello.agent);
        h = span(h, n->as.hello.name);
        h = ush_mix(ush_mix(h, n->as.hello.supervisor), (uint64_t) n->as.hello.now_ms);
        h = ush_mix(h, n->as.hello.ready);
        h = ush_mix(h, n->as.hello.capacity);
        h = ush_mix(h, n->as.hello.n_own);
    }
    h = ush_mix(h, n->as.hello.epoch);
    h = ush_mix(h, n->as.hello.body_max);
    for (size_t i = 0; i < n->as.hello.n_queues; i++) {
        const struct usher_hello_queue *q = &n->as.hello.queues[i];
        h = ush_mix_bytes(h, &q->queue, sizeof q->queue);
        h = span(h, q->name);
        h = ush_mix(h, (uint64_t) q->open << 1 | q->ready);
    }
    for (size_t i = 0; i < n->as.hello.n_agents; i++) {
        h = ush_mix_bytes(h, &n->as.hello.agents[i].agent, sizeof n->as.hello.agents[i].agent);
        h = span(h, n->as.hello.agents[i].name);
    }
    for (size_t i = 0; i < n->as.hello.n_sessions; i++) {
        const struct usher_hello_session *s = &n->as.hello.sessions[i];
        h = ush_mix_bytes(h, &s->session, sizeof s->session);
        h = ush_mix(h, s->state);
        h = ush_mix(ush_mix(h, s->head[0]), s->head[1]);
        h = ush_mix_bytes(h, &s->queue, sizeof s->queue);
    }
    return h;
}

static uint64_t text(uint64_t h, const char *s)
{
    for (; s != NULL && *s != 0; s++) {
        h = ush_mix(h, (unsigned char) *s);
    }
    return h;
}

static uint64_t offer(uint64_t h, const struct usher_note *n)
{
    h = ush_mix(h, n->as.offer.number);
    h = ush_mix(h, (uint64_t) n->as.offer.until_ms);
    h = ush_mix_bytes(h, &n->as.offer.queue, sizeof n->as.offer.queue);
    h = span(h, n->as.offer.name);
    h = span(h, n->as.offer.email);
    h = ush_mix(h, n->as.offer.priority);
    for (size_t i = 0; i < n->as.offer.n_needs; i++) {
        const struct usher_skill *need = &n->as.offer.needs[i];
        h = ush_mix(ush_mix_bytes(h, &need->id, sizeof need->id), need->level);
    }
    return ush_mix(ush_mix(h, n->as.offer.cost), n->as.offer.cause);
}

static uint64_t history(uint64_t h, const struct usher_note *n)
{
    h = ush_mix(h, n->as.history.more);
    for (size_t i = 0; i < n->as.history.n; i++) {
        h = fact(h, &n->as.history.facts[i]);
    }
    return h;
}

static uint64_t board(uint64_t h, const struct usher_note *n)
{
    for (size_t i = 0; i < n->as.board.n_queues; i++) {
        const struct usher_board_queue *q = &n->as.board.queues[i];
        h = ush_mix_bytes(h, &q->queue, sizeof q->queue);
        h = ush_mix(ush_mix(h, (uint64_t) q->ready << 1 | q->open), (uint64_t) q->oldest_ms);
        h = ush_mix(ush_mix(h, q->waiting), q->active);
    }
    for (size_t i = 0; i < n->as.board.n_agents; i++) {
        const struct usher_board_agent *a = &n->as.board.agents[i];
        h = ush_mix_bytes(h, &a->agent, sizeof a->agent);
        h = ush_mix(h, (uint64_t) a->cause << 2 | (uint64_t) a->here << 1 | a->ready);
        h = ush_mix(ush_mix(h, a->load), a->capacity);
    }
    return h;
}

static uint64_t note(uint64_t h, const struct usher_note *n)
{
    h = ush_mix(h, n->type);
    h = ush_mix_bytes(h, &n->session, sizeof n->session);
    h = span(h, n->key);
    h = by(h, &n->by);
    switch (n->type) {
    case USHER_NOTE_HELLO:
        return hello(h, n);
    case USHER_NOTE_PLACE:
        h = ush_mix(ush_mix(h, n->as.place.known), n->as.place.low_ms);
        return ush_mix(ush_mix(h, n->as.place.high_ms), n->as.place.place);
    case USHER_NOTE_OFFER:
    case USHER_NOTE_OFFER_OVER:
        return offer(h, n);
    case USHER_NOTE_TYPING:
        return h;
    case USHER_NOTE_PRESENCE:
        return ush_mix(h, n->as.presence.here);
    case USHER_NOTE_AGENT:
        h = ush_mix(h, (uint64_t) n->as.agent.cause << 1 | n->as.agent.ready);
        return span(h, n->as.agent.reason);
    case USHER_NOTE_DONE:
        return ush_mix(ush_mix(h, n->as.done.was), n->as.done.log);
    case USHER_NOTE_REFUSED:
        h = ush_mix(ush_mix(h, n->as.refused.why), n->as.refused.retry_ms);
        return text(h, n->as.refused.text);
    case USHER_NOTE_RESET:
        h = ush_mix(h, n->as.reset.log);
        return ush_mix(ush_mix(h, n->as.reset.head), n->as.reset.first);
    case USHER_NOTE_DEGRADED:
        return ush_mix(h, n->as.degraded.on);
    case USHER_NOTE_HISTORY:
        return history(h, n);
    case USHER_NOTE_EXPLAINED:
        return ush_mix(ush_mix(h, n->as.explained.of.n_can), n->as.explained.n_agents);
    case USHER_NOTE_BOARD:
        return board(h, n);
    }
    return h;
}

static uint64_t fetch(uint64_t h, const struct usher_fetch *f)
{
    const uint64_t numbers[] = {f->ticket,   f->internal, f->internal ? 0 : (uint64_t) f->log,
                                f->after,    f->before,   f->facts_max,
                                f->bytes_max};
    h = ush_mix_bytes(h, &f->session, sizeof f->session);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        h = ush_mix(h, numbers[i]);
    }
    return h;
}

uint64_t ush_effect_hash(uint64_t h, const struct usher_effect *fx)
{
    h = ush_mix(h, fx->type);
    switch (fx->type) {
    case USHER_DO_FACT:
        h = ush_mix(ush_mix(h, fx->link.v), fx->as.fact.own);
        return fact(h, fx->as.fact.fact);
    case USHER_DO_NOTE:
        return note(ush_mix(h, fx->link.v), &fx->as.note);
    case USHER_DO_DROP:
        return ush_mix(ush_mix(h, fx->link.v), (uint64_t) fx->as.drop.code);
    case USHER_DO_PERSIST:
        h = ush_mix(h, fx->as.persist.first);
        for (size_t i = 0; i < fx->as.persist.n; i++) {
            h = fact(h, &fx->as.persist.facts[i]);
        }
        return h;
    case USHER_DO_FETCH:
        return fetch(h, &fx->as.fetch);
    case USHER_DO_FIND:
        h = ush_mix(ush_mix(h, fx->link.v), fx->as.find.ticket);
        return span(by(h, &fx->as.find.by), fx->as.find.key);
    }
    return h;
}
