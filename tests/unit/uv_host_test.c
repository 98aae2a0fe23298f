/* uv_host_test.c - what a host may ask of a desk, and what it is told.
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

static struct usher_event queue_set(const char *id, const char *name)
{
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
    snprintf(ev.as.queue_set.queue.s, sizeof ev.as.queue_set.queue.s, "%s", id);
    ev.as.queue_set.name = (struct usher_span){name, strlen(name)};
    ev.as.queue_set.open = true;
    return ev;
}

static struct usher_event agent_set(const char *id, const struct usher_queue_id *queues, size_t n)
{
    struct usher_event ev = {.type = USHER_EV_AGENT_SET};
    snprintf(ev.as.agent_set.agent.s, sizeof ev.as.agent_set.agent.s, "%s", id);
    ev.as.agent_set.queues = queues;
    ev.as.agent_set.n_queues = n;
    return ev;
}

static void queues_and_agents_may_be_set_while_it_is_open(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64];
    world_open(w);
    struct usher_event ev = queue_set("care", "Customer care");
    assert_int_equal(usher_uv_post(w->rt, &ev), 0);
    struct usher_queue_id queue = {"care"};
    ev = agent_set("zoe", &queue, 1);
    assert_int_equal(usher_uv_post(w->rt, &ev), 0);
    visitor_in(w, &p, NULL, token);
    assert_non_null(strstr(p.got, "Customer care"));
    person_done(&p);
    agent_in(w, &p, "zoe");
    person_done(&p);
    world_stop(w);
}

static void what_cannot_be_set_is_an_error(void **state)
{
    struct world *w = *state;
    struct usher_queue_id unknown = {"elsewhere"};
    world_begin(w);
    struct usher_event ev = queue_set("care", "Care");
    assert_int_equal(usher_uv_post(w->rt, &ev), USHER_ESTATE);
    world_until(w, &w->started);
    ev = agent_set("zoe", &unknown, 1);
    assert_int_equal(usher_uv_post(w->rt, &ev), USHER_EINVAL);
    ev = (struct usher_event){.type = USHER_EV_TICK};
    assert_int_equal(usher_uv_post(w->rt, &ev), USHER_EINVAL);
    ev = queue_set("care", "Care");
    usher_uv_stop(w->rt, world_stopped, w);
    assert_int_equal(usher_uv_post(w->rt, &ev), USHER_ESTATE);
    world_until(w, &w->stopped);
    world_clear(w);
}

/* Everything that is posted lives only during the call. */
static void post_from_inside(struct world *w)
{
    char name[] = "Customer care";
    struct usher_queue_id queue = {"care"};
    struct usher_event ev = queue_set("care", name);
    assert_int_equal(usher_uv_post(w->rt, &ev), 0);
    memset(name, 'x', sizeof name - 1);
    ev = agent_set("zoe", &queue, 1);
    char agent[] = "Zoe";
    ev.as.agent_set.name = (struct usher_span){agent, 3};
    assert_int_equal(usher_uv_post(w->rt, &ev), 0);
    memset(&queue, 'x', sizeof queue);
    memset(agent, 'x', 3);
}

static void a_post_from_inside_a_callback_is_done_after_it(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64];
    w->on_started = post_from_inside;
    world_open(w);
    visitor_in(w, &p, NULL, token);
    assert_non_null(strstr(p.got, "Customer care"));
    person_done(&p);
    agent_in(w, &p, "zoe");
    assert_non_null(strstr(p.got, "\"Zoe\""));
    person_done(&p);
    world_stop(w);
}

static void post_nonsense(struct world *w)
{
    struct usher_queue_id unknown = {"elsewhere"};
    struct usher_event ev = agent_set("zoe", &unknown, 1);
    assert_int_equal(usher_uv_post(w->rt, &ev), 0);
}

static void a_post_from_inside_that_fails_is_logged(void **state)
{
    struct world *w = *state;
    w->on_started = post_nonsense;
    world_open(w);
    world_settle(w);
    assert_non_null(strstr(w->log, "agent zoe cannot be set: queue elsewhere is not set"));
    world_stop(w);
}

/* A queue or agent of the configuration cannot be set: what started() says of it. */
static void check_start_fault(struct world *w, int err, const char *text)
{
    w->start_fault = (struct usher_fault){0};
    world_begin(w);
    world_until(w, &w->started);
    assert_int_equal(w->start_fault.err, err);
    assert_string_equal(w->start_fault.text, text);
    assert_non_null(strstr(w->log, text));
    world_stop(w);
}

static void started_says_what_cannot_be_set_and_why(void **state)
{
    struct world *w = *state;
    const struct usher_queue_id two[] = {w->queues[0].queue, {"nope"}};
    w->agents[1].queues = two;
    w->agents[1].n_queues = 2;
    check_start_fault(w, USHER_EINVAL, "agent bea cannot be set: queue nope is not set");
    w->agents[1].n_queues = 1;
    w->agents[1].capacity = 99;
    check_start_fault(w, USHER_EINVAL,
                      "agent bea cannot be set: capacity 99 > 16 (limits.capacity_max)");
    w->agents[1].capacity = 16;
    w->queues[1] = w->queues[0];
    w->queues[1].queue.s[0] = 't';
    w->cfg.n_queues = 2;
    w->cfg.core.limits.queues = 1;
    check_start_fault(w, USHER_EFULL, "queue tales cannot be set: no room (limits.queues is 1; "
                                      "or limits.skills)");
    w->cfg.n_queues = 1;
    w->cfg.core.limits.agents = 1;
    check_start_fault(w, USHER_EFULL, "agent bea cannot be set: no room (limits.agents is 1; "
                                      "or limits.skills, limits.profiles)");
}

static void check_set_fault(struct world *w, const struct usher_event *ev, const char *text)
{
    struct usher_fault why = {0};
    assert_int_equal(ush_uv_set(w->rt, ev, &why), USHER_EINVAL);
    assert_int_equal(why.err, USHER_EINVAL);
    assert_string_equal(strstr(why.text, " cannot be set: ") + strlen(" cannot be set: "), text);
    assert_int_equal(ush_uv_set(w->rt, ev, NULL), USHER_EINVAL);
}

static void the_reason_why_an_agent_cannot_be_set_is_said(void **state)
{
    struct world *w = *state;
    char long_name[USHER_NAME_MAX + 1] = "";
    struct usher_skill skill = {.id = {"th"}, .level = 256};
    world_open(w);
    struct usher_event ev = agent_set("zoe", NULL, 0);
    ev.as.agent_set.skills = &skill;
    ev.as.agent_set.n_skills = 1;
    check_set_fault(w, &ev, "level 256 of skill th > 255");
    skill.id = (struct usher_skill_id){"Thai"};
    check_set_fault(w, &ev, "\"Thai\" is no name of a skill");
    skill.id = (struct usher_skill_id){"priority"};
    check_set_fault(w, &ev, "\"priority\" is no name of a skill");
    ev.as.agent_set.weight = 1001;
    check_set_fault(w, &ev, "weight 1001 > 1000");
    ev.as.agent_set.name = (struct usher_span){long_name, sizeof long_name};
    check_set_fault(w, &ev, "the name has 321 bytes, more than 320");
    const char *no_id = "an id has 1 to 31 of a-z 0-9 . _ - and then only zeros";
    const char *const bad[] = {"", "Zoe", "z o"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ev = agent_set(bad[i], NULL, 0);
        check_set_fault(w, &ev, no_id);
    }
    ev = agent_set("zoe", NULL, 0);
    ev.as.agent_set.agent.s[31] = 'x';
    check_set_fault(w, &ev, no_id);
    world_stop(w);
}

static void the_reason_why_a_queue_cannot_be_set_is_said(void **state)
{
    struct world *w = *state;
    struct usher_step_set steps[USHER_STEPS_MAX + 1] = {
        {.after_ms = 2, .kind = USHER_STEP_LOWER, .by = 1},
        {.after_ms = 1, .kind = USHER_STEP_MOVE, .queue = {"care"}},
    };
    world_open(w);
    struct usher_event ev = queue_set("care", "Care");
    struct usher_queue_set *care = &ev.as.queue_set;
    care->steps = steps;
    care->n_steps = 2;
    check_set_fault(w, &ev, "step 2 is earlier than the one before");
    steps[1].after_ms = 2;
    check_set_fault(w, &ev, "step 2 leads to the queue itself");
    steps[1].queue = (struct usher_queue_id){"nope"};
    check_set_fault(w, &ev, "queue nope of step 2 is not set");
    steps[1] = (struct usher_step_set){.after_ms = 2, .kind = USHER_STEP_PRIORITY, .by = 8};
    check_set_fault(w, &ev, "priority 8 of step 2 is not 1 to 7");
    steps[0].kind = (enum usher_step_kind) 0;
    check_set_fault(w, &ev, "step 1 is of no kind");
    steps[0].kind = USHER_STEP_DROP;
    steps[0].skill = (struct usher_skill_id){"X"};
    check_set_fault(w, &ev, "\"X\" is no name of a skill");
    care->n_steps = USHER_STEPS_MAX + 1;
    check_set_fault(w, &ev, "9 steps, more than 8");
    care->cost = 17;
    check_set_fault(w, &ev, "cost 17 > 16 (limits.capacity_max)");
    care->fanout = 9;
    check_set_fault(w, &ev, "fanout 9 > 8");
    care->pick = (enum usher_pick) 99;
    check_set_fault(w, &ev, "there is no such order, pick or offering");
    world_stop(w);
}

static void a_circle_of_queues_is_said(void **state)
{
    struct world *w = *state;
    struct usher_step_set step = {.kind = USHER_STEP_MOVE, .queue = {"sales"}};
    world_open(w);
    struct usher_event ev = queue_set("care", "Care");
    ev.as.queue_set.steps = &step;
    ev.as.queue_set.n_steps = 1;
    assert_int_equal(ush_uv_set(w->rt, &ev, NULL), 0);
    step.queue = ev.as.queue_set.queue;
    ev.as.queue_set.queue = w->queues[0].queue;
    check_set_fault(w, &ev, "its steps lead in a circle");
    world_stop(w);
}

static void tell_and_post(struct world *w, const struct usher_fact *f)
{
    if (f->type == USHER_FACT_OPENED) {
        struct usher_event ev = queue_set("late", "Late");
        assert_int_equal(usher_uv_post(w->rt, &ev), 0);
    }
}

static void every_callback_may_post(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40];
    w->on_tell = tell_and_post;
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    person_done(&p);
    visitor_in(w, &p, token, token);
    assert_non_null(strstr(p.got, "\"Late\""));
    person_done(&p);
    world_stop(w);
}

static void an_answer_for_an_agent_who_is_not_set_is_an_error(void **state)
{
    struct world *w = *state;
    struct person p;
    w->answer_later = true;
    world_open(w);
    person_open(w, &p);
    person_send(&p, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"x\"}");
    while (w->n_tickets == 0) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    assert_int_equal(usher_uv_signed_in(w->rt, w->tickets[0], "nobody"), USHER_EINVAL);
    person_wait(&p, "\"unauthorized\"", NULL);
    person_wait_closed(&p, 4401);
    assert_int_equal(usher_uv_signed_in(w->rt, w->tickets[0], "No Id"), USHER_EINVAL);
    person_done(&p);
    world_stop(w);
}

static void check_told(const struct world *w, uint64_t first, uint64_t last)
{
    assert_int_equal(w->n_told, last + 1 - first);
    for (size_t i = 0; i < w->n_told; i++) {
        assert_int_equal(w->told[i], first + i);
    }
}

static uint64_t last_seq(const struct world *w)
{
    struct usher_uv_stats stats;
    usher_uv_stats_get(w->rt, &stats);
    return stats.core.durable;
}

/* Talk until at least n facts are durable. */
static void make_facts(struct world *w, uint64_t n)
{
    struct person p;
    char token[64], session[40], key[16];
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    for (int i = 0; last_seq(w) < n; i++) {
        snprintf(key, sizeof key, "k%d", i);
        person_say(&p, session, key, "line");
        person_wait(&p, "\"said\"", key);
    }
    person_done(&p);
}

static void only_what_is_new_is_told_by_default(void **state)
{
    struct world *w = *state;
    world_open(w);
    make_facts(w, 5);
    uint64_t before = last_seq(w);
    check_told(w, 1, before);
    world_stop(w);
    world_open(w);
    world_settle(w);
    assert_int_equal(w->n_told, 0);
    make_facts(w, before + 5);
    check_told(w, before + 1, last_seq(w));
    world_stop(w);
}

static void a_host_goes_on_from_where_it_was(void **state)
{
    struct world *w = *state;
    w->cfg.rates.visitor_say = (struct usher_rate){1000, 1};
    w->cfg.rates.visitor_minute = 10000;
    w->cfg.rates.address_say = (struct usher_rate){10000, 1};
    world_open(w);
    make_facts(w, 600);
    uint64_t before = last_seq(w);
    world_stop(w);
    w->cfg.tell_after = 7;
    world_open(w);
    /* New facts are made while the old ones are still being told. */
    make_facts(w, before + 20);
    while (w->n_told < last_seq(w) - 7) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    check_told(w, 8, last_seq(w));
    world_stop(w);
    w->cfg.tell_after = 0;
    w->cfg.tell = NULL;
    world_open(w);
    world_stop(w);
    assert_int_equal(w->n_told, 0);
}

static void a_history_that_cannot_be_read_is_read_later(void **state)
{
    struct world *w = *state;
    world_open(w);
    make_facts(w, 10);
    world_stop(w);
    w->cfg.tell_after = 0;
    w->reads_fail = 1;
    world_begin(w);
    world_until(w, &w->started);
    while (w->rt->tell_retry_ms == 0) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    assert_int_equal(w->n_told, 0);
    assert_non_null(strstr(w->log, "trouble"));
    while (w->n_told < last_seq(w)) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    check_told(w, 1, last_seq(w));
    world_stop(w);
}

static void a_host_that_is_ahead_of_the_store_is_warned(void **state)
{
    struct world *w = *state;
    w->cfg.tell_after = 1000;
    world_open(w);
    assert_non_null(strstr(w->log, "1000"));
    make_facts(w, 5);
    check_told(w, 1, last_seq(w));
    world_stop(w);
}

static void a_log_line_is_one_printable_line(void **state)
{
    struct world *w = *state;
    char long_line[3000];
    world_open(w);
    memset(long_line, 'x', sizeof long_line);
    long_line[sizeof long_line - 1] = 0;
    w->rt->host.log(w->rt->host.ctx, USHER_WARN, "two\nlines\x1b[31m\xff");
    assert_string_equal(w->log, "2 two?lines?[31m?\n");
    w->rt->host.log(w->rt->host.ctx, USHER_WARN, long_line);
    assert_int_equal(strlen(w->log), strlen("2 two?lines?[31m?\n") + 2 + 1024 + 1);
    world_stop(w);
}

static void tokens_are_never_logged(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64];
    world_open(w);
    visitor_in(w, &p, NULL, token);
    person_done(&p);
    person_open(w, &p);
    person_send(&p, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"secret-secret\"}");
    person_wait_closed(&p, 4401);
    person_done(&p);
    world_stop(w);
    assert_null(strstr(w->log, token));
    assert_null(strstr(w->log, "secret"));
}

static void addresses_behind_a_trusted_proxy_count(void **state)
{
    struct world *w = *state;
    const char *trusted[] = {"10.0.0.1", "unix"};
    char out[64];
    w->cfg.trusted_proxies = trusted;
    w->cfg.n_trusted_proxies = 2;
    world_open(w);
    struct usher_peer peer = {{"unix", 4}, {"192.0.2.66, ::ffff:198.51.100.7", 31}};
    usher_uv_address(w->rt, &peer, out);
    assert_string_equal(out, "198.51.100.7");
    peer.address = (struct usher_span){"203.0.113.5", 11};
    usher_uv_address(w->rt, &peer, out);
    assert_string_equal(out, "203.0.113.5");
    world_stop(w);
}

static void passwords_may_be_tried_only_so_often(void **state)
{
    struct world *w = *state;
    uint32_t retry_ms = 0;
    world_open(w);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(usher_uv_login_try(w->rt, "192.0.2.1", "ann", &retry_ms), 0);
        usher_uv_login_failed(w->rt, "192.0.2.1", "ann");
    }
    assert_int_equal(usher_uv_login_try(w->rt, "192.0.2.1", "ann", &retry_ms), USHER_EBUSY);
    assert_in_range(retry_ms, 1, 300000);
    assert_int_equal(usher_uv_login_try(w->rt, "192.0.2.2", "ann", &retry_ms), 0);
    world_stop(w);
}

static void figures_are_counted(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40];
    struct usher_uv_stats stats;
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    person_wait(&p, "\"said\"", NULL);
    person_send(&p, "{");
    person_wait(&p, "\"bad_frame\"", NULL);
    usher_uv_stats_get(w->rt, &stats);
    assert_true(stats.open);
    assert_int_equal(stats.core.links_visitor, 1);
    assert_int_equal(stats.frames_in, 3);
    assert_true(stats.frames_out >= 3);
    assert_true(stats.bytes_in > 0);
    assert_true(stats.bytes_out >= p.len - 3);
    assert_int_equal(stats.refused_frame, 1);
    assert_int_equal(stats.batches, 1);
    assert_int_equal(stats.batch_facts, 3);
    assert_int_equal(stats.batch_failures, 0);
    person_done(&p);
    usher_uv_stop(w->rt, world_stopped, w);
    usher_uv_stats_get(w->rt, &stats);
    assert_false(stats.open);
    world_until(w, &w->stopped);
    world_clear(w);
}

static void the_loop_sleeps_when_nothing_happens(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64];
    world_open(w);
    visitor_in(w, &p, NULL, token);
    world_settle(w);
    uv_timer_stop(&w->patience);
    /* Nothing is due for a long time: neither the desk nor the transport spins. */
    assert_true(uv_backend_timeout(&w->loop) == -1 || uv_backend_timeout(&w->loop) > 1000);
    person_done(&p);
    world_stop(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(queues_and_agents_may_be_set_while_it_is_open),
        TEST(what_cannot_be_set_is_an_error),
        TEST(a_post_from_inside_a_callback_is_done_after_it),
        TEST(a_post_from_inside_that_fails_is_logged),
        TEST(started_says_what_cannot_be_set_and_why),
        TEST(the_reason_why_an_agent_cannot_be_set_is_said),
        TEST(the_reason_why_a_queue_cannot_be_set_is_said),
        TEST(a_circle_of_queues_is_said),
        TEST(every_callback_may_post),
        TEST(an_answer_for_an_agent_who_is_not_set_is_an_error),
        TEST(only_what_is_new_is_told_by_default),
        TEST(a_host_goes_on_from_where_it_was),
        TEST(a_history_that_cannot_be_read_is_read_later),
        TEST(a_host_that_is_ahead_of_the_store_is_warned),
        TEST(a_log_line_is_one_printable_line),
        TEST(tokens_are_never_logged),
        TEST(addresses_behind_a_trusted_proxy_count),
        TEST(passwords_may_be_tried_only_so_often),
        TEST(figures_are_counted),
        TEST(the_loop_sleeps_when_nothing_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
