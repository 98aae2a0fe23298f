/* lws_talk_test.c - what is said over a WebSocket arrives, whole and in order, both ways.
 * SPDX-License-Identifier: MIT */
#include "lws_world.h"

#include <sys/socket.h>

static char *letters(size_t len)
{
    char *text = malloc(len + 1);
    assert_non_null(text);
    for (size_t i = 0; i < len; i++) {
        text[i] = (char) ('a' + i * 7 % 26);
    }
    text[len] = '\0';
    return text;
}

static void messages_of_all_sizes_come_back_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 125, 126, 127, 255, 256, 257, 505, 506, 511, 512, 513,
                                   520, 1000, 1024, 1025, 4096, 20000, 60000, 65535, 65536};
    struct lws_world w;
    struct lws_peer p;

    (void) state;
    lws_world_start(&w);
    w.echo = true;
    lws_peer_open(&p, &w);
    assert_int_equal(lws_peer_upgrade(&p), 101);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct lws_frame frame = {0};
        char *text = letters(sizes[i]);
        lws_peer_frame(&p, true, 1, text, sizes[i]);
        assert_true(lws_peer_next(&p, &frame));
        assert_true(frame.fin);
        assert_int_equal(frame.opcode, 1);
        assert_int_equal(frame.len, sizes[i]);
        assert_memory_equal(frame.bytes, text, sizes[i]);
        free(text);
    }
    assert_int_equal(w.inputs, sizeof sizes / sizeof sizes[0]);
    lws_peer_close(&p);
    lws_world_until(&w, &w.downs, 1);
    assert_int_equal(w.codes[1], 1006);
    lws_world_stop(&w, 1012);
}

/* Together, so that the host can save and answer them together. */
static void what_comes_at_once_is_read_in_one_turn(void **state)
{
    enum { FRAMES = 60, LEN = 200 };
    struct lws_world w;
    struct lws_peer p;
    char bytes[FRAMES * (LEN + 14)];
    size_t n = 0;
    char *text = letters(LEN);

    (void) state;
    lws_world_start(&w);
    lws_peer_open(&p, &w);
    assert_int_equal(lws_peer_upgrade(&p), 101);
    for (int i = 0; i < FRAMES; i++) {
        n += lws_frame_write(bytes + n, true, 1, text, LEN);
    }
    assert_int_equal(send(p.fd, bytes, n, MSG_DONTWAIT), n);
    while (w.inputs == 0) {
        lws_world_turn(&w, -1, 0);
    }
    assert_int_equal(w.inputs, FRAMES);
    free(text);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void fragments_make_one_message(void **state)
{
    struct lws_world w;
    struct lws_peer p;
    struct lws_frame frame = {0};

    (void) state;
    lws_world_start(&w);
    w.echo = true;
    lws_peer_open(&p, &w);
    assert_int_equal(lws_peer_upgrade(&p), 101);
    lws_peer_frame(&p, false, 1, "a", 1);
    lws_peer_frame(&p, true, 9, "ping", 4); /* A control frame may stand in between. */
    lws_peer_frame(&p, false, 0, "", 0);
    lws_peer_frame(&p, false, 0, "\xe2\x82", 2); /* A character may be cut in two. */
    lws_peer_frame(&p, true, 0, "\xac!", 2);
    for (int i = 0, seen = 0; i < 2; i++) { /* The echo and the pong, in any order. */
        assert_true(lws_peer_next(&p, &frame));
        assert_int_not_equal(seen, frame.opcode);
        seen = frame.opcode;
        assert_string_equal(frame.bytes, seen == 10 ? "ping" : "a\xe2\x82\xac!");
    }
    assert_int_equal(w.inputs, 1);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void a_message_sent_in_single_bytes_arrives(void **state)
{
    struct lws_world w;
    struct lws_peer p;
    char bytes[600];

    (void) state;
    lws_world_start(&w);
    lws_peer_open(&p, &w);
    assert_int_equal(lws_peer_upgrade(&p), 101);
    char *text = letters(300);
    size_t len = lws_frame_write(bytes, true, 1, text, 300);
    for (size_t i = 0; i < len; i++) {
        lws_peer_send(&p, bytes + i, 1);
        uv_run(&w.loop, UV_RUN_NOWAIT);
    }
    lws_world_until(&w, &w.inputs, 1);
    assert_int_equal(w.input_len, 300);
    assert_memory_equal(w.input, text, 300);
    free(text);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void many_messages_keep_their_order(void **state)
{
    enum { MESSAGES = 3000 };
    struct lws_world w;
    struct lws_peer p;
    char *bytes = malloc(MESSAGES * 40);
    size_t len = 0;

    (void) state;
    assert_non_null(bytes);
    lws_world_start(&w);
    w.echo = true;
    lws_peer_open(&p, &w);
    assert_int_equal(lws_peer_upgrade(&p), 101);
    for (int i = 0; i < MESSAGES; i++) {
        char text[16];
        int n = snprintf(text, sizeof text, "message %d", i);
        len += lws_frame_write(bytes + len, true, 1, text, (size_t) n);
    }
    lws_peer_send(&p, bytes, len);
    free(bytes);
    for (int i = 0; i < MESSAGES; i++) {
        struct lws_frame frame = {0};
        assert_true(lws_peer_next(&p, &frame));
        assert_int_equal(atoi(frame.bytes + 8), i);
    }
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void the_peer_may_close_with_a_code(void **state)
{
    static const struct { const char *reason; size_t len; int seen; } cases[] = {
        {"\x03\xe8", 2, 1000}, {"\x0f\xa1why", 5, 4001}, {"", 0, 1005}};
    struct lws_world w;

    (void) state;
    lws_world_start(&w);
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lws_peer p;
        struct lws_frame frame = {0};
        lws_peer_open(&p, &w);
        assert_int_equal(lws_peer_upgrade(&p), 101);
        lws_peer_frame(&p, true, 8, cases[i].reason, cases[i].len);
        assert_true(lws_peer_next(&p, &frame));
        assert_int_equal(frame.opcode, 8);
        assert_false(lws_peer_next(&p, &frame));
        lws_peer_close(&p);
        lws_world_until(&w, &w.downs, i + 1);
        assert_int_equal(w.codes[i + 1], cases[i].seen);
    }
    lws_world_stop(&w, 1012);
}

static void a_thousand_links_talk_side_by_side(void **state)
{
    enum { LINKS = 1000 };
    static struct lws_peer peers[LINKS];
    struct usher_lws_config cfg;
    struct lws_world w;
    struct lws_frame frame = {0};

    (void) state;
    lws_world_config(&w, &cfg);
    cfg.connections_address = LINKS;
    lws_world_open(&w, &cfg);
    w.echo = true;
    for (int i = 0; i < LINKS; i++) {
        lws_peer_open(&peers[i], &w);
        assert_int_equal(lws_peer_upgrade(&peers[i]), 101);
    }
    assert_int_equal(w.ups, LINKS);
    for (int round = 0; round < 3; round++) {
        char text[32];
        for (int i = 0; i < LINKS; i++) {
            int n = snprintf(text, sizeof text, "%d says %d", i, round);
            lws_peer_frame(&peers[i], true, 1, text, (size_t) n);
        }
        for (int i = 0; i < LINKS; i++) {
            snprintf(text, sizeof text, "%d says %d", i, round);
            assert_true(lws_peer_next(&peers[i], &frame));
            assert_string_equal(frame.bytes, text);
        }
    }
    for (int i = 0; i < LINKS; i++) {
        lws_peer_close(&peers[i]);
    }
    lws_world_until(&w, &w.downs, LINKS);
    lws_world_stop(&w, 1012);
}

static void large_messages_leave_whole(void **state)
{
    enum { LARGE = 1024 * 1024 };
    struct lws_world w;
    struct lws_peer p;
    struct lws_frame frame = {0};

    (void) state;
    lws_world_start(&w);
    lws_peer_open(&p, &w);
    assert_int_equal(lws_peer_upgrade(&p), 101);
    char *text = letters(LARGE);
    assert_int_equal(lws_world_send(&w, 1, text, LARGE), USHER_EFULL);
    assert_int_equal(lws_world_send(&w, 1, "next", 4), USHER_EFULL);
    assert_true(lws_peer_next(&p, &frame));
    assert_int_equal(frame.len, LARGE);
    assert_true(frame.fin);
    assert_memory_equal(frame.bytes, text, LARGE);
    assert_true(lws_peer_next(&p, &frame));
    assert_string_equal(frame.bytes, "next");
    lws_world_until(&w, &w.clears, 1);
    assert_int_equal(w.clears, 1);
    assert_int_equal(lws_world_send(&w, 1, "more", 4), 0);
    assert_true(lws_peer_next(&p, &frame));
    assert_string_equal(frame.bytes, "more");
    free(text);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_all_sizes_come_back_whole),
        cmocka_unit_test(what_comes_at_once_is_read_in_one_turn),
        cmocka_unit_test(fragments_make_one_message),
        cmocka_unit_test(a_message_sent_in_single_bytes_arrives),
        cmocka_unit_test(many_messages_keep_their_order),
        cmocka_unit_test(the_peer_may_close_with_a_code),
        cmocka_unit_test(a_thousand_links_talk_side_by_side),
        cmocka_unit_test(large_messages_leave_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
