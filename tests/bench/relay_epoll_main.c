/* relay_epoll_main.c - the ceiling: a relay of nothing but epoll, and SQLite where a file is named.
 * SPDX-License-Identifier: MIT
 *
 *   relay_epoll [FILE]
 *
 * Once a turn all that can be read is read; what was said is committed together,
 * on the loop's own thread (a second one only adds switches on one core); then
 * every link that is told something gets it in one write. */
#include "relay.h"
#include "relay_store.h"
#include "ws.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 1024, READ_BYTES = 256 * 1024, LINKS_MAX = 20000, HEAD_MAX = 4096 };

struct link {
    int fd;
    bool upgraded, dirty;
    char *in; /* a frame that has not come whole */
    size_t in_len;
    char *out;
    size_t out_len, out_size;
};

struct raw {
    struct relay relay;
    struct relay_store *store; /* NULL: nothing is kept */
    bool storing;              /* a transaction is open */
    int epoll, listener;
    struct link *dirty[LINKS_MAX];
    size_t n_dirty;
    char buffer[READ_BYTES];
};

static void put(struct raw *r, struct link *link, const char *bytes, size_t len)
{
    if (link->out_len + len > link->out_size) {
        size_t size = 2 * (link->out_len + len);
        char *more = realloc(link->out, size);
        if (more == NULL) {
            abort();
        }
        link->out = more;
        link->out_size = size;
    }
    memcpy(link->out + link->out_len, bytes, len);
    link->out_len += len;
    if (!link->dirty && r->n_dirty < LINKS_MAX) {
        link->dirty = true;
        r->dirty[r->n_dirty++] = link;
    }
}

static void tell(struct raw *r, struct link *link, const char *bytes, size_t len)
{
    char head[WS_HEAD_MAX];

    put(r, link, head, ws_head(head, WS_TEXT, len, NULL));
    put(r, link, bytes, len);
}

static void take(struct raw *r, struct link *link, const char *frame, size_t len)
{
    if (relay_hello(&r->relay, link, frame, len)) {
        tell(r, link, "hello", 5);
        return;
    }
    struct link *peer = relay_peer(&r->relay, link, frame, len);
    if (r->store != NULL) {
        if (!r->storing) {
            relay_store_begin(r->store);
            r->storing = true;
        }
        relay_store_put(r->store, frame, len);
    }
    tell(r, link, frame, len);
    if (peer != NULL) {
        tell(r, peer, frame, len);
    }
}

static size_t upgrade(struct raw *r, struct link *link, char *bytes, size_t n)
{
    char head[HEAD_MAX], key[32], answer[256];

    if (n >= sizeof head || memmem(bytes, n, "\r\n\r\n", 4) == NULL) {
        return 0;
    }
    memcpy(head, bytes, n);
    head[n] = '\0';
    if (!ws_accept(head, key)) {
        fprintf(stderr, "relay: no handshake\n");
        exit(1);
    }
    int len = snprintf(answer, sizeof answer,
                       "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
                       "Sec-WebSocket-Protocol: usher.v1\r\n\r\n",
                       key);
    put(r, link, answer, (size_t) len);
    link->upgraded = true;
    return (size_t) (strstr(head, "\r\n\r\n") - head) + 4;
}

/* All whole frames of the bytes; how much was used. */
static size_t take_bytes(struct raw *r, struct link *link, char *bytes, size_t n)
{
    struct ws_frame frame;
    size_t at = link->upgraded ? 0 : upgrade(r, link, bytes, n);

    while (link->upgraded && at < n && ws_parse(bytes + at, n - at, &frame) == 1) {
        if (frame.opcode == WS_TEXT) {
            take(r, link, frame.payload, frame.len);
        }
        at += frame.size;
    }
    return at;
}

static void receive(struct raw *r, struct link *link)
{
    if (link->in_len > 0) {
        memcpy(r->buffer, link->in, link->in_len);
    }
    ssize_t n = recv(link->fd, r->buffer + link->in_len, READ_BYTES - link->in_len, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        exit(0); /* the load has ended */
    }
    size_t all = link->in_len + (size_t) n;
    size_t at = take_bytes(r, link, r->buffer, all);
    link->in_len = all - at;
    if (link->in_len > 0) {
        char *kept = realloc(link->in, link->in_len);
        if (kept == NULL) {
            abort();
        }
        memcpy(kept, r->buffer + at, link->in_len);
        link->in = kept;
    }
}

static void watch_room(const struct raw *r, struct link *link, bool on)
{
    struct epoll_event event = {.events = on ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = link};
    epoll_ctl(r->epoll, EPOLL_CTL_MOD, link->fd, &event);
}

static void transmit(const struct raw *r, struct link *link)
{
    ssize_t n = send(link->fd, link->out, link->out_len, MSG_DONTWAIT | MSG_NOSIGNAL);
    size_t sent = n > 0 ? (size_t) n : 0;

    link->out_len -= sent;
    if (link->out_len > 0) {
        memmove(link->out, link->out + sent, link->out_len);
        watch_room(r, link, true);
    }
}

static void admit(const struct raw *r)
{
    int on = 1;

    for (;;) {
        int fd = accept4(r->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        struct link *link = fd >= 0 ? calloc(1, sizeof *link) : NULL;
        if (link == NULL) {
            return;
        }
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = link};
        link->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

static void turn(struct raw *r)
{
    struct epoll_event events[EVENTS];
    int n = epoll_wait(r->epoll, events, EVENTS, -1);

    for (int i = 0; i < n; i++) {
        struct link *link = events[i].data.ptr;
        if (link == NULL) {
            admit(r);
            continue;
        }
        if ((events[i].events & EPOLLOUT) != 0) {
            watch_room(r, link, false);
            transmit(r, link);
        }
        if ((events[i].events & ~(unsigned) EPOLLOUT) != 0) {
            receive(r, link);
        }
    }
    if (r->storing) {
        relay_store_commit(r->store);
        r->storing = false;
    }
    for (size_t i = 0; i < r->n_dirty; i++) {
        r->dirty[i]->dirty = false;
        transmit(r, r->dirty[i]);
    }
    r->n_dirty = 0;
}

int main(int argc, char **argv)
{
    struct raw *r = calloc(1, sizeof *r);
    struct epoll_event event = {.events = EPOLLIN};
    struct rlimit files;

    if (r == NULL) {
        return 1;
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    if (argc > 1) {
        r->store = relay_store_open(argv[1]);
    }
    r->epoll = epoll_create1(EPOLL_CLOEXEC);
    r->listener = relay_listen();
    epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->listener, &event);
    for (;;) {
        turn(r);
    }
}
