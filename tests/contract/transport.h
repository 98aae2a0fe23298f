/* transport.h - the contract of transports, as a test suite that any transport can be put through.
 * SPDX-License-Identifier: MIT
 *
 * Write a program that fills a kit and returns ush_contract_transport(kit) from
 * main; link it with transport.c of this folder, your transport, libuv and cmocka. */
#ifndef USH_CONTRACT_TRANSPORT_H
#define USH_CONTRACT_TRANSPORT_H

#include <uv.h>

#include "usher/transport.h"

/* The far end of one link: what a browser would be. */
struct ush_far {
    void *end;           /* the kit's own */
    char *got;           /* all messages, each followed by a NUL */
    size_t len;
    uint32_t messages;
    bool closed;
    int code;
};

/* The kit calls these from the loop, when the far end hears something. */
void ush_far_message(struct ush_far *far, struct usher_span message);
void ush_far_closed(struct ush_far *far, int code);

struct ush_transport_kit {
    const char *name;
    const char *address; /* that a far end seems to come from */
    void *ctx;
    int (*make)(void *ctx, uv_loop_t *loop, struct usher_transport **out);
    void (*free)(void *ctx, struct usher_transport *t);
    /* Begin to open a link. Where the transport says no, either an error comes
     * back, or ush_far_closed() is called later. */
    int (*open)(void *ctx, struct usher_transport *t, struct ush_far *far);
    void (*send)(void *ctx, struct ush_far *far, struct usher_span message);
    void (*pause)(void *ctx, struct ush_far *far, bool on); /* read nothing; read on */
    void (*close)(void *ctx, struct ush_far *far, int code);
};

/* Runs all tests; the number of those that failed. */
int ush_contract_transport(struct ush_transport_kit kit);

#endif
