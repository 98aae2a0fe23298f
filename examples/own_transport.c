/* own_transport.c - a transport of your own: a desk that speaks lines of JSON over a unix socket.
 * SPDX-License-Identifier: MIT
 *
 *   own_transport [SOCKET [DATABASE]]        then, in another window:   nc -U SOCKET
 *   {"type":"hello","as":"visitor"}          {"type":"hello","as":"agent","token":"ann-token"}
 *
 * Every line is JSON: an object is a message of docs/protocol.md, a bare number is
 * the close code, and the last line. For bots and bridges on the same machine. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "usher.h"
#include "usher/plug/sqlite.h"
#include "usher/uv.h"

#define QUEUED_SOFT (256u * 1024) /* a link is full from here on, and clear again at half of it */
#define QUEUED_HARD (2048u * 1024) /* who sends on is not listening: the link is cut */
#define DRAIN_MS 2000              /* the last words and the code must be gone by then */
#define STALL_MS 30000             /* a full link that takes not a byte is cut */
#define BACKLOG 64
enum { NONE_GIVEN = 1005, CUT = 1006, TOO_LARGE = 1009, TRY_LATER = 1013, STALLED = 4408 };

/* The transport. It owns its links. */
struct lines {
    struct usher_transport transport; /* first: usher sees only this */
    uv_loop_t *loop;
    const char *path;
    const struct usher_transport_host *host;
    uv_pipe_t listener;
    struct link *links;
    bool opened, closed;              /* the listener */
    void (*done)(void *ctx);          /* of stop; NULL: not stopping */
    void *done_ctx;
    char chunk[65536];                /* what was just read, of whichever link */
};

/* One connection; `conn` of the contract. */
struct link {
    struct link *prev, *next;
    struct lines *lines;
    uv_pipe_t pipe;
    uv_timer_t timer;                 /* runs while it is full, or closing */
    uv_shutdown_t shutdown;
    struct usher_link_id id;
    bool known;                       /* up() has taken it: down() must follow */
    bool full, closing;
    int code;                         /* the first one counts */
    size_t left;                      /* bytes that were unsent when the timer was started */
    char *line;                       /* the part of a line that has come so far */
    size_t len;
};

struct message { uv_write_t write; char bytes[]; };

static void lines_of_link_gone(struct lines *l)
{
    if (l->done != NULL && l->closed && l->links == NULL) {
        l->done(l->done_ctx);
    }
}

static void on_timer_closed(uv_handle_t *timer)
{
    struct link *link = timer->data;
    struct lines *l = link->lines;
    *(link->prev == NULL ? &l->links : &link->prev->next) = link->next;
    if (link->next != NULL) {
        link->next->prev = link->prev;
    }
    if (link->known) {
        l->host->down(l->host->ctx, link->id, link->code);
    }
    free(link->line);
    free(link);
    lines_of_link_gone(l);
}

static void on_pipe_closed(uv_handle_t *pipe)
{
    struct link *link = pipe->data;
    uv_close((uv_handle_t *) &link->timer, on_timer_closed);
}

/* The end, now: whatever is unsent is lost. */
static void cut(struct link *link, int code)
{
    link->code = link->code == 0 ? code : link->code;
    link->closing = true;
    if (!uv_is_closing((uv_handle_t *) &link->pipe)) {
        uv_close((uv_handle_t *) &link->pipe, on_pipe_closed);
    }
}

static size_t unsent(const struct link *link)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *) &link->pipe);
}

/* Slow is not dead: only who has taken nothing at all since the timer was started is cut. */
static void on_timer(uv_timer_t *timer)
{
    struct link *link = timer->data;
    if (link->closing || unsent(link) >= link->left) {
        cut(link, STALLED);
    } else {
        link->left = unsent(link);
    }
}

static void on_written(uv_write_t *write, int status)
{
    struct link *link = write->data;
    struct lines *l = link->lines;
    free((struct message *) (void *) write); /* `write` is its first member. */
    if (status != 0) {
        cut(link, CUT);
    } else if (link->full && !link->closing && unsent(link) <= QUEUED_SOFT / 2) {
        link->full = false;
        uv_timer_stop(&link->timer);
        l->host->clear(l->host->ctx, link->id);
    }
}

static int write_line(struct link *link, struct usher_span text)
{
    struct message *message = malloc(sizeof *message + text.len + 1);
    if (message == NULL) {
        return USHER_ENOMEM;
    }
    if (text.len > 0) {
        memcpy(message->bytes, text.base, text.len);
    }
    message->bytes[text.len] = '\n';
    message->write.data = link;
    uv_buf_t buf = uv_buf_init(message->bytes, (unsigned) text.len + 1);
    int rv = uv_write(&message->write, (uv_stream_t *) &link->pipe, &buf, 1, on_written);
    if (rv != 0) {
        free(message);
        return USHER_EIO;
    }
    return 0;
}

static void on_shut(uv_shutdown_t *shutdown, int status)
{
    (void) status; /* well or not, it is over */
    cut(shutdown->data, CUT);
}

/* What was sent before goes first, then the code, then the end; but not for ever. */
static void say_bye(struct link *link, int code)
{
    if (link->closing) {
        return;
    }
    char number[16];
    int len = snprintf(number, sizeof number, "%d", code);
    link->closing = true;
    link->code = code;
    link->shutdown.data = link;
    uv_timer_start(&link->timer, on_timer, DRAIN_MS, 0);
    if (write_line(link, (struct usher_span){number, (size_t) len}) != 0
        || uv_shutdown(&link->shutdown, (uv_stream_t *) &link->pipe, on_shut) != 0) {
        cut(link, code);
    }
}

/* A bare number from the far end: it is leaving, and says why. */
static bool is_code(const char *line, size_t len)
{
    return len == 4 && strspn(line, "0123456789") >= 4;
}

/* One line without its newline. The host may drop the link from inside input(). */
static void take_line(struct link *link, char *line, size_t len)
{
    const struct usher_transport_host *host = link->lines->host;
    if (is_code(line, len)) {
        cut(link, (int) strtol(line, NULL, 10));
    } else if (len > 0) {
        host->input(host->ctx, link->id, (struct usher_span){line, len});
    }
}

/* Put the pieces of lines together; a line longer than any frame may be is the end. */
static void take_bytes(struct link *link, const char *bytes, size_t n)
{
    while (n > 0 && !link->closing) {
        const char *newline = memchr(bytes, '\n', n);
        size_t part = newline == NULL ? n : (size_t) (newline - bytes);
        if (link->len + part > USHER_FRAME_MAX) {
            say_bye(link, TOO_LARGE);
            return;
        }
        char *line = realloc(link->line, link->len + part + 1);
        if (line == NULL) {
            say_bye(link, TRY_LATER);
            return;
        }
        link->line = line;
        memcpy(line + link->len, bytes, part);
        link->len += part;
        bytes += part;
        n -= part;
        if (newline != NULL) {
            size_t len = link->len;
            bytes++;
            n--;
            line[len] = '\0';
            link->len = 0;
            take_line(link, line, len);
        }
    }
}

static void on_room(uv_handle_t *pipe, size_t suggested, uv_buf_t *buf)
{
    (void) suggested;
    struct link *link = pipe->data;
    *buf = uv_buf_init(link->lines->chunk, sizeof link->lines->chunk);
}

static void on_read(uv_stream_t *pipe, ssize_t n, const uv_buf_t *buf)
{
    struct link *link = pipe->data;
    if (n > 0) {
        take_bytes(link, buf->base, (size_t) n);
    } else if (n < 0 && !link->closing) {
        cut(link, n == UV_EOF ? NONE_GIVEN : CUT);
    }
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct lines *l = listener->data;
    struct link *link = status == 0 ? calloc(1, sizeof *link) : NULL;
    if (link == NULL) {
        return; /* libuv tells again when the next one comes. */
    }
    link->lines = l;
    uv_pipe_init(l->loop, &link->pipe, 0);
    uv_timer_init(l->loop, &link->timer);
    link->pipe.data = link->timer.data = link;
    link->next = l->links;
    if (link->next != NULL) {
        link->next->prev = link;
    }
    l->links = link;
    struct usher_peer peer = {.address = {"unix", 4}};
    uint32_t retry_ms = 0;
    if (uv_accept(listener, (uv_stream_t *) &link->pipe) != 0) {
        cut(link, CUT);
    } else if (l->host->admit(l->host->ctx, &peer, &retry_ms) != 0
               || l->host->up(l->host->ctx, &l->transport, link, &peer, &link->id) != 0) {
        say_bye(link, TRY_LATER);
    } else {
        link->known = true;
    }
    if (!uv_is_closing((uv_handle_t *) &link->pipe)) {
        /* Also on a link that is refused: somebody who reads nothing back must not hold it. */
        uv_read_start((uv_stream_t *) &link->pipe, on_room, on_read);
    }
}

/* ---- The four slots. */

static struct lines *of(struct usher_transport *t)
{
    return (struct lines *) (void *) t;
}

static void open_listener(struct lines *l)
{
    uv_pipe_init(l->loop, &l->listener, 0);
    l->listener.data = l;
    l->opened = true;
}

static int start(struct usher_transport *t, const struct usher_transport_host *host,
                 struct usher_fault *why)
{
    struct lines *l = of(t);
    l->host = host;
    open_listener(l);
    int rv = uv_pipe_bind(&l->listener, l->path);
    rv = rv != 0 ? rv : uv_listen((uv_stream_t *) &l->listener, BACKLOG, on_connection);
    if (rv != 0) {
        why->err = USHER_EIO;
        snprintf(why->text, sizeof why->text, "%.100s: %s", l->path, uv_strerror(rv));
        return USHER_EIO;
    }
    return 0;
}

static int send_message(struct usher_transport *t, void *conn, struct usher_span message)
{
    (void) t;
    struct link *link = conn;
    if (link->closing) {
        return USHER_ESTATE;
    }
    int rv = unsent(link) > QUEUED_HARD ? USHER_EIO : write_line(link, message);
    if (rv != 0) {
        cut(link, STALLED);
        return rv;
    }
    if (unsent(link) > QUEUED_SOFT && !link->full) {
        link->full = true;
        link->left = unsent(link);
        uv_timer_start(&link->timer, on_timer, STALL_MS, STALL_MS);
    }
    return link->full ? USHER_EFULL : 0;
}

static void drop(struct usher_transport *t, void *conn, int code)
{
    (void) t;
    say_bye(conn, code);
}

static void on_listener_closed(uv_handle_t *listener)
{
    struct lines *l = listener->data;
    l->closed = true;
    lines_of_link_gone(l);
}

static void stop(struct usher_transport *t, int code, void (*done)(void *ctx), void *ctx)
{
    struct lines *l = of(t);
    l->done = done;
    l->done_ctx = ctx;
    if (!l->opened) {
        open_listener(l); /* It was never started: then its end is still told from the loop. */
    }
    uv_close((uv_handle_t *) &l->listener, on_listener_closed);
    for (struct link *link = l->links; link != NULL; link = link->next) {
        say_bye(link, code);
    }
}

static const struct usher_transport_ops ops = {
    .size = sizeof ops,
    .name = "lines",
    .start = start,
    .send = send_message,
    .drop = drop,
    .stop = stop,
};

/* `path` is borrowed. Free it when it has stopped, or was never started. */
static int lines_new(struct usher_transport **out, uv_loop_t *loop, const char *path)
{
    struct lines *l = calloc(1, sizeof *l);
    if (l == NULL) {
        return USHER_ENOMEM;
    }
    l->transport.ops = &ops;
    l->loop = loop;
    l->path = path;
    *out = &l->transport;
    return 0;
}

static void lines_free(struct usher_transport *t)
{
    free(t == NULL ? NULL : of(t));
}

/* ---- A desk on it: that of hello.c. */

static void who(void *ctx, struct usher_uv *desk, uint64_t ticket, struct usher_span token)
{
    (void) ctx;
    bool ann = token.len == 9 && memcmp(token.base, "ann-token", 9) == 0;
    usher_uv_signed_in(desk, ticket, ann ? "ann" : NULL);
}

static void leave(uv_signal_t *interrupt, int number)
{
    (void) number;
    uv_signal_stop(interrupt);
    usher_uv_stop(interrupt->data, NULL, NULL);
}

static void started(void *ctx, struct usher_uv *desk, const struct usher_fault *why)
{
    uv_signal_t *interrupt = ctx;
    interrupt->data = desk;
    if (why->err != 0) {
        fprintf(stderr, "own_transport: %s\n", why->text);
        leave(interrupt, 0);
        interrupt->data = NULL; /* main() sees that it was not opened. */
        return;
    }
    puts("own_transport: the desk is open; Ctrl-C ends it");
    fflush(stdout);
}

static int open_desk(struct usher_transport *lines, const char *database, uv_signal_t *interrupt,
                     struct usher_fault *why)
{
    struct usher_queue_set sales = {.queue = {"sales"}, .name = {"Sales", 5}, .open = true};
    struct usher_agent_set ann = {.agent = {"ann"}, .queues = &sales.queue, .n_queues = 1};
    struct usher_uv_config cfg;
    usher_uv_config_init(&cfg);
    cfg.loop = interrupt->loop;
    cfg.queues = &sales;
    cfg.n_queues = 1;
    cfg.agents = &ann;
    cfg.n_agents = 1;
    cfg.transports = &lines;
    cfg.n_transports = 1;
    cfg.who = who;
    cfg.started = started;
    cfg.ctx = interrupt;
    struct usher_uv *desk = NULL;
    int rv = usher_sqlite_open(&cfg.storage, database);
    rv = rv != 0 ? rv : usher_uv_start(&desk, &cfg, why);
    interrupt->data = desk;
    return rv;
}

int main(int argc, char **argv)
{
    uv_loop_t loop;
    uv_signal_t interrupt;
    struct usher_transport *lines = NULL;
    struct usher_fault why = {.text = "that is no name of a database"};
    uv_loop_init(&loop);
    uv_signal_init(&loop, &interrupt);
    const char *database = argc > 2 ? argv[2] : "own_transport.db";
    if (lines_new(&lines, &loop, argc > 1 ? argv[1] : "own_transport.sock") != 0
        || open_desk(lines, database, &interrupt, &why) != 0) {
        fprintf(stderr, "own_transport: cannot open the desk: %s\n", why.text);
        return 1;
    }
    uv_signal_start(&interrupt, leave, SIGINT);
    uv_run(&loop, UV_RUN_DEFAULT);
    lines_free(lines);
    uv_close((uv_handle_t *) &interrupt, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop) == 0 && interrupt.data != NULL ? 0 : 1;
}
