/* uv_talk_test.c - visitors and agents talk over a whole desk: sign-in, reconnect, restart.
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

/* ann has a session with a new visitor. */
static void join(struct world *w, struct person *visitor, struct person *ann, char token[64],
                 char session[40])
{
    visitor_in(w, visitor, NULL, token);
    agent_in(w, ann, "ann");
    agent_ready(ann);
    visitor_start(visitor, "s1", session);
    agent_accept(ann);
    person_wait(visitor, "\"type\":\"joined\"", "Ann");
}

static void they_talk_both_ways(void **state)
{
    struct world *w = *state;
    struct person visitor, ann;
    char token[64], session[40];
    world_open(w);
    join(w, &visitor, &ann, token, session);
    person_say(&visitor, session, "v1", "is it blue?");
    person_wait(&ann, "\"type\":\"said\"", "is it blue?");
    person_wait(&visitor, "\"type\":\"said\"", "\"v1\"");
    person_say(&ann, session, "a1", "it is");
    person_wait(&visitor, "\"type\":\"said\"", "it is");
    person_wait(&ann, "\"type\":\"said\"", "\"a1\"");
    /* A key is shown to nobody but its sender. */
    assert_int_equal(person_count(&ann, "\"v1\""), 0);
    assert_int_equal(person_count(&visitor, "\"a1\""), 0);
    person_done(&visitor);
    person_done(&ann);
    world_stop(w);
}

static void what_is_ready_at_once_leaves_in_one_message(void **state)
{
    struct world *w = *state;
    struct person visitor, again, ann;
    char token[64], session[40];
    world_open(w);
    join(w, &visitor, &ann, token, session);
    for (int i = 0; i < 5; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        person_say(&visitor, session, key, "line");
        person_wait(&visitor, "\"type\":\"said\"", key);
    }
    visitor_in(w, &again, token, token);
    person_wait(&again, "\"k4\"", NULL);
    assert_int_equal(person_count(&again, "\"index\""), 8);
    assert_int_equal(again.messages, 1);
    person_done(&again);
    person_done(&visitor);
    person_done(&ann);
    world_stop(w);
}

static void a_token_leads_back_and_cursors_go_on(void **state)
{
    struct world *w = *state;
    struct person visitor, ann;
    char token[64], session[40], frame[512];
    world_open(w);
    join(w, &visitor, &ann, token, session);
    person_done(&visitor);
    person_say(&ann, session, "a1", "are you there?");
    person_wait(&ann, "\"type\":\"said\"", "\"a1\"");
    person_open(w, &visitor);
    snprintf(frame, sizeof frame,
             "{\"type\":\"hello\",\"as\":\"visitor\",\"token\":\"%s\",\"have\":{\"%s\":3}}", token,
             session);
    person_send(&visitor, frame);
    const char *hello = person_wait(&visitor, "\"type\":\"hello\"", session);
    char same[64];
    line_member(hello, "token", same, sizeof same);
    assert_string_equal(same, token);
    person_wait(&visitor, "\"index\":4", "are you there?");
    assert_int_equal(person_count(&visitor, "\"index\":3"), 0);
    person_done(&visitor);
    person_done(&ann);
    world_stop(w);
}

static void cursors_of_another_epoch_are_void(void **state)
{
    struct world *w = *state;
    struct person visitor, ann;
    char token[64], session[40], frame[512];
    world_open(w);
    join(w, &visitor, &ann, token, session);
    person_done(&visitor);
    person_open(w, &visitor);
    snprintf(frame, sizeof frame,
             "{\"type\":\"hello\",\"as\":\"visitor\",\"token\":\"%s\","
             "\"epoch\":\"0000000000000001\",\"have\":{\"%s\":3}}", token, session);
    person_send(&visitor, frame);
    person_wait(&visitor, "\"type\":\"hello\"", session);
    person_wait(&visitor, "\"index\":1", "opened");
    person_wait(&visitor, "\"index\":3", "joined");
    person_done(&visitor);
    person_done(&ann);
    world_stop(w);
}

static void an_unknown_token_gets_a_new_visitor(void **state)
{
    struct world *w = *state;
    const char *strange[] = {
        "x", "uv1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "uv1_!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "uv2_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    char seen[4][64], visitors[4][40];
    world_open(w);
    for (int i = 0; i < 4; i++) {
        struct person p;
        char frame[256];
        person_open(w, &p);
        snprintf(frame, sizeof frame,
                 "{\"type\":\"hello\",\"as\":\"visitor\",\"token\":\"%s\"}", strange[i]);
        person_send(&p, frame);
        const char *hello = person_wait(&p, "\"type\":\"hello\"", NULL);
        line_member(hello, "token", seen[i], sizeof seen[i]);
        line_member(hello, "visitor", visitors[i], sizeof visitors[i]);
        assert_int_equal(strlen(seen[i]), 47);
        assert_memory_equal(seen[i], "uv1_", 4);
        assert_string_not_equal(seen[i], strange[i]);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(seen[i], seen[j]);
            assert_string_not_equal(visitors[i], visitors[j]);
        }
        person_done(&p);
    }
    world_stop(w);
}

static void a_restart_on_the_same_shelf_forgets_nothing(void **state)
{
    struct world *w = *state;
    struct person visitor, ann;
    char token[64], session[40], same[64];
    world_open(w);
    join(w, &visitor, &ann, token, session);
    person_say(&visitor, session, "v1", "before");
    person_wait(&visitor, "\"type\":\"said\"", "\"v1\"");
    usher_uv_stop(w->rt, world_stopped, w);
    person_wait(&visitor, "\"type\":\"bye\"", "retry_ms");
    person_wait(&ann, "\"type\":\"bye\"", NULL);
    person_wait_closed(&visitor, 1012);
    person_wait_closed(&ann, 1012);
    world_until(w, &w->stopped);
    world_clear(w);
    person_done(&visitor);
    person_done(&ann);

    world_open(w);
    visitor_in(w, &visitor, token, same);
    assert_string_equal(same, token);
    person_wait(&visitor, "\"type\":\"said\"", "before");
    /* The same key again: one effect, one answer. */
    person_say(&visitor, session, "v1", "before");
    person_wait(&visitor, "\"type\":\"done\"", "\"v1\"");
    agent_in(w, &ann, "ann");
    person_wait(&ann, "\"type\":\"said\"", "before");
    assert_int_equal(person_count(&ann, "before"), 1);
    person_done(&visitor);
    person_done(&ann);
    world_stop(w);
}

static void a_closed_and_forgotten_visitor_is_found_in_the_storage(void **state)
{
    struct world *w = *state;
    struct person visitor;
    char token[64], session[40], same[64], frame[128], first[40], second[40];
    w->queues[0].reopen_ms = 1;
    world_open(w);
    visitor_in(w, &visitor, NULL, token);
    line_member(visitor.got, "visitor", first, sizeof first);
    visitor_start(&visitor, "s1", session);
    snprintf(frame, sizeof frame, "{\"type\":\"close\",\"key\":\"c1\",\"session\":\"%s\"}",
             session);
    person_send(&visitor, frame);
    person_wait(&visitor, "\"type\":\"closed\"", NULL);
    person_done(&visitor);
    world_stop(w);
    world_pass(w, 5); /* longer than it may be reopened */

    world_open(w);
    visitor_in(w, &visitor, token, same);
    assert_string_equal(same, token);
    line_member(visitor.got, "visitor", second, sizeof second);
    assert_string_equal(second, first);
    /* A key of long ago is looked up in the storage, and what comes behind it waits. */
    person_send(&visitor, "{\"type\":\"start\",\"key\":\"s1\",\"queue\":\"sales\","
                          "\"body\":\"hello\"}");
    person_say(&visitor, session, "k2", "too late");
    person_wait(&visitor, "\"type\":\"done\"", "\"s1\"");
    person_wait(&visitor, "\"type\":\"refused\"", "\"k2\"");
    person_done(&visitor);
    world_stop(w);
}

static void frames_sent_with_the_hello_wait_for_it(void **state)
{
    struct world *w = *state;
    struct person ann;
    w->answer_later = true;
    world_open(w);
    person_open(w, &ann);
    person_send(&ann, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"ann-token\"}");
    person_send(&ann, "{\"type\":\"ready\",\"key\":\"r1\",\"on\":true}");
    person_send(&ann, "{\"type\":\"ready\",\"key\":\"r2\",\"on\":false}");
    while (w->n_tickets == 0) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    world_settle(w);
    assert_int_equal(ann.len, 0);
    assert_int_equal(usher_uv_signed_in(w->rt, w->tickets[0], "ann"), 0);
    person_wait(&ann, "\"type\":\"hello\"", "\"ann\"");
    person_wait(&ann, "\"type\":\"done\"", "\"r1\"");
    person_wait(&ann, "\"type\":\"done\"", "\"r2\"");
    person_done(&ann);
    world_stop(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* docs/decisions/002: the oldest closed sessions are left to the storage, and nothing of them is forgotten. */
static void a_desk_opens_on_more_closed_sessions_than_it_has_room_for(void **state)
{
    struct world *w = *state;
    struct person visitors[4], again;
    char tokens[4][64], sessions[4][40], same[64], frame[256];
    world_open(w);
    for (int i = 0; i < 4; i++) {
        visitor_in(w, &visitors[i], NULL, tokens[i]);
        visitor_start(&visitors[i], "s1", sessions[i]);
        snprintf(frame, sizeof frame, "{\"type\":\"close\",\"key\":\"c1\",\"session\":\"%s\"}",
                 sessions[i]);
        person_send(&visitors[i], frame);
        person_wait(&visitors[i], "\"type\":\"closed\"", "\"c1\"");
        person_done(&visitors[i]);
    }
    usher_uv_stop(w->rt, world_stopped, w);
    world_until(w, &w->stopped);
    world_clear(w);

    w->cfg.core.limits.sessions = 2;
    world_open(w);
    assert_int_equal(w->start_fault.err, 0);
    assert_non_null(strstr(w->log, "left to the storage"));
    visitor_in(w, &again, tokens[0], same);
    assert_string_equal(same, tokens[0]);
    snprintf(frame, sizeof frame, "{\"type\":\"close\",\"key\":\"c1\",\"session\":\"%s\"}", sessions[0]);
    person_send(&again, frame);
    person_wait(&again, "\"type\":\"done\"", "\"was\":3");
    person_done(&again);
    world_stop(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(they_talk_both_ways),
        TEST(what_is_ready_at_once_leaves_in_one_message),
        TEST(a_token_leads_back_and_cursors_go_on),
        TEST(cursors_of_another_epoch_are_void),
        TEST(an_unknown_token_gets_a_new_visitor),
        TEST(a_restart_on_the_same_shelf_forgets_nothing),
        TEST(a_desk_opens_on_more_closed_sessions_than_it_has_room_for),
        TEST(a_closed_and_forgotten_visitor_is_found_in_the_storage),
        TEST(frames_sent_with_the_hello_wait_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
