/* lws_slow_test.c - who reads slowly is told from who does not read, and neither harms others.
 * SPDX-License-Identifier: MIT */
#include "lws_world.h"

#include <sys/socket.h>
#include <time.h>

enum { CHUNK = 64 * 1024 };

static void open_link(struct lws_world *w, struct lws_peer *p)
{
    lws_peer_open(p, w);
    assert_int_equal(lws_peer_upgrade(p), 101);
}

/* Send to a link until its transport says that it is full. Returns the number sent. */
static int fill(struct lws_world *w, uint32_t link, const char *text)
{
    int n = 0, rv = 0;
    while (rv == 0) {
        rv = lws_world_send(w, link, text, CHUNK);
        n++;
        assert_true(n < 1000);
    }
    assert_int_equal(rv, USHER_EFULL);
    return n;
}

static void full_links_are_cleared_when_they_have_read(void **state)
{
    struct lws_world w;
    struct lws_peer p;
    struct lws_frame frame = {0};
    char *text = calloc(1, CHUNK);

    (void) state;
    assert_non_null(text);
    memset(text, 'x', CHUNK);
    lws_world_start(&w);
    open_link(&w, &p);
    for (uint32_t round = 1; round <= 3; round++) {
        int n = fill(&w, 1, text);
        assert_int_equal(w.clears, round - 1);
        for (int i = 0; i < n; i++) {
            assert_true(lws_peer_next(&p, &frame));
            assert_int_equal(frame.len, CHUNK);
        }
        lws_world_until(&w, &w.clears, round);
    }
    free(text);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void beyond_the_hard_limit_a_link_is_cut(void **state)
{
    struct lws_world w;
    struct lws_peer slow, calm;
    struct lws_frame frame = {0};
    char *text = calloc(1, CHUNK);
    int rv = 0, n = 0;

    (void) state;
    assert_non_null(text);
    memset(text, 'x', CHUNK);
    lws_world_start(&w);
    open_link(&w, &slow);
    open_link(&w, &calm);
    while (rv == 0 || rv == USHER_EFULL) { /* A host that does not listen to EFULL. */
        rv = lws_world_send(&w, 1, text, CHUNK);
        n++;
        assert_true(n < 200);
    }
    assert_int_equal(rv, USHER_ESTATE);
    assert_true(n > 32);
    assert_int_equal(lws_world_send(&w, 2, "hello", 5), 0);
    assert_true(lws_peer_next(&calm, &frame));
    assert_string_equal(frame.bytes, "hello");
    assert_int_equal(lws_peer_close_code(&slow), 4408); /* It reads after all. */
    lws_world_until(&w, &w.downs, 1);
    assert_int_equal(w.codes[1], 4408);
    assert_int_equal(w.codes[2], 0);
    free(text);
    lws_peer_close(&slow);
    lws_peer_close(&calm);
    lws_world_stop(&w, 1012);
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000 + (uint64_t) t.tv_nsec / 1000000;
}

/* At most 640 kB a second, whatever comes. */
static size_t read_slowly(struct lws_peer *p, uint64_t *last_ms)
{
    static char bytes[CHUNK];
    if (now_ms() < *last_ms + 100) {
        return 0;
    }
    *last_ms = now_ms();
    ssize_t n = recv(p->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    return n > 0 ? (size_t) n : 0;
}

static void who_does_not_read_is_cut_and_who_reads_slowly_is_not(void **state)
{
    enum { LARGE = 1024 * 1024 };
    struct usher_lws_config cfg;
    struct lws_world w;
    struct lws_peer deaf, slow, calm;
    char *text = calloc(1, LARGE);
    size_t read = 0;

    (void) state;
    assert_non_null(text);
    memset(text, 'x', LARGE);
    lws_world_config(&w, &cfg);
    cfg.stall_ms = 1000;
    lws_world_open(&w, &cfg);
    open_link(&w, &deaf);
    open_link(&w, &slow);
    open_link(&w, &calm);
    assert_int_equal(lws_world_send(&w, 1, text, LARGE), USHER_EFULL);
    assert_int_equal(lws_world_send(&w, 2, text, LARGE), USHER_EFULL);
    uint64_t begin = now_ms(), last_ms = 0;
    while (w.downs == 0 || read < LARGE) {
        read += read_slowly(&slow, &last_ms);
        assert_int_equal(lws_world_send(&w, 3, "tick", 4), 0);
        lws_world_turn(&w, -1, 0);
        assert_true(now_ms() - begin < 20000);
    }
    assert_true(now_ms() - begin >= 3000); /* It was slow, for longer than stall_ms. */
    assert_int_equal(w.codes[1], 4408);
    assert_int_equal(w.codes[2], 0);
    assert_int_equal(w.codes[3], 0);
    lws_world_until(&w, &w.clears, 1);
    free(text);
    lws_peer_close(&deaf);
    lws_peer_close(&slow);
    lws_peer_close(&calm);
    lws_world_stop(&w, 1012);
}

static void a_flood_of_one_leaves_room_for_others(void **state)
{
    enum { FLOOD = 20000 };
    struct lws_world w;
    struct lws_peer loud, calm;
    struct lws_frame frame = {0};
    char *bytes = malloc(FLOOD * 64);
    size_t len = 0;

    (void) state;
    assert_non_null(bytes);
    for (int i = 0; i < FLOOD; i++) {
        len += lws_frame_write(bytes + len, true, 1, "flood flood flood flood", 23);
    }
    lws_world_start(&w);
    open_link(&w, &loud);
    open_link(&w, &calm);
    w.echo = true;
    size_t half = len / 2;
    lws_peer_send(&loud, bytes, half < 60000 ? half : 60000); /* fills what the system takes */
    lws_peer_frame(&calm, true, 1, "me too", 6);
    assert_true(lws_peer_next(&calm, &frame));
    assert_string_equal(frame.bytes, "me too");
    assert_true(w.inputs < FLOOD);
    free(bytes);
    lws_peer_close(&loud);
    lws_peer_close(&calm);
    lws_world_stop(&w, 1012);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_links_are_cleared_when_they_have_read),
        cmocka_unit_test(beyond_the_hard_limit_a_link_is_cut),
        cmocka_unit_test(who_does_not_read_is_cut_and_who_reads_slowly_is_not),
        cmocka_unit_test(a_flood_of_one_leaves_room_for_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
