/* inbox.c - puts the pieces of a message together, within limits.
 * SPDX-License-Identifier: MIT
 *
 * A frame says how long it is before it comes. What is said counts against the
 * limit at once; memory is taken only for what has come. */
#include "inbox.h"

#include <stdlib.h>
#include <string.h>

#include "path.h"

#define ROOM_MIN 2048

static int append(struct ush_lws_inbox *in, const struct ush_lws_piece *piece)
{
    size_t need = in->have + piece->len;

    if (need > in->room) {
        size_t room = in->room == 0 ? ROOM_MIN : in->room;
        while (room < need) {
            room *= 2;
        }
        char *bytes = realloc(in->bytes, room);
        if (bytes == NULL) {
            return USHER_ENOMEM;
        }
        in->bytes = bytes;
        in->room = room;
    }
    if (piece->len > 0) {
        memcpy(in->bytes + in->have, piece->bytes, piece->len);
        in->have = need;
    }
    return 0;
}

int ush_lws_inbox_take(struct ush_lws_inbox *in, const struct ush_lws_piece *piece, size_t max,
                       struct usher_span *message)
{
    if (piece->len > max - in->have || piece->to_come > max - in->have - piece->len) {
        return 1009;
    }
    if (!in->open && piece->last) {
        *message = (struct usher_span){piece->bytes, piece->len};
        return 1;
    }
    in->open = true;
    if (append(in, piece) != 0) {
        return 1013;
    }
    if (piece->to_come == 0) {
        in->frames++;
        if (in->frames > USH_LWS_FRAMES_MAX) {
            return 1009;
        }
    }
    if (!piece->last) {
        return 0;
    }
    *message = (struct usher_span){in->bytes, in->have};
    /* libwebsockets does not look at the end of a message whose last frame is empty. */
    return ush_lws_utf8_broken_off(*message) ? 1007 : 1;
}

void ush_lws_inbox_clear(struct ush_lws_inbox *in)
{
    free(in->bytes);
    *in = (struct ush_lws_inbox){0};
}
