/* server.h - the one object of the example server, which everything hangs on.
 * SPDX-License-Identifier: MIT
 *
 * All of it belongs to the loop thread; only password hashes are worked out
 * elsewhere (login.c). */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "config.h"
#include "log.h"
#include "metrics.h"
#include "token.h"

#include <usher/plug/lws.h>
#include <usher/uv.h>

#include <uv.h>

struct server_login_job;

/* Logins under way. */
struct server_login {
    uint8_t key[SERVER_KEY_BYTES];
    struct server_login_job *first, *last; /* waiting for a worker, oldest first */
    uint32_t waiting, working;
};

struct server {
    uv_loop_t loop;
    uv_signal_t on_term, on_int;
    struct server_config *config;
    struct server_log log;
    struct usher_transport *lws;
    struct usher_uv *rt;         /* NULL before it is started and after it is gone */
    struct server_login login;
    struct server_counts counts;
    bool ready;                  /* started() said so, and the key is there */
    bool stopping;
    int status;                  /* what the process will exit with */
};

#endif
