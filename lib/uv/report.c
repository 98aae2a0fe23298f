/* report.c - what transports report: links up, frames in, room again, links down.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "runtime.h"

/* Said to those for whom there is no room. */
#define RETRY_FULL_MS 5000

static int on_admit(void *ctx, const struct usher_peer *peer, uint32_t *retry_ms)
{
    struct usher_uv *rt = ctx;
    int rv = 0;
    if (rt->phase != USH_OPEN || rt->links.pool.used >= rt->links.pool.size) {
        *retry_ms = RETRY_FULL_MS;
        rv = USHER_EFULL;
    } else {
        struct ush_address address = ush_doorman_address(&rt->doorman, peer);
        rv = ush_doorman_admit(&rt->doorman, &address, ush_uv_mono(rt), retry_ms);
    }
    if (rv != 0) {
        rt->stats.links_refused++;
    }
    return rv;
}

static int add_link(struct usher_uv *rt, struct usher_transport *t, void *conn,
                    struct ush_record *address, struct ush_peer **out)
{
    struct ush_peer *link = ush_peers_add(&rt->links);
    if (link == NULL) {
        return USHER_EFULL;
    }
    link->transport = t;
    link->conn = conn;
    link->address = address;
    struct usher_event ev = {.type = USHER_EV_LINK_UP, .link = {link->id}};
    int rv = ush_uv_step(rt, &ev);
    if (rv != 0) {
        ush_peers_del(&rt->links, link);
        return rv;
    }
    link->hello_ms = ush_uv_mono(rt);
    ush_list_add_last(&rt->hellos, &link->hello);
    *out = link;
    return 0;
}

static int on_up(void *ctx, struct usher_transport *t, void *conn, const struct usher_peer *peer,
                 struct usher_link_id *out)
{
    struct usher_uv *rt = ctx;
    if (rt->phase != USH_OPEN) {
        return USHER_ESTATE;
    }
    struct ush_address address = ush_doorman_address(&rt->doorman, peer);
    struct ush_record *record = NULL;
    struct ush_peer *link = NULL;
    int rv = ush_doorman_link_up(&rt->doorman, &address, ush_uv_mono(rt), &record);
    if (rv == 0) {
        rv = add_link(rt, t, conn, record, &link);
        if (rv != 0) {
            ush_doorman_link_down(record);
        }
    }
    if (rv != 0) {
        rt->stats.links_refused++;
        return rv;
    }
    *out = (struct usher_link_id){link->id};
    return 0;
}

static void on_input(void *ctx, struct usher_link_id id, struct usher_span message)
{
    struct usher_uv *rt = ctx;
    struct ush_peer *link = ush_peers_find(&rt->links, id.v);
    if (rt->phase == USH_OPEN && link != NULL && link->drop_code == 0) {
        rt->stats.frames_in++;
        rt->stats.bytes_in += message.len;
        ush_uv_input(rt, link, message);
    }
}

static void on_clear(void *ctx, struct usher_link_id id)
{
    struct usher_uv *rt = ctx;
    struct ush_peer *link = ush_peers_find(&rt->links, id.v);
    if (link == NULL || link->stall_ms == 0) {
        return;
    }
    link->stall_ms = 0;
    ush_list_del(&link->stall);
    if (rt->phase == USH_OPEN) {
        struct usher_event ev = {.type = USHER_EV_LINK_CLEAR, .link = {link->id}};
        ush_uv_step(rt, &ev);
    }
}

static void on_down(void *ctx, struct usher_link_id id, int code)
{
    struct usher_uv *rt = ctx;
    struct ush_peer *link = ush_peers_find(&rt->links, id.v);
    (void) code;
    if (link == NULL) {
        return;
    }
    if (rt->phase == USH_OPEN) {
        struct usher_event ev = {.type = USHER_EV_LINK_DOWN, .link = {link->id}};
        ush_uv_step(rt, &ev);
    }
    ush_doorman_link_down(link->address);
    ush_peers_del(&rt->links, link);
}

static void on_log(void *ctx, enum usher_level level, const char *message)
{
    ush_uv_log(ctx, level, message);
}

struct usher_transport_host ush_uv_reports(struct usher_uv *rt)
{
    return (struct usher_transport_host){.ctx = rt, .admit = on_admit, .up = on_up,
                                         .input = on_input, .clear = on_clear, .down = on_down,
                                         .log = on_log};
}

void ush_uv_drop(struct usher_uv *rt, struct ush_peer *link, int code)
{
    if (link->drop_code != 0) {
        return;
    }
    /* It is not listened to any more, but told what is still to be told in this turn. */
    link->drop_code = code;
    ush_peer_forget_all(&rt->links, link);
    ush_list_del(&link->hello);
    ush_list_add_last(&rt->dropping, &link->dropping);
    rt->dirty = true;
}
