/* login_body.h - reads the body of a login: {"agent":"…","password":"…"} and nothing else.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_LOGIN_BODY_H
#define SERVER_LOGIN_BODY_H

#include <usher/base.h>

#define SERVER_LOGIN_BODY_MAX 1024 /* bytes */

struct server_login_body {
    struct usher_agent_id agent;          /* zero: nobody can have the id that was named */
    char password[SERVER_LOGIN_BODY_MAX]; /* not NUL-terminated */
    size_t password_len;
};

/* Errors: EINVAL, ENOMEM. */
int server_login_body_read(struct server_login_body *out, struct usher_span body);

#endif
