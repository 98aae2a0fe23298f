/* sip.h - SipHash-2-4, so that nobody outside can choose colliding keys.
 * SPDX-License-Identifier: MIT
 *
 * Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012). */
#ifndef USH_SIP_H
#define USH_SIP_H

#include <stddef.h>
#include <stdint.h>

struct ush_sip_key {
    uint64_t k[2];
};

struct ush_sip {
    uint64_t v[4];
    uint64_t tail; /* bytes that do not fill a word yet */
    uint64_t len;
};

struct ush_sip_key ush_sip_key(const uint8_t bytes[16]);
void ush_sip_init(struct ush_sip *s, struct ush_sip_key key);
void ush_sip_add(struct ush_sip *s, const void *data, size_t len);
void ush_sip_add_u64(struct ush_sip *s, uint64_t n);
uint64_t ush_sip_end(struct ush_sip *s);

#endif
