/* address.c - network addresses: parsed, compared, and who really is at the other end.
 * SPDX-License-Identifier: MIT */
#include "address.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

/* More hops than this are not looked at: no honest chain is as long. */
#define HOPS_MAX 16

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool parse_number(const char *text, struct ush_address *out)
{
    *out = (struct ush_address){.kind = USH_ADDRESS_V4};
    if (uv_inet_pton(AF_INET, text, out->b) == 0) {
        return true;
    }
    uint8_t six[16];
    if (uv_inet_pton(AF_INET6, text, six) != 0) {
        return false;
    }
    if (memcmp(six, mapped_prefix, sizeof mapped_prefix) == 0) {
        memcpy(out->b, six + sizeof mapped_prefix, 4);
        return true;
    }
    out->kind = USH_ADDRESS_V6;
    memcpy(out->b, six, sizeof six);
    return true;
}

/* Take brackets and a port away: "[::1]:80" and "1.2.3.4:80", but not "::1". */
static struct usher_span without_port(struct usher_span text)
{
    const char *base = text.base;
    if (text.len > 0 && base[0] == '[') {
        const char *end = memchr(base, ']', text.len);
        if (end != NULL) {
            return (struct usher_span){base + 1, (size_t) (end - base) - 1};
        }
        return text;
    }
    const char *colon = text.len == 0 ? NULL : memchr(base, ':', text.len);
    if (colon != NULL && memchr(base, '.', (size_t) (colon - base)) != NULL) {
        return (struct usher_span){base, (size_t) (colon - base)};
    }
    return text;
}

struct ush_address ush_address_parse(struct usher_span text)
{
    struct ush_address a;
    struct usher_span bare = without_port(text);
    char z[64];
    if (bare.len > 0 && bare.len < sizeof z && memchr(bare.base, 0, bare.len) == NULL) {
        memcpy(z, bare.base, bare.len);
        z[bare.len] = 0;
        if (parse_number(z, &a)) {
            return a;
        }
    }
    a = (struct ush_address){.kind = USH_ADDRESS_NAME};
    if (text.len > 0) {
        memcpy(a.b, text.base, text.len < sizeof a.b ? text.len : sizeof a.b);
    }
    return a;
}

bool ush_address_equal(const struct ush_address *a, const struct ush_address *b)
{
    return a->kind == b->kind && memcmp(a->b, b->b, sizeof a->b) == 0;
}

void ush_address_format(const struct ush_address *a, char out[USH_ADDRESS_TEXT])
{
    if (a->kind == USH_ADDRESS_NAME) {
        snprintf(out, USH_ADDRESS_TEXT, "%.*s", (int) sizeof a->b, (const char *) a->b);
        return;
    }
    int family = a->kind == USH_ADDRESS_V4 ? AF_INET : AF_INET6;
    if (uv_inet_ntop(family, a->b, out, USH_ADDRESS_TEXT) != 0) {
        out[0] = 0;
    }
}

struct ush_address ush_address_net(const struct ush_address *a)
{
    struct ush_address net = *a;
    if (a->kind == USH_ADDRESS_V6) {
        memset(net.b + 8, 0, 8);
    }
    return net;
}

static bool is_trusted(const struct ush_address *a, const struct ush_address *trusted, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ush_address_equal(a, &trusted[i])) {
            return true;
        }
    }
    return false;
}

/* Cut the last hop off the list: *rest is what stands before its comma. */
static struct usher_span last_hop(struct usher_span list, struct usher_span *rest)
{
    const char *base = list.base;
    size_t from = list.len;
    while (from > 0 && base[from - 1] != ',') {
        from--;
    }
    *rest = (struct usher_span){base, from > 0 ? from - 1 : 0};
    size_t end = list.len;
    while (from < end && (base[from] == ' ' || base[from] == '\t')) {
        from++;
    }
    while (end > from && (base[end - 1] == ' ' || base[end - 1] == '\t')) {
        end--;
    }
    return (struct usher_span){base + from, end - from};
}

struct ush_address ush_address_of(const struct usher_peer *peer, const struct ush_address *trusted,
                                  size_t n_trusted)
{
    struct ush_address at = ush_address_parse(peer->address);
    struct usher_span rest = peer->forwarded;
    for (int hops = 0; hops < HOPS_MAX && rest.len > 0; hops++) {
        if (!is_trusted(&at, trusted, n_trusted)) {
            break;
        }
        struct ush_address before = ush_address_parse(last_hop(rest, &rest));
        if (before.kind == USH_ADDRESS_NAME) {
            break; /* Not an address: whoever wrote it is the one who counts. */
        }
        at = before;
    }
    return at;
}
