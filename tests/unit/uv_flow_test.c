/* uv_flow_test.c - what leaves a desk: deadlines, catching up from the storage, large messages.
 * SPDX-License-Identifier: MIT */
#include "uv_world.h"

#define BODY 8000
#define LINES 40

static int setup(void **state)
{
    static struct world w;
    world_init(&w);
    w.cfg.rates.visitor_say = (struct usher_rate){1000, 1};
    w.cfg.rates.visitor_minute = 10000;
    w.cfg.rates.address_say = (struct usher_rate){10000, 1};
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    world_done(*state);
    return 0;
}

/* A visitor who has said LINES long things: each body is this text, repeated. */
static void say_much(struct world *w, struct person *p, const char *text, char token[64],
                     char session[40])
{
    static char frame[BODY + 256];
    static char body[BODY + 1];
    char key[16], quoted[24];
    size_t len = strlen(text);
    for (size_t i = 0; i + len <= BODY; i += len) {
        memcpy(body + i, text, len);
        body[i + len] = 0;
    }
    visitor_in(w, p, NULL, token);
    visitor_start(p, "s1", session);
    for (int i = 0; i < LINES; i++) {
        snprintf(key, sizeof key, "k%d", i);
        snprintf(quoted, sizeof quoted, "\"%s\"", key);
        snprintf(frame, sizeof frame,
                 "{\"type\":\"say\",\"key\":\"%s\",\"session\":\"%s\",\"body\":\"%s\"}", key,
                 session, body);
        person_send(p, frame);
        person_wait(p, "\"said\"", quoted);
    }
}

/* Everything that a new link of the visitor is shown, in order and without gap. */
static void check_all(struct world *w, struct person *p, const char *token)
{
    char same[64], index[32];
    visitor_in(w, p, token, same);
    for (int i = 1; i <= LINES + 2; i++) {
        snprintf(index, sizeof index, "\"index\":%d,", i);
        person_wait(p, index, NULL);
    }
    assert_int_equal(person_count(p, "\"index\":"), LINES + 2);
}

static void an_offer_is_over_at_its_deadline(void **state)
{
    struct world *w = *state;
    struct person visitor, ann;
    char token[64], session[40];
    w->queues[0].offer_ms = 30;
    world_open(w);
    agent_in(w, &ann, "ann");
    agent_ready(&ann);
    visitor_in(w, &visitor, NULL, token);
    visitor_start(&visitor, "s1", session);
    person_wait(&ann, "\"type\":\"offer\"", session);
    person_wait(&ann, "\"type\":\"offer_over\"", "\"missed\"");
    person_done(&ann);
    person_done(&visitor);
    world_stop(w);
}

static void what_is_no_longer_at_hand_comes_from_the_storage(void **state)
{
    struct world *w = *state;
    struct person p, again;
    char token[64], session[40];
    w->cfg.core.limits.recent_bytes = 65536;
    world_open(w);
    say_much(w, &p, "x", token, session);
    check_all(w, &again, token);
    person_done(&p);
    person_done(&again);
    world_stop(w);
}

static void one_whose_catching_up_fails_is_sent_away_to_come_again(void **state)
{
    struct world *w = *state;
    struct person p, again;
    char token[64], session[40], frame[128];
    w->cfg.core.limits.recent_bytes = 65536;
    world_open(w);
    say_much(w, &p, "x", token, session);
    trouble_set(&w->t, &w->t.reads_fail, 1);
    person_open(w, &again);
    snprintf(frame, sizeof frame, "{\"type\":\"hello\",\"as\":\"visitor\",\"token\":\"%s\"}",
             token);
    person_send(&again, frame);
    person_wait_closed(&again, 1013);
    assert_int_equal(person_count(&again, "\"index\":"), 0);
    person_done(&again);
    check_all(w, &again, token);
    person_done(&again);
    person_done(&p);
    world_stop(w);
}

static void much_that_is_ready_at_once_leaves_in_messages_of_64_kib(void **state)
{
    struct world *w = *state;
    struct person p, again;
    char token[64], session[40];
    world_open(w);
    say_much(w, &p, "x", token, session);
    check_all(w, &again, token);
    /* 40 facts of a good 8 000 bytes: 8 in each message, not one in each. */
    assert_in_range(again.messages, 5, 8);
    person_done(&p);
    person_done(&again);
    world_stop(w);
}

static void a_history_of_long_escaped_texts_is_one_object(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40], frame[128];
    world_open(w);
    say_much(w, &p, "\\u0001\\u0002", token, session);
    snprintf(frame, sizeof frame,
             "{\"type\":\"history\",\"key\":\"h1\",\"session\":\"%s\",\"limit\":100}", session);
    person_send(&p, frame);
    const char *line = person_wait(&p, "\"type\":\"history\"", "\"h1\"");
    const char *end = strchr(line, '\n');
    assert_true(end - line > LINES * BODY);
    assert_int_equal(end[-1], '}');
    int n = 0;
    for (const char *at = strstr(line, "\"said\""); at != NULL; at = strstr(at + 1, "\"said\"")) {
        n++;
    }
    assert_int_equal(n, LINES + 1);
    person_done(&p);
    world_stop(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_offer_is_over_at_its_deadline),
        TEST(what_is_no_longer_at_hand_comes_from_the_storage),
        TEST(one_whose_catching_up_fails_is_sent_away_to_come_again),
        TEST(much_that_is_ready_at_once_leaves_in_messages_of_64_kib),
        TEST(a_history_of_long_escaped_texts_is_one_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
