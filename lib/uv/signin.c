/* signin.c - hello: who is this? Asked of memory, the storage, or the host.
 * SPDX-License-Identifier: MIT
 *
 *   NEW --hello--> (visitor known or new) ----------------------------> IN
 *   NEW --hello--> ASKED --the storage or the host answers------------> IN
 *                        --nobody (agent): refused--> dropped 4401
 *
 * A token is compared only by its SHA-256 and never logged; copies are wiped. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime.h"

/* Look-ups of visitors that may be out at a time. */
#define LOOKUPS_MAX 4096
#define RETRY_MS 1000

static bool same_epoch(const struct usher_uv *rt, const struct usher_hello *hello)
{
    return !hello->has_epoch || hello->epoch == rt->epoch;
}

/* The link may be told something, and will then be dropped. */
static void turn_away(struct usher_uv *rt, struct ush_peer *link, enum usher_why why,
                      uint32_t retry_ms, int code)
{
    ush_uv_refuse(rt, link, why, retry_ms, (struct usher_span){0}, NULL);
    ush_uv_drop(rt, link, code);
}

/* Step a SIGN_IN event; true if the link is in. */
static bool sign_in(struct usher_uv *rt, struct ush_peer *link, const struct usher_event *ev)
{
    int rv = ush_uv_step(rt, ev);
    if (rv == USHER_EFULL) {
        turn_away(rt, link, USHER_FULL, RETRY_MS, 1013);
    } else if (rv != 0) {
        turn_away(rt, link, USHER_UNAUTHORIZED, 0, 4401);
    } else {
        link->state = USH_PEER_IN;
        ush_list_del(&link->hello);
    }
    return rv == 0;
}

static bool is_token(struct usher_span text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const size_t prefix = sizeof USH_TOKEN_PREFIX - 1;
    const char *s = text.base;
    if (text.len != USH_TOKEN_LEN || memcmp(s, USH_TOKEN_PREFIX, prefix) != 0) {
        return false;
    }
    for (size_t i = prefix; i < text.len; i++) {
        if (s[i] == 0 || strchr(alphabet, s[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static void hash_of(struct usher_span token, uint8_t out[32])
{
    crypto_hash_sha256(out, token.base, token.len);
}

static void new_token(char out[USH_TOKEN_LEN + 1])
{
    uint8_t bytes[32];
    const size_t prefix = sizeof USH_TOKEN_PREFIX - 1;
    randombytes_buf(bytes, sizeof bytes);
    memcpy(out, USH_TOKEN_PREFIX, prefix);
    sodium_bin2base64(out + prefix, USH_TOKEN_LEN + 1 - prefix, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

/* Sign the visitor in whose token this is; without a hello, his cursors count for nothing. */
static void visitor_in(struct usher_uv *rt, struct ush_peer *link, struct usher_event *ev,
                       struct usher_span token, const struct usher_hello *hello)
{
    link->token = malloc(USH_TOKEN_LEN + 1);
    if (link->token == NULL) {
        turn_away(rt, link, USHER_BUSY, RETRY_MS, 1013);
        return;
    }
    memcpy(link->token, token.base, USH_TOKEN_LEN);
    link->token[USH_TOKEN_LEN] = 0;
    ev->type = USHER_EV_SIGN_IN_VISITOR;
    ev->link = (struct usher_link_id){link->id};
    hash_of(token, ev->as.visitor.token_hash);
    ev->as.visitor.same_epoch = true;
    if (hello != NULL) {
        ev->as.visitor.same_epoch = same_epoch(rt, hello);
        ev->as.visitor.have = hello->have;
        ev->as.visitor.n_have = hello->n_have;
    }
    if (sign_in(rt, link, ev)) {
        link->visitor = ev->as.visitor.visitor;
    }
}

static void new_visitor(struct usher_uv *rt, struct ush_peer *link)
{
    struct usher_event ev = {0};
    char token[USH_TOKEN_LEN + 1];
    new_token(token);
    randombytes_buf(&ev.as.visitor.visitor, sizeof ev.as.visitor.visitor);
    visitor_in(rt, link, &ev, (struct usher_span){token, USH_TOKEN_LEN}, NULL);
    sodium_memzero(token, sizeof token);
}

/* From now on it has as much time as a new link. */
static void more_time(struct usher_uv *rt, struct ush_peer *link)
{
    link->hello_ms = ush_uv_mono(rt);
    ush_list_del(&link->hello);
    ush_list_add_last(&rt->hellos, &link->hello);
}

/* Keep the hello until somebody has answered who said it. */
static bool ask(struct usher_uv *rt, struct ush_peer *link, struct usher_span message)
{
    struct ush_frame *frame;
    if (ush_peer_keep(&rt->links, link, message, true, &frame) != 0) {
        return false;
    }
    link->state = USH_PEER_ASKED;
    more_time(rt, link);
    return true;
}

/* The hello came too early: it may be said again. */
static void hello_too_fast(struct usher_uv *rt, struct ush_peer *link, uint32_t retry_ms)
{
    more_time(rt, link);
    link->hello_fast = true;
    ush_uv_refuse_fast(rt, link, retry_ms, (struct usher_span){0});
}

/* May this token say hello now? If not, it was told so. */
static bool may_say_hello(struct usher_uv *rt, struct ush_peer *link, const uint8_t hash[32])
{
    uint32_t retry_ms = 0;
    int rv = ush_doorman_hello(&rt->doorman, hash, ush_uv_mono(rt), &retry_ms);
    if (rv != 0) {
        hello_too_fast(rt, link, retry_ms);
    }
    return rv == 0;
}

static void visitor_hello(struct usher_uv *rt, struct ush_peer *link, struct usher_span message)
{
    const struct usher_hello *hello = &rt->decoded.hello;
    struct usher_event ev = {0};
    uint8_t hash[32];
    if (!is_token(hello->token)) {
        new_visitor(rt, link);
        return;
    }
    hash_of(hello->token, hash);
    if (!may_say_hello(rt, link, hash)) {
        return;
    }
    if (usher_find_visitor(rt->core, hash, &ev.as.visitor.visitor)) {
        visitor_in(rt, link, &ev, hello->token, hello);
        return;
    }
    struct ush_job *job = rt->lookups < LOOKUPS_MAX ? ush_uv_new_job(rt, USH_JOB_VISITOR) : NULL;
    if (job == NULL || !ask(rt, link, message)) {
        ush_job_free(job);
        turn_away(rt, link, USHER_BUSY, RETRY_MS, 1013);
        return;
    }
    job->in.visitor.link = link->id;
    memcpy(job->in.visitor.token_hash, hash, sizeof hash);
    rt->lookups++;
    ush_worker_do(&rt->worker, job);
}

/* The hello that the link waits for, decoded anew into rt->decoded; the frame is
 * the caller's to free. */
static struct ush_frame *hello_again(struct usher_uv *rt, struct ush_peer *link)
{
    struct ush_frame *frame = ush_peer_take_first(link);
    struct usher_span message = {frame->bytes, frame->len};
    if (usher_decode(rt->decoder, USHER_SYSTEM, message, rt->body_max, &rt->decoded) != 0) {
        ush_frame_free(&rt->links, frame); /* It decoded before: only memory can be short now. */
        return NULL;
    }
    return frame;
}

void ush_uv_visitor_found(struct usher_uv *rt, const struct ush_job *job)
{
    rt->lookups--;
    struct ush_peer *link = ush_peers_find(&rt->links, job->in.visitor.link);
    if (link == NULL || link->drop_code != 0) {
        return;
    }
    if (job->why.err != 0) {
        turn_away(rt, link, USHER_DEGRADED, RETRY_MS, 1013);
        return;
    }
    struct usher_event ev = {0};
    struct ush_frame *hello = hello_again(rt, link);
    if (hello == NULL) {
        turn_away(rt, link, USHER_BUSY, RETRY_MS, 1013);
    } else if (usher_find_visitor(rt->core, job->in.visitor.token_hash, &ev.as.visitor.visitor)) {
        visitor_in(rt, link, &ev, rt->decoded.hello.token, &rt->decoded.hello);
    } else if (job->visitor_found) {
        ev.as.visitor.visitor = job->visitor;
        ev.as.visitor.past = true;
        visitor_in(rt, link, &ev, rt->decoded.hello.token, &rt->decoded.hello);
    } else {
        new_visitor(rt, link);
    }
    ush_frame_free(&rt->links, hello);
    ush_uv_go_on(rt, link);
}

static void agent_failed(struct usher_uv *rt, struct ush_peer *link)
{
    ush_doorman_sign_in_failed(&rt->doorman, link->address, ush_uv_mono(rt));
    turn_away(rt, link, USHER_UNAUTHORIZED, 0, 4401);
}

static void agent_hello(struct usher_uv *rt, struct ush_peer *link, struct usher_span message)
{
    struct usher_span token = rt->decoded.hello.token;
    uint32_t retry_ms = 0;
    uint8_t hash[32];
    hash_of(token, hash);
    if (ush_doorman_sign_in(link->address, ush_uv_mono(rt), &retry_ms) != 0) {
        hello_too_fast(rt, link, retry_ms);
    } else if (rt->cfg.who == NULL) {
        agent_failed(rt, link);
    } else if (may_say_hello(rt, link, hash)) {
        if (!ask(rt, link, message)) {
            turn_away(rt, link, USHER_BUSY, RETRY_MS, 1013);
            return;
        }
        link->ticket = ush_peers_ticket(&rt->links, link);
        rt->inside++;
        rt->cfg.who(rt->cfg.ctx, rt, link->ticket, token);
        rt->inside--;
    }
}

void ush_uv_signed_in(struct usher_uv *rt, uint64_t ticket, const struct usher_agent_id *agent)
{
    struct ush_peer *link = ush_peers_find_ticket(&rt->links, ticket);
    if (link == NULL || link->state != USH_PEER_ASKED || link->drop_code != 0) {
        return;
    }
    link->ticket = 0;
    if (agent->s[0] == 0) {
        agent_failed(rt, link);
        return;
    }
    struct ush_frame *hello = hello_again(rt, link);
    if (hello == NULL) {
        turn_away(rt, link, USHER_BUSY, RETRY_MS, 1013);
        return;
    }
    struct usher_event ev = {.type = USHER_EV_SIGN_IN_AGENT, .link = {link->id}};
    ev.as.agent.agent = *agent;
    ev.as.agent.same_epoch = same_epoch(rt, &rt->decoded.hello);
    ev.as.agent.have = rt->decoded.hello.have;
    ev.as.agent.n_have = rt->decoded.hello.n_have;
    if (sign_in(rt, link, &ev)) {
        link->agent = *agent;
    }
    ush_frame_free(&rt->links, hello);
    ush_uv_go_on(rt, link);
}

void ush_uv_hello(struct usher_uv *rt, struct ush_peer *link, struct usher_span message)
{
    link->as = rt->decoded.hello.as;
    if (link->as == USHER_AGENT) {
        agent_hello(rt, link, message);
    } else if (message.len > USHER_FRAME_VISITOR) {
        ush_uv_drop(rt, link, 1009);
    } else {
        visitor_hello(rt, link, message);
    }
}
