/* mask.c - finds out whether a peer masks its frames, which libwebsockets does not tell.
 * SPDX-License-Identifier: MIT
 *
 * A mask takes four bytes of a frame. The system tells how many bytes were read
 * from a socket; libwebsockets, how long the frames in them are. If fewer were read
 * than masked frames would have taken, one was not masked. More may have been read
 * (the next frame, a pong), so this never accuses the innocent; and it asks only
 * for the first frames of a link, because nobody changes his mind later. */
#include "mask.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define FRAMES 4
#define MASK_BYTES 4

/* Bytes that ever came to this socket. */
static bool ask_came(int fd, uint64_t *bytes)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0
        || len < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received) {
        return false;
    }
    *bytes = (uint64_t) info.tcpi_bytes_received;
    return true;
}

/* Of these, those that still wait to be read. */
static bool ask_unread(int fd, uint64_t *bytes)
{
    int unread = 0;

    if (ioctl(fd, SIOCINQ, &unread) != 0 || unread < 0) {
        return false;
    }
    *bytes = (uint64_t) unread;
    return true;
}

/* More may come between the two questions. So here the first is asked first, and
 * `before` is rather too small; below it is the other way round, and what was
 * read is rather too much: an error speaks for the peer. */
void ush_lws_mask_begin(struct ush_lws_mask *mask, int fd, size_t early)
{
    uint64_t came = 0, unread = 0;

    *mask = (struct ush_lws_mask){0};
    if (ask_came(fd, &came) && ask_unread(fd, &unread)) {
        mask->left = FRAMES;
        mask->before = came > unread + early ? came - unread - early : 0;
    }
}

bool ush_lws_mask_missing(struct ush_lws_mask *mask, int fd, size_t payload)
{
    uint64_t came = 0, unread = 0;

    if (mask->left == 0) {
        return false;
    }
    mask->left--;
    mask->least += (payload < 126 ? 2u : payload < 65536 ? 4u : 10u) + MASK_BYTES + payload;
    return ask_unread(fd, &unread) && ask_came(fd, &came)
           && came < unread + mask->before + mask->least;
}
