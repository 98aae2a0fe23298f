/* desk.h - everything a core holds; calls.h has what its files do for one another.
 * SPDX-License-Identifier: MIT
 *
 * One call tree a step: usher.c calls the file that an event belongs to; that
 * file changes state, writes facts (journal.c) and marks what must be told (link.c).
 * Nothing calls up, nothing posts events. */
#ifndef USH_DESK_H
#define USH_DESK_H

#include <string.h>

#include "../../include/usher/core.h"
#include "../base/check.h"
#include "../base/heap.h"
#include "../base/list.h"
#include "../base/map.h"
#include "../base/pool.h"
#include "../base/rank.h"
#include "../base/sip.h"

enum {
    USH_EXCLUDED_MAX = 8,     /* sessions that one agent is kept from for a while */
    USH_ANSWERS_MAX = 256,    /* answers that wait on one link */
    USH_AGENT_KEYS_MAX = 64,  /* remembered keys of an agent's commands about no session */
    USH_VISITOR_ATTACHED = 8, /* sessions on one visitor's link */
    USH_BEHIND_MAX = 5000,    /* facts behind: beyond it a log is reset */
    USH_MOVES_MAX = 64,       /* timers and matches in one step */
    USH_TURN_MAX = 256,       /* effects for one link before the next link's turn */
    USH_SEEN_MS = 2000,
    USH_MOVER_MS = 20000, /* who sends a session away is not offered it for so long */
    USH_BACKOFF_MS = 5000,
    USH_BACKOFF_MAX_MS = 300000,
    USH_ANY_SKILL = UINT16_MAX,
    USH_MOVE_FACTS = 12,  /* that one timer, match or command writes at most */
    USH_BOARD_ROWS = 32,  /* of each kind in one board note, so that it fits a frame */
    USH_NEEDS_TEXT = 320, /* bytes that needs take as text, at most */
    USH_SMALL = 2048      /* bytes that any fact needs at most beside its body */
};

/* Orders of agents beside "idle for longest". */
enum ush_turn {
    USH_TURN_ROUND = 0, /* whose last session came to him first */
    USH_TURN_FEWEST,    /* window of his last session, and how many he got in it */
    USH_TURN_CHANCE,    /* a race of exponential clocks */
    USH_TURNS
};

enum ush_timer_kind {
    USH_T_OFFER = 1,
    USH_T_GONE,
    USH_T_PLACE,
    USH_T_GRACE,
    USH_T_EXCLUDED,
    USH_T_BOARD,
    USH_T_WRAP,
    USH_T_HOLD,
    USH_T_STEP,
    USH_T_GATE
};

/* A skill (its number) and the least level of it. */
struct ush_need {
    uint16_t skill;
    uint8_t level;
};

struct ush_step {
    uint32_t after_ms, by, queue;
    uint16_t skill; /* USH_ANY_SKILL: each */
    enum usher_step_kind kind;
};

/* What is measured of those who stand in line (wait.c). */
struct ush_wait {
    uint64_t since; /* somebody has been in line */
    uint64_t from;  /* the gap to the next start begins */
    uint64_t gap,
        gaps;      /* between starts, on average, in 1/1024 ms; how many, as far as they count */
    uint64_t left; /* so many have left the line by themselves … */
    uint64_t area, area_at; /* … in so many ms of waiting, all together */
};

struct ush_queue {
    struct usher_queue_id id;
    char name[USHER_NAME_MAX];
    uint32_t name_len;
    bool set, open;
    uint32_t offer_ms, waiting_max, reopen_ms;
    enum usher_order order;
    enum usher_pick pick;
    enum usher_offering offering;
    uint32_t order_ms[USHER_PRIORITIES];
    uint32_t fanout, cost, active_max, wrap_ms, sticky_ms, drain_ms;
    struct ush_step steps[USHER_STEPS_MAX];
    uint32_t n_steps;
    struct ush_wait wait;
    uint32_t in_line;                       /* WAITING */
    struct ush_need needs[USHER_NEEDS_MAX]; /* of each session that starts here */
    uint32_t n_needs, priority;
    uint32_t waiting; /* WAITING and OFFERED */
    uint32_t offered; /* OFFERED */
    uint32_t active;  /* ACTIVE */
    uint32_t ready;   /* agents of this queue who are ready and here */
};

/* Sessions that are alike: the same queue, priority and needs. */
struct ush_class {
    uint32_t queue, priority, n_needs, n_sessions;
    struct ush_need needs[USHER_NEEDS_MAX];
    struct ush_rank line; /* those who wait, and are not held for one agent: by age */
    uint64_t *profiles;   /* bit set: who may serve it, now or when a session is older */
    struct ush_list todo;
    struct ush_timer gate; /* its first session may become old enough for somebody free */
};

/* Agents who are alike: the same queues, tiers, skills, capacity and weight. */
struct ush_profile {
    uint64_t *queues;  /* bit set */
    uint8_t *tiers;    /* by queue */
    uint8_t *levels;   /* by skill */
    uint64_t *classes; /* bit set: the same as the classes' profiles */
    uint64_t hash;
    uint32_t capacity, weight, agents;
    uint32_t loads;           /* bit l: by_load[l] has somebody */
    struct ush_list *by_load; /* who can be given something, longest idle first */
    struct ush_rank by_turn[USH_TURNS];
};

/* Of a class and a profile: from which age on, and with how much preference (the lowest first). */
struct ush_edge {
    uint32_t delay, rank;
};

struct ush_excluded {
    uint32_t session, gen;
    uint64_t until;
};

struct ush_agent {
    struct usher_agent_id id;
    char name[USHER_NAME_MAX];
    uint32_t name_len;
    bool set, supervisor, ready;
    enum usher_cause cause; /* of ready or not */
    char reason[USHER_REASON_MAX];
    uint32_t reason_len;
    uint64_t fact_seq;  /* of the last AGENT fact */
    uint32_t profile;   /* USH_NONE until set */
    uint32_t load;      /* cost of offers, sessions and wrap-ups: derived, audited */
    uint32_t offer;     /* session that is offered to him, or USH_NONE */
    bool offer_restart; /* it was live when the desk stopped */
    uint64_t offer_number;
    int64_t offer_until;        /* wall time */
    struct ush_list of_offered; /* in the session's list */
    uint32_t earmark;           /* session for which he keeps free, or USH_NONE */
    uint32_t missed;            /* running */
    uint64_t idle;              /* order in which loads changed */
    uint64_t turn[USH_TURNS];   /* the lowest first: enum ush_turn */
    uint64_t lost_at;
    uint32_t n_links, n_keys;
    struct ush_list links, sessions, keys;
    struct ush_list free; /* in his profile's by_load */
    struct ush_list todo;
    struct ush_list held; /* sessions that wait for him alone */
    struct ush_timer grace, unexclude, offer_timer, wrap_timer;
    struct ush_excluded excluded[USH_EXCLUDED_MAX];
    uint32_t n_excluded, n_wraps;
    struct ush_wrap *wraps; /* room for capacity_max */
};

/* Units of an agent's capacity that are not free again yet. */
struct ush_wrap {
    uint64_t until;
    uint32_t cost;
};

struct ush_visitor {
    struct usher_visitor_id id;
    uint8_t token_hash[32];
    bool past;     /* the storage may know sessions that are not in memory */
    bool known;    /* his VISITOR fact is made */
    uint32_t open; /* session, or USH_NONE */
    uint32_t n_links, n_sessions;
    uint64_t gone_at;
    struct ush_list links, sessions; /* newest session last */
};

/* What the form said; apart, because it is large and often empty. */
struct ush_form {
    uint16_t name_len, email_len;
    char name[USHER_NAME_MAX];
    char email[USHER_EMAIL_MAX];
};

struct ush_session {
    struct usher_session_id id;
    uint32_t gen; /* counts the uses of this slot */
    enum usher_session_state state;
    uint32_t visitor, queue;
    uint32_t owner;          /* ACTIVE: agent; CLOSED: the last one; else USH_NONE */
    uint32_t class;          /* what it needs */
    uint32_t cost;           /* OFFERED, ACTIVE: units of capacity that it takes */
    uint32_t held;           /* WAITING: agent for whom alone it waits, or USH_NONE */
    uint32_t earmark;        /* agent who keeps free for it, or USH_NONE */
    uint32_t steps;          /* steps of its queue that are over */
    uint32_t misses;         /* missed and declined offers since it was queued anew */
    struct ush_list offered; /* OFFERED: agents */
    int64_t enq;             /* mono time of queueing; before the start: negative */
    uint64_t enq_seq;
    uint64_t head[2], durable[2];       /* public, internal */
    uint64_t first_pos[2], last_pos[2]; /* in the recent ring; 0: nothing there */
    uint64_t last_seq;                  /* of its own logs */
    uint64_t seen[2], seen_at[2];       /* by visitor, by agent */
    uint64_t since;                     /* mono time of its last move between waiting and active */
    uint64_t place_told;
    struct ush_list of_visitor, of_agent, closed, attached,
        keys; /* of_agent: of his sessions, or of those held for him */
    struct ush_timer gone_timer, place_timer, hold_timer, step_timer;
};

struct ush_key {
    uint64_t digest, seq, index;
    uint32_t session; /* USH_NONE: about no session */
    enum usher_log log;
    struct ush_list of; /* in its session's keys, or its agent's */
};

enum ush_link_bit { USH_TELL_HELLO = 1, USH_TELL_AGENT = 2, USH_TELL_DEGRADED = 4 };
enum ush_find_state { USH_FIND_NONE, USH_FIND_WANTED, USH_FIND_OUT, USH_FIND_KNOWN };

/* A key that the storage is asked about, and its answer. */
struct ush_find {
    uint64_t ticket, hash;
    uint32_t key_len;
    char key[USHER_KEY_MAX];
    bool found, failed;
    struct usher_session_id session;
    enum usher_log log;
    uint64_t index, digest;
};

/* A history that a link asked for. */
struct ush_history {
    uint32_t session, gen, limit, key_len;
    struct usher_session_id id;
    uint64_t before, before_internal;
    char key[USHER_KEY_MAX];
};

struct ush_link {
    struct usher_link_id id;
    enum usher_kind as; /* SYSTEM: not signed in */
    uint32_t person;    /* visitor or agent */
    bool full, dropping, gated;
    int drop_code;
    unsigned tell; /* enum ush_link_bit */
    uint32_t n_answers, n_attached, turn;
    uint32_t board; /* the board that it looks at, or USH_NONE */
    struct ush_list of_person;
    struct ush_list ready; /* in usher.ready or usher.gated */
    struct ush_list attached, dirty, answers;
    struct ush_list dropped, finding;
    struct ush_list asking; /* a history that waits for its turn */
    enum ush_find_state find_state;
    bool asks;             /* a history is wanted */
    struct ush_find *find; /* its own ones, in tables that only those touch who use them */
    struct ush_history *history;
};

/* What a supervisor's link is still to be told of queues and agents. */
struct ush_board {
    uint32_t link, n_rows;
    bool due;       /* dirty rows may be told now */
    uint64_t next;  /* not before */
    uint64_t *rows; /* bit set: dirty ones */
    struct ush_timer timer;
};

enum ush_attached_bit {
    USH_TELL_PLACE = 1,
    USH_TELL_OFFER = 2,
    USH_TELL_TYPING = 4,
    USH_TELL_PRESENCE = 8,
    USH_TELL_RESET = 16,
    USH_TELL_RESET_INTERNAL = 32
};

/* A session on a link: what was told of it, and what is still to tell. */
struct ush_attached {
    uint32_t link, session;
    bool member;           /* its facts stream; else only an offer is shown */
    bool again;            /* after `until`: anew from 1 */
    unsigned tell;         /* enum ush_attached_bit */
    uint64_t next[2];      /* next index to tell: public, internal */
    uint64_t until[2];     /* last index to tell */
    uint64_t pos[2];       /* where `next` is in the recent ring; 0: look */
    uint64_t need;         /* seq that must be durable first: the agent's joining */
    uint64_t shown;        /* offer that the link was shown, or 0 */
    enum usher_cause over; /* how the last offer ended */
    struct ush_list of_link, of_session, dirty, want;
};

struct ush_answer {
    enum usher_note_type type;
    enum usher_why why;
    uint32_t retry_ms, key_len;
    const char *text;
    char key[USHER_KEY_MAX];
    struct usher_session_id session;
    uint64_t was, need; /* need: seq that must be durable first */
    enum usher_log log;
    struct ush_list of_link;
};

struct ush_page {
    struct usher_fact *facts;
    uint32_t *sessions; /* slot of each fact's session, or USH_NONE */
    uint32_t *gens;
    char *bytes;
    size_t used;
    uint32_t n;
};

/* A durable fact at hand. The spans of `fact` point behind it. */
struct ush_recent {
    uint64_t next; /* the next of the same log; 0: none yet */
    uint32_t size; /* to the next record */
    uint32_t session, gen;
    struct usher_fact fact;
};

struct ush_ring {
    char *base;
    size_t size;
    uint64_t head, tail; /* positions only grow; place = position % size */
    uint64_t newest;     /* position of the last record, if there is one */
};

/* The one fetch that can be out, and what it brought. */
struct ush_fetched {
    uint64_t ticket;
    bool out;
    uint32_t attached; /* for which session on which link, or USH_NONE */
    uint32_t link;     /* whose history it is, or USH_NONE */
    int log;
    struct usher_fact *facts;
    char *bytes;
    size_t bytes_size;
    uint32_t n, at, size;
};

struct usher {
    struct usher_config cfg;
    size_t size;
    struct usher_now now;
    bool loaded, degraded;
    uint64_t epoch, seq, durable, tickets, idle, enq_seqs;
    struct ush_sip_key table_key, digest_key;
    struct {
        uint64_t hash, digest;
    } key; /* of the command that is stepped, if it has one */

    struct ush_queue *queues;
    struct ush_agent *agents;
    struct ush_profile *profiles;
    uint64_t *profiles_free; /* bit set: profiles in which somebody is free */
    struct ush_class *classes;
    uint64_t *classes_waiting; /* bit set: classes that have somebody in line */
    struct ush_edge *edges;    /* by class, then by profile */
    struct usher_skill_id *skills;
    uint32_t *shown; /* queues that are set, first set first: how they are listed */
    uint32_t n_shown;
    uint32_t n_skills, class_words, n_serving,
        n_reserved;                      /* sessions: OFFERED and ACTIVE; held or earmarked */
    unsigned turns;                      /* bit set: orders of turn that some queue picks by */
    uint64_t chance_state, chance_clock; /* of the random numbers, and of the race: turn.c */
    struct ush_rank_node *turn_nodes[USH_TURNS];
    struct ush_visitor *visitors;
    struct ush_session *sessions;
    struct ush_form *forms;
    struct ush_rank_node *ranks;
    struct ush_link *links;
    struct ush_find *finds;        /* one a link */
    struct ush_history *histories; /* one a link */
    struct ush_attached *attached;
    struct ush_answer *answers;
    struct ush_key *keys;
    struct ush_board *boards;
    uint32_t n_queues, queue_words, profile_words, board_words;
    struct ush_pool agent_pool, profile_pool, visitor_pool, class_pool, session_pool, link_pool,
        attached_pool, answer_pool, key_pool, board_pool;
    struct ush_map queue_map, agent_map, visitor_map, token_map, session_map, link_map, key_map,
        class_map;
    struct ush_heap timers;

    struct ush_page pages[2];
    int filling; /* the open page */
    bool out;    /* the other page is at the storage */
    struct ush_ring ring;
    struct ush_fetched fetched;

    struct ush_list ready; /* links that have something to take */
    struct ush_list gated; /* links whose news must become durable first */
    struct ush_list dropped, finding, asking, want;
    struct ush_list closed; /* sessions, first closed first */
    struct ush_list todo_agents, todo_classes;

    struct usher_effect fx;
    struct usher_explained explained[USHER_EXPLAINED_MAX];
    struct usher_skill offer_needs[USHER_NEEDS_MAX];
    struct usher_hello_queue *hello_queues;
    struct usher_hello_agent *hello_agents;
    struct usher_hello_session *hello_sessions;
    struct usher_board_queue *board_queues;
    struct usher_board_agent *board_agents;
    uint32_t attached_agent;   /* sessions on one agent's link, at most */
    struct usher_stats counts; /* only the counters since usher_new */
};

#define USH_EDGE_NEVER UINT32_MAX /* a delay that is never over */

#define USH_SLOT(u, table, p) ((uint32_t) ((p) - (u)->table))

/* In ms since it was queued; kept over a restart, and where rules say so. */
static inline int64_t ush_age(const struct usher *u, const struct ush_session *s)
{
    return (int64_t) u->now.mono_ms - s->enq;
}

static inline struct usher_span ush_span(const void *base, size_t len)
{
    struct usher_span s = {base, len};
    return s;
}

static inline bool ush_bit(const uint64_t *set, uint32_t n)
{
    return (set[n / 64] >> (n % 64) & 1) != 0;
}

static inline void ush_bit_put(uint64_t *set, uint32_t n, bool on)
{
    uint64_t bit = (uint64_t) 1 << (n % 64);
    set[n / 64] = on ? set[n / 64] | bit : set[n / 64] & ~bit;
}

#include "calls.h"

#endif
