/* input.c - frames in: sized, decoded, counted by the doorman, and stepped.
 * SPDX-License-Identifier: MIT
 *
 * While a link's frame waits for an answer (who is this? was this key used
 * before?) the frames behind it are kept, so that order holds; beyond
 * FRAMES_MAX of them they are refused. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime.h"

#define FRAMES_MAX 9          /* the one that waits, and 8 behind it */
#define REFUSALS_MAX 100      /* too fast, within … */
#define DROPPED_MAX 1000      /* silently dropped, within … */
#define REFUSALS_STRETCH_MS 10000
#define RETRY_BUSY_MS 1000

/* The core keeps the text of a refusal until it is told: so it must be static. */
static const char *text_of(enum usher_why why)
{
    switch (why) {
    case USHER_BAD_FRAME: return "not a well-formed frame";
    case USHER_BAD_FIELD: return "a field is missing, unknown or not as it should be";
    case USHER_UNKNOWN_TYPE: return "no such command for you";
    case USHER_UNAUTHORIZED: return "sign in again";
    case USHER_TOO_LARGE: return "too long";
    case USHER_TOO_FAST: return "too fast";
    case USHER_BUSY: return "busy";
    case USHER_FULL: return "no room";
    case USHER_DEGRADED: return "nothing can be stored for now";
    case USHER_WHY_NONE:
    case USHER_UNKNOWN:
    case USHER_CLOSED:
    case USHER_KEY_CONFLICT:
    case USHER_OFFER_GONE:
    case USHER_TAKEN: break;
    }
    return "refused";
}

void ush_uv_refuse(struct usher_uv *rt, struct ush_peer *link, enum usher_why why,
                   uint32_t retry_ms, struct usher_span key, const char *text)
{
    struct usher_event ev = {.type = USHER_EV_REFUSE, .link = {link->id}, .key = key};
    ev.as.refuse.why = why;
    ev.as.refuse.retry_ms = retry_ms;
    ev.as.refuse.text = text != NULL ? text : text_of(why);
    ush_uv_step(rt, &ev);
}

/* Is this one refusal too many? Then the link is dropped. */
static bool is_flood(struct usher_uv *rt, struct ush_peer *link)
{
    ush_count_add(&link->refusals, REFUSALS_STRETCH_MS, ush_uv_mono(rt));
    if (link->refusals.n > REFUSALS_MAX) {
        ush_uv_drop(rt, link, 4429);
        return true;
    }
    return false;
}

void ush_uv_refuse_fast(struct usher_uv *rt, struct ush_peer *link, uint32_t retry_ms,
                        struct usher_span key)
{
    rt->stats.refused_rate++;
    if (!is_flood(rt, link)) {
        ush_uv_refuse(rt, link, USHER_TOO_FAST, retry_ms == 0 ? 1 : retry_ms, key, NULL);
    }
}

/* Keep what was wrong with a bad frame for as long as the core may point there. */
static const char *keep_text(struct ush_peer *link, const char *text)
{
    if (link->texts == NULL) {
        link->texts = calloc(USH_BAD_FRAMES_MAX, sizeof *link->texts);
    }
    if (link->texts == NULL || text[0] == 0) {
        return NULL;
    }
    char *kept = link->texts[link->bad_frames];
    snprintf(kept, sizeof *link->texts, "%s", text);
    return kept;
}

/* Answer a frame that rt->decoder has refused. */
static void bad_frame(struct usher_uv *rt, struct ush_peer *link)
{
    const struct usher_decoded *d = &rt->decoded;
    rt->stats.refused_frame++;
    if (d->why == USHER_BAD_FRAME || d->why == USHER_BAD_FIELD || d->why == USHER_UNKNOWN_TYPE) {
        const char *text = keep_text(link, d->text);
        link->bad_frames++;
        if (link->bad_frames >= USH_BAD_FRAMES_MAX) {
            ush_uv_drop(rt, link, 4400);
        } else {
            ush_uv_refuse(rt, link, d->why, 0, d->key, text);
        }
    } else if (!is_flood(rt, link)) {
        ush_uv_refuse(rt, link, d->why, d->why == USHER_BUSY ? RETRY_BUSY_MS : 0, d->key, NULL);
        if (d->why == USHER_UNAUTHORIZED) {
            ush_uv_drop(rt, link, 4401); /* Hello is the first thing said, or the last. */
        }
    }
}

static int ask_doorman(struct usher_uv *rt, struct ush_peer *link, const struct usher_event *ev,
                       uint32_t *retry_ms)
{
    uint64_t now_ms = ush_uv_mono(rt);
    if (link->as != USHER_VISITOR) {
        return ush_doorman_agent(&rt->doorman, &link->agent, now_ms, retry_ms);
    }
    int rv = 0;
    if (ev->type == USHER_EV_START) {
        rv = ush_doorman_start(&rt->doorman, link->address, &link->visitor, ev->key, now_ms,
                               retry_ms);
    }
    return rv != 0 ? rv : ush_doorman_visitor(&rt->doorman, link->address, &link->visitor, now_ms,
                                              retry_ms);
}

/* May the link's person give this command now? If not, it was answered. */
static bool may(struct usher_uv *rt, struct ush_peer *link, const struct usher_event *ev)
{
    uint32_t retry_ms = 0;
    if (ask_doorman(rt, link, ev, &retry_ms) == 0) {
        return true;
    }
    bool idle_talk = ev->type == USHER_EV_SEEN || ev->type == USHER_EV_TYPING;
    if (!idle_talk || ev->key.len > 0) {
        ush_uv_refuse_fast(rt, link, retry_ms, ev->key);
        return false;
    }
    rt->stats.refused_rate++;
    ush_count_add(&link->dropped, REFUSALS_STRETCH_MS, ush_uv_mono(rt));
    if (link->dropped.n > DROPPED_MAX) {
        ush_uv_drop(rt, link, 4429);
    }
    return false;
}

/* Step a decoded command; `kept` is its frame if it waited already. */
static void command(struct usher_uv *rt, struct ush_peer *link, struct usher_span message,
                    struct ush_frame *kept)
{
    struct usher_event ev = rt->decoded.event;
    ev.link = (struct usher_link_id){link->id};
    bool again = kept != NULL && kept->charged;
    if (!again && !may(rt, link, &ev)) {
        return;
    }
    if (ev.type == USHER_EV_START && again) {
        ush_doorman_start_goes_on(&rt->doorman, link->address, &link->visitor, ush_uv_mono(rt));
        ev.session = kept->session;
    } else if (ev.type == USHER_EV_START) {
        randombytes_buf(&ev.session, sizeof ev.session);
    }
    int rv = ush_uv_step(rt, &ev);
    struct ush_frame *keep = NULL;
    if (rv == USHER_EWAIT && ush_peer_keep(&rt->links, link, message, true, &keep) == 0) {
        keep->charged = true;
        keep->session = ev.session;
        link->state = USH_PEER_FIND;
    } else if (rv != 0) {
        ush_uv_refuse(rt, link, USHER_BUSY, RETRY_BUSY_MS, ev.key, NULL);
    }
}

/* The key of a frame that is refused unseen, if it has one. */
static struct usher_span key_of(struct usher_uv *rt, const struct ush_peer *link,
                                struct usher_span message)
{
    struct usher_decoded *d = &rt->decoded;
    int rv = usher_decode(rt->decoder, link->as, message, rt->body_max, d);
    return rv == 0 ? d->event.key : d->key;
}

static void keep(struct usher_uv *rt, struct ush_peer *link, struct usher_span message)
{
    struct ush_frame *frame;
    bool room = link->n_frames < FRAMES_MAX;
    if (room && ush_peer_keep(&rt->links, link, message, false, &frame) == 0) {
        return;
    }
    if (!is_flood(rt, link)) {
        ush_uv_refuse(rt, link, USHER_BUSY, RETRY_BUSY_MS, key_of(rt, link, message), NULL);
    }
}

static void look(struct usher_uv *rt, struct ush_peer *link, struct usher_span message,
                 struct ush_frame *kept)
{
    bool in = link->state == USH_PEER_IN;
    struct usher_decoded *d = &rt->decoded;
    int rv = usher_decode(rt->decoder, in ? link->as : USHER_SYSTEM, message, rt->body_max, d);
    if (rv != 0 && !in && message.len > USHER_FRAME_VISITOR) {
        ush_uv_drop(rt, link, 1009);
    } else if (rv != 0) {
        bad_frame(rt, link);
    } else if (d->is_hello) {
        ush_uv_hello(rt, link, message);
    } else {
        command(rt, link, message, kept);
    }
}

void ush_uv_input(struct usher_uv *rt, struct ush_peer *link, struct usher_span message)
{
    bool visitor = link->state != USH_PEER_NEW && link->as == USHER_VISITOR;
    if (message.len > (visitor ? USHER_FRAME_VISITOR : USHER_FRAME_MAX)) {
        ush_uv_drop(rt, link, 1009);
    } else if (link->state == USH_PEER_NEW || link->state == USH_PEER_IN) {
        look(rt, link, message, NULL);
    } else {
        keep(rt, link, message);
    }
}

void ush_uv_go_on(struct usher_uv *rt, struct ush_peer *link)
{
    bool waiting = false;
    while (link->n_frames > 0 && !waiting && link->drop_code == 0) {
        struct ush_frame *frame = ush_peer_take_first(link);
        struct usher_span message = {frame->bytes, frame->len};
        look(rt, link, message, frame);
        ush_frame_free(&rt->links, frame);
        waiting = link->state != USH_PEER_NEW && link->state != USH_PEER_IN;
    }
}
