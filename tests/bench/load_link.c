/* load_link.c - the links of the load generator: sockets, frames in and frames out.
 * SPDX-License-Identifier: MIT */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 512
#define HANDSHAKE_MAX 1024

const unsigned char load_mask[WS_MASK] = {0x5a, 0xc3, 0x17, 0x88};

_Noreturn void load_die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

uint64_t load_clock(clockid_t clock)
{
    struct timespec at;

    if (clock_gettime(clock, &at) != 0) {
        load_die("the server is gone");
    }
    return (uint64_t) at.tv_sec * 1000000000u + (uint64_t) at.tv_nsec;
}

static void *grown(void *bytes, size_t *size, size_t need)
{
    if (need <= *size) {
        return bytes;
    }
    size_t more = *size == 0 ? 1024 : *size;
    while (more < need) {
        more *= 2;
    }
    void *larger = realloc(bytes, more);
    if (larger == NULL) {
        load_die("no memory");
    }
    *size = more;
    return larger;
}

void load_link_put(struct load_link *link, const char *bytes, size_t len)
{
    struct load_target *t = link->target;

    link->out = grown(link->out, &link->out_size, link->out_len + len);
    memcpy(link->out + link->out_len, bytes, len);
    link->out_len += len;
    if (!link->dirty) {
        link->dirty = true;
        t->dirty[t->n_dirty++] = link;
    }
}

static void put_frame(struct load_link *link, int opcode, const char *text, size_t len)
{
    char head[WS_HEAD_MAX];
    char payload[2048];

    memcpy(payload, text, len);
    ws_mask(payload, len, load_mask, 0);
    load_link_put(link, head, ws_head(head, opcode, len, load_mask));
    load_link_put(link, payload, len);
}

void load_link_text(struct load_link *link, const char *format, ...)
{
    char text[2048];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0 || (size_t) n >= sizeof text) {
        load_die("too long a text");
    }
    put_frame(link, WS_TEXT, text, (size_t) n);
}

void load_link_open(struct load_link *link, const char *from)
{
    struct load_target *t = link->target;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t) t->port)};
    struct sockaddr_in self = {.sin_family = AF_INET};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = link};
    char text[HANDSHAKE_MAX];
    int on = 1;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    link->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link->fd < 0 || inet_pton(AF_INET, from, &self.sin_addr) != 1) {
        load_die("socket: %s", strerror(errno));
    }
    setsockopt(link->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(link->fd, (const struct sockaddr *) &self, sizeof self) != 0 ||
        connect(link->fd, (const struct sockaddr *) &to, sizeof to) != 0) {
        load_die("%s: connect: %s", t->name, strerror(errno));
    }
    if (epoll_ctl(t->epoll, EPOLL_CTL_ADD, link->fd, &event) != 0) {
        load_die("epoll: %s", strerror(errno));
    }
    int n = snprintf(text, sizeof text,
                     "GET /usher HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: usher.v1\r\n"
                     "Origin: http://127.0.0.1:%d\r\n\r\n",
                     t->port, t->port);
    load_link_put(link, text, (size_t) n);
}

/* The answer to the handshake. How many bytes it took: 0 if it is not whole. */
static size_t take_upgrade(struct load_link *link, const char *bytes, size_t n)
{
    static const char end[] = "\r\n\r\n";
    static const char good[] = "HTTP/1.1 101";
    const char *at = memmem(bytes, n, end, sizeof end - 1);

    if (at == NULL) {
        return 0;
    }
    if (n < sizeof good || memcmp(bytes, good, sizeof good - 1) != 0) {
        load_die("%s: no upgrade: %.*s", link->target->name, (int) (at - bytes), bytes);
    }
    link->upgraded = true;
    return (size_t) (at - bytes) + sizeof end - 1;
}

/* A frame of text holds one object a line. */
static void take_text(struct load_link *link, const char *text, size_t len)
{
    while (len > 0) {
        const char *newline = memchr(text, '\n', len);
        size_t n = newline != NULL ? (size_t) (newline - text) : len;
        if (n > SAID_SESSION_AT && memcmp(text, SAY_HEAD, 11) == 0) {
            load_talk_take(link, text, n);
        } else {
            load_setup_take(link, text, n);
        }
        n += newline != NULL;
        text += n;
        len -= n;
    }
}

/* What can be read of the bytes; the rest is returned. */
static size_t take_bytes(struct load_link *link, char *bytes, size_t n)
{
    struct ws_frame frame;
    size_t at = 0;

    if (!link->upgraded) {
        at = take_upgrade(link, bytes, n);
    }
    while (link->upgraded && at < n) {
        int rv = ws_parse(bytes + at, n - at, &frame);
        if (rv < 0 || (rv > 0 && frame.opcode == WS_CLOSE)) {
            load_die("%s: a link was closed: %d", link->target->name,
                     rv < 0 ? 0
                            : (unsigned char) frame.payload[0] << 8 |
                                  (unsigned char) frame.payload[1]);
        }
        if (rv == 0) {
            break;
        }
        if (frame.opcode == WS_TEXT) {
            take_text(link, frame.payload, frame.len);
        } else if (frame.opcode == WS_PING) {
            put_frame(link, WS_PONG, frame.payload, frame.len);
        }
        at += frame.size;
    }
    return n - at;
}

static void receive(struct load_link *link)
{
    struct load_target *t = link->target;
    char *buffer = t->buffer;
    size_t kept = link->in_len;

    if (kept >= LOAD_READ / 2) {
        load_die("%s: a frame without end", t->name);
    }
    if (kept > 0) {
        memcpy(buffer, link->in, kept);
    }
    ssize_t n = recv(link->fd, buffer + kept, LOAD_READ - kept, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        load_die("%s: a link was lost", t->name);
    }
    t->count.bytes_in += (uint64_t) n;
    t->now_ns = load_clock(CLOCK_MONOTONIC);
    size_t all = kept + (size_t) n;
    size_t rest = take_bytes(link, buffer, all);
    if (rest > 0) {
        link->in = grown(link->in, &link->in_size, rest);
        memcpy(link->in, buffer + all - rest, rest);
    }
    link->in_len = rest;
}

static void watch_room(struct load_link *link, bool on)
{
    struct epoll_event event = {.events = on ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = link};

    epoll_ctl(link->target->epoll, EPOLL_CTL_MOD, link->fd, &event);
}

static void transmit(struct load_link *link)
{
    struct load_target *t = link->target;
    ssize_t n = send(link->fd, link->out, link->out_len, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        load_die("%s: send: %s", t->name, strerror(errno));
    }
    size_t sent = n > 0 ? (size_t) n : 0;
    t->count.bytes_out += sent;
    link->out_len -= sent;
    if (link->out_len > 0) {
        memmove(link->out, link->out + sent, link->out_len);
        watch_room(link, true);
    }
}

static void transmit_dirty(struct load_target *t)
{
    for (unsigned i = 0; i < t->n_dirty; i++) {
        t->dirty[i]->dirty = false;
        transmit(t->dirty[i]);
    }
    t->n_dirty = 0;
}

void load_turn(struct load_target *t, uint64_t until_ns)
{
    struct epoll_event events[EVENTS];

    transmit_dirty(t);
    uint64_t now = load_clock(CLOCK_MONOTONIC);
    int wait_ms = now < until_ns ? (int) ((until_ns - now + 999999) / 1000000) : 0;
    int n = epoll_wait(t->epoll, events, EVENTS, wait_ms);
    for (int i = 0; i < n; i++) {
        struct load_link *link = events[i].data.ptr;
        if ((events[i].events & EPOLLOUT) != 0) {
            watch_room(link, false);
            transmit(link);
        }
        if ((events[i].events & ~(unsigned) EPOLLOUT) != 0) {
            receive(link);
        }
    }
    transmit_dirty(t);
}
