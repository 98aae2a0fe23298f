/* uv_saving_test.c - a desk whose storage fails, hangs, lies, or belongs to somebody else.
 * SPDX-License-Identifier: MIT */
#include "../../lib/uv/runtime.h"
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

/* A visitor with a session; afterwards nothing is on its way to the storage. */
static void begin(struct world *w, struct person *p, char token[64], char session[40])
{
    world_open(w);
    visitor_in(w, p, NULL, token);
    visitor_start(p, "s1", session);
    person_wait(p, "\"said\"", NULL);
}

/* After a restart the session holds these bodies, each once, and nothing else was said. */
static void check_after_restart(struct world *w, const char *token, const char *bodies[], int n)
{
    struct person p;
    char same[64];
    world_open(w);
    visitor_in(w, &p, token, same);
    assert_string_equal(same, token);
    for (int i = 0; i < n; i++) {
        person_wait(&p, "\"said\"", bodies[i]);
    }
    world_settle(w);
    assert_int_equal(person_count(&p, "\"said\""), n);
    person_done(&p);
    world_stop(w);
}

static void a_failing_storage_is_told_and_recovers_and_nothing_is_doubled(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40];
    begin(w, &p, token, session);
    trouble_set(&w->t, &w->t.append_fails, 2);
    person_say(&p, session, "k1", "first");
    person_wait(&p, "\"degraded\"", "\"on\":true");
    assert_int_equal(w->saving_lost, 1);
    assert_int_equal(w->saving_err, USHER_EIO);
    /* G2: what is not durable is shown to nobody. */
    assert_int_equal(person_count(&p, "\"k1\""), 0);
    person_say(&p, session, "k2", "second");
    person_until(&p, "\"on\":false");
    person_until(&p, "\"k1\"");
    person_until(&p, "\"k2\"");
    assert_int_equal(w->saving_lost, 1);
    assert_int_equal(w->saving_back, 1);
    struct usher_uv_stats stats;
    usher_uv_stats_get(w->rt, &stats);
    assert_int_equal(stats.batch_failures, 2);
    person_done(&p);
    world_stop(w);
    const char *bodies[] = {"hello", "first", "second"};
    check_after_restart(w, token, bodies, 3);
}

static struct { struct person p; char session[40]; } answering;

static void answer_the_first(struct world *w, const struct usher_fact *f)
{
    (void) w;
    if (f->key.len == 2 && memcmp(f->key.base, "k1", 2) == 0) {
        person_say(&answering.p, answering.session, "k3", "third");
    }
}

static void what_answers_a_batch_is_saved_with_what_came_before_it(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40], fresh[64];
    begin(w, &p, token, session);
    visitor_in(w, &answering.p, NULL, fresh);
    visitor_start(&answering.p, "s2", answering.session);
    person_wait(&answering.p, "\"said\"", NULL);
    w->on_tell = answer_the_first;
    const int before = trouble_get(&w->t, &w->t.appends);
    trouble_hang(&w->t, &w->t.hang, true);
    person_say(&p, session, "k1", "first");
    world_settle(w);
    person_say(&p, session, "k2", "second");
    world_settle(w);
    trouble_hang(&w->t, &w->t.hang, false);
    person_wait(&answering.p, "\"said\"", "\"k3\"");
    person_wait(&p, "\"said\"", "\"k2\"");
    assert_int_equal(trouble_get(&w->t, &w->t.appends) - before, 2);
    person_done(&answering.p);
    person_done(&p);
    world_stop(w);
}

static void a_storage_without_words_is_told_with_its_name(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40];
    w->mute = true;
    w->load_fails = 1;
    world_begin(w);
    world_until(w, &w->started);
    assert_string_equal(w->start_fault.text, "trouble: EIO: storage or transport failed");
    world_stop(w);
    w->load_fails = 0;
    w->log[0] = 0;
    begin(w, &p, token, session);
    trouble_set(&w->t, &w->t.append_fails, 1);
    person_say(&p, session, "k1", "first");
    person_wait(&p, "\"k1\"", NULL);
    assert_non_null(strstr(w->log, "3 trouble: EIO: storage or transport failed\n"));
    person_done(&p);
    world_stop(w);
}

static void a_lost_reply_to_a_commit_goes_unnoticed(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40];
    begin(w, &p, token, session);
    trouble_set(&w->t, &w->t.replies_lost, 1);
    person_say(&p, session, "k1", "first");
    person_wait(&p, "\"said\"", "\"k1\"");
    assert_int_equal(w->saving_lost, 0);
    person_done(&p);
    world_stop(w);
    const char *bodies[] = {"hello", "first"};
    check_after_restart(w, token, bodies, 2);
}

static void a_lost_reply_and_a_silent_mark_double_nothing(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40];
    begin(w, &p, token, session);
    trouble_set(&w->t, &w->t.mark_fails, 2);
    trouble_set(&w->t, &w->t.replies_lost, 1);
    person_say(&p, session, "k1", "first");
    person_wait(&p, "\"said\"", "\"k1\"");
    assert_int_equal(w->saving_lost, 1);
    assert_int_equal(w->saving_back, 1);
    person_done(&p);
    world_stop(w);
    const char *bodies[] = {"hello", "first"};
    check_after_restart(w, token, bodies, 2);
}

static void a_hanging_storage_is_told_and_the_loop_goes_on(void **state)
{
    struct world *w = *state;
    struct person p, other;
    char token[64], session[40], fresh[64];
    begin(w, &p, token, session);
    w->rt->saving_slow_ms = 20;
    trouble_hang(&w->t, &w->t.hang, true);
    person_say(&p, session, "k1", "first");
    person_wait(&p, "\"degraded\"", "\"on\":true");
    assert_int_equal(w->saving_lost, 1);
    /* The loop is not blocked: somebody new may come in. */
    visitor_in(w, &other, NULL, fresh);
    assert_int_equal(person_count(&p, "\"k1\""), 0);
    trouble_hang(&w->t, &w->t.hang, false);
    person_until(&p, "\"on\":false");
    person_until(&p, "\"k1\"");
    assert_int_equal(w->saving_back, 1);
    person_done(&p);
    person_done(&other);
    world_stop(w);
    const char *bodies[] = {"hello", "first"};
    check_after_restart(w, token, bodies, 2);
}

static void what_comes_while_saving_is_one_batch(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40], key[16];
    struct usher_uv_stats before, after;
    begin(w, &p, token, session);
    usher_uv_stats_get(w->rt, &before);
    trouble_hang(&w->t, &w->t.hang, true);
    for (int i = 0; i < 6; i++) {
        snprintf(key, sizeof key, "k%d", i);
        person_say(&p, session, key, "line");
        world_settle(w);
    }
    trouble_hang(&w->t, &w->t.hang, false);
    person_wait(&p, "\"said\"", "\"k5\"");
    usher_uv_stats_get(w->rt, &after);
    assert_int_equal(after.batches - before.batches, 2);
    assert_int_equal(after.batch_facts - before.batch_facts, 6);
    assert_int_equal(person_count(&p, "\"said\""), 7);
    person_done(&p);
    world_stop(w);
}

static void a_desk_that_another_owns_acknowledges_nothing_more(void **state)
{
    struct world *w = *state;
    struct person p, other;
    char token[64], session[40], same[64];
    begin(w, &p, token, session);
    trouble_set(&w->t, &w->t.append_err, USHER_EFENCED);
    trouble_set(&w->t, &w->t.append_fails, 1);
    person_say(&p, session, "k1", "first");
    person_wait_closed(&p, 1012);
    assert_int_equal(person_count(&p, "\"k1\""), 0);
    assert_int_equal(w->saving_lost, 1);
    assert_int_equal(w->saving_err, USHER_EFENCED);
    assert_int_equal(person_try(w, &other, NULL), USHER_EFULL);
    struct usher_uv_stats stats;
    usher_uv_stats_get(w->rt, &stats);
    assert_false(stats.open);
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
    ev.as.queue_set = w->queues[0];
    assert_int_equal(usher_uv_post(w->rt, &ev), USHER_ESTATE);
    person_done(&p);
    world_stop(w);

    world_open(w);
    visitor_in(w, &p, token, same);
    assert_string_equal(same, token);
    person_wait(&p, "\"said\"", "hello");
    person_say(&p, session, "k1", "first");
    person_wait(&p, "\"said\"", "\"k1\"");
    person_done(&p);
    world_stop(w);
}

static void while_the_visitor_cannot_be_looked_up_he_is_sent_away(void **state)
{
    struct world *w = *state;
    struct person p;
    char same[64];
    const char *token = "uv1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    char frame[128];
    world_open(w);
    trouble_set(&w->t, &w->t.reads_fail, 1);
    person_open(w, &p);
    snprintf(frame, sizeof frame, "{\"type\":\"hello\",\"as\":\"visitor\",\"token\":\"%s\"}",
             token);
    person_send(&p, frame);
    /* Not a new visitor: that would lose the old one. */
    person_wait(&p, "\"degraded\"", "retry_ms");
    person_wait_closed(&p, 1013);
    assert_int_equal(person_count(&p, "\"token\""), 0);
    person_done(&p);
    visitor_in(w, &p, token, same);
    assert_string_not_equal(same, token);
    person_done(&p);
    world_stop(w);
}

static void an_old_key_that_cannot_be_looked_up_may_be_tried_again(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40], same[64], frame[128];
    const char *start = "{\"type\":\"start\",\"key\":\"s1\",\"queue\":\"sales\","
                        "\"body\":\"hello\"}";
    w->queues[0].reopen_ms = 1;
    begin(w, &p, token, session);
    snprintf(frame, sizeof frame, "{\"type\":\"close\",\"session\":\"%s\"}", session);
    person_send(&p, frame);
    person_wait(&p, "\"closed\"", NULL);
    person_done(&p);
    world_stop(w);
    world_pass(w, 5); /* longer than it may be reopened */

    world_open(w);
    visitor_in(w, &p, token, same);
    trouble_set(&w->t, &w->t.reads_fail, 1);
    person_send(&p, start);
    const char *line = person_wait(&p, "\"refused\"", "\"s1\"");
    assert_non_null(strstr(line, "retry_ms"));
    person_send(&p, start);
    person_wait(&p, "\"done\"", "\"s1\"");
    person_done(&p);
    world_stop(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_failing_storage_is_told_and_recovers_and_nothing_is_doubled),
        TEST(what_answers_a_batch_is_saved_with_what_came_before_it),
        TEST(a_storage_without_words_is_told_with_its_name),
        TEST(a_lost_reply_to_a_commit_goes_unnoticed),
        TEST(a_lost_reply_and_a_silent_mark_double_nothing),
        TEST(a_hanging_storage_is_told_and_the_loop_goes_on),
        TEST(what_comes_while_saving_is_one_batch),
        TEST(a_desk_that_another_owns_acknowledges_nothing_more),
        TEST(while_the_visitor_cannot_be_looked_up_he_is_sent_away),
        TEST(an_old_key_that_cannot_be_looked_up_may_be_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
