/* pool.c - hands out the slots of a fixed table, always the lowest free one.
 * SPDX-License-Identifier: MIT */
#include "pool.h"

#include "check.h"

static size_t words_for(size_t bits)
{
    return (bits + 63) / 64;
}

size_t ush_pool_words(uint32_t n)
{
    size_t total = 0;
    size_t bits = n;
    do {
        bits = words_for(bits);
        total += bits;
    } while (bits > 1);
    return total;
}

/* Bits past the end of a level are set, so that they are never found free. */
static void close_tail(uint64_t *words, size_t bits)
{
    if (bits % 64 != 0) {
        words[bits / 64] = ~(uint64_t) 0 << (bits % 64);
    }
}

void ush_pool_init(struct ush_pool *p, uint64_t *words, uint32_t n)
{
    CHECK(n > 0);
    *p = (struct ush_pool){.size = n};
    size_t bits = n;
    do {
        CHECK(p->levels < USH_POOL_LEVELS);
        p->words[p->levels++] = words;
        close_tail(words, bits);
        bits = words_for(bits);
        words += bits;
    } while (bits > 1);
}

/* The lowest clear bit of w. */
static uint32_t lowest_clear(uint64_t w)
{
    uint32_t n = 0;
    for (uint32_t half = 32; half > 0; half /= 2) {
        uint64_t mask = ((uint64_t) 1 << half) - 1;
        if ((w & mask) == mask) {
            w >>= half;
            n += half;
        }
    }
    return n;
}

uint32_t ush_pool_take(struct ush_pool *p)
{
    if (p->used == p->size) {
        return USH_NONE;
    }
    uint32_t at = 0;
    for (uint32_t level = p->levels; level-- > 0;) {
        uint64_t w = p->words[level][at];
        CHECK(w != UINT64_MAX);
        at = at * 64 + lowest_clear(w);
    }
    uint32_t bit = at;
    for (uint32_t level = 0; level < p->levels; level++) {
        uint64_t *w = &p->words[level][bit / 64];
        *w |= (uint64_t) 1 << (bit % 64);
        if (*w != UINT64_MAX) {
            break;
        }
        bit /= 64;
    }
    p->used++;
    return at;
}

void ush_pool_give(struct ush_pool *p, uint32_t slot)
{
    CHECK(ush_pool_has(p, slot));
    uint32_t bit = slot;
    for (uint32_t level = 0; level < p->levels; level++) {
        p->words[level][bit / 64] &= ~((uint64_t) 1 << (bit % 64));
        bit /= 64;
    }
    p->used--;
}

bool ush_pool_has(const struct ush_pool *p, uint32_t slot)
{
    return slot < p->size && (p->words[0][slot / 64] >> (slot % 64) & 1) != 0;
}
