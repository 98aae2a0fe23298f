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

/* Your shop knows its agents: look the token up where you keep them. */
static void who(void *ctx, struct usher_uv *desk, uint64_t ticket, struct usher_span token)
{
    (void) ctx;
    bool ann = token.len == 9 && memcmp(token.base, "ann-token", 9) == 0;
    usher_uv_signed_in(desk, ticket, ann ? "ann" : NULL);
}

static void leave(uv_signal_t *interrupt, int number)
{
    (void) number;
    uv_signal_stop(interrupt);
    usher_uv_stop(interrupt->data, NULL, NULL);
}

static void started(void *ctx, struct usher_uv *desk, const struct usher_fault *why)
{
    uv_signal_t *interrupt = ctx;
    interrupt->data = desk;
    if (why->err != 0) {
        fprintf(stderr, "hello: %s\n", why->text);
        leave(interrupt, 0);
        interrupt->data = NULL; /* main() sees that it was not opened. */
    }
}

/* A desk with the queue "sales", answered by ann. */
static int open_desk(struct usher_uv **desk, uv_loop_t *loop, struct usher_transport *web,
                     const char *database, uv_signal_t *interrupt)
{
    struct usher_queue_set sales = {.queue = {"sales"}, .name = {"Sales", 5}, .open = true};
    struct usher_agent_set ann = {.agent = {"ann"}, .queues = &sales.queue, .n_queues = 1};
    struct usher_uv_config cfg;
    usher_uv_config_init(&cfg);
    cfg.loop = loop;
    cfg.queues = &sales;
    cfg.n_queues = 1;
    cfg.agents = &ann;
    cfg.n_agents = 1;
    cfg.transports = &web;
    cfg.n_transports = 1;
    cfg.who = who;
    cfg.started = started;
    cfg.ctx = interrupt;
    int rv = usher_sqlite_open(&cfg.storage, database);
    return rv != 0 ? rv : usher_uv_start(desk, &cfg);
}

int main(int argc, char **argv)
{
    uv_loop_t loop;
    uv_signal_t interrupt;
    struct usher_transport *web = NULL;
    struct usher_uv *desk = NULL;
    struct usher_fault why = {0};
    struct usher_lws_config cfg;
    uv_loop_init(&loop);
    uv_signal_init(&loop, &interrupt);
    usher_lws_config_init(&cfg);
    cfg.loop = &loop;
    cfg.listen = argc > 1 ? argv[1] : "127.0.0.1:8080";
    if (usher_lws_new(&web, &cfg, &why) != 0
        || open_desk(&desk, &loop, web, argc > 2 ? argv[2] : "hello.db", &interrupt) != 0) {
        fprintf(stderr, "hello: cannot open the desk: %s\n", why.text);
        return 1;
    }
    interrupt.data = desk;
    uv_signal_start(&interrupt, leave, SIGINT);
    printf("hello: the desk is on port %d; Ctrl-C ends it\n", usher_lws_port(web));
    fflush(stdout);
    uv_run(&loop, UV_RUN_DEFAULT);
    usher_lws_free(web);
    uv_close((uv_handle_t *) &interrupt, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) == 0 && interrupt.data != NULL ? 0 : 1;
}
