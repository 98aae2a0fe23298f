/* route_main.c - measures routing at size: many wait, many classes, many kinds of agents.
 * SPDX-License-Identifier: MIT
 *
 *   route ROUNDS WAITING AGENTS OPERATIONS
 *
 * 512 classes (32 queues, needs of 4 skills) by 2,048 profiles (3 queues, some of the
 * skills); every agent has capacity 3 and is full. Each figure is an event and all that
 * follows from it: timers, facts, the watermark, and what links are told. Beside it, in
 * the same round: two binary heaps of the same sizes, from which a session and an agent
 * are taken and to which others are given; and one linear look at all who wait. */
#include "rounds.h"
#include "usher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUEUES = 32, SKILLS = 4, PROFILES = 2048, CAPACITY = 3 };
enum { VISITORS = 256, BATCH = 64, OFFERS = 64 };

struct offer {
    uint64_t number, link;
};

struct desk {
    struct usher *core;
    struct usher_now now;
    uint64_t rand, links, sessions;
    uint32_t agents, n_offers;
    struct offer offers[OFFERS]; /* not answered yet */
    struct usher_session_id *owned; /* by agent: CAPACITY each */
    uint32_t *n_owned;
    uint64_t ready[VISITORS];         /* links of visitors who have said nothing yet */
};

static uint64_t chance(struct desk *d)
{
    d->rand ^= d->rand << 13;
    d->rand ^= d->rand >> 7;
    d->rand ^= d->rand << 17;
    return d->rand;
}

static void step(struct desk *d, const struct usher_event *ev)
{
    int rv = usher_step(d->core, d->now, ev);
    if (rv != 0) {
        fprintf(stderr, "route: event %d: %s\n", (int) ev->type, usher_strerror(rv));
        exit(1);
    }
}

static void joined(struct desk *d, const struct usher_effect *fx)
{
    const struct usher_fact *f = fx->as.fact.fact;
    if (f->type == USHER_FACT_JOINED && fx->link.v <= d->agents) {
        uint32_t agent = (uint32_t) fx->link.v - 1;
        d->owned[agent * CAPACITY + d->n_owned[agent]++] = f->session;
    }
}

/* Takes all effects; what is to be saved is durable at once. */
static void take(struct desk *d)
{
    for (const struct usher_effect *fx = usher_take(d->core); fx != NULL;
         fx = usher_take(d->core)) {
        if (fx->type == USHER_DO_PERSIST) {
            struct usher_event ev = {.type = USHER_EV_PERSISTED};
            ev.as.persisted.upto = fx->as.persist.first + fx->as.persist.n - 1;
            step(d, &ev);
        } else if (fx->type == USHER_DO_FACT) {
            joined(d, fx);
        } else if (fx->type == USHER_DO_NOTE && fx->as.note.type == USHER_NOTE_OFFER) {
            if (d->n_offers == OFFERS) {
                fprintf(stderr, "route: too many offers at a time\n");
                exit(1);
            }
            d->offers[d->n_offers++] = (struct offer){fx->as.note.as.offer.number, fx->link.v};
        } else if (fx->type == USHER_DO_FETCH) {
            fprintf(stderr, "route: a fetch\n");
            exit(1);
        } else if (fx->type == USHER_DO_NOTE && fx->as.note.type == USHER_NOTE_REFUSED) {
            fprintf(stderr, "route: refused: %s\n", fx->as.note.as.refused.text);
            exit(1);
        }
    }
}

static void name(char *out, char letter, uint32_t n)
{
    snprintf(out, USHER_ID_MAX + 1, "%c%u", letter, (unsigned) n);
}

static void set_queue(struct desk *d, uint32_t n, enum usher_offering offering)
{
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
    ev.as.queue_set = (struct usher_queue_set){
        .open = true, .waiting_max = 100000000, .offer_ms = 3600000, .offering = offering};
    name(ev.as.queue_set.queue.s, 'q', n);
    step(d, &ev);
}

static void set_agent(struct desk *d, uint32_t n)
{
    static const uint8_t tiers[3] = {0};
    struct usher_event ev = {.type = USHER_EV_AGENT_SET};
    struct usher_queue_id queues[3] = {{{0}}, {{0}}, {{0}}};
    struct usher_skill skills[SKILLS] = {{{{0}}, 0}};
    uint32_t profile = (uint32_t) (n * UINT64_C(2654435761)) % PROFILES;
    uint32_t first = profile % QUEUES;
    uint32_t wide = 1 + profile / QUEUES % 4; /* 4 ways to choose the other queues */
    ev.as.agent_set = (struct usher_agent_set){.queues = queues, .n_queues = 3, .tiers = tiers};
    for (uint32_t i = 0; i < 3; i++) {
        name(queues[i].s, 'q', (first + i * wide) % QUEUES);
    }
    for (uint32_t k = 0; k < SKILLS; k++) {
        if ((profile / QUEUES / 4 >> k & 1) != 0) {
            struct usher_skill *skill = &skills[ev.as.agent_set.n_skills++];
            name(skill->id.s, 's', k);
            skill->level = 1;
        }
    }
    ev.as.agent_set.skills = skills;
    ev.as.agent_set.capacity = CAPACITY;
    name(ev.as.agent_set.agent.s, 'a', n);
    step(d, &ev);
    struct usher_event up = {.type = USHER_EV_LINK_UP, .link = {n + 1}};
    step(d, &up);
    struct usher_event in = {.type = USHER_EV_SIGN_IN_AGENT, .link = {n + 1}};
    in.as.agent.agent = ev.as.agent_set.agent;
    step(d, &in);
    struct usher_event ready = {.type = USHER_EV_READY, .link = {n + 1}};
    ready.as.ready.on = true;
    step(d, &ready);
    take(d);
}

/* A visitor nobody has seen before. */
static uint64_t visitor(struct desk *d)
{
    uint64_t link = d->agents + 1 + ++d->links;
    struct usher_event up = {.type = USHER_EV_LINK_UP, .link = {link}};
    struct usher_event in = {.type = USHER_EV_SIGN_IN_VISITOR, .link = {link}};
    memcpy(in.as.visitor.visitor.b, &link, sizeof link);
    memcpy(in.as.visitor.token_hash, &link, sizeof link);
    step(d, &up);
    step(d, &in);
    return link;
}

static void leave(struct desk *d, uint64_t link)
{
    struct usher_event down = {.type = USHER_EV_LINK_DOWN, .link = {link}};
    step(d, &down);
}

/* One who comes to wait; needs: a bit set of skills. */
static void start(struct desk *d, uint64_t link, uint32_t queue, uint32_t needs)
{
    struct usher_event ev = {.type = USHER_EV_START, .link = {link}};
    struct usher_skill skills[SKILLS] = {{{{0}}, 0}};
    for (uint32_t k = 0; k < SKILLS; k++) {
        if ((needs >> k & 1) != 0) {
            struct usher_skill *skill = &skills[ev.as.start.n_needs++];
            name(skill->id.s, 's', k);
            skill->level = 1;
        }
    }
    uint64_t number = ++d->sessions;
    memcpy(ev.session.b, &number, sizeof number);
    ev.session.b[15] = 1;
    name(ev.as.start.queue.s, 'q', queue);
    ev.as.start.needs = skills;
    ev.as.start.body = (struct usher_span){"Is it blue?", 11};
    step(d, &ev);
}

static struct desk *open_desk(uint32_t waiting, uint32_t agents, uint32_t operations)
{
    struct desk *d = calloc(1, sizeof *d);
    struct usher_config cfg;
    size_t sessions = waiting + (size_t) agents * CAPACITY + 8 * (size_t) operations + 8192;
    usher_config_init(&cfg);
    cfg.limits = (struct usher_limits){.links = agents + 8192,
                                       .sessions = (uint32_t) sessions,
                                       .agents = agents,
                                       .queues = QUEUES,
                                       .skills = SKILLS,
                                       .classes = 512,
                                       .profiles = PROFILES,
                                       .keys = 1,
                                       .capacity_max = CAPACITY,
                                       .batch_facts = 4096,
                                       .recent_bytes = sessions * 3072}; /* all, for no fetch */
    cfg.visitor_waiting_ms = cfg.visitor_active_ms = UINT32_MAX;
    memset(cfg.seed, 7, sizeof cfg.seed);
    d->rand = 88172645463325252;
    d->agents = agents;
    d->now = (struct usher_now){1000, 1790000000000};
    d->owned = calloc((size_t) agents * CAPACITY, sizeof *d->owned);
    d->n_owned = calloc(agents, sizeof *d->n_owned);
    if (usher_new(&d->core, &cfg) != 0) {
        fprintf(stderr, "route: no memory\n");
        exit(1);
    }
    struct usher_event ev = {.type = USHER_EV_LOADED};
    ev.as.loaded.epoch = 1;
    step(d, &ev);
    for (uint32_t i = 0; i < QUEUES; i++) {
        set_queue(d, i, USHER_OFFERING_AUTO);
    }
    for (uint32_t i = 0; i < agents; i++) {
        set_agent(d, i);
    }
    return d;
}

/* Until every agent is full and so many wait. */
static void fill(struct desk *d, uint32_t waiting)
{
    for (uint64_t n = 0; n < (uint64_t) d->agents * CAPACITY * 3 / 2 + waiting; n++) {
        struct usher_stats stats;
        uint64_t link = visitor(d);
        start(d, link, (uint32_t) chance(d) % QUEUES, (uint32_t) (chance(d) >> 32) % 16);
        take(d);
        leave(d, link);
        d->now.mono_ms++;
        if (n % 4096 == 0) {
            usher_stats_get(d->core, &stats);
            if (stats.waiting >= waiting && stats.active == d->agents * CAPACITY) {
                return;
            }
        }
    }
}

static void bring(struct desk *d)
{
    for (uint32_t i = 0; i < VISITORS; i++) {
        d->ready[i] = visitor(d);
    }
    take(d);
}

static void send_away(struct desk *d)
{
    for (uint32_t i = 0; i < VISITORS; i++) {
        leave(d, d->ready[i]);
    }
    take(d);
}

/* A random agent who has something. */
static uint32_t some_agent(struct desk *d)
{
    uint32_t a = (uint32_t) (chance(d) >> 20) % d->agents;
    while (d->n_owned[a] == 0) {
        a = (a + 1) % d->agents;
    }
    return a;
}

static void complete(struct desk *d, uint32_t agent)
{
    struct usher_event ev = {.type = USHER_EV_CLOSE, .link = {agent + 1}};
    ev.session = d->owned[agent * CAPACITY + --d->n_owned[agent]];
    step(d, &ev);
}

static void answer(struct desk *d, enum usher_event_type type)
{
    const struct offer *offer = &d->offers[--d->n_offers];
    struct usher_event ev = {.type = type, .link = {offer->link}};
    ev.as.answer.offer = offer->number;
    step(d, &ev);
    take(d);
}

/* Arrivals; with `turns` a session ends before each, and its agent gets the next. */
static double arrivals(struct desk *d, uint32_t n, bool turns)
{
    uint64_t ns = 0;
    for (uint32_t i = 0; i < n; i += VISITORS) {
        bring(d);
        uint64_t from = rounds_ns();
        for (uint32_t k = 0; k < VISITORS; k++) {
            if (turns) {
                complete(d, some_agent(d));
            }
            start(d, d->ready[k], (uint32_t) chance(d) % QUEUES, (uint32_t) (chance(d) >> 32) % 16);
            if (k % BATCH == BATCH - 1) {
                take(d);
            }
        }
        ns += rounds_ns() - from;
        send_away(d);
        d->now.mono_ms++;
    }
    return (double) ns / n;
}

static double matches(struct desk *d, uint32_t n)
{
    uint64_t from = rounds_ns();
    for (uint32_t i = 0; i < n; i++) {
        complete(d, some_agent(d));
        if (i % BATCH == BATCH - 1) {
            take(d);
        }
    }
    take(d);
    return (double) (rounds_ns() - from) / n;
}

/* An offer and how it is answered; declining brings the next one. */
static void offers(struct desk *d, uint32_t n, double *accepted, double *declined)
{
    uint64_t accept_ns = 0, decline_ns = 0;
    uint32_t accepts = 0, declines = 0;
    for (uint32_t i = 0; i < QUEUES; i++) {
        set_queue(d, i, USHER_OFFERING_ASK);
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t agent = some_agent(d);
        complete(d, agent);
        take(d);
        uint64_t from = rounds_ns();
        if (d->n_offers > 0) {
            answer(d, USHER_EV_DECLINE);
            declines++;
        }
        uint64_t middle = rounds_ns();
        for (; d->n_offers > 0; accepts++) {
            answer(d, USHER_EV_ACCEPT);
        }
        accept_ns += rounds_ns() - middle;
        decline_ns += middle - from;
        d->now.mono_ms++;
    }
    for (uint32_t i = 0; i < QUEUES; i++) {
        set_queue(d, i, USHER_OFFERING_AUTO);
    }
    *accepted = (double) accept_ns / accepts;
    *declined = (double) decline_ns / declines;
}

struct entry {
    uint64_t key;
    uint32_t id;
};

struct plain {
    struct entry *items;
    uint32_t n;
};

static void push(struct plain *h, struct entry e)
{
    uint32_t at = ++h->n;
    while (at > 1 && e.key < h->items[at / 2].key) {
        h->items[at] = h->items[at / 2];
        at /= 2;
    }
    h->items[at] = e;
}

static struct entry pop(struct plain *h)
{
    struct entry top = h->items[1];
    struct entry e = h->items[h->n--];
    uint32_t at = 1;
    for (;;) {
        uint32_t child = 2 * at;
        if (child > h->n) {
            break;
        }
        child += child < h->n && h->items[child + 1].key < h->items[child].key;
        if (e.key <= h->items[child].key) {
            break;
        }
        h->items[at] = h->items[child];
        at = child;
    }
    h->items[at] = e;
    return top;
}

/* Assign and release over two binary heaps; and a linear look at all who wait. */
static double plain_turns(struct desk *d, uint32_t waiting, uint32_t agents, uint32_t n,
                          double *scan)
{
    struct plain line = {calloc(waiting + 2, sizeof(struct entry)), 0};
    struct plain free_ones = {calloc(agents + 2, sizeof(struct entry)), 0};
    uint64_t now = 0;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < waiting; i++) {
        push(&line, (struct entry){now++, i});
    }
    for (uint32_t i = 0; i < agents; i++) {
        push(&free_ones, (struct entry){now++, i});
    }
    uint64_t from = rounds_ns();
    for (uint32_t i = 0; i < n; i++) {
        struct entry s = pop(&line);
        struct entry a = pop(&free_ones);
        a.key = now++;
        push(&free_ones, a);
        s.key = now - chance(d) % 100000; /* some come back with their age */
        push(&line, s);
        sum += s.id + a.id;
    }
    double ns = (double) (rounds_ns() - from) / n;
    from = rounds_ns();
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 1; i <= line.n; i++) {
        least = line.items[i].key < least && line.items[i].id % 16 != 3 ? line.items[i].key : least;
    }
    *scan = (double) (rounds_ns() - from) + (least + sum == 1 ? 1 : 0);
    free(line.items);
    free(free_ones.items);
    return ns;
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned) strtoul(argv[1], NULL, 10) : 5;
    uint32_t waiting = argc > 2 ? (uint32_t) strtoul(argv[2], NULL, 10) : 1000000;
    uint32_t agents = argc > 3 ? (uint32_t) strtoul(argv[3], NULL, 10) : 100000;
    uint32_t n = argc > 4 ? (uint32_t) strtoul(argv[4], NULL, 10) : 20480;
    struct desk *d = open_desk(waiting, agents, n * rounds);
    fill(d, waiting);
    for (unsigned round = 1; round <= rounds; round++) {
        double scan, accepted, declined;
        double plain = plain_turns(d, waiting, agents, n, &scan);
        double turn = arrivals(d, n, true);
        double arrival = arrivals(d, n / 2, false);
        double match = matches(d, n / 2);
        offers(d, n / 4, &accepted, &declined);
        printf("{\"round\":%u,\"plain_ns\":%.0f,\"turn_ns\":%.0f,\"arrival_ns\":%.0f,"
               "\"match_ns\":%.0f,\"accept_ns\":%.0f,\"decline_ns\":%.0f,\"scan_ns\":%.0f}\n",
               round, plain, turn, arrival, match, accepted, declined, scan);
        fflush(stdout);
    }
    usher_free(d->core);
    free(d->owned);
    free(d->n_owned);
    free(d);
    return 0;
}
