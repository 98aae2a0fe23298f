/* local_test.c - what the local transport promises its users, beyond the contract of transports.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include <cmocka.h>

#include "usher/plug/local.h"

struct world {
    uv_loop_t loop;
    struct usher_transport *t;
    struct usher_transport_host host;
    void *conn;              /* of the link that came up last */
    uint32_t ups, inputs, clears, downs;
    char order[128];         /* what was reported, a letter each */
    bool stopped;
    /* the user's side */
    struct usher_local *l;
    bool inside;             /* a usher_local_* call is running */
    char got[256];
    int closed_code;
    uint32_t messages, closes;
    void (*on_message)(struct world *w); /* may be NULL */
};

static void note(struct world *w, char what)
{
    size_t len = strlen(w->order);
    assert_true(len + 1 < sizeof w->order);
    w->order[len] = what;
}

static int on_admit(void *ctx, const struct usher_peer *peer, uint32_t *retry_ms)
{
    (void) ctx;
    (void) peer;
    *retry_ms = 0;
    return 0;
}

static int on_up(void *ctx, struct usher_transport *t, void *conn, const struct usher_peer *peer,
                 struct usher_link_id *out)
{
    struct world *w = ctx;
    (void) t;
    assert_memory_equal(peer->address.base, "local", 5);
    assert_int_equal(peer->forwarded.len, 0);
    w->conn = conn;
    w->ups++;
    note(w, 'u');
    *out = (struct usher_link_id){w->ups};
    return 0;
}

static void on_input(void *ctx, struct usher_link_id link, struct usher_span message)
{
    struct world *w = ctx;
    (void) link;
    (void) message;
    w->inputs++;
    note(w, 'i');
}

static void on_clear(void *ctx, struct usher_link_id link)
{
    struct world *w = ctx;
    (void) link;
    w->clears++;
    note(w, 'c');
}

static void on_down(void *ctx, struct usher_link_id link, int code)
{
    struct world *w = ctx;
    (void) link;
    (void) code;
    w->downs++;
    note(w, 'd');
}

static void on_message(void *ctx, struct usher_local *l, struct usher_span message)
{
    struct world *w = ctx;
    assert_false(w->inside);
    assert_ptr_equal(l, w->l);
    assert_ptr_equal(usher_local_ctx(l), w);
    size_t len = strlen(w->got);
    assert_true(len + message.len < sizeof w->got);
    memcpy(w->got + len, message.base, message.len);
    w->messages++;
    note(w, 'm');
    if (w->on_message != NULL) {
        w->on_message(w);
    }
}

static void on_closed(void *ctx, struct usher_local *l, int code)
{
    struct world *w = ctx;
    assert_false(w->inside);
    assert_ptr_equal(l, w->l);
    w->closed_code = code;
    w->closes++;
    note(w, 'x');
}

static void on_stopped(void *ctx)
{
    struct world *w = ctx;
    w->stopped = true;
}

static void settle(struct world *w)
{
    for (int i = 0; i < 10; i++) {
        uv_run(&w->loop, UV_RUN_NOWAIT);
    }
}

static int setup(void **state)
{
    static struct world w;
    memset(&w, 0, sizeof w);
    uv_loop_init(&w.loop);
    w.host = (struct usher_transport_host){&w, on_admit, on_up, on_input, on_clear, on_down, NULL};
    *state = &w;
    return usher_local_new(&w.t, &w.loop);
}

static int teardown(void **state)
{
    struct world *w = *state;
    usher_local_free(w->t);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    return 0;
}

static int open_link(struct world *w)
{
    struct usher_local_user user = {on_message, on_closed, w};
    w->inside = true;
    int rv = usher_local_open(w->t, &user, NULL, &w->l);
    w->inside = false;
    return rv;
}

static void start(struct world *w)
{
    struct usher_fault why;
    assert_int_equal(w->t->ops->start(w->t, &w->host, &why), 0);
}

static void stop(struct world *w)
{
    w->t->ops->stop(w->t, 1012, on_stopped, w);
    while (!w->stopped) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
}

static int say(struct world *w, const char *text)
{
    w->inside = true;
    int rv = usher_local_send(w->l, (struct usher_span){text, strlen(text)});
    w->inside = false;
    return rv;
}

static int tell(struct world *w, const char *text)
{
    return w->t->ops->send(w->t, w->conn, (struct usher_span){text, strlen(text)});
}

static void nothing_opens_before_start_or_after_stop(void **state)
{
    struct world *w = *state;
    assert_int_equal(open_link(w), USHER_ESTATE);
    start(w);
    w->t->ops->stop(w->t, 1012, on_stopped, w);
    assert_int_equal(open_link(w), USHER_ESTATE);
    while (!w->stopped) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    assert_int_equal(open_link(w), USHER_ESTATE);
}

static void sixty_four_frames_may_wait(void **state)
{
    struct world *w = *state;
    start(w);
    assert_int_equal(open_link(w), 0);
    for (int i = 0; i < 64; i++) {
        assert_int_equal(say(w, "x"), 0);
    }
    assert_int_equal(say(w, "x"), USHER_EFULL);
    memset(w->order, 0, sizeof w->order);
    assert_int_equal(w->inputs, 0);
    uv_run(&w->loop, UV_RUN_NOWAIT);
    assert_int_equal(w->inputs, 64);
    memset(w->order, 0, sizeof w->order);
    assert_int_equal(say(w, "x"), 0);
    settle(w);
    assert_int_equal(w->inputs, 65);
    stop(w);
}

static void what_was_sent_before_a_close_still_arrives(void **state)
{
    struct world *w = *state;
    start(w);
    assert_int_equal(open_link(w), 0);
    assert_int_equal(say(w, "one"), 0);
    usher_local_close(w->l, 4000);
    assert_int_equal(say(w, "two"), USHER_ESTATE);
    settle(w);
    assert_string_equal(w->order, "uidx");
    assert_int_equal(w->closed_code, 4000);
    assert_int_equal(w->closes, 1);
    stop(w);
}

static void one_who_has_closed_hears_nothing_more(void **state)
{
    struct world *w = *state;
    start(w);
    assert_int_equal(open_link(w), 0);
    settle(w);
    assert_int_equal(tell(w, "late"), 0);
    usher_local_close(w->l, 0);
    settle(w);
    assert_int_equal(w->messages, 0);
    assert_int_equal(w->closed_code, 1000);
    stop(w);
}

static void a_pause_keeps_messages_and_a_full_link_is_clear_once(void **state)
{
    struct world *w = *state;
    start(w);
    assert_int_equal(open_link(w), 0);
    settle(w);
    usher_local_pause(w->l, true);
    assert_int_equal(tell(w, "a"), USHER_EFULL);
    settle(w);
    assert_int_equal(w->messages, 0);
    usher_local_pause(w->l, false);
    assert_int_equal(w->messages, 0);
    settle(w);
    assert_string_equal(w->got, "a");
    assert_string_equal(w->order, "umc");
    assert_int_equal(tell(w, "b"), 0);
    settle(w);
    assert_int_equal(w->clears, 1);
    stop(w);
}

static void pause_again(struct world *w)
{
    usher_local_pause(w->l, true);
}

static void a_pause_from_inside_a_message_holds_at_once(void **state)
{
    struct world *w = *state;
    start(w);
    assert_int_equal(open_link(w), 0);
    settle(w);
    w->on_message = pause_again;
    assert_int_equal(tell(w, "a"), 0);
    assert_int_equal(tell(w, "b"), 0);
    settle(w);
    assert_string_equal(w->got, "a");
    usher_local_pause(w->l, false);
    settle(w);
    assert_string_equal(w->got, "ab");
    stop(w);
}

static void answer(struct world *w)
{
    if (w->messages < 3) {
        assert_int_equal(say(w, "again"), 0);
        assert_int_equal(tell(w, "b"), 0);
    } else {
        usher_local_close(w->l, 1000);
    }
}

static void a_user_may_send_and_close_from_inside_a_message(void **state)
{
    struct world *w = *state;
    start(w);
    assert_int_equal(open_link(w), 0);
    settle(w);
    w->on_message = answer;
    assert_int_equal(tell(w, "a"), 0);
    settle(w);
    assert_string_equal(w->order, "umimimdx");
    stop(w);
}

static void a_link_that_is_closed_before_it_is_up_still_comes_and_goes(void **state)
{
    struct world *w = *state;
    start(w);
    assert_int_equal(open_link(w), 0);
    usher_local_close(w->l, 1000);
    assert_int_equal(w->ups, 0);
    settle(w);
    assert_string_equal(w->order, "udx");
    stop(w);
}

static void at_rest_it_does_not_keep_the_loop_awake(void **state)
{
    struct world *w = *state;
    start(w);
    assert_int_equal(open_link(w), 0);
    settle(w);
    assert_false(uv_loop_alive(&w->loop));
    assert_int_equal(say(w, "x"), 0);
    assert_true(uv_loop_alive(&w->loop));
    assert_int_equal(uv_backend_timeout(&w->loop), 0);
    settle(w);
    assert_false(uv_loop_alive(&w->loop));
    usher_local_pause(w->l, true);
    assert_int_equal(tell(w, "a"), USHER_EFULL);
    settle(w);
    assert_false(uv_loop_alive(&w->loop));
    stop(w);
    assert_int_equal(w->closes, 1);
    assert_false(uv_loop_alive(&w->loop));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_opens_before_start_or_after_stop),
        TEST(sixty_four_frames_may_wait),
        TEST(what_was_sent_before_a_close_still_arrives),
        TEST(one_who_has_closed_hears_nothing_more),
        TEST(a_pause_keeps_messages_and_a_full_link_is_clear_once),
        TEST(a_pause_from_inside_a_message_holds_at_once),
        TEST(a_user_may_send_and_close_from_inside_a_message),
        TEST(a_link_that_is_closed_before_it_is_up_still_comes_and_goes),
        TEST(at_rest_it_does_not_keep_the_loop_awake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
