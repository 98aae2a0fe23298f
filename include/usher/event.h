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

/* A queue. Zero in a number means the default in brackets. */
struct usher_queue_set {
    struct usher_queue_id queue;
    struct usher_span name;   /* shown to visitors; empty: the id */
    bool open;                /* opening hours are the host's affair */
    uint32_t offer_ms;        /* an offer's life (20 000) */
    uint32_t waiting_max;     /* sessions waiting or offered; a start beyond it is refused full (1 000) */
    uint32_t reopen_ms;       /* how long a closed session may be reopened (86 400 000) */
};

/* An agent. */
struct usher_agent_set {
    struct usher_agent_id agent;
    struct usher_span name;   /* shown to visitors; empty: the id */
    const struct usher_queue_id *queues; size_t n_queues; /* each must be set before */
    uint32_t capacity;        /* sessions and offers at a time (6); at most limits.capacity_max */
    bool supervisor;
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
        struct { struct usher_queue_id queue; struct usher_span name, email, body; } start;
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
            const struct usher_fact *facts; size_t n; /* bodies and names may be missing, never digests */
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
