/* client.c - model clients: outboxes of keyed commands, cursors, and coming back.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* What this tab holds of a session, made if there is room; NULL if not. */
struct held *ush_sim_held(struct tab *t, struct usher_session_id id)
{
    for (uint32_t i = 0; i < t->n_held; i++) {
        if (memcmp(&t->held[i].session, &id, sizeof id) == 0) {
            return &t->held[i];
        }
    }
    if (t->n_held == USHER_HAVE_MAX) {
        return NULL;
    }
    struct held *h = &t->held[t->n_held++];
    memset(h, 0, sizeof *h);
    h->session = id;
    return h;
}

void ush_sim_connect(struct usher_sim *s, int person, int tab)
{
    struct person *p = &s->people[person];
    struct tab *t = &p->tabs[tab];
    struct usher_have have[USHER_HAVE_MAX];
    struct usher_event ev;
    memset(&ev, 0, sizeof ev);
    ev.type = USHER_EV_LINK_UP;
    ev.link.v = ++s->links;
    if (t->link != 0 || ush_sim_step(s, &ev) != 0) {
        return;
    }
    t->link = ev.link.v;
    t->hello = t->full = t->waiting = false;
    t->offer = 0;
    size_t n = 0;
    for (uint32_t i = 0; i < t->n_held; i++) {
        if (t->held[i].have[0] > 0 || t->held[i].have[1] > 0) {
            have[n++] =
                (struct usher_have){t->held[i].session, {t->held[i].have[0], t->held[i].have[1]}};
        }
    }
    bool same_epoch = s->calm || ush_sim_pick(s, 20) != 0;
    if (p->agent) {
        ev.type = USHER_EV_SIGN_IN_AGENT;
        ev.as.agent.agent = p->id;
        ev.as.agent.same_epoch = same_epoch;
        ev.as.agent.have = have;
        ev.as.agent.n_have = n;
    } else {
        struct usher_visitor_id known;
        ev.type = USHER_EV_SIGN_IN_VISITOR;
        ev.as.visitor.visitor = p->visitor;
        memset(ev.as.visitor.token_hash, p->visitor.b[0], sizeof ev.as.visitor.token_hash);
        ev.as.visitor.past = !usher_find_visitor(s->u, ev.as.visitor.token_hash, &known) &&
                             ush_sim_store_knows(s, &p->visitor);
        ev.as.visitor.same_epoch = same_epoch;
        ev.as.visitor.have = have;
        ev.as.visitor.n_have = n;
    }
    if (ush_sim_step(s, &ev) != 0) {
        ush_sim_fail(s, "sign-in", "refused");
    }
    s->counts.two_links += p->tabs[0].link != 0 && p->tabs[1].link != 0;
}

void ush_sim_cut(struct usher_sim *s, struct tab *t)
{
    struct usher_event ev;
    memset(&ev, 0, sizeof ev);
    ev.type = USHER_EV_LINK_DOWN;
    ev.link.v = t->link;
    t->link = 0;
    t->waiting = false;
    ush_sim_step(s, &ev);
}

static struct usher_span *body_of(struct usher_event *ev)
{
    return ev->type == USHER_EV_START                                 ? &ev->as.start.body
           : ev->type == USHER_EV_SAY || ev->type == USHER_EV_WHISPER ? &ev->as.say.body
                                                                      : NULL;
}

/* The event's text moves to where it stays. */
static void keep_text(struct usher_event *ev, char text[40])
{
    struct usher_span *body = body_of(ev);
    if (body != NULL) {
        memcpy(text, body->base, body->len);
        body->base = text;
    }
}

static int step_command(struct usher_sim *s, struct tab *t, struct usher_event *ev)
{
    if (ev->type == USHER_EV_START) {
        for (size_t i = 0; i < sizeof ev->session.b; i++) {
            ev->session.b[i] = (uint8_t) ush_sim_pick(s, 256); /* the host gives each try a new id */
        }
    }
    ev->link.v = t->link;
    int rv = ush_sim_step(s, ev);
    if (rv == USHER_EWAIT) {
        t->waiting = true;
        t->kept = *ev;
        keep_text(&t->kept, t->kept_text);
    } else if (rv != 0) {
        ush_sim_fail(s, "step", "a proper command was an error");
    }
    return rv;
}

int ush_sim_send(struct usher_sim *s, int person, int tab, struct usher_event *ev, bool keyed)
{
    struct person *p = &s->people[person];
    struct tab *t = &p->tabs[tab];
    if (t->link == 0 || t->waiting) {
        return 0;
    }
    if (!keyed || p->n_sent == OUTBOX_MAX) {
        return step_command(s, t, ev);
    }
    struct sent *o = &p->outbox[p->n_sent++];
    memset(o, 0, sizeof *o);
    /* Now and then a key is used for something else: that must be refused. */
    bool again = p->n_sent > 3 && !s->calm && s->cfg.seed % 4 == 0 && ush_sim_pick(s, 40) == 0;
    if (again) {
        p->n_sent--;
        struct sent *used = &p->outbox[ush_sim_pick(s, p->n_sent)];
        used->abused = s->abused = true;
        ev->key = used->ev.key;
        return step_command(s, t, ev);
    }
    snprintf(o->key, sizeof o->key, "k%llu", (unsigned long long) ++s->keys);
    ev->key = (struct usher_span){o->key, strlen(o->key)};
    o->ev = *ev;
    keep_text(&o->ev, o->text);
    o->tries = 1;
    return step_command(s, t, &o->ev);
}

void ush_sim_retry(struct usher_sim *s, int person, int tab)
{
    struct person *p = &s->people[person];
    struct tab *t = &p->tabs[tab];
    for (uint32_t i = 0; i < p->n_sent; i++) {
        struct sent *o = &p->outbox[i];
        if (!o->acked && !o->refused && t->link != 0 && !t->waiting && t->hello) {
            o->tries++;
            step_command(s, t, &o->ev);
            if (!s->calm) {
                return;
            }
        }
    }
}

static struct usher_session_id some_session(struct usher_sim *s, int person)
{
    struct usher_session_id mine;
    memset(&mine, 7, sizeof mine);
    for (uint32_t i = s->durable.n; i-- > 0;) {
        const struct model *c = &s->durable.of[i];
        bool his = person < VISITORS
                       ? c->visitor == person
                       : c->state == USHER_STATE_ACTIVE && c->agent == person - VISITORS;
        if ((his && ush_sim_pick(s, 4) != 0) || ush_sim_pick(s, 60) == 0) {
            return c->id;
        }
        if (s->durable.n - i > 40) {
            break;
        }
    }
    return mine;
}

static void visitor_command(struct usher_sim *s, struct usher_event *ev, uint32_t roll,
                            const char *text)
{
    struct usher_span body = {text, strlen(text)};
    if (roll < 3) {
        ev->type = USHER_EV_START;
        snprintf(ev->as.start.queue.s, sizeof ev->as.start.queue.s, "queue%u", ush_sim_pick(s, QUEUES));
        ev->as.start.name = (struct usher_span){"Ann", 3};
        ev->as.start.body = body;
    } else if (roll < 8) {
        ev->type = USHER_EV_SAY;
        ev->as.say.body = body;
    } else if (roll == 8) {
        ev->type = USHER_EV_CLOSE;
    } else if (roll == 9) {
        ev->type = USHER_EV_REOPEN;
    } else if (roll == 10) {
        ev->type = USHER_EV_SEEN;
        ev->as.seen.upto = ush_sim_pick(s, 6);
    } else {
        ev->type = ush_sim_pick(s, 2) == 0 ? USHER_EV_TYPING : USHER_EV_HISTORY;
    }
}

static void agent_command(struct usher_sim *s, struct usher_event *ev, uint32_t roll,
                          const char *text, uint64_t offer)
{
    struct usher_span body = {text, strlen(text)};
    if (roll < 5 && offer != 0) {
        ev->type = ush_sim_pick(s, 4) == 0 ? USHER_EV_DECLINE : USHER_EV_ACCEPT;
        ev->as.answer.offer = offer;
    } else if (roll < 8) {
        ev->type = ush_sim_pick(s, 3) == 0 ? USHER_EV_WHISPER : USHER_EV_SAY;
        ev->as.say.body = body;
    } else if (roll == 8) {
        ev->type = USHER_EV_CLOSE;
    } else if (roll == 9) {
        ev->type = USHER_EV_MOVE;
        if (ush_sim_pick(s, 2) == 0) {
            ev->as.move.agent = s->people[VISITORS + (int) ush_sim_pick(s, AGENTS)].id;
        } else {
            snprintf(ev->as.move.queue.s, sizeof ev->as.move.queue.s, "queue%u",
                     ush_sim_pick(s, QUEUES));
        }
    } else if (roll == 10) {
        ev->type = USHER_EV_READY;
        ev->as.ready.on = ush_sim_pick(s, 6) != 0;
    } else {
        ev->type = USHER_EV_SEEN;
        ev->as.seen.upto = ush_sim_pick(s, 6);
    }
}

void ush_sim_random_command(struct usher_sim *s, int person, int tab)
{
    struct tab *t = &s->people[person].tabs[tab];
    struct usher_event ev;
    char text[40];
    memset(&ev, 0, sizeof ev);
    snprintf(text, sizeof text, "text %u", ush_sim_pick(s, 1000));
    uint32_t roll = ush_sim_pick(s, 12);
    if (s->people[person].agent) {
        agent_command(s, &ev, roll, text, t->offer);
    } else {
        visitor_command(s, &ev, roll, text);
    }
    bool about_session = ev.type != USHER_EV_START && ev.type != USHER_EV_READY &&
                         ev.type != USHER_EV_ACCEPT && ev.type != USHER_EV_DECLINE;
    if (about_session) {
        ev.session = some_session(s, person);
    }
    bool keyed = ev.type != USHER_EV_TYPING && ev.type != USHER_EV_HISTORY && ush_sim_pick(s, 4) != 0;
    ush_sim_send(s, person, tab, &ev, keyed);
}
