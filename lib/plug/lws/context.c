/* context.c - libwebsockets itself: its context on the host's loop, and its callbacks.
 * SPDX-License-Identifier: MIT
 *
 * Debian's 4.1.6 is used within narrow bounds, each for a fault that was seen:
 * - it never listens (a port in use aborts the process) and never serves HTTP (an
 *   upgrade to anything but "websocket" touches freed memory): it gets sockets
 *   with a handshake that passed our checks and that we wrote anew;
 * - no extensions (compressed input breaks), no HTTP/2 (large frames stall);
 * - never lws_rx_flow_control (spins), never its timers but for the close code;
 * - it is destroyed in two calls with the loop running in between. */
#include "context.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "rules.h"

/* Without it no more than USH_LWS_RX_BYTES would be written at once. */
#define TX_BYTES (16 * 1024 * 1024)
#define HEAD_BYTES 1024
/* Descriptors that a context takes for itself, and some. */
#define SPARE_FDS 8

static struct ush_lws *transport_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

static struct ush_lws_link *link_of(struct lws *wsi)
{
    return lws_get_opaque_user_data(wsi);
}

/* Its first upgrade, and only to a WebSocket, and only from us. */
static bool may_upgrade(struct lws *wsi)
{
    char word[16] = "";

    /* The argument of the callback may point to freed memory: never look at it. */
    return link_of(wsi) != NULL && !link_of(wsi)->known
           && lws_hdr_copy(wsi, word, sizeof word, WSI_TOKEN_UPGRADE) > 0
           && strcmp(word, "websocket") == 0;
}

static bool is_ours(struct lws *wsi)
{
    char text[32] = "";

    return may_upgrade(wsi) && lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_VERSION) > 0
           && strcmp(text, "13") == 0
           && lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_KEY) == USH_LWS_KEY_LEN
           && lws_hdr_copy(wsi, text, sizeof text, WSI_TOKEN_PROTOCOL) > 0
           && strcmp(text, USH_LWS_SUBPROTOCOL) == 0;
}

static void created(struct lws *wsi)
{
    transport_of(wsi)->wsis++;
}

static void adopted(struct lws *wsi)
{
    struct ush_lws *t = transport_of(wsi);

    if (t->arriving != NULL) {
        t->arriving->wsi = wsi;
        lws_set_opaque_user_data(wsi, t->arriving);
        t->arriving = NULL;
    }
}

static void destroyed(struct lws *wsi)
{
    struct ush_lws *t = transport_of(wsi);

    t->wsis--;
    if (link_of(wsi) != NULL) {
        ush_lws_link_free(link_of(wsi));
        lws_set_opaque_user_data(wsi, NULL);
    }
}

/* The protocol of sockets that are no WebSocket (yet). */
static int on_door(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    (void) user;
    (void) in;
    (void) len;
    switch ((int) reason) {
    case LWS_CALLBACK_WSI_CREATE:
        created(wsi);
        return 0;
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        adopted(wsi);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        destroyed(wsi);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return may_upgrade(wsi) ? 0 : -1;
    case LWS_CALLBACK_FILTER_HTTP_CONNECTION:
    case LWS_CALLBACK_HTTP:
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: /* a WebSocket without a subprotocol */
    case LWS_CALLBACK_ESTABLISHED:
        return -1;
    default:
        return 0;
    }
}

static int on_link(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    struct ush_lws_link *link = link_of(wsi);

    (void) user;
    if (reason == LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION) {
        return is_ours(wsi) ? 0 : -1;
    }
    if (link == NULL) {
        return 0; /* About the protocol, and no link. */
    }
    switch ((int) reason) {
    case LWS_CALLBACK_ESTABLISHED:
        ush_lws_link_up(link);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        return ush_lws_link_receive(link, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return ush_lws_link_writable(link);
    case LWS_CALLBACK_TIMER:
        return ush_lws_link_timer(link);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        ush_lws_link_bye(link, in, len);
        return 0;
    case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL:
        ush_lws_link_ending(link);
        return 0;
    case LWS_CALLBACK_CLOSED:
        ush_lws_link_down(link);
        return 0;
    default:
        return 0;
    }
}

/* Creating a context without descriptors left fails halfway, and leaks. */
static int check_fds(const struct ush_lws *t, struct usher_fault *why)
{
    int fds[SPARE_FDS];
    int n = 0;

    while (n < SPARE_FDS) {
        fds[n] = dup(t->listen.fd);
        if (fds[n] < 0) {
            break;
        }
        n++;
    }
    for (int i = 0; i < n; i++) {
        close(fds[i]);
    }
    return n == SPARE_FDS ? 0 : ush_lws_fault(why, USHER_EIO, "too few file descriptors are left");
}

/* It counts by the limit at its creation, and by 2,560 if that is beyond reason. */
static void limit_seats(struct ush_lws *t)
{
    long fds = sysconf(_SC_OPEN_MAX);

    if (fds < 0 || fds > 10000000) {
        fds = 2560;
    }
    uint32_t seats = fds > 128 ? (uint32_t) fds - 64 : 64;
    if (seats < t->seats.max) {
        t->seats.max = seats;
        ush_lws_log(t, USHER_WARN, "fewer connections than configured: the limit of open files "
                                   "(ulimit -n) is too low");
    }
}

static uint16_t seconds(uint32_t ms)
{
    uint32_t s = (ms + 999) / 1000;
    return (uint16_t) (s < 1 ? 1 : s > 20000 ? 20000 : s);
}

static void fill_protocols(struct ush_lws *t)
{
    t->protocols[0] = (struct lws_protocols){.name = "door", .callback = on_door};
    /* One byte of user data, or it does not tell us when it begins to close. */
    t->protocols[1] = (struct lws_protocols){.name = USH_LWS_SUBPROTOCOL,
                                             .callback = on_link,
                                             .per_session_data_size = 1,
                                             .rx_buffer_size = USH_LWS_RX_BYTES,
                                             .tx_packet_size = TX_BYTES};
    t->protocols[2] = (struct lws_protocols){0};
    t->retry.secs_since_valid_ping = seconds(t->cfg.ping_ms);
    t->retry.secs_since_valid_hangup =
        (uint16_t) (t->retry.secs_since_valid_ping + seconds(t->cfg.pong_ms));
}

int ush_lws_context_open(struct ush_lws *t, struct usher_fault *why)
{
    void *loops[1] = {t->cfg.loop};
    struct lws_context_creation_info info = {0};
    struct sigaction pipe;

    int rv = check_fds(t, why);
    if (rv != 0) {
        return rv;
    }
    fill_protocols(t);
    limit_seats(t);
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8
                   | LWS_SERVER_OPTION_EXPLICIT_VHOSTS
                   | LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME;
    info.foreign_loops = loops;
    info.user = t;
    info.protocols = t->protocols;
    info.vhost_name = "usher";
    info.alpn = "http/1.1";
    info.retry_and_idle_policy = &t->retry;
    info.max_http_header_data = HEAD_BYTES;
    /* It sets SIGPIPE to be ignored. That is the host's to decide, and needless. */
    sigaction(SIGPIPE, NULL, &pipe);
    t->context = lws_create_context(&info);
    sigaction(SIGPIPE, &pipe, NULL);
    if (t->context == NULL) {
        return ush_lws_fault(why, USHER_EIO, "libwebsockets does not start; is its part for libuv "
                                             "installed (libwebsockets-evlib-uv)?");
    }
    t->vhost = lws_create_vhost(t->context, &info);
    return t->vhost != NULL ? 0 : ush_lws_fault(why, USHER_ENOMEM, "no memory for libwebsockets");
}

void ush_lws_context_adopt(struct ush_lws_link *link, int fd, const char *bytes, size_t len)
{
    struct ush_lws *t = link->t;

    t->arriving = link;
    lws_adopt_socket_vhost_readbuf(t->vhost, fd, bytes, len);
    if (t->arriving != NULL) { /* It did not come so far, and has closed the socket. */
        t->arriving = NULL;
        ush_lws_link_free(link);
    }
}

void ush_lws_context_shut(struct ush_lws *t)
{
    if (t->context != NULL) {
        lws_context_destroy(t->context);
    }
}

void ush_lws_context_free(struct ush_lws *t)
{
    if (t->context != NULL) {
        lws_context_destroy(t->context);
        t->context = NULL;
    }
}
