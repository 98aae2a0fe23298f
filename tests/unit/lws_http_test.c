/* lws_http_test.c - requests reach the host once, and answers reach the browser whole.
 * SPDX-License-Identifier: MIT */
#include "lws_world.h"

#include <poll.h>
#include <sys/socket.h>

static int ask(struct lws_world *w, struct lws_peer *p, const char *text)
{
    lws_peer_open(p, w);
    lws_peer_text(p, text);
    return lws_peer_answer(p);
}

static void a_request_is_told_as_it_came(void **state)
{
    struct lws_world w;
    struct lws_peer p;
    char text[512];

    (void) state;
    lws_world_start(&w);
    snprintf(text, sizeof text,
             "POST /a%%20b?c=%%20d HTTP/1.1\r\nHost: h\r\nOrigin: http://localhost:%d\r\n"
             "X-Forwarded-For: 203.0.113.7\r\nx-forwarded-for: 10.0.0.1\r\n"
             "Content-Length: 5\r\n\r\nhello", w.port);
    assert_int_equal(ask(&w, &p, text), 200);
    assert_string_equal(p.in + p.len - 5, "hello");
    assert_string_equal(w.method, "POST");
    assert_string_equal(w.path, "/a b");
    assert_string_equal(w.query, "c=%20d");
    assert_string_equal(w.forwarded, "203.0.113.7, 10.0.0.1");
    assert_true(w.origin_ok);
    lws_peer_close(&p);
    assert_int_equal(ask(&w, &p, "GET / HTTP/1.1\r\nHost: h\r\nOrigin: http://a\r\n\r\n"), 200);
    assert_false(w.origin_ok);
    lws_peer_close(&p);
    assert_int_equal(ask(&w, &p, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
    assert_false(w.origin_ok);
    assert_string_equal(w.forwarded, "");
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void without_a_host_all_is_404(void **state)
{
    struct usher_lws_config cfg;
    struct lws_world w;
    struct lws_peer p;

    (void) state;
    lws_world_config(&w, &cfg);
    cfg.request = NULL;
    lws_world_open(&w, &cfg);
    assert_int_equal(ask(&w, &p, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"), 404);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void hold(struct lws_world *w, struct lws_peer *p, const char *text)
{
    uint32_t before = w->requests;
    w->hold = true;
    lws_peer_open(p, w);
    lws_peer_text(p, text);
    lws_world_until(w, &w->requests, before + 1);
    assert_non_null(w->request);
}

static void an_answer_may_come_later(void **state)
{
    enum { LARGE = 3 * 1024 * 1024 };
    struct lws_world w;
    struct lws_peer p;
    char *body = malloc(LARGE);

    (void) state;
    assert_non_null(body);
    memset(body, 'b', LARGE);
    lws_world_start(&w);
    hold(&w, &p, "GET / HTTP/1.1\r\nHost: h\r\n\r\nmore that nobody reads");
    shutdown(p.fd, SHUT_WR); /* He has said all, and still waits. */
    lws_world_turn(&w, -1, 0);
    const struct usher_lws_reply reply = {.status = 200,
                                          .content_type = "text/css",
                                          .headers = "ETag: \"x\"\r\nCache-Control: no-cache\r\n",
                                          .body = {body, LARGE}};
    assert_int_equal(usher_lws_reply(w.request, &reply), 0);
    memset(body, 'c', LARGE); /* It was copied. */
    assert_int_equal(lws_peer_answer(&p), 200);
    assert_non_null(strstr(p.in, "\r\nETag: \"x\"\r\nCache-Control: no-cache\r\n"));
    assert_non_null(strstr(p.in, "\r\nContent-Length: 3145728\r\n"));
    assert_non_null(strstr(p.in, "\r\nContent-Type: text/css\r\n"));
    char *start = strstr(p.in, "\r\n\r\n");
    assert_int_equal(p.len - (size_t) (start + 4 - p.in), LARGE);
    assert_null(memchr(start, 'c', LARGE));
    free(body);
    lws_peer_close(&p);
    assert_int_equal(w.gones, 0);
    lws_world_stop(&w, 1012);
}

static void head_and_304_have_no_body(void **state)
{
    struct lws_world w;
    struct lws_peer p;
    struct usher_lws_reply reply = {.status = 200, .body = {"12345", 5}};

    (void) state;
    lws_world_start(&w);
    hold(&w, &p, "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(usher_lws_reply(w.request, &reply), 0);
    assert_int_equal(lws_peer_answer(&p), 200);
    assert_non_null(strstr(p.in, "\r\nContent-Length: 5\r\n"));
    assert_string_equal(p.in + p.len - 4, "\r\n\r\n");
    lws_peer_close(&p);
    hold(&w, &p, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    reply.status = 304;
    assert_int_equal(usher_lws_reply(w.request, &reply), 0);
    assert_int_equal(lws_peer_answer(&p), 304);
    assert_null(strstr(p.in, "Content-Length"));
    assert_string_equal(p.in + p.len - 4, "\r\n\r\n");
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void an_answer_that_would_break_the_head_is_refused(void **state)
{
    static const struct usher_lws_reply bad[] = {
        {.status = 99}, {.status = 600}, {.status = 200, .headers = "X: y"},
        {.status = 200, .headers = "X: y\r\n\r\n"}, {.status = 200, .headers = "\r\nX: y\r\n"},
        {.status = 200, .headers = "X: y\nZ: y\r\n"}, {.status = 200, .headers = "X\r\n"},
        {.status = 200, .content_type = "a\r\nX: y"}};
    struct lws_world w;

    (void) state;
    lws_world_start(&w);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lws_peer p;
        hold(&w, &p, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        assert_int_equal(usher_lws_reply(w.request, &bad[i]), USHER_EINVAL);
        assert_int_equal(lws_peer_answer(&p), 500);
        assert_null(strstr(p.in, "X: y"));
        lws_peer_close(&p);
    }
    assert_int_equal(w.gones, 0);
    lws_world_stop(&w, 1012);
}

static void a_request_whose_peer_is_lost_is_gone(void **state)
{
    struct lws_world w;
    struct lws_peer p;

    (void) state;
    lws_world_start(&w);
    hold(&w, &p, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    lws_peer_reset(&p);
    lws_world_until(&w, &w.gones, 1);
    hold(&w, &p, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    lws_world_stop(&w, 1012);
    assert_int_equal(w.gones, 2);
    lws_peer_close(&p);
}

static void a_body_may_be_waited_for(void **state)
{
    struct lws_world w;
    struct lws_peer p;

    (void) state;
    lws_world_start(&w);
    lws_peer_open(&p, &w);
    lws_peer_text(&p, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
                      "Expect: 100-continue\r\n\r\n");
    assert_true(lws_peer_read(&p));
    p.in[p.len] = '\0';
    assert_string_equal(p.in, "HTTP/1.1 100 Continue\r\n\r\n");
    p.len = 0;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(w.requests, 0);
        lws_peer_text(&p, "b");
        lws_world_turn(&w, -1, 0);
    }
    assert_int_equal(lws_peer_answer(&p), 200);
    assert_string_equal(p.in + p.len - 4, "bbbb");
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void an_answer_survives_what_the_peer_sends_meanwhile(void **state)
{
    struct lws_world w;
    struct lws_peer p;
    char *noise = calloc(1, 100000);

    (void) state;
    assert_non_null(noise);
    lws_world_start(&w);
    lws_peer_open(&p, &w);
    lws_peer_text(&p, "BAD\n");
    lws_peer_send(&p, noise, 100000); /* Unread input would make a close a reset. */
    assert_int_equal(lws_peer_answer(&p), 400);
    assert_false(p.reset);
    free(noise);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_told_as_it_came),
        cmocka_unit_test(without_a_host_all_is_404),
        cmocka_unit_test(an_answer_may_come_later),
        cmocka_unit_test(head_and_304_have_no_body),
        cmocka_unit_test(an_answer_that_would_break_the_head_is_refused),
        cmocka_unit_test(a_request_whose_peer_is_lost_is_gone),
        cmocka_unit_test(a_body_may_be_waited_for),
        cmocka_unit_test(an_answer_survives_what_the_peer_sends_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
