/* bucket.c - a token bucket and a failure count, each in a few bytes, with time as an argument.
 * SPDX-License-Identifier: MIT */
#include "bucket.h"

static uint32_t clamp_ms(uint64_t ms)
{
    return ms > UINT32_MAX ? UINT32_MAX : (uint32_t) ms;
}

bool ush_bucket_has(const struct ush_bucket *b, struct usher_rate rate, uint64_t now_ms,
                    uint32_t *retry_ms)
{
    /* Each token taken moves the moment of fullness on by one refill; the
     * bucket is empty when that moment lies a whole burst ahead. */
    uint64_t ahead = b->full_at > now_ms ? b->full_at - now_ms : 0;
    uint64_t ahead_max = (uint64_t) (rate.burst - 1) * rate.refill_ms;
    if (ahead <= ahead_max) {
        return true;
    }
    *retry_ms = clamp_ms(ahead - ahead_max);
    return false;
}

void ush_bucket_take(struct ush_bucket *b, struct usher_rate rate, uint64_t now_ms)
{
    b->full_at = (b->full_at > now_ms ? b->full_at : now_ms) + rate.refill_ms;
}

void ush_bucket_give(struct ush_bucket *b, struct usher_rate rate)
{
    b->full_at -= b->full_at > rate.refill_ms ? rate.refill_ms : b->full_at;
}

bool ush_bucket_full(const struct ush_bucket *b, uint64_t now_ms)
{
    return b->full_at <= now_ms;
}

uint32_t ush_count_now(const struct ush_count *c, uint32_t stretch_ms, uint64_t now_ms)
{
    return c->n != 0 && now_ms - c->since_ms < stretch_ms ? c->n : 0;
}

void ush_count_add(struct ush_count *c, uint32_t stretch_ms, uint64_t now_ms)
{
    if (ush_count_now(c, stretch_ms, now_ms) == 0) {
        *c = (struct ush_count){.since_ms = now_ms};
    }
    if (c->n < UINT32_MAX) {
        c->n++;
    }
}

bool ush_count_below(const struct ush_count *c, uint32_t max, uint32_t stretch_ms, uint64_t now_ms,
                     uint32_t *retry_ms)
{
    if (ush_count_now(c, stretch_ms, now_ms) < max) {
        return true;
    }
    *retry_ms = clamp_ms(c->since_ms + stretch_ms - now_ms);
    return false;
}
