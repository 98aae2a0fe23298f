/* http.h - answers the HTTP requests: pages, health, figures, the desk's state, and login.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H

#include "server.h"

/* What to answer. Zeroes: no body, not to be stored. */
struct server_answer {
    int status;
    const char *type;      /* of the body */
    const char *cache;     /* Cache-Control; NULL: no-store */
    const char *headers;   /* more of them, "Name: value\r\n" each; or NULL */
    bool shared;           /* other sites that are allowed may read it (CORS) */
    struct usher_span body;
};

/* For usher_lws_config. ctx: struct server *. */
void server_http_request(void *ctx, struct usher_lws_request *req);
void server_http_gone(void *ctx, struct usher_lws_request *req);

/* Send an answer with the headers that every answer has. */
void server_http_answer(struct server *s, struct usher_lws_request *req,
                        const struct server_answer *answer);
/* Send a status and one line of text. */
void server_http_text(struct server *s, struct usher_lws_request *req, int status,
                      const char *headers, const char *text);

#endif
