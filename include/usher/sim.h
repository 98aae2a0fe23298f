/* usher/sim.h - a whole world in one thread: people, links, storage, time and trouble.
 * SPDX-License-Identifier: MIT
 *
 * For tests of usher and of hosts. The simulator uses the core through its
 * public headers only, and judges it from outside: by its effects and by what
 * became durable. Everything is a function of the seed. Any thread, one at a time. */
#ifndef USHER_SIM_H
#define USHER_SIM_H

#include "core.h"

#ifdef __cplusplus
extern "C" {
#endif

struct usher_sim;

/* How often trouble comes, in 10 000 steps; 0: never. */
struct usher_sim_odds {
    uint32_t link_cut, link_full, save_slow, save_lost, crash;
};

/* What happened at least once matters: a run without it has proved less. */
struct usher_sim_counts {
    uint64_t steps, facts, shown, acked, refused, crashes, crashes_batch_out, page_full, fetches, finds, resets,
        retried_across_crash, expired_while_lost, grace_ended, two_links, key_conflicts, full_links, offers;
};

struct usher_sim_config {
    size_t size;
    uint64_t seed;
    struct usher_config core;   /* limits left zero become small ones, so that tables fill */
    struct usher_sim_odds odds;
};
USHER_API void usher_sim_config_default(struct usher_sim_config *cfg, size_t size);
#define usher_sim_config_init(cfg) usher_sim_config_default((cfg), sizeof *(cfg))

/* Errors: EINVAL, ENOMEM. */
USHER_API int usher_sim_new(struct usher_sim **out, const struct usher_sim_config *cfg);
USHER_API void usher_sim_free(struct usher_sim *s); /* NULL is fine */
/* So many random steps, each judged. 0, or ECORRUPT and *why names the promise that was broken. */
USHER_API int usher_sim_run(struct usher_sim *s, uint64_t steps, struct usher_fault *why);
/* Trouble stops, everybody comes back, time passes; then nothing may be left undone (G7). */
USHER_API int usher_sim_settle(struct usher_sim *s, struct usher_fault *why);
/* Of every event and effect so far: equal seeds give equal hashes, with any compiler (G9). */
USHER_API uint64_t usher_sim_hash(const struct usher_sim *s);
USHER_API void usher_sim_counts_get(const struct usher_sim *s, struct usher_sim_counts *out);

/* Play a story (docs/testing.md has the format). 0, or ECORRUPT and *why says which line
 * expected what, and what happened instead. */
USHER_API int usher_sim_play(const char *story, struct usher_fault *why);

#ifdef __cplusplus
}
#endif
#endif
