/* judge.c - holds the core to its promises, from its effects and from what became durable.
 * SPDX-License-Identifier: MIT
 *
 * The judge keeps a picture of its own, folded from facts, and never looks inside. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

bool ush_sim_fail(struct usher_sim *s, const char *promise, const char *text)
{
    if (s->why.err == 0) {
        s->why.err = USHER_ECORRUPT;
        snprintf(s->why.text, sizeof s->why.text, "%s: %s (seed %llu, step %llu)", promise, text,
                 (unsigned long long) s->cfg.seed, (unsigned long long) s->counts.steps);
    }
    return false;
}

struct model *ush_sim_model(struct models *m, struct usher_session_id id)
{
    for (uint32_t i = 0; i < m->n; i++) {
        if (memcmp(&m->of[i].id, &id, sizeof id) == 0) {
            return &m->of[i];
        }
    }
    return NULL;
}

void ush_sim_models_copy(struct models *to, const struct models *from)
{
    struct model *of = to->of;
    memcpy(of, from->of, from->n * sizeof *of);
    *to = *from;
    to->of = of;
}

static int agent_of(const struct usher_sim *s, const struct usher_agent_id *id)
{
    for (int i = 0; i < AGENTS; i++) {
        if (memcmp(&s->people[VISITORS + i].id, id, sizeof *id) == 0) {
            return i;
        }
    }
    return -1;
}

static uint32_t load_of(const struct models *m, int agent, uint32_t *offers)
{
    uint32_t load = 0;
    *offers = 0;
    for (uint32_t i = 0; i < m->n; i++) {
        bool mine = m->of[i].agent == agent;
        load +=
            mine && (m->of[i].state == USHER_STATE_OFFERED || m->of[i].state == USHER_STATE_ACTIVE);
        *offers += mine && m->of[i].state == USHER_STATE_OFFERED;
    }
    return load;
}

static bool fold_offered(struct usher_sim *s, struct models *m, struct model *c,
                         const struct usher_fact *f)
{
    int agent = agent_of(s, &f->agent);
    uint32_t offers;
    if (c->state != USHER_STATE_WAITING) {
        return ush_sim_fail(s, "G5", "a session was offered that did not wait");
    }
    if (agent < 0 || !m->ready[agent]) {
        return ush_sim_fail(s, "invariant 11", "an offer to an agent who is not ready");
    }
    c->state = USHER_STATE_OFFERED;
    c->agent = agent;
    c->offer = f->seq;
    uint32_t capacity = (uint32_t) (1 + agent % 3);
    if (load_of(m, agent, &offers) > capacity) {
        return ush_sim_fail(s, "G5", "an agent holds more than his capacity");
    }
    if (offers > 1) {
        return ush_sim_fail(s, "invariant 8", "two live offers to one agent");
    }
    for (uint32_t i = 0; c->plain && i < m->n; i++) {
        const struct model *o = &m->of[i];
        if (o->plain && o->state == USHER_STATE_WAITING && strcmp(o->queue, c->queue) == 0 &&
            o->enq < c->enq) {
            return ush_sim_fail(s, "invariant 5", "a younger session was offered before an older one");
        }
    }
    return true;
}

static bool fold_session(struct usher_sim *s, struct models *m, struct model *c,
                         const struct usher_fact *f)
{
    enum usher_session_state was = c->state;
    switch (f->type) {
    case USHER_FACT_JOINED:
        if (was != USHER_STATE_OFFERED || c->agent != agent_of(s, &f->by.agent)) {
            return ush_sim_fail(s, "P7", "an agent joined to whom it was not offered");
        }
        c->state = USHER_STATE_ACTIVE;
        return true;
    case USHER_FACT_LEFT:
    case USHER_FACT_MOVED:
        c->state = USHER_STATE_WAITING;
        c->plain = false;
        memcpy(c->queue, f->queue.s, sizeof c->queue);
        return was == USHER_STATE_ACTIVE ||
               ush_sim_fail(s, "P7", "a session without owner was left or moved");
    case USHER_FACT_REOPENED:
        c->state = USHER_STATE_WAITING;
        c->plain = false;
        return was == USHER_STATE_CLOSED || ush_sim_fail(s, "R7", "an open session was reopened");
    case USHER_FACT_CLOSED:
        c->state = USHER_STATE_CLOSED;
        return (was != USHER_STATE_CLOSED && was != USHER_STATE_OFFERED) ||
               ush_sim_fail(s, "R7", "closed twice, or with a live offer");
    case USHER_FACT_OFFERED:
        return fold_offered(s, m, c, f);
    case USHER_FACT_OFFER_OVER:
        c->state = USHER_STATE_WAITING;
        c->plain = false;
        return (was == USHER_STATE_OFFERED && c->offer == f->number) ||
               ush_sim_fail(s, "invariant 9", "an offer ended that was not live");
    case USHER_FACT_SAID:
    case USHER_FACT_WHISPERED:
        return was != USHER_STATE_CLOSED ||
               ush_sim_fail(s, "R7", "something was said in a closed session");
    case USHER_FACT_OPENED:
    case USHER_FACT_SEEN:
    case USHER_FACT_VISITOR:
    case USHER_FACT_AGENT:
        return true;
    }
    return true;
}

/* One more fact, in seq order. */
bool ush_sim_fold(struct usher_sim *s, struct models *m, const struct usher_fact *f)
{
    if (f->seq != m->seq + 1) {
        return ush_sim_fail(s, "P4", "a seq was left out");
    }
    m->seq = f->seq;
    if (f->type == USHER_FACT_VISITOR) {
        return true;
    }
    if (f->type == USHER_FACT_AGENT) {
        m->ready[agent_of(s, &f->agent)] = f->number == 1;
        return true;
    }
    struct model *c = ush_sim_model(m, f->session);
    if (c == NULL) {
        if (f->type != USHER_FACT_OPENED || m->n == SESSIONS_MAX) {
            return ush_sim_fail(s, "P5", "a session began without being opened");
        }
        c = &m->of[m->n++];
        memset(c, 0, sizeof *c);
        c->id = f->session;
        c->state = USHER_STATE_WAITING;
        c->plain = true;
        c->enq = f->seq;
        c->visitor = f->by.visitor.b[0] - 1;
        memcpy(c->queue, f->queue.s, sizeof c->queue);
        for (uint32_t i = 0; i + 1 < m->n; i++) {
            if (m->of[i].visitor == c->visitor && m->of[i].state != USHER_STATE_CLOSED) {
                return ush_sim_fail(s, "R6", "a visitor has two open sessions");
            }
        }
    }
    if (f->log != USHER_LOG_DESK) {
        int log = f->log == USHER_LOG_INTERNAL ? 1 : 0;
        if (f->index != ++c->head[log]) {
            return ush_sim_fail(s, "P4", "an index was left out or used again");
        }
    }
    return fold_session(s, m, c, f);
}

/* A key may stand at one fact of a person only (G4). */
static bool once(struct usher_sim *s, const struct usher_fact *f)
{
    for (size_t i = 0; f->key.len > 0 && !s->abused && i < s->n_facts; i++) {
        const struct usher_fact *o = &s->facts[i];
        if (o->key.len == f->key.len && memcmp(o->key.base, f->key.base, f->key.len) == 0 &&
            o->by.kind == f->by.kind &&
            memcmp(&o->by.visitor, &f->by.visitor, sizeof f->by.visitor) == 0 &&
            memcmp(&o->by.agent, &f->by.agent, sizeof f->by.agent) == 0 &&
            o->log != USHER_LOG_DESK) {
            return ush_sim_fail(s, "G4", "one key had two effects");
        }
    }
    return true;
}

bool ush_sim_judge_batch(struct usher_sim *s, const struct usher_batch *b)
{
    if (s->batch != NULL) {
        return ush_sim_fail(s, "journal", "two batches are out");
    }
    for (size_t i = 0; i < b->n; i++) {
        if (!once(s, &b->facts[i]) || !ush_sim_fold(s, &s->ahead, &b->facts[i])) {
            return false;
        }
    }
    return true;
}

static struct sent *find_sent(struct person *p, struct usher_span key)
{
    for (uint32_t i = p->n_sent; i-- > 0;) {
        if (strlen(p->outbox[i].key) == key.len &&
            memcmp(p->outbox[i].key, key.base, key.len) == 0) {
            return &p->outbox[i];
        }
    }
    return NULL;
}

static bool acked(struct usher_sim *s, struct person *p, struct usher_span key, uint64_t index)
{
    struct sent *o = find_sent(p, key);
    if (o == NULL) {
        return ush_sim_fail(s, "P2", "an answer to a key that was never sent");
    }
    if (!o->abused && o->acked && o->was != 0 && index != 0 && o->was != index) {
        return ush_sim_fail(s, "P2", "two answers with two indexes to one key");
    }
    s->counts.acked += !o->acked;
    s->counts.retried_across_crash += !o->acked && o->crossed;
    o->acked = true;
    o->was = index != 0 ? index : o->was;
    return true;
}

static bool came_back(const struct usher_sim *s, const struct usher_fact *f)
{
    for (size_t i = 0; i < s->n_facts; i++) {
        if (s->facts[i].type == USHER_FACT_REOPENED &&
            memcmp(&s->facts[i].session, &f->session, sizeof f->session) == 0) {
            return true;
        }
    }
    return false;
}

static bool told_fact(struct usher_sim *s, struct person *p, struct tab *t,
                      const struct usher_effect *fx)
{
    const struct usher_fact *f = fx->as.fact.fact;
    int log = f->log == USHER_LOG_INTERNAL ? 1 : 0;
    if (f->seq == 0 || f->seq > s->n_facts || s->facts[f->seq - 1].index != f->index ||
        memcmp(&s->facts[f->seq - 1].session, &f->session, sizeof f->session) != 0) {
        return ush_sim_fail(s, "G2", "a fact was shown that is not durable");
    }
    const struct usher_fact *truth = &s->facts[f->seq - 1];
    if (truth->body.len != f->body.len ||
        memcmp(truth->body.base, f->body.base, f->body.len) != 0) {
        return ush_sim_fail(s, "P4", "a fact was shown otherwise than it was stored");
    }
    const struct model *c = ush_sim_model(&s->durable, f->session);
    if (!p->agent && (log == 1 || &s->people[c->visitor] != p)) {
        return ush_sim_fail(s, "isolation", "a visitor was shown what is not his");
    }
    struct held *h = ush_sim_held(t, f->session);
    if (h == NULL) {
        return true; /* this tab's memory is full: it does not judge */
    }
    /* A stream may begin again at 1: for an agent who joins again, and for a session that came back
     * from the past. */
    if (f->index != h->have[log] + 1 && !(f->index == 1 && (p->agent || came_back(s, f)))) {
        return ush_sim_fail(s, "G1", "a gap or a repeat");
    }
    h->have[log] = f->index;
    s->counts.shown++;
    bool own = f->by.kind == (p->agent ? USHER_AGENT : USHER_VISITOR) &&
               (p->agent ? memcmp(&f->by.agent, &p->id, sizeof p->id)
                         : memcmp(&f->by.visitor, &p->visitor, 16)) == 0;
    if (own != fx->as.fact.own) {
        return ush_sim_fail(s, "keys", "a key was shown to somebody else, or kept from its sender");
    }
    return !own || f->key.len == 0 || acked(s, p, f->key, f->index);
}

static bool told_note(struct usher_sim *s, struct person *p, struct tab *t,
                      const struct usher_note *n)
{
    struct held *h = NULL;
    switch (n->type) {
    case USHER_NOTE_HELLO:
        t->hello = true;
        return true;
    case USHER_NOTE_OFFER:
        t->offer = n->as.offer.number;
        return n->as.offer.number <= s->n_facts ||
               ush_sim_fail(s, "G2", "an offer was shown before its fact");
    case USHER_NOTE_RESET:
        s->counts.resets++;
        h = ush_sim_held(t, n->session);
        if (h != NULL) {
            h->have[n->as.reset.log == USHER_LOG_INTERNAL] = n->as.reset.first - 1;
        }
        return true;
    case USHER_NOTE_DONE:
        return acked(s, p, n->key, n->as.done.was);
    case USHER_NOTE_REFUSED:
        s->counts.refused++;
        s->counts.page_full +=
            n->as.refused.why == USHER_BUSY || n->as.refused.why == USHER_DEGRADED;
        s->counts.key_conflicts += n->as.refused.why == USHER_KEY_CONFLICT;
        if (n->key.len > 0 && n->as.refused.retry_ms == 0) {
            struct sent *o = find_sent(p, n->key);
            if (o != NULL && (o->abused || n->as.refused.why != USHER_KEY_CONFLICT)) {
                o->refused = true;
            }
            return o == NULL || !o->acked || o->was == 0 || o->abused || o->tries > 1 ||
                   n->as.refused.why == USHER_KEY_CONFLICT || o->ev.type == USHER_EV_SEEN ||
                   o->ev.type == USHER_EV_READY ||
                   ush_sim_fail(s, "P2", "refused for good after it was acknowledged");
        }
        return true;
    case USHER_NOTE_PLACE:
    case USHER_NOTE_OFFER_OVER:
    case USHER_NOTE_TYPING:
    case USHER_NOTE_PRESENCE:
    case USHER_NOTE_AGENT:
    case USHER_NOTE_DEGRADED:
    case USHER_NOTE_HISTORY:
        return true;
    }
    return ush_sim_fail(s, "notes", "an unknown note");
}

bool ush_sim_judge_told(struct usher_sim *s, int person, struct tab *t, const struct usher_effect *fx)
{
    struct person *p = &s->people[person];
    if (t->full) {
        return ush_sim_fail(s, "G12", "a full link was told something");
    }
    return fx->type == USHER_DO_FACT ? told_fact(s, p, t, fx) : told_note(s, p, t, &fx->as.note);
}

/* When nothing is under way: every link that has room knows all that it may (G12, P5), and time has
 * work left only later. */
bool ush_sim_judge_quiet(struct usher_sim *s)
{
    uint64_t due = usher_deadline(s->u);
    if (due != USHER_NEVER && due <= s->now.mono_ms) {
        return ush_sim_fail(s, "G8", "the deadline is not in the future");
    }
    for (int i = 0; i < VISITORS; i++) {
        for (int k = 0; k < TABS; k++) {
            struct tab *t = &s->people[i].tabs[k];
            for (uint32_t c = 0; t->link != 0 && t->hello && !t->full && c < s->durable.n; c++) {
                const struct model *m = &s->durable.of[c];
                struct held *h =
                    m->visitor == i && m->state != USHER_STATE_CLOSED ? ush_sim_held(t, m->id) : NULL;
                if (h != NULL && h->have[0] != m->head[0]) {
                    fprintf(stderr,
                            "DBG person %d tab %d have %llu head %llu state %d session#%u held %u "
                            "link %llu\n",
                            i, k, (unsigned long long) h->have[0], (unsigned long long) m->head[0],
                            m->state, c, t->n_held, (unsigned long long) t->link);
                    return ush_sim_fail(s, "P5", "a link with room was not told everything");
                }
            }
        }
    }
    return true;
}
