/* context.h - libwebsockets itself: its context on the host's loop, and its callbacks.
 * SPDX-License-Identifier: MIT */
#ifndef USH_LWS_CONTEXT_H
#define USH_LWS_CONTEXT_H

#include "link.h"

/* Errors: EIO, ENOMEM; then there may still be something to shut. */
int ush_lws_context_open(struct ush_lws *t, struct usher_fault *why);
/* Give a socket to libwebsockets, with what was read from it already. The socket
 * is its from here on, and so is the link, however this ends. */
void ush_lws_context_adopt(struct ush_lws_link *link, int fd, const char *bytes, size_t len);
/* First begin to shut, then let the loop run until all of it has closed its
 * handles, then free the rest. */
void ush_lws_context_shut(struct ush_lws *t);
void ush_lws_context_free(struct ush_lws *t);

#endif
