/* log.c - our log lines and libwebsockets', to the host.
 * SPDX-License-Identifier: MIT
 *
 * libwebsockets' log function belongs to the process and gets no context. So
 * what it says goes to the transport that was started last on this thread. */
#include "state.h"

#include <string.h>

#define LINE_MAX_LWS 256

static _Thread_local struct ush_lws *speaker;

void ush_lws_log(struct ush_lws *t, enum usher_level level, const char *line)
{
    if (t->host != NULL && t->host->log != NULL) {
        t->host->log(t->host->ctx, level, line);
    }
}

/* Says at the level of an error that nothing is wrong. */
static bool is_noise(const char *line)
{
    return strncmp(line, "adopt_socket_readbuf:", 21) == 0;
}

static void emit(int level, const char *line)
{
    char text[LINE_MAX_LWS] = "libwebsockets: ";
    size_t n = strlen(text);

    if (speaker == NULL || is_noise(line)) {
        return;
    }
    for (; *line != '\0' && *line != '\n' && n < sizeof text - 1; line++) {
        unsigned char c = (unsigned char) *line;
        text[n++] = c < 0x20 || c >= 0x7f ? '?' : *line;
    }
    text[n] = '\0';
    ush_lws_log(speaker, level == LLL_ERR ? USHER_WARN : USHER_DEBUG, text);
}

void ush_lws_log_open(struct ush_lws *t)
{
    speaker = t;
    lws_set_log_level(LLL_ERR | LLL_WARN, emit);
}

void ush_lws_log_close(const struct ush_lws *t)
{
    if (speaker == t) {
        speaker = NULL;
    }
}
