/* rules.h - which requests are taken, and with what status the others are refused.
 * SPDX-License-Identifier: MIT
 *
 * Pure. A request is looked at in this order: all (what could be read in two
 * ways), then either as a handshake of a WebSocket or as plain HTTP. */
#ifndef USH_LWS_RULES_H
#define USH_LWS_RULES_H

#include "head.h"
#include "origin.h"

#define USH_LWS_SUBPROTOCOL "usher.v1"
#define USH_LWS_KEY_LEN 24 /* 16 bytes in base64 */

/* Each gives 0, or the status of the refusal. */
int ush_lws_rules_all(const struct ush_lws_head *head);
bool ush_lws_rules_is_handshake(const struct ush_lws_head *head);
int ush_lws_rules_handshake(const struct ush_lws_head *head, const char *path,
                            const struct ush_lws_origins *origins);
/* Also how long the body is, at most max. */
int ush_lws_rules_plain(const struct ush_lws_head *head, size_t max, size_t *body);

/* The handshake again, as short and clear as can be: what libwebsockets gets to
 * see. Returns its length; out has room for USH_LWS_REWRITE_MAX bytes. */
#define USH_LWS_REWRITE_MAX 256
size_t ush_lws_rules_rewrite(const struct ush_lws_head *head, char *out);

#endif
