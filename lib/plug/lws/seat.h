/* seat.h - who sits on how many TCP connections: the caps, before anything is read.
 * SPDX-License-Identifier: MIT */
#ifndef USH_LWS_SEAT_H
#define USH_LWS_SEAT_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "usher/base.h"

/* An address as it is counted: IPv4 whole, IPv6 by its first 64 bits, "unix". */
struct ush_lws_place { uint8_t key[17]; uint32_t taken; bool trusted; };

struct ush_lws_seats {
    void *tree;              /* of struct ush_lws_place, by key */
    uint32_t taken;
    uint32_t max, max_place; /* of all; of one place that is not trusted */
};

/* One connection's. */
struct ush_lws_seat {
    struct ush_lws_place *place; /* NULL: no seat */
    char address[INET6_ADDRSTRLEN]; /* numeric; or "unix" */
};

/* Errors: EINVAL (a trusted address that is none), ENOMEM. */
int ush_lws_seats_init(struct ush_lws_seats *seats, uint32_t max, uint32_t max_place,
                       const char *const *trusted, size_t n);
/* All seats must have been left. Zeroed is fine. */
void ush_lws_seats_done(struct ush_lws_seats *seats);

/* Errors: EFULL (a cap), ENOMEM. */
int ush_lws_seat_take(struct ush_lws_seats *seats, const struct sockaddr *peer,
                      struct ush_lws_seat *out);
/* Twice is fine. */
void ush_lws_seat_leave(struct ush_lws_seats *seats, struct ush_lws_seat *seat);

#endif
