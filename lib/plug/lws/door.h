/* door.h - a connection that we read ourselves: one request, then an answer or a link.
 * SPDX-License-Identifier: MIT
 *
 *     HEAD --> BODY --> HELD --> ANSWER --> LINGER --> SHUT
 *       \--handshake: to libwebsockets----------------/
 *
 * One request a connection: what comes after it is never read as a second one. */
#ifndef USH_LWS_DOOR_H
#define USH_LWS_DOOR_H

#include "head.h"
#include "state.h"

enum ush_lws_door_phase {
    USH_LWS_DOOR_HEAD,
    USH_LWS_DOOR_BODY,
    USH_LWS_DOOR_HELD,   /* the host has the request */
    USH_LWS_DOOR_ANSWER, /* is being written */
    USH_LWS_DOOR_LINGER, /* was written; until the peer has read it and closes */
    USH_LWS_DOOR_SHUT    /* libuv has the handle for one more turn */
};

struct ush_lws_door {
    LIST_ENTRY(ush_lws_door) all;
    struct ush_lws *t;
    uv_poll_t poll;
    int fd;                 /* -1: closed, or handed over */
    int events;             /* that are polled for */
    enum ush_lws_door_phase phase;
    uint64_t due_ms;        /* of this phase; 0: none */
    struct ush_lws_seat seat;
    char *bytes;            /* the head, and what came with it */
    size_t len, room;
    size_t head_len;        /* of these; while it is looked for: how many were looked at */
    bool no_body;           /* HEAD */
    char *body;
    size_t body_len, body_have;
    struct usher_lws_request req;
    char *path, *forwarded; /* of req */
    char *out;              /* the answer */
    size_t out_len, out_at;
    size_t lingered;        /* bytes read in vain */
};

/* Takes the seat over. Errors: ENOMEM, EIO; then nothing was taken. */
int ush_lws_door_open(struct ush_lws *t, int fd, struct ush_lws_seat *seat);
void ush_lws_door_shut(struct ush_lws_door *door);
void ush_lws_door_look(struct ush_lws_door *door, uint64_t now);
/* UV_READABLE, UV_WRITABLE, or 0. */
void ush_lws_door_poll(struct ush_lws_door *door, int events);

/* request.c: the head is whole; the body is. */
void ush_lws_request_head(struct ush_lws_door *door);
void ush_lws_request_body(struct ush_lws_door *door);

/* answer.c */
void ush_lws_answer_refuse(struct ush_lws_door *door, int status, uint32_t retry_ms);
void ush_lws_answer_write(struct ush_lws_door *door);

#endif
