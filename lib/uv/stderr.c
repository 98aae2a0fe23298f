/* stderr.c - a ready-made log for hosts that have none: one line on standard error.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "usher/uv.h"

void usher_uv_log_stderr(void *ctx, enum usher_level level, const char *line)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    (void) ctx;
    if (level >= USHER_INFO) {
        fprintf(stderr, "usher: %s: %s\n", names[level], line);
    }
}
