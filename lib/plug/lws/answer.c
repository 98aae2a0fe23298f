/* answer.c - writes the one answer of a connection, the host's or our own.
 * SPDX-License-Identifier: MIT
 *
 * After it the connection is closed, but not before the peer could read it: a
 * socket that is closed with unread input resets, and takes the answer with it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "door.h"

#define LINGER_MS 2000
#define HEAD_MAX 512 /* ours, without the host's fields and type */
#define DATE_MAX 64

static const char *reason(int status)
{
    static const struct { int status; const char *text; } reasons[] = {
        {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"},
        {301, "Moved Permanently"}, {302, "Found"}, {303, "See Other"}, {304, "Not Modified"},
        {307, "Temporary Redirect"}, {308, "Permanent Redirect"}, {400, "Bad Request"},
        {401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
        {405, "Method Not Allowed"}, {408, "Request Timeout"}, {409, "Conflict"},
        {411, "Length Required"}, {413, "Content Too Large"}, {415, "Unsupported Media Type"},
        {417, "Expectation Failed"}, {422, "Unprocessable Content"}, {426, "Upgrade Required"},
        {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"}, {503, "Service Unavailable"}};

    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status) {
            return reasons[i].text;
        }
    }
    return "Other";
}

/* As HTTP wants it, whatever the locale. */
static void write_date(char out[DATE_MAX])
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t now = time(NULL);
    struct tm utc = {0};

    gmtime_r(&now, &utc);
    snprintf(out, DATE_MAX, "%.3s, %02d %.3s %d %02d:%02d:%02d GMT", days + 3 * utc.tm_wday,
             utc.tm_mday, months + 3 * utc.tm_mon, utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
             utc.tm_sec);
}

/* Lines "Name: value", each with its CR LF, and nothing that would end the head. */
static bool fields_fine(const char *fields)
{
    const char *at = fields;

    while (*at != '\0') {
        const char *end = strstr(at, "\r\n");
        if (end == NULL || end == at || memchr(at, ':', (size_t) (end - at)) == NULL) {
            return false;
        }
        for (; at < end; at++) {
            unsigned char c = (unsigned char) *at;
            if ((c < 0x20 && c != '\t') || c == 0x7f) {
                return false;
            }
        }
        at = end + 2;
    }
    return true;
}

static bool type_fine(const char *type)
{
    for (; *type != '\0'; type++) {
        if ((unsigned char) *type < 0x20 || (unsigned char) *type >= 0x7f) {
            return false;
        }
    }
    return true;
}

/* Build the answer and begin to write it. */
static int answer(struct ush_lws_door *door, const struct usher_lws_reply *reply)
{
    const char *type = reply->content_type != NULL ? reply->content_type : "";
    const char *fields = reply->headers != NULL ? reply->headers : "";
    bool bare = reply->status == 204 || reply->status == 304; /* They never have a body. */
    size_t body = bare || door->no_body ? 0 : reply->body.len;
    size_t room = HEAD_MAX + strlen(type) + strlen(fields);
    char date[DATE_MAX];
    char length[48] = "";

    char *out = malloc(room + body);
    if (out == NULL) {
        return USHER_ENOMEM;
    }
    write_date(date);
    if (!bare) {
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", reply->body.len);
    }
    int n = snprintf(out, room,
                     "HTTP/1.1 %d %s\r\nDate: %s\r\n%s%s%s%s%sConnection: close\r\n%s\r\n",
                     reply->status, reason(reply->status), date,
                     *type != '\0' ? "Content-Type: " : "", type, *type != '\0' ? "\r\n" : "",
                     length,
                     strcasestr(fields, "X-Content-Type-Options:") == NULL
                         ? "X-Content-Type-Options: nosniff\r\n" : "",
                     fields);
    if (body > 0) {
        memcpy(out + n, reply->body.base, body);
    }
    free(door->out);
    door->out = out;
    door->out_len = (size_t) n + body;
    door->out_at = 0;
    door->phase = USH_LWS_DOOR_ANSWER;
    door->due_ms = uv_now(door->t->cfg.loop) + door->t->cfg.stall_ms;
    ush_lws_answer_write(door);
    return 0;
}

void ush_lws_answer_refuse(struct ush_lws_door *door, int status, uint32_t retry_ms)
{
    char fields[128] = "Cache-Control: no-store\r\n";
    char body[64];
    size_t at = strlen(fields);

    if (status == 405) {
        snprintf(fields + at, sizeof fields - at, "Allow: GET, HEAD, POST\r\n");
    } else if (status == 426) {
        snprintf(fields + at, sizeof fields - at,
                 "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
    } else if (status == 429 || status == 503) {
        snprintf(fields + at, sizeof fields - at, "Retry-After: %u\r\n",
                 retry_ms / 1000 + (retry_ms % 1000 > 0 || retry_ms == 0 ? 1 : 0));
    }
    int n = snprintf(body, sizeof body, "%d %s\n", status, reason(status));
    const struct usher_lws_reply reply = {.status = status,
                                          .content_type = "text/plain; charset=utf-8",
                                          .headers = fields,
                                          .body = {body, (size_t) n}};
    if (answer(door, &reply) != 0) {
        ush_lws_door_shut(door);
    }
}

void ush_lws_answer_write(struct ush_lws_door *door)
{
    while (door->out_at < door->out_len) {
        ssize_t n = send(door->fd, door->out + door->out_at, door->out_len - door->out_at,
                         MSG_NOSIGNAL);
        if (n > 0) {
            door->out_at += (size_t) n;
            door->due_ms = uv_now(door->t->cfg.loop) + door->t->cfg.stall_ms;
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            ush_lws_door_poll(door, UV_WRITABLE);
            return;
        } else if (n == 0 || errno != EINTR) {
            ush_lws_door_shut(door);
            return;
        }
    }
    free(door->out);
    door->out = NULL;
    shutdown(door->fd, SHUT_WR);
    door->phase = USH_LWS_DOOR_LINGER;
    door->due_ms = uv_now(door->t->cfg.loop) + LINGER_MS;
    ush_lws_door_poll(door, UV_READABLE);
}

int usher_lws_reply(struct usher_lws_request *req, const struct usher_lws_reply *reply)
{
    struct ush_lws_door *door =
        (struct ush_lws_door *) (void *) ((char *) req - offsetof(struct ush_lws_door, req));
    int rv = USHER_EINVAL;

    if (door->phase != USH_LWS_DOOR_HELD) {
        return USHER_EINVAL;
    }
    bool fine = reply->status >= 200 && reply->status <= 599
                && (reply->headers == NULL || fields_fine(reply->headers))
                && (reply->content_type == NULL || type_fine(reply->content_type));
    if (fine) {
        rv = answer(door, reply);
    }
    if (rv != 0) {
        door->phase = USH_LWS_DOOR_BODY; /* It is the host's no more. */
        ush_lws_answer_refuse(door, 500, 0);
    }
    return rv;
}
