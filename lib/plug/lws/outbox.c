/* outbox.c - what is on its way to a link: written at once, or kept in order.
 * SPDX-License-Identifier: MIT
 *
 *     send --idle------------------------------> lws_write --> the system
 *       \--else--> out: packet packet packet --> lws_write     (when writable)
 *
 * lws_write takes a message whole: what the system does not take, it keeps, and
 * takes no further one until that is gone (`flying`). So at most one message of a
 * link is in its hands, and all others count here, against the limits. */
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "link.h"

/* Messages written in a row before others get their turn. */
#define WRITES_MAX 16
#define SCRATCH_MIN 16384

static bool write_message(struct ush_lws_link *link, unsigned char *bytes, size_t len)
{
    int n = lws_write(link->wsi, bytes + LWS_PRE, len, LWS_WRITE_TEXT);

    if (n < 0 || (size_t) n < len) {
        link->dead = true;
        return false;
    }
    if (lws_partial_buffered(link->wsi)) {
        link->flying = len;
    }
    return true;
}

static unsigned char *scratch(struct ush_lws *t, size_t size)
{
    if (size > t->scratch_size) {
        size_t want = size < SCRATCH_MIN ? SCRATCH_MIN : size;
        unsigned char *bytes = realloc(t->scratch, want);
        if (bytes == NULL) {
            return NULL;
        }
        t->scratch = bytes;
        t->scratch_size = want;
    }
    return t->scratch;
}

bool ush_lws_outbox_empty(const struct ush_lws_link *link)
{
    return STAILQ_EMPTY(&link->out) && link->flying == 0;
}

void ush_lws_outbox_clear(struct ush_lws_link *link)
{
    while (!STAILQ_EMPTY(&link->out)) {
        struct ush_lws_packet *packet = STAILQ_FIRST(&link->out);
        STAILQ_REMOVE_HEAD(&link->out, next);
        free(packet);
    }
    link->queued = 0;
}

/* From here on it is watched, whether the other side reads. */
static int stuck(struct ush_lws_link *link, bool first)
{
    if (first) {
        link->progress_ms = uv_now(link->t->cfg.loop);
        link->unsent = -1;
    }
    ush_lws_link_watch(link);
    if (link->queued + link->flying >= link->t->cfg.send_soft) {
        link->full = true;
        return USHER_EFULL;
    }
    return 0;
}

static int queue(struct ush_lws_link *link, struct usher_span message)
{
    if (message.len > link->t->cfg.send_hard
        || link->queued + link->flying > link->t->cfg.send_hard - message.len) {
        ush_lws_link_cut(link, 4408);
        return USHER_ESTATE;
    }
    struct ush_lws_packet *packet = malloc(sizeof *packet + LWS_PRE + message.len);
    if (packet == NULL) {
        ush_lws_link_cut(link, 1013);
        return USHER_ENOMEM;
    }
    packet->len = message.len;
    if (message.len > 0) {
        memcpy(packet->bytes + LWS_PRE, message.base, message.len);
    }
    bool first = ush_lws_outbox_empty(link);
    if (STAILQ_EMPTY(&link->out)) {
        lws_callback_on_writable(link->wsi);
    }
    STAILQ_INSERT_TAIL(&link->out, packet, next);
    link->queued += message.len;
    return stuck(link, first);
}

int ush_lws_link_send(struct usher_transport *transport, void *conn, struct usher_span message)
{
    struct ush_lws_link *link = conn;

    (void) transport;
    if (link->closing || link->dead) {
        return USHER_ESTATE;
    }
    unsigned char *bytes = NULL;
    if (ush_lws_outbox_empty(link) && !lws_partial_buffered(link->wsi)) {
        bytes = scratch(link->t, LWS_PRE + message.len);
    }
    if (bytes == NULL) {
        return queue(link, message);
    }
    if (message.len > 0) {
        memcpy(bytes + LWS_PRE, message.base, message.len);
    }
    if (!write_message(link, bytes, message.len)) {
        ush_lws_link_watch(link);
        return USHER_EIO;
    }
    return link->flying > 0 ? stuck(link, true) : 0;
}

/* Libwebsockets has nothing left in its hands when it calls this. */
int ush_lws_outbox_flush(struct ush_lws_link *link)
{
    link->flying = 0;
    link->progress_ms = uv_now(link->t->cfg.loop);
    for (int i = 0; i < WRITES_MAX && link->flying == 0 && !STAILQ_EMPTY(&link->out); i++) {
        struct ush_lws_packet *packet = STAILQ_FIRST(&link->out);
        STAILQ_REMOVE_HEAD(&link->out, next);
        link->queued -= packet->len;
        bool written = write_message(link, packet->bytes, packet->len);
        free(packet);
        if (!written) {
            return -1;
        }
    }
    if (!STAILQ_EMPTY(&link->out)) {
        lws_callback_on_writable(link->wsi);
    }
    return 0;
}

/* A slow reader is told from one who does not read by what the system still
 * holds: that changes as long as anything arrives. */
bool ush_lws_outbox_moved(struct ush_lws_link *link)
{
    int unsent = 0;

    if (ioctl(lws_get_socket_fd(link->wsi), SIOCOUTQ, &unsent) != 0 || unsent == link->unsent) {
        return false;
    }
    link->unsent = unsent;
    return true;
}
