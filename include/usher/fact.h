/* usher/fact.h - what happened, for good.
 * SPDX-License-Identifier: MIT
 *
 * A storage keeps facts and nothing else; a client's picture of a session is
 * its facts in order. Numbers in this file are on disk: never renumber. */
#ifndef USHER_FACT_H
#define USHER_FACT_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum usher_fact_type {
    /* in a session's public log */
    USHER_FACT_OPENED = 1,     /* a session came to be, in a queue */
    USHER_FACT_JOINED = 2,     /* an agent (by) took it */
    USHER_FACT_LEFT = 3,       /* its agent was lost; it waits again in queue, with its age */
    USHER_FACT_SAID = 4,       /* somebody said something */
    USHER_FACT_SEEN = 6,       /* somebody has read the public log up to number */
    USHER_FACT_MOVED = 7,      /* by sent it on: it waits in queue, for agent if one is named */
    USHER_FACT_CLOSED = 8,
    USHER_FACT_REOPENED = 9,   /* it waits again in queue */
    USHER_FACT_ESCALATED = 11, /* it waits on with priority `number` */
    /* in a session's internal log */
    USHER_FACT_WHISPERED = 5,  /* an agent said something that no visitor sees */
    USHER_FACT_VISITED = 10,   /* the visitor looked at a page: body is its URL; a line feed and its title, if it has one */
    /* in the desk's log; never shown to links */
    USHER_FACT_VISITOR = 32,   /* a visitor came to be: body is the SHA-256 of his token */
    USHER_FACT_AGENT = 33,     /* agent is ready (number 1) or not (0); cause and body say why */
    USHER_FACT_OFFERED = 34,   /* session was offered to agent until wall time `until_ms`; its seq is the offer's number */
    USHER_FACT_OFFER_OVER = 35 /* offer `number` ended without an owner: cause says why */
};

/* Where a fact is numbered. Each session has two logs, each 1, 2, 3 … without
 * gap. The desk's own log has no numbers but seq. */
enum usher_log { USHER_LOG_PUBLIC = 1, USHER_LOG_INTERNAL = 2, USHER_LOG_DESK = 3 };

/* Who did it. Set by usher, never by a client. */
enum usher_kind { USHER_SYSTEM = 0, USHER_VISITOR = 1, USHER_AGENT = 2, USHER_BOT = 3 };

/* Why it happened, where that is not plain from the type. */
enum usher_cause {
    USHER_CAUSE_NONE = 0,
    USHER_CAUSE_ASKED = 1,     /* somebody asked for it: AGENT, CLOSED */
    USHER_CAUSE_MISSED = 2,    /* no answer by the deadline: OFFER_OVER; too often: AGENT */
    USHER_CAUSE_DECLINED = 3,  /* OFFER_OVER */
    USHER_CAUSE_LOST = 4,      /* no link for too long: LEFT, AGENT, OFFER_OVER */
    USHER_CAUSE_ABANDONED = 5, /* the visitor was gone for too long: CLOSED */
    USHER_CAUSE_GONE = 6,      /* the session ended or went elsewhere: OFFER_OVER */
    USHER_CAUSE_RESTART = 7,   /* the desk was started anew: OFFER_OVER */
    USHER_CAUSE_NOT_READY = 8, /* the agent went not ready: OFFER_OVER */
    USHER_CAUSE_WAITED = 9,    /* a step of its queue, by waiting time: ESCALATED, MOVED (with its age), CLOSED */
    USHER_CAUSE_TAKEN = 10     /* another agent took it first: OFFER_OVER */
};

/* A fact's author. name is what was shown at the time; empty for SYSTEM and nameless visitors. */
struct usher_by {
    enum usher_kind kind;
    struct usher_visitor_id visitor; /* VISITOR */
    struct usher_agent_id agent;     /* AGENT, BOT */
    struct usher_span name;
};

struct usher_fact {
    uint64_t seq;                    /* place in the desk's history: 1, 2, 3 … without gap */
    int64_t at_ms;                   /* wall time; informative, seq and index order */
    enum usher_fact_type type;
    enum usher_log log;
    enum usher_cause cause;
    struct usher_session_id session; /* none for VISITOR and AGENT */
    uint64_t index;                  /* place in its log, from 1; 0 in the desk's log */
    uint64_t after;                  /* internal log: the public index that it follows */
    struct usher_by by;
    struct usher_queue_id queue;     /* OPENED MOVED LEFT REOPENED ESCALATED OFFERED OFFER_OVER */
    struct usher_agent_id agent;     /* MOVED: to whom; LEFT AGENT OFFERED OFFER_OVER: who */
    struct usher_span agent_name;    /* MOVED, LEFT: the name shown for agent */
    uint64_t number;                 /* SEEN: up to; AGENT: ready; OFFER_OVER: the offer; ESCALATED: priority */
    int64_t until_ms;                /* OFFERED: the deadline, wall time */
    uint64_t digest;                 /* of the keyed command that caused it; 0 without key */
    struct usher_span key;           /* the sender's own id of the command; on its first fact only */
    struct usher_span body;          /* SAID, WHISPERED: text; VISITED: page; AGENT: reason; VISITOR: token hash;
                                      * OPENED: what it needs (docs/routing.md) */
    struct usher_span email;         /* OPENED: from the form (the name is in by) */
};

/* Facts first, first+1, … first+n-1, to be made durable all or none. */
struct usher_batch { uint64_t first; size_t n; const struct usher_fact *facts; };

/* "said", "opened" … as on the wire and in storages; "?" for none. Static. Any thread. */
USHER_API const char *usher_fact_name(enum usher_fact_type type);
/* "asked", "missed" …; "" for NONE. Static. Any thread. */
USHER_API const char *usher_cause_name(enum usher_cause cause);
/* "system", "visitor", "agent", "bot". Static. Any thread. */
USHER_API const char *usher_kind_name(enum usher_kind kind);

#ifdef __cplusplus
}
#endif
#endif
