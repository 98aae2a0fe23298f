/* sip.c - SipHash-2-4, fed in pieces.
 * SPDX-License-Identifier: MIT */
#include "sip.h"

static uint64_t rotl(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static void mix(uint64_t v[4])
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

static void word(struct ush_sip *s, uint64_t m)
{
    s->v[3] ^= m;
    mix(s->v);
    mix(s->v);
    s->v[0] ^= m;
}

struct ush_sip_key ush_sip_key(const uint8_t bytes[16])
{
    struct ush_sip_key key = {{0, 0}};
    for (unsigned i = 0; i < 16; i++) {
        key.k[i / 8] |= (uint64_t) bytes[i] << (8 * (i % 8));
    }
    return key;
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
    for (size_t i = 0; i < len; i++) {
        s->tail |= (uint64_t) p[i] << (8 * (s->len % 8));
        s->len++;
        if (s->len % 8 == 0) {
            word(s, s->tail);
            s->tail = 0;
        }
    }
}

void ush_sip_add_u64(struct ush_sip *s, uint64_t n)
{
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
