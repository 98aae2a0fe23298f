/* lws_attack_test.c - whatever is thrown at the port is answered once, or not at all.
 * SPDX-License-Identifier: MIT */
#include "lws_world.h"

#include <poll.h>
#include <sys/socket.h>

#define PAGE "GET /a HTTP/1.1\r\nHost: a\r\n"
#define WS_LINE "GET /usher HTTP/1.1\r\nHost: a\r\n"
#define WS_UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define WS_KEY "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
#define WS_REST "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: usher.v1\r\n" WS_KEY
/* '@' stands for the port. */
#define WS_ORIGIN "Origin: http://127.0.0.1:@\r\n"

static void send_for_port(struct lws_peer *p, const char *text)
{
    char out[2048];
    size_t len = 0;

    for (; *text != '\0'; text++) {
        assert_true(len < sizeof out - 8);
        if (*text == '@') {
            len += (size_t) snprintf(out + len, 8, "%d", p->w->port);
        } else {
            out[len++] = *text;
        }
    }
    lws_peer_send(p, out, len);
}

static int count(const struct lws_peer *p, const char *word)
{
    int n = 0;
    const char *at = p->in;
    while ((at = strstr(at, word)) != NULL) {
        n++;
        at += strlen(word);
    }
    return n;
}

/* Status of the one answer; the connection ends after it. */
static int ask(struct lws_world *w, const char *text)
{
    struct lws_peer p;
    lws_peer_open(&p, w);
    send_for_port(&p, text);
    int status = lws_peer_answer(&p);
    assert_false(p.reset);
    assert_true(count(&p, "HTTP/1.1 ") <= 1);
    if (status != 0) {
        assert_int_equal(count(&p, "\r\nConnection: close\r\n"), 1);
        assert_int_equal(count(&p, "\r\nX-Content-Type-Options: nosniff\r\n"), 1);
        assert_int_equal(count(&p, "\r\nDate: "), 1);
    }
    lws_peer_close(&p);
    return status;
}

static void what_is_malformed_is_answered_once(void **state)
{
    static const struct { int status; const char *text; } cases[] = {
        {200, PAGE "\r\n"},
        {200, PAGE "\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"}, /* the second is never read */
        {200, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET /b HTTP/1.1\r\n\r\n"},
        {400, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n"
              "\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        {400, "GET /a HTTP/1.1\r\n\r\n"},
        {400, "GET /a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"},
        {400, PAGE "Origin: a\r\nOrigin: b\r\n\r\n"},
        {400, PAGE "X: a\r\n b\r\n\r\n"},
        {400, "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a HTTP/1.1\nHost: a\n\n"},
        {400, "GET /../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /a%00.html HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "GET /%c0%ae HTTP/1.1\r\nHost: a\r\n\r\n"},
        {400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        {405, "DELETE /a HTTP/1.1\r\nHost: a\r\n\r\n"},
        {405, "TRACE /a HTTP/1.1\r\nHost: a\r\n\r\n"},
        {411, "POST /a HTTP/1.1\r\nHost: a\r\n\r\n"},
        {413, "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4097\r\n\r\n"},
        {400, PAGE "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
              "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"},
        {400, PAGE "Upgrade: foo\r\nConnection: Upgrade\r\n\r\n"},
        {403, WS_LINE WS_UPGRADE WS_REST "\r\n"},
        {403, WS_LINE WS_UPGRADE WS_REST "Origin: null\r\n\r\n"},
        {403, WS_LINE WS_UPGRADE WS_REST "Origin: http://evil.example\r\n\r\n"},
        {400, WS_LINE WS_UPGRADE WS_REST WS_ORIGIN WS_ORIGIN "\r\n"},
        {404, "GET / HTTP/1.1\r\nHost: a\r\n" WS_UPGRADE WS_REST WS_ORIGIN "\r\n"},
        {405, "POST /usher HTTP/1.1\r\nHost: a\r\n" WS_UPGRADE WS_REST WS_ORIGIN "\r\n"},
        {400, "GET /usher HTTP/1.0\r\nHost: a\r\n" WS_UPGRADE WS_REST WS_ORIGIN "\r\n"},
        {400, WS_LINE WS_UPGRADE WS_REST WS_ORIGIN "Content-Length: 3\r\n\r\nabc"},
        {426, WS_LINE WS_UPGRADE WS_ORIGIN WS_KEY
              "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Protocol: usher.v1\r\n\r\n"},
        {400, WS_LINE WS_UPGRADE WS_ORIGIN WS_KEY "Sec-WebSocket-Version: 13\r\n\r\n"},
        {400, "\x16\x03\x01\x02\x01\x01"},
        {400, "\r\n\r\n"}};
    struct lws_world w;

    (void) state;
    lws_world_start(&w);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int status = ask(&w, cases[i].text);
        if (status != cases[i].status) {
            fail_msg("%d instead of %d for:\n%s", status, cases[i].status, cases[i].text);
        }
    }
    assert_int_equal(w.requests, 3);
    assert_int_equal(w.ups, 0);
    lws_world_stop(&w, 1012);
}

static void every_default_origin_is_let_in(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]", "shop.example"};
    static const char *const more[] = {"http://shop.example:1"};
    struct usher_lws_config cfg;
    struct lws_world w;

    (void) state;
    lws_world_config(&w, &cfg);
    cfg.origins = more;
    cfg.n_origins = 1;
    lws_world_open(&w, &cfg);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        char text[1024];
        struct lws_peer p;
        snprintf(text, sizeof text, WS_LINE WS_UPGRADE WS_REST "Origin: http://%s:%d\r\n\r\n",
                 hosts[i], i < 3 ? w.port : 1);
        lws_peer_open(&p, &w);
        lws_peer_text(&p, text);
        lws_world_until(&w, &w.ups, (uint32_t) i + 1);
        lws_peer_close(&p);
    }
    lws_world_stop(&w, 1012);
}

static void an_origin_that_is_refused_is_logged_once_in_a_while(void **state)
{
    struct lws_world w;

    (void) state;
    lws_world_start(&w);
    uint32_t lines = w.log_lines;
    assert_int_equal(lws_peer_knock(&w, "https://shop.example"), 403);
    assert_string_equal(w.log, "a page of \"https://shop.example\" was refused: "
                               "not among the configured origins");
    assert_int_equal(lws_peer_knock(&w, "https://another.example"), 403);
    assert_int_equal(lws_peer_knock(&w, ""), 403);
    assert_int_equal(w.log_lines, lines + 1);
    lws_world_stop(&w, 1012);

    lws_world_start(&w);
    assert_int_equal(lws_peer_knock(&w, ""), 403);
    assert_string_equal(w.log, "a handshake without Origin was refused");
    lws_world_stop(&w, 1012);
}

static void a_refused_origin_is_shown_clean_and_cut(void **state)
{
    char origin[301];
    struct lws_world w;

    (void) state;
    lws_world_start(&w);
    memset(origin, 'x', sizeof origin - 1);
    memcpy(origin, "\"a\tb \x80\xff~", 8);
    origin[sizeof origin - 1] = '\0';
    assert_int_equal(lws_peer_knock(&w, origin), 403);
    assert_memory_equal(w.log, "a page of \"?a?b???~xxx", 22);
    assert_non_null(strstr(w.log, "xxx\" ... was refused"));
    assert_int_equal(strlen(w.log), strlen("a page of \"\" ... was refused: "
                                           "not among the configured origins") + 100);
    lws_world_stop(&w, 1012);
}

static void the_doorman_answers_before_the_handshake(void **state)
{
    struct lws_world w;
    struct lws_peer p;

    (void) state;
    lws_world_start(&w);
    w.admit = USHER_EBUSY;
    w.retry_ms = 2001;
    lws_peer_open(&p, &w);
    send_for_port(&p, WS_LINE WS_UPGRADE WS_REST WS_ORIGIN "\r\n");
    assert_int_equal(lws_peer_answer(&p), 429);
    assert_int_equal(count(&p, "\r\nRetry-After: 3\r\n"), 1);
    lws_peer_close(&p);
    w.admit = USHER_EFULL;
    w.retry_ms = 0;
    lws_peer_open(&p, &w);
    send_for_port(&p, WS_LINE WS_UPGRADE WS_REST WS_ORIGIN "\r\n");
    assert_int_equal(lws_peer_answer(&p), 503);
    assert_int_equal(count(&p, "\r\nRetry-After: 1\r\n"), 1);
    lws_peer_close(&p);
    assert_int_equal(w.ups, 0);
    lws_world_stop(&w, 1012);
}

/* Give the server a chance to see what was sent, and what is missing. */
static void let_it_see(struct lws_world *w)
{
    for (int i = 0; i < 3; i++) {
        uv_run(&w->loop, UV_RUN_NOWAIT);
    }
}

static void a_handshake_may_be_cut_anywhere(void **state)
{
    struct lws_world w;
    struct lws_peer p;
    char head[1024];

    (void) state;
    lws_world_start(&w);
    w.echo = true;
    lws_peer_open(&p, &w);
    size_t len = lws_peer_handshake(&p, head, sizeof head);
    lws_peer_close(&p);
    len += lws_frame_write(head + len, true, 1, "early", 5);
    for (size_t cut = 1; cut < len; cut++) {
        struct lws_frame frame = {0};
        lws_peer_open(&p, &w);
        lws_peer_send(&p, head, cut);
        let_it_see(&w);
        lws_peer_send(&p, head + cut, len - cut);
        while (p.len == 0 || memmem(p.in, p.len, "\r\n\r\n", 4) == NULL) {
            assert_true(lws_peer_read(&p));
        }
        assert_memory_equal(p.in, "HTTP/1.1 101 ", 13);
        char *end = memmem(p.in, p.len, "\r\n\r\n", 4);
        p.len -= (size_t) (end - p.in) + 4;
        memmove(p.in, end + 4, p.len);
        assert_true(lws_peer_next(&p, &frame));
        assert_int_equal(frame.len, 5);
        assert_memory_equal(frame.bytes, "early", 5);
        lws_peer_close(&p);
    }
    assert_int_equal(w.ups, len - 1);
    lws_world_stop(&w, 1012);
}

static void the_answer_names_our_subprotocol_and_no_extension(void **state)
{
    struct lws_world w;
    struct lws_peer p;
    char head[1024];

    (void) state;
    lws_world_start(&w);
    lws_peer_open(&p, &w);
    lws_peer_send(&p, head, lws_peer_handshake(&p, head, sizeof head));
    assert_true(lws_peer_read(&p));
    p.in[p.len] = '\0';
    assert_memory_equal(p.in, "HTTP/1.1 101 ", 13);
    assert_int_equal(count(&p, "\r\nSec-WebSocket-Protocol: usher.v1\r\n"), 1);
    assert_int_equal(count(&p, "Extensions"), 0);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void garbage_after_the_handshake_is_a_protocol_error(void **state)
{
    struct lws_world w;
    struct lws_peer p;

    (void) state;
    lws_world_start(&w);
    lws_peer_open(&p, &w);
    assert_int_equal(lws_peer_upgrade(&p), 101);
    lws_peer_text(&p, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); /* 'G' has a reserved bit */
    assert_int_equal(lws_peer_close_code(&p), 1002);
    lws_peer_close(&p);
    lws_world_until(&w, &w.downs, 1);
    assert_int_equal(w.requests, 0);
    lws_world_stop(&w, 1012);
}

static void resets_at_random_moments_harm_nobody(void **state)
{
    struct lws_world w;
    struct lws_peer p, calm;
    char bytes[4096];
    unsigned seed = 7;

    (void) state;
    printf("# seed %u\n", seed);
    srandom(seed);
    lws_world_start(&w);
    w.echo = true;
    lws_peer_open(&calm, &w);
    assert_int_equal(lws_peer_upgrade(&calm), 101);
    for (int i = 0; i < 400; i++) {
        lws_peer_open(&p, &w);
        size_t len = lws_peer_handshake(&p, bytes, sizeof bytes);
        for (int k = 0; k < 8; k++) {
            len += lws_frame_write(bytes + len, k % 3 != 1, k % 3 == 2 ? 0 : 1, "abcdefgh", 8);
        }
        size_t cut = 1 + (size_t) random() % (len - 1);
        lws_peer_send(&p, bytes, cut);
        for (long turns = random() % 4; turns > 0; turns--) {
            uv_run(&w.loop, UV_RUN_NOWAIT);
        }
        if (random() % 4 == 0) {
            lws_peer_send(&p, bytes + cut, len - cut);
        }
        if (random() % 2 == 0) {
            lws_peer_reset(&p);
        } else {
            shutdown(p.fd, SHUT_WR);
            lws_peer_close(&p);
        }
    }
    struct lws_frame frame = {0};
    lws_peer_frame(&calm, true, 1, "still", 5);
    assert_true(lws_peer_next(&calm, &frame));
    assert_memory_equal(frame.bytes, "still", 5);
    assert_true(w.ups > 20);
    lws_world_until(&w, &w.downs, w.ups - 1);
    lws_peer_close(&calm);
    lws_world_stop(&w, 1012);
}

/* A stream that begins as good frames, with random bytes changed. */
static size_t damaged_frames(char *out)
{
    size_t len = 0;
    for (int i = 0; i < 20; i++) {
        static const int rare[] = {0, 2, 3, 8, 9, 9, 10, 10};
        int opcode = random() % 6 > 0 ? 1 : rare[(size_t) random() % 8];
        char text[300];
        size_t n = (size_t) random() % (opcode > 8 ? 126 : sizeof text);
        memset(text, 'a' + i, n);
        len += lws_frame_write(out + len, random() % 32 > 0, opcode, text, n);
    }
    for (long hits = random() % 8; hits > 0; hits--) {
        out[(size_t) random() % len] = (char) (random() & 0xff);
    }
    return len;
}

static void random_frames_harm_nobody(void **state)
{
    struct lws_world w;
    struct lws_peer p, calm;
    struct lws_frame frame = {0};
    char bytes[20 * 320];
    unsigned seed = 11;

    (void) state;
    printf("# seed %u\n", seed);
    srandom(seed);
    lws_world_start(&w);
    w.echo = true;
    lws_peer_open(&calm, &w);
    assert_int_equal(lws_peer_upgrade(&calm), 101);
    for (uint32_t i = 0; i < 500; i++) {
        size_t len = damaged_frames(bytes), at = 0;
        lws_peer_open(&p, &w);
        assert_int_equal(lws_peer_upgrade(&p), 101);
        while (at < len) {
            size_t piece = 1 + (size_t) random() % 2000;
            piece = piece < len - at ? piece : len - at;
            lws_peer_send(&p, bytes + at, piece);
            uv_run(&w.loop, UV_RUN_NOWAIT);
            at += piece;
        }
        lws_peer_close(&p);
        lws_world_until(&w, &w.downs, i + 1);
    }
    lws_peer_frame(&calm, true, 1, "still", 5);
    assert_true(lws_peer_next(&calm, &frame));
    assert_memory_equal(frame.bytes, "still", 5);
    assert_true(w.inputs > 500);
    lws_peer_close(&calm);
    lws_world_stop(&w, 1012);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_malformed_is_answered_once),
        cmocka_unit_test(every_default_origin_is_let_in),
        cmocka_unit_test(an_origin_that_is_refused_is_logged_once_in_a_while),
        cmocka_unit_test(a_refused_origin_is_shown_clean_and_cut),
        cmocka_unit_test(the_doorman_answers_before_the_handshake),
        cmocka_unit_test(a_handshake_may_be_cut_anywhere),
        cmocka_unit_test(the_answer_names_our_subprotocol_and_no_extension),
        cmocka_unit_test(garbage_after_the_handshake_is_a_protocol_error),
        cmocka_unit_test(resets_at_random_moments_harm_nobody),
        cmocka_unit_test(random_frames_harm_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
