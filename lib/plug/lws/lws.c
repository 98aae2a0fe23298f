/* lws.c - the transport for browsers: made, started, and freed.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "door.h"

#define PATH_DEFAULT "/usher"
#define FRAME_MAX_MOST (16u * 1024 * 1024)

void usher_lws_config_default(struct usher_lws_config *cfg, size_t size)
{
    memset(cfg, 0, size);
    cfg->size = size;
}

static void set_default(uint32_t *value, uint32_t normal)
{
    if (*value == 0) {
        *value = normal;
    }
}

/* A host may have been compiled with a shorter struct: what it lacks is zero. */
static struct usher_lws_config complete(const struct usher_lws_config *cfg)
{
    struct usher_lws_config all = {0};

    memcpy(&all, cfg, cfg->size < sizeof all ? cfg->size : sizeof all);
    set_default(&all.frame_max, 65536);
    set_default(&all.connections, 10000);
    set_default(&all.connections_address, 100);
    set_default(&all.stall_ms, 30000);
    set_default(&all.ping_ms, 25000);
    set_default(&all.pong_ms, 10000);
    set_default(&all.stop_ms, 1000);
    set_default(&all.request_max, 4096);
    all.send_soft = all.send_soft != 0 ? all.send_soft : 256 * 1024;
    all.send_hard = all.send_hard != 0 ? all.send_hard : 2048 * 1024;
    all.path = all.path != NULL ? all.path : PATH_DEFAULT;
    return all;
}

static bool path_fine(const char *path)
{
    if (path[0] != '/') {
        return false;
    }
    for (const char *at = path; *at != '\0'; at++) {
        if (*at <= 0x20 || *at >= 0x7f || *at == '?' || *at == '#' || *at == '%') {
            return false;
        }
    }
    return true;
}

static int check(const struct usher_lws_config *cfg, struct usher_fault *why)
{
    if (cfg->loop == NULL || cfg->listen == NULL) {
        return ush_lws_fault(why, USHER_EINVAL, "a loop and a listen address are needed");
    }
    if (!path_fine(cfg->path)) {
        return ush_lws_fault(why, USHER_EINVAL, "the path \"%.60s\" is none", cfg->path);
    }
    if (cfg->frame_max > FRAME_MAX_MOST || cfg->send_soft > cfg->send_hard) {
        return ush_lws_fault(why, USHER_EINVAL,
                             "frame_max is at most 16 MiB, and send_soft at most send_hard");
    }
    return 0;
}

static void say_where(struct ush_lws *t)
{
    const struct ush_lws_listen *l = &t->listen;
    char line[256];

    if (l->port == 0) {
        snprintf(line, sizeof line, "listens on unix:%s", l->path);
    } else {
        snprintf(line, sizeof line, "listens on %s:%d", l->host, l->port);
    }
    ush_lws_log(t, USHER_INFO, line);
}

static int start(struct usher_transport *transport, const struct usher_transport_host *host,
                 struct usher_fault *why)
{
    struct ush_lws *t = (struct ush_lws *) (void *) transport;

    if (t->phase != USH_LWS_BOUND || t->handles > 0) {
        return ush_lws_fault(why, USHER_ESTATE, "was started already");
    }
    t->host = host;
    ush_lws_timers_init(t);
    ush_lws_log_open(t);
    int rv = ush_lws_context_open(t, why);
    if (rv != 0) {
        return rv;
    }
    rv = uv_poll_init(t->cfg.loop, &t->acceptor, t->listen.fd);
    if (rv != 0) {
        return ush_lws_fault(why, USHER_EIO, "the loop does not take the socket: %s",
                             uv_strerror(rv));
    }
    t->acceptor.data = t;
    t->accepts = true;
    t->handles++;
    t->phase = USH_LWS_RUNNING;
    ush_lws_accept_again(t);
    say_where(t);
    return 0;
}

static void drop(struct usher_transport *transport, void *conn, int code)
{
    (void) transport;
    ush_lws_link_close(conn, code);
}

static const struct usher_transport_ops ops = {.size = sizeof ops,
                                               .name = "lws",
                                               .start = start,
                                               .send = ush_lws_link_send,
                                               .drop = drop,
                                               .stop = ush_lws_stop};

static int init(struct ush_lws *t, const struct usher_lws_config *cfg, struct usher_fault *why)
{
    t->path = strdup(cfg->path);
    if (t->path == NULL) {
        return ush_lws_fault(why, USHER_ENOMEM, "no memory");
    }
    int rv = ush_lws_seats_init(&t->seats, cfg->connections, cfg->connections_address,
                                cfg->trusted_proxies, cfg->n_trusted_proxies);
    if (rv != 0) {
        return ush_lws_fault(why, rv, "a trusted proxy is a numeric address or \"unix\"");
    }
    rv = ush_lws_listen_open(&t->listen, cfg->listen, cfg->insecure || cfg->tls_in_front, why);
    if (rv != 0) {
        return rv;
    }
    rv = ush_lws_origins_init(&t->origins, cfg->origins, cfg->n_origins,
                              t->listen.port == 0 ? NULL : t->listen.host, t->listen.port);
    return rv == 0 ? 0 : ush_lws_fault(why, rv, "no memory");
}

int usher_lws_new(struct usher_transport **out, const struct usher_lws_config *cfg,
                  struct usher_fault *why)
{
    struct usher_lws_config all = complete(cfg);

    int rv = check(&all, why);
    if (rv != 0) {
        return rv;
    }
    struct ush_lws *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return ush_lws_fault(why, USHER_ENOMEM, "no memory");
    }
    t->transport.ops = &ops;
    t->listen.fd = -1;
    LIST_INIT(&t->doors);
    LIST_INIT(&t->links);
    LIST_INIT(&t->watched);
    rv = init(t, &all, why);
    if (rv != 0) {
        usher_lws_free(&t->transport);
        return rv;
    }
    /* Texts and lists are the caller's again after this call. */
    all.listen = NULL;
    all.path = t->path;
    all.origins = NULL;
    all.trusted_proxies = NULL;
    t->cfg = all;
    *out = &t->transport;
    return 0;
}

void usher_lws_free(struct usher_transport *transport)
{
    struct ush_lws *t = (struct ush_lws *) (void *) transport;

    if (t == NULL) {
        return;
    }
    ush_lws_listen_close(&t->listen);
    ush_lws_origins_done(&t->origins);
    ush_lws_seats_done(&t->seats);
    free(t->scratch);
    free(t->path);
    free(t);
}

int usher_lws_port(const struct usher_transport *transport)
{
    const struct ush_lws *t = (const struct ush_lws *) (const void *) transport;
    return t->listen.port;
}
