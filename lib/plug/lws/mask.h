/* mask.h - finds out whether a peer masks its frames, which libwebsockets does not tell.
 * SPDX-License-Identifier: MIT */
#ifndef USH_LWS_MASK_H
#define USH_LWS_MASK_H

#include "usher/base.h"

/* Zeroed: does not look. */
struct ush_lws_mask {
    uint32_t left;   /* frames that will be looked at */
    uint64_t before; /* bytes that came before the first frame */
    uint64_t least;  /* bytes that all frames so far took, if they were masked */
};

/* The handshake was read from fd, and `early` bytes behind it. Not a TCP socket: does not look. */
void ush_lws_mask_begin(struct ush_lws_mask *mask, int fd, size_t early);
/* A frame of so many bytes was read. True: it, or one before it, was not masked. */
bool ush_lws_mask_missing(struct ush_lws_mask *mask, int fd, size_t payload);

#endif
