/* peer.h - the runtime's side of each live link, found by its id.
 * SPDX-License-Identifier: MIT */
#ifndef USH_PEER_H
#define USH_PEER_H

#include "../base/list.h"
#include "../base/pool.h"
#include "bucket.h"
#include "rates.h"
#include "usher/transport.h"

/* "uv1_" and 32 random bytes in base64url. */
#define USH_TOKEN_PREFIX "uv1_"
#define USH_TOKEN_LEN 47
/* The fifth bad frame ends a link. */
#define USH_BAD_FRAMES_MAX 5
#define USH_TEXT_SIZE 120

/* A frame that must wait: for an answer about itself, or behind one that does. */
struct ush_frame {
    struct ush_list at;
    struct usher_session_id session; /* START: the same at each try */
    bool charged;                    /* the doorman has counted it already, as a command */
    size_t len;
    char bytes[];
};

enum ush_peer_state {
    USH_PEER_NEW,    /* has not said hello */
    USH_PEER_ASKED,  /* has; storage or host are asked who that is */
    USH_PEER_IN,     /* signed in */
    USH_PEER_FIND,   /* signed in; the storage is asked about its frame's key */
    USH_PEER_GOING   /* was dropped; its transport will say that it is down */
};

struct ush_peer {
    uint64_t id;                     /* a rising number, and the slot in the lowest bits */
    struct usher_transport *transport;
    void *conn;                      /* the transport's name for it */
    struct ush_record *address;      /* what its address did lately */
    enum ush_peer_state state;
    enum usher_kind as;              /* what it says it is, from ASKED on */
    union {                          /* who it is, from IN on */
        struct usher_visitor_id visitor;
        struct usher_agent_id agent;
    };
    struct ush_list hello;           /* not signed in yet: by time */
    struct ush_list stall;           /* full: by time */
    struct ush_list dropping;        /* to be dropped at the end of this turn */
    uint64_t hello_ms, stall_ms;     /* since when */
    uint64_t ticket;                 /* of who(); 0: not asked */
    char *token;                     /* a visitor's, until his hello note has left */
    struct ush_list frames;          /* that must wait */
    uint32_t n_frames;
    uint32_t bad_frames;
    char (*texts)[USH_TEXT_SIZE];    /* what was wrong with them; the core points there */
    struct ush_count refusals;       /* too fast, or before it was known what they are */
    struct ush_count dropped;        /* silently */
    int drop_code;                   /* not 0: to be dropped at the end of this turn, or GOING */
    bool full_news;                  /* full, and the core has not heard of it */
    bool hello_fast;                 /* its hello was refused: too fast */
};

struct ush_peers {
    struct ush_peer **slots;
    uint64_t *words;                 /* of the pool */
    struct ush_pool pool;
    uint64_t last;                   /* number given */
    size_t kept_bytes;               /* of all frames that wait */
};

/* Errors: ENOMEM. */
int ush_peers_init(struct ush_peers *all, uint32_t n);
/* Links that are left are freed. Zeroed memory is fine. */
void ush_peers_done(struct ush_peers *all);

/* NULL: no room, or no memory. */
struct ush_peer *ush_peers_add(struct ush_peers *all);
/* The id is never used again. Secrets are wiped. */
void ush_peers_del(struct ush_peers *all, struct ush_peer *link);
/* NULL: gone. */
struct ush_peer *ush_peers_find(const struct ush_peers *all, uint64_t id);
/* By who() ticket: made like an id, so that it is found as fast. */
uint64_t ush_peers_ticket(struct ush_peers *all, const struct ush_peer *link);
struct ush_peer *ush_peers_find_ticket(const struct ush_peers *all, uint64_t ticket);

/* Keep a copy of a frame, before or behind the others. Errors: ENOMEM, also when
 * all links together keep too much. */
int ush_peer_keep(struct ush_peers *all, struct ush_peer *link, struct usher_span message,
                  bool first, struct ush_frame **out);
/* The first frame, still kept; or not any more, and the caller's. NULL: none is kept. */
struct ush_frame *ush_peer_first(const struct ush_peer *link);
struct ush_frame *ush_peer_take_first(struct ush_peer *link);
void ush_peer_forget_all(struct ush_peers *all, struct ush_peer *link);
/* Its secrets are wiped. NULL is fine. */
void ush_frame_free(struct ush_peers *all, struct ush_frame *frame);
void ush_peer_wipe_token(struct ush_peer *link);

#endif
