/* head.c - reads the head of one HTTP request, strictly.
 * SPDX-License-Identifier: MIT
 *
 *     GET /path?query HTTP/1.1 CR LF
 *     Name: value CR LF           at most 64 of them, none folded
 *     CR LF                       8,192 bytes in all
 *
 * RFC 9112 lets a server be lenient in many places. We are in none: a line ends
 * with CR LF, a name ends with its colon, a target begins with a slash. */
#include "head.h"

#include <string.h>

static bool is_control(unsigned char c)
{
    return (c < 0x20 && c != '\t') || c == 0x7f;
}

enum ush_lws_scan ush_lws_head_scan(const char *bytes, size_t len, size_t *seen)
{
    size_t end = len < USH_LWS_HEAD_MAX ? len : USH_LWS_HEAD_MAX;

    for (size_t i = *seen; i < end; i++) {
        unsigned char c = (unsigned char) bytes[i];
        bool after_cr = i > 0 && bytes[i - 1] == '\r';
        if (after_cr != (c == '\n')) {
            return USH_LWS_SCAN_BAD;
        }
        if (c == '\n') {
            if (i == 1) {
                return USH_LWS_SCAN_BAD; /* An empty line is no request. */
            }
            if (i >= 3 && bytes[i - 2] == '\n') {
                *seen = i + 1;
                return USH_LWS_SCAN_WHOLE;
            }
        } else if (c != '\r' && is_control(c)) {
            return USH_LWS_SCAN_BAD;
        }
    }
    *seen = end;
    return end == USH_LWS_HEAD_MAX ? USH_LWS_SCAN_LARGE : USH_LWS_SCAN_MORE;
}

/* The characters of a token, RFC 9110 §5.6.2. */
static bool is_token(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static size_t token_len(const char *at, size_t len)
{
    size_t n = 0;
    while (n < len && is_token((unsigned char) at[n])) {
        n++;
    }
    return n;
}

/* Only what follows a slash: no "http://…", no "*", no "host:port". */
static bool parse_target(struct ush_lws_head *head, const char *at, size_t len)
{
    if (len == 0 || at[0] != '/') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char) at[i];
        if (c <= 0x20 || c >= 0x7f || c == '#') {
            return false;
        }
    }
    const char *mark = memchr(at, '?', len);
    size_t path = mark == NULL ? len : (size_t) (mark - at);
    head->path = (struct usher_span){at, path};
    if (mark != NULL) {
        head->query = (struct usher_span){mark + 1, len - path - 1};
    }
    return true;
}

static bool parse_request_line(struct ush_lws_head *head, const char *at, size_t len)
{
    static const char version[] = " HTTP/1.";
    const size_t tail = sizeof version; /* with the digit after it */

    size_t method = token_len(at, len);
    if (method == 0 || method + 1 + tail >= len || at[method] != ' ') {
        return false;
    }
    const char *end = at + len - tail;
    char minor = at[len - 1];
    if (memcmp(end, version, sizeof version - 1) != 0 || (minor != '0' && minor != '1')) {
        return false;
    }
    head->method = (struct usher_span){at, method};
    head->old = minor == '0';
    return parse_target(head, at + method + 1, (size_t) (end - at) - method - 1);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct usher_span trim(const char *at, size_t len)
{
    while (len > 0 && is_blank(at[0])) {
        at++;
        len--;
    }
    while (len > 0 && is_blank(at[len - 1])) {
        len--;
    }
    return (struct usher_span){at, len};
}

static bool parse_field(struct ush_lws_head *head, const char *at, size_t len)
{
    size_t name = token_len(at, len);
    if (name == 0 || name == len || at[name] != ':') {
        return false; /* So are a folded line, and a blank before the colon. */
    }
    head->fields[head->n_fields++] = (struct ush_lws_field){
        .name = {at, name}, .value = trim(at + name + 1, len - name - 1)};
    return true;
}

int ush_lws_head_parse(struct ush_lws_head *head, const char *bytes, size_t len)
{
    size_t at = 0;

    *head = (struct ush_lws_head){0};
    while (at + 2 < len) {
        const char *line = bytes + at;
        const char *cr = memchr(line, '\r', len - at);
        size_t line_len = (size_t) (cr - line);
        bool fine = at == 0 ? parse_request_line(head, line, line_len)
                            : parse_field(head, line, line_len);
        if (!fine) {
            return 400;
        }
        at += line_len + 2;
        if (head->n_fields == USH_LWS_FIELDS_MAX && at + 2 < len) {
            return 431;
        }
    }
    return 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

bool ush_lws_span_is(struct usher_span span, const char *text)
{
    return span.len == strlen(text) && memcmp(span.base, text, span.len) == 0;
}

bool ush_lws_span_like(struct usher_span span, const char *word)
{
    const char *at = span.base;

    if (span.len != strlen(word)) {
        return false;
    }
    for (size_t i = 0; i < span.len; i++) {
        if (lower(at[i]) != word[i]) {
            return false;
        }
    }
    return true;
}

uint32_t ush_lws_head_count(const struct ush_lws_head *head, const char *name)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < head->n_fields; i++) {
        if (ush_lws_span_like(head->fields[i].name, name)) {
            n++;
        }
    }
    return n;
}

struct usher_span ush_lws_head_get(const struct ush_lws_head *head, const char *name)
{
    for (uint32_t i = 0; i < head->n_fields; i++) {
        if (ush_lws_span_like(head->fields[i].name, name)) {
            return head->fields[i].value;
        }
    }
    return (struct usher_span){"", 0};
}

static bool lists(struct usher_span list, const char *word, bool any_case)
{
    const char *at = list.base;
    size_t left = list.len;

    while (left > 0) {
        const char *comma = memchr(at, ',', left);
        size_t len = comma == NULL ? left : (size_t) (comma - at);
        struct usher_span one = trim(at, len);
        if (any_case ? ush_lws_span_like(one, word) : ush_lws_span_is(one, word)) {
            return true;
        }
        len += comma == NULL ? 0 : 1;
        at += len;
        left -= len;
    }
    return false;
}

bool ush_lws_head_lists(const struct ush_lws_head *head, const char *name, const char *word,
                        bool any_case)
{
    for (uint32_t i = 0; i < head->n_fields; i++) {
        if (ush_lws_span_like(head->fields[i].name, name)
            && lists(head->fields[i].value, word, any_case)) {
            return true;
        }
    }
    return false;
}
