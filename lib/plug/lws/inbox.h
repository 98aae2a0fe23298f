/* inbox.h - puts the pieces of a message together, within limits.
 * SPDX-License-Identifier: MIT
 *
 * Pure but for its buffer, which is there only while a message is unfinished. */
#ifndef USH_LWS_INBOX_H
#define USH_LWS_INBOX_H

#include "usher/base.h"

#define USH_LWS_FRAMES_MAX 64    /* in one message */
#define USH_LWS_MESSAGE_MS 10000 /* from its first byte to its last */

/* Zeroed: empty. */
struct ush_lws_inbox {
    char *bytes;
    size_t have, room;
    uint32_t frames;   /* of this message that are complete */
    bool open;         /* a message has begun */
    uint64_t begun_ms; /* when */
};

struct ush_lws_piece {
    const char *bytes;
    size_t len;
    size_t to_come;    /* of the same frame */
    bool last;         /* ends its message */
};

/* Take a piece. 0: more must come. 1: *message is whole; it is borrowed until the
 * inbox is cleared, which must be next. Else the WebSocket code to close with. */
int ush_lws_inbox_take(struct ush_lws_inbox *in, const struct ush_lws_piece *piece, size_t max,
                       struct usher_span *message);
void ush_lws_inbox_clear(struct ush_lws_inbox *in);

#endif
