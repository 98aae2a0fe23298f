/* desk.h - everything a core holds, and what its files do for one another.
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
    USH_BOARD_ROWS = 32, /* of each kind in one board note, so that it fits a frame */
    USH_SMALL = 2048     /* bytes that any fact needs at most beside its body */
};

enum ush_timer_kind {
    USH_T_OFFER = 1,
    USH_T_GONE,
    USH_T_PLACE,
    USH_T_GRACE,
    USH_T_EXCLUDED,
    USH_T_BOARD
};

struct ush_queue {
    struct usher_queue_id id;
    char name[USHER_NAME_MAX];
    uint32_t name_len;
    bool set, open;
    uint32_t offer_ms, waiting_max, reopen_ms;
    struct ush_rank line; /* WAITING sessions, by age */
    uint32_t waiting;     /* WAITING and OFFERED */
    uint32_t active;      /* ACTIVE */
    uint32_t ready;       /* agents of this queue who are ready and here */
    uint64_t *profiles;   /* bit set: profiles that serve this queue */
};

/* Agents who are alike: the same queues, the same capacity (routing classes x profiles). */
struct ush_profile {
    uint64_t *queues; /* bit set */
    uint32_t capacity, agents;
    uint32_t loads;           /* bit l: by_load[l] has somebody */
    struct ush_list *by_load; /* who can be offered something, longest idle first */
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
    uint64_t fact_seq; /* of the last AGENT fact */
    uint32_t profile;  /* USH_NONE until set */
    uint32_t load;     /* live offers + sessions: derived, audited */
    uint32_t offer;    /* session that is offered to him, or USH_NONE */
    uint32_t missed;   /* running */
    uint64_t idle;     /* order of becoming free */
    uint64_t lost_at;
    uint32_t n_links, n_keys;
    struct ush_list links, sessions, keys;
    struct ush_list free; /* in his profile's by_load */
    struct ush_list todo;
    struct ush_timer grace, unexclude;
    struct ush_excluded excluded[USH_EXCLUDED_MAX];
    uint32_t n_excluded;
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
    uint32_t owner;      /* ACTIVE: agent; CLOSED: the last one; else USH_NONE */
    uint32_t offered;    /* OFFERED: agent */
    uint64_t offer;      /* its number */
    int64_t offer_until; /* wall time */
    bool offer_restart;  /* it was live when the desk stopped */
    uint32_t misses;     /* missed and declined offers since it was queued anew */
    int64_t enq;         /* mono time of queueing; before the start: negative */
    uint64_t enq_seq;
    uint64_t head[2], durable[2];       /* public, internal */
    uint64_t first_pos[2], last_pos[2]; /* in the recent ring; 0: nothing there */
    uint64_t last_seq;                  /* of its own logs */
    uint64_t seen[2], seen_at[2];       /* by visitor, by agent */
    uint64_t since;                     /* mono time of its last move between waiting and active */
    uint64_t place_told;
    struct ush_list of_visitor, of_agent, closed, todo, attached, keys;
    struct ush_timer offer_timer, gone_timer, place_timer;
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
    struct ush_pool agent_pool, profile_pool, visitor_pool, session_pool, link_pool, attached_pool,
        answer_pool, key_pool, board_pool;
    struct ush_map queue_map, agent_map, visitor_map, token_map, session_map, link_map, key_map;
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
    struct ush_list todo_agents, todo_sessions;

    struct usher_effect fx;
    struct usher_hello_queue *hello_queues;
    struct usher_hello_agent *hello_agents;
    struct usher_hello_session *hello_sessions;
    struct usher_board_queue *board_queues;
    struct usher_board_agent *board_agents;
    uint32_t attached_agent;   /* sessions on one agent's link, at most */
    struct usher_stats counts; /* only the counters since usher_new */
};

#define USH_SLOT(u, table, p) ((uint32_t) ((p) - (u)->table))

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

/* find.c: who is meant by an id; USH_NONE if nobody */
uint64_t ush_hash(const struct usher *u, const void *data, size_t len);
uint32_t ush_find_queue(const struct usher *u, const struct usher_queue_id *id);
uint32_t ush_find_agent(const struct usher *u, const struct usher_agent_id *id);
uint32_t ush_find_visitor(const struct usher *u, const struct usher_visitor_id *id);
uint32_t ush_find_token(const struct usher *u, const uint8_t hash[32]);
uint32_t ush_find_session(const struct usher *u, const struct usher_session_id *id);
uint32_t ush_find_link(const struct usher *u, struct usher_link_id id);
struct usher_span ush_id_span(const char *s); /* of an agent's or queue's id */
struct usher_by ush_by_system(void);
struct usher_by ush_by_visitor(const struct usher *u, const struct ush_session *s);
struct usher_by ush_by_agent(const struct ush_agent *a);
struct usher_by ush_by_link(const struct usher *u, const struct ush_link *l,
                            const struct ush_session *s);

/* journal.c: facts on their way to the storage */
bool ush_room(const struct usher *u, uint32_t facts, size_t bytes);
bool ush_can_move(const struct usher *u); /* room for what one timer or one match may write */
uint64_t ush_write(struct usher *u, struct ush_session *s,
                   struct usher_fact *f); /* returns its seq */
bool ush_seal(struct usher *u, struct usher_batch *out);
int ush_persisted(struct usher *u, uint64_t upto);

/* recent.c: durable facts at hand */
void ush_recent_add(struct usher *u, struct ush_session *s, const struct usher_fact *f);
const struct usher_fact *ush_recent_at(struct usher *u, const struct ush_session *s, int log,
                                       uint64_t index, uint64_t *pos);
const struct usher_fact *ush_recent_step(struct usher *u, const struct ush_session *s, int log,
                                         uint64_t *pos);
size_t ush_fact_bytes(const struct usher_fact *f);
void ush_fact_copy(struct usher_fact *to, const struct usher_fact *from, char *bytes);

/* key.c: one key, one effect */
uint64_t ush_key_hash(const struct usher *u, enum usher_kind kind, const void *id,
                      struct usher_span key);
bool ush_key_room(struct usher *u);
void ush_key_add(struct usher *u, uint64_t hash, struct ush_session *s, struct ush_agent *a,
                 const struct usher_fact *f);
void ush_keys_forget(struct usher *u, struct ush_list *of);
bool ush_key_answered(struct usher *u, struct ush_link *l, const struct usher_event *ev, int *rv);

/* answer.c */
void ush_done(struct usher *u, struct ush_link *l, struct usher_span key,
              const struct ush_session *s, uint64_t was, enum usher_log log, uint64_t need);
void ush_refuse(struct usher *u, struct ush_link *l, const struct usher_event *ev,
                enum usher_why why, const char *text, const struct ush_session *about);
void ush_refuse_busy(struct usher *u, struct ush_link *l, const struct usher_event *ev);
void ush_refuse_event(struct usher *u, struct ush_link *l, const struct usher_event *ev);
void ush_answers_forget(struct usher *u, struct ush_link *l);

/* link.c: who is on which link */
int ush_link_up(struct usher *u, struct usher_link_id id);
void ush_link_down(struct usher *u, struct ush_link *l);
void ush_link_full(struct usher *u, struct ush_link *l, bool full);
void ush_link_wake(struct usher *u, struct ush_link *l);
void ush_link_tell(struct usher *u, struct ush_link *l, unsigned bits);
void ush_link_drop(struct usher *u, struct ush_link *l, int code);
int ush_sign_in_visitor(struct usher *u, struct ush_link *l, const struct usher_event *ev);
int ush_sign_in_agent(struct usher *u, struct ush_link *l, const struct usher_event *ev);
void ush_degraded(struct usher *u, bool on);

/* attach.c: sessions on links */
struct ush_attached *ush_attach(struct usher *u, struct ush_link *l, struct ush_session *s);
void ush_detach(struct usher *u, struct ush_attached *t);
void ush_attach_person(struct usher *u, struct ush_list *links, struct ush_session *s, bool member);
void ush_detach_agent(struct usher *u, uint32_t agent, struct ush_session *s);
void ush_attached_tell(struct usher *u, struct ush_attached *t, unsigned bits);
void ush_session_tell(struct usher *u, struct ush_session *s, enum usher_kind as, unsigned bits);
void ush_session_news(struct usher *u, struct ush_session *s);
void ush_resume(struct usher *u, struct ush_attached *t, const struct usher_have *have,
                bool same_epoch);

/* pump.c: what a link is told next */
bool ush_pump(struct usher *u, struct ush_link *l, struct usher_effect *fx, bool *gated);
/* hello.c */
bool ush_hello(struct usher *u, struct ush_link *l, struct usher_note *n);

/* board.c: queues and agents as supervisors see them */
void ush_board(struct usher *u, struct ush_link *l, const struct usher_event *ev);
void ush_board_close(struct usher *u, struct ush_link *l);
void ush_board_queue(struct usher *u, uint32_t queue); /* its row changed */
void ush_board_agent(struct usher *u, const struct ush_agent *a);
void ush_board_due(struct usher *u, struct ush_board *b);
bool ush_board_note(struct usher *u, struct ush_link *l);

/* fetch.c: facts and keys that only the storage has */
void ush_fetch_want(struct usher *u, struct ush_attached *t);
const struct usher_fact *ush_fetched_next(struct usher *u, struct ush_attached *t, int log);
bool ush_fetch_take(struct usher *u, struct usher_effect *fx);
int ush_fetch_arrived(struct usher *u, const struct usher_event *ev);
bool ush_history_note(struct usher *u, const struct ush_link *l, struct usher_note *n);
void ush_fetch_forget(struct usher *u, uint32_t attached, uint32_t link);
int ush_find_wanted(struct usher *u, struct ush_link *l, const struct usher_event *ev,
                    uint64_t hash);
bool ush_find_take(struct usher *u, struct usher_effect *fx);
int ush_find_arrived(struct usher *u, const struct usher_event *ev);

/* queue.c, agent.c */
int ush_queue_set(struct usher *u, const struct usher_queue_set *set);
uint32_t ush_queue_get(struct usher *u, const struct usher_queue_id *id);
int ush_agent_set(struct usher *u, const struct usher_agent_set *set);
uint32_t ush_agent_get(struct usher *u, const struct usher_agent_id *id);
void ush_agent_place(struct usher *u,
                     struct ush_agent *a); /* among the free of his profile, or not */
void ush_agent_here(struct usher *u, struct ush_agent *a, bool here);
void ush_agent_ready(struct usher *u, struct ush_agent *a, bool on, enum usher_cause cause,
                     struct usher_span reason, struct usher_span key);
void ush_agent_exclude(struct usher *u, struct ush_agent *a, const struct ush_session *s,
                       uint64_t ms);
bool ush_agent_excludes(const struct usher *u, const struct ush_agent *a, uint32_t session);
void ush_agent_unexclude(struct usher *u, struct ush_agent *a);
void ush_agent_grace(struct usher *u, struct ush_agent *a);

/* visitor.c */
uint32_t ush_visitor_get(struct usher *u, const struct usher_visitor_id *id,
                         const uint8_t hash[32]);
void ush_visitor_release(struct usher *u, struct ush_visitor *v);

/* session.c: a session's states */
void ush_state(struct ush_session *s, enum usher_session_state to);
struct ush_session *ush_session_new(struct usher *u, const struct usher_session_id *id,
                                    uint32_t visitor);
void ush_session_evict(struct usher *u, struct ush_session *s);
bool ush_session_told(const struct usher *u, const struct ush_session *s);
bool ush_evict_oldest(struct usher *u);
void ush_session_queue(struct usher *u, struct ush_session *s, uint32_t queue, bool anew);
void ush_session_unqueue(struct usher *u, struct ush_session *s);
void ush_session_join(struct usher *u, struct ush_session *s, struct ush_agent *a);
void ush_session_leave(struct usher *u, struct ush_session *s);
void ush_session_close(struct usher *u, struct ush_session *s);
void ush_session_gone(struct usher *u, struct ush_session *s); /* arms the visitor-is-away timer */
void ush_session_place(struct usher *u, struct ush_session *s);
struct usher_fact ush_session_fact(const struct ush_session *s, enum usher_fact_type type,
                                   struct usher_by by);

/* offer.c */
void ush_offer(struct usher *u, struct ush_session *s, struct ush_agent *a);
void ush_offer_end(struct usher *u, struct ush_session *s, enum usher_cause cause,
                   const struct usher_event *ev);

/* match.c */
void ush_match_session(struct usher *u, struct ush_session *s);
void ush_match(struct usher *u, uint32_t *moves);
bool ush_agent_free(const struct ush_agent *a, const struct ush_profile *p);

/* command.c, talk.c: what clients say */
int ush_command(struct usher *u, struct ush_link *l, const struct usher_event *ev);
void ush_say(struct usher *u, struct ush_link *l, struct ush_session *s,
             const struct usher_event *ev);
void ush_visit(struct usher *u, struct ush_link *l, struct ush_session *s,
               const struct usher_event *ev);
void ush_seen(struct usher *u, struct ush_link *l, struct ush_session *s,
              const struct usher_event *ev);
void ush_typing(struct usher *u, struct ush_link *l, struct ush_session *s);
void ush_history(struct usher *u, struct ush_link *l, struct ush_session *s,
                 const struct usher_event *ev);
uint64_t ush_write_command(struct usher *u, struct ush_session *s, struct usher_fact *f,
                           const struct usher_event *ev);

/* restore.c */
int ush_loaded(struct usher *u, const struct usher_event *ev);

#endif
