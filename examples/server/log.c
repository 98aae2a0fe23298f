/* log.c - writes structured log lines and keeps secrets and control bytes out of them.
 * SPDX-License-Identifier: MIT
 *
 * Lines are plain ASCII: everything else is escaped, so that no terminal and no
 * log viewer can be fooled. No caller passes a token; should one slip into a
 * text all the same, it is masked: every token of usher is a run of more than
 * 40 characters of base64url, and nothing else that is logged is. */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Kept free for the end of a value and of the line. */
#define TAIL (sizeof "\",\"cut\":true}\n")
#define SECRET_RUN 40

_Static_assert(SERVER_LOG_LINE <= PIPE_BUF, "a line is written whole or not at all");

static bool put(struct server_log_line *line, const char *bytes, size_t n)
{
    if (line->cut || n > sizeof line->text - TAIL - line->used) {
        line->cut = true;
        return false;
    }
    memcpy(line->text + line->used, bytes, n);
    line->used += n;
    return true;
}

/* The length of a well-formed UTF-8 sequence at p, or 0, and its code point. */
static size_t sequence(const unsigned char *p, size_t n, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = p[0] >= 0xf0 && p[0] < 0xf8 ? 4 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : 2;

    if (p[0] < 0xc0 || p[0] >= 0xf8 || len > n) {
        return 0;
    }
    *code = p[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        *code = (*code << 6) | (p[i] & 0x3fu);
    }
    return *code < least[len] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff) ? 0 : len;
}

/* One character, escaped if need be. Returns how many bytes of p it was. */
static size_t put_character(struct server_log_line *line, const unsigned char *p, size_t n)
{
    char out[13];
    size_t len = 1;
    int used;

    if (*p == '"' || *p == '\\') {
        used = snprintf(out, sizeof out, "\\%c", *p);
    } else if (*p >= 0x20 && *p < 0x7f) {
        used = snprintf(out, sizeof out, "%c", *p);
    } else if (*p < 0x80) {
        used = snprintf(out, sizeof out, "\\u%04x", (unsigned)*p);
    } else {
        uint32_t code = 0xfffd;
        size_t good = sequence(p, n, &code);
        len = good == 0 ? 1 : good;
        if (good == 0) {
            code = 0xfffd;
        }
        if (code < 0x10000) {
            used = snprintf(out, sizeof out, "\\u%04" PRIx32, code);
        } else {
            used = snprintf(out, sizeof out, "\\u%04" PRIx32 "\\u%04" PRIx32,
                            0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
        }
    }
    put(line, out, (size_t)used);
    return len;
}

/* How many characters of base64url follow one another at p. */
static size_t run(const unsigned char *p, size_t n)
{
    size_t i = 0;

    while (i < n && ((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' && p[i] <= 'Z') ||
                     (p[i] >= '0' && p[i] <= '9') || p[i] == '-' || p[i] == '_')) {
        i++;
    }
    return i;
}

static void put_value(struct server_log_line *line, struct usher_span value)
{
    const unsigned char *p = value.base;
    size_t i = 0;

    while (i < value.len && !line->cut) {
        size_t n = run(p + i, value.len - i);
        if (n >= SECRET_RUN) {
            put(line, "***", 3);
            i += n;
            continue;
        }
        for (size_t end = i + n; i < end; i++) {
            put_character(line, p + i, 1);
        }
        if (i < value.len) {
            i += put_character(line, p + i, value.len - i);
        }
    }
}

void server_log_begin(struct server_log_line *line, struct server_log *log, enum usher_level level,
                      const char *event)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    struct timespec now;
    struct tm tm;
    char out[64];
    size_t n;

    line->log = log;
    line->on = level >= log->level;
    line->cut = false;
    line->used = 0;
    if (!line->on) {
        return;
    }
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    n = strftime(out, sizeof out, "{\"at\":\"%Y-%m-%dT%H:%M:%S", &tm);
    n += (size_t)snprintf(out + n, sizeof out - n, ".%03ldZ\"", now.tv_nsec / 1000000);
    put(line, out, n);
    server_log_word(line, "level", levels[level]);
    server_log_word(line, "event", event);
    if (log->dropped > 0) {
        server_log_number(line, "dropped", log->dropped);
    }
}

void server_log_text(struct server_log_line *line, const char *name, struct usher_span value)
{
    char out[40];
    int n = snprintf(out, sizeof out, ",\"%s\":\"", name);

    if (line->on && put(line, out, (size_t)n)) {
        put_value(line, value);
        line->text[line->used++] = '"'; /* TAIL has room for it */
    }
}

void server_log_word(struct server_log_line *line, const char *name, const char *value)
{
    server_log_text(line, name, (struct usher_span){value, strlen(value)});
}

void server_log_number(struct server_log_line *line, const char *name, uint64_t value)
{
    char out[72];
    int n = snprintf(out, sizeof out, ",\"%s\":%" PRIu64, name, value);

    if (line->on) {
        put(line, out, (size_t)n);
    }
}

/* A pipe that poll() calls writable has room for PIPE_BUF bytes, which is a whole
 * line: so a log that nobody reads costs lines, and never stops the desk. */
static bool write_line(const struct server_log_line *line)
{
    struct pollfd ready = {line->log->fd, POLLOUT, 0};
    ssize_t n;

    if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0) {
        return false;
    }
    do {
        n = write(line->log->fd, line->text, line->used);
    } while (n < 0 && errno == EINTR);
    return n > 0;
}

void server_log_end(struct server_log_line *line)
{
    static const char cut[] = ",\"cut\":true";

    if (!line->on) {
        return;
    }
    if (line->cut) {
        memcpy(line->text + line->used, cut, sizeof cut - 1);
        line->used += sizeof cut - 1;
    }
    line->text[line->used++] = '}';
    line->text[line->used++] = '\n';
    if (write_line(line)) {
        line->log->dropped = 0;
    } else {
        line->log->dropped++;
    }
}

void server_log_say(struct server_log *log, enum usher_level level, const char *event,
                    const char *text)
{
    struct server_log_line line;

    server_log_begin(&line, log, level, event);
    server_log_word(&line, "text", text);
    server_log_end(&line);
}
