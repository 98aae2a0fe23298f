/* more.c - reads on where more has come than one read of libwebsockets takes.
 * SPDX-License-Identifier: MIT
 *
 * Libwebsockets reads a link once a turn of the loop, into the few bytes that it keeps
 * for each. Whoever sends many messages at once would have them taken one by one, each
 * with a commit and a write of its own; read together they share both. */
#include "link.h"

#include <sys/ioctl.h>

#define FRAME_HEAD 6 /* at least, of a masked frame */
#define READS_MAX 32 /* of one link in one turn: nobody waits long for it */

/* Payload has come: perhaps that was not all. */
void ush_lws_more(struct ush_lws_link *link, size_t len)
{
    struct ush_lws *t = link->t;

    if (link->turn != t->turn) {
        link->turn = t->turn;
        link->reads = 0;
        link->got = 0;
        link->unread = 0;
    }
    link->got += (uint32_t) len + FRAME_HEAD;
    if (!link->more && link->got > USH_LWS_RX_BYTES / 2) {
        link->more = true;
        LIST_INSERT_HEAD(&t->more, link, at_more);
    }
}

void ush_lws_no_more(struct ush_lws_link *link)
{
    if (link->more) {
        LIST_REMOVE(link, at_more);
        link->more = false;
    }
}

/* Does more wait? The system is asked again only when what it said was there has been read. */
static bool waits(struct ush_lws_link *link)
{
    int unread = 0;

    if (link->unread == 0 && ioctl(lws_get_socket_fd(link->wsi), FIONREAD, &unread) == 0) {
        link->unread = unread > 0 ? (uint32_t) unread : 0;
    }
    return link->unread > 0;
}

static void read_on(struct ush_lws *t, struct ush_lws_link *link)
{
    int fd = lws_get_socket_fd(link->wsi);

    if (link->reads == READS_MAX || !waits(link)) {
        return;
    }
    link->unread -= link->unread < USH_LWS_RX_BYTES ? link->unread : USH_LWS_RX_BYTES;
    link->reads++;
    link->got = 0;
    /* As its own loop would; the link may be gone afterwards. */
    struct lws_pollfd readable = {.fd = fd, .events = LWS_POLLIN, .revents = LWS_POLLIN};
    lws_service_fd(t->context, &readable);
}

/* After the loop has polled. */
void ush_lws_on_check(uv_check_t *check)
{
    struct ush_lws *t = check->data;

    while (!LIST_EMPTY(&t->more)) {
        struct ush_lws_link *link = LIST_FIRST(&t->more);
        ush_lws_no_more(link);
        if (t->context != NULL && link->wsi != NULL && !link->closing && !link->dead) {
            read_on(t, link);
        }
    }
    t->turn++;
}
