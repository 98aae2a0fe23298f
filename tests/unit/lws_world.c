/* lws_world.c - a tiny host with the lws transport, and clients that speak bare bytes to it.
 * SPDX-License-Identifier: MIT */
#include "lws_world.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define WORLD_MS 30000

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000 + (uint64_t) t.tv_nsec / 1000000;
}

/* ---- The host. */

static int on_admit(void *ctx, const struct usher_peer *peer, uint32_t *retry_ms)
{
    struct lws_world *w = ctx;
    (void) peer;
    *retry_ms = w->retry_ms;
    return w->admit;
}

static int on_up(void *ctx, struct usher_transport *t, void *conn, const struct usher_peer *peer,
                 struct usher_link_id *out)
{
    struct lws_world *w = ctx;
    assert_ptr_equal(t, w->transport);
    snprintf(w->address, sizeof w->address, "%.*s", (int) peer->address.len,
             (const char *) peer->address.base);
    snprintf(w->forwarded, sizeof w->forwarded, "%.*s", (int) peer->forwarded.len,
             peer->forwarded.len > 0 ? (const char *) peer->forwarded.base : "");
    if (w->up != 0) {
        return w->up;
    }
    w->ups++;
    w->last = w->ups;
    assert_true(w->last < LWS_WORLD_LINKS);
    w->conns[w->last] = conn;
    out->v = w->last;
    return 0;
}

static void on_input(void *ctx, struct usher_link_id link, struct usher_span message)
{
    struct lws_world *w = ctx;
    assert_int_equal(w->codes[link.v], 0);
    free(w->input);
    w->input = malloc(message.len + 1);
    assert_non_null(w->input);
    if (message.len > 0) {
        memcpy(w->input, message.base, message.len);
    }
    w->input[message.len] = '\0';
    w->input_len = message.len;
    w->inputs++;
    if (w->echo) {
        w->transport->ops->send(w->transport, w->conns[link.v], message);
    }
}

static void on_clear(void *ctx, struct usher_link_id link)
{
    struct lws_world *w = ctx;
    assert_int_equal(w->codes[link.v], 0);
    w->clears++;
}

static void on_down(void *ctx, struct usher_link_id link, int code)
{
    struct lws_world *w = ctx;
    assert_int_equal(w->codes[link.v], 0); /* Exactly once. */
    assert_int_not_equal(code, 0);
    w->codes[link.v] = code;
    w->downs++;
}

static void on_log(void *ctx, enum usher_level level, const char *message)
{
    struct lws_world *w = ctx;
    (void) level;
    assert_null(strchr(message, '\n'));
    snprintf(w->log, sizeof w->log, "%s", message);
    w->log_lines++;
}

static void copy_text(char *out, size_t size, struct usher_span from)
{
    snprintf(out, size, "%.*s", (int) from.len, from.len > 0 ? (const char *) from.base : "");
}

static void on_request(void *ctx, struct usher_lws_request *req)
{
    struct lws_world *w = ctx;
    struct usher_lws_reply reply = {.status = 200, .content_type = "text/plain"};

    w->requests++;
    copy_text(w->method, sizeof w->method, req->method);
    copy_text(w->path, sizeof w->path, req->path);
    copy_text(w->query, sizeof w->query, req->query);
    copy_text(w->forwarded, sizeof w->forwarded, req->peer.forwarded);
    w->origin_ok = req->origin_ok;
    if (w->hold) {
        w->request = req;
        return;
    }
    reply.body = req->body;
    assert_int_equal(usher_lws_reply(req, &reply), 0);
}

static void on_gone(void *ctx, struct usher_lws_request *req)
{
    struct lws_world *w = ctx;
    assert_ptr_equal(req, w->request);
    w->request = NULL;
    w->gones++;
}

static void on_done(void *ctx)
{
    struct lws_world *w = ctx;
    w->dones++;
}

void lws_world_config(struct lws_world *w, struct usher_lws_config *cfg)
{
    *w = (struct lws_world){0};
    usher_lws_config_init(cfg);
    cfg->listen = "127.0.0.1:0";
    cfg->request = on_request;
    cfg->gone = on_gone;
    cfg->ctx = w;
    cfg->loop = &w->loop;
}

void lws_world_open(struct lws_world *w, const struct usher_lws_config *cfg)
{
    struct usher_fault why = {0};

    assert_int_equal(uv_loop_init(&w->loop), 0);
    if (usher_lws_new(&w->transport, cfg, &why) != 0) {
        fail_msg("%s", why.text);
    }
    w->port = usher_lws_port(w->transport);
    if (strncmp(cfg->listen, "unix:", 5) == 0) {
        snprintf(w->socket_path, sizeof w->socket_path, "%s", cfg->listen + 5);
    }
    w->host = (struct usher_transport_host){.ctx = w,
                                            .admit = on_admit,
                                            .up = on_up,
                                            .input = on_input,
                                            .clear = on_clear,
                                            .down = on_down,
                                            .log = on_log};
    if (w->transport->ops->start(w->transport, &w->host, &why) != 0) {
        fail_msg("%s", why.text);
    }
}

void lws_world_start(struct lws_world *w)
{
    struct usher_lws_config cfg;
    lws_world_config(w, &cfg);
    lws_world_open(w, &cfg);
}

bool lws_world_valgrind(void)
{
    return getenv("USHER_VALGRIND") != NULL;
}

void lws_world_turn(struct lws_world *w, int fd, short events)
{
    struct pollfd files[2] = {{.fd = uv_backend_fd(&w->loop), .events = POLLIN},
                              {.fd = fd, .events = events}};
    int wait = uv_backend_timeout(&w->loop);

    if (wait < 0 || wait > 1000) {
        wait = 1000;
    }
    poll(files, fd < 0 ? 1 : 2, wait);
    uv_run(&w->loop, UV_RUN_NOWAIT);
}

void lws_world_until(struct lws_world *w, const uint32_t *number, uint32_t at_least)
{
    uint64_t end = now_ms() + WORLD_MS;

    while (*number < at_least) {
        if (now_ms() > end) {
            fail_msg("waited in vain: %u instead of %u", *number, at_least);
        }
        lws_world_turn(w, -1, 0);
    }
}

void lws_world_stop(struct lws_world *w, int code)
{
    w->transport->ops->stop(w->transport, code, on_done, w);
    assert_int_equal(w->dones, 0);
    lws_world_until(w, &w->dones, 1);
    assert_int_equal(w->ups, w->downs);
    usher_lws_free(w->transport);
    assert_int_equal(uv_run(&w->loop, UV_RUN_NOWAIT), 0);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    free(w->input);
}

int lws_world_send(struct lws_world *w, uint32_t link, const void *bytes, size_t len)
{
    struct usher_span message = {bytes, len};
    return w->transport->ops->send(w->transport, w->conns[link], message);
}

/* ---- The clients. */

void lws_peer_open(struct lws_peer *p, struct lws_world *w)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t) w->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    bool local = w->socket_path[0] != '\0';

    memcpy(un.sun_path, w->socket_path, sizeof w->socket_path);
    *p = (struct lws_peer){.w = w};
    p->fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(p->fd >= 0);
    const struct sockaddr *to = local ? (const struct sockaddr *) (const void *) &un
                                      : (const struct sockaddr *) (const void *) &v4;
    if (connect(p->fd, to, local ? sizeof un : sizeof v4) != 0) {
        fail_msg("connect: %s", strerror(errno));
    }
}

void lws_peer_close(struct lws_peer *p)
{
    close(p->fd);
    free(p->in);
    free(p->frame);
    *p = (struct lws_peer){.fd = -1};
}

void lws_peer_reset(struct lws_peer *p)
{
    struct linger hard = {.l_onoff = 1};
    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    lws_peer_close(p);
}

void lws_peer_send(struct lws_peer *p, const void *bytes, size_t len)
{
    uint64_t end = now_ms() + WORLD_MS;
    const char *at = bytes;

    while (len > 0 && now_ms() < end) {
        ssize_t n = send(p->fd, at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            at += n;
            len -= (size_t) n;
        } else if (errno == EAGAIN) {
            lws_world_turn(p->w, p->fd, POLLOUT);
        } else {
            return; /* The other side has closed: tests see it when they read. */
        }
    }
}

void lws_peer_text(struct lws_peer *p, const char *text)
{
    lws_peer_send(p, text, strlen(text));
}

bool lws_peer_read(struct lws_peer *p)
{
    uint64_t end = now_ms() + WORLD_MS;

    if (p->room - p->len < 65536) {
        p->room += 131072;
        p->in = realloc(p->in, p->room);
        assert_non_null(p->in);
    }
    while (!p->end) {
        ssize_t n = recv(p->fd, p->in + p->len, p->room - p->len, MSG_DONTWAIT);
        if (n > 0) {
            p->len += (size_t) n;
            return true;
        }
        if (n == 0 || errno != EAGAIN) {
            p->end = true;
            p->reset = n != 0;
        } else if (now_ms() > end) {
            fail_msg("nothing came from the server");
        } else {
            lws_world_turn(p->w, p->fd, POLLIN);
        }
    }
    return false;
}

static void take(struct lws_peer *p, size_t len)
{
    memmove(p->in, p->in + len, p->len - len);
    p->len -= len;
}

int lws_peer_answer(struct lws_peer *p)
{
    while (lws_peer_read(p)) {
    }
    p->in[p->len] = '\0';
    return p->len > 12 && memcmp(p->in, "HTTP/1.1 ", 9) == 0 ? atoi(p->in + 9) : 0;
}

size_t lws_peer_handshake(const struct lws_peer *p, char *out, size_t size)
{
    int n = snprintf(out, size,
                     "GET /usher HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\n"
                     "Connection: keep-alive, Upgrade\r\nOrigin: http://127.0.0.1:%d\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                     "Sec-WebSocket-Protocol: other, usher.v1\r\n"
                     "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
                     p->w->port, p->w->port);
    assert_true(n > 0 && (size_t) n < size);
    return (size_t) n;
}

int lws_peer_knock(struct lws_world *w, const char *origin)
{
    char head[1024];
    struct lws_peer p;

    snprintf(head, sizeof head,
             "GET /usher HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "%s%s%sSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
             "Sec-WebSocket-Protocol: usher.v1\r\n\r\n",
             origin[0] == '\0' ? "" : "Origin: ", origin, origin[0] == '\0' ? "" : "\r\n");
    lws_peer_open(&p, w);
    lws_peer_text(&p, head);
    int status = lws_peer_answer(&p);
    lws_peer_close(&p);
    return status;
}

int lws_peer_upgrade(struct lws_peer *p)
{
    char head[1024];
    lws_peer_send(p, head, lws_peer_handshake(p, head, sizeof head));
    for (;;) {
        char *end = p->len == 0 ? NULL : memmem(p->in, p->len, "\r\n\r\n", 4);
        if (end != NULL) {
            int status = atoi(p->in + 9);
            assert_non_null(memmem(p->in, p->len, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 28));
            take(p, (size_t) (end - p->in) + 4);
            return status;
        }
        if (!lws_peer_read(p)) {
            return 0;
        }
    }
}

size_t lws_frame_write(char *out, bool fin, int opcode, const void *bytes, size_t len)
{
    static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    unsigned char *at = (unsigned char *) out;
    const unsigned char *from = bytes;

    *at++ = (unsigned char) ((fin ? 0x80 : 0) | opcode);
    if (len < 126) {
        *at++ = (unsigned char) (0x80 | len);
    } else if (len < 65536) {
        *at++ = 0x80 | 126;
        *at++ = (unsigned char) (len >> 8);
        *at++ = (unsigned char) (len & 0xff);
    } else {
        *at++ = 0x80 | 127;
        for (int shift = 56; shift >= 0; shift -= 8) {
            *at++ = (unsigned char) ((uint64_t) len >> shift & 0xff);
        }
    }
    memcpy(at, mask, 4);
    at += 4;
    for (size_t i = 0; i < len; i++) {
        *at++ = from[i] ^ mask[i & 3];
    }
    return (size_t) (at - (unsigned char *) out);
}

void lws_peer_frame(struct lws_peer *p, bool fin, int opcode, const void *bytes, size_t len)
{
    char *out = malloc(len + 14);
    assert_non_null(out);
    lws_peer_send(p, out, lws_frame_write(out, fin, opcode, bytes, len));
    free(out);
}

/* The length of the frame that stands first, with its head; 0: not here yet. */
static size_t whole_frame(const struct lws_peer *p, struct lws_frame *frame)
{
    const unsigned char *in = (const unsigned char *) p->in;
    size_t head = 2;

    if (p->len < 2) {
        return 0;
    }
    assert_int_equal(in[0] & 0x70, 0); /* no extension */
    assert_int_equal(in[1] & 0x80, 0); /* a server does not mask */
    frame->fin = (in[0] & 0x80) != 0;
    frame->opcode = in[0] & 0x0f;
    frame->len = in[1];
    if (in[1] >= 126) {
        size_t n = in[1] == 126 ? 2 : 8;
        if (p->len < 2 + n) {
            return 0;
        }
        frame->len = 0;
        for (size_t i = 0; i < n; i++) {
            frame->len = frame->len << 8 | in[2 + i];
        }
        head += n;
    }
    frame->bytes = p->in + head;
    return p->len < head + frame->len ? 0 : head + frame->len;
}

bool lws_peer_next(struct lws_peer *p, struct lws_frame *frame)
{
    size_t len = 0;

    while ((len = whole_frame(p, frame)) == 0) {
        if (!lws_peer_read(p)) {
            return false;
        }
    }
    free(p->frame);
    p->frame = malloc(frame->len + 1);
    assert_non_null(p->frame);
    memcpy(p->frame, frame->bytes, frame->len);
    p->frame[frame->len] = '\0';
    frame->bytes = p->frame;
    take(p, len);
    return true;
}

int lws_peer_close_code(struct lws_peer *p)
{
    struct lws_frame frame = {0};

    while (lws_peer_next(p, &frame)) {
        if (frame.opcode == 8) {
            int code = frame.len < 2 ? 1005
                                     : (unsigned char) frame.bytes[0] << 8
                                           | (unsigned char) frame.bytes[1];
            char reason[2] = {(char) (code >> 8), (char) (code & 0xff)};
            lws_peer_frame(p, true, 8, reason, 2);
            return code;
        }
    }
    return 1006;
}
