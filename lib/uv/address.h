/* address.h - network addresses: parsed, compared, and who really is at the other end.
 * SPDX-License-Identifier: MIT */
#ifndef USH_ADDRESS_H
#define USH_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "usher/transport.h"

enum ush_address_kind { USH_ADDRESS_NAME = 0, USH_ADDRESS_V4 = 4, USH_ADDRESS_V6 = 6 };

#define USH_ADDRESS_TEXT 46 /* the longest IPv6 text, with NUL */

/* IPv4-mapped IPv6 is IPv4; what is no number ("unix", "local") is a name, cut
 * to 16 bytes. Unused bytes are zero, so that equal addresses are equal bytes. */
struct ush_address {
    uint8_t kind;  /* enum ush_address_kind */
    uint8_t b[16];
};

/* Parse "192.0.2.1", "2001:db8::1", "[2001:db8::1]", each also with a port, or a name. */
struct ush_address ush_address_parse(struct usher_span text);
bool ush_address_equal(const struct ush_address *a, const struct ush_address *b);
void ush_address_format(const struct ush_address *a, char out[USH_ADDRESS_TEXT]);
/* What counts as one address for rates: of IPv6, its /64. */
struct ush_address ush_address_net(const struct ush_address *a);

/* The first hop that is not trusted, seen from here: the peer itself, or the
 * rightmost such in X-Forwarded-For. If all are trusted, the farthest. */
struct ush_address ush_address_of(const struct usher_peer *peer, const struct ush_address *trusted,
                                  size_t n_trusted);

#endif
