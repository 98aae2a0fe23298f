/* lws_head_test.c - the head of a request is read in one way, or not at all.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/plug/lws/head.h"
#include "../../lib/plug/lws/path.h"
#include "../../lib/plug/lws/rules.h"

/* Status of the whole way: 0 taken as plain HTTP, 101 as a handshake. */
static int judge(const char *bytes, size_t len)
{
    char shop[] = "http://shop.example";
    char *list[] = {shop};
    const struct ush_lws_origins origins = {list, 1};
    struct ush_lws_head head;
    size_t seen = 0, body = 0;

    switch (ush_lws_head_scan(bytes, len, &seen)) {
    case USH_LWS_SCAN_MORE:
        return -1;
    case USH_LWS_SCAN_BAD:
        return 400;
    case USH_LWS_SCAN_LARGE:
        return 431;
    case USH_LWS_SCAN_WHOLE:
        break;
    }
    assert_true(seen <= len);
    int status = ush_lws_head_parse(&head, bytes, seen);
    if (status == 0) {
        status = ush_lws_rules_all(&head);
    }
    if (status != 0) {
        return status;
    }
    if (ush_lws_rules_is_handshake(&head)) {
        status = ush_lws_rules_handshake(&head, "/usher", &origins);
        return status == 0 ? 101 : status;
    }
    return ush_lws_rules_plain(&head, 100, &body);
}

static void expect(int status, const char *text)
{
    int got = judge(text, strlen(text));
    if (got != status) {
        fail_msg("%d instead of %d for:\n%s", got, status, text);
    }
}

static void plain_requests_are_taken(void **state)
{
    (void) state;
    expect(0, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(0, "GET / HTTP/1.0\r\nHost: a\r\n\r\n");
    expect(0, "HEAD /a/b?c=d&e=? HTTP/1.1\r\nhOsT:\t a.b:80 \t\r\nX:\r\n\r\n");
    expect(0, "POST /a HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 100\r\n\r\n");
    expect(0, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    expect(0, "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\r\n");
    expect(0, "GET / HTTP/1.1\r\nHost: a\r\nCookie: \xc3\xa9\r\n\r\n");
    expect(-1, "GET / HTTP/1.1\r\nHost: a\r\n\r");
    expect(-1, "");
}

static void lines_end_in_one_way_only(void **state)
{
    (void) state;
    expect(400, "GET / HTTP/1.1\nHost: a\n\n");
    expect(400, "GET / HTTP/1.1\r\nHost: a\n\r\n");
    expect(400, "GET / HTTP/1.1\r\nHost: a\r\r\n");
    expect(400, "GET / HTTP/1.1\rHost: a\r\n\r\n");
    expect(400, "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(400, "\n");
    expect(400, "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n");
    expect(400, "GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n");
    expect(400, "\x16\x03\x01\x02");
    assert_int_equal(judge("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 30), 400);
}

static void request_lines_have_three_parts(void **state)
{
    static const char *const lines[] = {
        "GET /", "GET", "GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1",
        "GET / HTTP/1.1 ", "GET / HTTP/1.2", "GET / HTTP/2.0", "GET / http/1.1", "GET / HTTP/1.10",
        "GET / HTTP/1.", "GET HTTP/1.1", "GET  HTTP/1.1", "G(T / HTTP/1.1", "GET\t/ HTTP/1.1",
        "GET http://a/ HTTP/1.1", "GET * HTTP/1.1", "GET a HTTP/1.1", "CONNECT a:80 HTTP/1.1",
        "GET /a b HTTP/1.1", "GET /a#b HTTP/1.1", "GET /\xc3\xa9 HTTP/1.1", "GET /a\tb HTTP/1.1",
        "PRI * HTTP/2.0", "/ HTTP/1.1"};
    char text[128];

    (void) state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        snprintf(text, sizeof text, "%s\r\nHost: a\r\n\r\n", lines[i]);
        expect(400, text);
    }
    expect(405, "PUT / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(405, "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(405, "get / HTTP/1.1\r\nHost: a\r\n\r\n");
}

static void fields_are_clear(void **state)
{
    static const char *const fields[] = {
        "", "Host: a\r\nHost: a\r\n", "Host: a\r\nhost: b\r\n", "Host:\r\n", "Host: a b\r\n",
        "Host: a/b\r\n", "Host: a,b\r\n", "Host: a@b\r\n", "Host : a\r\n", " Host: a\r\n",
        "Host: a\r\n X: folded\r\n", "Host: a\r\nX: b\r\n\tfolded\r\n", "Host: a\r\nX\r\n",
        "Host: a\r\n: b\r\n", "Host: a\r\nX Y: b\r\n", "Host: a\r\nX\x80: b\r\n",
        "Host: a\r\nOrigin: x\r\nOrigin: x\r\n", "Host: a\r\nTransfer-Encoding: chunked\r\n",
        "Host: a\r\nTransfer-Encoding: identity\r\n", "Host: a\r\nTransfer-Encoding:\r\n",
        "Host: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        "Host: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n", "Host: a\r\nContent-Length:\r\n",
        "Host: a\r\nContent-Length: 0, 0\r\n", "Host: a\r\nContent-Length: +0\r\n",
        "Host: a\r\nContent-Length: -1\r\n", "Host: a\r\nContent-Length: 0x0\r\n",
        "Host: a\r\nContent-Length: 00\r\n", "Host: a\r\nContent-Length: 5\r\n",
        "Host: a\r\nContent-Type: a\r\nContent-Type: b\r\n"};
    char text[256];

    (void) state;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\n%s\r\n", fields[i]);
        expect(400, text);
    }
}

static void bodies_are_announced_and_bounded(void **state)
{
    (void) state;
    expect(411, "POST / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n");
    expect(413, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\n");
    expect(400, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 010\r\n\r\n");
    expect(0, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n");
    expect(417, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: more\r\n\r\n");
}

static void heads_are_bounded(void **state)
{
    size_t len = USH_LWS_HEAD_MAX + 10;
    char *text = malloc(len + 1);

    (void) state;
    assert_non_null(text);
    memset(text, 'a', len);
    text[len] = '\0';
    memcpy(text, "GET / HTTP/1.1\r\nHost: a\r\nX: ", 28);
    expect(431, text);
    memcpy(text + USH_LWS_HEAD_MAX - 4, "\r\n\r\n", 4);
    expect(0, text);
    size_t at = (size_t) snprintf(text, len, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 1; i < USH_LWS_FIELDS_MAX; i++) {
        at += (size_t) snprintf(text + at, len - at, "X: %d\r\n", i);
    }
    memcpy(text + at, "\r\n", 3);
    expect(0, text);
    memcpy(text + at, "X: y\r\n\r\n", 9);
    expect(431, text);
    free(text);
}

#define KEY "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define PROTOCOL "Sec-WebSocket-Protocol: usher.v1\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define ORIGIN "Origin: http://shop.example\r\n"
#define HOST "Host: a\r\n"
#define LINE "GET /usher HTTP/1.1\r\n"

static void handshakes_are_taken_or_refused(void **state)
{
    (void) state;
    expect(101, LINE HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "\r\n");
    expect(101, "GET /usher?a HTTP/1.1\r\n" HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "\r\n");
    expect(101, LINE HOST "UPGRADE: WebSocket\r\nconnection: a,\tuPGRADE\r\n" ORIGIN VERSION KEY
           "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b , usher.v1\r\n\r\n");
    expect(400, "GET /usher HTTP/1.0\r\n" HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "\r\n");
    expect(405, "POST /usher HTTP/1.1\r\n" HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "\r\n");
    expect(404, "GET /Usher HTTP/1.1\r\n" HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "\r\n");
    expect(404, "GET /usher/ HTTP/1.1\r\n" HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "\r\n");
    expect(404, "GET /ush%65r HTTP/1.1\r\n" HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "\r\n");
    expect(400, LINE HOST "Upgrade: h2c\r\nConnection: Upgrade\r\n" ORIGIN VERSION KEY PROTOCOL
           "\r\n");
    expect(400, LINE HOST "Upgrade: websocket, h2c\r\nConnection: Upgrade\r\n" ORIGIN VERSION KEY
           PROTOCOL "\r\n");
    expect(400, LINE HOST "Upgrade: websocket\r\n" ORIGIN VERSION KEY PROTOCOL "\r\n");
    expect(400, LINE HOST "Upgrade: websocket\r\nConnection: close\r\n" ORIGIN VERSION KEY PROTOCOL
           "\r\n");
    expect(426, LINE HOST UPGRADE ORIGIN "Sec-WebSocket-Version: 8\r\n" KEY PROTOCOL "\r\n");
    expect(426, LINE HOST UPGRADE ORIGIN "Sec-WebSocket-Version: 13, 8\r\n" KEY PROTOCOL "\r\n");
    expect(426, LINE HOST UPGRADE ORIGIN KEY PROTOCOL "\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN VERSION VERSION KEY PROTOCOL "\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN VERSION PROTOCOL "\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN VERSION KEY KEY PROTOCOL "\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN VERSION "Sec-WebSocket-Key: AAAA\r\n" PROTOCOL "\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN VERSION
           "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAAA\r\n" PROTOCOL "\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN VERSION
           "Sec-WebSocket-Key: AAAAAAAAAA_AAAAAAAAAAA==\r\n" PROTOCOL "\r\n");
    expect(403, LINE HOST UPGRADE VERSION KEY PROTOCOL "\r\n");
    expect(403, LINE HOST UPGRADE "Origin: null\r\n" VERSION KEY PROTOCOL "\r\n");
    expect(403, LINE HOST UPGRADE "Origin:\r\n" VERSION KEY PROTOCOL "\r\n");
    expect(403, LINE HOST UPGRADE "Origin: https://shop.example\r\n" VERSION KEY PROTOCOL "\r\n");
    expect(403, LINE HOST UPGRADE "Origin: http://shop.example.eu\r\n" VERSION KEY PROTOCOL "\r\n");
    expect(403, LINE HOST UPGRADE "Origin: http://SHOP.example\r\n" VERSION KEY PROTOCOL "\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN ORIGIN VERSION KEY PROTOCOL "\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN VERSION KEY "\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN VERSION KEY "Sec-WebSocket-Protocol: usher\r\n\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN VERSION KEY "Sec-WebSocket-Protocol: USHER.V1\r\n\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "Content-Length: 5\r\n\r\n");
    expect(101, LINE HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "Content-Length: 0\r\n\r\n");
    expect(400, LINE HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "Transfer-Encoding: chunked\r\n\r\n");
    expect(400, LINE HOST HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "\r\n");
    expect(400, LINE UPGRADE ORIGIN VERSION KEY PROTOCOL "\r\n");
}

static void what_libwebsockets_sees_is_short_and_ours(void **state)
{
    static const char text[] =
        LINE HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "Cookie: secret\r\n\r\n";
    struct ush_lws_head head;
    char out[USH_LWS_REWRITE_MAX];

    (void) state;
    assert_int_equal(ush_lws_head_parse(&head, text, sizeof text - 1), 0);
    size_t len = ush_lws_rules_rewrite(&head, out);
    assert_true(len < sizeof out);
    assert_null(memmem(out, len, "Cookie", 6));
    assert_non_null(memmem(out, len, KEY, strlen(KEY)));
    assert_memory_equal(out + len - 4, "\r\n\r\n", 4);
}

static void paths_are_decoded_or_refused(void **state)
{
    static const struct { const char *raw, *path; } cases[] = {
        {"/", "/"}, {"/a%20b", "/a b"}, {"/%C3%A9", "/\xc3\xa9"}, {"/a..b/...", "/a..b/..."},
        {"/%252e%252e/", "/%2e%2e/"}, {"/%F0%9F%98%80", "/\xf0\x9f\x98\x80"}, {"/a//b", "/a//b"},
        {"/..", NULL}, {"/.", NULL}, {"/a/../b", NULL}, {"/a/./b", NULL}, {"/%2e%2e/", NULL},
        {"/%2E./", NULL}, {"/.%2e", NULL}, {"/a%2fb", NULL}, {"/a%5cb", NULL}, {"/a\\b", NULL},
        {"/..%2f..", NULL}, {"/..%5c..", NULL}, {"/%00", NULL}, {"/%0a", NULL}, {"/%7f", NULL},
        {"/%", NULL}, {"/%4", NULL}, {"/%zz", NULL}, {"/%c0%ae%c0%ae/", NULL}, {"/%c3", NULL},
        {"/%ed%a0%80", NULL}, {"/%e0%80%ae", NULL}, {"/%f4%90%80%80", NULL}, {"/%ff", NULL}};
    char out[64];

    (void) state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct usher_span raw = {cases[i].raw, strlen(cases[i].raw)};
        size_t len = 0;
        bool fine = ush_lws_path_decode(raw, out, &len);
        if (fine != (cases[i].path != NULL)) {
            fail_msg("%s", cases[i].raw);
        }
        if (fine) {
            assert_int_equal(len, strlen(cases[i].path));
            assert_memory_equal(out, cases[i].path, len);
        }
    }
}

/* Heads with random damage, fed in random pieces: the pieces make no difference. */
static void pieces_make_no_difference(void **state)
{
    static const char whole[] = LINE HOST UPGRADE ORIGIN VERSION KEY PROTOCOL "X: y\r\n\r\n";
    static const char damage[] = {'\r', '\n', ' ', '\t', ':', '\0', ',', '/', '%', '\x7f', '\x80'};
    unsigned seed = 20251124;
    char text[sizeof whole];
    int taken = 0;

    (void) state;
    printf("# seed %u\n", seed);
    srandom(seed);
    for (int round = 0; round < 20000; round++) {
        size_t len = sizeof whole - 1, seen = 0, fed = 0;
        memcpy(text, whole, len);
        for (long hits = random() % 3; hits > 0; hits--) {
            text[(size_t) random() % len] = damage[(size_t) random() % sizeof damage];
        }
        enum ush_lws_scan in_pieces = USH_LWS_SCAN_MORE;
        while (in_pieces == USH_LWS_SCAN_MORE && fed < len) {
            size_t piece = 1 + (size_t) random() % 40;
            fed += piece < len - fed ? piece : len - fed;
            in_pieces = ush_lws_head_scan(text, fed, &seen);
        }
        size_t seen_at_once = 0;
        assert_int_equal(ush_lws_head_scan(text, len, &seen_at_once), in_pieces);
        if (in_pieces == USH_LWS_SCAN_WHOLE) {
            assert_int_equal(seen, seen_at_once);
        }
        taken += judge(text, len) == 101 ? 1 : 0;
    }
    assert_true(taken > 5000);
    assert_true(taken < 15000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_requests_are_taken),
        cmocka_unit_test(lines_end_in_one_way_only),
        cmocka_unit_test(request_lines_have_three_parts),
        cmocka_unit_test(fields_are_clear),
        cmocka_unit_test(bodies_are_announced_and_bounded),
        cmocka_unit_test(heads_are_bounded),
        cmocka_unit_test(handshakes_are_taken_or_refused),
        cmocka_unit_test(what_libwebsockets_sees_is_short_and_ours),
        cmocka_unit_test(paths_are_decoded_or_refused),
        cmocka_unit_test(pieces_make_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
