/* bucket.h - a token bucket and a failure count, each in a few bytes, with time as an argument.
 * SPDX-License-Identifier: MIT */
#ifndef USH_BUCKET_H
#define USH_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "usher/uv.h"

/* A bucket is one number: when it will be full again, on the mono clock. Zeroed: full. */
struct ush_bucket { uint64_t full_at; };

/* May one token be taken? If not, *retry_ms says when. */
bool ush_bucket_has(const struct ush_bucket *b, struct usher_rate rate, uint64_t now_ms,
                    uint32_t *retry_ms);
/* Take one; if none is there it is owed, and the next is there later. */
void ush_bucket_take(struct ush_bucket *b, struct usher_rate rate, uint64_t now_ms);
/* Give back one that was taken. */
void ush_bucket_give(struct ush_bucket *b, struct usher_rate rate);
bool ush_bucket_full(const struct ush_bucket *b, uint64_t now_ms);

/* So many in a stretch of time that begins with the first of them. Zeroed: none. */
struct ush_count { uint64_t since_ms; uint32_t n; };

/* How many are there in the stretch that now lies in? */
uint32_t ush_count_now(const struct ush_count *c, uint32_t stretch_ms, uint64_t now_ms);
void ush_count_add(struct ush_count *c, uint32_t stretch_ms, uint64_t now_ms);
/* Are there fewer than max? If not, *retry_ms says when they are past. */
bool ush_count_below(const struct ush_count *c, uint32_t max, uint32_t stretch_ms, uint64_t now_ms,
                     uint32_t *retry_ms);

#endif
