/* log.c - our log lines and libwebsockets', to the host.
 * SPDX-License-Identifier: MIT
 *
 * libwebsockets' log function belongs to the process and gets no context. So
 * what it says goes to the transport that was started last on this thread. */
#include "state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_LWS 256
#define ORIGIN_MAX 100        /* of its bytes are shown */
#define ORIGIN_AGAIN_MS 10000 /* one line in this time, and in it how many there were */

static _Thread_local struct ush_lws *speaker;

void ush_lws_log(struct ush_lws *t, enum usher_level level, const char *line)
{
    if (t->host != NULL && t->host->log != NULL) {
        t->host->log(t->host->ctx, level, line);
    }
}

void ush_lws_log_origin(struct ush_lws *t, struct usher_span origin)
{
    const char *from = origin.base;
    char shown[ORIGIN_MAX + 1];
    char more[64] = "";
    char line[LINE_MAX_LWS];
    uint64_t now = uv_now(t->cfg.loop);
    size_t n = 0;

    if (now < t->origin_ms) {
        t->origins_unsaid++;
        return;
    }
    for (; n < origin.len && n < ORIGIN_MAX; n++) {
        shown[n] = from[n] <= 0x20 || from[n] >= 0x7f || from[n] == '"' ? '?' : from[n];
    }
    shown[n] = '\0';
    if (t->origins_unsaid > 0) {
        snprintf(more, sizeof more, " (and %" PRIu32 " more refused since the last line)",
                 t->origins_unsaid);
    }
    if (origin.len == 0) {
        snprintf(line, sizeof line, "a handshake without Origin was refused%s", more);
    } else {
        snprintf(line, sizeof line,
                 "a page of \"%s\"%s was refused: not among the configured origins%s", shown,
                 n < origin.len ? " ..." : "", more);
    }
    t->origins_unsaid = 0;
    t->origin_ms = now + ORIGIN_AGAIN_MS;
    ush_lws_log(t, USHER_WARN, line);
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
