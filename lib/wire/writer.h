/* writer.h - writes JSON into the caller's bytes; what does not fit is remembered, not written.
 * SPDX-License-Identifier: MIT
 *
 * After the first thing that did not fit, nothing more is written: so only the
 * end needs a check. */
#ifndef USH_WRITER_H
#define USH_WRITER_H

#include <string.h>

#include "usher/wire.h"

struct ush_writer {
    char *at, *end;
    bool full;  /* something did not fit */
    bool wrong; /* something cannot be said on the wire */
};

static inline bool ush_put_room(struct ush_writer *w, size_t n)
{
    if ((size_t) (w->end - w->at) < n) {
        w->full = true;
        w->end = w->at;
        return false;
    }
    return true;
}

/* Bytes as they are. Inline: most are literals, whose length the compiler knows. */
static inline void ush_put_bytes(struct ush_writer *w, const char *s, size_t n)
{
    if (ush_put_room(w, n)) {
        memcpy(w->at, s, n);
        w->at += n;
    }
}
#define PUT(w, literal) ush_put_bytes((w), (literal), sizeof(literal) - 1)

/* A string with its marks and escapes. */
void ush_put_text(struct ush_writer *w, struct usher_span text);
/* A word that needs no escapes, with its marks. */
void ush_put_word(struct ush_writer *w, const char *word);
void ush_put_number(struct ush_writer *w, uint64_t n);
/* Milliseconds since 1970, which may lie before. */
void ush_put_time(struct ush_writer *w, int64_t ms);
void ush_put_bool(struct ush_writer *w, bool yes);
/* 2 n hex digits, with marks. */
void ush_put_hex(struct ush_writer *w, const uint8_t *bytes, size_t n);

#endif
