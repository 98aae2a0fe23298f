/* link.c - a WebSocket that libwebsockets holds, from its arrival to its end.
 * SPDX-License-Identifier: MIT
 *
 *     new --adopted--> up --close, cut, or the peer's wish--> closing --> down --> free
 *                       \--------------the wire is cut------------------/
 *
 * A close code leaves only from libwebsockets' timer callback (elsewhere it is
 * lost), and only when it has nothing else in its hands (else it closes without
 * one). So: wait until writable and empty, set the timer, then close. */
#include "link.h"

#include <stdlib.h>
#include <string.h>

/* For what is on its way, the close frame, and the answer to it. */
#define CLOSE_MS 5000

#define CODE_NONE 1005 /* closed without a code */
#define CODE_LOST 1006 /* not even closed */

struct ush_lws_link *ush_lws_link_new(struct ush_lws *t, struct ush_lws_seat *seat,
                                      char *forwarded)
{
    struct ush_lws_link *link = calloc(1, sizeof *link);

    if (link == NULL) {
        return NULL;
    }
    link->t = t;
    link->forwarded = forwarded;
    link->seat = *seat;
    seat->place = NULL;
    STAILQ_INIT(&link->out);
    LIST_INSERT_HEAD(&t->links, link, all);
    link->listed = true;
    return link;
}

static void unlist(struct ush_lws_link *link)
{
    ush_lws_no_more(link);
    if (link->watched) {
        LIST_REMOVE(link, watch);
        link->watched = false;
    }
    if (link->listed) {
        LIST_REMOVE(link, all);
        link->listed = false;
        ush_lws_stop_check(link->t);
    }
}

void ush_lws_link_free(struct ush_lws_link *link)
{
    ush_lws_seat_leave(&link->t->seats, &link->seat);
    ush_lws_outbox_clear(link);
    ush_lws_inbox_clear(&link->in);
    free(link->forwarded);
    unlist(link);
    free(link);
}

void ush_lws_link_watch(struct ush_lws_link *link)
{
    if (!link->watched && link->listed) {
        link->watched = true;
        LIST_INSERT_HEAD(&link->t->watched, link, watch);
        ush_lws_tick_need(link->t);
    }
}

void ush_lws_link_up(struct ush_lws_link *link)
{
    struct ush_lws *t = link->t;
    struct usher_peer peer = {.address = {link->seat.address, strlen(link->seat.address)}};

    if (link->forwarded != NULL) {
        peer.forwarded = (struct usher_span){link->forwarded, strlen(link->forwarded)};
    }
    int rv = USHER_ESTATE;
    if (t->phase == USH_LWS_RUNNING) {
        rv = t->host->up(t->host->ctx, &t->transport, link, &peer, &link->id);
    }
    free(link->forwarded);
    link->forwarded = NULL;
    link->known = rv == 0;
    if (rv != 0) {
        ush_lws_link_close(link, 1013);
    }
}

void ush_lws_link_close(struct ush_lws_link *link, int code)
{
    if (link->closing || link->dead) {
        return;
    }
    link->closing = true;
    link->code = code;
    link->close_ms = uv_now(link->t->cfg.loop) + CLOSE_MS;
    ush_lws_inbox_clear(&link->in);
    ush_lws_link_watch(link);
    lws_callback_on_writable(link->wsi);
}

void ush_lws_link_cut(struct ush_lws_link *link, int code)
{
    ush_lws_outbox_clear(link);
    ush_lws_link_close(link, code);
}

void ush_lws_link_kill(struct ush_lws_link *link)
{
    if (!link->killed) {
        link->killed = true;
        lws_set_timeout(link->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
        lws_cancel_service(link->t->context);
    }
}

/* Is this piece, as far as it can be seen, of a masked frame of text? Else why not. */
static int check_piece(struct ush_lws_link *link, const struct ush_lws_piece *piece)
{
    if (!link->in_frame) {
        link->frame_len = piece->len + piece->to_come;
    }
    link->in_frame = piece->to_come > 0;
    if (!link->in_frame
        && ush_lws_mask_missing(&link->mask, lws_get_socket_fd(link->wsi), link->frame_len)) {
        return 1002;
    }
    return lws_frame_is_binary(link->wsi) ? 1003 : 0;
}

int ush_lws_link_receive(struct ush_lws_link *link, const char *bytes, size_t len)
{
    struct ush_lws *t = link->t;
    struct ush_lws_piece piece = {.bytes = bytes,
                                  .len = len,
                                  .to_come = lws_remaining_packet_payload(link->wsi),
                                  .last = lws_is_final_fragment(link->wsi) != 0};
    struct usher_span message = {0};

    if (link->closing || link->dead) {
        return link->dead ? -1 : 0;
    }
    ush_lws_more(link, len);
    bool fresh = !link->in.open;
    int rv = check_piece(link, &piece);
    if (rv == 0) {
        rv = ush_lws_inbox_take(&link->in, &piece, t->cfg.frame_max, &message);
    }
    if (rv == 1) {
        /* The host may drop the link while it reads the message: that is not the link's now. */
        struct ush_lws_inbox whole = link->in;
        link->in = (struct ush_lws_inbox){0};
        t->host->input(t->host->ctx, link->id, message);
        ush_lws_inbox_clear(&whole);
    } else if (rv != 0) {
        ush_lws_link_close(link, rv);
    } else if (fresh) {
        link->in.begun_ms = uv_now(t->cfg.loop);
        ush_lws_link_watch(link);
    }
    return link->dead ? -1 : 0;
}

int ush_lws_link_writable(struct ush_lws_link *link)
{
    struct ush_lws *t = link->t;

    if (link->dead || ush_lws_outbox_flush(link) != 0) {
        return -1;
    }
    if (link->full && link->queued + link->flying <= t->cfg.send_soft / 2) {
        link->full = false;
        if (link->known && !link->closing) {
            t->host->clear(t->host->ctx, link->id);
        }
    }
    if (link->closing && !link->leaving && ush_lws_outbox_empty(link)) {
        link->leaving = true;
        lws_set_timer_usecs(link->wsi, 1);
    }
    return 0;
}

int ush_lws_link_timer(struct ush_lws_link *link)
{
    if (!link->leaving) {
        return 0;
    }
    if (lws_partial_buffered(link->wsi)) { /* A pong has slipped in between. */
        link->leaving = false;
        lws_callback_on_writable(link->wsi);
        return 0;
    }
    lws_close_reason(link->wsi, (enum lws_close_status) link->code, NULL, 0);
    return -1;
}

static int code_of(const unsigned char *reason)
{
    return reason[0] << 8 | reason[1];
}

void ush_lws_link_ending(struct ush_lws_link *link)
{
    ush_lws_outbox_clear(link);
    ush_lws_inbox_clear(&link->in);
    if (!link->closing) {
        link->closing = true;
        link->close_ms = uv_now(link->t->cfg.loop) + CLOSE_MS;
        ush_lws_link_watch(link);
    }
    /* A code that is neither ours nor the peer's is libwebsockets' own: 1002, 1007. */
    if (link->code == 0 && lws_get_close_length(link->wsi) >= 2) {
        link->code = code_of(lws_get_close_payload(link->wsi));
    }
    link->leaving = true;
}

void ush_lws_link_bye(struct ush_lws_link *link, const unsigned char *reason, size_t len)
{
    if (link->code == 0) {
        link->code = len >= 2 ? code_of(reason) : CODE_NONE;
    }
    ush_lws_link_ending(link);
}

void ush_lws_link_down(struct ush_lws_link *link)
{
    const struct usher_transport_host *host = link->t->host;

    link->dead = true;
    if (link->known) {
        link->known = false;
        host->down(host->ctx, link->id, link->code != 0 ? link->code : CODE_LOST);
    }
    ush_lws_outbox_clear(link);
    ush_lws_inbox_clear(&link->in);
    unlist(link);
}

/* Does the other side read? Where the system holds less than before, it does,
 * and no ping needs to tell (which may stand behind a long message). */
static void look_at_outbox(struct ush_lws_link *link, uint64_t now)
{
    if (ush_lws_outbox_moved(link)) {
        link->progress_ms = now;
        lws_validity_confirmed(link->wsi);
    } else if (now >= link->progress_ms + link->t->cfg.stall_ms) {
        ush_lws_link_cut(link, 4408);
    }
}

bool ush_lws_link_look(struct ush_lws_link *link, uint64_t now)
{
    if (link->dead) {
        ush_lws_link_kill(link);
        return false;
    }
    if (link->closing) {
        if (now >= link->close_ms) {
            ush_lws_link_kill(link);
        }
        return !link->killed;
    }
    bool stuck = !ush_lws_outbox_empty(link);
    if (stuck) {
        look_at_outbox(link, now);
    }
    if (link->in.open && now >= link->in.begun_ms + USH_LWS_MESSAGE_MS) {
        ush_lws_link_close(link, 4408);
    }
    return stuck || link->in.open || link->closing;
}
