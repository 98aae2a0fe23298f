/* judge_answer.c - each keyed command has exactly one answer, and one that it may have.
 * SPDX-License-Identifier: MIT
 *
 * What may be answered is worked out from the picture before and after what else
 * the step has done, because timers may come first. A set of bits: */
#include <string.h>

#include "world.h"

enum { FACT = 1, DONE = 2, HISTORY = 4, RETRY = 8 };
#define WHY(why) ((uint32_t) 16 << (why))

enum { SEEN_MS = 2000, COMMAND_FACTS = 12, COMMAND_BYTES = 4096 };

static const struct ush_sim_link *sender(const struct ush_world *w, const struct ush_stepped *st)
{
    return &w->links[st->ev.link.v];
}

/* Who caused the effect of this key must be who uses it now: visitors may change. */
static bool is_used(const struct ush_world *w, const struct ush_stepped *st, uint32_t key)
{
    const struct ush_used_key *k = &w->keys[key];
    const struct ush_sim_link *l = sender(w, st);
    return k->seq != 0 && k->step < st->number && k->who == l->who;
}

static bool fits_queue(const struct ush_world *w, uint32_t queue, uint32_t *why)
{
    const struct ush_picture *p = &w->picture;
    if (queue >= p->n_queues || !p->queues[queue].set) {
        *why = WHY(USHER_UNKNOWN);
    } else if (!p->queues[queue].open) {
        *why = WHY(USHER_CLOSED);
    } else if (ush_picture_waiting(p, queue) >= p->queues[queue].waiting_max) {
        *why = WHY(USHER_FULL);
    } else {
        return true;
    }
    return false;
}

static uint32_t allow_start(const struct ush_world *w, const struct ush_stepped *st,
                            const struct ush_command *c)
{
    const struct ush_pictured_visitor *v = &w->picture.visitors[sender(w, st)->who];
    uint32_t why = 0;
    if (v->open != USH_NONE) {
        return WHY(USHER_TAKEN);
    }
    if (!fits_queue(w, c->queue, &why)) {
        return why;
    }
    /* A skill that nobody was told of yet is unknown. */
    uint32_t unknown = c->n_needs > 0 ? WHY(USHER_UNKNOWN) : 0;
    return FACT | unknown | (w->judge.full ? WHY(USHER_FULL) : 0);
}

static uint32_t allow_seen(const struct ush_stepped *st, const struct ush_pictured_session *s,
                           int side)
{
    uint64_t upto = st->ev.as.seen.upto;
    bool soon = s->seen[side] > 0 && st->now.mono_ms < s->seen_at[side] + SEEN_MS;
    uint32_t beyond = upto > s->durable[0] ? WHY(USHER_BAD_FIELD) : 0;
    if (upto > s->head[0]) {
        return beyond;
    }
    /* What is durable may have changed since. */
    if (upto <= s->seen[side] || soon || s->state == USHER_STATE_CLOSED) {
        return DONE | beyond | WHY(USHER_BAD_FIELD);
    }
    return FACT | beyond | WHY(USHER_BAD_FIELD);
}

static uint32_t allow_reopen(const struct ush_world *w, const struct ush_stepped *st,
                             const struct ush_pictured_session *s)
{
    uint32_t why = 0;
    if (s->state != USHER_STATE_CLOSED || w->picture.visitors[s->visitor].open != USH_NONE) {
        return WHY(USHER_TAKEN);
    }
    if (!fits_queue(w, s->queue, &why)) {
        return why;
    }
    return sender(w, st)->as == USHER_VISITOR ? FACT : DONE;
}

static uint32_t allow_move(const struct ush_world *w, const struct ush_stepped *st,
                           const struct ush_command *c, const struct ush_pictured_session *s)
{
    const struct ush_picture *p = &w->picture;
    struct ush_loads loads = ush_route_loads(p, st->now.mono_ms);
    uint32_t why = 0;
    if (s->state != USHER_STATE_ACTIVE) {
        return WHY(USHER_CLOSED);
    }
    if (c->queue != USH_NONE) {
        return fits_queue(w, c->queue, &why) ? FACT : why;
    }
    if (c->agent >= p->n_agents || !p->agents[c->agent].set) {
        return WHY(USHER_UNKNOWN);
    }
    if (c->agent == sender(w, st)->who) {
        return WHY(USHER_BAD_FIELD);
    }
    const struct ush_pictured_agent *a = &p->agents[c->agent];
    bool is_free = a->ready && a->presence.links > 0 && loads.offers[c->agent] == 0 &&
                   loads.load[c->agent] + p->queues[s->queue].rules.cost <= a->capacity;
    bool vague = st->unsure || ush_route_may_keep_free(p, c->agent, st->now.mono_ms);
    return (is_free ? FACT : WHY(USHER_FULL)) | (vague ? FACT | WHY(USHER_FULL) : 0);
}

static uint32_t allow_session(const struct ush_world *w, const struct ush_stepped *st,
                              const struct ush_command *c)
{
    const struct ush_sim_link *l = sender(w, st);
    const struct ush_pictured_session *s =
        c->session < w->picture.n_sessions ? &w->picture.sessions[c->session] : NULL;
    bool visitor = l->as == USHER_VISITOR;
    if (s == NULL || !s->opened || (visitor ? s->visitor != l->who : s->owner != l->who)) {
        return WHY(USHER_UNKNOWN);
    }
    bool closed = s->state == USHER_STATE_CLOSED;
    const struct ush_pictured_queue *q = &w->picture.queues[s->queue];
    bool over = (int64_t) st->now.mono_ms >= s->closed_at + (int64_t) q->reopen_ms;
    bool forgotten = closed && (w->judge.full || over || !q->set);
    uint32_t unknown = forgotten ? WHY(USHER_UNKNOWN) : 0;
    if (c->type == USHER_EV_SAY || c->type == USHER_EV_WHISPER) {
        return unknown | (closed ? WHY(USHER_CLOSED) : FACT);
    }
    if (c->type == USHER_EV_VISIT) {
        return unknown | (closed ? WHY(USHER_CLOSED) : DONE);
    }
    if (c->type == USHER_EV_CLOSE) {
        return unknown | (closed ? WHY(USHER_CLOSED) : FACT);
    }
    if (c->type == USHER_EV_SEEN) {
        return unknown | allow_seen(st, s, visitor ? 0 : 1);
    }
    if (c->type == USHER_EV_TYPING) {
        return unknown | (!visitor && closed ? WHY(USHER_UNKNOWN) : DONE);
    }
    if (c->type == USHER_EV_REOPEN) {
        return unknown | allow_reopen(w, st, s);
    }
    if (c->type == USHER_EV_MOVE) {
        return unknown | allow_move(w, st, c, s);
    }
    /* It may end, and be forgotten, before its history has been read. */
    return WHY(USHER_UNKNOWN) | HISTORY | RETRY;
}

static uint32_t allow_answer(const struct ush_world *w, const struct ush_stepped *st,
                             const struct ush_command *c)
{
    for (size_t i = 0; i < w->picture.n_sessions; i++) {
        const struct ush_pictured_session *s = &w->picture.sessions[i];
        const struct ush_pictured_offer *o = &s->offers[sender(w, st)->who];
        if (c->number > 0 && o->number == c->number && !s->offer_restart &&
            st->now.mono_ms < o->due) {
            return c->type == USHER_EV_ACCEPT ? FACT : DONE;
        }
    }
    return WHY(USHER_OFFER_GONE);
}

/* As if the key were new. P2, P3: only then may it be refused for good. */
static uint32_t allow_new(const struct ush_world *w, const struct ush_stepped *st,
                          const struct ush_command *c)
{
    if (c->type == USHER_EV_START) {
        return allow_start(w, st, c);
    }
    if (c->type == USHER_EV_READY) {
        return DONE;
    }
    if (c->type == USHER_EV_BOARD) {
        return sender(w, st)->who == USH_SUPERVISOR ? DONE : WHY(USHER_UNKNOWN);
    }
    if (c->type == USHER_EV_ACCEPT || c->type == USHER_EV_DECLINE) {
        return allow_answer(w, st, c);
    }
    return allow_session(w, st, c);
}

/* A key that caused something is known for as long as its session is in memory or in the
 * storage. Commands about no session are remembered a while only. */
static bool may_be_forgotten(const struct ush_world *w, const struct ush_stepped *st,
                             const struct ush_command *c)
{
    const struct ush_command *first = &w->commands[w->keys[c->key].command];
    bool asks =
        c->type != USHER_EV_READY && c->type != USHER_EV_ACCEPT && c->type != USHER_EV_DECLINE;
    if (!asks || first->type == USHER_EV_READY || first->type == USHER_EV_DECLINE) {
        return true;
    }
    return w->judge.full && !ush_speech_same(w, st->command, w->keys[c->key].command);
}

/* May the page have had no room for this command? */
static bool no_room(const struct ush_world *w, const struct ush_stepped *st)
{
    char text[USH_BODY_MAX];
    const struct ush_command *c = &w->commands[st->command];
    bool says = c->type == USHER_EV_SAY || c->type == USHER_EV_WHISPER || c->type == USHER_EV_START;
    size_t body = says ? ush_speech_body(w, c, text).len : 0;
    return w->judge.page_n + COMMAND_FACTS > w->cfg.limits.batch_facts ||
           w->judge.page_bytes + body + COMMAND_BYTES > w->cfg.limits.batch_bytes;
}

void ush_answer_allow(struct ush_world *w, struct ush_stepped *st)
{
    if (st->command == USH_NONE || st->effect) {
        return;
    }
    const struct ush_command *c = &w->commands[st->command];
    bool keyed = c->key != USH_NONE;
    uint32_t set = 0;
    if (keyed && is_used(w, st, c->key)) {
        bool same = ush_speech_same(w, st->command, w->keys[c->key].command);
        set = same ? DONE : WHY(USHER_KEY_CONFLICT);
        set |= w->other_epoch ? WHY(USHER_KEY_CONFLICT) : 0;
        set |= w->keys[c->key].vague ? DONE | WHY(USHER_KEY_CONFLICT) : 0;
        set |= may_be_forgotten(w, st, c) ? allow_new(w, st, c) : 0;
    } else {
        set = allow_new(w, st, c);
    }
    if (no_room(w, st)) {
        set |= RETRY;
    }
    if (keyed && w->judge.full) {
        set |= WHY(USHER_FULL);
    }
    if (st->found_failed) {
        set |= RETRY;
    }
    st->answer |= set;
}

/* G4: one key, one effect. */
void ush_answer_effect(struct ush_world *w, struct ush_stepped *st, const struct usher_fact *f)
{
    uint32_t key = ush_key_parse(f->key);
    if (key == USH_NONE) {
        return;
    }
    struct ush_used_key *k = &w->keys[key];
    const struct ush_command *c = &w->commands[st->command];
    bool desk = c->type == USHER_EV_READY || c->type == USHER_EV_DECLINE;
    if (is_used(w, st, key) && !desk && ush_speech_same(w, st->command, k->command)) {
        ush_fail(w, "G4: key-%u has a second effect, fact %llu after %llu", key,
                 (unsigned long long) f->seq, (unsigned long long) k->seq);
        return;
    }
    bool told_done = desk || c->type == USHER_EV_VISIT ||
                     (c->type == USHER_EV_REOPEN && sender(w, st)->as == USHER_AGENT);
    st->effect = true;
    st->answer = told_done ? DONE : FACT;
    k->seq = f->seq;
    k->index = f->log == USHER_LOG_DESK ? 0 : f->index;
    k->step = st->number;
    k->who = sender(w, st)->who;
    k->command = st->command;
    k->vague = false;
}

void ush_answer_delivered(struct ush_world *w, uint64_t link, uint32_t command)
{
    struct ush_sim_link *l = &w->links[link];
    l->due = ush_grow(l->due, l->n_due, &l->due_room, sizeof *l->due);
    l->due[l->n_due++] = (struct ush_due){.step = w->steps, .command = command};
}

/* The host has answered it, and the core has not seen it. */
void ush_answer_refused(struct ush_world *w, uint64_t link, uint32_t command)
{
    ush_answer_delivered(w, link, command);
    struct ush_due *d = &w->links[link].due[w->links[link].n_due - 1];
    d->judged = true;
    d->allowed = WHY(USHER_TOO_FAST);
}

static void settle(struct ush_sim_link *l, size_t at)
{
    l->n_due--;
    memmove(l->due + at, l->due + at + 1, (l->n_due - at) * sizeof *l->due);
}

void ush_answer_judged(struct ush_world *w, const struct ush_stepped *st)
{
    if (st->command == USH_NONE || w->commands[st->command].key == USH_NONE) {
        return;
    }
    struct ush_sim_link *l = &w->links[st->ev.link.v];
    for (size_t i = 0; i < l->n_due; i++) {
        if (l->due[i].step == st->number) {
            l->due[i].judged = true;
            l->due[i].allowed = st->answer;
        }
    }
}

/* The fact itself is the answer, on the link over which its command came. */
void ush_answer_fact(struct ush_world *w, uint64_t link, const struct usher_fact *f)
{
    struct ush_sim_link *l = &w->links[link];
    uint32_t key = ush_key_parse(f->key);
    for (size_t i = 0; i < l->n_due; i++) {
        const struct ush_due *d = &l->due[i];
        if (d->step == w->keys[key].step && w->commands[d->command].key == key &&
            d->allowed == FACT) {
            settle(l, i);
            return;
        }
    }
}

static uint32_t answer_bit(const struct usher_note *n)
{
    if (n->type == USHER_NOTE_DONE) {
        return DONE;
    }
    if (n->type == USHER_NOTE_HISTORY) {
        return HISTORY;
    }
    bool later = n->as.refused.why == USHER_BUSY || n->as.refused.why == USHER_DEGRADED;
    return later ? RETRY : WHY(n->as.refused.why);
}

/* done names what the key's command caused. */
static bool names_effect(const struct ush_world *w, const struct ush_came *came,
                         const struct ush_due *d)
{
    const struct ush_used_key *k = &w->keys[came->key];
    enum usher_event_type type = w->commands[d->command].type;
    if (type == USHER_EV_VISIT && came->was != 0) {
        return false; /* a visitor is not told that there is another log */
    }
    if (k->seq == 0 || k->step > d->step) {
        return came->was == 0; /* it had no effect; or only later, when it came again */
    }
    bool silent = type == USHER_EV_TYPING || type == USHER_EV_SEEN || type == USHER_EV_READY ||
                  type == USHER_EV_VISIT;
    return k->seq <= w->durable && (came->was == k->index || (silent && came->was == 0));
}

static void history_is_right(struct ush_world *w, uint64_t link, const struct usher_note *n)
{
    uint64_t last = 0;
    for (size_t i = 0; i < n->as.history.n; i++) {
        const struct usher_fact *f = &n->as.history.facts[i];
        const struct usher_fact *kept = ush_store_at(&w->store, f->seq);
        bool internal = f->log == USHER_LOG_INTERNAL;
        if (kept == NULL || !ush_same_fact(f, kept) || f->seq <= last ||
            (internal && w->links[link].as == USHER_VISITOR) ||
            memcmp(&f->session, &n->session, sizeof f->session) != 0) {
            ush_fail(w, "a history holds what it must not, at %llu", (unsigned long long) f->seq);
        }
        last = f->seq;
    }
    bool first = n->as.history.n > 0 && n->as.history.facts[0].log == USHER_LOG_PUBLIC &&
                 n->as.history.facts[0].index == 1;
    if (n->as.history.n > USHER_HISTORY_MAX || (first && n->as.history.more)) {
        ush_fail(w, "a history is too long, or promises more than there is");
    }
}

void ush_answer_note(struct ush_world *w, uint64_t link, const struct usher_note *n)
{
    uint32_t key = ush_key_parse(n->key);
    bool refused = n->type == USHER_NOTE_REFUSED;
    if (n->type == USHER_NOTE_HISTORY) {
        history_is_right(w, link, n);
    }
    if (refused) {
        bool later = n->as.refused.why == USHER_BUSY || n->as.refused.why == USHER_DEGRADED;
        if (later != (n->as.refused.retry_ms > 0) && n->as.refused.why != USHER_TOO_FAST) {
            ush_fail(w, "a refusal (%s) says when to try again, or does not",
                     usher_why_name(n->as.refused.why));
        }
        w->sometimes[USHER_SIM_FULL_PAGE] += later;
        w->sometimes[USHER_SIM_KEY_CONFLICT] += n->as.refused.why == USHER_KEY_CONFLICT;
        w->sometimes[USHER_SIM_TABLE_FULL] += n->as.refused.why == USHER_FULL;
    }
    if (key != USH_NONE) {
        struct ush_judge *j = &w->judge;
        j->came = ush_grow(j->came, j->n_came, &j->came_room, sizeof *j->came);
        j->came[j->n_came++] = (struct ush_came){
            link, n->type == USHER_NOTE_DONE ? n->as.done.was : 0, key, answer_bit(n)};
    }
}

/* The command that this answers, or USH_NONE. Of those that it may answer one that allows less
 * else goes first: a history comes later than what is refused at once. */
static uint32_t find_due(const struct ush_world *w, const struct ush_sim_link *l,
                         const struct ush_came *came)
{
    uint32_t best = USH_NONE;
    for (uint32_t i = 0; i < l->n_due; i++) {
        const struct ush_due *d = &l->due[i];
        bool his = w->commands[d->command].key == came->key && (d->allowed & came->answer) != 0;
        bool narrower = best == USH_NONE || (d->allowed != l->due[best].allowed &&
                                             (d->allowed & ~l->due[best].allowed) == 0);
        best = his && narrower ? i : best;
    }
    return best;
}

static void no_due(struct ush_world *w, const struct ush_sim_link *l, const struct ush_came *came)
{
    const struct ush_due *last = NULL;
    for (size_t i = 0; i < l->n_due; i++) {
        last = w->commands[l->due[i].command].key == came->key ? &l->due[i] : last;
    }
    if (last == NULL) {
        ush_fail(w, "key-%u is answered %x on link %llu, once more than it was sent", came->key,
                 came->answer, (unsigned long long) came->link);
    } else {
        ush_fail(w, "command %u (event %d, key-%u, step %llu) was answered %x, only %x will do",
                 last->command, (int) w->commands[last->command].type, came->key,
                 (unsigned long long) last->step, came->answer, last->allowed);
    }
}

/* Find the command that this answers. False: it is not judged yet. */
static bool match(struct ush_world *w, const struct ush_came *came)
{
    struct ush_sim_link *l = &w->links[came->link];
    if (l->at == USH_LINK_GONE) {
        return true;
    }
    for (size_t i = 0; i < l->n_due; i++) {
        if (w->commands[l->due[i].command].key == came->key && !l->due[i].judged) {
            return false;
        }
    }
    uint32_t at = find_due(w, l, came);
    if (at == USH_NONE) {
        no_due(w, l, came);
        return true;
    }
    if (came->answer == DONE && !names_effect(w, came, &l->due[at])) {
        ush_fail(w, "done for key-%u names %llu", came->key, (unsigned long long) came->was);
    }
    settle(l, at);
    return true;
}

void ush_answer_match(struct ush_world *w)
{
    struct ush_judge *j = &w->judge;
    size_t kept = 0;
    for (size_t i = 0; i < j->n_came && !ush_failed(w); i++) {
        if (!match(w, &j->came[i])) {
            j->came[kept++] = j->came[i];
        }
    }
    j->n_came = kept;
}

/* All that was sent over a link that lives has been answered. */
void ush_answer_settled(struct ush_world *w)
{
    for (size_t i = 1; i < w->n_links; i++) {
        const struct ush_sim_link *l = &w->links[i];
        if (l->at == USH_LINK_IN && !l->dropped && l->n_due > 0) {
            const struct ush_due *d = &l->due[0];
            ush_fail(w, "command %u (event %d, key-%u, step %llu) was never answered", d->command,
                     (int) w->commands[d->command].type, w->commands[d->command].key,
                     (unsigned long long) d->step);
            return;
        }
    }
}

/* What is not durable never was. */
void ush_answer_crashed(struct ush_world *w)
{
    for (size_t i = 0; i < w->n_keys; i++) {
        if (w->keys[i].seq > w->store.n) {
            w->keys[i].seq = 0;
        }
    }
    for (uint64_t seq = 1; seq <= w->store.n; seq++) {
        uint32_t key = ush_key_parse(ush_store_at(&w->store, seq)->key);
        if (key != USH_NONE && w->keys[key].seq == 0) {
            w->keys[key].seq = seq;
            w->keys[key].index = ush_store_at(&w->store, seq)->index;
            w->keys[key].vague = true;
        }
    }
}
