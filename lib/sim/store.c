/* store.c - the simulator's storage: durable facts in memory, read as storage.h says.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "world.h"

static struct usher_span copy(struct usher_span from)
{
    char *to = malloc(from.len + 1);
    if (to != NULL && from.len > 0) {
        memcpy(to, from.base, from.len);
    }
    return (struct usher_span){to, to == NULL ? 0 : from.len};
}

bool ush_sim_store_add(struct usher_sim *s, const struct usher_fact *f)
{
    if (s->n_facts == s->room) {
        size_t room = s->room == 0 ? 1024 : 2 * s->room;
        struct usher_fact *facts = realloc(s->facts, room * sizeof *facts);
        if (facts == NULL) {
            return false;
        }
        s->facts = facts;
        s->room = room;
    }
    struct usher_fact *to = &s->facts[s->n_facts++];
    *to = *f;
    to->by.name = copy(f->by.name);
    to->agent_name = copy(f->agent_name);
    to->key = copy(f->key);
    to->body = copy(f->body);
    to->email = copy(f->email);
    return true;
}

void ush_sim_store_free(struct usher_sim *s)
{
    for (size_t i = 0; i < s->n_facts; i++) {
        struct usher_span *spans[] = {&s->facts[i].by.name, &s->facts[i].agent_name,
                                      &s->facts[i].key, &s->facts[i].body, &s->facts[i].email};
        for (size_t k = 0; k < sizeof spans / sizeof *spans; k++) {
            free((void *) (uintptr_t) spans[k]->base);
        }
    }
    free(s->facts);
}

bool ush_sim_store_knows(const struct usher_sim *s, const struct usher_visitor_id *id)
{
    for (size_t i = 0; i < s->n_facts; i++) {
        if (s->facts[i].type == USHER_FACT_VISITOR &&
            memcmp(&s->facts[i].by.visitor, id, sizeof *id) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_live(struct usher_sim *s, const struct usher_fact *f, int64_t since,
                    const int64_t *closed)
{
    if (f->type == USHER_FACT_VISITOR) {
        return true;
    }
    if (f->type == USHER_FACT_AGENT) {
        for (const struct usher_fact *later = f + 1; later < s->facts + s->n_facts; later++) {
            if (later->type == USHER_FACT_AGENT &&
                memcmp(&later->agent, &f->agent, sizeof f->agent) == 0) {
                return false;
            }
        }
        return true;
    }
    const struct model *m = ush_sim_model(&s->durable, f->session);
    return m->state != USHER_STATE_CLOSED || closed[m - s->durable.of] >= since;
}

int ush_sim_store_load(struct usher_sim *s, int64_t since)
{
    struct usher_fact *live = calloc(s->n_facts + 1, sizeof *live);
    int64_t *closed = calloc(s->durable.n + 1, sizeof *closed);
    struct usher_event ev;
    memset(&ev, 0, sizeof ev);
    if (live == NULL || closed == NULL) {
        abort();
    }
    for (size_t i = 0; i < s->n_facts; i++) {
        if (s->facts[i].type == USHER_FACT_CLOSED) {
            closed[ush_sim_model(&s->durable, s->facts[i].session) - s->durable.of] = s->facts[i].at_ms;
        }
    }
    for (size_t i = 0; i < s->n_facts; i++) {
        if (is_live(s, &s->facts[i], since, closed)) {
            live[ev.as.loaded.n++] = s->facts[i];
        }
    }
    ev.type = USHER_EV_LOADED;
    ev.as.loaded.facts = live;
    ev.as.loaded.epoch = s->epoch;
    ev.as.loaded.seq = s->n_facts;
    int rv = ush_sim_step(s, &ev);
    free(live);
    free(closed);
    return rv;
}

static bool is_wanted(const struct usher_fetch *what, const struct usher_fact *f)
{
    if (memcmp(&f->session, &what->session, sizeof f->session) != 0 || f->log == USHER_LOG_DESK) {
        return false;
    }
    if (what->internal && f->log == USHER_LOG_INTERNAL) {
        return f->after > what->after && f->after < what->before;
    }
    enum usher_log log = what->internal ? USHER_LOG_PUBLIC : what->log;
    return f->log == log && f->index > what->after && f->index < what->before;
}

int ush_sim_store_fetch(struct usher_sim *s, const struct usher_fetch *what)
{
    struct usher_fact found[USHER_HISTORY_MAX];
    struct usher_event ev;
    memset(&ev, 0, sizeof ev);
    for (size_t i = 0; i < s->n_facts && ev.as.fetched.n < what->facts_max; i++) {
        if (is_wanted(what, &s->facts[i])) {
            found[ev.as.fetched.n++] = s->facts[i];
        }
    }
    ev.type = USHER_EV_FETCHED;
    ev.as.fetched.ticket = what->ticket;
    ev.as.fetched.facts = found;
    return ush_sim_step(s, &ev);
}

int ush_sim_store_find(struct usher_sim *s, const struct usher_find *what)
{
    struct usher_event ev;
    memset(&ev, 0, sizeof ev);
    ev.type = USHER_EV_FOUND;
    ev.as.found.ticket = what->ticket;
    for (size_t i = 0; i < s->n_facts; i++) {
        const struct usher_fact *f = &s->facts[i];
        if (f->key.len == what->key.len && f->key.len > 0 && f->by.kind == what->by.kind &&
            memcmp(f->key.base, what->key.base, f->key.len) == 0 &&
            memcmp(&f->by.visitor, &what->by.visitor, sizeof f->by.visitor) == 0 &&
            memcmp(&f->by.agent, &what->by.agent, sizeof f->by.agent) == 0) {
            ev.as.found.found = true;
            ev.as.found.session = f->session;
            ev.as.found.log = f->log;
            ev.as.found.index = f->index;
            ev.as.found.digest = f->digest;
        }
    }
    return ush_sim_step(s, &ev);
}
