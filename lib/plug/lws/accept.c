/* accept.c - takes connections from the listening socket, as many as the caps allow.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "door.h"

/* In one turn, so that those who are here already get theirs. */
#define ACCEPTS_MAX 64
/* Nothing tells when a descriptor is free again. */
#define AGAIN_MS 500
/* What the system keeps for one peer who does not read; more waits with us,
 * where it is counted. */
#define SEND_BYTES 262144

/* Over a cap: an answer if it can be had for nothing, and away. */
static void turn_away(int fd)
{
    static const char answer[] =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n";

    if (send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
        shutdown(fd, SHUT_WR);
    }
    close(fd);
}

static void take(struct ush_lws *t, int fd, const struct sockaddr *peer)
{
    struct ush_lws_seat seat = {0};
    int on = 1;
    int bytes = SEND_BYTES;

    if (ush_lws_seat_take(&t->seats, peer, &seat) != 0) {
        turn_away(fd);
        return;
    }
    if (peer->sa_family != AF_UNIX) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    if (ush_lws_door_open(t, fd, &seat) != 0) {
        ush_lws_seat_leave(&t->seats, &seat);
        turn_away(fd);
    }
}

static void pause_accepting(struct ush_lws *t, int err)
{
    char line[128];

    snprintf(line, sizeof line, "not accepting for a while: %s", strerror(err));
    ush_lws_log(t, USHER_WARN, line);
    uv_poll_stop(&t->acceptor);
    t->accept_ms = uv_now(t->cfg.loop) + AGAIN_MS;
    ush_lws_tick_need(t);
}

void ush_lws_accept(uv_poll_t *poll, int status, int events)
{
    struct ush_lws *t = poll->data;
    union {
        struct sockaddr any;
        struct sockaddr_storage storage;
    } peer;

    (void) status;
    (void) events;
    for (int i = 0; i < ACCEPTS_MAX; i++) {
        socklen_t len = sizeof peer;
        peer.any.sa_family = AF_UNIX;
        int fd = accept4(t->listen.fd, &peer.any, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            take(t, fd, &peer.any);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return;
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pause_accepting(t, errno);
            return;
        }
        /* All else is an error of that one connection. */
    }
}

void ush_lws_accept_again(struct ush_lws *t)
{
    t->accept_ms = 0;
    if (t->phase == USH_LWS_RUNNING) {
        uv_poll_start(&t->acceptor, UV_READABLE, ush_lws_accept);
    }
}
