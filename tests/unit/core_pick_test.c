/* core_pick_test.c - which agent gets a session: each way to pick, tiers, ties, chance.
 * SPDX-License-Identifier: MIT */
#include "core_hall.h"

static const struct usher_queue_id sales = {"sales"};

static int open_hall(void **state)
{
    *state = hall_open(NULL);
    return 0;
}

static int shut_hall(void **state)
{
    hall_close(*state);
    return 0;
}

static void queue_of_pick(struct hall *h, enum usher_pick pick)
{
    hall_queue(
        h, (struct usher_queue_set){
               .queue = {"sales"}, .open = true, .pick = pick, .offering = USHER_OFFERING_AUTO});
}

static void hire(struct hall *h, int agent, struct usher_agent_set set)
{
    set.queues = &sales;
    set.n_queues = 1;
    hall_agent(h, agent, set);
    hall_come(h, agent);
    hall_ready(h, agent, true);
    hall_pass(h, 1);
}

/* The next session goes to this agent. */
static void next_goes_to(struct hall *h, int s, int agent)
{
    hall_start(h, s, "sales", 0);
    assert_has(h, agent, s);
    hall_pass(h, 1);
}

static void least_loaded_counts_load_by_capacity(void **state)
{
    struct hall *h = *state;
    queue_of_pick(h, USHER_PICK_LEAST_LOADED);
    hire(h, ANN, (struct usher_agent_set){.capacity = 2});
    hire(h, BEA, (struct usher_agent_set){.capacity = 4});
    next_goes_to(h, 0, ANN); /* both without load: idle for longest */
    next_goes_to(h, 1, BEA); /* 1/2, 0/4 */
    next_goes_to(h, 2, BEA); /* 1/2, 1/4 */
    next_goes_to(h, 3, ANN); /* 1/2 and 2/4 are the same: ann is idle for longer */
    next_goes_to(h, 4, BEA); /* ann is full */
}

static void longest_idle_is_who_did_not_change_for_longest(void **state)
{
    struct hall *h = *state;
    queue_of_pick(h, USHER_PICK_LONGEST_IDLE);
    hire(h, ANN, (struct usher_agent_set){.capacity = 2});
    hire(h, BEA, (struct usher_agent_set){.capacity = 6});
    hire(h, CYD, (struct usher_agent_set){.capacity = 6});
    next_goes_to(h, 0, ANN);
    next_goes_to(h, 1, BEA);
    hall_end(h, 0); /* a session that ends is a change */
    hall_pass(h, 1);
    next_goes_to(h, 2, CYD);
    next_goes_to(h, 3, BEA);
    next_goes_to(h, 4, ANN);
    next_goes_to(h, 5, CYD);
}

static void round_robin_goes_on_with_who_had_the_last_one_first(void **state)
{
    struct hall *h = *state;
    queue_of_pick(h, USHER_PICK_ROUND_ROBIN);
    hire(h, ANN, (struct usher_agent_set){.capacity = 9});
    hire(h, BEA, (struct usher_agent_set){.capacity = 9});
    hire(h, CYD, (struct usher_agent_set){.capacity = 9});
    for (int i = 0; i < 9; i++) {
        next_goes_to(h, i, ANN + i % 3);
    }
    hall_end(h, 8); /* what ends does not change whose turn it is */
    next_goes_to(h, 9, ANN);
    hall_ready(h, BEA, false);
    next_goes_to(h, 10, CYD);
    hall_ready(h, BEA, true);
    next_goes_to(h, 11, BEA);
}

static const struct usher_skill able[3][2] = {
    {{{"thai"}, 3}, {{"tax"}, 3}}, {{{"thai"}, 9}, {{"tax"}, 1}}, {{{"thai"}, 2}, {{"tax"}, 90}}};

static void most_skilled_adds_up_the_skills_needed_only(void **state)
{
    struct hall *h = *state;
    const struct usher_skill thai = {{"thai"}, 2};
    const struct usher_skill both[2] = {{{"thai"}, 3}, {{"tax"}, 1}};
    queue_of_pick(h, USHER_PICK_MOST_SKILLED);
    for (int i = 0; i < 3; i++) {
        hire(h, i, (struct usher_agent_set){.capacity = 3, .skills = able[i], .n_skills = 2});
    }
    hall_need(h, 0, "sales", 0, &thai, 1);
    assert_has(h, BEA, 0);
    hall_need(h, 1, "sales", 0, both, 2); /* cyd would have most, but too little of thai */
    assert_has(h, BEA, 1);
    hall_start(h, 2, "sales", 0); /* nothing is needed: least loaded */
    assert_has(h, ANN, 2);
    hall_need(h, 3, "sales", 0, &thai, 1);
    assert_has(h, BEA, 3); /* to the last of her units */
    hall_need(h, 4, "sales", 0, &thai, 1);
    assert_has(h, ANN, 4); /* she is full: the next */
}

static void pack_fills_one_agent_first(void **state)
{
    struct hall *h = *state;
    queue_of_pick(h, USHER_PICK_PACK);
    hire(h, ANN, (struct usher_agent_set){.capacity = 3});
    hire(h, BEA, (struct usher_agent_set){.capacity = 3});
    next_goes_to(h, 0, ANN);
    next_goes_to(h, 1, ANN);
    next_goes_to(h, 2, ANN);
    next_goes_to(h, 3, BEA);
    hall_end(h, 0);
    next_goes_to(h, 4, ANN); /* 2/3 and 1/3 */
}

static void the_lowest_tier_is_asked_first_whatever_the_pick(void **state)
{
    struct hall *h = *state;
    static const uint8_t tiers[3] = {2, 0, 1};
    queue_of_pick(h, USHER_PICK_LEAST_LOADED);
    for (int i = 0; i < 3; i++) {
        hire(h, i, (struct usher_agent_set){.capacity = 2, .tiers = &tiers[i]});
    }
    next_goes_to(h, 0, BEA);
    next_goes_to(h, 1, BEA);
    next_goes_to(h, 2, CYD);
    next_goes_to(h, 3, CYD);
    next_goes_to(h, 4, ANN);
    hall_end(h, 0);
    next_goes_to(h, 5, BEA);
}

static void fewest_counts_within_a_window_of_wall_time(void **state)
{
    struct hall *h = *state;
    queue_of_pick(h, USHER_PICK_FEWEST);
    hire(h, ANN, (struct usher_agent_set){.capacity = 9});
    for (int i = 0; i < 3; i++) {
        next_goes_to(h, i, ANN);
    }
    hire(h, BEA, (struct usher_agent_set){.capacity = 9});
    next_goes_to(h, 3, BEA);
    next_goes_to(h, 4, BEA);
    next_goes_to(h, 5, BEA); /* 3 and 2 so far */
    next_goes_to(h, 6, ANN); /* 3 and 3: ann is idle for longer */
    /* A new window by wall time: nobody has had any, and what was before does not count. */
    uint64_t day = 86400000;
    hall_pass(h, day - (uint64_t) (h->now.wall_ms % (int64_t) day));
    next_goes_to(h, 7, BEA); /* 0 and 0 */
    next_goes_to(h, 8, ANN); /* 0 and 1 */
}

static int64_t by_letter(void *ctx, const struct usher_candidate *c)
{
    (void) ctx;
    assert_true(c->load + c->cost <= c->capacity);
    return c->agent.s[0] == 'b' ? 5 : c->agent.s[0] == 'c' ? 5 : 1;
}

static void a_hosts_policy_picks_the_highest_score(void **state)
{
    (void) state;
    struct usher_config cfg;
    usher_config_init(&cfg);
    cfg.policy.score = by_letter;
    struct hall *h = hall_open(&cfg);
    queue_of_pick(h, USHER_PICK_POLICY);
    for (int i = 0; i < 3; i++) {
        hire(h, i, (struct usher_agent_set){.capacity = 2});
    }
    next_goes_to(h, 0, BEA);
    next_goes_to(h, 1, CYD); /* as high, and idle for longer */
    next_goes_to(h, 2, BEA);
    next_goes_to(h, 3, CYD);
    next_goes_to(h, 4, ANN); /* capacity is not the policy's affair */
    hall_close(h);
}

/* Starts and ends n sessions; counts who had them. */
static void draw_agents(struct hall *h, unsigned n, unsigned *had)
{
    queue_of_pick(h, USHER_PICK_RANDOM);
    static const uint32_t weights[4] = {1, 2, 3, 10};
    for (int i = 0; i < 4; i++) {
        hire(h, i, (struct usher_agent_set){.capacity = 2, .weight = weights[i]});
    }
    for (unsigned i = 0; i < n; i++) {
        hall_start(h, (int) i, "sales", 0);
        had[h->sessions[i].owner]++;
        hall_end(h, (int) i);
        hall_visitor_leaves(h, (int) i);
    }
}

static void chance_is_in_proportion_to_weight(void **state)
{
    (void) state;
    for (uint8_t seed = 1; seed <= 4; seed++) {
        static const double share[4] = {1.0 / 16, 2.0 / 16, 3.0 / 16, 10.0 / 16};
        struct usher_config cfg;
        unsigned had[HALL_AGENTS] = {0}, n = 2000;
        double chi = 0;
        usher_config_init(&cfg);
        cfg.seed[0] = seed;
        struct hall *h = hall_open(&cfg);
        draw_agents(h, n, had);
        for (int i = 0; i < 4; i++) {
            double off = had[i] - share[i] * n;
            chi += off * off / (share[i] * n);
        }
        hall_close(h);
        /* Three degrees of freedom: by chance alone above 16.3 in one of a thousand. */
        printf("# seed %u: chi square %.2f\n", seed, chi);
        assert_true(chi < 16.3);
        assert_true(chi > 0.0);
    }
}

static uint64_t play(uint8_t seed, uint64_t *drawn)
{
    struct usher_config cfg;
    unsigned had[HALL_AGENTS] = {0};
    usher_config_init(&cfg);
    cfg.seed[0] = seed;
    struct hall *h = hall_open(&cfg);
    draw_agents(h, 200, had);
    uint64_t hash = h->hash;
    *drawn = had[0] + 1000u * had[1] + 1000000u * (uint64_t) had[2];
    hall_close(h);
    return hash;
}

static void the_same_seed_and_events_tell_the_same(void **state)
{
    uint64_t first, again, other;
    (void) state;
    assert_true(play(7, &first) == play(7, &again));
    assert_true(first == again);
    assert_true(play(7, &first) != play(8, &other));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_hall, shut_hall)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(least_loaded_counts_load_by_capacity),
        TEST(longest_idle_is_who_did_not_change_for_longest),
        TEST(round_robin_goes_on_with_who_had_the_last_one_first),
        TEST(most_skilled_adds_up_the_skills_needed_only),
        TEST(pack_fills_one_agent_first),
        TEST(the_lowest_tier_is_asked_first_whatever_the_pick),
        TEST(fewest_counts_within_a_window_of_wall_time),
        cmocka_unit_test(a_hosts_policy_picks_the_highest_score),
        cmocka_unit_test(chance_is_in_proportion_to_weight),
        cmocka_unit_test(the_same_seed_and_events_tell_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
