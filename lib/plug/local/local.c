/* local.c - a transport inside the process: frames in, frames out, by two queues a link.
 * SPDX-License-Identifier: MIT
 *
 * Whoever opens, sends, drops or closes only leaves a mark; an idle handle, which
 * is active just while there are marks, does the work from the loop. So neither
 * side is ever called from inside its own calls, and a resting transport costs
 * the loop nothing. A link's work is done in this order: up, frames to the desk,
 * messages to the user, clear, closed. */
#include "usher/plug/local.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* Frames to the desk, and bytes to the user, that may wait. */
#define FRAMES_MAX 64
#define BYTES_MAX (256 * 1024)

#define CLOSE_NORMAL 1000
#define CLOSE_OVERLOADED 1013

struct text {
    struct text *next;
    size_t len;
    char bytes[];
};

/* First in, first out. */
struct line {
    struct text *first, **end;
    uint32_t n;
    size_t bytes;
};

struct usher_local {
    struct usher_local *prev, *next;
    struct usher_local *marked_next;
    bool marked;            /* in the transport's line of those with work */
    struct local *transport;
    struct usher_local_user user;
    char *address;
    struct usher_link_id link;
    bool fresh;             /* the desk has not heard of it */
    bool known;             /* the desk has taken it: down() must follow */
    bool closing;
    int code;               /* of closed() */
    bool by_user;           /* he has closed it: he reads no more */
    bool paused, full;      /* full: the desk was told so */
    struct line in, out;
};

struct local {
    struct usher_transport transport; /* first: the ops take it for the whole */
    uv_loop_t *loop;
    uv_idle_t idle;
    const struct usher_transport_host *host; /* NULL: not started */
    struct usher_local *links;
    struct usher_local *marked, **marked_end; /* those with work, first come first served */
    bool stopping;
    void (*stopped)(void *ctx);
    void *stopped_ctx;
};

static struct local *of(struct usher_transport *t)
{
    return (struct local *) (void *) t;
}

static int line_add(struct line *line, struct usher_span bytes)
{
    struct text *text = malloc(sizeof *text + bytes.len);
    if (text == NULL) {
        return USHER_ENOMEM;
    }
    text->next = NULL;
    text->len = bytes.len;
    if (bytes.len > 0) {
        memcpy(text->bytes, bytes.base, bytes.len);
    }
    struct text **end = line->first == NULL ? &line->first : line->end;
    *end = text;
    line->end = &text->next;
    line->n++;
    line->bytes += bytes.len;
    return 0;
}

static struct text *line_take(struct line *line)
{
    struct text *text = line->first;
    if (text != NULL) {
        line->first = text->next;
        line->n--;
        line->bytes -= text->len;
    }
    return text;
}

static void line_clear(struct line *line)
{
    while (line->first != NULL) {
        free(line_take(line));
    }
}

static void free_link(struct usher_local *l)
{
    if (l->prev != NULL) {
        l->prev->next = l->next;
    } else {
        l->transport->links = l->next;
    }
    if (l->next != NULL) {
        l->next->prev = l->prev;
    }
    line_clear(&l->in);
    line_clear(&l->out);
    free(l->address);
    free(l);
}

static void on_idle(uv_idle_t *idle);

static void mark(struct usher_local *l)
{
    struct local *t = l->transport;
    if (!l->marked) {
        l->marked = true;
        l->marked_next = NULL;
        struct usher_local **end = t->marked == NULL ? &t->marked : t->marked_end;
        *end = l;
        t->marked_end = &l->marked_next;
    }
    uv_idle_start(&t->idle, on_idle);
}

static void close_with(struct usher_local *l, int code)
{
    if (!l->closing) {
        l->closing = true;
        l->code = code;
        mark(l);
    }
}

/* ---- From the loop. */

static void report_up(struct usher_local *l)
{
    const struct usher_transport_host *host = l->transport->host;
    struct usher_peer peer = {.address = {l->address, strlen(l->address)}};
    int rv = host->up(host->ctx, &l->transport->transport, l, &peer, &l->link);
    l->fresh = false;
    l->known = rv == 0;
    if (rv != 0) {
        close_with(l, CLOSE_OVERLOADED);
    }
}

static void report_input(struct usher_local *l)
{
    const struct usher_transport_host *host = l->transport->host;
    struct text *text = line_take(&l->in);
    while (text != NULL) {
        host->input(host->ctx, l->link, (struct usher_span){text->bytes, text->len});
        free(text);
        text = line_take(&l->in);
    }
}

/* What waits now, not what is sent meanwhile: that is for the next round. */
static void give_messages(struct usher_local *l)
{
    for (uint32_t n = l->out.n; n > 0 && !l->paused && !l->by_user; n--) {
        struct text *text = line_take(&l->out);
        l->user.message(l->user.ctx, l, (struct usher_span){text->bytes, text->len});
        free(text);
    }
}

static void report_closed(struct usher_local *l)
{
    const struct usher_transport_host *host = l->transport->host;
    struct usher_local_user user = l->user;
    if (l->known) {
        host->down(host->ctx, l->link, l->code);
    }
    user.closed(user.ctx, l, l->code);
    free_link(l);
}

/* Everything that is marked at this link; it may be gone afterwards. */
static void serve(struct usher_local *l)
{
    const struct usher_transport_host *host = l->transport->host;
    if (l->fresh) {
        report_up(l);
    }
    if (l->known) {
        report_input(l);
        give_messages(l);
    }
    if (l->closing) {
        report_closed(l);
        return;
    }
    if (l->full && !l->paused && l->out.n == 0) {
        l->full = false;
        host->clear(host->ctx, l->link);
    }
    l->marked = false;
    if (l->closing || l->in.n > 0 || (l->out.n > 0 && !l->paused)) {
        mark(l);
    }
}

static void on_stopped(uv_handle_t *handle)
{
    struct local *t = handle->data;
    void (*stopped)(void *ctx) = t->stopped;
    t->host = NULL;
    stopped(t->stopped_ctx);
}

static void on_idle(uv_idle_t *idle)
{
    struct local *t = idle->data;
    /* What is marked from now on is for the next round. */
    struct usher_local *l = t->marked;
    t->marked = NULL;
    while (l != NULL) {
        struct usher_local *next = l->marked_next;
        serve(l);
        l = next;
    }
    if (t->marked == NULL) {
        uv_idle_stop(idle);
    }
    if (t->stopping && t->links == NULL && !uv_is_closing((uv_handle_t *) idle)) {
        uv_close((uv_handle_t *) idle, on_stopped);
    }
}

/* ---- From the desk. */

static int start(struct usher_transport *t, const struct usher_transport_host *host,
                 struct usher_fault *why)
{
    struct local *local = of(t);
    (void) why;
    uv_idle_init(local->loop, &local->idle); /* cannot fail */
    local->idle.data = local;
    local->host = host;
    local->stopping = false;
    return 0;
}

static int send_message(struct usher_transport *t, void *conn, struct usher_span message)
{
    (void) t;
    struct usher_local *l = conn;
    if (l->closing) {
        return USHER_ESTATE;
    }
    if (line_add(&l->out, message) != 0) {
        close_with(l, CLOSE_OVERLOADED);
        return USHER_ENOMEM;
    }
    mark(l);
    if (l->paused || l->out.bytes >= BYTES_MAX) {
        l->full = true;
        return USHER_EFULL;
    }
    return 0;
}

static void drop(struct usher_transport *t, void *conn, int code)
{
    (void) t;
    close_with(conn, code);
}

static void stop(struct usher_transport *t, int code, void (*done)(void *ctx), void *ctx)
{
    struct local *local = of(t);
    if (local->host == NULL) { /* It was never started: its end is told from the loop, too. */
        uv_idle_init(local->loop, &local->idle);
        local->idle.data = local;
    }
    local->stopping = true;
    local->stopped = done;
    local->stopped_ctx = ctx;
    for (struct usher_local *l = local->links; l != NULL; l = l->next) {
        close_with(l, code);
    }
    uv_idle_start(&local->idle, on_idle);
}

static const struct usher_transport_ops local_ops = {
    .size = sizeof(struct usher_transport_ops),
    .name = "local",
    .start = start,
    .send = send_message,
    .drop = drop,
    .stop = stop,
};

/* ---- From the user. */

int usher_local_new(struct usher_transport **out, struct uv_loop_s *loop)
{
    struct local *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return USHER_ENOMEM;
    }
    t->transport.ops = &local_ops;
    t->loop = loop;
    *out = &t->transport;
    return 0;
}

void usher_local_free(struct usher_transport *t)
{
    free(t);
}

static struct usher_local *new_link(struct local *t, const struct usher_local_user *user,
                                    const char *address)
{
    struct usher_local *l = calloc(1, sizeof *l);
    char *copy = malloc(strlen(address) + 1);
    if (l == NULL || copy == NULL) {
        free(l);
        free(copy);
        return NULL;
    }
    memcpy(copy, address, strlen(address) + 1);
    l->transport = t;
    l->user = *user;
    l->address = copy;
    l->fresh = true;
    l->next = t->links;
    if (l->next != NULL) {
        l->next->prev = l;
    }
    t->links = l;
    return l;
}

int usher_local_open(struct usher_transport *t, const struct usher_local_user *user,
                     const char *address, struct usher_local **out)
{
    struct local *local = of(t);
    if (local->host == NULL || local->stopping) {
        return USHER_ESTATE;
    }
    address = address == NULL ? "local" : address;
    struct usher_peer peer = {.address = {address, strlen(address)}};
    uint32_t retry_ms = 0;
    int rv = local->host->admit(local->host->ctx, &peer, &retry_ms);
    if (rv != 0) {
        return rv;
    }
    struct usher_local *l = new_link(local, user, address);
    if (l == NULL) {
        return USHER_ENOMEM;
    }
    *out = l;
    mark(l);
    return 0;
}

int usher_local_send(struct usher_local *l, struct usher_span frame)
{
    if (l->closing) {
        return USHER_ESTATE;
    }
    if (l->in.n >= FRAMES_MAX || line_add(&l->in, frame) != 0) {
        return USHER_EFULL;
    }
    mark(l);
    return 0;
}

void usher_local_pause(struct usher_local *l, bool on)
{
    l->paused = on;
    mark(l);
}

void usher_local_close(struct usher_local *l, int code)
{
    l->by_user = true;
    close_with(l, code == 0 ? CLOSE_NORMAL : code);
}

void *usher_local_ctx(const struct usher_local *l)
{
    return l->user.ctx;
}
