/* core_oracle_test.c - thousands of small random desks against the plain definitions.
 * SPDX-License-Identifier: MIT */
#include "core_oracle.h"

/* Every time and length in these worlds is a multiple of this, so that much falls together. */
enum { BEAT = 100 };

static const char *const queue_names[3] = {"sales", "other", "third"};
static const char *const skill_names[4] = {"thai", "arabic", "tax", "refunds"};

struct shop {
    struct oracle o;
    struct hall *h;
    uint64_t random;
    unsigned n_queues, n_agents, n_skills, n_sessions;
    struct usher_step_set steps[3][4];
    struct usher_queue_id queues[HALL_AGENTS][3];
    uint8_t tiers[HALL_AGENTS][3];
    struct usher_skill skills[HALL_AGENTS][4];
};

static uint64_t draw(struct shop *p)
{
    uint64_t z = (p->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint32_t below(struct shop *p, uint32_t n)
{
    return (uint32_t) (draw(p) % n);
}

static bool one_in(struct shop *p, uint32_t n)
{
    return below(p, n) == 0;
}

static int64_t score(void *ctx, const struct usher_candidate *c)
{
    (void) ctx;
    return c->agent.s[0] % 5;
}

static void draw_step(struct shop *p, unsigned q, struct usher_step_set *st)
{
    static const enum usher_step_kind kinds[] = {
        USHER_STEP_LOWER,    USHER_STEP_DROP, USHER_STEP_WIDEN, USHER_STEP_WIDEN,
        USHER_STEP_PRIORITY, USHER_STEP_MOVE, USHER_STEP_CLOSE};
    st->kind = kinds[below(p, 7)];
    if (q + 1 == p->n_queues && st->kind == USHER_STEP_MOVE) {
        st->kind = USHER_STEP_PRIORITY;
    }
    st->by = st->kind == USHER_STEP_LOWER ? 1 + below(p, 3) : 1 + below(p, 3);
    if (st->kind == USHER_STEP_LOWER || st->kind == USHER_STEP_DROP) {
        strcpy(st->skill.s, one_in(p, 3) ? "" : skill_names[below(p, p->n_skills)]);
    } else if (st->kind == USHER_STEP_WIDEN) {
        strcpy(st->queue.s, queue_names[below(p, p->n_queues)]);
    } else if (st->kind == USHER_STEP_MOVE) {
        strcpy(st->queue.s, queue_names[q + 1 + below(p, p->n_queues - q - 1)]);
    }
    if (strcmp(st->queue.s, queue_names[q]) == 0) {
        strcpy(st->queue.s, queue_names[(q + 1) % p->n_queues]);
    }
    if (p->n_queues == 1 && st->kind == USHER_STEP_WIDEN) {
        *st = (struct usher_step_set){.kind = USHER_STEP_DROP};
    }
}

/* cost stays as it was: what a session has taken does not change with its queue. */
static void set_queue(struct shop *p, unsigned q, uint32_t cost)
{
    struct usher_queue_set set = {.open = true, .cost = cost};
    strcpy(set.queue.s, queue_names[q]);
    set.offer_ms = BEAT * (5 + below(p, 15));
    set.waiting_max = one_in(p, 4) ? 2 + below(p, 6) : 0;
    set.order = (enum usher_order) below(p, 5);
    for (unsigned i = 0; i < USHER_PRIORITIES; i++) {
        set.order_ms[i] =
            set.order == USHER_ORDER_SLOPE ? UINT32_C(500) << below(p, 3) : BEAT * below(p, 12);
    }
    set.pick = (enum usher_pick) below(p, 8);
    set.offering = one_in(p, 3) ? USHER_OFFERING_AUTO : USHER_OFFERING_ASK;
    set.offering = one_in(p, 20) ? USHER_OFFERING_MANUAL : set.offering;
    set.fanout = one_in(p, 3) ? 1 + below(p, 4) : 0;
    set.active_max = one_in(p, 4) ? 1 + below(p, 5) : 0;
    set.wrap_ms = one_in(p, 3) ? BEAT * below(p, 15) : 0;
    set.sticky_ms = one_in(p, 2) ? BEAT * below(p, 30) : 0;
    set.drain_ms = one_in(p, 3) ? BEAT * (1 + below(p, 20)) : 0;
    set.n_steps = below(p, 2) ? below(p, 5) : 0;
    uint32_t after = 0;
    memset(p->steps[q], 0, sizeof p->steps[q]);
    for (size_t i = 0; i < set.n_steps; i++) {
        after += BEAT * (1 + below(p, 25));
        p->steps[q][i].after_ms = after;
        draw_step(p, q, &p->steps[q][i]);
        p->steps[q][i].after_ms = after;
    }
    set.steps = p->steps[q];
    oracle_queue_changed(&p->o, q);
    hall_queue(p->h, set);
}

static void set_agent(struct shop *p, int a)
{
    struct usher_agent_set set = {.queues = p->queues[a], .tiers = p->tiers[a]};
    memset(p->queues[a], 0, sizeof p->queues[a]);
    memset(p->skills[a], 0, sizeof p->skills[a]);
    for (unsigned q = 0; q < p->n_queues; q++) {
        if (below(p, 3) > 0) {
            p->tiers[a][set.n_queues] = (uint8_t) below(p, 2);
            strcpy(p->queues[a][set.n_queues++].s, queue_names[q]);
        }
    }
    for (unsigned i = 0; i < p->n_skills; i++) {
        if (one_in(p, 2)) {
            strcpy(p->skills[a][set.n_skills].id.s, skill_names[i]);
            p->skills[a][set.n_skills++].level = 1 + below(p, 4);
        }
    }
    set.skills = p->skills[a];
    set.capacity = 1 + below(p, 4);
    set.weight = 1 + below(p, 3);
    oracle_agent_changed(&p->o, a);
    hall_agent(p->h, a, set);
}

/* A start may only name skills that the desk has heard of. */
static bool is_known(const struct shop *p, const char *skill)
{
    for (int a = 0; a < HALL_AGENTS; a++) {
        for (size_t i = 0; i < p->h->sets[a].n_skills; i++) {
            if (strcmp(p->h->sets[a].skills[i].id.s, skill) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void start(struct shop *p, int s)
{
    struct usher_skill needs[4];
    size_t n = 0;
    for (unsigned i = 0; i < p->n_skills; i++) {
        if (one_in(p, 4) && is_known(p, skill_names[i])) {
            memset(&needs[n], 0, sizeof needs[n]);
            strcpy(needs[n].id.s, skill_names[i]);
            needs[n++].level = 1 + below(p, 4);
        }
    }
    oracle_needs(&p->o, s, needs, n);
    hall_need(p->h, s, queue_names[below(p, p->n_queues)], one_in(p, 2) ? 0 : below(p, 4), needs,
              n);
}

/* Something with a session that is there. */
static void act_session(struct shop *p, int s)
{
    struct hall_session *hs = &p->h->sessions[s];
    uint32_t dice = below(p, 10);
    if (hs->state == USHER_STATE_NONE) {
        start(p, s);
    } else if (dice == 0) {
        if (hs->link != 0) {
            hall_visitor_leaves(p->h, s);
        } else {
            hall_visitor_comes(p->h, s);
        }
    } else if (hs->state == USHER_STATE_OFFERED) {
        const struct hall_offer *of = &hs->offers[below(p, hs->n_offers)];
        if (p->h->agents[of->agent].link != 0 && dice < 8) {
            hall_answer(p->h, of->agent, of->number, dice < 6);
        } else if (hs->link != 0 && dice == 9) {
            hall_end(p->h, s);
        }
    } else if (hs->state == USHER_STATE_ACTIVE && p->h->agents[hs->owner].link != 0 && dice < 4) {
        bool to_queue = one_in(p, 2);
        hall_move(p->h, hs->owner, s, to_queue ? queue_names[below(p, p->n_queues)] : NULL,
                  (int) below(p, p->n_agents));
    } else if (hs->link != 0 && hs->state != USHER_STATE_CLOSED && (dice < 8 || one_in(p, 4))) {
        if (hs->state == USHER_STATE_ACTIVE || one_in(p, 3)) {
            hall_end(p->h, s);
        }
    } else if (hs->link != 0 && hs->state == USHER_STATE_CLOSED) {
        hall_reopen(p->h, s);
    }
}

static void act_agent(struct shop *p, int a)
{
    struct hall_agent *ha = &p->h->agents[a];
    if (ha->link == 0) {
        hall_come(p->h, a);
        oracle_agent_changed(&p->o, a);
    } else if (one_in(p, 8)) {
        hall_leave(p->h, a);
    } else if (one_in(p, 12)) {
        set_agent(p, a);
    } else {
        hall_ready(p->h, a, !ha->ready || one_in(p, 4));
    }
}

static void act(struct shop *p)
{
    uint32_t dice = below(p, 100);
    if (dice < 55) {
        act_session(p, (int) below(p, p->n_sessions));
    } else if (dice < 65) {
        act_agent(p, (int) below(p, p->n_agents));
    } else if (dice < 66) {
        unsigned q = below(p, p->n_queues);
        set_queue(p, q, p->h->queues[q].cost);
    } else if (dice < 67) {
        oracle_restarting(&p->o);
        hall_restart_all(p->h);
    } else {
        hall_pass(p->h, BEAT * (1 + below(p, 3)));
    }
}

static void open_shop(struct shop *p, uint64_t seed)
{
    struct usher_config cfg;
    memset(p, 0, sizeof *p);
    p->random = seed;
    usher_config_init(&cfg);
    cfg.limits = (struct usher_limits){.links = 64,
                                       .sessions = 64,
                                       .agents = HALL_AGENTS,
                                       .queues = 4,
                                       .keys = 64,
                                       .answers = 512,
                                       .recent_bytes = 1 << 16,
                                       .batch_facts = 256,
                                       .batch_bytes = 1 << 16};
    cfg.agent_grace_ms = 3000;
    cfg.visitor_waiting_ms = 4000;
    cfg.visitor_active_ms = 6000;
    cfg.missed_max = 3;
    cfg.place_ms = 500;
    memcpy(cfg.seed, &seed, sizeof seed);
    cfg.policy.score = score;
    cfg.active_max = one_in(p, 5) ? 2 + below(p, 6) : 0;
    p->h = hall_open(&cfg);
    oracle_watch(&p->o, p->h, seed);
    p->n_queues = 1 + below(p, 3);
    p->n_agents = 2 + below(p, HALL_AGENTS - 1);
    p->n_skills = 1 + below(p, 4);
    p->n_sessions = 4 + below(p, ORACLE_SESSIONS - 3);
    bool busy = one_in(p, 3);
    for (unsigned q = 0; q < p->n_queues; q++) {
        struct usher_queue_set plain = {.open = true,
                                        .cost = 1 + (one_in(p, 3) ? below(p, 3) : 0u)};
        strcpy(plain.queue.s, queue_names[q]);
        hall_queue(p->h, plain); /* before steps name it */
    }
    for (unsigned q = 0; q < p->n_queues; q++) {
        set_queue(p, q, p->h->queues[q].cost);
    }
    for (int a = 0; a < (int) p->n_agents; a++) {
        set_agent(p, a);
        hall_come(p->h, a);
        hall_ready(p->h, a, !busy || one_in(p, 2));
    }
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 0) : otherwise;
}

static void every_decision_is_the_plain_one(void **state)
{
    static struct shop p;
    unsigned given = 0, orders = 0, picks = 0, ties = 0, holds = 0, places = 0, exclusions = 0;
    (void) state;
    uint64_t first = number_from("USHER_SEED", 1), n = number_from("USHER_SEEDS", 2000);
    uint64_t steps = number_from("USHER_STEPS", 150);
    printf("# seeds %llu to %llu\n", (unsigned long long) first,
           (unsigned long long) (first + n - 1));
    for (uint64_t seed = first; seed < first + n; seed++) {
        open_shop(&p, seed);
        for (uint64_t i = 0; i < steps; i++) {
            act(&p);
        }
        hall_close(p.h);
        given += p.o.n_given;
        orders += p.o.n_orders;
        picks += p.o.n_picks;
        ties += p.o.n_ties;
        holds += p.o.n_holds;
        places += p.o.n_places;
        exclusions += p.o.n_exclusions;
    }
    printf("# %u given, compared with %u sessions and %u agents (%u ties); %u holds, %u "
           "exclusions, %u places\n",
           given, orders, picks, ties, holds, exclusions, places);
    /* A comparison that hardly ever happens proves nothing. */
    assert_true(n < 2000 || (given > 10000 && orders > 10000 && picks > 1000 && ties > 200 &&
                             holds > 1000 && places > 100000 && exclusions > 5000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_decision_is_the_plain_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
