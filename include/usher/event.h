/* usher/event.h - everything that can happen to the core. One struct, one door.
 * SPDX-License-Identifier: MIT */
#ifndef USHER_EVENT_H
#define USHER_EVENT_H

#include "base.h"
#include "fact.h"

#ifdef __cplusplus
extern "C" {
#endif

enum usher_event_type {
    USHER_EV_TICK = 1,     /* time passed; nothing else */
    /* a transport says */
    USHER_EV_LINK_UP,      /* link is new and not signed in */
    USHER_EV_LINK_DOWN,    /* link is gone; its id will not come again */
    USHER_EV_LINK_FULL,    /* link takes nothing more for now */
    USHER_EV_LINK_CLEAR,   /* link has room again */
    /* the host says, having checked who this is */
    USHER_EV_SIGN_IN_VISITOR,
    USHER_EV_SIGN_IN_AGENT,
    USHER_EV_REFUSE,       /* answer a link that its frame was refused before it reached the core */
    USHER_EV_QUEUE_SET,    /* a queue is so from now on; new or known */
    USHER_EV_AGENT_SET,    /* an agent is so from now on; new or known */
    /* a client says (link is the sender), decoded by usher/wire.h */
    USHER_EV_START, USHER_EV_SAY, USHER_EV_WHISPER, USHER_EV_SEEN, USHER_EV_TYPING,
    USHER_EV_CLOSE, USHER_EV_REOPEN, USHER_EV_MOVE, USHER_EV_HISTORY,
    USHER_EV_READY, USHER_EV_ACCEPT, USHER_EV_DECLINE, USHER_EV_VISIT, USHER_EV_BOARD,
    USHER_EV_EXPLAIN,
    /* the storage worker says */
    USHER_EV_LOADED,       /* a piece of what is live, in seq order; the first events of all. After EFULL: a new
                            * core, and load with a later since_ms; only closed sessions can be left out */
    USHER_EV_PERSISTED,    /* everything up to seq is durable: a watermark, not a reply */
    USHER_EV_FETCHED,      /* the answer to USHER_DO_FETCH */
    USHER_EV_FOUND,        /* the answer to USHER_DO_FIND */
    USHER_EV_STORAGE_LOST  /* saving fails for now; the batch stays out */
};

/* Why a command was refused: refused.why on the wire. */
enum usher_why {
    USHER_WHY_NONE = 0, USHER_BAD_FRAME, USHER_BAD_FIELD, USHER_UNKNOWN_TYPE, USHER_UNAUTHORIZED,
    USHER_UNKNOWN, USHER_TOO_LARGE, USHER_TOO_FAST, USHER_FULL, USHER_CLOSED, USHER_KEY_CONFLICT,
    USHER_BUSY, USHER_OFFER_GONE, USHER_TAKEN, USHER_DEGRADED
};
/* "bad_frame", … "degraded" (USHER_OFFER_GONE is "offer_over"). Static. Any thread. */
USHER_API const char *usher_why_name(enum usher_why why);

/* What a client holds of a session: the last index of each log. */
struct usher_have { struct usher_session_id session; uint64_t index[2]; /* public, internal */ };

/* A skill and its level, 1 to 255: what an agent has, or the least that a session needs. */
struct usher_skill { struct usher_skill_id id; uint32_t level; };

/* Which waiting session goes next. There is one total order over all queues: the more
 * urgent first, by w = (age in ms) * slope / 1000 + head start in ms; then who came first.
 * USHER_ORDER_STRICT alone stands above it: a higher priority always goes first, and may
 * starve the others. order_ms is by priority. */
enum usher_order {
    USHER_ORDER_FIFO = 0,      /* by age; priorities do not count */
    USHER_ORDER_HEAD_START,    /* order_ms: so much older a session counts; overtaking is bounded by it */
    USHER_ORDER_STRICT,
    USHER_ORDER_DEADLINE,      /* order_ms: the session is due so long after it came */
    USHER_ORDER_SLOPE          /* order_ms: its age counts so many thousandths (0: 1000), at most 1,000,000 */
};

/* Which of the agents who may have a session gets it: the lowest tier first, then as
 * follows, then who is idle for longest. */
enum usher_pick {
    USHER_PICK_LEAST_LOADED = 0, /* load by capacity */
    USHER_PICK_LONGEST_IDLE,     /* since an offer, session or wrap-up of his last began or ended, or he came or was ready */
    USHER_PICK_ROUND_ROBIN,      /* whose last session came to him first */
    USHER_PICK_MOST_SKILLED,     /* the highest sum of his levels of the skills needed; then least loaded */
    USHER_PICK_PACK,             /* the most loaded who has room */
    USHER_PICK_FEWEST,           /* sessions in this window of time (config.window_ms) */
    USHER_PICK_RANDOM,           /* by chance, in proportion to weight */
    USHER_PICK_POLICY            /* the highest score of config.policy (usher/policy.h) */
};

enum usher_offering {
    USHER_OFFERING_ASK = 0,    /* a session is offered, and the agent accepts it or not */
    USHER_OFFERING_AUTO,       /* it is his at once */
    USHER_OFFERING_MANUAL      /* it waits until an agent claims it */
};

/* What happens to a session that has waited for after_ms. LOWER, DROP and WIDEN cost
 * nothing per session: who may have it is a function of its age. */
enum usher_step_kind {
    USHER_STEP_LOWER = 1,      /* the level needed of skill (none named: of each) falls by `by` */
    USHER_STEP_DROP,           /* skill (none named: each) is not needed any more */
    USHER_STEP_WIDEN,          /* queue's agents may have it, too */
    USHER_STEP_PRIORITY,       /* its priority becomes `by`, if that is higher */
    USHER_STEP_MOVE,           /* it waits in queue from now on, with its age, if that is open and has room */
    USHER_STEP_CLOSE           /* it is closed, cause waited */
};
struct usher_step_set {
    uint32_t after_ms;
    enum usher_step_kind kind;
    uint32_t by;
    struct usher_skill_id skill;
    struct usher_queue_id queue;
};

/* A queue. Zero in a number means the default in brackets. */
struct usher_queue_set {
    struct usher_queue_id queue;
    struct usher_span name;   /* shown to visitors; empty: the id */
    bool open;                /* opening hours are the host's affair */
    uint32_t offer_ms;        /* an offer's life (20 000) */
    uint32_t waiting_max;     /* sessions waiting or offered; a start beyond it is refused full (1 000) */
    uint32_t reopen_ms;       /* how long a closed session may be reopened (86 400 000) */
    enum usher_order order;
    uint32_t order_ms[USHER_PRIORITIES];
    enum usher_pick pick;
    enum usher_offering offering;
    uint32_t fanout;          /* agents who are offered a session at a time; the first to accept has it (1) */
    uint32_t cost;            /* units of an agent's capacity that a session takes (1) */
    uint32_t active_max;      /* sessions offered or with agents at a time (0: no limit) */
    uint32_t wrap_ms;         /* after a session its units stay taken for so long (0) */
    uint32_t sticky_ms;       /* a reopened session waits so long for its last agent alone, if he is ready (0) */
    uint32_t drain_ms;        /* a session of cost > 1 that has waited so long keeps an agent free for itself (0: never) */
    const struct usher_step_set *steps; size_t n_steps; /* in order of after_ms; MOVE must lead to no circle */
    const struct usher_skill *needs; size_t n_needs; /* of each session that starts here, beside its own */
    uint32_t priority;        /* with which sessions start here at least (0), below USHER_PRIORITIES */
};

/* An agent. */
struct usher_agent_set {
    struct usher_agent_id agent;
    struct usher_span name;   /* shown to visitors; empty: the id */
    const struct usher_queue_id *queues; size_t n_queues; /* each must be set before */
    uint32_t capacity;        /* units: sessions and offers at a time, by cost (6); at most limits.capacity_max */
    bool supervisor;
    const struct usher_skill *skills; size_t n_skills;
    const uint8_t *tiers;     /* one a queue, the lowest is asked first; NULL: all 0 */
    uint32_t weight;          /* for USHER_PICK_RANDOM (1), at most 1 000 */
};

/* The caller owns everything that an event points to, before and after the
 * call; the core copies what it keeps. Commands may carry a key: a command
 * repeated with the same key by the same person has one effect. */
struct usher_event {
    enum usher_event_type type;
    struct usher_link_id link;       /* the link, for all that comes from one */
    struct usher_session_id session; /* the session, for commands about one; START: the new one, random */
    struct usher_span key;           /* commands: 1 to 64 bytes, or empty */
    union {
        struct {
            struct usher_visitor_id visitor; /* known (usher_find_visitor, storage find), or new and random */
            uint8_t token_hash[32];  /* SHA-256 of the token */
            bool past;               /* the storage knows this visitor already */
            bool same_epoch;         /* the client's cursors belong to this desk's epoch (or name none) */
            const struct usher_have *have; size_t n_have;
        } visitor;
        struct {
            struct usher_agent_id agent;
            bool same_epoch;
            const struct usher_have *have; size_t n_have;
        } agent;
        struct { enum usher_why why; uint32_t retry_ms; const char *text; /* static */ } refuse;
        struct usher_queue_set queue_set;
        struct usher_agent_set agent_set;
        struct {
            struct usher_queue_id queue; struct usher_span name, email, body;
            const struct usher_skill *needs; size_t n_needs; /* at most USHER_NEEDS_MAX, known skills */
            uint32_t priority;       /* below USHER_PRIORITIES; clients cannot say it */
        } start;
        struct { struct usher_span body; } say;      /* SAY, WHISPER */
        struct { struct usher_span url, title; } visit; /* at most USHER_URL_MAX, USHER_TITLE_MAX bytes, no control characters */
        struct { bool on; } board;                 /* supervisors only */
        struct { uint64_t upto; } seen;
        struct { struct usher_queue_id queue; struct usher_agent_id agent; } move; /* one of them */
        struct {
            uint64_t before;          /* public facts with a lower index; 0: the newest */
            uint64_t before_internal; /* agents: and internal ones with a lower index; 0: those that follow such public ones */
            uint32_t limit;           /* 0: 50 */
        } history;
        struct { bool on; struct usher_span reason; } ready;
        struct { uint64_t offer; struct usher_span reason; } answer; /* ACCEPT, DECLINE */
        struct {
            const struct usher_fact *facts; size_t n; /* texts of what people said may be missing, never digests, nor needs */
            bool more;       /* further LOADED events follow */
            uint64_t epoch;  /* of the store, random, never 0 */
            uint64_t seq;    /* the store's last seq */
        } loaded;
        struct { uint64_t upto; } persisted;
        struct { uint64_t ticket; const struct usher_fact *facts; size_t n; bool failed; } fetched;
        struct {
            uint64_t ticket; bool found, failed;
            struct usher_session_id session; enum usher_log log; uint64_t index, digest;
        } found;
    } as;
};

#ifdef __cplusplus
}
#endif
#endif
