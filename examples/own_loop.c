/* own_loop.c - the desk of hello.c inside a host that runs poll(2) and knows nothing of libuv.
 * SPDX-License-Identifier: MIT
 *
 *   own_loop [LISTEN [DATABASE]]
 *
 * libuv's loop is one more descriptor to poll: it is readable when the desk has
 * something to do, and uv_backend_timeout() says when it wants to be looked at
 * anyway. One rule: after each call to usher, and once before the first poll,
 * the loop gets a turn, because only then it begins to watch what is new. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <uv.h>

#include "usher.h"
#include "usher/plug/lws.h"
#include "usher/plug/sqlite.h"
#include "usher/uv.h"

struct host {
    int signals; /* SIGINT and SIGTERM, as a descriptor */
    uv_loop_t loop;
    struct usher_transport *web;
    struct usher_uv *desk;
    bool failed, leaving, gone;
};

static void who(void *ctx, struct usher_uv *desk, uint64_t ticket, struct usher_span token)
{
    (void) ctx;
    bool ann = token.len == 9 && memcmp(token.base, "ann-token", 9) == 0;
    usher_uv_signed_in(desk, ticket, ann ? "ann" : NULL);
}

static void gone(void *ctx)
{
    struct host *host = ctx;
    host->gone = true;
}

static void leave(struct host *host)
{
    if (!host->leaving) {
        host->leaving = true;
        usher_uv_stop(host->desk, gone, host);
    }
}

static void started(void *ctx, struct usher_uv *desk, const struct usher_fault *why)
{
    struct host *host = ctx;
    host->desk = desk;
    if (why->err != 0) {
        fprintf(stderr, "own_loop: %s\n", why->text);
        host->failed = true;
        leave(host);
        return;
    }
    printf("own_loop: the desk is on port %d; Ctrl-C ends it\n", usher_lws_port(host->web));
    fflush(stdout);
}

static int open_web(struct host *host, const char *listen, struct usher_fault *why)
{
    struct usher_lws_config cfg;
    usher_lws_config_init(&cfg);
    cfg.loop = &host->loop;
    cfg.listen = listen;
    return usher_lws_new(&host->web, &cfg, why);
}

static int open_desk(struct host *host, const char *database, struct usher_fault *why)
{
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
    return rv != 0 ? rv : usher_uv_start(&host->desk, &cfg, why);
}

/* The host's own loop, and its own affairs: here, nothing but signals. */
static void run(struct host *host)
{
    while (!host->gone) {
        uv_run(&host->loop, UV_RUN_NOWAIT);
        struct pollfd fds[] = {{.fd = uv_backend_fd(&host->loop), .events = POLLIN},
                               {.fd = host->signals, .events = POLLIN}};
        int timeout_ms = host->gone ? 0 : uv_backend_timeout(&host->loop);
        struct signalfd_siginfo signal;
        if (poll(fds, 2, timeout_ms) > 0 && (fds[1].revents & POLLIN) != 0
            && read(host->signals, &signal, sizeof signal) == sizeof signal) {
            leave(host);
        }
    }
}

/* Blocked before the desk has a thread, they reach nobody but the descriptor. */
static int signal_fd(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0 ? signalfd(-1, &set, SFD_CLOEXEC) : -1;
}

int main(int argc, char **argv)
{
    struct host host = {.signals = signal_fd()};
    struct usher_fault why = {.text = "that is no name of a database"};
    if (host.signals < 0 || uv_loop_init(&host.loop) != 0) {
        return 1;
    }
    if (open_web(&host, argc > 1 ? argv[1] : "127.0.0.1:8080", &why) != 0
        || open_desk(&host, argc > 2 ? argv[2] : "own_loop.db", &why) != 0) {
        fprintf(stderr, "own_loop: cannot open the desk: %s\n", why.text);
        return 1;
    }
    run(&host);
    usher_lws_free(host.web);
    uv_run(&host.loop, UV_RUN_NOWAIT);
    close(host.signals);
    return uv_loop_close(&host.loop) == 0 && !host.failed ? 0 : 1;
}
