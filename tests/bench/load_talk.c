/* load_talk.c - the talk itself: every message that is over is followed by the next.
 * SPDX-License-Identifier: MIT */
#include "load.h"

#include <stdio.h>
#include <string.h>

static size_t head_len(void)
{
    char head[WS_HEAD_MAX];
    return ws_head(head, WS_TEXT, SAY_LEN, load_mask);
}

/* Each pair's two frames, but for the slot and the key, which are patched in. */
void load_talk_frames(struct load_target *t)
{
    static const char filler[] = "Do you still have the blue vase, and would it be here by Friday? "
                                 "It is a present; thank you for looking it up now.";
    char text[SAY_LEN + 1];

    for (unsigned i = 0; i < t->n_pairs; i++) {
        for (unsigned side = 0; side < 2; side++) {
            char *frame = t->pairs[i].frame[side];
            size_t head = ws_head(frame, WS_TEXT, SAY_LEN, load_mask);
            int n = snprintf(text, sizeof text,
                             SAY_HEAD "%s" SAY_KEY "%0*d" SAY_BODY "00%c %-*.*s" SAY_TAIL,
                             t->pairs[i].session, SAY_ID, 0, side == 0 ? 'v' : 'a', SAY_TEXT - 4,
                             SAY_TEXT - 4, filler);
            if (n != SAY_LEN) {
                load_die("a message of %d bytes", n);
            }
            memcpy(frame + head, text, SAY_LEN);
            ws_mask(frame + head, SAY_LEN, load_mask, 0);
        }
    }
    t->keys = load_clock(CLOCK_REALTIME);
}

/* Lower-case hex digits, masked, at a place of the frame's payload. */
static void patch(char *payload, size_t at, unsigned digits, uint64_t value)
{
    for (unsigned i = digits; i-- > 0; value >>= 4) {
        payload[at + i] = (char) ("0123456789abcdef"[value & 15] ^ load_mask[(at + i) % WS_MASK]);
    }
}

static void say(struct load_pair *pair, unsigned at, unsigned side)
{
    struct load_link *link = pair->link[side];
    struct load_target *t = link->target;
    struct load_slot *slot = &pair->slot[at];
    size_t head = head_len();
    char *frame = pair->frame[side];

    patch(frame + head, SAY_KEY_AT, 16, t->keys++);
    patch(frame + head, SAY_BODY_AT, 2, at);
    *slot = (struct load_slot){.sent_ns = t->now_ns, .speaker = (uint8_t) side, .busy = true};
    load_link_put(link, frame, head + SAY_LEN);
    t->under_way++;
}

void load_talk_begin(struct load_target *t, unsigned window)
{
    t->window = window;
    t->talking = true;
    t->now_ns = load_clock(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < t->n_pairs; i++) {
        for (unsigned at = 0; at < window; at++) {
            say(&t->pairs[i], at, (i + at) & 1);
        }
    }
}

/* 32 steps an octave: a figure is at most 3 % off. */
unsigned load_bucket(uint64_t us)
{
    unsigned shift = 0;

    while (us >> shift >= 64) {
        shift++;
    }
    unsigned bucket = shift * 32 + (unsigned) (us >> shift);
    return bucket < LOAD_BUCKETS ? bucket : LOAD_BUCKETS - 1;
}

static double bucket_us(unsigned bucket)
{
    if (bucket < 64) {
        return bucket + 0.5;
    }
    unsigned shift = bucket / 32 - 1;
    return ((double) (bucket - shift * 32) + 0.5) * (double) (UINT64_C(1) << shift);
}

double load_quantile(const struct load_target *t, double q)
{
    uint64_t all = 0, seen = 0;

    for (unsigned i = 0; i < LOAD_BUCKETS; i++) {
        all += t->latency[i];
    }
    for (unsigned i = 0; i < LOAD_BUCKETS; i++) {
        seen += t->latency[i];
        if (seen > 0 && (double) seen >= q * (double) all) {
            return bucket_us(i);
        }
    }
    return 0;
}

static void over(struct load_target *t, struct load_pair *pair, unsigned at)
{
    struct load_slot *slot = &pair->slot[at];

    slot->busy = false;
    t->under_way--;
    t->count.messages++;
    t->latency[load_bucket((t->now_ns - slot->sent_ns) / 1000)]++;
    if (t->talking) {
        say(pair, at, slot->speaker ^ 1);
    }
}

static struct load_pair *pair_of(const struct load_link *link, const char *session)
{
    for (unsigned i = 0; i < link->n_pairs; i++) {
        if (memcmp(link->pairs[i]->session, session, SAY_ID) == 0) {
            return link->pairs[i];
        }
    }
    return NULL;
}

static unsigned hex(char digit)
{
    return digit <= '9' ? (unsigned) (digit - '0') : (unsigned) (digit - 'a') + 10;
}

void load_talk_take(struct load_link *link, const char *text, size_t len)
{
    struct load_target *t = link->target;

    if (t->under_way == 0 || len < SAID_SESSION_AT + SAY_ID + SAY_TEXT + SAY_TAIL_LEN) {
        return; /* the word that opened the session */
    }
    struct load_pair *pair = pair_of(link, text + (t->usher ? SAID_SESSION_AT : SAY_SESSION_AT));
    const char *body = text + len - SAY_TAIL_LEN - SAY_TEXT;
    unsigned at = hex(body[0]) << 4 | hex(body[1]);
    if (pair == NULL || at >= t->window || !pair->slot[at].busy) {
        load_die("%s: nobody said %.*s", t->name, (int) len, text);
    }
    unsigned side = link->agent ? 2 : 1;
    if ((pair->slot[at].told & side) != 0) {
        load_die("%s: told twice: %.*s", t->name, (int) len, text);
    }
    pair->slot[at].told = (uint8_t) (pair->slot[at].told | side);
    if (pair->slot[at].told == 3) {
        over(t, pair, at);
    }
}
