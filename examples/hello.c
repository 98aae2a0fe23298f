/* hello.c - the smallest desk: one queue, one agent, on a loop of your own, until Ctrl-C.
 * SPDX-License-Identifier: MIT
 *
 *   hello [LISTEN [DATABASE]]      as in: hello 127.0.0.1:8080 hello.db */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "usher.h"
#include "usher/plug/lws.h"
#include "usher/plug/sqlite.h"
#include "usher/uv.h"

struct host {
    uv_loop_t loop;
    uv_signal_t interrupt;
    struct usher_transport *web;
    struct usher_uv *desk;
    bool failed;
};

/* Your shop knows its agents: look the token up where you keep them. */
static void who(void *ctx, struct usher_uv *desk, uint64_t ticket, struct usher_span token)
{
    (void) ctx;
    bool ann = token.len == 9 && memcmp(token.base, "ann-token", 9) == 0;
    usher_uv_signed_in(desk, ticket, ann ? "ann" : NULL);
}

static void leave(uv_signal_t *interrupt, int number)
{
    struct host *host = interrupt->data;
    (void) number;
    uv_signal_stop(interrupt);
    usher_uv_stop(host->desk, NULL, NULL);
}

static void started(void *ctx, struct usher_uv *desk, const struct usher_fault *why)
{
    struct host *host = ctx;
    (void) desk;
    if (why->err != 0) {
        fprintf(stderr, "hello: %s\n", why->text);
        host->failed = true;
        leave(&host->interrupt, 0);
        return;
    }
    printf("hello: the desk is on port %d; Ctrl-C ends it\n", usher_lws_port(host->web));
    fflush(stdout);
}

/* A desk with the queue "sales", answered by ann. */
static int open_desk(struct host *host, const char *listen, const char *database,
                     struct usher_fault *why)
{
    struct usher_lws_config port = {.size = sizeof port, .loop = &host->loop, .listen = listen};
    struct usher_queue_set sales = {.queue = {"sales"}, .name = {"Sales", 5}, .open = true};
    struct usher_agent_set ann = {.agent = {"ann"}, .queues = &sales.queue, .n_queues = 1};
    struct usher_uv_config cfg;
    usher_uv_config_init(&cfg);
    cfg.loop = &host->loop;
    cfg.queues = &sales;
    cfg.n_queues = 1;
    cfg.agents = &ann;
    cfg.n_agents = 1;
    cfg.transports = &host->web;
    cfg.n_transports = 1;
    cfg.who = who;
    cfg.started = started;
    cfg.ctx = host;
    int rv = usher_sqlite_open(&cfg.storage, database);
    rv = rv != 0 ? rv : usher_lws_new(&host->web, &port, why);
    return rv != 0 ? rv : usher_uv_start(&host->desk, &cfg, why);
}

int main(int argc, char **argv)
{
    struct host host = {0};
    struct usher_fault why = {.text = "that is no name of a database"};
    uv_loop_init(&host.loop);
    uv_signal_init(&host.loop, &host.interrupt);
    host.interrupt.data = &host;
    if (open_desk(&host, argc > 1 ? argv[1] : "127.0.0.1:8080",
                  argc > 2 ? argv[2] : "hello.db", &why) != 0) {
        fprintf(stderr, "hello: cannot open the desk: %s\n", why.text);
        return 1;
    }
    uv_signal_start(&host.interrupt, leave, SIGINT);
    uv_run(&host.loop, UV_RUN_DEFAULT);
    usher_lws_free(host.web);
    uv_close((uv_handle_t *) &host.interrupt, NULL);
    uv_run(&host.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&host.loop) == 0 && !host.failed ? 0 : 1;
}
