/* origin.c - the allow-list of origins whose pages may talk to us.
 * SPDX-License-Identifier: MIT
 *
 * A browser sends the origin of the page with each handshake and lets no page
 * change it: this is what keeps a hostile page from speaking with its visitor's
 * tokens. "null" is what a sandboxed page sends; it is nobody in particular. */
#include "origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORIGIN_MAX 320
#define DEFAULTS 8 /* room for four, each also without the port if it is 80 */

static int add(struct ush_lws_origins *o, const char *origin)
{
    o->list[o->n] = strdup(origin);
    if (o->list[o->n] == NULL) {
        return USHER_ENOMEM;
    }
    o->n++;
    return 0;
}

static int add_default(struct ush_lws_origins *o, const char *host, int port)
{
    char origin[ORIGIN_MAX];
    int rv = 0;

    snprintf(origin, sizeof origin, "http://%s:%d", host, port);
    rv = add(o, origin);
    if (rv == 0 && port == 80) {
        snprintf(origin, sizeof origin, "http://%s", host);
        rv = add(o, origin);
    }
    return rv;
}

int ush_lws_origins_init(struct ush_lws_origins *o, const char *const *list, size_t n,
                         const char *listen, int port)
{
    const char *const hosts[] = {"127.0.0.1", "localhost", "[::1]", listen};
    int rv = 0;

    *o = (struct ush_lws_origins){0};
    o->list = calloc(n + DEFAULTS, sizeof *o->list);
    if (o->list == NULL) {
        return USHER_ENOMEM;
    }
    for (size_t i = 0; rv == 0 && i < n; i++) {
        rv = add(o, list[i]);
    }
    for (size_t i = 0; rv == 0 && listen != NULL && i < sizeof hosts / sizeof hosts[0]; i++) {
        rv = add_default(o, hosts[i], port);
    }
    if (rv != 0) {
        ush_lws_origins_done(o);
    }
    return rv;
}

void ush_lws_origins_done(struct ush_lws_origins *o)
{
    for (size_t i = 0; i < o->n; i++) {
        free(o->list[i]);
    }
    free(o->list);
    *o = (struct ush_lws_origins){0};
}

bool ush_lws_origins_have(const struct ush_lws_origins *o, struct usher_span origin)
{
    if (origin.len == 0 || (origin.len == 4 && memcmp(origin.base, "null", 4) == 0)) {
        return false;
    }
    for (size_t i = 0; i < o->n; i++) {
        if (strlen(o->list[i]) == origin.len
            && memcmp(o->list[i], origin.base, origin.len) == 0) {
            return true;
        }
    }
    return false;
}
