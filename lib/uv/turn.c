/* turn.c - once a loop turn: take all effects, and send what they say in few messages.
 * SPDX-License-Identifier: MIT
 *
 * Effects for one link that come in a row leave in one message, up to MESSAGE_BYTES. First
 * messages are written, up to TURN_BYTES, then all of them are sent: one kind of work at a
 * time is cheaper, for the processor and for the system, which need not wake a receiver that
 * is still at work. An effect lives only until the next step, so a full link is told to the core
 * after the effect in hand was written down. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime.h"

#define MESSAGE_BYTES 65536
#define TURN_BYTES (2 * MESSAGE_BYTES)
/* A buffer that has grown beyond this is given back after the turn. */
#define OUT_BYTES_KEPT (16 * MESSAGE_BYTES)
/* The largest effect is a HISTORY note: so many facts, each with all its texts escaped. */
#define OUT_BYTES_MAX (TURN_BYTES + USHER_HISTORY_MAX * USHER_ENCODE_MAX((size_t) 65536))

void ush_uv_link_full(struct usher_uv *rt, struct ush_peer *link)
{
    if (link->stall_ms == 0) {
        link->stall_ms = ush_uv_mono(rt);
        ush_list_add_last(&rt->stalled, &link->stall);
    }
    if (!link->full_news) {
        link->full_news = true;
        rt->full_news++;
    }
}

/* Tell the core of links that have become full. They stand last among the stalled. */
static void step_full(struct usher_uv *rt)
{
    struct ush_list *at = rt->stalled.prev;
    while (rt->full_news > 0 && at != &rt->stalled) {
        struct ush_peer *link = USH_ITEM(at, struct ush_peer, stall);
        at = at->prev;
        if (link->full_news) {
            link->full_news = false;
            rt->full_news--;
            struct usher_event ev = {.type = USHER_EV_LINK_FULL, .link = {link->id}};
            ush_uv_step(rt, &ev);
        }
    }
}

static void send_letter(struct usher_uv *rt, const struct ush_letter *letter)
{
    struct ush_peer *link = ush_peers_find(&rt->links, letter->link);
    if (link == NULL || link->state == USH_PEER_GOING) {
        return;
    }
    struct usher_span message = {rt->out.buf + letter->from, letter->to - letter->from};
    int rv = link->transport->ops->send(link->transport, link->conn, message);
    if (rv == USHER_EFULL) {
        ush_uv_link_full(rt, link);
    }
    rt->stats.frames_out++;
    rt->stats.bytes_out += message.len;
}

/* Send all that is written but the last `kept` messages: none or one. */
static void flush(struct usher_uv *rt, size_t kept)
{
    struct ush_out *out = &rt->out;
    const size_t n = out->n_letters - kept;
    for (size_t i = 0; i < n; i++) {
        send_letter(rt, &out->letters[i]);
    }
    out->n_letters = kept;
    out->len = 0;
    if (kept > 0) {
        const struct ush_letter last = out->letters[n];
        out->len = last.to - last.from;
        memmove(out->buf, out->buf + last.from, out->len);
        out->letters[0] = (struct ush_letter){last.link, 0, out->len};
    }
}

static int grow(struct ush_out *out)
{
    size_t size = out->size == 0 ? 4 * MESSAGE_BYTES : 2 * out->size;
    if (size > OUT_BYTES_MAX) {
        return USHER_EFULL;
    }
    char *buf = realloc(out->buf, size);
    if (buf == NULL) {
        return USHER_ENOMEM;
    }
    out->buf = buf;
    out->size = size;
    return 0;
}

/* Write an effect behind what is written already. */
static int encode(struct usher_uv *rt, const struct usher_effect *fx, const struct ush_peer *link,
                  size_t at, size_t *len)
{
    struct ush_out *out = &rt->out;
    struct usher_span token = {link->token, link->token == NULL ? 0 : USH_TOKEN_LEN};
    int rv = USHER_EFULL;
    while (rv == USHER_EFULL) {
        if (out->size > at) {
            rv = usher_encode(fx, token, out->buf + at, out->size - at, len);
        }
        if (rv == USHER_EFULL && grow(out) != 0) {
            return USHER_ENOMEM;
        }
    }
    return rv;
}

static void put(struct usher_uv *rt, const struct usher_effect *fx, struct ush_peer *link)
{
    struct ush_out *out = &rt->out;
    struct ush_letter *last = out->n_letters > 0 ? &out->letters[out->n_letters - 1] : NULL;
    bool same = last != NULL && last->link == link->id;
    size_t at = out->len + (same ? 1 : 0);
    size_t len = 0;
    int rv = encode(rt, fx, link, at, &len);
    if (rv != 0) {
        ush_uv_log(rt, USHER_ERROR, "an effect could not be written; its link is dropped");
        ush_uv_drop(rt, link, 1013);
        return;
    }
    if (same && at + len - last->from <= MESSAGE_BYTES) {
        out->buf[out->len] = '\n';
        out->len = last->to = at + len;
        return;
    }
    out->len = at + len;
    out->letters[out->n_letters++] = (struct ush_letter){link->id, at, out->len};
    if (same) {
        flush(rt, 1); /* perhaps it is full, and the core must know */
    } else if (out->len > TURN_BYTES || out->n_letters == USH_LETTERS_MAX) {
        flush(rt, 0);
    }
}

static void act(struct usher_uv *rt, const struct usher_effect *fx)
{
    struct ush_peer *link = NULL;
    switch (fx->type) {
    case USHER_DO_FACT:
    case USHER_DO_NOTE:
        link = ush_peers_find(&rt->links, fx->link.v);
        if (link != NULL && link->state != USH_PEER_GOING && rt->phase == USH_OPEN) {
            put(rt, fx, link);
            if (fx->type == USHER_DO_NOTE && fx->as.note.type == USHER_NOTE_HELLO) {
                ush_peer_wipe_token(link);
            }
        }
        break;
    case USHER_DO_DROP:
        link = ush_peers_find(&rt->links, fx->link.v);
        if (link != NULL) {
            flush(rt, 0);
            ush_uv_drop(rt, link, fx->as.drop.code);
        }
        break;
    case USHER_DO_PERSIST:
        ush_uv_save(rt, &fx->as.persist);
        break;
    case USHER_DO_FETCH:
        ush_uv_fetch(rt, &fx->as.fetch);
        break;
    case USHER_DO_FIND:
        ush_uv_find(rt, fx->link.v, &fx->as.find);
        break;
    }
}

/* A batch that has become durable is told before the next one is sealed, and once more the loop
 * polls in between: whoever was waiting for it answers now, and is in the next one too. Without
 * that, half of a busy desk's people would be in each. A desk that stops seals at once. */
static void drain(struct usher_uv *rt)
{
    const bool tells = rt->batch_told && rt->phase == USH_OPEN && !rt->stop_asked;
    const struct usher_effect *(*take)(struct usher *) = tells ? usher_take_open : usher_take;
    const struct usher_effect *fx = take(rt->core);
    while (fx != NULL) {
        act(rt, fx);
        step_full(rt);
        fx = take(rt->core);
        if (fx == NULL && rt->out.n_letters > 0) {
            flush(rt, 0);
            step_full(rt);
            fx = take(rt->core);
        }
    }
    rt->batch_told = false;
    rt->polls_first = tells && !rt->saving;
    if (rt->polls_first) {
        ush_uv_wake(rt);
    } else if (!rt->saving) {
        /* No fact waits for a batch: no start that is out has opened a session. */
        ush_doorman_settle(&rt->doorman);
    }
    if (rt->out.size > OUT_BYTES_KEPT) {
        free(rt->out.buf);
        rt->out.buf = NULL;
        rt->out.size = 0;
    }
}

static void drop_links(struct usher_uv *rt)
{
    while (!ush_list_empty(&rt->dropping)) {
        struct ush_peer *link = USH_ITEM(rt->dropping.next, struct ush_peer, dropping);
        ush_list_del(&link->dropping);
        link->state = USH_PEER_GOING;
        rt->stats.links_dropped++;
        link->transport->ops->drop(link->transport, link->conn, link->drop_code);
    }
}

void ush_uv_turn(struct usher_uv *rt)
{
    if (!rt->dirty) {
        return;
    }
    rt->dirty = false;
    ush_uv_calls(rt);
    if (rt->phase == USH_OPEN || rt->phase == USH_STOPPING) {
        drain(rt);
    }
    drop_links(rt);
    if (rt->stop_asked && rt->phase != USH_STOPPING) {
        ush_uv_stop_begin(rt);
    }
    if (rt->phase == USH_STOPPING) {
        ush_uv_stop_more(rt);
    }
    ush_uv_arm(rt);
}
