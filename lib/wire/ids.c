/* ids.c - ids as text: what the shop named, and what is random.
 * SPDX-License-Identifier: MIT */
#include "ids.h"

#include <string.h>

#include "usher/wire.h"

static const char digits[] = "0123456789abcdef";

void ush_hex_put(const uint8_t *bytes, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
}

/* 0 to 15, or 16 for what is no digit. */
static unsigned digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - (unsigned) '0';
    }
    return c >= 'a' && c <= 'f' ? c - (unsigned) 'a' + 10 : 16;
}

bool ush_hex_get(struct usher_span text, uint8_t *out, size_t n)
{
    const uint8_t *s = text.base;
    if (text.len != 2 * n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        unsigned high = digit(s[2 * i]);
        unsigned low = digit(s[2 * i + 1]);
        if (high > 15 || low > 15) {
            return false;
        }
        out[i] = (uint8_t) (high << 4 | low);
    }
    return true;
}

/* Zero-filled to the end, so that equal ids are equal bytes. */
static int named_id(struct usher_span text, char out[USHER_ID_MAX + 1])
{
    const char *s = text.base;
    if (text.len < 1 || text.len > USHER_ID_MAX) {
        return USHER_EINVAL;
    }
    for (size_t i = 0; i < text.len; i++) {
        bool letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= '0' && s[i] <= '9');
        if (!letter && s[i] != '.' && s[i] != '_' && s[i] != '-') {
            return USHER_EINVAL;
        }
    }
    memset(out, 0, USHER_ID_MAX + 1);
    memcpy(out, s, text.len);
    return 0;
}

int usher_agent_id_parse(struct usher_span text, struct usher_agent_id *out)
{
    return named_id(text, out->s);
}

int usher_queue_id_parse(struct usher_span text, struct usher_queue_id *out)
{
    return named_id(text, out->s);
}

int usher_skill_id_parse(struct usher_span text, struct usher_skill_id *out)
{
    return named_id(text, out->s);
}

int usher_session_id_parse(struct usher_span text, struct usher_session_id *out)
{
    struct usher_session_id id;
    if (!ush_hex_get(text, id.b, sizeof id.b)) {
        return USHER_EINVAL;
    }
    *out = id;
    return 0;
}

void usher_session_id_format(struct usher_session_id id, char out[33])
{
    ush_hex_put(id.b, sizeof id.b, out);
    out[32] = 0;
}

void usher_visitor_id_format(struct usher_visitor_id id, char out[33])
{
    ush_hex_put(id.b, sizeof id.b, out);
    out[32] = 0;
}
