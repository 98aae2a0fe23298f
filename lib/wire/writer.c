/* writer.c - writes JSON into the caller's bytes; what does not fit is remembered, not written.
 * SPDX-License-Identifier: MIT
 *
 * Text is escaped where JSON demands it and nowhere else, so that a body is
 * what it was, byte for byte, when the other side has parsed it. */
#include "writer.h"

#include "bytes.h"
#include "ids.h"

#define NUMBER_DIGITS 20

static void put_escape(struct ush_writer *w, uint8_t c)
{
    static const char digits[] = "0123456789abcdef";
    static const char controls[] = "\b\t\n\f\r\"\\";
    static const char letters[] = "btnfr\"\\";
    const char *control = memchr(controls, c, sizeof controls - 1);
    if (control != NULL) {
        const char two[] = {'\\', letters[control - controls]};
        ush_put_bytes(w, two, sizeof two);
    } else {
        const char six[] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
        ush_put_bytes(w, six, sizeof six);
    }
}

/* How many bytes at s need no escape. */
static size_t plain(const uint8_t *s, size_t len)
{
    size_t n = 0;
    while (len - n >= 8 && !ush_word_special(ush_word(s + n))) {
        n += 8;
    }
    while (n < len && s[n] >= 0x20 && s[n] != '"' && s[n] != '\\') {
        n++;
    }
    return n;
}

void ush_put_text(struct ush_writer *w, struct usher_span text)
{
    const uint8_t *s = text.base;
    size_t at = 0;
    PUT(w, "\"");
    while (at < text.len) {
        size_t n = plain(s + at, text.len - at);
        ush_put_bytes(w, (const char *) s + at, n);
        at += n;
        if (at < text.len) {
            put_escape(w, s[at++]);
        }
    }
    PUT(w, "\"");
}

void ush_put_word(struct ush_writer *w, const char *word)
{
    PUT(w, "\"");
    ush_put_bytes(w, word, strlen(word));
    PUT(w, "\"");
}

void ush_put_number(struct ush_writer *w, uint64_t n)
{
    char digits[NUMBER_DIGITS];
    char *first = digits + NUMBER_DIGITS;
    do {
        *--first = (char) ('0' + n % 10);
        n /= 10;
    } while (n > 0);
    ush_put_bytes(w, first, (size_t) (digits + NUMBER_DIGITS - first));
}

void ush_put_time(struct ush_writer *w, int64_t ms)
{
    if (ms < 0) {
        PUT(w, "-");
        ush_put_number(w, 0 - (uint64_t) ms);
    } else {
        ush_put_number(w, (uint64_t) ms);
    }
}

void ush_put_bool(struct ush_writer *w, bool yes)
{
    if (yes) {
        PUT(w, "true");
    } else {
        PUT(w, "false");
    }
}

void ush_put_hex(struct ush_writer *w, const uint8_t *bytes, size_t n)
{
    PUT(w, "\"");
    if (ush_put_room(w, 2 * n)) {
        ush_hex_put(bytes, n, w->at);
        w->at += 2 * n;
    }
    PUT(w, "\"");
}
