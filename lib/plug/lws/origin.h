/* origin.h - the allow-list of origins whose pages may talk to us.
 * SPDX-License-Identifier: MIT */
#ifndef USH_LWS_ORIGIN_H
#define USH_LWS_ORIGIN_H

#include "usher/base.h"

/* Zeroed: allows none. */
struct ush_lws_origins { char **list; size_t n; };

/* The n that were configured, and those of this machine: `listen` is what a
 * browser calls us ("127.0.0.1:8080"), or NULL for a unix socket, which no
 * browser reaches itself. Errors: ENOMEM; then nothing is to be freed. */
int ush_lws_origins_init(struct ush_lws_origins *o, const char *const *list, size_t n,
                         const char *listen, int port);
void ush_lws_origins_done(struct ush_lws_origins *o);
/* Byte for byte; an empty one never. */
bool ush_lws_origins_have(const struct ush_lws_origins *o, struct usher_span origin);

#endif
