/* core_hall_hear.c - what a core does and tells, taken from outside: facts and notes.
 * SPDX-License-Identifier: MIT */
#include "core_hall.h"

int hall_agent_of(const struct usher_agent_id *id)
{
    for (int i = 0; i < HALL_AGENTS; i++) {
        if (strcmp(id->s, hall_name(i)) == 0) {
            return i;
        }
    }
    return NOBODY;
}

int hall_session_of(const struct usher_session_id *id)
{
    return id->b[0] == 9 ? id->b[1] << 8 | id->b[2] : -1;
}

static void mix(struct hall *h, const void *base, size_t len)
{
    const unsigned char *b = base;
    for (size_t i = 0; i < len; i++) {
        h->hash = (h->hash ^ b[i]) * UINT64_C(1099511628211);
    }
}

static void mix_number(struct hall *h, uint64_t n)
{
    mix(h, &n, sizeof n);
}

static void drop_offer(struct hall_session *s, uint64_t number)
{
    for (unsigned i = 0; i < s->n_offers; i++) {
        if (s->offers[i].number == number) {
            s->offers[i] = s->offers[--s->n_offers];
            return;
        }
    }
    fail_msg("an offer ended that was not open: %llu", (unsigned long long) number);
}

static void waits(struct hall_session *s, const struct usher_fact *f)
{
    s->state = USHER_STATE_WAITING;
    s->last = s->owner != NOBODY ? s->owner : s->last;
    s->owner = NOBODY;
    strcpy(s->queue, f->queue.s);
}

static void comes(struct hall_session *s, const struct usher_fact *f)
{
    waits(s, f);
    s->came_ms = f->at_ms - HALL_AT;
    s->came_seq = f->seq;
}

static void offered(struct hall_session *s, const struct usher_fact *f)
{
    assert_true(s->state == USHER_STATE_WAITING || s->state == USHER_STATE_OFFERED);
    assert_true(s->n_offers < USHER_FANOUT_MAX);
    s->offers[s->n_offers++] = (struct hall_offer){
        .agent = hall_agent_of(&f->agent), .number = f->seq, .until_ms = f->until_ms - HALL_AT};
    s->state = USHER_STATE_OFFERED;
}

static void offer_over(struct hall_session *s, const struct usher_fact *f)
{
    drop_offer(s, f->number);
    if (s->n_offers == 0 && s->state == USHER_STATE_OFFERED) {
        s->state = USHER_STATE_WAITING;
    }
}

static void joined(struct hall_session *s, const struct usher_fact *f)
{
    s->state = USHER_STATE_ACTIVE;
    s->owner = hall_agent_of(&f->by.agent);
    assert_int_not_equal(s->owner, NOBODY);
    for (unsigned i = 0; i < s->n_offers; i++) {
        if (s->offers[i].agent == s->owner) {
            drop_offer(s, s->offers[i].number);
        }
    }
}

static void about_session(struct hall_session *s, const struct usher_fact *f)
{
    if (f->type == USHER_FACT_OPENED) {
        s->owner = s->last = NOBODY;
        s->priority = s->asked;
        comes(s, f);
    } else if (f->type == USHER_FACT_REOPENED ||
               (f->type == USHER_FACT_MOVED && f->cause != USHER_CAUSE_WAITED)) {
        comes(s, f);
    } else if (f->type == USHER_FACT_LEFT || f->type == USHER_FACT_MOVED) {
        waits(s, f);
    } else if (f->type == USHER_FACT_OFFERED) {
        offered(s, f);
    } else if (f->type == USHER_FACT_OFFER_OVER) {
        offer_over(s, f);
    } else if (f->type == USHER_FACT_JOINED) {
        joined(s, f);
    } else if (f->type == USHER_FACT_ESCALATED) {
        s->priority = (uint32_t) f->number;
    } else if (f->type == USHER_FACT_CLOSED) {
        s->state = USHER_STATE_CLOSED;
        s->cause = f->cause;
        s->last = s->owner != NOBODY ? s->owner : s->last;
        s->owner = NOBODY;
        s->ended_ms = f->at_ms - HALL_AT;
    }
}

static void put(struct usher_span *sp, char **at)
{
    char *to = *at;
    if (sp->len > 0) {
        memcpy(to, sp->base, sp->len);
    }
    sp->base = to;
    *at = to + sp->len;
}

static void keep(struct hall *h, const struct usher_fact *f)
{
    if (h->n_facts == h->room) {
        h->room *= 2;
        h->facts = realloc(h->facts, h->room * sizeof *h->facts);
        assert_non_null(h->facts);
    }
    assert_int_equal(f->seq, h->n_facts + 1);
    struct usher_fact *copy = &h->facts[h->n_facts++];
    *copy = *f;
    char *at =
        malloc(f->key.len + f->body.len + f->email.len + f->by.name.len + f->agent_name.len + 1);
    assert_non_null(at);
    put(&copy->key, &at);
    put(&copy->body, &at);
    put(&copy->email, &at);
    put(&copy->by.name, &at);
    put(&copy->agent_name, &at);
    if (h->fact != NULL) {
        h->fact(h->ctx, copy);
    }
    mix_number(h, f->seq);
    mix_number(h, f->type);
    mix_number(h, f->number + f->cause * UINT64_C(1000));
    mix(h, f->session.b, sizeof f->session.b);
    mix(h, f->agent.s, sizeof f->agent.s);
    mix(h, f->body.base, f->body.len);
    if (f->type == USHER_FACT_AGENT) {
        int agent = hall_agent_of(&f->agent);
        h->agents[agent].ready = f->number == 1;
        h->agents[agent].cause = f->cause;
    } else if (hall_session_of(&f->session) >= 0) {
        about_session(&h->sessions[hall_session_of(&f->session)], copy);
    }
}

static void hear(struct hall *h, uint64_t link, const struct usher_note *n)
{
    int who = h->who[link];
    h->n_notes[n->type]++;
    mix_number(h, link);
    mix_number(h, n->type);
    mix(h, n->session.b, sizeof n->session.b);
    if (n->type == USHER_NOTE_REFUSED) {
        h->refused = n->as.refused.why;
    } else if (n->type == USHER_NOTE_PLACE) {
        struct hall_session *s = &h->sessions[hall_session_of(&n->session)];
        assert_int_equal(who, HALL_AGENTS + hall_session_of(&n->session));
        s->place = n->as.place.place;
        s->place_ms = (int64_t) h->now.mono_ms;
        s->place_step = h->n_steps;
        mix_number(h, s->place);
    }
    if (h->hear != NULL) {
        h->hear(h->ctx, who, n);
    }
}

static void fetch(struct hall *h, const struct usher_fetch *want)
{
    struct usher_fact found[64];
    struct usher_event ev = {.type = USHER_EV_FETCHED};
    assert_false(want->internal); /* nobody asks for history here */
    for (size_t i = 0; i < h->n_facts && ev.as.fetched.n < 64; i++) {
        const struct usher_fact *f = &h->facts[i];
        if (f->log == want->log && memcmp(&f->session, &want->session, sizeof f->session) == 0 &&
            f->index > want->after && (want->before == 0 || f->index < want->before) &&
            ev.as.fetched.n < want->facts_max) {
            found[ev.as.fetched.n++] = *f;
        }
    }
    ev.as.fetched.ticket = want->ticket;
    ev.as.fetched.facts = found;
    assert_int_equal(usher_step(h->desk, h->now, &ev), 0);
}

static void persist(struct hall *h, const struct usher_batch *batch)
{
    assert_int_equal(batch->first, h->n_facts + 1);
    for (size_t i = 0; i < batch->n; i++) {
        keep(h, &batch->facts[i]);
    }
    struct usher_event ev = {.type = USHER_EV_PERSISTED};
    ev.as.persisted.upto = h->n_facts;
    assert_int_equal(usher_step(h->desk, h->now, &ev), 0);
}

static void drain(struct hall *h)
{
    const struct usher_effect *fx;
    struct usher_fault why;
    while ((fx = usher_take(h->desk)) != NULL) {
        if (fx->type == USHER_DO_NOTE) {
            hear(h, fx->link.v, &fx->as.note);
        } else if (fx->type == USHER_DO_PERSIST) {
            struct usher_batch batch = fx->as.persist;
            persist(h, &batch);
        } else if (fx->type == USHER_DO_FETCH) {
            struct usher_fetch want = fx->as.fetch;
            fetch(h, &want);
        } else {
            assert_int_equal(fx->type, USHER_DO_FACT); /* no key is used, no link is dropped */
        }
    }
    if (usher_audit(h->desk, &why) != 0) {
        fail_msg("%s", why.text);
    }
    if (h->after != NULL && h->loaded) {
        h->after(h->ctx);
    }
}

void hall_step(struct hall *h, const struct usher_event *ev)
{
    h->n_before = h->n_facts;
    h->n_steps++;
    h->refused = USHER_WHY_NONE;
    memset(h->n_notes, 0, sizeof h->n_notes);
    int rv = usher_step(h->desk, h->now, ev);
    if (rv != 0) {
        fail_msg("an event of type %d is not acceptable: %d", ev->type, rv);
    }
    drain(h);
}

bool hall_is_offered(const struct hall *h, int s, int agent)
{
    bool is = false;
    for (unsigned i = 0; i < h->sessions[s].n_offers; i++) {
        is = is || h->sessions[s].offers[i].agent == agent;
    }
    return is;
}

int hall_offered_to(const struct hall *h, int s)
{
    if (h->sessions[s].n_offers == 0) {
        return NOBODY;
    }
    assert_int_equal(h->sessions[s].n_offers, 1);
    return h->sessions[s].offers[0].agent;
}

unsigned hall_count(const struct hall *h, enum usher_fact_type type)
{
    unsigned n = 0;
    for (size_t i = h->n_before; i < h->n_facts; i++) {
        n += h->facts[i].type == type;
    }
    return n;
}
