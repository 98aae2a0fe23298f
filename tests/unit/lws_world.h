/* lws_world.h - a tiny host with the lws transport, and clients that speak bare bytes to it.
 * SPDX-License-Identifier: MIT
 *
 * All in one thread: whenever a client would wait, the host's loop runs. Nothing
 * waits for a time, only for events, and for no longer than WORLD_MS. */
#ifndef USH_TEST_LWS_WORLD_H
#define USH_TEST_LWS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "usher/plug/lws.h"

#define LWS_WORLD_LINKS 2048

struct lws_world {
    uv_loop_t loop;
    struct usher_transport *transport;
    struct usher_transport_host host;
    int port;
    char socket_path[100];
    /* How the host behaves. */
    int admit, up;              /* what it answers */
    uint32_t retry_ms;
    bool echo;                  /* send every input back */
    bool hold;                  /* keep requests; else answer 200 with the body */
    /* What it was told. */
    uint32_t ups, downs, inputs, clears, requests, gones, dones;
    uint32_t last;              /* the newest link */
    void *conns[LWS_WORLD_LINKS];
    int codes[LWS_WORLD_LINKS]; /* of down(); 0: it lives */
    char *input;                /* the last one */
    size_t input_len;
    char address[64], forwarded[256];
    char method[16], path[256], query[256];
    bool origin_ok;
    struct usher_lws_request *request; /* the one that is kept */
    uint32_t log_lines;
    char log[512];              /* the last one */
};

void lws_world_config(struct lws_world *w, struct usher_lws_config *cfg);
void lws_world_open(struct lws_world *w, const struct usher_lws_config *cfg);
/* Open with the defaults. */
void lws_world_start(struct lws_world *w);
/* Stop, and see that nothing is left on the loop. */
void lws_world_stop(struct lws_world *w, int code);
/* Does valgrind run this (tests/full.sh says so)? Its time, memory and descriptors are its own. */
bool lws_world_valgrind(void);
/* Run the loop once, waiting for its events, and for this file (-1: none). */
void lws_world_turn(struct lws_world *w, int fd, short events);
/* Run it until a number is at least so large. */
void lws_world_until(struct lws_world *w, const uint32_t *number, uint32_t at_least);
int lws_world_send(struct lws_world *w, uint32_t link, const void *bytes, size_t len);

struct lws_peer {
    struct lws_world *w;
    int fd;
    char *in;      /* read, and not taken yet */
    size_t len, room;
    char *frame;   /* the last one */
    bool end, reset; /* nothing more will come */
};

struct lws_frame { int opcode; bool fin; size_t len; char *bytes; };

void lws_peer_open(struct lws_peer *p, struct lws_world *w);
void lws_peer_close(struct lws_peer *p);
void lws_peer_reset(struct lws_peer *p);
/* Send all of it, as fast as the other side takes it. */
void lws_peer_send(struct lws_peer *p, const void *bytes, size_t len);
void lws_peer_text(struct lws_peer *p, const char *text);
/* Try to read once more. False: the end. */
bool lws_peer_read(struct lws_peer *p);
/* Send what is left of a conversation, then read to the end. Returns the HTTP
 * status of the first answer; 0: none came. */
int lws_peer_answer(struct lws_peer *p);
/* Ask for a link as a page of this origin ("": it does not say) does; returns the status. */
int lws_peer_knock(struct lws_world *w, const char *origin);
/* Do the handshake; returns the status. */
int lws_peer_upgrade(struct lws_peer *p);
/* The handshake as text; returns its length. */
size_t lws_peer_handshake(const struct lws_peer *p, char *out, size_t size);
void lws_peer_frame(struct lws_peer *p, bool fin, int opcode, const void *bytes, size_t len);
/* Bytes of a masked frame; out has room for len + 14. */
size_t lws_frame_write(char *out, bool fin, int opcode, const void *bytes, size_t len);
/* False: the end came first. The bytes are valid until the next call. */
bool lws_peer_next(struct lws_peer *p, struct lws_frame *frame);
/* Read until the close frame, answer it; its code, or 1006 if none came. */
int lws_peer_close_code(struct lws_peer *p);

#endif
