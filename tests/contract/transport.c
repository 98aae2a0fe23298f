/* transport.c - the contract of transports, as a test suite that any transport can be put through.
 * SPDX-License-Identifier: MIT */
#include "transport.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINKS_MAX 8
#define PATIENCE_MS 20000
/* Whoever takes more than this without saying full has no limit. */
#define UNREAD_MAX (64u * 1024 * 1024)

/* The desk's end of one link. */
struct near {
    struct usher_link_id id;
    void *conn;
    char *got;
    size_t len;
    uint32_t messages, clears, downs;
    int code;
};

struct world {
    struct ush_transport_kit kit;
    uv_loop_t loop;
    uv_timer_t patience;
    struct usher_transport *t;
    struct usher_transport_host host;
    struct near links[LINKS_MAX];
    uint32_t n_links, admits;
    int admit_says, up_says;
    bool calling;        /* inside start, send, drop or stop */
    bool stopped;
    uint32_t n_stopped;
    struct ush_far far[LINKS_MAX];
};

static struct ush_transport_kit the_kit; /* cmocka hands nothing to a test's setup */

void ush_far_message(struct ush_far *far, struct usher_span message)
{
    far->got = realloc(far->got, far->len + message.len + 1);
    assert_non_null(far->got);
    memcpy(far->got + far->len, message.base, message.len);
    far->len += message.len;
    far->got[far->len++] = 0;
    far->messages++;
}

void ush_far_closed(struct ush_far *far, int code)
{
    assert_false(far->closed);
    far->closed = true;
    far->code = code;
}

/* ---- What the transport may tell. */

static void check_report(const struct world *w)
{
    assert_false(w->calling);
    assert_false(w->stopped);
}

static struct near *near_of(struct world *w, struct usher_link_id id)
{
    assert_in_range(id.v, 1, w->n_links);
    return &w->links[id.v - 1];
}

static int on_admit(void *ctx, const struct usher_peer *peer, uint32_t *retry_ms)
{
    struct world *w = ctx;
    assert_false(w->calling);
    assert_int_equal(peer->address.len, strlen(w->kit.address));
    assert_memory_equal(peer->address.base, w->kit.address, peer->address.len);
    w->admits++;
    *retry_ms = 1000;
    return w->admit_says;
}

static int on_up(void *ctx, struct usher_transport *t, void *conn, const struct usher_peer *peer,
                 struct usher_link_id *out)
{
    struct world *w = ctx;
    check_report(w);
    assert_ptr_equal(t, w->t);
    assert_memory_equal(peer->address.base, w->kit.address, peer->address.len);
    if (w->up_says != 0) {
        return w->up_says;
    }
    assert_true(w->n_links < LINKS_MAX);
    struct near *link = &w->links[w->n_links++];
    *link = (struct near){.id = {w->n_links}, .conn = conn};
    *out = link->id;
    return 0;
}

static void on_input(void *ctx, struct usher_link_id id, struct usher_span message)
{
    struct world *w = ctx;
    struct near *link = near_of(w, id);
    check_report(w);
    assert_int_equal(link->downs, 0);
    link->got = realloc(link->got, link->len + message.len + 1);
    assert_non_null(link->got);
    memcpy(link->got + link->len, message.base, message.len);
    link->len += message.len;
    link->got[link->len++] = 0;
    link->messages++;
}

static void on_clear(void *ctx, struct usher_link_id id)
{
    struct world *w = ctx;
    check_report(w);
    assert_int_equal(near_of(w, id)->downs, 0);
    near_of(w, id)->clears++;
}

static void on_down(void *ctx, struct usher_link_id id, int code)
{
    struct world *w = ctx;
    check_report(w);
    near_of(w, id)->downs++;
    near_of(w, id)->code = code;
}

static void on_log(void *ctx, enum usher_level level, const char *message)
{
    (void) ctx;
    (void) level;
    assert_non_null(message);
}

static void on_stopped(void *ctx)
{
    struct world *w = ctx;
    assert_false(w->calling);
    w->stopped = true;
    w->n_stopped++;
}

/* ---- What the tests do. */

static void run_out(uv_timer_t *timer)
{
    (void) timer;
    fail_msg("waited for what never came");
}

static void turn(struct world *w)
{
    uv_run(&w->loop, UV_RUN_ONCE);
}

static void settle(struct world *w)
{
    for (int i = 0; i < 50; i++) {
        uv_run(&w->loop, UV_RUN_NOWAIT);
    }
}

static int setup(void **state)
{
    static struct world w;
    memset(&w, 0, sizeof w);
    w.kit = the_kit;
    uv_loop_init(&w.loop);
    uv_timer_init(&w.loop, &w.patience);
    /* It also keeps the loop alive, whatever the transport's own handles do. */
    uv_timer_start(&w.patience, run_out, PATIENCE_MS, 0);
    w.host = (struct usher_transport_host){&w, on_admit, on_up, on_input,
                                           on_clear, on_down, on_log};
    if (w.kit.make(w.kit.ctx, &w.loop, &w.t) != 0) {
        return -1;
    }
    struct usher_fault why = {0};
    w.calling = true;
    int rv = w.t->ops->start(w.t, &w.host, &why);
    w.calling = false;
    *state = &w;
    return rv;
}

static void stop(struct world *w, int code)
{
    w->calling = true;
    w->t->ops->stop(w->t, code, on_stopped, w);
    w->calling = false;
    while (!w->stopped) {
        turn(w);
    }
}

static int teardown(void **state)
{
    struct world *w = *state;
    if (!w->stopped) {
        stop(w, 1012);
    }
    for (uint32_t i = 0; i < LINKS_MAX; i++) {
        /* Exactly one down for each up, and a far end always hears of its end. */
        assert_int_equal(w->links[i].downs, i < w->n_links ? 1 : 0);
        while (w->far[i].end != NULL && !w->far[i].closed) {
            turn(w);
        }
        free(w->far[i].got);
        free(w->links[i].got);
    }
    settle(w);
    assert_int_equal(w->n_stopped, 1);
    w->kit.free(w->kit.ctx, w->t);
    /* Nothing of the transport may be left on the loop. */
    uv_close((uv_handle_t *) &w->patience, NULL);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    return 0;
}

static struct near *open_link(struct world *w, struct ush_far *far)
{
    uint32_t n = w->n_links;
    assert_int_equal(w->kit.open(w->kit.ctx, w->t, far), 0);
    while (w->n_links == n) {
        turn(w);
    }
    return &w->links[n];
}

static int say(struct world *w, struct near *link, const void *base, size_t len)
{
    w->calling = true;
    int rv = w->t->ops->send(w->t, link->conn, (struct usher_span){base, len});
    w->calling = false;
    return rv;
}

static void drop(struct world *w, struct near *link, int code)
{
    w->calling = true;
    w->t->ops->drop(w->t, link->conn, code);
    w->calling = false;
}

static void far_say(struct world *w, struct ush_far *far, const char *text)
{
    w->kit.send(w->kit.ctx, far, (struct usher_span){text, strlen(text)});
}

/* ---- The tests. */

static void a_link_is_asked_for_and_then_up(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    assert_int_equal(w->admits, 1);
    assert_int_equal(link->downs, 0);
    assert_false(w->far[0].closed);
}

static void frames_come_whole_and_in_order(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    far_say(w, &w->far[0], "one");
    far_say(w, &w->far[0], "two");
    far_say(w, &w->far[0], "{\"th\":\"\xe0\xb8\x81\"}");
    while (link->messages < 3) {
        turn(w);
    }
    assert_memory_equal(link->got, "one\0two\0{\"th\":\"\xe0\xb8\x81\"}", 20);
}

static void messages_go_whole_and_in_order_and_are_copied(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    char text[] = "one";
    assert_int_equal(say(w, link, text, 3), 0);
    memcpy(text, "two", 3);
    assert_int_equal(say(w, link, text, 3), 0);
    memcpy(text, "xxx", 3);
    while (w->far[0].messages < 2) {
        turn(w);
    }
    assert_memory_equal(w->far[0].got, "one\0two", 8);
}

static void large_messages_pass_both_ways(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    const size_t len = 60000;
    char *text = malloc(len + 1);
    assert_non_null(text);
    for (size_t i = 0; i < len; i++) {
        text[i] = (char) ('a' + i % 26);
    }
    text[len] = 0;
    far_say(w, &w->far[0], text);
    int rv = say(w, link, text, len);
    assert_true(rv == 0 || rv == USHER_EFULL);
    while (link->messages < 1 || w->far[0].messages < 1) {
        turn(w);
    }
    assert_int_equal(link->len, len + 1);
    assert_string_equal(link->got, text);
    assert_int_equal(w->far[0].len, len + 1);
    assert_string_equal(w->far[0].got, text);
    free(text);
}

static void links_do_not_mix(void **state)
{
    struct world *w = *state;
    struct near *a = open_link(w, &w->far[0]);
    struct near *b = open_link(w, &w->far[1]);
    far_say(w, &w->far[1], "to b");
    far_say(w, &w->far[0], "to a");
    assert_int_equal(say(w, a, "from a", 6), 0);
    assert_int_equal(say(w, b, "from b", 6), 0);
    while (a->messages + b->messages + w->far[0].messages + w->far[1].messages < 4) {
        turn(w);
    }
    assert_string_equal(a->got, "to a");
    assert_string_equal(b->got, "to b");
    assert_string_equal(w->far[0].got, "from a");
    assert_string_equal(w->far[1].got, "from b");
}

static void one_who_is_not_admitted_never_comes_up(void **state)
{
    struct world *w = *state;
    w->admit_says = USHER_EBUSY;
    int rv = w->kit.open(w->kit.ctx, w->t, &w->far[0]);
    while (rv == 0 && !w->far[0].closed) {
        turn(w);
    }
    w->admit_says = USHER_EFULL;
    rv = w->kit.open(w->kit.ctx, w->t, &w->far[1]);
    while (rv == 0 && !w->far[1].closed) {
        turn(w);
    }
    settle(w);
    assert_int_equal(w->admits, 2);
    assert_int_equal(w->n_links, 0);
}

static void a_link_that_is_not_wanted_is_closed_1013_without_down(void **state)
{
    struct world *w = *state;
    w->up_says = USHER_EFULL;
    assert_int_equal(w->kit.open(w->kit.ctx, w->t, &w->far[0]), 0);
    while (!w->far[0].closed) {
        turn(w);
    }
    assert_int_equal(w->far[0].code, 1013);
    settle(w);
    assert_int_equal(w->n_links, 0);
}

static void a_drop_delivers_what_was_sent_and_then_the_code(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    assert_int_equal(say(w, link, "last words", 10), 0);
    drop(w, link, 4401);
    assert_int_equal(link->downs, 0);
    while (link->downs == 0 || !w->far[0].closed) {
        turn(w);
    }
    assert_int_equal(w->far[0].messages, 1);
    assert_string_equal(w->far[0].got, "last words");
    assert_int_equal(w->far[0].code, 4401);
    settle(w);
    assert_int_equal(link->downs, 1);
}

static void a_far_end_that_closes_is_down_once(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    far_say(w, &w->far[0], "bye");
    w->kit.close(w->kit.ctx, &w->far[0], 1000);
    while (link->downs == 0) {
        turn(w);
    }
    assert_int_equal(link->messages, 1);
    assert_string_equal(link->got, "bye");
    settle(w);
    assert_int_equal(link->downs, 1);
}

static void sending_to_a_link_that_is_going_does_no_harm(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    drop(w, link, 1012);
    say(w, link, "too late", 8);
    while (link->downs == 0) {
        turn(w);
    }
    settle(w);
    assert_int_equal(w->far[0].messages, 0);
}

static void a_drop_while_the_far_end_closes_is_one_down(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    w->kit.close(w->kit.ctx, &w->far[0], 1000);
    drop(w, link, 4429);
    while (link->downs == 0) {
        turn(w);
    }
    settle(w);
    assert_int_equal(link->downs, 1);
}

/* Send numbered messages until the link is full; how many were taken. */
static uint32_t fill(struct world *w, struct near *link)
{
    static char text[16384];
    uint32_t n = 0;
    int rv = 0;
    while (rv == 0) {
        memset(text, 'x', sizeof text);
        /* In digits: messages are text, and a transport may make use of that. */
        snprintf(text, 9, "%08" PRIu32, n);
        text[8] = 'x';
        rv = say(w, link, text, sizeof text);
        assert_true(rv == 0 || rv == USHER_EFULL);
        n++;
        assert_true(n * sizeof text < UNREAD_MAX);
        if (n % 16 == 0) {
            uv_run(&w->loop, UV_RUN_NOWAIT);
        }
    }
    return n;
}

static void a_full_link_keeps_all_and_is_clear_again(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    w->kit.pause(w->kit.ctx, &w->far[0], true);
    uint32_t n = fill(w, link);
    settle(w);
    assert_int_equal(link->clears, 0);
    w->kit.pause(w->kit.ctx, &w->far[0], false);
    while (link->clears == 0 || w->far[0].messages < n) {
        turn(w);
    }
    assert_int_equal(w->far[0].messages, n);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(strtoul(w->far[0].got + i * 16385, NULL, 10), i);
    }
    settle(w);
    assert_int_equal(link->clears, 1);
    assert_int_equal(say(w, link, "more", 4), 0);
    while (w->far[0].messages == n) {
        turn(w);
    }
}

static void a_full_link_hinders_no_other(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    struct near *other = open_link(w, &w->far[1]);
    w->kit.pause(w->kit.ctx, &w->far[0], true);
    fill(w, link);
    assert_int_equal(say(w, other, "hello", 5), 0);
    far_say(w, &w->far[1], "hello");
    while (w->far[1].messages == 0 || other->messages == 0) {
        turn(w);
    }
    assert_false(w->far[0].closed);
    w->kit.pause(w->kit.ctx, &w->far[0], false);
}

static void a_full_link_can_be_dropped(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    w->kit.pause(w->kit.ctx, &w->far[0], true);
    fill(w, link);
    drop(w, link, 4408);
    while (link->downs == 0) {
        turn(w);
    }
    w->kit.pause(w->kit.ctx, &w->far[0], false);
}

static void stop_closes_every_link_with_its_code(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 3; i++) {
        open_link(w, &w->far[i]);
    }
    assert_int_equal(say(w, &w->links[1], "bye", 3), 0);
    stop(w, 1012);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(w->links[i].downs, 1);
        while (!w->far[i].closed) {
            turn(w);
        }
        assert_int_equal(w->far[i].code, 1012);
    }
    assert_string_equal(w->far[1].got, "bye");
}

static void stop_without_links_ends(void **state)
{
    struct world *w = *state;
    stop(w, 1012);
    assert_int_equal(w->n_stopped, 1);
}

static void stop_ends_links_that_were_just_dropped(void **state)
{
    struct world *w = *state;
    struct near *link = open_link(w, &w->far[0]);
    drop(w, link, 4400);
    stop(w, 1012);
    assert_int_equal(link->downs, 1);
}

static void one_that_was_never_started_stops_too(void **state)
{
    struct world *w = *state;
    struct usher_transport *started = w->t;
    assert_int_equal(w->kit.make(w->kit.ctx, &w->loop, &w->t), 0);
    stop(w, 1012);
    w->kit.free(w->kit.ctx, w->t);
    w->t = started;
    w->stopped = false;
    w->n_stopped = 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int ush_contract_transport(struct ush_transport_kit kit)
{
    const struct CMUnitTest tests[] = {
        TEST(a_link_is_asked_for_and_then_up),
        TEST(frames_come_whole_and_in_order),
        TEST(messages_go_whole_and_in_order_and_are_copied),
        TEST(large_messages_pass_both_ways),
        TEST(links_do_not_mix),
        TEST(one_who_is_not_admitted_never_comes_up),
        TEST(a_link_that_is_not_wanted_is_closed_1013_without_down),
        TEST(a_drop_delivers_what_was_sent_and_then_the_code),
        TEST(a_far_end_that_closes_is_down_once),
        TEST(sending_to_a_link_that_is_going_does_no_harm),
        TEST(a_drop_while_the_far_end_closes_is_one_down),
        TEST(a_full_link_keeps_all_and_is_clear_again),
        TEST(a_full_link_hinders_no_other),
        TEST(a_full_link_can_be_dropped),
        TEST(stop_closes_every_link_with_its_code),
        TEST(stop_without_links_ends),
        TEST(stop_ends_links_that_were_just_dropped),
        TEST(one_that_was_never_started_stops_too),
    };
    the_kit = kit;
    return cmocka_run_group_tests_name(kit.name, tests, NULL, NULL);
}
