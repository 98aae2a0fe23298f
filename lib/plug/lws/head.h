/* head.h - reads the head of one HTTP request, strictly.
 * SPDX-License-Identifier: MIT
 *
 * Pure: no socket, no allocation, no state but the caller's. What it lets pass
 * can be read in one way only, so no proxy in front can have read it otherwise. */
#ifndef USH_LWS_HEAD_H
#define USH_LWS_HEAD_H

#include "usher/base.h"

#define USH_LWS_HEAD_MAX 8192 /* bytes of a head, with its empty line */
#define USH_LWS_FIELDS_MAX 64

struct ush_lws_field { struct usher_span name, value; };

/* Everything points into the bytes that were read, as they came. */
struct ush_lws_head {
    struct usher_span method, path, query;
    bool old; /* HTTP/1.0 */
    uint32_t n_fields;
    struct ush_lws_field fields[USH_LWS_FIELDS_MAX];
};

enum ush_lws_scan {
    USH_LWS_SCAN_MORE,  /* so far so good */
    USH_LWS_SCAN_WHOLE, /* *seen is now the length of the head */
    USH_LWS_SCAN_BAD,   /* this will never be a head */
    USH_LWS_SCAN_LARGE  /* nor this: it is too large */
};

/* Look for the end of the head, from *seen on (at first 0), and move *seen. */
enum ush_lws_scan ush_lws_head_scan(const char *bytes, size_t len, size_t *seen);
/* Read a whole head. 0, or the HTTP status to refuse it with. */
int ush_lws_head_parse(struct ush_lws_head *head, const char *bytes, size_t len);

/* Names of fields are lower-case here, and compared without regard to case there. */
uint32_t ush_lws_head_count(const struct ush_lws_head *head, const char *name);
/* The first of that name; empty if there is none. */
struct usher_span ush_lws_head_get(const struct ush_lws_head *head, const char *name);
/* Is this one of the words of a list, whose commas and repetitions mean the same? */
bool ush_lws_head_lists(const struct ush_lws_head *head, const char *name, const char *word,
                        bool any_case);

bool ush_lws_span_is(struct usher_span span, const char *text);
bool ush_lws_span_like(struct usher_span span, const char *lower); /* in any case */

#endif
