/* http.c - routes HTTP requests and puts the security headers on every answer.
 * SPDX-License-Identifier: MIT */
#include "http.h"

#include "address.h"
#include "login.h"
#include "pages.h"

#include <stdio.h>
#include <string.h>

#define HEADERS_MAX 2048
#define ORIGIN_MAX 300

/* Scripts, styles and links come from here and nowhere else; nothing may frame
 * us; nothing inline runs. 'self' covers ws: and wss: of the same place. */
static const char security[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n";

static bool is(struct usher_span text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.base, word, text.len) == 0;
}

void server_http_answer(struct server *s, struct usher_lws_request *req,
                        const struct server_answer *answer)
{
    char headers[HEADERS_MAX];
    char allow[ORIGIN_MAX + 64] = "";
    struct usher_lws_reply reply = {.status = answer->status,
                                    .content_type = answer->type,
                                    .headers = headers,
                                    .body = answer->body};

    /* The origin is on our list, so it holds nothing that could break a header. */
    if (answer->shared && req->origin_ok && req->origin.len <= ORIGIN_MAX) {
        snprintf(allow, sizeof allow, "Access-Control-Allow-Origin: %.*s\r\n", (int)req->origin.len,
                 (const char *)req->origin.base);
    }
    snprintf(headers, sizeof headers,
             "%sCache-Control: %s\r\nCross-Origin-Resource-Policy: %s\r\n%s%s%s", security,
             answer->cache != NULL ? answer->cache : "no-store",
             answer->shared ? "cross-origin" : "same-origin",
             answer->shared ? "Vary: Origin\r\n" : "", allow,
             answer->headers != NULL ? answer->headers : "");
    int rv = usher_lws_reply(req, &reply);
    if (rv != 0) {
        server_log_say(&s->log, USHER_ERROR, "reply", usher_strerror(rv));
    }
}

void server_http_text(struct server *s, struct usher_lws_request *req, int status,
                      const char *headers, const char *text)
{
    const struct server_answer answer = {.status = status,
                                         .type = "text/plain; charset=utf-8",
                                         .headers = headers,
                                         .body = {text, strlen(text)}};

    server_http_answer(s, req, &answer);
}

static void health(struct server *s, struct usher_lws_request *req)
{
    struct usher_uv_stats stats = {0};

    if (s->rt != NULL) {
        usher_uv_stats_get(s->rt, &stats);
    }
    if (s->ready && stats.open) {
        server_http_text(s, req, 200, NULL, "ok\n");
    } else {
        server_http_text(s, req, 503, "Retry-After: 1\r\n",
                         s->stopping ? "stopping\n" : "starting\n");
    }
}

/* Figures tell how a shop is doing, so only this machine may see them. */
static void metrics(struct server *s, struct usher_lws_request *req)
{
    struct usher_uv_stats stats = {0};
    char address[64] = "";
    char text[SERVER_METRICS_MAX];

    if (s->rt != NULL) {
        usher_uv_stats_get(s->rt, &stats);
        usher_uv_address(s->rt, &req->peer, address);
    }
    if (!server_address_local(address)) {
        server_http_text(s, req, 403, NULL, "figures are for this machine only\n");
        return;
    }
    const struct server_answer answer = {
        .status = 200,
        .type = "text/plain; version=0.0.4; charset=utf-8",
        .body = {text, server_metrics_write(text, &stats, &s->counts)}};
    server_http_answer(s, req, &answer);
}

/* Is there somebody to talk to? What a widget asks before it opens a link. */
static void desk(struct server *s, struct usher_lws_request *req)
{
    struct usher_uv_stats stats = {0};
    char text[64];

    if (s->rt != NULL) {
        usher_uv_stats_get(s->rt, &stats);
    }
    bool open = s->ready && stats.open && stats.core.queues_open > 0;
    bool ready = open && stats.core.queues_ready > 0;
    int n = snprintf(text, sizeof text, "{\"open\":%s,\"ready\":%s}\n", open ? "true" : "false",
                     ready ? "true" : "false");
    const struct server_answer answer = {.status = 200,
                                         .type = "application/json",
                                         .cache = "max-age=10",
                                         .shared = true,
                                         .body = {text, (size_t)n}};
    server_http_answer(s, req, &answer);
}

static void page(struct server *s, struct usher_lws_request *req, const struct server_file *file)
{
    /* A shop may use the widget on pages of its own, but none shall read ours. */
    static const char html[] = "text/html";
    char etag[80];

    snprintf(etag, sizeof etag, "ETag: %s\r\n", file->etag);
    struct server_answer answer = {
        .status = 200,
        .type = file->type,
        .headers = etag,
        .cache = "no-cache", /* keep it, but ask whether it is still good */
        .shared = strncmp(file->type, html, sizeof html - 1) != 0,
        .body = {file->bytes, file->len}};
    if (server_page_same(file, req->if_none_match)) {
        answer.status = 304;
        answer.body.len = 0;
    }
    server_http_answer(s, req, &answer);
}

static bool may_read(struct server *s, struct usher_lws_request *req)
{
    if (is(req->method, "GET") || is(req->method, "HEAD")) {
        return true;
    }
    server_http_text(s, req, 405, "Allow: GET, HEAD\r\n", "method not allowed\n");
    return false;
}

/* "/x" to "/x/", relative to where it was asked, whatever the proxy in front calls us. */
static void redirect(struct server *s, struct usher_lws_request *req)
{
    const char *path = req->path.base;
    size_t last = req->path.len;
    char location[256];

    while (last > 0 && path[last - 1] != '/') {
        last--;
    }
    snprintf(location, sizeof location, "Location: %.*s/\r\n", (int)(req->path.len - last),
             path + last);
    server_http_text(s, req, 308, location, "it is a directory\n");
}

static void pages(struct server *s, struct usher_lws_request *req)
{
    const struct server_file *file = NULL;
    enum server_page_result found = server_page_find(server_files, server_files_n, req->path,
                                                     &file);

    if (found == SERVER_PAGE_NONE) {
        server_http_text(s, req, 404, NULL, "not found\n");
    } else if (may_read(s, req)) {
        if (found == SERVER_PAGE_FILE) {
            page(s, req, file);
        } else {
            redirect(s, req);
        }
    }
}

void server_http_request(void *ctx, struct usher_lws_request *req)
{
    static const struct {
        const char *path;
        void (*handle)(struct server *s, struct usher_lws_request *req);
    } routes[] = {{"/healthz", health}, {"/metrics", metrics}, {"/usher/desk", desk}};
    struct server *s = ctx;

    s->counts.requests++;
    req->user = NULL;
    if (is(req->path, "/usher/login")) {
        server_login_request(s, req);
        return;
    }
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (is(req->path, routes[i].path)) {
            if (may_read(s, req)) {
                routes[i].handle(s, req);
            }
            return;
        }
    }
    pages(s, req);
}

void server_http_gone(void *ctx, struct usher_lws_request *req)
{
    (void)ctx;
    server_login_gone(req);
}
