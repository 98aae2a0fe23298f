/* stage.c - moves a core by events, and does what it asks for in no time.
 * SPDX-License-Identifier: MIT */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE "bench"
#define TEXT                                                                                       \
    "Do you still have the blue vase, and would it be here by Friday? It is a present; "           \
    "thank you for looking it up, dear Ann!"

_Static_assert(sizeof TEXT == 121, "120 bytes");

static void step(struct stage *s, const struct usher_event *ev)
{
    int rv = usher_step(s->core, s->now, ev);

    if (rv != 0) {
        fprintf(stderr, "core: event %d: %s\n", (int) ev->type, usher_strerror(rv));
        exit(1);
    }
}

static struct usher_link_id agent_link(uint32_t agent)
{
    return (struct usher_link_id){1 + agent};
}

static struct usher_link_id visitor_link(uint32_t visitor)
{
    return (struct usher_link_id){1000 + visitor};
}

static void put_key(struct stage *s, char key[16], struct usher_event *ev)
{
    uint64_t n = ++s->keys;

    for (int i = 15; i >= 0; i--, n >>= 4) {
        key[i] = "0123456789abcdef"[n & 15];
    }
    ev->key = (struct usher_span){key, 16};
}

static void bring_agent(struct stage *s, uint32_t i)
{
    struct usher_queue_id queue = {QUEUE};
    struct usher_event ev = {.type = USHER_EV_AGENT_SET};
    struct usher_agent_id agent = {{0}};

    snprintf(agent.s, sizeof agent.s, "agent%u", (unsigned) i);
    ev.as.agent_set =
        (struct usher_agent_set){.agent = agent, .queues = &queue, .n_queues = 1, .capacity = 6};
    step(s, &ev);
    ev = (struct usher_event){.type = USHER_EV_LINK_UP, .link = agent_link(i)};
    step(s, &ev);
    ev = (struct usher_event){.type = USHER_EV_SIGN_IN_AGENT, .link = agent_link(i)};
    ev.as.agent.agent = agent;
    step(s, &ev);
    ev = (struct usher_event){.type = USHER_EV_READY, .link = agent_link(i)};
    ev.as.ready.on = true;
    step(s, &ev);
}

static void bring_visitor(struct stage *s, uint32_t i)
{
    struct usher_event ev = {.type = USHER_EV_LINK_UP, .link = visitor_link(i)};

    step(s, &ev);
    ev = (struct usher_event){.type = USHER_EV_SIGN_IN_VISITOR, .link = visitor_link(i)};
    memcpy(ev.as.visitor.visitor.b, &(uint64_t){i + 1}, sizeof(uint64_t));
    memcpy(ev.as.visitor.token_hash, &(uint64_t){i + 1}, sizeof(uint64_t));
    step(s, &ev);
    s->owner[i] = STAGE_AGENTS;
}

struct stage *stage_new(uint32_t visitors)
{
    struct stage *s = calloc(1, sizeof *s);
    struct usher_config cfg;

    usher_config_init(&cfg);
    cfg.limits.keys = 4000000;
    memset(cfg.seed, 7, sizeof cfg.seed);
    if (s == NULL || usher_new(&s->core, &cfg) != 0) {
        fprintf(stderr, "core: no memory\n");
        exit(1);
    }
    s->now = (struct usher_now){1000, 1790000000000};
    struct usher_event ev = {.type = USHER_EV_LOADED};
    ev.as.loaded.epoch = 1;
    step(s, &ev);
    ev = (struct usher_event){.type = USHER_EV_QUEUE_SET};
    ev.as.queue_set = (struct usher_queue_set){
        .queue = {QUEUE}, .open = true, .offer_ms = 3600000, .waiting_max = 1000000};
    step(s, &ev);
    for (uint32_t i = 0; i < STAGE_AGENTS; i++) {
        bring_agent(s, i);
        stage_take(s);
    }
    for (uint32_t i = 0; i < visitors; i++) {
        bring_visitor(s, i);
        stage_take(s);
    }
    s->visitors = visitors;
    return s;
}

void stage_free(struct stage *s)
{
    usher_free(s->core);
    free(s);
}

void stage_start(struct stage *s, uint32_t visitor)
{
    struct usher_event ev = {.type = USHER_EV_START, .link = visitor_link(visitor)};
    char key[16];

    uint64_t number = ++s->sessions;
    memcpy(ev.session.b, &number, sizeof number);
    memcpy(ev.session.b + 8, &visitor, sizeof visitor);
    ev.as.start.queue = (struct usher_queue_id){QUEUE};
    ev.as.start.body = (struct usher_span){TEXT, sizeof TEXT - 1};
    put_key(s, key, &ev);
    s->session[visitor] = ev.session;
    step(s, &ev);
}

void stage_say(struct stage *s, uint32_t visitor, bool agent)
{
    struct usher_event ev = {.type = USHER_EV_SAY, .session = s->session[visitor]};
    char key[16];

    ev.link = agent ? agent_link(s->owner[visitor]) : visitor_link(visitor);
    ev.as.say.body = (struct usher_span){TEXT, sizeof TEXT - 1};
    put_key(s, key, &ev);
    step(s, &ev);
}

void stage_close(struct stage *s, uint32_t visitor)
{
    struct usher_event ev = {.type = USHER_EV_CLOSE, .session = s->session[visitor]};
    char key[16];

    ev.link = agent_link(s->owner[visitor]);
    put_key(s, key, &ev);
    step(s, &ev);
    s->owner[visitor] = STAGE_AGENTS;
}

/* The session's id says whose it is. */
static uint32_t visitor_of(const struct usher_session_id *session)
{
    uint32_t visitor;

    memcpy(&visitor, session->b + 8, sizeof visitor);
    return visitor;
}

void stage_accept(struct stage *s)
{
    char key[16];

    for (uint32_t i = 0; i < s->n_offers; i++) {
        struct stage_offer *offer = &s->offers[i];
        struct usher_event ev = {.type = USHER_EV_ACCEPT, .link = agent_link(offer->agent)};
        ev.as.answer.offer = offer->number;
        put_key(s, key, &ev);
        s->owner[visitor_of(&offer->session)] = offer->agent;
        step(s, &ev);
    }
    s->n_offers = 0;
}

static void take_note(struct stage *s, const struct usher_effect *fx)
{
    const struct usher_note *note = &fx->as.note;

    if (note->type == USHER_NOTE_REFUSED) {
        fprintf(stderr, "core: refused: %s\n", note->as.refused.text);
        exit(1);
    }
    if (note->type == USHER_NOTE_OFFER) {
        if (s->n_offers == STAGE_OFFERS) {
            fprintf(stderr, "core: too many offers at once\n");
            exit(1);
        }
        s->offers[s->n_offers++] =
            (struct stage_offer){(uint32_t) fx->link.v - 1, note->as.offer.number, note->session};
    }
}

void stage_take(struct stage *s)
{
    const struct usher_effect *fx = usher_take(s->core);

    while (fx != NULL) {
        struct usher_event ev = {.type = USHER_EV_PERSISTED};
        bool persist = fx->type == USHER_DO_PERSIST;
        if (persist) {
            ev.as.persisted.upto = fx->as.persist.first + fx->as.persist.n - 1;
        } else if (fx->type == USHER_DO_NOTE) {
            take_note(s, fx);
        } else if (fx->type != USHER_DO_FACT) {
            fprintf(stderr, "core: an effect that was not looked for: %d\n", (int) fx->type);
            exit(1);
        }
        s->told += !persist;
        if (persist) {
            step(s, &ev);
        }
        fx = usher_take(s->core);
    }
}
