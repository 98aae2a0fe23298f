/* path.c - decodes the path of a request, and takes none that could mean two things.
 * SPDX-License-Identifier: MIT */
#include "path.h"

#include <string.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Bytes of the character that begins with this one; 0: none does. */
static size_t char_len(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xc2 || first > 0xf4) {
        return 0;
    }
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* The second byte decides about overlong forms, surrogates, and what is above U+10FFFF. */
static bool second_fits(unsigned char first, unsigned char second)
{
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return second >= low && second <= high;
}

bool ush_lws_utf8(struct usher_span text)
{
    const unsigned char *at = text.base;
    size_t i = 0;

    while (i < text.len) {
        size_t n = char_len(at[i]);
        if (n == 0 || n > text.len - i || (n > 1 && !second_fits(at[i], at[i + 1]))) {
            return false;
        }
        for (size_t k = 2; k < n; k++) {
            if ((at[i + k] & 0xc0) != 0x80) {
                return false;
            }
        }
        i += n;
    }
    return true;
}

bool ush_lws_utf8_broken_off(struct usher_span text)
{
    const unsigned char *at = text.base;

    for (size_t back = 1; back <= 3 && back <= text.len; back++) {
        unsigned char c = at[text.len - back];
        if ((c & 0xc0) != 0x80) {
            return char_len(c) > back;
        }
    }
    return false;
}

static bool decode(struct usher_span raw, char *out, size_t *len)
{
    const char *at = raw.base;
    size_t n = 0;

    for (size_t i = 0; i < raw.len; i++) {
        char c = at[i];
        if (c == '%') {
            int high = i + 2 < raw.len ? hex(at[i + 1]) : -1;
            int low = i + 2 < raw.len ? hex(at[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char) (high * 16 + low);
            i += 2;
            if (c == '/') {
                return false;
            }
        }
        unsigned char byte = (unsigned char) c;
        if (byte < 0x20 || byte == 0x7f || c == '\\') {
            return false;
        }
        out[n++] = c;
    }
    *len = n;
    return true;
}

static bool has_dots(const char *path, size_t len)
{
    size_t start = 0;

    for (size_t i = 0; i <= len; i++) {
        if (i == len || path[i] == '/') {
            size_t n = i - start;
            if ((n == 1 || n == 2) && memcmp(path + start, "..", n) == 0) {
                return true;
            }
            start = i + 1;
        }
    }
    return false;
}

bool ush_lws_path_decode(struct usher_span raw, char *out, size_t *len)
{
    size_t n = 0;

    if (!decode(raw, out, &n) || !ush_lws_utf8((struct usher_span){out, n}) || has_dots(out, n)) {
        return false;
    }
    *len = n;
    return true;
}
