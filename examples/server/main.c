/* main.c - usher-server: from the command line to a desk that listens, and back down again.
 * SPDX-License-Identifier: MIT */
#include "address.h"
#include "embedded.h"
#include "http.h"
#include "key.h"
#include "login.h"
#include "options.h"
#include "password.h"

#include <usher/plug/memory.h>
#include <usher/plug/sqlite.h>
#include <usher/version.h>

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_USAGE = 2 };

/* The one clear line of a start that failed. */
static int complain(const char *text)
{
    fprintf(stderr, "usher-server: %s\n", text);
    return EXIT_BAD;
}

static void forget_signals(struct server *s)
{
    uv_close((uv_handle_t *)&s->on_term, NULL);
    uv_close((uv_handle_t *)&s->on_int, NULL);
}

static void stopped(void *ctx)
{
    struct server *s = ctx;

    s->rt = NULL;
    forget_signals(s);
}

static void stop(struct server *s, int status)
{
    s->stopping = true;
    s->ready = false;
    s->status = status;
    server_login_stop(s);
    usher_uv_stop(s->rt, stopped, s);
}

/* The first signal drains; who sends a second one does not want to wait. */
static void on_signal(uv_signal_t *handle, int signum)
{
    struct server *s = handle->data;

    if (s->stopping) {
        _exit(128 + signum);
    }
    server_log_say(&s->log, USHER_INFO, "stopping", signum == SIGTERM ? "SIGTERM" : "SIGINT");
    stop(s, EXIT_GOOD);
}

static void print_url(const struct server *s)
{
    const char *listen = s->config->listen;
    const char *colon = strrchr(listen, ':');

    if (strncmp(listen, "unix:", 5) == 0) {
        printf("usher-server: listening on %s\n", listen);
    } else {
        printf("usher-server: listening on http://%.*s:%d\n", (int)(colon - listen), listen,
               usher_lws_port(s->lws));
    }
    fflush(stdout);
}

static void started(void *ctx, struct usher_uv *rt, const struct usher_fault *why)
{
    struct server *s = ctx;
    struct usher_fault fault = {0, ""};

    (void)rt;
    if (s->stopping) {
        return;
    }
    if (why->err == 0) {
        server_key_open(s->login.key, server_config_store_path(s->config->store), &fault);
        why = &fault;
    }
    if (why->err != 0) {
        complain(why->text[0] != '\0' ? why->text : usher_strerror(why->err));
        stop(s, EXIT_BAD);
        return;
    }
    s->ready = true;
    print_url(s);
    server_log_say(&s->log, USHER_INFO, "started", USHER_VERSION_STRING);
    if (s->config->insecure && !s->config->tls_in_front &&
        server_address_listen(s->config->listen) == SERVER_REACH_NETWORK) {
        server_log_say(&s->log, USHER_WARN, "insecure", "passwords and messages go unencrypted");
    }
}

static void saving(void *ctx, const struct usher_fault *why)
{
    struct server *s = ctx;

    if (why->err != 0) {
        server_log_say(&s->log, USHER_ERROR, "saving_fails", why->text);
    } else {
        server_log_say(&s->log, USHER_INFO, "saving_works", "");
    }
}

static void from_usher(void *ctx, enum usher_level level, const char *line)
{
    struct server *s = ctx;

    /* Why a start failed is told by started(), once, and to people. */
    if (level < USHER_ERROR || s->ready || s->stopping) {
        server_log_say(&s->log, level, "usher", line);
    }
}

/* A demo's passwords are no secret; whoever starts it needs them. */
static void print_passwords(const struct server_config *c)
{
    for (size_t i = 0; i < c->n_agents; i++) {
        printf("%s %.*s\n", c->agents[i].agent.s, (int)c->secrets[i].password.len,
               (const char *)c->secrets[i].password.base);
    }
    fflush(stdout);
}

static uint32_t at_least(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static int open_port(struct server *s, struct usher_fault *why)
{
    const struct server_config *c = s->config;
    struct usher_lws_config lws;

    usher_lws_config_init(&lws);
    lws.loop = &s->loop;
    lws.listen = c->listen;
    lws.insecure = c->insecure;
    lws.tls_in_front = c->tls_in_front;
    lws.origins = c->origins;
    lws.n_origins = c->n_origins;
    lws.trusted_proxies = c->trusted_proxies;
    lws.n_trusted_proxies = c->n_trusted_proxies;
    /* Larger limits on links are of no use behind a smaller one on connections. */
    if (c->core.limits.links > 0) {
        lws.connections = at_least(10000, c->core.limits.links + 1000);
    }
    if (c->rates.links_address > 0) {
        lws.connections_address = at_least(100, c->rates.links_address * 2);
    }
    lws.request = server_http_request;
    lws.gone = server_http_gone;
    lws.ctx = s;
    return usher_lws_new(&s->lws, &lws, why);
}

static int open_store(struct usher_storage **out, const char *store)
{
    const char *path = server_config_store_path(store);

    return path != NULL ? usher_sqlite_open(out, path) : usher_memory_open(out, NULL);
}

static int open_desk(struct server *s, struct usher_fault *why)
{
    const struct server_config *c = s->config;
    struct usher_uv_config uv;
    struct usher_storage *storage = NULL;
    int rv = open_store(&storage, c->store);

    if (rv != 0) {
        return rv;
    }
    usher_uv_config_init(&uv);
    uv.loop = &s->loop;
    uv.core = c->core;
    uv.storage = storage;
    uv.transports = &s->lws;
    uv.n_transports = 1;
    uv.queues = c->settings;
    uv.n_queues = c->n_settings;
    uv.agents = c->agents;
    uv.n_agents = c->n_agents;
    uv.rates = c->rates;
    uv.trusted_proxies = c->trusted_proxies;
    uv.n_trusted_proxies = c->n_trusted_proxies;
    uv.who = server_login_who;
    uv.tell_after = USHER_NEVER;
    uv.started = started;
    uv.saving = saving;
    uv.log = from_usher;
    uv.ctx = s;
    rv = usher_uv_start(&s->rt, &uv, why);
    if (rv != 0) {
        storage->ops->close(storage);
    }
    return rv;
}

static void watch_signals(struct server *s)
{
    /* A reader of our output that goes away must not take the desk along. */
    signal(SIGPIPE, SIG_IGN);
    uv_signal_init(&s->loop, &s->on_term);
    uv_signal_init(&s->loop, &s->on_int);
    s->on_term.data = s->on_int.data = s;
    uv_signal_start(&s->on_term, on_signal, SIGTERM);
    uv_signal_start(&s->on_int, on_signal, SIGINT);
}

/* Everything that the loop then brings to life. */
static int begin(struct server *s)
{
    struct usher_fault why = {0, ""};
    int rv = open_port(s, &why);

    if (rv == 0) {
        if (s->config->demo) {
            print_passwords(s->config); /* before anybody can be answered */
        }
        rv = open_desk(s, &why);
    }
    return rv == 0 ? EXIT_GOOD
                   : complain(why.text[0] != '\0' ? why.text : usher_strerror(rv));
}

static int serve(struct server *s)
{
    if (uv_loop_init(&s->loop) != 0) {
        return complain("cannot make a loop");
    }
    watch_signals(s);
    s->status = begin(s);
    if (s->status != EXIT_GOOD) {
        forget_signals(s);
    }
    uv_run(&s->loop, UV_RUN_DEFAULT);
    usher_lws_free(s->lws);
    uv_loop_close(&s->loop);
    sodium_memzero(s->login.key, sizeof s->login.key);
    if (s->status == EXIT_GOOD) {
        server_log_say(&s->log, USHER_INFO, "stopped", "");
    }
    return s->status;
}

static int read_config(struct server_config **out, const struct server_options *options,
                       char why[SERVER_WHY_MAX])
{
    const struct server_config_over over = {options->listen, options->store};

    if (options->config != NULL) {
        return server_config_load(out, options->config, &over, why);
    }
    return server_config_read(out, "demo.json", (struct usher_span){server_demo, server_demo_len},
                              &over, why);
}

static int hash_password(void)
{
    const char *why = NULL;

    return server_password_command(stdin, stdout, &why) == 0 ? EXIT_GOOD : complain(why);
}

static int run(const struct server_options *options)
{
    struct server s = {.log = {STDERR_FILENO, USHER_INFO, 0}};
    char why[SERVER_WHY_MAX];
    int status = EXIT_GOOD;

    if (read_config(&s.config, options, why) != 0) {
        fprintf(stderr, "%s\n", why);
        return EXIT_BAD;
    }
    if (options->check) {
        printf("%s: good\n", options->config != NULL ? options->config : "demo.json");
    } else {
        s.log.level = s.config->level;
        if (!s.config->demo) {
            prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* no core dump with keys and passwords in it */
        }
        status = serve(&s);
    }
    server_config_free(s.config);
    return status;
}

int main(int argc, char **argv)
{
    struct server_options options;
    char why[128];

    umask(077);
    if (server_options_read(&options, argc, argv, why) != 0) {
        fprintf(stderr, "usher-server: %s\n%s", why, server_usage);
        return EXIT_USAGE;
    }
    if (sodium_init() < 0) {
        return complain("libsodium does not start");
    }
    if (options.help) {
        fputs(server_usage, stdout);
        return EXIT_GOOD;
    }
    if (options.version) {
        printf("usher-server %s\n", usher_version());
        return EXIT_GOOD;
    }
    return options.hash_password ? hash_password() : run(&options);
}
