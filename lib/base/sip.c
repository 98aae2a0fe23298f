/* sip.c - SipHash-2-4, fed in pieces.
 * SPDX-License-Identifier: MIT */
#include "sip.h"

#include <string.h>

static uint64_t rotl(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static inline void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotl(v[1], 13) ^ v[0];
    v[0] = rotl(v[0], 32);
    v[2] += v[3];
    v[3] = rotl(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotl(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotl(v[1], 17) ^ v[2];
    v[2] = rotl(v[2], 32);
}

static inline void mix_word(uint64_t v[4], uint64_t m)
{
    v[3] ^= m;
    mix(v);
    mix(v);
    v[0] ^= m;
}

static inline void word(struct ush_sip *s, uint64_t m)
{
    mix_word(s->v, m);
}

/* Fewer than 8 bytes, the first one lowest. */
static inline uint64_t load(const uint8_t *p, size_t n)
{
    uint64_t m = 0;
    for (size_t i = 0; i < n; i++) {
        m |= (uint64_t) p[i] << (8 * i);
    }
    return m;
}

/* Eight of them; written out, compilers make it one instruction. */
static inline uint64_t load8(const uint8_t *p)
{
    return (uint64_t) p[0] | (uint64_t) p[1] << 8 | (uint64_t) p[2] << 16 | (uint64_t) p[3] << 24 |
           (uint64_t) p[4] << 32 | (uint64_t) p[5] << 40 | (uint64_t) p[6] << 48 |
           (uint64_t) p[7] << 56;
}

struct ush_sip_key ush_sip_key(const uint8_t bytes[16])
{
    return (struct ush_sip_key){{load8(bytes), load8(bytes + 8)}};
}

void ush_sip_init(struct ush_sip *s, struct ush_sip_key key)
{
    s->v[0] = key.k[0] ^ UINT64_C(0x736f6d6570736575);
    s->v[1] = key.k[1] ^ UINT64_C(0x646f72616e646f6d);
    s->v[2] = key.k[0] ^ UINT64_C(0x6c7967656e657261);
    s->v[3] = key.k[1] ^ UINT64_C(0x7465646279746573);
    s->tail = 0;
    s->len = 0;
}

void ush_sip_add(struct ush_sip *s, const void *data, size_t len)
{
    const uint8_t *p = data;
    size_t in_tail = s->len % 8;
    s->len += len;
    if (in_tail > 0) {
        size_t n = len < 8 - in_tail ? len : 8 - in_tail;
        s->tail |= load(p, n) << (8 * in_tail);
        if (in_tail + n < 8) {
            return;
        }
        word(s, s->tail);
        p += n;
        len -= n;
    }
    uint64_t v[4] = {s->v[0], s->v[1], s->v[2], s->v[3]}; /* in registers, as s is not */
    for (; len >= 8; p += 8, len -= 8) {
        mix_word(v, load8(p));
    }
    memcpy(s->v, v, sizeof v);
    s->tail = load(p, len);
}

void ush_sip_add_u64(struct ush_sip *s, uint64_t n)
{
    if (s->len % 8 == 0) {
        word(s, n);
        s->len += 8;
        return;
    }
    uint8_t b[8];
    for (unsigned i = 0; i < 8; i++) {
        b[i] = (uint8_t) (n >> (8 * i));
    }
    ush_sip_add(s, b, sizeof b);
}

uint64_t ush_sip_end(struct ush_sip *s)
{
    word(s, s->tail | s->len << 56);
    s->v[2] ^= 0xff;
    for (int i = 0; i < 4; i++) {
        mix(s->v);
    }
    return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}
