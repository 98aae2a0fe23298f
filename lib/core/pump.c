/* pump.c - what a link is told next: from its cursors and its dirty bits.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

enum turn { TOLD, NOTHING, GATED };

static struct usher_note *note(struct usher_effect *fx, enum usher_note_type type)
{
    struct usher_note *n = &fx->as.note;
    fx->type = USHER_DO_NOTE;
    memset(n, 0, sizeof *n);
    n->type = type;
    return n;
}

/* A fact's key is for the person who sent the command. */
static bool is_own(const struct usher *u, const struct ush_link *l, const struct usher_fact *f)
{
    if (f->by.kind != l->as) {
        return false;
    }
    if (l->as == USHER_VISITOR) {
        return memcmp(&f->by.visitor, &u->visitors[l->person].id, sizeof f->by.visitor) == 0;
    }
    return memcmp(&f->by.agent, &u->agents[l->person].id, sizeof f->by.agent) == 0;
}

static const struct usher_fact *next_fact(struct usher *u, struct ush_attached *t, int log)
{
    const struct ush_session *s = &u->sessions[t->session];
    const struct usher_fact *f = ush_recent_step(u, s, log, &t->pos[log]);
    if (f == NULL || f->index != t->next[log]) {
        f = ush_recent_at(u, s, log, t->next[log], &t->pos[log]);
    }
    return f != NULL ? f : ush_fetched_next(u, t, log);
}

static enum turn pump_facts(struct usher *u, struct ush_link *l, struct ush_attached *t,
                            struct usher_effect *fx)
{
    const struct ush_session *s = &u->sessions[t->session];
    int logs = l->as == USHER_VISITOR ? 1 : 2;
    for (int log = 0; t->member && log < logs; log++) {
        if (t->next[log] > s->durable[log] || t->next[log] > t->until[log]) {
            continue;
        }
        const struct usher_fact *f = next_fact(u, t, log);
        if (f == NULL) {
            ush_fetch_want(u, t);
            return NOTHING;
        }
        t->next[log]++;
        fx->type = USHER_DO_FACT;
        fx->as.fact.fact = f;
        fx->as.fact.own = is_own(u, l, f);
        return TOLD;
    }
    return NOTHING;
}

/* Has a former member seen the end? Then he goes, or begins anew. */
static bool pump_end(struct ush_attached *t, int logs)
{
    for (int log = 0; log < logs; log++) {
        if (t->next[log] <= t->until[log]) {
            return false;
        }
    }
    t->until[0] = t->until[1] = UINT64_MAX;
    t->next[0] = t->next[1] = 1;
    t->pos[0] = t->pos[1] = 0;
    t->member = t->again;
    t->again = false;
    t->tell &= (unsigned) USH_TELL_OFFER;
    return true;
}

static enum turn pump_reset(const struct ush_session *s, struct ush_attached *t,
                            struct usher_effect *fx)
{
    int log = (t->tell & USH_TELL_RESET) != 0 ? 0 : 1;
    unsigned bit = log == 0 ? USH_TELL_RESET : USH_TELL_RESET_INTERNAL;
    struct usher_note *n = note(fx, USHER_NOTE_RESET);
    t->tell &= ~bit;
    n->session = s->id;
    n->as.reset.log = log == 0 ? USHER_LOG_PUBLIC : USHER_LOG_INTERNAL;
    n->as.reset.head = s->durable[log];
    n->as.reset.first = t->next[log];
    return TOLD;
}

static enum turn pump_offer(struct usher *u, struct ush_link *l, struct ush_attached *t,
                            struct usher_effect *fx)
{
    const struct ush_session *s = &u->sessions[t->session];
    const struct ush_agent *a = &u->agents[l->person];
    bool live = a->offer == t->session && !a->offer_restart;
    if (t->shown != 0 && (!live || t->shown != a->offer_number)) {
        struct usher_note *n = note(fx, USHER_NOTE_OFFER_OVER);
        n->session = s->id;
        n->as.offer.number = t->shown;
        n->as.offer.cause =
            s->state == USHER_STATE_ACTIVE && s->owner == l->person ? USHER_CAUSE_NONE : t->over;
        t->shown = 0;
        return TOLD;
    }
    if (!live || t->shown == a->offer_number) {
        t->tell &= ~(unsigned) USH_TELL_OFFER;
        return NOTHING;
    }
    if (a->offer_number > u->durable) {
        return GATED; /* its number must outlive a crash, or it might be used again */
    }
    const struct ush_form *form = &u->forms[t->session];
    struct usher_note *n = note(fx, USHER_NOTE_OFFER);
    n->session = s->id;
    n->as.offer.number = t->shown = a->offer_number;
    n->as.offer.until_ms = a->offer_until;
    n->as.offer.queue = u->queues[s->queue].id;
    n->as.offer.name = ush_span(form->name, form->name_len);
    n->as.offer.email = ush_span(form->email, form->email_len);
    n->as.offer.cost = s->cost;
    n->as.offer.priority = u->classes[s->class].priority;
    n->as.offer.needs = u->offer_needs;
    n->as.offer.n_needs = ush_needs_list(u, &u->classes[s->class], u->offer_needs);
    t->tell &= ~(unsigned) USH_TELL_OFFER;
    return TOLD;
}

static enum turn pump_place(struct usher *u, struct ush_attached *t, struct usher_effect *fx)
{
    struct ush_session *s = &u->sessions[t->session];
    t->tell &= ~(unsigned) USH_TELL_PLACE;
    if (s->state != USHER_STATE_WAITING) {
        s->place_told = 0; /* he will be told when it waits again */
        return NOTHING;
    }
    struct usher_note *n = note(fx, USHER_NOTE_PLACE);
    n->session = s->id;
    struct usher_wait wait = ush_wait_of(u, s);
    n->as.place.place = wait.place;
    n->as.place.known = wait.known;
    n->as.place.low_ms = wait.low_ms;
    n->as.place.high_ms = wait.high_ms;
    return TOLD;
}

/* TYPING and PRESENCE are about the other side. */
static enum turn pump_other(struct usher *u, struct ush_link *l, struct ush_attached *t,
                            struct usher_effect *fx)
{
    const struct ush_session *s = &u->sessions[t->session];
    unsigned bit = (t->tell & USH_TELL_TYPING) != 0 ? USH_TELL_TYPING : USH_TELL_PRESENCE;
    t->tell &= ~bit;
    if (s->state != USHER_STATE_ACTIVE) {
        return NOTHING;
    }
    const struct ush_agent *a = &u->agents[s->owner];
    struct usher_note *n =
        note(fx, bit == USH_TELL_TYPING ? USHER_NOTE_TYPING : USHER_NOTE_PRESENCE);
    n->session = s->id;
    n->by = l->as == USHER_VISITOR ? ush_by_agent(a) : ush_by_visitor(u, s);
    if (bit == USH_TELL_PRESENCE) {
        n->as.presence.here =
            (l->as == USHER_VISITOR ? a->n_links : u->visitors[s->visitor].n_links) > 0;
    }
    return TOLD;
}

static enum turn pump_notes(struct usher *u, struct ush_link *l, struct ush_attached *t,
                            struct usher_effect *fx)
{
    const struct ush_session *s = &u->sessions[t->session];
    enum turn turn = NOTHING;
    while (turn == NOTHING && t->tell != 0) {
        if (s->last_seq > u->durable) {
            return GATED; /* a note, too, tells only what is durable */
        }
        if ((t->tell & USH_TELL_OFFER) != 0) {
            turn = pump_offer(u, l, t, fx);
        } else if ((t->tell & USH_TELL_PLACE) != 0) {
            turn = pump_place(u, t, fx);
        } else {
            turn = pump_other(u, l, t, fx);
        }
    }
    return turn;
}

static enum turn pump_attached(struct usher *u, struct ush_link *l, struct ush_attached *t,
                               struct usher_effect *fx)
{
    const struct ush_session *s = &u->sessions[t->session];
    int logs = l->as == USHER_VISITOR ? 1 : 2;
    if ((t->tell & (USH_TELL_RESET | USH_TELL_RESET_INTERNAL)) != 0) {
        return pump_reset(s, t, fx);
    }
    if (t->need > u->durable) {
        return GATED; /* G2: he sees the session when his joining is durable */
    }
    enum turn turn = pump_facts(u, l, t, fx);
    if (turn == NOTHING && t->member && t->until[0] != UINT64_MAX && pump_end(t, logs)) {
        turn = pump_facts(u, l, t, fx);
    }
    return turn != NOTHING ? turn : pump_notes(u, l, t, fx);
}

static enum turn pump_sessions(struct usher *u, struct ush_link *l, struct usher_effect *fx)
{
    struct ush_list *next;
    enum turn all = NOTHING;
    for (struct ush_list *at = l->dirty.next; at != &l->dirty; at = next) {
        struct ush_attached *t = USH_ITEM(at, struct ush_attached, dirty);
        enum turn turn = pump_attached(u, l, t, fx);
        next = at->next;
        if (turn == TOLD) {
            return TOLD;
        }
        if (turn == GATED) {
            all = GATED;
            continue;
        }
        bool offered = l->as == USHER_AGENT && u->agents[l->person].offer == t->session;
        ush_list_del(&t->dirty);
        if (!t->member && t->shown == 0 && !offered) {
            ush_detach(u, t);
        }
    }
    return all;
}

static enum turn pump_answers(struct usher *u, struct ush_link *l, struct usher_effect *fx)
{
    for (struct ush_list *at = l->answers.next; at != &l->answers; at = at->next) {
        struct ush_answer *a = USH_ITEM(at, struct ush_answer, of_link);
        if (a->need > u->durable ||
            (a->type == USHER_NOTE_EXPLAINED && !ush_explain_durable(u, &a->session))) {
            continue;
        }
        struct usher_note *n = note(fx, a->type);
        n->key = ush_span(a->key, a->key_len);
        n->session = a->session;
        if (a->type == USHER_NOTE_EXPLAINED && !ush_explain_note(u, &a->session, n)) {
            a->type = n->type = USHER_NOTE_REFUSED; /* it has come to somebody meanwhile */
            a->why = USHER_CLOSED;
            a->text = "it does not wait";
        }
        if (a->type == USHER_NOTE_DONE) {
            n->as.done.was = a->was;
            n->as.done.log = a->log;
        } else if (a->type == USHER_NOTE_REFUSED) {
            n->as.refused.why = a->why;
            n->as.refused.retry_ms = a->retry_ms;
            n->as.refused.text = a->text;
        }
        /* The slot is free again, its bytes stay until the next step. */
        ush_list_del(&a->of_link);
        ush_pool_give(&u->answer_pool, USH_SLOT(u, answers, a));
        l->n_answers--;
        return TOLD;
    }
    return ush_list_empty(&l->answers) ? NOTHING : GATED;
}

/* Most links ask for nothing most of the time, and a note is large to clear. */
static bool pump_history(struct usher *u, struct ush_link *l, struct usher_effect *fx)
{
    return l->asks && ush_history_note(u, l, note(fx, USHER_NOTE_HISTORY));
}

static enum turn pump_self(struct usher *u, struct ush_link *l, struct usher_effect *fx)
{
    if ((l->tell & USH_TELL_HELLO) != 0) {
        if (!ush_hello(u, l, note(fx, USHER_NOTE_HELLO))) {
            return GATED;
        }
        l->tell &= ~(unsigned) USH_TELL_HELLO;
        return TOLD;
    }
    if ((l->tell & USH_TELL_DEGRADED) != 0) {
        note(fx, USHER_NOTE_DEGRADED)->as.degraded.on = u->degraded;
        l->tell &= ~(unsigned) USH_TELL_DEGRADED;
        return TOLD;
    }
    if ((l->tell & USH_TELL_AGENT) != 0) {
        const struct ush_agent *a = &u->agents[l->person];
        if (a->fact_seq > u->durable) {
            return pump_history(u, l, fx) ? TOLD : GATED;
        }
        struct usher_note *n = note(fx, USHER_NOTE_AGENT);
        n->as.agent.ready = a->ready;
        n->as.agent.cause = a->cause;
        n->as.agent.reason = ush_span(a->reason, a->reason_len);
        l->tell &= ~(unsigned) USH_TELL_AGENT;
        return TOLD;
    }
    return pump_history(u, l, fx) ? TOLD : NOTHING;
}

/* After everything else: the answer to the command comes first, and a large desk's many rows
 * delay nobody's facts. */
static enum turn pump_board(struct usher *u, struct ush_link *l, struct usher_effect *fx)
{
    if (l->board == USH_NONE) {
        return NOTHING;
    }
    note(fx, USHER_NOTE_BOARD);
    return ush_board_note(u, l) ? TOLD : NOTHING;
}

/* True: *fx is the next thing for this link. Else *gated: something waits for PERSISTED. */
bool ush_pump(struct usher *u, struct ush_link *l, struct usher_effect *fx, bool *gated)
{
    fx->link = l->id;
    enum turn self = pump_self(u, l, fx);
    bool hello_first = (l->tell & USH_TELL_HELLO) != 0;
    enum turn sessions = self == TOLD || hello_first ? self : pump_sessions(u, l, fx);
    enum turn answers = sessions == TOLD || hello_first ? sessions : pump_answers(u, l, fx);
    enum turn board = answers == TOLD || hello_first ? answers : pump_board(u, l, fx);
    *gated = self == GATED || sessions == GATED || answers == GATED;
    return board == TOLD;
}
