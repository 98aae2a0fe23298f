/* door.c - a connection that we read ourselves: one request, then an answer or a link.
 * SPDX-License-Identifier: MIT */
#include "door.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD_MS 10000
#define ROOM_MIN 1024
/* What is read after the request, only so that closing does not look like a reset. */
#define LINGER_MAX 262144

static void on_poll(uv_poll_t *poll, int status, int events);

int ush_lws_door_open(struct ush_lws *t, int fd, struct ush_lws_seat *seat)
{
    struct ush_lws_door *door = calloc(1, sizeof *door);

    if (door == NULL) {
        return USHER_ENOMEM;
    }
    if (uv_poll_init(t->cfg.loop, &door->poll, fd) != 0) {
        free(door);
        return USHER_EIO;
    }
    door->t = t;
    door->poll.data = door;
    door->fd = fd;
    door->seat = *seat;
    seat->place = NULL;
    door->due_ms = uv_now(t->cfg.loop) + HEAD_MS;
    LIST_INSERT_HEAD(&t->doors, door, all);
    ush_lws_tick_need(t);
    ush_lws_door_poll(door, UV_READABLE);
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    struct ush_lws_door *door = handle->data;
    struct ush_lws *t = door->t;

    LIST_REMOVE(door, all);
    free(door);
    ush_lws_stop_check(t);
}

void ush_lws_door_shut(struct ush_lws_door *door)
{
    struct ush_lws *t = door->t;
    bool held = door->phase == USH_LWS_DOOR_HELD;

    if (door->phase == USH_LWS_DOOR_SHUT) {
        return;
    }
    door->phase = USH_LWS_DOOR_SHUT;
    door->due_ms = 0;
    if (held && t->cfg.gone != NULL) {
        t->cfg.gone(t->cfg.ctx, &door->req);
    }
    uv_poll_stop(&door->poll);
    if (door->fd >= 0) {
        close(door->fd);
        door->fd = -1;
    }
    ush_lws_seat_leave(&t->seats, &door->seat);
    free(door->bytes);
    free(door->body);
    free(door->path);
    free(door->forwarded);
    free(door->out);
    uv_close((uv_handle_t *) &door->poll, on_closed);
}

void ush_lws_door_poll(struct ush_lws_door *door, int events)
{
    if (events == door->events) {
        return;
    }
    door->events = events;
    if (events == 0) {
        uv_poll_stop(&door->poll);
    } else {
        uv_poll_start(&door->poll, events, on_poll);
    }
}

void ush_lws_door_look(struct ush_lws_door *door, uint64_t now)
{
    if (door->due_ms == 0 || now < door->due_ms) {
        return;
    }
    bool silent = door->phase == USH_LWS_DOOR_HEAD && door->len == 0;
    if (!silent && (door->phase == USH_LWS_DOOR_HEAD || door->phase == USH_LWS_DOOR_BODY)) {
        ush_lws_answer_refuse(door, 408, 0);
    } else {
        ush_lws_door_shut(door);
    }
}

/* Bytes that were read; 0: none now; -1: the end, or an error. */
static ssize_t read_some(const struct ush_lws_door *door, char *bytes, size_t room)
{
    ssize_t n = recv(door->fd, bytes, room, 0);

    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return 0;
    }
    return n > 0 ? n : -1;
}

static bool grow(struct ush_lws_door *door)
{
    if (door->len < door->room) {
        return true;
    }
    size_t room = door->room == 0 ? ROOM_MIN : 2 * door->room;
    char *bytes = realloc(door->bytes, room);
    if (bytes == NULL) {
        return false;
    }
    door->bytes = bytes;
    door->room = room;
    return true;
}

static void read_head(struct ush_lws_door *door)
{
    if (!grow(door)) {
        ush_lws_door_shut(door);
        return;
    }
    ssize_t n = read_some(door, door->bytes + door->len, door->room - door->len);
    if (n < 0) {
        ush_lws_door_shut(door);
        return;
    }
    door->len += (size_t) n;
    switch (ush_lws_head_scan(door->bytes, door->len, &door->head_len)) {
    case USH_LWS_SCAN_MORE:
        break;
    case USH_LWS_SCAN_WHOLE:
        ush_lws_request_head(door);
        break;
    case USH_LWS_SCAN_BAD:
        ush_lws_answer_refuse(door, 400, 0);
        break;
    case USH_LWS_SCAN_LARGE:
        ush_lws_answer_refuse(door, 431, 0);
        break;
    }
}

static void read_body(struct ush_lws_door *door)
{
    ssize_t n = read_some(door, door->body + door->body_have, door->body_len - door->body_have);

    if (n < 0) {
        ush_lws_door_shut(door);
        return;
    }
    door->body_have += (size_t) n;
    if (door->body_have == door->body_len) {
        ush_lws_request_body(door);
    }
}

/* The request is over. What still comes is not looked at, and bounded. */
static void read_in_vain(struct ush_lws_door *door)
{
    char bytes[4096];
    ssize_t n = read_some(door, bytes, sizeof bytes);

    door->lingered += n > 0 ? (size_t) n : 0;
    if (n >= 0 && door->lingered < LINGER_MAX) {
        return;
    }
    if (door->phase == USH_LWS_DOOR_LINGER) {
        ush_lws_door_shut(door);
    } else {
        ush_lws_door_poll(door, 0); /* He may have closed only his half, and wait. */
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct ush_lws_door *door = poll->data;

    (void) events;
    if (status < 0) {
        ush_lws_door_shut(door);
        return;
    }
    switch (door->phase) {
    case USH_LWS_DOOR_HEAD:
        read_head(door);
        break;
    case USH_LWS_DOOR_BODY:
        read_body(door);
        break;
    case USH_LWS_DOOR_HELD:
    case USH_LWS_DOOR_LINGER:
        read_in_vain(door);
        break;
    case USH_LWS_DOOR_ANSWER:
        ush_lws_answer_write(door);
        break;
    case USH_LWS_DOOR_SHUT:
        break;
    }
}
