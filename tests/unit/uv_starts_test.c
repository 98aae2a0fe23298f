/* uv_starts_test.c - which starts count as new sessions, and that those are limited.
 * SPDX-License-Identifier: MIT */
#include "uv_world.h"

static int setup(void **state)
{
    static struct world w;
    world_init(&w);
    /* Only the start of sessions has a limit here. */
    w.cfg.rates.visitor_say = (struct usher_rate){1000, 1};
    w.cfg.rates.address_say = (struct usher_rate){1000, 1};
    w.cfg.rates.visitor_start = (struct usher_rate){2, 600000};
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    world_done(*state);
    return 0;
}

static void send_start(struct person *p, const char *key, const char *queue)
{
    char frame[256];
    snprintf(frame, sizeof frame,
             "{\"type\":\"start\",\"key\":\"%s\",\"queue\":\"%s\",\"body\":\"hello\"}", key, queue);
    person_send(p, frame);
}

static void close_session(struct person *p, const char *session, const char *key)
{
    char frame[256];
    snprintf(frame, sizeof frame, "{\"type\":\"close\",\"key\":\"%s\",\"session\":\"%s\"}", key,
             session);
    person_send(p, frame);
    person_wait(p, "\"closed\"", key);
}

static void starts_that_are_repeated_or_refused_are_no_new_sessions(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40], key[16];
    world_open(w);
    visitor_in(w, &p, NULL, token);
    for (int i = 0; i < 10; i++) {
        snprintf(key, sizeof key, "u%d", i);
        send_start(&p, key, "nowhere");
        person_wait(&p, "\"unknown\"", key);
    }
    visitor_start(&p, "s1", session);
    for (int i = 0; i < 10; i++) {
        send_start(&p, "s1", "sales");
        person_wait(&p, "\"s1\"", session);
        snprintf(key, sizeof key, "t%d", i);
        send_start(&p, key, "sales");
        person_wait(&p, "\"taken\"", key);
    }
    close_session(&p, session, "c1");
    visitor_start(&p, "s2", session);
    close_session(&p, session, "c2");
    send_start(&p, "s3", "sales");
    person_wait(&p, "\"too_fast\"", "\"s3\"");
    /* But who only did not hear the answer hears it. */
    send_start(&p, "s2", "sales");
    person_wait(&p, "\"s2\"", session);
    assert_int_equal(person_count(&p, "\"too_fast\""), 1);
    person_done(&p);
    world_stop(w);
}

static void starts_while_a_batch_is_out_are_counted(void **state)
{
    struct world *w = *state;
    struct person p, q;
    char token[64], session[40];
    w->cfg.rates.address_start = (struct usher_rate){2, 600000};
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    trouble_hang(&w->t, &w->t.hang, true);
    person_say(&p, session, "k1", "in the batch that is out");
    world_settle(w);
    /* Of the two that come now one is within the limit, and nothing is told of it yet. */
    for (int i = 0; i < 2; i++) {
        visitor_in(w, &q, NULL, token);
        send_start(&q, i == 0 ? "a" : "b", "sales");
        world_settle(w);
        assert_int_equal(person_count(&q, "\"too_fast\""), i);
        person_done(&q);
    }
    trouble_hang(&w->t, &w->t.hang, false);
    person_wait(&p, "\"said\"", "\"k1\"");
    person_done(&p);
    world_stop(w);
}

static void a_keyed_start_of_a_known_visitor_waits_and_counts_once(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40];
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    close_session(&p, session, "c1");
    person_done(&p);
    world_stop(w);
    /* After a restart the storage is asked whether it knows the key. */
    world_open(w);
    visitor_in(w, &p, token, token);
    for (int i = 0; i < 3; i++) {
        send_start(&p, "s1", "sales");
        person_wait(&p, "\"s1\"", session);
    }
    visitor_start(&p, "s2", session);
    close_session(&p, session, "c2");
    visitor_start(&p, "s3", session);
    close_session(&p, session, "c3");
    send_start(&p, "s4", "sales");
    person_wait(&p, "\"too_fast\"", "\"s4\"");
    person_done(&p);
    world_stop(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(starts_that_are_repeated_or_refused_are_no_new_sessions),
        TEST(starts_while_a_batch_is_out_are_counted),
        TEST(a_keyed_start_of_a_known_visitor_waits_and_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
