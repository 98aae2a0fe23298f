/* uv_input_test.c - what a desk does with frames that are bad, early, late, too large or too many.
 * SPDX-License-Identifier: MIT */
#include "uv_world.h"

static int setup(void **state)
{
    static struct world w;
    world_init(&w);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    world_done(*state);
    return 0;
}

static const char hello_visitor[] = "{\"type\":\"hello\",\"as\":\"visitor\"}";

static void the_fifth_bad_frame_ends_the_link(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64];
    world_open(w);
    visitor_in(w, &p, NULL, token);
    person_send(&p, "{");
    person_wait(&p, "\"refused\"", "\"bad_frame\"");
    person_send(&p, "{\"type\":\"fly\",\"key\":\"k1\"}");
    person_wait(&p, "\"unknown_type\"", "\"k1\"");
    person_send(&p, "{\"type\":\"say\",\"key\":\"k2\",\"body\":\"no session\"}");
    const char *line = person_wait(&p, "\"bad_field\"", "\"k2\"");
    assert_non_null(strstr(line, "session"));
    person_send(&p, "[]");
    person_wait(&p, "\"bad_frame\"", NULL);
    assert_false(p.closed);
    person_send(&p, "{\"type\":\"fly\"}");
    person_wait_closed(&p, 4400);
    assert_int_equal(person_count(&p, "\"refused\""), 4);
    person_done(&p);
    world_stop(w);
}

static void what_is_only_too_large_is_not_a_bad_frame(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40];
    static char frame[16384];
    static char body[8194];
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    memset(body, 'x', sizeof body - 1);
    for (int i = 0; i < 6; i++) {
        snprintf(frame, sizeof frame,
                 "{\"type\":\"say\",\"key\":\"k%d\",\"session\":\"%s\",\"body\":\"%s\"}", i,
                 session, body);
        person_send(&p, frame);
        person_wait(&p, "\"refused\"", "\"too_large\"");
    }
    assert_false(p.closed);
    person_done(&p);
    world_stop(w);
}

static void hello_twice_is_refused(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64];
    world_open(w);
    visitor_in(w, &p, NULL, token);
    person_send(&p, hello_visitor);
    person_wait(&p, "\"refused\"", "hello");
    assert_false(p.closed);
    person_done(&p);
    world_stop(w);
}

static void a_command_before_the_hello_ends_the_link(void **state)
{
    struct world *w = *state;
    struct person p;
    world_open(w);
    person_open(w, &p);
    person_send(&p, "{\"type\":\"ready\",\"key\":\"k1\",\"on\":true}");
    person_wait(&p, "\"refused\"", "\"unauthorized\"");
    person_wait_closed(&p, 4401);
    person_done(&p);
    world_stop(w);
}

static void no_hello_in_time_ends_the_link(void **state)
{
    struct world *w = *state;
    struct person silent, talker;
    char token[64];
    w->cfg.rates.hello_ms = 30;
    world_open(w);
    visitor_in(w, &talker, NULL, token);
    person_open(w, &silent);
    person_wait_closed(&silent, 4401);
    assert_false(talker.closed);
    person_done(&silent);
    person_done(&talker);
    world_stop(w);
}

/* A frame of this size that is nothing but a long unknown field. */
static char *frame_of(size_t size)
{
    char *frame = malloc(size + 1);
    assert_non_null(frame);
    memset(frame, ' ', size);
    frame[size] = 0;
    memcpy(frame, "{\"type\":\"fly\"}", 14);
    return frame;
}

static void a_visitors_frame_is_at_most_16_kib(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64];
    world_open(w);
    visitor_in(w, &p, NULL, token);
    char *fits = frame_of(16384);
    person_send(&p, fits);
    person_wait(&p, "\"refused\"", "\"unknown_type\"");
    char *over = frame_of(16385);
    person_send(&p, over);
    person_wait_closed(&p, 1009);
    free(fits);
    free(over);
    person_done(&p);
    world_stop(w);
}

static void an_agents_frame_is_at_most_64_kib(void **state)
{
    struct world *w = *state;
    struct person ann;
    world_open(w);
    agent_in(w, &ann, "ann");
    char *fits = frame_of(65536);
    person_send(&ann, fits);
    person_wait(&ann, "\"refused\"", "\"unknown_type\"");
    char *over = frame_of(65537);
    person_send(&ann, over);
    person_wait_closed(&ann, 1009);
    free(fits);
    free(over);
    person_done(&ann);
    world_stop(w);
}

static void a_visitors_hello_is_at_most_16_kib_too(void **state)
{
    struct world *w = *state;
    struct person p, q;
    world_open(w);
    char *over = frame_of(16385);
    person_open(w, &p);
    person_send(&p, over);
    person_wait_closed(&p, 1009);
    memcpy(over, hello_visitor, sizeof hello_visitor - 1);
    person_open(w, &q);
    person_send(&q, over);
    person_wait_closed(&q, 1009);
    free(over);
    person_done(&p);
    person_done(&q);
    world_stop(w);
}

static void a_wrong_agent_token_is_unauthorized(void **state)
{
    struct world *w = *state;
    const char *wrong[] = {"nobody-token", "ann-tokem", "zoe-token"};
    world_open(w);
    for (int i = 0; i < 3; i++) {
        struct person p;
        char frame[128];
        snprintf(frame, sizeof frame, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"%s\"}",
                 wrong[i]);
        person_open(w, &p);
        person_send(&p, frame);
        const char *line = person_wait(&p, "\"refused\"", "\"unauthorized\"");
        assert_non_null(strstr(line, "sign in again"));
        person_wait_closed(&p, 4401);
        assert_int_equal(person_count(&p, "\"type\":\"hello\""), 0);
        person_done(&p);
    }
    world_stop(w);
}

static void without_who_there_are_no_agents(void **state)
{
    struct world *w = *state;
    struct person p;
    w->cfg.who = NULL;
    world_open(w);
    person_open(w, &p);
    person_send(&p, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"ann-token\"}");
    person_wait(&p, "\"refused\"", "\"unauthorized\"");
    person_wait_closed(&p, 4401);
    person_done(&p);
    world_stop(w);
}

static void who_never_answers_and_the_link_is_let_go(void **state)
{
    struct world *w = *state;
    struct person p;
    w->cfg.rates.hello_ms = 30;
    w->answer_later = true;
    world_open(w);
    person_open(w, &p);
    person_send(&p, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"ann-token\"}");
    person_wait_closed(&p, 1013);
    /* An answer that is too late, or to a question never asked, does no harm. */
    assert_int_equal(usher_uv_signed_in(w->rt, w->tickets[0], "ann"), 0);
    assert_int_equal(usher_uv_signed_in(w->rt, 12345, "ann"), 0);
    assert_int_equal(usher_uv_signed_in(w->rt, 0, "ann"), 0);
    person_done(&p);
    world_stop(w);
}

static void wrong_tokens_shut_the_address(void **state)
{
    struct world *w = *state;
    struct person p;
    w->cfg.rates.signin_failures = 2;
    world_open(w);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(person_try(w, &p, "192.0.2.1"), 0);
        person_send(&p, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"bad\"}");
        person_wait_closed(&p, 4401);
        person_done(&p);
    }
    assert_int_equal(person_try(w, &p, "192.0.2.1"), 0);
    person_send(&p, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"ann-token\"}");
    person_wait(&p, "\"too_fast\"", "retry_ms");
    assert_false(p.closed);
    person_done(&p);
    /* Visitors of that address, and agents of others, are not shut out. */
    assert_int_equal(person_try(w, &p, "192.0.2.1"), 0);
    person_send(&p, hello_visitor);
    person_wait(&p, "\"type\":\"hello\"", NULL);
    person_done(&p);
    assert_int_equal(person_try(w, &p, "192.0.2.2"), 0);
    person_send(&p, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"ann-token\"}");
    person_wait(&p, "\"type\":\"hello\"", NULL);
    person_done(&p);
    world_stop(w);
}

static void hello_of_one_token_has_a_rate_and_may_be_tried_again(void **state)
{
    struct world *w = *state;
    struct person p, q;
    char token[64], frame[128];
    w->cfg.rates.hello = (struct usher_rate){1, 60};
    world_open(w);
    visitor_in(w, &p, NULL, token);
    snprintf(frame, sizeof frame, "{\"type\":\"hello\",\"as\":\"visitor\",\"token\":\"%s\"}",
             token);
    person_open(w, &q);
    person_send(&q, frame);
    person_wait(&q, "\"type\":\"hello\"", token);
    person_done(&q);
    person_open(w, &q);
    person_send(&q, frame);
    person_wait(&q, "\"too_fast\"", "retry_ms");
    world_pass(w, 70);
    person_send(&q, frame);
    person_wait(&q, "\"type\":\"hello\"", token);
    person_done(&q);
    person_done(&p);
    world_stop(w);
}

static void hello_that_is_refused_and_not_said_again_ends_the_link(void **state)
{
    struct world *w = *state;
    struct person p, q;
    char token[64], frame[128];
    w->cfg.rates.hello = (struct usher_rate){1, 600000};
    w->cfg.rates.hello_ms = 40;
    world_open(w);
    visitor_in(w, &p, NULL, token);
    snprintf(frame, sizeof frame, "{\"type\":\"hello\",\"as\":\"visitor\",\"token\":\"%s\"}",
             token);
    person_open(w, &q);
    person_send(&q, frame);
    person_wait(&q, "\"type\":\"hello\"", token);
    person_done(&q);
    person_open(w, &q);
    person_send(&q, frame);
    person_wait(&q, "\"too_fast\"", NULL);
    /* Not 4401: its token is good. */
    person_wait_closed(&q, 4429);
    person_done(&q);
    person_done(&p);
    world_stop(w);
}

static void over_the_rate_a_command_is_refused_and_the_link_lives(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40];
    w->cfg.rates.visitor_say = (struct usher_rate){3, 600000};
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    person_say(&p, session, "k1", "one");
    person_wait(&p, "\"said\"", "\"k1\"");
    person_say(&p, session, "k2", "two");
    person_wait(&p, "\"said\"", "\"k2\"");
    person_say(&p, session, "k3", "three");
    const char *line = person_wait(&p, "\"refused\"", "\"k3\"");
    assert_non_null(strstr(line, "\"too_fast\""));
    assert_non_null(strstr(line, "\"retry_ms\":"));
    assert_false(p.closed);
    person_done(&p);
    world_stop(w);
}

static void a_hundred_and_one_refusals_end_the_link(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40], key[16];
    w->cfg.rates.visitor_say = (struct usher_rate){1, 600000};
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "k%d", i);
        person_say(&p, session, key, "x");
        person_wait(&p, "\"too_fast\"", key);
    }
    assert_false(p.closed);
    person_say(&p, session, "last", "x");
    person_wait_closed(&p, 4429);
    person_done(&p);
    world_stop(w);
}

static void idle_talk_over_the_rate_is_dropped_in_silence(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40], typing[128], keyed[128], seen[128];
    w->cfg.rates.visitor_say = (struct usher_rate){1, 600000};
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    snprintf(typing, sizeof typing, "{\"type\":\"typing\",\"session\":\"%s\"}", session);
    snprintf(seen, sizeof seen, "{\"type\":\"seen\",\"session\":\"%s\",\"index\":1}", session);
    snprintf(keyed, sizeof keyed, "{\"type\":\"typing\",\"key\":\"t1\",\"session\":\"%s\"}",
             session);
    for (int i = 0; i < 100; i++) {
        person_send(&p, typing);
        person_send(&p, seen);
        world_settle(w);
    }
    assert_int_equal(person_count(&p, "\"refused\""), 0);
    assert_false(p.closed);
    person_send(&p, keyed);
    person_wait(&p, "\"too_fast\"", "\"t1\"");
    person_done(&p);
    world_stop(w);
}

static void a_flood_of_idle_talk_ends_the_link(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40], typing[128];
    w->cfg.rates.visitor_say = (struct usher_rate){1, 600000};
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    snprintf(typing, sizeof typing, "{\"type\":\"typing\",\"session\":\"%s\"}", session);
    for (int i = 0; i < 1000; i++) {
        person_send(&p, typing);
        uv_run(&w->loop, UV_RUN_NOWAIT);
    }
    world_settle(w);
    assert_false(p.closed);
    person_send(&p, typing);
    person_wait_closed(&p, 4429);
    person_done(&p);
    world_stop(w);
}

static void frames_behind_one_that_waits_are_8_and_then_busy(void **state)
{
    struct world *w = *state;
    struct person ann;
    char frame[128], key[16];
    w->answer_later = true;
    world_open(w);
    person_open(w, &ann);
    person_send(&ann, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"ann-token\"}");
    for (int i = 0; i < 10; i++) {
        snprintf(frame, sizeof frame, "{\"type\":\"ready\",\"key\":\"r%d\",\"on\":true}", i);
        person_send(&ann, frame);
    }
    person_wait(&ann, "\"busy\"", "\"r8\"");
    person_wait(&ann, "\"busy\"", "\"r9\"");
    assert_int_equal(usher_uv_signed_in(w->rt, w->tickets[0], "ann"), 0);
    person_wait(&ann, "\"type\":\"hello\"", NULL);
    for (int i = 0; i < 8; i++) {
        snprintf(key, sizeof key, "\"r%d\"", i);
        person_wait(&ann, "\"done\"", key);
    }
    person_done(&ann);
    world_stop(w);
}

static void the_ninth_link_of_a_visitor_pushes_out_the_oldest(void **state)
{
    struct world *w = *state;
    struct person p[9];
    char token[64], same[64];
    w->cfg.rates.hello = (struct usher_rate){20, 1000};
    world_open(w);
    visitor_in(w, &p[0], NULL, token);
    for (int i = 1; i < 8; i++) {
        visitor_in(w, &p[i], token, same);
    }
    world_settle(w);
    assert_false(p[0].closed);
    visitor_in(w, &p[8], token, same);
    person_wait_closed(&p[0], 4409);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(p[i].closed, i == 0);
        person_done(&p[i]);
    }
    world_stop(w);
}

static void links_of_one_address_and_of_all_are_limited(void **state)
{
    struct world *w = *state;
    struct person a, b, c, d;
    w->cfg.rates.links_address = 2;
    w->cfg.core.limits.links = 3;
    world_open(w);
    assert_int_equal(person_try(w, &a, "192.0.2.1"), 0);
    assert_int_equal(person_try(w, &b, "192.0.2.1"), 0);
    world_settle(w);
    assert_int_equal(person_try(w, &c, "192.0.2.1"), USHER_EFULL);
    assert_int_equal(person_try(w, &c, "::ffff:192.0.2.1"), USHER_EFULL);
    assert_int_equal(person_try(w, &c, "192.0.2.2"), 0);
    world_settle(w);
    assert_int_equal(person_try(w, &d, "192.0.2.3"), USHER_EFULL);
    person_done(&a);
    assert_int_equal(person_try(w, &d, "192.0.2.1"), 0);
    world_settle(w);
    assert_false(d.closed);
    person_done(&b);
    person_done(&c);
    person_done(&d);
    world_stop(w);
}

static void links_that_race_past_the_door_are_counted_again(void **state)
{
    struct world *w = *state;
    struct person p[3];
    w->cfg.rates.links_address = 2;
    world_open(w);
    /* All three are admitted before the first is up. */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(person_try(w, &p[i], "192.0.2.1"), 0);
    }
    person_wait_closed(&p[2], 1013);
    world_settle(w);
    assert_false(p[0].closed);
    assert_false(p[1].closed);
    for (int i = 0; i < 3; i++) {
        person_done(&p[i]);
    }
    world_stop(w);
}

static void new_links_have_a_rate(void **state)
{
    struct world *w = *state;
    struct person p, q;
    w->cfg.rates.accept = (struct usher_rate){1, 600000};
    world_open(w);
    assert_int_equal(person_try(w, &p, "192.0.2.1"), 0);
    assert_int_equal(person_try(w, &q, "192.0.2.1"), USHER_EBUSY);
    person_done(&p);
    world_stop(w);
}

static void one_who_does_not_read_is_dropped_and_others_are_not(void **state)
{
    struct world *w = *state;
    struct person slow, other;
    char token[64], session[40], same[64];
    w->cfg.rates.stall_ms = 50;
    world_open(w);
    visitor_in(w, &slow, NULL, token);
    visitor_in(w, &other, token, same);
    usher_local_pause(slow.l, true);
    visitor_start(&other, "s1", session);
    person_wait_closed(&slow, 4408);
    person_say(&other, session, "k1", "still here");
    person_wait(&other, "\"said\"", "\"k1\"");
    person_done(&slow);
    person_done(&other);
    world_stop(w);
}

static void one_who_reads_again_in_time_misses_nothing(void **state)
{
    struct world *w = *state;
    struct person slow, other;
    char token[64], session[40], same[64], key[16];
    world_open(w);
    visitor_in(w, &slow, NULL, token);
    visitor_in(w, &other, token, same);
    visitor_start(&other, "s1", session);
    person_wait(&slow, "\"index\":2", NULL);
    usher_local_pause(slow.l, true);
    for (int i = 0; i < 5; i++) {
        snprintf(key, sizeof key, "\"k%d\"", i);
        char bare[16];
        snprintf(bare, sizeof bare, "k%d", i);
        person_say(&other, session, bare, "line");
        person_wait(&other, "\"said\"", key);
    }
    world_settle(w);
    assert_int_equal(person_count(&slow, "\"said\""), 1);
    usher_local_pause(slow.l, false);
    person_wait(&slow, "\"index\":7", NULL);
    assert_int_equal(person_count(&slow, "\"said\""), 6);
    person_done(&slow);
    person_done(&other);
    world_stop(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_fifth_bad_frame_ends_the_link),
        TEST(what_is_only_too_large_is_not_a_bad_frame),
        TEST(hello_twice_is_refused),
        TEST(a_command_before_the_hello_ends_the_link),
        TEST(no_hello_in_time_ends_the_link),
        TEST(a_visitors_frame_is_at_most_16_kib),
        TEST(an_agents_frame_is_at_most_64_kib),
        TEST(a_visitors_hello_is_at_most_16_kib_too),
        TEST(a_wrong_agent_token_is_unauthorized),
        TEST(without_who_there_are_no_agents),
        TEST(who_never_answers_and_the_link_is_let_go),
        TEST(wrong_tokens_shut_the_address),
        TEST(hello_of_one_token_has_a_rate_and_may_be_tried_again),
        TEST(hello_that_is_refused_and_not_said_again_ends_the_link),
        TEST(over_the_rate_a_command_is_refused_and_the_link_lives),
        TEST(a_hundred_and_one_refusals_end_the_link),
        TEST(idle_talk_over_the_rate_is_dropped_in_silence),
        TEST(a_flood_of_idle_talk_ends_the_link),
        TEST(frames_behind_one_that_waits_are_8_and_then_busy),
        TEST(the_ninth_link_of_a_visitor_pushes_out_the_oldest),
        TEST(links_of_one_address_and_of_all_are_limited),
        TEST(links_that_race_past_the_door_are_counted_again),
        TEST(new_links_have_a_rate),
        TEST(one_who_does_not_read_is_dropped_and_others_are_not),
        TEST(one_who_reads_again_in_time_misses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
