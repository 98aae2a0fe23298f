/* judge_link.c - what is told to whom: only his own, only what is durable, in order, all of it.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "world.h"

enum { VISITOR_SESSIONS = 8 /* that one link shows at a time */ };

static struct ush_course *course(struct ush_sim_link *l, uint32_t session)
{
    for (size_t i = 0; i < l->n_courses; i++) {
        if (l->courses[i].session == session) {
            return &l->courses[i];
        }
    }
    l->courses = ush_grow(l->courses, l->n_courses, &l->courses_room, sizeof *l->courses);
    struct ush_course *c = &l->courses[l->n_courses++];
    *c = (struct ush_course){.session = session, .next = {1, 1}};
    return c;
}

/* P6: wherever he was before, and however that ended, a link must go on behind what its device
 * holds. Next 0: a reset must come first. */
void ush_judge_signed_in(struct ush_world *w, struct ush_sim_link *l, bool same_epoch,
                         const struct usher_have *have, size_t n_have)
{
    for (size_t i = 0; i < n_have; i++) {
        uint32_t session = ush_number_of(&have[i].session);
        const struct ush_pictured_session *s = &w->picture.sessions[session];
        struct ush_course *c = course(l, session);
        for (int log = 0; log < 2; log++) {
            bool fits = same_epoch && have[i].index[log] <= s->durable[log];
            c->next[log] = fits ? have[i].index[log] + 1 : have[i].index[log] == 0 ? 1 : 0;
        }
        /* One that is not his: should he get it again, all of it comes anew. */
        c->over = l->as == USHER_AGENT && (s->state != USHER_STATE_ACTIVE || s->owner != l->who);
    }
}

/* May this link's person see this fact at all? */
static bool is_for(const struct ush_world *w, const struct ush_sim_link *l,
                   const struct usher_fact *f)
{
    const struct ush_pictured_session *s = &w->picture.sessions[ush_number_of(&f->session)];
    if (l->as == USHER_VISITOR) {
        return f->log == USHER_LOG_PUBLIC && s->visitor == l->who;
    }
    uint64_t until = s->until[l->who][f->log == USHER_LOG_INTERNAL ? 1 : 0];
    /* What he sees as its agent he sees when his joining is durable, not before. */
    bool joining =
        s->state == USHER_STATE_ACTIVE && s->owner == l->who && s->joined_seq > w->durable;
    return f->log != USHER_LOG_DESK && f->index <= until && !joining;
}

static bool is_own(const struct ush_world *w, const struct ush_sim_link *l,
                   const struct usher_fact *f)
{
    if (f->by.kind != l->as) {
        return false;
    }
    return l->as == USHER_VISITOR
               ? memcmp(&f->by.visitor, &w->picture.visitors[l->who].id, sizeof f->by.visitor) == 0
               : memcmp(&f->by.agent, &w->picture.agents[l->who].id, sizeof f->by.agent) == 0;
}

static void told_fact(struct ush_world *w, struct ush_sim_link *l, const struct usher_effect *fx)
{
    const struct usher_fact *f = fx->as.fact.fact;
    const struct usher_fact *kept = ush_store_at(&w->store, f->seq);
    struct ush_course *c = course(l, ush_number_of(&f->session));
    int log = f->log == USHER_LOG_INTERNAL ? 1 : 0;
    if (f->seq > w->durable || kept == NULL || !ush_same_fact(f, kept)) {
        ush_fail(w, "G2, G3: fact %llu is shown and is not durable, or not so",
                 (unsigned long long) f->seq);
        return;
    }
    if (!is_for(w, l, f) || fx->as.fact.own != is_own(w, l, f)) {
        ush_fail(w, "fact %llu is shown to somebody who must not see it, or its key",
                 (unsigned long long) f->seq);
        return;
    }
    if (c->over && log == 0 && f->index == 1) {
        uint64_t internal = c->next[0] == 1 ? c->next[1] : 1;
        *c = (struct ush_course){.session = c->session, .next = {1, internal}, .anew = true};
    } else if (c->anew && log == 1) {
        c->next[1] = f->index == 1 ? 1 : c->next[1];
        c->anew = false;
    }
    if (f->index != c->next[log]) {
        ush_fail(w, "P5: link %llu is told %llu of session %u (log %d) instead of %llu",
                 (unsigned long long) fx->link.v, (unsigned long long) f->index, c->session, log,
                 (unsigned long long) c->next[log]);
        return;
    }
    c->next[log]++;
    bool end =
        f->type == USHER_FACT_CLOSED || f->type == USHER_FACT_LEFT || f->type == USHER_FACT_MOVED;
    c->over = l->as == USHER_AGENT && (c->over || end);
    if (fx->as.fact.own && f->key.len > 0) {
        ush_answer_fact(w, fx->link.v, f);
    }
}

static void told_reset(struct ush_world *w, struct ush_sim_link *l, const struct usher_note *n)
{
    struct ush_course *c = course(l, ush_number_of(&n->session));
    const struct ush_pictured_session *s = &w->picture.sessions[c->session];
    int log = n->as.reset.log == USHER_LOG_INTERNAL ? 1 : 0;
    USH_SOMETIMES(w, USHER_SIM_RESET);
    /* A visitor with many sessions: one that had given way to newer ones came back. */
    bool came_back = l->as == USHER_VISITOR && l->n_courses >= VISITOR_SESSIONS;
    if ((c->next[log] != 0 && !came_back) || n->as.reset.head != s->durable[log] ||
        n->as.reset.first != 1) {
        ush_fail(w, "P5: a reset that is not due, or does not say how the log stands");
    }
    c->next[log] = n->as.reset.first;
}

static void claim(struct ush_world *w, const struct usher_effect *fx, uint64_t n)
{
    struct ush_judge *j = &w->judge;
    j->claims = ush_grow(j->claims, j->n_claims, &j->claims_room, sizeof *j->claims);
    j->claims[j->n_claims++] = (struct ush_claim){.type = fx->as.note.type,
                                                  .step = w->steps,
                                                  .link = fx->link.v,
                                                  .number = n,
                                                  .session = ush_number_of(&fx->as.note.session)};
}

/* What a hello does not list is not the device's any more: should he get it again, it comes from 1.
 */
static void forget_unlisted(struct ush_sim_link *l, const struct usher_note *n)
{
    for (size_t i = l->n_courses; i-- > 0;) {
        bool listed = false;
        for (size_t k = 0; k < n->as.hello.n_sessions; k++) {
            listed =
                listed || ush_number_of(&n->as.hello.sessions[k].session) == l->courses[i].session;
        }
        if (!listed) {
            l->courses[i] = l->courses[--l->n_courses];
        }
    }
}

static void told_hello(struct ush_world *w, struct ush_sim_link *l, const struct usher_effect *fx)
{
    const struct usher_note *n = &fx->as.note;
    bool him = l->as == USHER_VISITOR
                   ? memcmp(&n->as.hello.visitor, &w->picture.visitors[l->who].id, 16) == 0
                   : memcmp(&n->as.hello.agent, &w->picture.agents[l->who].id, 32) == 0;
    if (l->hello_told || l->at != USH_LINK_IN || n->as.hello.as != l->as || !him ||
        n->as.hello.epoch != w->store.epoch) {
        ush_fail(w, "a hello that is not first, not his, or of another store");
        return;
    }
    l->hello_told = true;
    forget_unlisted(l, n);
    claim(w, fx, n->as.hello.n_sessions);
    for (size_t i = 0; i < n->as.hello.n_sessions; i++) {
        const struct usher_hello_session *s = &n->as.hello.sessions[i];
        claim(w, fx, 0);
        struct ush_claim *c = &w->judge.claims[w->judge.n_claims - 1];
        c->session = ush_number_of(&s->session);
        c->state = s->state;
        c->head[0] = s->head[0];
        c->head[1] = s->head[1];
    }
}

/* An offer is shown by its number: that of a fact which is durable. */
static void told_offer(struct ush_world *w, const struct ush_sim_link *l,
                       const struct usher_effect *fx)
{
    const struct usher_note *n = &fx->as.note;
    const struct usher_fact *f = ush_store_at(&w->store, n->as.offer.number);
    bool known = f != NULL && f->seq <= w->durable && f->type == USHER_FACT_OFFERED &&
                 memcmp(&f->session, &n->session, sizeof f->session) == 0 && l->as == USHER_AGENT &&
                 ush_picture_agent(&w->picture, &f->agent) == l->who;
    if (!known || (n->type == USHER_NOTE_OFFER && f->until_ms != n->as.offer.until_ms)) {
        ush_fail(w, "an offer is shown that is not his, not durable, or until another time");
        return;
    }
    if (n->type == USHER_NOTE_OFFER) {
        claim(w, fx, n->as.offer.number);
    }
}

static void told_note(struct ush_world *w, struct ush_sim_link *l, const struct usher_effect *fx)
{
    const struct usher_note *n = &fx->as.note;
    switch (n->type) {
    case USHER_NOTE_HELLO:
        told_hello(w, l, fx);
        break;
    case USHER_NOTE_OFFER:
    case USHER_NOTE_OFFER_OVER:
        told_offer(w, l, fx);
        break;
    case USHER_NOTE_PLACE:
        claim(w, fx, n->as.place.place);
        break;
    case USHER_NOTE_PRESENCE:
        claim(w, fx, n->as.presence.here);
        break;
    case USHER_NOTE_AGENT:
        claim(w, fx, n->as.agent.ready);
        break;
    case USHER_NOTE_TYPING:
        if (n->by.kind == l->as) {
            ush_fail(w, "typing is told to the side that types");
        }
        break;
    case USHER_NOTE_DONE:
    case USHER_NOTE_REFUSED:
    case USHER_NOTE_HISTORY:
    case USHER_NOTE_EXPLAINED:
        ush_answer_note(w, fx->link.v, n);
        break;
    case USHER_NOTE_BOARD:
        ush_board_told(w, l, n);
        break;
    case USHER_NOTE_RESET:
        told_reset(w, l, n);
        break;
    case USHER_NOTE_DEGRADED:
        if (n->as.degraded.on != w->saving.lost) {
            ush_fail(w, "degraded is told, and it is not so");
        }
        break;
    }
}

void ush_judge_told(struct ush_world *w, const struct usher_effect *fx)
{
    struct ush_sim_link *l = &w->links[fx->link.v];
    bool hello = fx->type == USHER_DO_NOTE && fx->as.note.type == USHER_NOTE_HELLO;
    bool refused = fx->type == USHER_DO_NOTE && fx->as.note.type == USHER_NOTE_REFUSED;
    if (l->full) {
        ush_fail(w, "G12: link %llu is full and is told more", (unsigned long long) fx->link.v);
    } else if (!l->hello_told && !hello && !refused) {
        ush_fail(w, "something is told before the hello");
    } else if (fx->type == USHER_DO_FACT) {
        told_fact(w, l, fx);
    } else {
        told_note(w, l, fx);
    }
}

/* inv 21: how many wait before it in its queue, and one. */
static uint64_t place(const struct ush_picture *p, const struct ush_pictured_session *s,
                      uint64_t now)
{
    uint64_t n = 1;
    for (size_t i = 0; i < p->n_sessions; i++) {
        const struct ush_pictured_session *other = &p->sessions[i];
        n += other != s && other->state == USHER_STATE_WAITING && other->queue == s->queue &&
             other->held_until <= now && ush_route_ahead(p, other, s, now);
    }
    return n;
}

static bool is_true_of_session(const struct ush_world *w, const struct ush_claim *c,
                               const struct ush_sim_link *l)
{
    const struct ush_pictured_session *s = &w->picture.sessions[c->session];
    bool visitor = l->as == USHER_VISITOR;
    if (c->type == USHER_NOTE_HELLO) {
        bool his = visitor ? s->visitor == l->who : s->owner == l->who;
        bool was_his = !visitor && !his && s->until[l->who][0] > 0; /* until just now */
        return was_his || (his && s->state == c->state && s->head[0] == c->head[0] &&
                           s->head[1] == c->head[1]);
    }
    if (c->type == USHER_NOTE_OFFER) {
        return s->state == USHER_STATE_OFFERED && s->offers[l->who].number == c->number;
    }
    if (c->type == USHER_NOTE_PLACE) {
        return s->state == USHER_STATE_WAITING && visitor &&
               place(&w->picture, s, w->stepped_ms) == c->number;
    }
    uint32_t links = visitor ? w->picture.agents[s->owner].presence.links
                             : w->picture.visitors[s->visitor].presence.links;
    return s->state == USHER_STATE_ACTIVE && (links > 0) == (c->number == 1);
}

/* What a hello must name: the visitor's open session, all that an agent has. */
static bool lists_enough(const struct ush_world *w, const struct ush_sim_link *l, uint64_t n)
{
    if (l->as == USHER_VISITOR) {
        return n > 0 || w->picture.visitors[l->who].open == USH_NONE;
    }
    struct ush_loads loads = ush_route_loads(&w->picture, w->stepped_ms);
    return n + loads.offers[l->who] >= ush_route_sessions(&w->picture, l->who);
}

void ush_judge_claims(struct ush_world *w)
{
    for (size_t i = 0; i < w->judge.n_claims; i++) {
        const struct ush_claim *c = &w->judge.claims[i];
        const struct ush_sim_link *l = &w->links[c->link];
        bool good = true;
        if (c->step != w->steps) {
            continue; /* something happened after it was told */
        }
        if (c->type == USHER_NOTE_HELLO && c->state == USHER_STATE_NONE) {
            good = lists_enough(w, l, c->number);
        } else if (c->type == USHER_NOTE_AGENT) {
            good = l->as == USHER_AGENT && w->picture.agents[l->who].ready == (c->number == 1);
        } else {
            good = is_true_of_session(w, c, l);
        }
        if (!good) {
            ush_fail(w, "link %llu is told note %d (%llu) of session %u, and it is not so",
                     (unsigned long long) c->link, (int) c->type, (unsigned long long) c->number,
                     c->session);
            return;
        }
    }
}

static bool is_told(const struct ush_sim_link *l, uint32_t session, int log, uint64_t durable)
{
    for (size_t i = 0; i < l->n_courses; i++) {
        if (l->courses[i].session == session) {
            return l->courses[i].next[log] == durable + 1;
        }
    }
    return durable == 0;
}

/* G12 and "live": with nothing on its way from the storage, every link that has room has been
 * told everything that is durable of what is its person's. */
void ush_judge_all_told(struct ush_world *w)
{
    if (w->saving.fetch_out) {
        return;
    }
    for (uint32_t i = 0; i < w->n_devices; i++) {
        const struct ush_sim_link *l = &w->links[w->devices[i].link];
        if (w->devices[i].link == 0 || !l->hello_told || l->full || l->dropped) {
            continue;
        }
        bool visitor = l->as == USHER_VISITOR;
        if (!visitor && w->judge.n_steps > 0) {
            continue; /* what he has now is not known yet */
        }
        uint32_t open = visitor ? w->picture.visitors[l->who].open : USH_NONE;
        for (uint32_t k = visitor ? open : 0; k != USH_NONE && k < w->picture.n_sessions; k++) {
            const struct ush_pictured_session *s = &w->picture.sessions[k];
            /* An agent's stream begins when his joining is durable. */
            bool his = visitor || (s->state == USHER_STATE_ACTIVE && s->owner == l->who &&
                                   s->joined_seq <= w->durable);
            if (his && (!is_told(l, k, 0, s->durable[0]) ||
                        (!visitor && !is_told(l, k, 1, s->durable[1])))) {
                ush_fail(w, "G12: link %llu has room and lacks a durable fact of session %u",
                         (unsigned long long) w->devices[i].link, k);
                return;
            }
            if (visitor) {
                break;
            }
        }
    }
}
