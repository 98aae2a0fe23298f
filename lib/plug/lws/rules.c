/* rules.c - which requests are taken, and with what status the others are refused.
 * SPDX-License-Identifier: MIT */
#include "rules.h"

#include <stdio.h>
#include <string.h>

#define LENGTH_DIGITS_MAX 9

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_host(struct usher_span host)
{
    const char *at = host.base;

    for (size_t i = 0; i < host.len; i++) {
        if (!is_alnum(at[i]) && (at[i] == '\0' || strchr("-._:[]%~", at[i]) == NULL)) {
            return false;
        }
    }
    return host.len > 0;
}

/* A canonical number: digits only, no sign, no leading zero. */
static bool read_length(struct usher_span text, size_t *length)
{
    const char *at = text.base;
    size_t n = 0;

    if (text.len == 0 || text.len > LENGTH_DIGITS_MAX || (text.len > 1 && at[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (at[i] < '0' || at[i] > '9') {
            return false;
        }
        n = n * 10 + (size_t) (at[i] - '0');
    }
    *length = n;
    return true;
}

static bool is_number(struct usher_span text)
{
    const char *at = text.base;

    for (size_t i = 0; i < text.len; i++) {
        if (at[i] < '0' || at[i] > '9') {
            return false;
        }
    }
    return text.len > 0;
}

int ush_lws_rules_all(const struct ush_lws_head *head)
{
    static const char *const once[] = {"origin", "content-length", "content-type", "expect",
                                       "if-none-match", "upgrade", "sec-websocket-key",
                                       "sec-websocket-version"};

    if (ush_lws_head_count(head, "host") != 1 || !is_host(ush_lws_head_get(head, "host"))) {
        return 400;
    }
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++) {
        if (ush_lws_head_count(head, once[i]) > 1) {
            return 400;
        }
    }
    /* The length of a body is told in one way, or it is told wrongly. */
    if (ush_lws_head_count(head, "transfer-encoding") > 0) {
        return 400;
    }
    if (ush_lws_head_count(head, "content-length") > 0
        && !is_number(ush_lws_head_get(head, "content-length"))) {
        return 400;
    }
    return 0;
}

bool ush_lws_rules_is_handshake(const struct ush_lws_head *head)
{
    return ush_lws_head_count(head, "upgrade") > 0;
}

static bool is_key(struct usher_span key)
{
    const char *at = key.base;

    if (key.len != USH_LWS_KEY_LEN || memcmp(at + 22, "==", 2) != 0) {
        return false;
    }
    for (size_t i = 0; i < 22; i++) {
        if (!is_alnum(at[i]) && at[i] != '+' && at[i] != '/') {
            return false;
        }
    }
    return true;
}

int ush_lws_rules_handshake(const struct ush_lws_head *head, const char *path,
                            const struct ush_lws_origins *origins)
{
    size_t body = 0;

    if (head->old || !ush_lws_span_like(ush_lws_head_get(head, "upgrade"), "websocket")) {
        return 400;
    }
    if (!ush_lws_span_is(head->method, "GET")) {
        return 405;
    }
    if (!ush_lws_span_is(head->path, path)) {
        return 404;
    }
    if (ush_lws_head_count(head, "content-length") > 0
        && (!read_length(ush_lws_head_get(head, "content-length"), &body) || body > 0)) {
        return 400;
    }
    if (!ush_lws_head_lists(head, "connection", "upgrade", true)) {
        return 400;
    }
    if (!ush_lws_span_is(ush_lws_head_get(head, "sec-websocket-version"), "13")) {
        return 426;
    }
    if (!is_key(ush_lws_head_get(head, "sec-websocket-key"))) {
        return 400;
    }
    if (!ush_lws_origins_have(origins, ush_lws_head_get(head, "origin"))) {
        return 403;
    }
    return ush_lws_head_lists(head, "sec-websocket-protocol", USH_LWS_SUBPROTOCOL, false) ? 0 : 400;
}

int ush_lws_rules_plain(const struct ush_lws_head *head, size_t max, size_t *body)
{
    bool post = ush_lws_span_is(head->method, "POST");
    bool told = ush_lws_head_count(head, "content-length") > 0;
    size_t length = 0;

    if (!post && !ush_lws_span_is(head->method, "GET") && !ush_lws_span_is(head->method, "HEAD")) {
        return 405;
    }
    if (ush_lws_head_count(head, "expect") > 0
        && (head->old || !ush_lws_span_like(ush_lws_head_get(head, "expect"), "100-continue"))) {
        return 417;
    }
    if (post && !told) {
        return 411;
    }
    if (told) {
        struct usher_span text = ush_lws_head_get(head, "content-length");
        if (!read_length(text, &length)) {
            return text.len > LENGTH_DIGITS_MAX ? 413 : 400;
        }
    }
    if (!post && length > 0) {
        return 400;
    }
    if (length > max) {
        return 413;
    }
    *body = length;
    return 0;
}

size_t ush_lws_rules_rewrite(const struct ush_lws_head *head, char *out)
{
    struct usher_span key = ush_lws_head_get(head, "sec-websocket-key");
    int n = snprintf(out, USH_LWS_REWRITE_MAX,
                     "GET / HTTP/1.1\r\n"
                     "Host: usher\r\n"
                     "Upgrade: websocket\r\n"
                     "Connection: Upgrade\r\n"
                     "Sec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: %.*s\r\n"
                     "Sec-WebSocket-Protocol: " USH_LWS_SUBPROTOCOL "\r\n\r\n",
                     USH_LWS_KEY_LEN, (const char *) key.base);
    return (size_t) n;
}
