/* login.h - POST /usher/login: a password for a token.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_LOGIN_H
#define SERVER_LOGIN_H

#include "server.h"

/* Answer a login, now or later. */
void server_login_request(struct server *s, struct usher_lws_request *req);
/* The request, if it was a login, is gone unanswered. */
void server_login_gone(struct usher_lws_request *req);
/* Take up no more passwords: the server stops. */
void server_login_stop(struct server *s);
/* usher_uv_config.who: whose token is this? ctx: struct server *. */
void server_login_who(void *ctx, struct usher_uv *rt, uint64_t ticket, struct usher_span token);

#endif
