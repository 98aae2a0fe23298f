/* seat.c - who sits on how many TCP connections: the caps, before anything is read.
 * SPDX-License-Identifier: MIT
 *
 * The places are kept in the balanced tree of the C library: whoever owns many
 * addresses can choose them, but cannot make a look-up slow by it. */
#include "seat.h"

#include <arpa/inet.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

enum family { UNIX = 1, V4, V6_NET, V6_ONE };

static int compare(const void *a, const void *b)
{
    const struct ush_lws_place *one = a, *other = b;
    return memcmp(one->key, other->key, sizeof one->key);
}

static void key_v4(const struct in_addr *address, struct ush_lws_place *place)
{
    place->key[0] = V4;
    memcpy(place->key + 1, address, 4);
}

/* An IPv4 address in the clothes of IPv6 is counted, and shown, as what it is. */
static void key_v6(const struct in6_addr *address, bool whole, struct ush_lws_place *place)
{
    if (IN6_IS_ADDR_V4MAPPED(address)) {
        struct in_addr v4;
        memcpy(&v4, address->s6_addr + 12, 4);
        key_v4(&v4, place);
    } else {
        place->key[0] = whole ? V6_ONE : V6_NET;
        memcpy(place->key + 1, address, whole ? 16 : 8);
    }
}

/* Trust goes to one address, not to its net. */
static bool key_text(const char *text, struct ush_lws_place *place)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (strcmp(text, "unix") == 0) {
        place->key[0] = UNIX;
    } else if (inet_pton(AF_INET, text, &v4) == 1) {
        key_v4(&v4, place);
    } else if (inet_pton(AF_INET6, text, &v6) == 1) {
        key_v6(&v6, true, place);
    } else {
        return false;
    }
    return true;
}

static struct ush_lws_place key_peer(const struct sockaddr *peer, bool whole)
{
    struct ush_lws_place key = {0};

    if (peer->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, peer, sizeof v4);
        key_v4(&v4.sin_addr, &key);
    } else if (peer->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, peer, sizeof v6);
        key_v6(&v6.sin6_addr, whole, &key);
    } else {
        key.key[0] = UNIX;
    }
    return key;
}

static void show(const struct ush_lws_place *whole, char *address)
{
    if (whole->key[0] == UNIX) {
        memcpy(address, "unix", sizeof "unix");
    } else {
        inet_ntop(whole->key[0] == V4 ? AF_INET : AF_INET6, whole->key + 1, address,
                  INET6_ADDRSTRLEN);
    }
}

static struct ush_lws_place *find(const struct ush_lws_seats *seats,
                                  const struct ush_lws_place *key)
{
    void *const *node = tfind(key, &seats->tree, compare);
    return node == NULL ? NULL : *node;
}

static struct ush_lws_place *add(struct ush_lws_seats *seats, const struct ush_lws_place *key)
{
    struct ush_lws_place *place = malloc(sizeof *place);
    if (place == NULL) {
        return NULL;
    }
    *place = *key;
    void **node = tsearch(place, &seats->tree, compare);
    if (node == NULL || *node != place) {
        free(place);
        return node == NULL ? NULL : *node;
    }
    return place;
}

int ush_lws_seats_init(struct ush_lws_seats *seats, uint32_t max, uint32_t max_place,
                       const char *const *trusted, size_t n)
{
    *seats = (struct ush_lws_seats){.max = max, .max_place = max_place};
    for (size_t i = 0; i < n; i++) {
        struct ush_lws_place key = {.trusted = true};
        if (!key_text(trusted[i], &key)) {
            ush_lws_seats_done(seats);
            return USHER_EINVAL;
        }
        if (add(seats, &key) == NULL) {
            ush_lws_seats_done(seats);
            return USHER_ENOMEM;
        }
    }
    return 0;
}

void ush_lws_seats_done(struct ush_lws_seats *seats)
{
    if (seats->tree != NULL) {
        tdestroy(seats->tree, free);
    }
    *seats = (struct ush_lws_seats){0};
}

int ush_lws_seat_take(struct ush_lws_seats *seats, const struct sockaddr *peer,
                      struct ush_lws_seat *out)
{
    struct ush_lws_place key = key_peer(peer, true);
    struct ush_lws_seat seat = {0};

    show(&key, seat.address);
    seat.place = find(seats, &key);
    if (seat.place == NULL) {
        key = key_peer(peer, false);
        seat.place = find(seats, &key);
    }
    bool crowded = seat.place != NULL && !seat.place->trusted
                   && seat.place->taken >= seats->max_place;
    if (crowded || seats->taken >= seats->max) {
        return USHER_EFULL;
    }
    if (seat.place == NULL) {
        seat.place = add(seats, &key);
        if (seat.place == NULL) {
            return USHER_ENOMEM;
        }
    }
    seat.place->taken++;
    seats->taken++;
    *out = seat;
    return 0;
}

void ush_lws_seat_leave(struct ush_lws_seats *seats, struct ush_lws_seat *seat)
{
    struct ush_lws_place *place = seat->place;

    if (place == NULL) {
        return;
    }
    seat->place = NULL;
    seats->taken--;
    place->taken--;
    if (place->taken == 0 && !place->trusted) {
        tdelete(place, &seats->tree, compare);
        free(place);
    }
}
