/* relay_lws_main.c - the bare relay: libwebsockets used as lib/plug/lws does, and nothing else.
 * SPDX-License-Identifier: MIT
 *
 * It stores nothing and routes by a table. A frame goes back to its sender and on to
 * its peer as it came, one frame a message: at once when nothing of that link
 * waits, else from a queue when it is writable. */
#include "relay.h"

#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#define RX_BYTES 512
#define TX_BYTES (16 * 1024 * 1024)
#define HEAD_BYTES 1024
#define FRAME_MAX 65536

struct packet {
    STAILQ_ENTRY(packet) next;
    size_t len;
    unsigned char bytes[];
};

struct link {
    struct lws *wsi;
    STAILQ_HEAD(, packet) out;
    char *in; /* a message that has not come whole */
    size_t in_len;
};

struct bare {
    struct relay relay;
    struct lws_context *context;
    struct lws_vhost *vhost;
    uv_poll_t acceptor;
    int fd;
    unsigned char scratch[LWS_PRE + FRAME_MAX];
};

static bool write_now(struct link *link, unsigned char *bytes, size_t len)
{
    return lws_write(link->wsi, bytes + LWS_PRE, len, LWS_WRITE_TEXT) >= (int) len;
}

static void queue(struct link *link, const char *bytes, size_t len)
{
    struct packet *packet = malloc(sizeof *packet + LWS_PRE + len);

    if (packet == NULL) {
        abort();
    }
    packet->len = len;
    memcpy(packet->bytes + LWS_PRE, bytes, len);
    if (STAILQ_EMPTY(&link->out)) {
        lws_callback_on_writable(link->wsi);
    }
    STAILQ_INSERT_TAIL(&link->out, packet, next);
}

static void tell(struct bare *b, struct link *link, const char *bytes, size_t len)
{
    if (!STAILQ_EMPTY(&link->out) || lws_partial_buffered(link->wsi)) {
        queue(link, bytes, len);
        return;
    }
    memcpy(b->scratch + LWS_PRE, bytes, len);
    write_now(link, b->scratch, len);
}

static int writable(struct link *link)
{
    bool good = true;

    while (good && !STAILQ_EMPTY(&link->out) && !lws_partial_buffered(link->wsi)) {
        struct packet *packet = STAILQ_FIRST(&link->out);
        STAILQ_REMOVE_HEAD(&link->out, next);
        good = write_now(link, packet->bytes, packet->len);
        free(packet);
    }
    if (!STAILQ_EMPTY(&link->out)) {
        lws_callback_on_writable(link->wsi);
    }
    return good ? 0 : -1;
}

static void take(struct bare *b, struct link *link, const char *bytes, size_t len)
{
    if (relay_hello(&b->relay, link, bytes, len)) {
        tell(b, link, "hello", 5);
        return;
    }
    struct link *peer = relay_peer(&b->relay, link, bytes, len);
    tell(b, link, bytes, len);
    if (peer != NULL) {
        tell(b, peer, bytes, len);
    }
}

static int receive(struct bare *b, struct link *link, const char *bytes, size_t len)
{
    bool whole = lws_is_final_fragment(link->wsi) && lws_remaining_packet_payload(link->wsi) == 0;

    if (whole && link->in_len == 0) {
        take(b, link, bytes, len);
        return 0;
    }
    if (link->in_len + len > FRAME_MAX) {
        return -1;
    }
    char *more = realloc(link->in, link->in_len + len);
    if (more == NULL) {
        return -1;
    }
    memcpy(more + link->in_len, bytes, len);
    link->in = more;
    link->in_len += len;
    if (whole) {
        take(b, link, link->in, link->in_len);
        link->in_len = 0;
    }
    return 0;
}

static int on_link(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    struct bare *b = lws_context_user(lws_get_context(wsi));
    struct link *link = lws_get_opaque_user_data(wsi);

    (void) user;
    switch ((int) reason) {
    case LWS_CALLBACK_ESTABLISHED:
        link = calloc(1, sizeof *link);
        if (link == NULL) {
            return -1;
        }
        link->wsi = wsi;
        STAILQ_INIT(&link->out);
        lws_set_opaque_user_data(wsi, link);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        return receive(b, link, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return writable(link);
    case LWS_CALLBACK_CLOSED:
        exit(0); /* the load has ended */
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "usher.v1",
     .callback = on_link,
     .per_session_data_size = 1,
     .rx_buffer_size = RX_BYTES,
     .tx_packet_size = TX_BYTES},
    {0},
};

static const lws_retry_bo_t retry = {.secs_since_valid_ping = 25, .secs_since_valid_hangup = 35};

static void open_context(struct bare *b, uv_loop_t *loop)
{
    void *loops[1] = {loop};
    struct lws_context_creation_info info = {0};

    lws_set_log_level(LLL_ERR, NULL);
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8 |
                   LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
    info.foreign_loops = loops;
    info.user = b;
    info.protocols = protocols;
    info.vhost_name = "relay";
    info.alpn = "http/1.1";
    info.retry_and_idle_policy = &retry;
    info.max_http_header_data = HEAD_BYTES;
    b->context = lws_create_context(&info);
    b->vhost = b->context != NULL ? lws_create_vhost(b->context, &info) : NULL;
    if (b->vhost == NULL) {
        fprintf(stderr, "relay: libwebsockets does not start\n");
        exit(1);
    }
}

static void on_arrival(uv_poll_t *poll, int status, int events)
{
    struct bare *b = poll->data;
    int on = 1;

    (void) status;
    (void) events;
    for (;;) {
        int fd = accept4(b->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        lws_adopt_socket_vhost(b->vhost, fd);
    }
}

int main(void)
{
    struct bare *b = calloc(1, sizeof *b);
    struct rlimit files;
    uv_loop_t loop;

    if (b == NULL || uv_loop_init(&loop) != 0) {
        return 1;
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    open_context(b, &loop);
    b->fd = relay_listen();
    b->acceptor.data = b;
    uv_poll_init(&loop, &b->acceptor, b->fd);
    uv_poll_start(&b->acceptor, UV_READABLE, on_arrival);
    signal(SIGTERM, SIG_DFL);
    uv_run(&loop, UV_RUN_DEFAULT);
    return 0;
}
