/* load.h - the load generator: links, pairs of visitors and agents, and what they measure.
 * SPDX-License-Identifier: MIT
 *
 * One target is one server with all its links. Every pair has `window` messages
 * under way, each in a slot of its own; a slot's next message is said by the
 * other side. A message is over when sender and peer have both been told. */
#ifndef LOAD_H
#define LOAD_H

#include "say.h"
#include "ws.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    LOAD_WINDOW_MAX = 16,
    LOAD_AGENT_PAIRS = 6, /* sessions on an agent's link */
    LOAD_FRAME = 16 + SAY_LEN,
    LOAD_READ = 256 * 1024,
    LOAD_BUCKETS = 32 * 32
};

struct load_target;
struct load_pair;

struct load_link {
    struct load_target *target;
    int fd;
    bool agent;
    bool upgraded;
    char joined[LOAD_AGENT_PAIRS][SAY_ID + 1]; /* an agent's sessions, until they are pairs */
    unsigned n_joined;
    struct load_pair *pairs[LOAD_AGENT_PAIRS]; /* a visitor has one */
    unsigned n_pairs;
    char *in; /* a frame that has not come whole */
    size_t in_len, in_size;
    char *out;
    size_t out_len, out_size;
    bool dirty; /* in the target's list of links to write to */
};

struct load_slot {
    uint64_t sent_ns;
    uint8_t told;    /* bit 0: the visitor, bit 1: the agent */
    uint8_t speaker; /* 0: the visitor, 1: the agent */
    bool busy;
};

struct load_pair {
    struct load_link *link[2];
    char session[SAY_ID + 1];
    struct load_slot slot[LOAD_WINDOW_MAX];
    char frame[2][LOAD_FRAME]; /* masked, but for slot and key */
};

/* How far the setting up has come. */
struct load_progress {
    unsigned greeted, ready, opened, joined;
};

/* What was seen up to a moment. */
struct load_count {
    uint64_t messages, bytes_in, bytes_out; /* as this side sees it */
    uint64_t at_ns, cpu_ns, load_ns, busy_ns;
};

struct load_target {
    const char *name;
    bool usher; /* else a relay */
    int port;
    clockid_t clock; /* of all its threads */
    int epoll;
    struct load_link *links;
    unsigned n_links, n_agents;
    struct load_pair *pairs;
    unsigned n_pairs;
    unsigned window;
    struct load_link **dirty;
    unsigned n_dirty;
    char *buffer; /* LOAD_READ bytes: one link is read at a time */
    struct load_progress come;
    bool talking; /* a message that is over is followed by another */
    unsigned under_way;
    struct load_count count;
    uint32_t latency[LOAD_BUCKETS]; /* in µs, see load_bucket */
    uint64_t now_ns;
    uint64_t keys; /* counted up: no key comes twice */
};

/* Say why, and end the program. */
_Noreturn void load_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* load_link.c */
uint64_t load_clock(clockid_t clock);
void load_link_open(struct load_link *link, const char *from);
extern const unsigned char load_mask[WS_MASK]; /* of every frame that is sent */
void load_link_put(struct load_link *link, const char *bytes,
                   size_t len); /* to be sent, as it is */
void load_link_text(struct load_link *link, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Read and write for at most so long, or until *done. */
void load_turn(struct load_target *t, uint64_t until_ns);

/* load_setup.c: from nothing to pairs that can talk. `tokens`: one an agent; a relay needs none. */
void load_setup(struct load_target *t, unsigned pairs, char *const *tokens, unsigned n_tokens,
                const char *queue);
/* Links of visitors who have said hello, and no more. */
void load_setup_idle(struct load_target *t, unsigned links);
/* An object that is no message that was said. */
void load_setup_take(struct load_link *link, const char *text, size_t len);

/* load_talk.c */
void load_talk_frames(struct load_target *t);
void load_talk_begin(struct load_target *t, unsigned window);
void load_talk_take(struct load_link *link, const char *text, size_t len);
unsigned load_bucket(uint64_t us);
double load_quantile(const struct load_target *t, double q);

#endif
