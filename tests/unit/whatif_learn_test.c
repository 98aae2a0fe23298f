/* whatif_learn_test.c - a recorded day becomes a scenario that can be played.
 * SPDX-License-Identifier: MIT */
#define _GNU_SOURCE 1 /* setenv */

#include "sqlite_place.h"

#include "../../examples/whatif/learn.h"
#include "../../examples/whatif/run.h"

#include <stdlib.h>
#include <time.h>

#define DAY "2026-09-21"

static struct ush_place place;
static struct usher_storage *store;
static int64_t midnight;

static struct usher_fact fact(enum usher_fact_type type, unsigned session, double hour)
{
    struct usher_fact f = {.type = type, .at_ms = midnight + (int64_t) (hour * 3600000 + 0.5)};
    f.log = type >= USHER_FACT_VISITOR ? USHER_LOG_DESK : USHER_LOG_PUBLIC;
    memcpy(f.session.b, &session, sizeof session);
    f.by.kind = USHER_VISITOR;
    f.by.visitor.b[0] = 1;
    return f;
}

static void happen(struct usher_fact f)
{
    struct usher_fault why = {0};
    uint64_t mark = 0;
    static uint64_t index[16];
    assert_int_equal(store->ops->mark(store, &mark, &why), 0);
    f.seq = mark + 1;
    f.index = f.log == USHER_LOG_PUBLIC ? ++index[f.session.b[0] & 15] : 0;
    const struct usher_batch batch = {.first = f.seq, .n = 1, .facts = &f};
    assert_int_equal(store->ops->append(store, &batch, &why), 0);
}

static void name(char id[USHER_ID_MAX + 1], const char *text)
{
    snprintf(id, USHER_ID_MAX + 1, "%s", text);
}

static void opens(unsigned session, const char *queue, const char *needs, double hour)
{
    struct usher_fact f = fact(USHER_FACT_OPENED, session, hour);
    name(f.queue.s, queue);
    f.body = (struct usher_span){needs, strlen(needs)};
    happen(f);
}

static void is_offered(unsigned session, const char *queue, const char *agent, double hour)
{
    struct usher_fact f = fact(USHER_FACT_OFFERED, session, hour);
    name(f.queue.s, queue);
    name(f.agent.s, agent);
    f.until_ms = f.at_ms + 45000;
    happen(f);
}

static void is_missed(unsigned session, const char *agent, double hour)
{
    struct usher_fact f = fact(USHER_FACT_OFFER_OVER, session, hour);
    name(f.agent.s, agent);
    f.cause = USHER_CAUSE_MISSED;
    f.number = 1;
    happen(f);
}

static void joins(unsigned session, const char *agent, double hour)
{
    struct usher_fact f = fact(USHER_FACT_JOINED, session, hour);
    f.by.kind = USHER_AGENT;
    name(f.by.agent.s, agent);
    happen(f);
}

static void ends(unsigned session, double hour)
{
    struct usher_fact f = fact(USHER_FACT_CLOSED, session, hour);
    f.cause = USHER_CAUSE_ASKED;
    happen(f);
}

static void is_moved(unsigned session, const char *queue, double hour)
{
    struct usher_fact f = fact(USHER_FACT_MOVED, session, hour);
    name(f.queue.s, queue);
    happen(f);
}

static void is_ready(const char *agent, bool on, double hour)
{
    struct usher_fact f = fact(USHER_FACT_AGENT, 0, hour);
    memset(&f.session, 0, sizeof f.session);
    name(f.agent.s, agent);
    f.number = on;
    f.cause = USHER_CAUSE_ASKED;
    happen(f);
}

static const double second = 1.0 / 3600;

/* Ann works from 8 to 16 but for an hour at noon, Bob all day since yesterday. */
static void record_a_day(void)
{
    opens(9, "desk", "", -1); /* yesterday's */
    is_ready("bob", true, -0.5);
    is_ready("ann", true, 8);
    opens(1, "desk", "", 9);
    is_offered(1, "desk", "ann", 9 + 5 * second);
    joins(1, "ann", 9 + 9 * second);
    opens(2, "desk", "", 9.01);
    ends(2, 9.01 + 60 * second);
    ends(1, 9 + 309 * second);
    opens(3, "desk", "", 10);
    is_offered(3, "desk", "ann", 10);
    is_missed(3, "ann", 10 + 45 * second);
    is_offered(3, "desk", "ann", 10 + 50 * second);
    joins(3, "ann", 10 + 58 * second);
    is_moved(3, "workshop", 10 + 178 * second);
    is_offered(3, "workshop", "bob", 10 + 178 * second);
    joins(3, "bob", 10 + 180 * second);
    ends(3, 10 + 480 * second);
    is_ready("ann", false, 12);
    is_ready("ann", true, 13);
    opens(4, "desk", "priority=2 th=3", 14);
    is_offered(4, "desk", "bob", 14);
    joins(4, "bob", 14 + 10 * second);
    is_ready("ann", false, 16);
    opens(5, "desk", "", 23.99); /* nobody takes it */
    ends(4, 24.5);               /* this one took all night */
    opens(6, "desk", "", 25);    /* tomorrow's */
    is_ready("bob", false, 26);
}

static int setup(void **state)
{
    (void) state;
    struct tm tm = {.tm_year = 126, .tm_mon = 8, .tm_mday = 21, .tm_isdst = -1};
    setenv("TZ", "UTC", 1);
    tzset();
    midnight = (int64_t) mktime(&tm) * 1000;
    ush_place_make(&place);
    store = ush_store_loaded(place.path);
    record_a_day();
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    if (store != NULL) {
        store->ops->close(store);
        store = NULL;
    }
    ush_place_remove(&place);
    return 0;
}

/* The scenario as text, which the caller frees. */
static char *learn(const char *day, int want)
{
    char url[160], why[300] = "";
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    snprintf(url, sizeof url, "sqlite:%s", place.path);
    int rv = sim_learn(out, url, day, why, sizeof why);
    fclose(out);
    if (rv != want) {
        fail_msg("%d: %s", rv, why);
    }
    return text;
}

static void let_go(void)
{
    store->ops->close(store);
    store = NULL;
}

static const char *text_at(const cJSON *from, const char *list, int item, const char *key)
{
    const cJSON *at = cJSON_GetArrayItem(cJSON_GetObjectItem(from, list), item);
    return cJSON_GetStringValue(cJSON_GetObjectItem(at, key));
}

static void same_list(const cJSON *list, const char *want)
{
    char *got = cJSON_PrintUnformatted(list);
    assert_non_null(got);
    assert_string_equal(got, want);
    cJSON_free(got);
}

static void times_are_those_that_were_recorded(void **state)
{
    (void) state;
    let_go();
    char *text = learn(DAY, 0);
    cJSON *json = cJSON_Parse(text);
    const cJSON *kinds = cJSON_GetObjectItem(json, "kinds");
    const cJSON *plain = cJSON_GetArrayItem(kinds, 0);

    assert_int_equal(cJSON_GetArraySize(kinds), 2);
    same_list(cJSON_GetObjectItem(plain, "arrivals"),
              "{\"at\":[\"32400s\",\"32436s\",\"36000s\",\"86364s\"]}");
    same_list(cJSON_GetObjectItem(plain, "handling"),
              "{\"in_order\":[\"300s\",null,\"120s\",null]}");
    /* Waits of 2 s, 9 s, 36 s and 58 s had another end: of those at risk at 60 s, one of one left.
     */
    same_list(cJSON_GetObjectItem(plain, "patience"), "{\"list\":[\"60s\"],\"weights\":[1]}");
    same_list(
        cJSON_GetObjectItem(plain, "transfers"),
        "[{\"from\":\"desk\",\"to\":\"workshop\",\"p\":0.5,\"handling\":{\"list\":[\"300s\"]}}]");
    same_list(cJSON_GetObjectItem(cJSON_GetArrayItem(kinds, 1), "needs"), "{\"th\":3}");
    same_list(cJSON_GetObjectItem(cJSON_GetArrayItem(kinds, 1), "priority"), "2");
    same_list(cJSON_GetObjectItem(cJSON_GetArrayItem(kinds, 1), "handling"),
              "{\"in_order\":[\"37790s\"]}");
    assert_string_equal(text_at(json, "queues", 1, "id"), "workshop");
    same_list(
        cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(json, "queues"), 0), "offer_s"),
        "45");
    cJSON_Delete(json);
    free(text);
}

static void agents_are_there_when_they_were_ready(void **state)
{
    (void) state;
    let_go();
    char *text = learn(DAY, 0);
    cJSON *json = cJSON_Parse(text);
    const cJSON *agents = cJSON_GetObjectItem(json, "agents");
    const cJSON *bob = cJSON_GetArrayItem(agents, 0);
    const cJSON *ann = cJSON_GetArrayItem(agents, 1);

    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(bob, "id")), "bob");
    same_list(cJSON_GetObjectItem(bob, "shifts"),
              "[{\"from\":\"00:00:00\",\"to\":\"24:00:00\",\"count\":1}]");
    same_list(cJSON_GetObjectItem(bob, "skills"), "{\"th\":3}");
    same_list(cJSON_GetObjectItem(bob, "queues"), "[\"workshop\",\"desk\"]");
    same_list(cJSON_GetObjectItem(ann, "shifts"),
              "[{\"from\":\"08:00:00\",\"to\":\"12:00:00\",\"count\":1},"
              "{\"from\":\"13:00:00\",\"to\":\"16:00:00\",\"count\":1}]");
    same_list(cJSON_GetObjectItem(ann, "ring"), "{\"list\":[\"4s\",\"8s\"]}");
    assert_true(cJSON_GetObjectItem(ann, "miss")->valuedouble > 0.333 &&
                cJSON_GetObjectItem(ann, "miss")->valuedouble < 0.334);
    cJSON_Delete(json);
    free(text);
}

static void what_was_learned_can_be_played(void **state)
{
    (void) state;
    struct sim_scenario s;
    struct sim_outcome o;
    char why[SIM_WHY_MAX] = "";
    let_go();
    char *text = learn(DAY, 0);
    if (sim_scenario_read(&s, cJSON_Parse(text), "learned", why) != 0 ||
        sim_run(&o, &s, why) != 0) {
        fail_msg("%s", why);
    }
    assert_int_equal(o.tally.sessions, 20 * 5);
    sim_outcome_done(&o);
    sim_scenario_done(&s);
    free(text);
}

static void a_desk_in_use_is_left_alone(void **state)
{
    (void) state;
    free(learn(DAY, USHER_EFENCED));
}

static void a_day_without_anybody_is_no_scenario(void **state)
{
    (void) state;
    let_go();
    free(learn("2026-09-25", USHER_EINVAL));
    free(learn("2026-9", USHER_EINVAL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(times_are_those_that_were_recorded, setup, teardown),
        cmocka_unit_test_setup_teardown(agents_are_there_when_they_were_ready, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_learned_can_be_played, setup, teardown),
        cmocka_unit_test_setup_teardown(a_desk_in_use_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_day_without_anybody_is_no_scenario, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
