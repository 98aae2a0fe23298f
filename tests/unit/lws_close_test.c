/* lws_close_test.c - close codes arrive, after what was sent before, whoever closes and why.
 * SPDX-License-Identifier: MIT */
#include "lws_world.h"

static void open_link(struct lws_world *w, struct lws_peer *p)
{
    lws_peer_open(p, w);
    assert_int_equal(lws_peer_upgrade(p), 101);
    assert_int_equal(w->codes[w->last], 0);
}

static void drop(struct lws_world *w, uint32_t link, int code)
{
    w->transport->ops->drop(w->transport, w->conns[link], code);
}

static void every_code_arrives_after_what_was_sent(void **state)
{
    static const int codes[] = {1001, 1012, 1013, 4400, 4401, 4408, 4409, 4429, 4999};
    struct lws_world w;

    (void) state;
    lws_world_start(&w);
    for (uint32_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct lws_peer p;
        struct lws_frame frame = {0};
        open_link(&w, &p);
        assert_int_equal(lws_world_send(&w, w.last, "one", 3), 0);
        assert_int_equal(lws_world_send(&w, w.last, "two", 3), 0);
        drop(&w, w.last, codes[i]);
        drop(&w, w.last, 1000); /* The first code counts. */
        assert_int_equal(lws_world_send(&w, w.last, "three", 5), USHER_ESTATE);
        assert_int_equal(w.downs, i); /* Never from inside drop. */
        assert_true(lws_peer_next(&p, &frame));
        assert_string_equal(frame.bytes, "one");
        assert_true(lws_peer_next(&p, &frame));
        assert_string_equal(frame.bytes, "two");
        assert_int_equal(lws_peer_close_code(&p), codes[i]);
        assert_false(lws_peer_read(&p));
        lws_world_until(&w, &w.downs, i + 1);
        assert_int_equal(w.codes[w.last], codes[i]);
        lws_peer_close(&p);
    }
    lws_world_stop(&w, 1012);
}

static void a_code_arrives_behind_a_large_message(void **state)
{
    enum { LARGE = 1024 * 1024 };
    struct lws_world w;
    struct lws_peer p;
    struct lws_frame frame = {0};
    char *text = calloc(1, LARGE);

    (void) state;
    assert_non_null(text);
    memset(text, 'x', LARGE);
    lws_world_start(&w);
    open_link(&w, &p);
    assert_int_equal(lws_world_send(&w, 1, text, LARGE), USHER_EFULL);
    assert_int_equal(lws_world_send(&w, 1, "bye", 3), USHER_EFULL);
    drop(&w, 1, 4409);
    assert_true(lws_peer_next(&p, &frame));
    assert_int_equal(frame.len, LARGE);
    assert_true(lws_peer_next(&p, &frame));
    assert_string_equal(frame.bytes, "bye");
    assert_int_equal(lws_peer_close_code(&p), 4409);
    assert_int_equal(w.clears, 0);
    free(text);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void a_link_that_is_not_wanted_gets_1013_and_no_down(void **state)
{
    struct lws_world w;
    struct lws_peer p;

    (void) state;
    lws_world_start(&w);
    w.up = USHER_EFULL;
    lws_peer_open(&p, &w);
    assert_int_equal(lws_peer_upgrade(&p), 101);
    lws_peer_frame(&p, true, 1, "hello", 5);
    assert_int_equal(lws_peer_close_code(&p), 1013);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
    assert_int_equal(w.ups + w.downs + w.inputs, 0);
}

static void drop_from_input(void *ctx, struct usher_link_id link, struct usher_span message)
{
    struct lws_world *w = ctx;
    w->inputs++;
    assert_int_equal(lws_world_send(w, (uint32_t) link.v, "last words", 10), 0);
    drop(w, (uint32_t) link.v, 4400);
    /* The message is still the host's to read. */
    assert_int_equal(message.len, 5000);
    assert_int_equal(((const char *) message.base)[4999], 'm');
}

static void a_link_may_be_dropped_from_its_own_input(void **state)
{
    struct lws_world w;
    struct lws_peer p;
    struct lws_frame frame = {0};
    char text[5000];

    (void) state;
    memset(text, 'm', sizeof text);
    lws_world_start(&w);
    w.host.input = drop_from_input;
    open_link(&w, &p);
    lws_peer_frame(&p, true, 1, text, sizeof text);
    lws_peer_frame(&p, true, 1, text, sizeof text);
    assert_true(lws_peer_next(&p, &frame));
    assert_string_equal(frame.bytes, "last words");
    assert_int_equal(lws_peer_close_code(&p), 4400);
    assert_int_equal(w.inputs, 1);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

/* A frame with any head, masked with zeros. */
static void send_raw(struct lws_peer *p, const char *head, size_t len, size_t payload)
{
    char bytes[256] = {0};
    memcpy(bytes, head, len);
    memset(bytes + len + 4, 'x', payload);
    lws_peer_send(p, bytes, len + 4 + payload);
}

static void what_breaks_the_protocol_is_closed(void **state)
{
    static const struct { int code; const char *head; size_t len, payload; } cases[] = {
        {1002, "\x83\x81", 2, 1},          /* reserved opcode */
        {1002, "\x8b\x80", 2, 0},          /* reserved control opcode */
        {1002, "\xc1\x81", 2, 1},          /* reserved bit: no extension was agreed */
        {1002, "\x80\x81", 2, 1},          /* nothing to continue */
        {1002, "\x09\x80", 2, 0},          /* a ping in fragments */
        {1003, "\x82\x81", 2, 1},          /* binary */
        {1003, "\x02\x81", 2, 1},          /* binary, in fragments */
        {1009, "\x81\xff\0\0\0\0\0\1\0\1", 10, 1},          /* 65,537 bytes are announced */
        {1009, "\x81\xff\x3f\0\0\0\0\0\0\0", 10, 1},        /* 2^62 */
        {1006, "\x89\xfe\0\x7e", 4, 126},  /* a ping that is too long: just cut */
        {1006, "\x81\xff\x80\0\0\0\0\0\0\0", 10, 1}};       /* a negative length: too */
    struct lws_world w;

    (void) state;
    lws_world_start(&w);
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lws_peer p;
        open_link(&w, &p);
        send_raw(&p, cases[i].head, cases[i].len, cases[i].payload);
        int code = lws_peer_close_code(&p);
        if (code != cases[i].code) {
            fail_msg("%d instead of %d in case %u", code, cases[i].code, i);
        }
        lws_peer_close(&p);
        lws_world_until(&w, &w.downs, i + 1);
        assert_int_equal(w.codes[i + 1], cases[i].code); /* The host is told the same. */
    }
    assert_int_equal(w.inputs, 0);
    lws_world_stop(&w, 1012);
}

static void frames_without_a_mask_are_refused(void **state)
{
    static const char large[2004] = "\x81\x7e\x07\xd0";
    struct lws_world w;
    struct lws_peer p;
    char bytes[2048];

    (void) state;
    lws_world_start(&w);
    open_link(&w, &p);
    lws_peer_send(&p, "\x81\x05hello", 7);
    assert_int_equal(lws_peer_close_code(&p), 1002);
    lws_peer_close(&p);
    open_link(&w, &p);
    lws_peer_send(&p, "\x81\x00", 2);
    assert_int_equal(lws_peer_close_code(&p), 1002);
    lws_peer_close(&p);
    open_link(&w, &p);
    lws_peer_send(&p, large, sizeof large);
    assert_int_equal(lws_peer_close_code(&p), 1002);
    lws_peer_close(&p);
    assert_int_equal(w.inputs, 0);
    /* In the same packet as the handshake. */
    lws_peer_open(&p, &w);
    size_t len = lws_peer_handshake(&p, bytes, sizeof bytes);
    memcpy(bytes + len, "\x81\x05hello", 7);
    lws_peer_send(&p, bytes, len + 7);
    while (p.len == 0 || memmem(p.in, p.len, "\x88\x02\x03\xea", 4) == NULL) {
        assert_true(lws_peer_read(&p));
    }
    lws_peer_close(&p);
    assert_int_equal(w.inputs, 0);
    lws_world_stop(&w, 1012);
}

static void text_is_utf8(void **state)
{
    static const char *const bad[] = {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                      "a\x80", "\xe2\x82", "\xf0\x9f\x98"};
    struct lws_world w;
    struct lws_peer p;

    (void) state;
    lws_world_start(&w);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        open_link(&w, &p);
        lws_peer_frame(&p, true, 1, bad[i], strlen(bad[i]));
        assert_int_equal(lws_peer_close_code(&p), 1007);
        lws_peer_close(&p);
    }
    open_link(&w, &p);
    lws_peer_frame(&p, false, 1, "\xe2\x82", 2);
    lws_peer_frame(&p, true, 0, "", 0);
    assert_int_equal(lws_peer_close_code(&p), 1007);
    lws_peer_close(&p);
    assert_int_equal(w.inputs, 0);
    lws_world_stop(&w, 1012);
}

static void messages_have_at_most_64_frames_and_frame_max_bytes(void **state)
{
    struct usher_lws_config cfg;
    struct lws_world w;
    struct lws_peer p;
    char text[101];

    (void) state;
    memset(text, 'x', sizeof text);
    lws_world_config(&w, &cfg);
    cfg.frame_max = 100;
    lws_world_open(&w, &cfg);
    open_link(&w, &p);
    for (int i = 0; i < 64; i++) {
        lws_peer_frame(&p, i == 63, i == 0 ? 1 : 0, "x", i < 36 ? 1 : 0);
    }
    lws_world_until(&w, &w.inputs, 1);
    assert_int_equal(w.input_len, 36);
    lws_peer_frame(&p, true, 1, text, 100);
    lws_world_until(&w, &w.inputs, 2);
    for (int i = 0; i < 65; i++) {
        lws_peer_frame(&p, i == 64, i == 0 ? 1 : 0, "", 0);
    }
    assert_int_equal(lws_peer_close_code(&p), 1009);
    lws_peer_close(&p);
    open_link(&w, &p);
    lws_peer_frame(&p, true, 1, text, 101);
    assert_int_equal(lws_peer_close_code(&p), 1009);
    lws_peer_close(&p);
    open_link(&w, &p);
    lws_peer_frame(&p, false, 1, text, 60);
    lws_peer_frame(&p, true, 0, text, 41);
    assert_int_equal(lws_peer_close_code(&p), 1009);
    lws_peer_close(&p);
    assert_int_equal(w.inputs, 2);
    lws_world_stop(&w, 1012);
}

static void a_flood_of_empty_frames_is_cut_short(void **state)
{
    struct lws_world w;
    struct lws_peer p;
    char flood[6 * 2000];

    (void) state;
    for (size_t i = 0; i < sizeof flood; i += 6) {
        memcpy(flood + i, i == 0 ? "\x01\x80\0\0\0\0" : "\0\x80\0\0\0\0", 6);
    }
    lws_world_start(&w);
    open_link(&w, &p);
    for (int i = 0; i < 100; i++) {
        lws_peer_send(&p, flood + (i == 0 ? 0 : 6), sizeof flood - 6);
    }
    assert_int_equal(lws_peer_close_code(&p), 1009);
    lws_peer_close(&p);
    assert_int_equal(w.inputs, 0);
    lws_world_stop(&w, 1012);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_arrives_after_what_was_sent),
        cmocka_unit_test(a_code_arrives_behind_a_large_message),
        cmocka_unit_test(a_link_that_is_not_wanted_gets_1013_and_no_down),
        cmocka_unit_test(a_link_may_be_dropped_from_its_own_input),
        cmocka_unit_test(what_breaks_the_protocol_is_closed),
        cmocka_unit_test(frames_without_a_mask_are_refused),
        cmocka_unit_test(text_is_utf8),
        cmocka_unit_test(messages_have_at_most_64_frames_and_frame_max_bytes),
        cmocka_unit_test(a_flood_of_empty_frames_is_cut_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
