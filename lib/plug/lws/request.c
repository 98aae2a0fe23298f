/* request.c - a request is whole: refuse it, hand it to the host, or make a link of it.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "context.h"
#include "door.h"
#include "path.h"
#include "rules.h"

#define BODY_MS 10000

static struct usher_span text(const char *bytes)
{
    return (struct usher_span){bytes, bytes == NULL ? 0 : strlen(bytes)};
}

/* All fields X-Forwarded-For in one, in their order: that is what several mean. */
static bool read_forwarded(struct ush_lws_door *door, const struct ush_lws_head *head)
{
    size_t len = 0;

    if (ush_lws_head_count(head, "x-forwarded-for") == 0) {
        return true;
    }
    door->forwarded = malloc(door->head_len); /* Each was longer, with its name. */
    if (door->forwarded == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < head->n_fields; i++) {
        const struct ush_lws_field *field = &head->fields[i];
        if (ush_lws_span_like(field->name, "x-forwarded-for")) {
            if (len > 0) {
                memcpy(door->forwarded + len, ", ", 2);
                len += 2;
            }
            memcpy(door->forwarded + len, field->value.base, field->value.len);
            len += field->value.len;
        }
    }
    door->forwarded[len] = '\0';
    return true;
}

static struct usher_peer peer_of(const struct ush_lws_door *door)
{
    return (struct usher_peer){.address = text(door->seat.address),
                               .forwarded = text(door->forwarded)};
}

static void hand_over(struct ush_lws_door *door, const struct ush_lws_head *head)
{
    struct ush_lws *t = door->t;
    size_t early = door->len - door->head_len;
    char *bytes = malloc(USH_LWS_REWRITE_MAX + early);
    struct ush_lws_link *link = NULL;

    if (bytes != NULL) {
        link = ush_lws_link_new(t, &door->seat, door->forwarded);
    }
    if (link == NULL) {
        free(bytes);
        ush_lws_answer_refuse(door, 503, 0);
        return;
    }
    door->forwarded = NULL;
    size_t len = ush_lws_rules_rewrite(head, bytes);
    memcpy(bytes + len, door->bytes + door->head_len, early);
    int fd = door->fd;
    door->fd = -1;
    ush_lws_mask_begin(&link->mask, fd, early);
    ush_lws_door_shut(door);
    ush_lws_context_adopt(link, fd, bytes, len + early);
    free(bytes);
}

static void handshake(struct ush_lws_door *door, const struct ush_lws_head *head)
{
    struct ush_lws *t = door->t;
    uint32_t retry_ms = 0;

    int status = ush_lws_rules_handshake(head, t->path, &t->origins);
    if (status == 403) {
        ush_lws_log_origin(t, ush_lws_head_get(head, "origin"));
    }
    if (status == 0 && t->phase != USH_LWS_RUNNING) {
        status = 503;
    }
    if (status == 0 && t->host->admit != NULL) {
        struct usher_peer peer = peer_of(door);
        int rv = t->host->admit(t->host->ctx, &peer, &retry_ms);
        status = rv == 0 ? 0 : rv == USHER_EBUSY ? 429 : 503;
    }
    if (status == 0) {
        hand_over(door, head);
    } else {
        ush_lws_answer_refuse(door, status, retry_ms);
    }
}

static int read_request(struct ush_lws_door *door, const struct ush_lws_head *head)
{
    struct usher_lws_request *req = &door->req;
    size_t len = 0;

    door->path = malloc(head->path.len);
    if (door->path == NULL) {
        return 503;
    }
    if (!ush_lws_path_decode(head->path, door->path, &len)) {
        return 400;
    }
    req->method = head->method;
    req->path = (struct usher_span){door->path, len};
    req->query = head->query;
    req->origin = ush_lws_head_get(head, "origin");
    req->host = ush_lws_head_get(head, "host");
    req->content_type = ush_lws_head_get(head, "content-type");
    req->if_none_match = ush_lws_head_get(head, "if-none-match");
    req->origin_ok = ush_lws_origins_have(&door->t->origins, req->origin);
    req->peer = peer_of(door);
    return 0;
}

/* Of the body, what came with the head. What came behind it is no request. */
static int begin_body(struct ush_lws_door *door)
{
    size_t came = door->len - door->head_len;

    if (door->body_len == 0) {
        return 0;
    }
    door->body = malloc(door->body_len);
    if (door->body == NULL) {
        return 503;
    }
    door->body_have = came < door->body_len ? came : door->body_len;
    memcpy(door->body, door->bytes + door->head_len, door->body_have);
    return 0;
}

/* A failure shows at the next read. */
static void ask_for_body(const struct ush_lws_door *door)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

    (void) send(door->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void plain(struct ush_lws_door *door, const struct ush_lws_head *head)
{
    int status = ush_lws_rules_plain(head, door->t->cfg.request_max, &door->body_len);

    door->no_body = ush_lws_span_is(head->method, "HEAD");
    if (status == 0) {
        status = read_request(door, head);
    }
    if (status == 0) {
        status = begin_body(door);
    }
    if (status != 0) {
        ush_lws_answer_refuse(door, status, 0);
    } else if (door->body_have == door->body_len) {
        ush_lws_request_body(door);
    } else {
        door->phase = USH_LWS_DOOR_BODY;
        door->due_ms = uv_now(door->t->cfg.loop) + BODY_MS;
        if (door->body_have == 0 && ush_lws_head_count(head, "expect") > 0) {
            ask_for_body(door);
        }
    }
}

void ush_lws_request_head(struct ush_lws_door *door)
{
    struct ush_lws_head head;

    int status = ush_lws_head_parse(&head, door->bytes, door->head_len);
    if (status == 0) {
        status = ush_lws_rules_all(&head);
    }
    if (status == 0 && !read_forwarded(door, &head)) {
        status = 503;
    }
    if (status != 0) {
        ush_lws_answer_refuse(door, status, 0);
    } else if (ush_lws_rules_is_handshake(&head)) {
        handshake(door, &head);
    } else {
        plain(door, &head);
    }
}

void ush_lws_request_body(struct ush_lws_door *door)
{
    struct ush_lws *t = door->t;

    if (t->cfg.request == NULL) {
        ush_lws_answer_refuse(door, 404, 0);
        return;
    }
    door->req.body = (struct usher_span){door->body, door->body_len};
    door->phase = USH_LWS_DOOR_HELD;
    door->due_ms = 0;
    t->cfg.request(t->cfg.ctx, &door->req);
}
