/* metrics.h - the server's figures as Prometheus text.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include <usher/uv.h>

#define SERVER_METRICS_MAX 16384 /* bytes; enough for every figure at its largest */

/* What the server itself counts. */
struct server_counts {
    /* Answers to /usher/login. */
    uint64_t logins_right, logins_wrong, logins_locked, logins_malformed;
    uint64_t requests; /* HTTP requests, the WebSocket's not counted */
};

/* Write all figures; the result is the length. */
size_t server_metrics_write(char out[SERVER_METRICS_MAX], const struct usher_uv_stats *stats,
                            const struct server_counts *counts);

#endif
