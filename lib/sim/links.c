/* links.c - links between devices and the core: both ways in order, cut at any place.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "../base/check.h"
#include "world.h"

enum { DOWN_MAX = 40 /* what a slow link takes before it is full */ };

static struct ush_sim_link *at(struct ush_world *w, uint64_t link)
{
    CHECK(link > 0 && link < w->n_links);
    return &w->links[link];
}

void ush_sim_link_free(struct ush_sim_link *l)
{
    for (size_t i = l->down_at; i < l->n_down; i++) {
        free(l->down[i].sessions);
    }
    free(l->up);
    free(l->down);
    free(l->courses);
    free(l->due);
    l->up = NULL;
    l->down = NULL;
    l->courses = NULL;
    l->due = NULL;
    l->n_up = l->up_at = l->up_room = l->n_down = l->down_at = l->down_room = 0;
    l->n_courses = l->courses_room = l->n_due = l->due_room = 0;
}

static void send_up(struct ush_sim_link *l, uint32_t command)
{
    l->up = ush_grow(l->up, l->n_up, &l->up_room, sizeof *l->up);
    l->up[l->n_up++] = command;
}

void ush_sim_link_connect(struct ush_world *w, uint32_t device)
{
    struct usher_event ev = {.type = USHER_EV_LINK_UP};
    struct ush_device *d = &w->devices[device];
    uint64_t id = w->n_links;
    CHECK(d->link == 0);
    w->links = ush_grow(w->links, w->n_links, &w->links_room, sizeof *w->links);
    struct ush_sim_link *l = &w->links[w->n_links++];
    *l = (struct ush_sim_link){.device = device, .who = USH_NONE};
    l->as = w->persons[d->person].kind;
    ev.link.v = id;
    int rv = ush_world_step(w, &ev, USH_NONE);
    if (rv == USHER_EFULL) {
        USH_SOMETIMES(w, USHER_SIM_TABLE_FULL);
        at(w, id)->at = USH_LINK_GONE;
        d->back_at = w->now.mono_ms + 500;
        return;
    }
    if (rv != 0) {
        ush_fail(w, "a new link was answered %d", rv);
        return;
    }
    d->link = id;
    send_up(at(w, id), USH_NONE);
    ush_client_connected(w, device);
}

void ush_sim_link_send(struct ush_world *w, uint32_t command)
{
    const struct ush_command *c = &w->commands[command];
    uint64_t link = w->devices[c->device].link;
    if (link == 0) {
        CHECK(w->devices[c->device].deaf);
        USH_SOMETIMES(w, USHER_SIM_FRAME_LOST);
        return;
    }
    send_up(at(w, link), command);
    if (!w->calm && c->key != USH_NONE && ush_rand_odds(&w->rand, w->odds.twice)) {
        send_up(at(w, link), command);
        USH_SOMETIMES(w, USHER_SIM_TWICE);
    }
}

void ush_sim_link_cut(struct ush_world *w, uint64_t link)
{
    struct usher_event ev = {.type = USHER_EV_LINK_DOWN, .link = {link}};
    struct ush_sim_link *l = at(w, link);
    uint32_t device = l->device;
    if (ush_world_step(w, &ev, USH_NONE) != 0) {
        ush_fail(w, "the end of a link was refused");
    }
    l = at(w, link);
    if (l->up_at < l->n_up || l->down_at < l->n_down) {
        USH_SOMETIMES(w, USHER_SIM_FRAME_LOST);
    }
    l->at = USH_LINK_GONE;
    ush_sim_link_free(l);
    if (w->devices[device].link == link) {
        w->devices[device].link = 0;
        ush_client_lost(w, device);
    }
}

static size_t fill_have(const struct ush_world *w, const struct ush_device *d,
                        struct usher_have *have)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n_held && n < USHER_HAVE_MAX; i++) {
        const struct ush_held *h = &d->held[i];
        have[n].session = w->picture.sessions[h->session].id;
        have[n].index[0] = h->index[0];
        have[n].index[1] = h->index[1];
        n++;
    }
    return n;
}

/* The host knows who it is: the core is told. */
static void sign_in(struct ush_world *w, uint64_t link, uint32_t who, bool fresh, bool past)
{
    struct usher_have have[USHER_HAVE_MAX];
    struct ush_sim_link *l = at(w, link);
    const struct ush_device *d = &w->devices[l->device];
    bool same = !d->has_epoch || d->epoch == w->store.epoch;
    size_t n = fresh ? 0 : fill_have(w, d, have);
    struct usher_event ev = {.link = {link}};
    l->who = who;
    if (l->as == USHER_VISITOR) {
        const struct ush_pictured_visitor *v = &w->picture.visitors[who];
        ev.type = USHER_EV_SIGN_IN_VISITOR;
        ev.as.visitor.visitor = v->id;
        memcpy(ev.as.visitor.token_hash, v->token_hash, sizeof v->token_hash);
        ev.as.visitor.past = past;
        ev.as.visitor.same_epoch = same;
        ev.as.visitor.have = have;
        ev.as.visitor.n_have = n;
    } else {
        ev.type = USHER_EV_SIGN_IN_AGENT;
        ev.as.agent.agent = w->picture.agents[who].id;
        ev.as.agent.same_epoch = same;
        ev.as.agent.have = have;
        ev.as.agent.n_have = n;
    }
    int rv = ush_world_step(w, &ev, USH_NONE);
    if (rv == USHER_EINVAL && l->as == USHER_AGENT && !w->picture.agents[who].set) {
        ush_sim_link_cut(w, link); /* he is not in the configuration any more */
        return;
    }
    if (rv != 0) {
        ush_fail(w, "a sign-in was answered %d", rv);
        return;
    }
    l = at(w, link);
    l->at = USH_LINK_IN;
    ush_judge_signed_in(w, l, same, have, n);
}

static void fresh_visitor(struct ush_world *w, uint64_t link)
{
    uint32_t person = w->devices[at(w, link)->device].person;
    uint32_t visitor = ush_world_new_visitor(w, person);
    w->persons[person].who = visitor;
    sign_in(w, link, visitor, true, false);
}

/* Whose token is this? Asked of the core's memory, else of the storage. */
static void hello(struct ush_world *w, uint64_t link)
{
    struct ush_sim_link *l = at(w, link);
    uint32_t who = w->persons[w->devices[l->device].person].who;
    struct usher_visitor_id id;
    if (l->as != USHER_VISITOR) {
        sign_in(w, link, who, false, false);
    } else if (who == USH_NONE) {
        fresh_visitor(w, link);
    } else if (usher_find_visitor(w->core, w->picture.visitors[who].token_hash, &id)) {
        sign_in(w, link, who, false, false);
    } else {
        l->at = USH_LINK_ASKED;
    }
}

void ush_sim_link_looked_up(struct ush_world *w, uint64_t link, bool failed)
{
    struct ush_sim_link *l = at(w, link);
    uint32_t who = w->persons[w->devices[l->device].person].who;
    const uint8_t *hash = w->picture.visitors[who].token_hash;
    struct usher_visitor_id id;
    CHECK(l->at == USH_LINK_ASKED);
    l->at = USH_LINK_NEW;
    if (failed) {
        ush_sim_link_cut(w, link);
    } else if (usher_find_visitor(w->core, hash, &id)) {
        sign_in(w, link, who, false, false);
    } else if (ush_store_find_visitor(&w->store, hash) != NULL) {
        sign_in(w, link, who, false, true);
    } else {
        fresh_visitor(w, link);
    }
}

/* A command goes to the core; again, with the same session, after EWAIT. */
static void deliver(struct ush_world *w, uint64_t link, uint32_t command, uint32_t session)
{
    struct usher_event ev;
    const struct ush_command *c = &w->commands[command];
    ush_speech(w, c, &ev);
    ev.link.v = link;
    if (c->type == USHER_EV_START) {
        session = session == USH_NONE ? ush_world_new_session(w) : session;
        struct ush_pictured_session *s = &w->picture.sessions[session];
        s->form = command;
        ev.session = w->picture.sessions[session].id;
    }
    int rv = ush_world_step(w, &ev, command);
    struct ush_sim_link *l = at(w, link);
    if (rv == USHER_EWAIT) {
        l->waits = true;
        l->find_command = command;
        l->find_session = session;
    } else if (rv != 0) {
        ush_fail(w, "command %u was answered %d", command, rv);
    }
}

void ush_sim_link_try_again(struct ush_world *w, uint64_t link)
{
    struct ush_sim_link *l = at(w, link);
    if (l->waits) {
        l->waits = false;
        deliver(w, link, l->find_command, l->find_session);
    }
}

/* Has the same command come before, over a younger link? */
static void overtaken(struct ush_world *w, const struct ush_sim_link *l, uint32_t command)
{
    uint32_t key = w->commands[command].key;
    if (l->ghost && key != USH_NONE && w->keys[key].seq != 0) {
        USH_SOMETIMES(w, USHER_SIM_OVERTAKEN);
    }
}

bool ush_sim_link_up_one(struct ush_world *w, uint64_t link)
{
    struct ush_sim_link *l = at(w, link);
    if (l->up_at == l->n_up || l->waits || l->at == USH_LINK_ASKED || l->dropped) {
        return false;
    }
    uint32_t command = l->up[l->up_at++];
    if (command == USH_NONE) {
        hello(w, link);
    } else if (!ush_fault_at_door(w, link, command)) {
        overtaken(w, l, command);
        deliver(w, link, command, USH_NONE);
    }
    return true;
}

bool ush_sim_link_down_one(struct ush_world *w, uint64_t link)
{
    struct ush_sim_link *l = at(w, link);
    if (l->down_at == l->n_down) {
        return false;
    }
    struct ush_told told = l->down[l->down_at++];
    ush_client_hear(w, l->device, &told);
    free(told.sessions);
    return true;
}

static struct ush_told shorten_fact(const struct usher_effect *fx)
{
    const struct usher_fact *f = fx->as.fact.fact;
    struct ush_told t = {.is_fact = true, .fact = f->type, .log = f->log, .index = f->index};
    t.session = ush_number_of(&f->session);
    t.key = fx->as.fact.own ? ush_key_parse(f->key) : USH_NONE;
    return t;
}

static struct ush_told shorten_note(const struct usher_note *n)
{
    struct ush_told t = {.note = n->type, .key = ush_key_parse(n->key)};
    t.session = ush_number_of(&n->session);
    if (n->type == USHER_NOTE_HELLO) {
        t.epoch = n->as.hello.epoch;
        t.on = n->as.hello.ready;
        t.n_sessions = n->as.hello.n_sessions;
        t.sessions = calloc(t.n_sessions + 1, sizeof *t.sessions);
        CHECK(t.sessions != NULL);
        for (size_t i = 0; i < t.n_sessions; i++) {
            t.sessions[i] = ush_number_of(&n->as.hello.sessions[i].session);
        }
    } else if (n->type == USHER_NOTE_OFFER || n->type == USHER_NOTE_OFFER_OVER) {
        t.index = n->as.offer.number;
    } else if (n->type == USHER_NOTE_REFUSED) {
        t.why = n->as.refused.why;
        t.retry_ms = n->as.refused.retry_ms;
    } else if (n->type == USHER_NOTE_RESET) {
        t.log = n->as.reset.log;
        t.index = n->as.reset.first;
    } else if (n->type == USHER_NOTE_AGENT) {
        t.on = n->as.agent.ready;
    }
    return t;
}

static void stall(struct ush_world *w, uint64_t link)
{
    struct usher_event ev = {.type = USHER_EV_LINK_FULL, .link = {link}};
    at(w, link)->full = true;
    USH_SOMETIMES(w, USHER_SIM_LINK_FULL);
    if (ush_world_step(w, &ev, USH_NONE) != 0) {
        ush_fail(w, "that a link is full was refused");
    }
}

void ush_sim_link_effect(struct ush_world *w, const struct usher_effect *fx)
{
    struct ush_sim_link *l = at(w, fx->link.v);
    if (fx->type == USHER_DO_DROP) {
        l->dropped = true;
        return;
    }
    l->down = ush_grow(l->down, l->n_down, &l->down_room, sizeof *l->down);
    l->down[l->n_down++] =
        fx->type == USHER_DO_FACT ? shorten_fact(fx) : shorten_note(&fx->as.note);
    bool many = l->n_down - l->down_at >= DOWN_MAX;
    if (!w->calm && (many || ush_rand_odds(&w->rand, w->odds.stall))) {
        stall(w, fx->link.v);
    }
}
