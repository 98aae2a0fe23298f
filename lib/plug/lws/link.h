/* link.h - a WebSocket that libwebsockets holds, and what is on its way in and out.
 * SPDX-License-Identifier: MIT */
#ifndef USH_LWS_LINK_H
#define USH_LWS_LINK_H

#include "inbox.h"
#include "mask.h"
#include "state.h"

struct ush_lws_packet {
    STAILQ_ENTRY(ush_lws_packet) next;
    size_t len;
    unsigned char bytes[]; /* LWS_PRE of room, then the message */
};
STAILQ_HEAD(ush_lws_packets, ush_lws_packet);

struct ush_lws_link {
    LIST_ENTRY(ush_lws_link) all, watch, at_more;
    bool listed, watched, more;
    uint8_t reads;             /* beyond the first, in this turn */
    uint32_t turn, got, unread; /* in this turn: bytes of the last read; and of those to come */
    struct ush_lws *t;
    struct lws *wsi;           /* NULL: not adopted yet */
    struct ush_lws_seat seat;
    char *forwarded;           /* until the host was told of us; or NULL */
    struct usher_link_id id;
    bool known;                /* the host has taken us: down() must follow */
    bool closing;              /* nothing is taken any more, either way */
    bool leaving;              /* the close frame is due, or gone */
    bool dead;                 /* cannot be written to */
    bool killed;
    bool full;                 /* the host waits for clear() */
    bool in_frame;             /* of whose payload a part has come */
    int code;                  /* of down(); 0: not known yet */
    int unsent;                /* bytes in the system's hands, as last seen */
    uint64_t close_ms;         /* closing: for no longer than until then */
    struct ush_lws_mask mask;
    size_t frame_len;          /* of its whole payload, in_frame */
    struct ush_lws_inbox in;
    struct ush_lws_packets out;
    size_t queued;             /* bytes in `out` */
    size_t flying;             /* bytes of a message of which libwebsockets keeps a part */
    uint64_t progress_ms;      /* when something was last written */
};

/* Takes the seat over, and forwarded. NULL: no memory, and nothing was taken. */
struct ush_lws_link *ush_lws_link_new(struct ush_lws *t, struct ush_lws_seat *seat,
                                      char *forwarded);
void ush_lws_link_free(struct ush_lws_link *link);

/* What libwebsockets reports. Those that return an int: -1 ends the link. */
void ush_lws_link_up(struct ush_lws_link *link);
int ush_lws_link_receive(struct ush_lws_link *link, const char *bytes, size_t len);
int ush_lws_link_writable(struct ush_lws_link *link);
int ush_lws_link_timer(struct ush_lws_link *link);
void ush_lws_link_bye(struct ush_lws_link *link, const unsigned char *reason, size_t len);
/* Libwebsockets closes it, for the peer's wish, an error, or us: nothing may be written now. */
void ush_lws_link_ending(struct ush_lws_link *link);
void ush_lws_link_down(struct ush_lws_link *link);

/* Close with this code, after what is on its way. Not for the first time: nothing. */
void ush_lws_link_close(struct ush_lws_link *link, int code);
/* The same without waiting for what is on its way. */
void ush_lws_link_cut(struct ush_lws_link *link, int code);
/* At once, without a code. */
void ush_lws_link_kill(struct ush_lws_link *link);

/* Something has a deadline: look at it from time to time. */
void ush_lws_link_watch(struct ush_lws_link *link);
/* False: nothing has a deadline any more. */
bool ush_lws_link_look(struct ush_lws_link *link, uint64_t now);

/* more.c */
void ush_lws_more(struct ush_lws_link *link, size_t len);
void ush_lws_no_more(struct ush_lws_link *link);

/* outbox.c */
int ush_lws_link_send(struct usher_transport *t, void *conn, struct usher_span message);
int ush_lws_outbox_flush(struct ush_lws_link *link);
void ush_lws_outbox_clear(struct ush_lws_link *link);
bool ush_lws_outbox_empty(const struct ush_lws_link *link);
bool ush_lws_outbox_moved(struct ush_lws_link *link);

#endif
