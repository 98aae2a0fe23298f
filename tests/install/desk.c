/* desk.c - a host that opens a desk on its loop, with a store in a file, and closes it again.
 * SPDX-License-Identifier: MIT
 *
 *   desk DATABASE */
#include <stdio.h>
#include <uv.h>

#include "usher.h"
#include "usher/plug/sqlite.h"
#include "usher/uv.h"

/* How it went; the desk is stopped from the loop, in either case. */
static void started(void *ctx, struct usher_uv *desk, const struct usher_fault *why)
{
    int *result = ctx;
    *result = why->err;
    printf("desk: %s\n", why->err == 0 ? "open" : why->text);
    usher_uv_stop(desk, NULL, NULL);
}

int main(int argc, char **argv)
{
    uv_loop_t loop;
    struct usher_uv *desk = NULL;
    struct usher_uv_config cfg;
    struct usher_queue_set sales = {0};
    int result = 1;
    if (argc != 2 || uv_loop_init(&loop) != 0) {
        fputs("usage: desk DATABASE\n", stderr);
        return 2;
    }
    sales.queue.s[0] = 's';
    sales.open = true;
    usher_uv_config_init(&cfg);
    cfg.loop = &loop;
    cfg.queues = &sales;
    cfg.n_queues = 1;
    cfg.started = started;
    cfg.ctx = &result;
    struct usher_fault why = {0};
    int rv = usher_sqlite_open(&cfg.storage, argv[1]);
    if (rv == 0) {
        rv = usher_uv_start(&desk, &cfg, &why);
    }
    if (rv != 0) {
        fprintf(stderr, "desk: %s: %s\n", usher_strerror(rv), why.text);
        return 1;
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) == 0 && result == 0 ? 0 : 1;
}
