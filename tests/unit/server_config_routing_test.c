/* server_config_routing_test.c - routing in the configuration: what it becomes, what is refused.
 * SPDX-License-Identifier: MIT */
#include "../../examples/server/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define ANN                                                               \
    "{\"id\":\"ann\",\"password\":\"x\",\"queues\":[\"a\",\"b\"],\"skills\":{\"th\":3," \
    "\"en\":1}}"
#define AGENT(rest) "{\"id\":\"bea\",\"password\":\"x\",\"queues\":[\"b\",\"a\"]" rest "}"
#define DESK(a, b, agents, rest)                                                        \
    "{\"demo\":true,\"queues\":[{\"id\":\"a\"" a "},{\"id\":\"b\"" b "},{\"id\":\"c\"}]," \
    "\"agents\":[" agents "]" rest "}"
#define QUEUE(rest) DESK("," rest, "", ANN, "")
#define STEPS(list) QUEUE("\"steps\":[" list "]")

static int read_text(struct server_config **out, const char *text, char why[SERVER_WHY_MAX])
{
    const struct server_config_over over = {NULL, NULL};

    return server_config_read(out, "d", (struct usher_span){text, strlen(text)}, &over, why);
}

static struct server_config *good(const char *text)
{
    struct server_config *c = NULL;
    char why[SERVER_WHY_MAX] = "";

    if (read_text(&c, text, why) != 0) {
        fail_msg("%s", why);
    }
    return c;
}

static void bad(const char *text, const char *message)
{
    struct server_config *c = NULL;
    char why[SERVER_WHY_MAX] = "";

    assert_int_equal(read_text(&c, text, why), USHER_EINVAL);
    assert_null(c);
    assert_string_equal(why, message);
}

static void what_is_left_out_is_usher_s_default(void **state)
{
    struct server_config *c = good(DESK("", "", ANN, ""));

    (void)state;
    const struct usher_queue_set *q = &c->queues[0];
    assert_int_equal(q->order, USHER_ORDER_FIFO);
    assert_int_equal(q->pick, USHER_PICK_LEAST_LOADED);
    assert_int_equal(q->offering, USHER_OFFERING_ASK);
    assert_int_equal(q->fanout + q->cost + q->active_max + q->wrap_ms + q->sticky_ms + q->drain_ms,
                     0);
    assert_int_equal(q->n_steps + q->n_needs + q->priority, 0);
    assert_null(c->agents[0].tiers);
    assert_int_equal(c->agents[0].weight, 0);
    assert_int_equal(c->core.active_max, 0);
    assert_int_equal(c->core.window_ms, 0);
    assert_int_equal(c->n_settings, 3); /* without steps, once is enough */
    server_config_free(c);
}

static void a_queue_s_numbers_and_words_are_taken(void **state)
{
    struct server_config *c = good(QUEUE(
        "\"order\":\"deadline\",\"order_s\":[120,60],\"pick\":\"most_skilled\","
        "\"offering\":\"auto\",\"fanout\":8,\"cost\":2,\"active_max\":9,\"wrap_s\":5,"
        "\"sticky_s\":6,\"drain_s\":7,\"priority\":3,\"needs\":{\"th\":2,\"en\":1}"));

    (void)state;
    const struct usher_queue_set *q = &c->queues[0];
    assert_int_equal(q->order, USHER_ORDER_DEADLINE);
    assert_int_equal(q->order_ms[0], 120000);
    assert_int_equal(q->order_ms[1], 60000);
    assert_int_equal(q->order_ms[7], 60000); /* the last one is for all above it */
    assert_int_equal(q->pick, USHER_PICK_MOST_SKILLED);
    assert_int_equal(q->offering, USHER_OFFERING_AUTO);
    assert_int_equal(q->fanout, 8);
    assert_int_equal(q->cost, 2);
    assert_int_equal(q->active_max, 9);
    assert_int_equal(q->wrap_ms, 5000);
    assert_int_equal(q->sticky_ms, 6000);
    assert_int_equal(q->drain_ms, 7000);
    assert_int_equal(q->priority, 3);
    assert_int_equal(q->n_needs, 2);
    assert_string_equal(q->needs[0].id.s, "th");
    assert_int_equal(q->needs[0].level, 2);
    assert_string_equal(q->needs[1].id.s, "en");
    server_config_free(c);
    c = good(DESK(",\"order\":\"slope\",\"order_slopes\":[1000,1500,4000]",
                  ",\"order\":\"strict\",\"needs\":{\"en\":1}", ANN, ""));
    assert_int_equal(c->queues[0].order_ms[2], 4000);
    assert_int_equal(c->queues[0].order_ms[7], 4000);
    assert_int_equal(c->queues[1].order, USHER_ORDER_STRICT);
    assert_int_equal(c->queues[1].needs[0].level, 1);
    server_config_free(c);
}

/* Each word is the value that the header has in its place. */
static void each_word_means_what_it_says(void **state)
{
    static const char *const picks[] = {"least_loaded", "longest_idle", "round_robin",
                                        "most_skilled", "pack",         "fewest",
                                        "random"};
    static const enum usher_pick values[] = {USHER_PICK_LEAST_LOADED, USHER_PICK_LONGEST_IDLE,
                                             USHER_PICK_ROUND_ROBIN,  USHER_PICK_MOST_SKILLED,
                                             USHER_PICK_PACK,         USHER_PICK_FEWEST,
                                             USHER_PICK_RANDOM};
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof picks / sizeof picks[0]; i++) {
        snprintf(text, sizeof text, QUEUE("\"pick\":\"%s\""), picks[i]);
        struct server_config *c = good(text);
        assert_int_equal(c->queues[0].pick, values[i]);
        server_config_free(c);
    }
    struct server_config *c = good(DESK(",\"offering\":\"manual\",\"order\":\"head_start\","
                                        "\"order_s\":[0]",
                                        ",\"offering\":\"ask\",\"order\":\"fifo\"", ANN, ""));
    assert_int_equal(c->queues[0].offering, USHER_OFFERING_MANUAL);
    assert_int_equal(c->queues[0].order, USHER_ORDER_HEAD_START);
    assert_int_equal(c->queues[1].offering, USHER_OFFERING_ASK);
    assert_int_equal(c->queues[1].order, USHER_ORDER_FIFO);
    server_config_free(c);
}

static void steps_are_taken_in_their_order(void **state)
{
    struct server_config *c = good(
        STEPS("{\"after_s\":1,\"lower\":\"th\"},{\"after_s\":1,\"lower\":\"*\",\"by\":2},"
              "{\"after_s\":2,\"drop\":\"en\"},{\"after_s\":3,\"drop\":\"*\"},"
              "{\"after_s\":4,\"widen\":\"c\"},{\"after_s\":5,\"priority\":7},"
              "{\"after_s\":6,\"move\":\"b\"},{\"after_s\":7,\"close\":true}"));
    const struct usher_step_set *s = c->queues[0].steps;

    (void)state;
    assert_int_equal(c->queues[0].n_steps, 8);
    assert_int_equal(s[0].after_ms, 1000);
    assert_int_equal(s[0].kind, USHER_STEP_LOWER);
    assert_string_equal(s[0].skill.s, "th");
    assert_string_equal(s[1].skill.s, "");
    assert_int_equal(s[1].by, 2);
    assert_int_equal(s[2].kind, USHER_STEP_DROP);
    assert_string_equal(s[2].skill.s, "en");
    assert_string_equal(s[3].skill.s, "");
    assert_int_equal(s[4].kind, USHER_STEP_WIDEN);
    assert_string_equal(s[4].queue.s, "c");
    assert_int_equal(s[5].kind, USHER_STEP_PRIORITY);
    assert_int_equal(s[5].by, 7);
    assert_int_equal(s[6].kind, USHER_STEP_MOVE);
    assert_string_equal(s[6].queue.s, "b");
    assert_int_equal(s[7].kind, USHER_STEP_CLOSE);
    server_config_free(c);
}

/* A queue's agents may help in another, and the other way round: no order of setting would do. */
static void queues_are_set_before_what_leads_to_them(void **state)
{
    struct server_config *c = good(DESK(",\"steps\":[{\"after_s\":9,\"widen\":\"b\"}]",
                                        ",\"steps\":[{\"after_s\":9,\"widen\":\"a\"}]", ANN, ""));

    (void)state;
    assert_int_equal(c->n_settings, 5);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(c->settings[i].n_steps, 0);
    }
    assert_string_equal(c->settings[3].queue.s, "a");
    assert_int_equal(c->settings[3].n_steps, 1);
    assert_string_equal(c->settings[4].queue.s, "b");
    server_config_free(c);
}

static void an_agent_s_skills_tiers_and_weight_are_taken(void **state)
{
    struct server_config *c =
        good(DESK("", "",
                  ANN "," AGENT(",\"tiers\":{\"a\":2},\"skills\":{\"de\":255},\"weight\":1000"),
                  ",\"active_max\":40,\"timers\":{\"window_s\":2678400},"
                  "\"limits\":{\"skills\":3,\"classes\":5,\"profiles\":2}"));

    (void)state;
    assert_int_equal(c->agents[0].n_skills, 2);
    assert_int_equal(c->agents[0].skills[0].level, 3);
    assert_int_equal(c->agents[1].n_skills, 1);
    assert_string_equal(c->agents[1].skills[0].id.s, "de");
    assert_int_equal(c->agents[1].skills[0].level, 255);
    assert_string_equal(c->agents[1].queues[0].s, "b");
    assert_int_equal(c->agents[1].tiers[0], 0);
    assert_int_equal(c->agents[1].tiers[1], 2);
    assert_int_equal(c->agents[1].weight, 1000);
    assert_int_equal(c->core.active_max, 40);
    assert_true(c->core.window_ms == UINT64_C(2678400000));
    assert_int_equal(c->core.limits.skills, 3);
    assert_int_equal(c->core.limits.classes, 5);
    assert_int_equal(c->core.limits.profiles, 2);
    server_config_free(c);
}

static void mistakes_in_a_queue_are_found(void **state)
{
    (void)state;
    bad(QUEUE("\"order\":\"lifo\""),
        "d: queues[0].order: must be fifo, head_start, strict, deadline or slope, not \"lifo\"");
    bad(QUEUE("\"order\":\"head_start\""),
        "d: queues[0].order_s: is missing: the order needs it");
    bad(QUEUE("\"order_s\":[1]"),
        "d: queues[0].order_s: goes with the order head_start or deadline only");
    bad(QUEUE("\"order\":\"slope\",\"order_s\":[1]"),
        "d: queues[0].order_s: goes with the order head_start or deadline only");
    bad(QUEUE("\"order\":\"slope\""),
        "d: queues[0].order_slopes: is missing: the order needs it");
    bad(QUEUE("\"order\":\"strict\",\"order_slopes\":[1]"),
        "d: queues[0].order_slopes: goes with the order slope only");
    bad(QUEUE("\"order\":\"slope\",\"order_slopes\":[]"),
        "d: queues[0].order_slopes: must have 1 to 8 numbers, one a priority");
    bad(QUEUE("\"order\":\"slope\",\"order_slopes\":[1,1,1,1,1,1,1,1,1]"),
        "d: queues[0].order_slopes: must have 1 to 8 numbers, one a priority");
    bad(QUEUE("\"order\":\"slope\",\"order_slopes\":[1000,0]"),
        "d: queues[0].order_slopes[1]: must be a whole number from 1 to 1000000");
    bad(QUEUE("\"order\":\"deadline\",\"order_s\":[2678401]"),
        "d: queues[0].order_s[0]: must be a whole number from 0 to 2678400");
    bad(QUEUE("\"pick\":\"policy\""),
        "d: queues[0].pick: must be least_loaded, longest_idle, round_robin, most_skilled, pack, "
        "fewest or random, not \"policy\"");
    bad(QUEUE("\"offering\":\"\""), "d: queues[0].offering: must not be empty");
    bad(QUEUE("\"offering\":\"shout\""),
        "d: queues[0].offering: must be ask, auto or manual, not \"shout\"");
    bad(QUEUE("\"fanout\":9"), "d: queues[0].fanout: must be a whole number from 1 to 8");
    bad(QUEUE("\"cost\":17"), "d: queues[0].cost: must be a whole number from 1 to 16");
    bad(QUEUE("\"priority\":8"), "d: queues[0].priority: must be a whole number from 0 to 7");
    bad(QUEUE("\"needs\":[]"), "d: queues[0].needs: must be an object");
    bad(QUEUE("\"needs\":{\"th\":0}"),
        "d: queues[0].needs.th: must be a whole number from 1 to 255");
    bad(QUEUE("\"needs\":{\"Th\":1}"),
        "d: queues[0].needs.Th: a skill's name must be 1 to 31 of a-z 0-9 . _ -");
    bad(QUEUE("\"needs\":{\"priority\":1}"),
        "d: queues[0].needs.priority: no skill can have this name");
    bad(QUEUE("\"needs\":{\"tj\":1}"), "d: queues[0].needs.tj: no agent has this skill");
    bad(QUEUE("\"needs\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,"
              "\"i\":1}"),
        "d: queues[0].needs: 8 skills are the most");
}

static void mistakes_in_a_step_are_found(void **state)
{
    (void)state;
    bad(STEPS("{\"lower\":\"th\"}"), "d: queues[0].steps[0].after_s: is missing");
    bad(STEPS("{\"after_s\":0,\"lower\":\"th\"}"),
        "d: queues[0].steps[0].after_s: must be a whole number from 1 to 2678400");
    bad(STEPS("{\"after_s\":5}"),
        "d: queues[0].steps[0]: must name one of lower, drop, widen, priority, move, close");
    bad(STEPS("{\"after_s\":5,\"widen\":\"b\",\"move\":\"b\"}"),
        "d: queues[0].steps[0]: must name one of lower, drop, widen, priority, move, close");
    bad(STEPS("{\"after_s\":5,\"raise\":\"th\"}"), "d: queues[0].steps[0].raise: unknown key");
    bad(STEPS("{\"after_s\":5,\"close\":false}"),
        "d: queues[0].steps[0].close: must be true where it is named");
    bad(STEPS("{\"after_s\":5,\"drop\":\"th\",\"by\":1}"),
        "d: queues[0].steps[0].by: goes with lower only");
    bad(STEPS("{\"after_s\":5,\"drop\":\"th\"},{\"after_s\":4,\"drop\":\"en\"}"),
        "d: queues[0].steps[1].after_s: must not be less than that of the step before");
    bad(STEPS("{\"after_s\":5,\"priority\":0}"),
        "d: queues[0].steps[0].priority: must be a whole number from 1 to 7");
    bad(STEPS("{\"after_s\":5,\"lower\":\"**\"}"),
        "d: queues[0].steps[0].lower: must be a skill, or * for each of them, not \"**\"");
    bad(STEPS("{\"after_s\":5,\"drop\":\"tj\"}"),
        "d: queues[0].steps[0].drop: no agent has the skill \"tj\"");
    bad(STEPS("{\"after_s\":5,\"move\":\"B\"}"),
        "d: queues[0].steps[0].move: must be 1 to 31 of a-z 0-9 . _ -, not \"B\"");
    bad(STEPS("{\"after_s\":5,\"widen\":\"b\"},{\"after_s\":5,\"move\":\"bb\"}"),
        "d: queues[0].steps[1].move: no such queue \"bb\"");
    bad(STEPS("{\"after_s\":5,\"widen\":\"a\"}"),
        "d: queues[0].steps[0].widen: is this queue itself: \"a\"");
#define STEP "{\"after_s\":5,\"close\":true}"
    bad(STEPS(STEP "," STEP "," STEP "," STEP "," STEP "," STEP "," STEP "," STEP "," STEP),
        "d: queues[0].steps: 8 steps are the most");
}

static void a_circle_of_moves_is_found_where_it_closes(void **state)
{
    (void)state;
    bad(DESK(",\"steps\":[{\"after_s\":5,\"move\":\"b\"}]",
             ",\"steps\":[{\"after_s\":5,\"widen\":\"a\"},{\"after_s\":6,\"move\":\"a\"}]", ANN,
             ""),
        "d: queues[1].steps[1].move: makes a circle of moves with \"a\"");
    bad("{\"demo\":true,\"queues\":[{\"id\":\"a\",\"steps\":[{\"after_s\":1,\"move\":\"b\"}]},"
        "{\"id\":\"b\",\"steps\":[{\"after_s\":1,\"move\":\"c\"}]},"
        "{\"id\":\"c\",\"steps\":[{\"after_s\":1,\"move\":\"a\"}]}],\"agents\":[]}",
        "d: queues[2].steps[0].move: makes a circle of moves with \"a\"");
    /* Two ways to one end are no circle. */
    server_config_free(good(DESK(",\"steps\":[{\"after_s\":5,\"move\":\"b\"},"
                                 "{\"after_s\":6,\"move\":\"c\"}]",
                                 ",\"steps\":[{\"after_s\":5,\"move\":\"c\"}]", ANN, "")));
}

static void mistakes_in_an_agent_are_found(void **state)
{
    (void)state;
    bad(DESK("", "", ANN "," AGENT(",\"skills\":{\"th\":256}"), ""),
        "d: agents[1].skills.th: must be a whole number from 1 to 255");
    bad(DESK("", "", ANN "," AGENT(",\"tiers\":{\"c\":1}"), ""),
        "d: agents[1].tiers.c: is no queue of this agent");
    bad(DESK("", "", ANN "," AGENT(",\"tiers\":{\"a\":256}"), ""),
        "d: agents[1].tiers.a: must be a whole number from 0 to 255");
    bad(DESK("", "", ANN "," AGENT(",\"weight\":0"), ""),
        "d: agents[1].weight: must be a whole number from 1 to 1000");
    bad(DESK("", "", ANN "," AGENT(",\"skills\":{\"th\":1,\"de\":1}"),
             ",\"limits\":{\"skills\":2}"),
        "d: agents[1].skills.de: is one too many: limits.skills is 2");
    bad(DESK("", "", ANN "," AGENT(""), ",\"limits\":{\"profiles\":1}"),
        "d: agents[1]: its queues, tiers, skills, capacity and weight are one kind too many: "
        "limits.profiles is 1");
    bad(DESK("", "", ANN, ",\"active_max\":0"),
        "d: active_max: must be a whole number from 1 to 16000000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_is_usher_s_default),
        cmocka_unit_test(a_queue_s_numbers_and_words_are_taken),
        cmocka_unit_test(each_word_means_what_it_says),
        cmocka_unit_test(steps_are_taken_in_their_order),
        cmocka_unit_test(queues_are_set_before_what_leads_to_them),
        cmocka_unit_test(an_agent_s_skills_tiers_and_weight_are_taken),
        cmocka_unit_test(mistakes_in_a_queue_are_found),
        cmocka_unit_test(mistakes_in_a_step_are_found),
        cmocka_unit_test(a_circle_of_moves_is_found_where_it_closes),
        cmocka_unit_test(mistakes_in_an_agent_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
