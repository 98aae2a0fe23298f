/* usher/effect.h - everything that the core asks of the world.
 * SPDX-License-Identifier: MIT */
#ifndef USHER_EFFECT_H
#define USHER_EFFECT_H

#include "base.h"
#include "event.h"
#include "fact.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A note is news that is worth nothing tomorrow: never stored, and the newest
 * replaces an unsent older one of its type and session. */
enum usher_note_type {
    USHER_NOTE_HELLO = 1,  /* you are signed in: as.hello */
    USHER_NOTE_PLACE,      /* as.place */
    USHER_NOTE_OFFER,      /* as.offer */
    USHER_NOTE_OFFER_OVER, /* as.offer: number, session and cause only */
    USHER_NOTE_TYPING,     /* by is typing in session */
    USHER_NOTE_PRESENCE,   /* the other side of session (by.kind) is here or not: as.presence */
    USHER_NOTE_AGENT,      /* you, an agent, are ready or not: as.agent */
    USHER_NOTE_DONE,       /* a keyed command has had its effect: as.done */
    USHER_NOTE_REFUSED,    /* as.refused */
    USHER_NOTE_RESET,      /* as.reset: the log streams anew from first */
    USHER_NOTE_DEGRADED,   /* as.degraded: nothing can be saved for now, or again */
    USHER_NOTE_HISTORY,    /* as.history */
    USHER_NOTE_BOARD,      /* rows of queues and agents that changed: as.board */
    USHER_NOTE_EXPLAINED   /* why a session waits: as.explained */
};

/* Where a session is. OFFERED is a waiting one that an agent is being shown. */
enum usher_session_state {
    USHER_STATE_NONE = 0, USHER_STATE_WAITING, USHER_STATE_OFFERED, USHER_STATE_ACTIVE, USHER_STATE_CLOSED
};

/* One session in a hello. */
struct usher_hello_session {
    struct usher_session_id session;
    enum usher_session_state state;
    uint64_t head[2];               /* last durable index: public, internal */
    struct usher_queue_id queue;
};
struct usher_hello_queue { struct usher_queue_id queue; struct usher_span name; bool open, ready; };
struct usher_hello_agent { struct usher_agent_id agent; struct usher_span name; };

/* Rows of a supervisor's board. */
struct usher_board_queue {
    struct usher_queue_id queue;
    struct usher_span name;
    bool open;
    uint32_t ready;           /* agents of this queue who are ready and here */
    uint32_t waiting, active; /* sessions: waiting or offered; with an agent */
    int64_t oldest_ms;        /* wall time since which the first in line waits; 0: nobody is in line */
};
struct usher_board_agent {
    struct usher_agent_id agent;
    struct usher_span name;
    bool here, ready;
    enum usher_cause cause;   /* of ready or not; NONE: never said */
    uint32_t load, capacity;
};

/* Why an agent does not have a waiting session. */
enum usher_obstacle {
    USHER_CAN = 0,          /* he may have it now */
    USHER_IS_OFFERED,       /* it is offered to him; ms: so much longer */
    USHER_NOT_READY, USHER_NOT_HERE,
    USHER_OTHER_QUEUE,      /* he does not serve its queue, and no step of it leads to him */
    USHER_LACKS_SKILL,      /* and no step of its queue drops that */
    USHER_TOO_EARLY,        /* he may have it by a step, in ms */
    USHER_IS_KEPT,          /* he missed, declined or moved it; for ms more */
    USHER_HELD_FOR_ANOTHER, /* it is held for its last agent; for ms more */
    USHER_HAS_OFFER,        /* another session is offered to him */
    USHER_KEEPS_FREE,       /* for a session that takes more */
    USHER_NO_CAPACITY
};
/* "can", "is_offered" … Static. Any thread. */
USHER_API const char *usher_obstacle_name(enum usher_obstacle obstacle);

/* Why nobody may have it, whoever is free. */
enum usher_hindrance { USHER_NOTHING = 0, USHER_BY_HAND, USHER_QUEUE_FULL, USHER_DESK_FULL };
/* "", "manual", "queue_full", "desk_full". Static. Any thread. */
USHER_API const char *usher_hindrance_name(enum usher_hindrance hindrance);

/* A waiting session, and each agent's part in that (usher_explain). */
struct usher_explanation {
    enum usher_session_state state;   /* WAITING or OFFERED */
    struct usher_queue_id queue;
    uint32_t priority;
    uint64_t place;                   /* WAITING: in line; 1: next */
    uint64_t waited_ms;
    enum usher_hindrance hindrance;
    uint64_t next_ms;                 /* until something changes by time alone; USHER_NEVER: nothing will */
    uint32_t n_can, n_agents;         /* of all agents */
};
struct usher_explained {
    struct usher_agent_id agent;
    enum usher_obstacle why;
    uint64_t ms;
    uint32_t load, capacity;
};
#define USHER_EXPLAINED_MAX 64 /* agents in one note */

/* All pointers in a note live until the next usher_step() or usher_take(). */
struct usher_note {
    enum usher_note_type type;
    struct usher_session_id session; /* none where no session is meant */
    struct usher_span key;           /* DONE, REFUSED, HISTORY: of the command answered */
    struct usher_by by;              /* TYPING, PRESENCE */
    union {
        struct {
            enum usher_kind as;      /* VISITOR or AGENT */
            struct usher_visitor_id visitor;
            struct usher_agent_id agent;
            struct usher_span name;
            bool supervisor, ready;
            uint32_t capacity;
            uint64_t epoch;
            int64_t now_ms;          /* wall time, for clients whose clock is wrong */
            uint32_t body_max;
            const struct usher_hello_queue *queues; size_t n_queues; /* visitor: all; agent: his own first, n_own of them */
            size_t n_own;
            const struct usher_hello_agent *agents; size_t n_agents; /* agent only: all, for transfers */
            const struct usher_hello_session *sessions; size_t n_sessions;
        } hello;
        struct {
            uint64_t place;                     /* 1: next */
            bool known;                         /* how long it will wait: between these, mostly */
            uint64_t low_ms, high_ms;
        } place;
        struct {
            uint64_t number;
            int64_t until_ms;                   /* wall time */
            struct usher_queue_id queue;
            struct usher_span name, email;      /* from the form */
            uint32_t cost, priority;
            const struct usher_skill *needs; size_t n_needs; /* as it came, whatever has been relaxed since */
            enum usher_cause cause;             /* OFFER_OVER; NONE: accepted */
        } offer;
        struct { bool here; } presence;
        struct { bool ready; enum usher_cause cause; struct usher_span reason; } agent;
        struct { uint64_t was; enum usher_log log; } done; /* was 0: no session fact */
        struct { enum usher_why why; uint32_t retry_ms; const char *text; } refused; /* retry_ms 0: final */
        struct { enum usher_log log; uint64_t head, first; } reset;
        struct { bool on; } degraded;
        struct { const struct usher_fact *facts; size_t n; bool more; } history; /* oldest first; more: older ones exist */
        struct {
            const struct usher_board_queue *queues; size_t n_queues;
            const struct usher_board_agent *agents; size_t n_agents;
        } board;
        struct {
            struct usher_explanation of;
            const struct usher_explained *agents; size_t n_agents;
        } explained;
    } as;
};

enum usher_effect_type {
    USHER_DO_FACT = 1, /* tell link the next fact of a session */
    USHER_DO_NOTE,     /* tell link a note */
    USHER_DO_DROP,     /* close link with close code `code`; LINK_DOWN must follow */
    USHER_DO_PERSIST,  /* make a batch durable, then step PERSISTED; never two at once */
    USHER_DO_FETCH,    /* read a session's facts, then step FETCHED; never two at once */
    USHER_DO_FIND      /* look a key up in the storage, then step FOUND; never two a link */
};

/* An effect lives until the next usher_step() or usher_take(). Only a batch
 * stays put until a PERSISTED event covers it, so that a worker thread may read it. */
struct usher_effect {
    enum usher_effect_type type;
    struct usher_link_id link;          /* FACT, NOTE, DROP, FIND */
    union {
        struct { const struct usher_fact *fact; bool own; /* its key may be shown */ } fact;
        struct usher_note note;
        struct { int code; } drop;
        struct usher_batch persist;
        struct usher_fetch {
            uint64_t ticket;
            struct usher_session_id session;
            bool internal;              /* the internal log too (history); else only `log` */
            enum usher_log log;         /* which log, when internal is false */
            uint64_t after;             /* facts with index > after … */
            uint64_t before;            /* … and index < before (history: of the public log; internal ones by `after`) */
            uint64_t before_internal;   /* history: and of internal facts index < before_internal; 0: no such bound */
            uint32_t facts_max;         /* the oldest that many; never more */
            size_t bytes_max;
        } fetch;
        struct usher_find {
            uint64_t ticket;
            struct usher_by by;         /* kind and visitor or agent: whose key */
            struct usher_span key;
        } find;
    } as;
};

#ifdef __cplusplus
}
#endif
#endif
