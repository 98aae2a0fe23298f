/* usher/sim.h - a whole world in one thread: people, links, storage, time and trouble.
 * SPDX-License-Identifier: MIT
 *
 * A world plays visitors, agents and a storage around a real core, in virtual
 * time. All chance comes from one seed. A judge with a picture of its own checks
 * after every event what docs/guarantees.md promises. Any thread; different
 * worlds share nothing. */
#ifndef USHER_SIM_H
#define USHER_SIM_H

#include "core.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What must have happened at least once in a run of many seeds, or the run has
 * proved little. */
enum usher_sim_sometimes {
    USHER_SIM_CRASH_WITH_BATCH = 0, /* the desk crashed while a batch was at the storage */
    USHER_SIM_FULL_PAGE,            /* a command was refused busy or degraded: no room in the page */
    USHER_SIM_FETCH,                /* facts came back from the storage */
    USHER_SIM_FIND,                 /* a key was looked up in the storage */
    USHER_SIM_RESET,                /* a log began anew for somebody */
    USHER_SIM_RETRY_AFTER_CRASH,    /* a command was answered that was sent before a crash, too */
    USHER_SIM_EXPIRY_WHILE_LOST,    /* an offer ended by time while nothing could be saved */
    USHER_SIM_GRACE_OVER,           /* an agent was gone for too long, with sessions */
    USHER_SIM_TWO_LINKS,            /* one person had two links at a time */
    USHER_SIM_KEY_CONFLICT,         /* a key was refused: used for something else */
    USHER_SIM_LOST_REPLY,           /* a batch was saved, and the worker was told that it was not */
    USHER_SIM_LINK_FULL,            /* a link could take no more */
    USHER_SIM_TABLE_FULL,           /* a link, a session or a key was refused: no room */
    USHER_SIM_ABANDONED,            /* a visitor was gone for too long */
    USHER_SIM_REOPENED,
    USHER_SIM_MISSED_TOO_OFTEN,     /* an agent was made not ready */
    USHER_SIM_FRAME_LOST,           /* what was under way in a link ended with it */
    USHER_SIM_TWICE,                /* a command came twice over one link */
    USHER_SIM_OVERTAKEN,            /* a command came over an old link after its repeat over a new one */
    USHER_SIM_CUT_OFF,              /* the end of a frame was missing */
    USHER_SIM_TOO_FAST,             /* a command was refused before it reached the desk */
    USHER_SIM_GHOST,                /* a link that its device had left, and the desk did not know */
    USHER_SIM_DEAF,                 /* a link that was gone, and its device did not know */
    USHER_SIM_INHERITED,            /* a person went on as another device: its cursors, its outbox */
    USHER_SIM_BOARD,                /* a supervisor looked at the board */
    USHER_SIM_BROADCAST,            /* a session was offered to several agents at a time */
    USHER_SIM_AUTO,                 /* a session was an agent's without his being asked */
    USHER_SIM_ESCALATED,            /* a session became more urgent by waiting */
    USHER_SIM_OVERFLOWED,           /* a session went to another queue by waiting */
    USHER_SIM_SOMETIMES             /* how many there are */
};
/* In words. Static text. */
USHER_API const char *usher_sim_sometimes_name(enum usher_sim_sometimes what);

struct usher_sim_config {
    size_t size;          /* set by usher_sim_config_init */
    uint64_t seed;
    uint32_t steps;       /* events of the wild part (2 000); then trouble stops, and all must end well */
    bool tape;            /* record a tape (usher_sim_tape) */
};
/* Fill *cfg with zeros, which mean defaults. Any thread. */
USHER_API void usher_sim_config_default(struct usher_sim_config *cfg, size_t size);
#define usher_sim_config_init(cfg) usher_sim_config_default((cfg), sizeof *(cfg))

struct usher_sim_result {
    uint64_t seed;
    uint64_t hash;        /* of all events and effects; a function of the seed alone */
    uint64_t steps, facts, crashes;
    uint64_t sometimes[USHER_SIM_SOMETIMES];
    char why[512];        /* empty, or what was broken, and when */
};

struct usher_sim;

/* Make a world. Errors: EINVAL, ENOMEM. */
USHER_API int usher_sim_new(struct usher_sim **out, const struct usher_sim_config *cfg);
USHER_API void usher_sim_free(struct usher_sim *sim); /* NULL is fine */

/* Run it to its end, once. 0; or ECORRUPT: a promise was broken, and out->why says which. */
USHER_API int usher_sim_run(struct usher_sim *sim, struct usher_sim_result *out);

/* The tape of the run: every event and every taking. Empty if none was recorded;
 * borrowed until usher_sim_free(). */
USHER_API struct usher_span usher_sim_tape(const struct usher_sim *sim);

/* Play a tape to fresh cores. *hash is that of the effects, and *recorded what they
 * were when the tape was made: equal, or determinism is broken. Errors: EINVAL (no
 * tape, or of another version), ECORRUPT (an effect differs; *at counts from 1). */
USHER_API int usher_sim_replay(struct usher_span tape, uint64_t *hash, uint64_t *recorded,
                               uint64_t *at);

/* Play a tape in the same way, and show each effect while it lives, and NULL whenever
 * the desk is started (once at first, and after each crash). Errors: as above. */
USHER_API int usher_sim_watch(struct usher_span tape,
                              void (*each)(void *ctx, const struct usher_effect *fx), void *ctx);

/* Play a story (docs/testing.md has the format). 0, or ECORRUPT and *why says which line
 * expected what, and what happened instead. */
USHER_API int usher_sim_play(const char *story, struct usher_fault *why);

#ifdef __cplusplus
}
#endif
#endif
