/* command.c - what clients ask for: may they, is it new, is there room; then it is done.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

/* Write the first fact of a command: it carries the key, and the key is remembered. */
uint64_t ush_write_command(struct usher *u, struct ush_session *s, struct usher_fact *f,
                           const struct usher_event *ev)
{
    if (ev->key.len > 0) {
        f->key = ev->key;
        f->digest = u->key.digest;
    }
    uint64_t seq = ush_write(u, s, f);
    if (ev->key.len > 0) {
        ush_key_add(u, u->key.hash, s, NULL, f);
    }
    return seq;
}

static void copy_form(struct ush_form *form, const struct usher_event *ev)
{
    form->name_len = (uint16_t) ev->as.start.name.len;
    form->email_len = (uint16_t) ev->as.start.email.len;
    if (form->name_len > 0) {
        memcpy(form->name, ev->as.start.name.base, form->name_len);
    }
    if (form->email_len > 0) {
        memcpy(form->email, ev->as.start.email.base, form->email_len);
    }
}

/* May it wait in this queue now? If not, the sender is told why. */
static bool may_queue(struct usher *u, struct ush_link *l, const struct usher_event *ev,
                      uint32_t queue)
{
    if (queue == USH_NONE || !u->queues[queue].set) {
        ush_refuse(u, l, ev, USHER_UNKNOWN, "no such queue", NULL);
        return false;
    }
    if (!u->queues[queue].open) {
        ush_refuse(u, l, ev, USHER_CLOSED, "the queue is closed", NULL);
        return false;
    }
    if (u->queues[queue].waiting >= u->queues[queue].waiting_max) {
        ush_refuse(u, l, ev, USHER_FULL, "the queue is full", NULL);
        return false;
    }
    return true;
}

/* What the visitor named and what the queue adds; -1: the sender is told why not. */
static int read_needs(struct usher *u, struct ush_link *l, const struct usher_event *ev,
                      const struct ush_queue *q, struct ush_need needs[USHER_NEEDS_MAX])
{
    int n = ush_needs_read(u, ev->as.start.needs, ev->as.start.n_needs, needs);
    if (n < 0) {
        ush_refuse(u, l, ev, USHER_UNKNOWN, "no such skill", NULL);
        return -1;
    }
    n = ush_needs_add(u, needs, (uint32_t) n, q->needs, q->n_needs);
    if (n < 0) {
        ush_refuse(u, l, ev, USHER_BAD_FIELD, "needs: too many, with those of the queue", NULL);
        return -1;
    }
    return n;
}

static int start(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    struct ush_visitor *v = &u->visitors[l->person];
    uint32_t queue = ush_find_queue(u, &ev->as.start.queue);
    struct ush_need needs[USHER_NEEDS_MAX];
    if (ush_find_session(u, &ev->session) != USH_NONE) {
        return USHER_EINVAL;
    }
    if (v->open != USH_NONE) {
        ush_refuse(u, l, ev, USHER_TAKEN, "a session is open already", &u->sessions[v->open]);
        return 0;
    }
    if (!may_queue(u, l, ev, queue)) {
        return 0;
    }
    const struct ush_queue *q = &u->queues[queue];
    int n = read_needs(u, l, ev, q, needs);
    if (n < 0) {
        return 0;
    }
    if (u->session_pool.used == u->session_pool.size && !ush_evict_oldest(u)) {
        ush_refuse(u, l, ev, USHER_FULL, "too many sessions", NULL);
        return 0;
    }
    uint32_t own = ev->as.start.priority;
    uint32_t class =
        ush_class_get(u, queue, own > q->priority ? own : q->priority, needs, (uint32_t) n);
    if (class == USH_NONE) {
        ush_refuse(u, l, ev, USHER_FULL, "too many kinds of sessions", NULL);
        return 0;
    }
    struct ush_session *s = ush_session_new(u, &ev->session, l->person);
    copy_form(&u->forms[USH_SLOT(u, sessions, s)], ev);
    if (!v->known) {
        struct usher_fact f = ush_session_fact(s, USHER_FACT_VISITOR, ush_by_visitor(u, s));
        memset(&f.session, 0, sizeof f.session);
        f.by.name.len = 0;
        f.body = ush_span(v->token_hash, sizeof v->token_hash);
        ush_write(u, NULL, &f);
        v->known = true;
    }
    struct usher_fact opened = ush_session_fact(s, USHER_FACT_OPENED, ush_by_visitor(u, s));
    opened.queue = q->id;
    opened.email = ev->as.start.email;
    char text[USH_NEEDS_TEXT];
    opened.body = ush_needs_text(u, &u->classes[class], text);
    ush_write_command(u, s, &opened, ev);
    struct usher_fact said = ush_session_fact(s, USHER_FACT_SAID, ush_by_visitor(u, s));
    said.body = ev->as.start.body;
    ush_write(u, s, &said);
    ush_attach_person(u, &v->links, s, true);
    ush_session_queue(u, s, queue, class, true);
    u->counts.started++;
    return 0;
}

static void close_session(struct usher *u, struct ush_link *l, struct ush_session *s,
                          const struct usher_event *ev)
{
    if (s->state == USHER_STATE_CLOSED) {
        ush_refuse(u, l, ev, USHER_CLOSED, "the session is closed", s);
        return;
    }
    struct usher_fact f = ush_session_fact(s, USHER_FACT_CLOSED, ush_by_link(u, l, s));
    f.cause = USHER_CAUSE_ASKED;
    ush_offers_end(u, s, USHER_CAUSE_GONE);
    if (s->state == USHER_STATE_WAITING) {
        ush_wait_left(u, &u->queues[s->queue]);
    }
    ush_write_command(u, s, &f, ev);
    ush_session_close(u, s);
}

/* The agent who had it last has it again if he is free, or has the first right to it for a while.
 */
static void prefer(struct usher *u, struct ush_session *s, struct ush_agent *a)
{
    const struct ush_queue *q = &u->queues[s->queue];
    bool serves = a->profile != USH_NONE &&
                  ush_edge_of(u, &u->classes[s->class], &u->profiles[a->profile]).delay == 0;
    if (!serves || q->offering == USHER_OFFERING_MANUAL || !a->ready || a->n_links == 0) {
        return;
    }
    if (!ush_list_empty(&a->free) && ush_agent_fits(u, a, q->cost) && ush_queue_room(u, q)) {
        ush_offer(u, s, a);
    } else if (q->sticky_ms > 0) {
        ush_line_hold(u, s, a, u->now.mono_ms + q->sticky_ms);
    }
}

static void reopen(struct usher *u, struct ush_link *l, struct ush_session *s,
                   const struct usher_event *ev)
{
    struct ush_visitor *v = &u->visitors[s->visitor];
    if (v->open != USH_NONE) {
        ush_refuse(u, l, ev, USHER_TAKEN, "a session is open already", &u->sessions[v->open]);
        return;
    }
    if ((int64_t) u->now.mono_ms >= s->enq + (int64_t) u->queues[s->queue].reopen_ms) {
        ush_refuse(u, l, ev, USHER_UNKNOWN, "no such session",
                   NULL); /* kept for its readers only */
        return;
    }
    if (!may_queue(u, l, ev, s->queue)) {
        return;
    }
    uint32_t last = s->owner;
    struct usher_fact f = ush_session_fact(s, USHER_FACT_REOPENED, ush_by_link(u, l, s));
    f.queue = u->queues[s->queue].id;
    uint64_t seq = ush_write_command(u, s, &f, ev);
    ush_list_del(&s->closed);
    ush_list_del(&s->of_visitor);
    ush_list_add_last(&v->sessions, &s->of_visitor);
    v->open = USH_SLOT(u, sessions, s);
    s->owner = USH_NONE;
    ush_attach_person(u, &v->links, s, true);
    ush_session_queue(u, s, s->queue, s->class, true);
    if (last != USH_NONE) {
        prefer(u, s, &u->agents[last]);
    }
    if (l->as == USHER_AGENT) {
        ush_done(u, l, ev->key, s, f.index, f.log, seq); /* his links do not see the fact */
    }
}

static bool find_target(struct usher *u, struct ush_link *l, const struct ush_session *s,
                        const struct usher_event *ev, uint32_t *agent)
{
    *agent = ush_find_agent(u, &ev->as.move.agent);
    if (*agent == USH_NONE || !u->agents[*agent].set) {
        ush_refuse(u, l, ev, USHER_UNKNOWN, "no such agent", NULL);
    } else if (*agent == l->person) {
        ush_refuse(u, l, ev, USHER_BAD_FIELD, "agent: it is yours already", NULL);
    } else if (ush_list_empty(&u->agents[*agent].free) ||
               !ush_agent_fits(u, &u->agents[*agent], u->queues[s->queue].cost)) {
        ush_refuse(u, l, ev, USHER_FULL, "the agent cannot take it now", NULL);
    } else {
        return true;
    }
    return false;
}

/* A cold transfer: released and queued in one step, never ownerless and unqueued. */
static void move(struct usher *u, struct ush_link *l, struct ush_session *s,
                 const struct usher_event *ev)
{
    struct ush_agent *mover = &u->agents[l->person];
    bool to_agent = ev->as.move.agent.s[0] != 0;
    uint32_t agent = USH_NONE;
    uint32_t queue = to_agent ? s->queue : ush_find_queue(u, &ev->as.move.queue);
    if (s->state != USHER_STATE_ACTIVE) {
        ush_refuse(u, l, ev, USHER_CLOSED, "the session is closed", s);
        return;
    }
    if (to_agent ? !find_target(u, l, s, ev, &agent) : !may_queue(u, l, ev, queue)) {
        return;
    }
    uint32_t class = ush_class_in(u, s->class, queue, u->classes[s->class].priority);
    if (class == USH_NONE) {
        ush_refuse(u, l, ev, USHER_FULL, "too many kinds of sessions", NULL);
        return;
    }
    struct usher_fact f = ush_session_fact(s, USHER_FACT_MOVED, ush_by_agent(mover));
    f.queue = u->queues[queue].id;
    if (to_agent) {
        f.agent = u->agents[agent].id;
        f.agent_name = ush_span(u->agents[agent].name, u->agents[agent].name_len);
    }
    ush_write_command(u, s, &f, ev);
    ush_agent_exclude(u, mover, s, USH_MOVER_MS);
    ush_session_leave(u, s, true);
    ush_session_queue(u, s, queue, class, true);
    if (to_agent) {
        ush_offer(u, s, &u->agents[agent]);
    }
}

static void set_ready(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    struct ush_agent *a = &u->agents[l->person];
    bool same =
        ev->key.len == 0 && a->ready == ev->as.ready.on &&
        a->reason_len == ev->as.ready.reason.len &&
        (a->reason_len == 0 || memcmp(a->reason, ev->as.ready.reason.base, a->reason_len) == 0) &&
        a->cause == USHER_CAUSE_ASKED;
    if (!same) {
        ush_agent_ready(u, a, ev->as.ready.on, USHER_CAUSE_ASKED, ev->as.ready.reason, ev->key);
    }
    ush_done(u, l, ev->key, NULL, 0, USHER_LOG_DESK, a->fact_seq);
}

static void answer_offer(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    struct ush_agent *a = &u->agents[l->person];
    struct ush_session *s = a->offer == USH_NONE ? NULL : &u->sessions[a->offer];
    if (s == NULL || a->offer_number != ev->as.answer.offer || a->offer_restart ||
        u->now.mono_ms >= a->offer_timer.at) {
        ush_refuse(u, l, ev, USHER_OFFER_GONE, "this is not a live offer of yours", NULL);
        return;
    }
    if (ev->type == USHER_EV_ACCEPT) {
        struct usher_fact f = ush_session_fact(s, USHER_FACT_JOINED, ush_by_agent(a));
        ush_write_command(u, s, &f, ev);
        ush_session_join(u, s, a);
        return;
    }
    ush_offer_end(u, a, USHER_CAUSE_DECLINED, ev);
    ush_done(u, l, ev->key, NULL, 0, USHER_LOG_DESK, u->seq);
}

/* Is the session this person's: the visitor's own, the agent's while he has it, or had it last? */
static bool is_his(const struct ush_link *l, const struct ush_session *s,
                   enum usher_event_type type)
{
    if (l->as == USHER_VISITOR) {
        return s->visitor == l->person;
    }
    return s->owner == l->person && (s->state == USHER_STATE_ACTIVE || type != USHER_EV_TYPING);
}

static bool bounded(const struct usher *u, const struct ush_link *l, const struct usher_event *ev)
{
    size_t body_max = u->cfg.limits.body_max;
    bool agents_only = ev->type == USHER_EV_WHISPER || ev->type == USHER_EV_MOVE ||
                       ev->type == USHER_EV_READY || ev->type == USHER_EV_ACCEPT ||
                       ev->type == USHER_EV_DECLINE || ev->type == USHER_EV_BOARD ||
                       ev->type == USHER_EV_EXPLAIN;
    bool visitors_only = ev->type == USHER_EV_START || ev->type == USHER_EV_VISIT;
    if (l->as == USHER_SYSTEM || ev->key.len > USHER_KEY_MAX ||
        (agents_only && l->as != USHER_AGENT) || (visitors_only && l->as != USHER_VISITOR)) {
        return false;
    }
    if (ev->type == USHER_EV_START) {
        return ev->as.start.body.len > 0 && ev->as.start.body.len <= body_max &&
               ev->as.start.n_needs <= USHER_NEEDS_MAX &&
               ev->as.start.priority < USHER_PRIORITIES &&
               ev->as.start.name.len <= USHER_NAME_MAX && ev->as.start.email.len <= USHER_EMAIL_MAX;
    }
    if (ev->type == USHER_EV_SAY || ev->type == USHER_EV_WHISPER) {
        return ev->as.say.body.len > 0 && ev->as.say.body.len <= body_max;
    }
    if (ev->type == USHER_EV_VISIT) {
        return ev->as.visit.url.len > 0 && ev->as.visit.url.len <= USHER_URL_MAX &&
               ev->as.visit.title.len <= USHER_TITLE_MAX;
    }
    if (ev->type == USHER_EV_READY) {
        return ev->as.ready.reason.len <= USHER_REASON_MAX;
    }
    if (ev->type == USHER_EV_MOVE) {
        return (ev->as.move.queue.s[0] != 0) != (ev->as.move.agent.s[0] != 0);
    }
    return ev->type != USHER_EV_DECLINE || ev->as.answer.reason.len <= USHER_REASON_MAX;
}

static void about_session(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    uint32_t slot = ush_find_session(u, &ev->session);
    if (slot == USH_NONE || !is_his(l, &u->sessions[slot], ev->type)) {
        ush_refuse(u, l, ev, USHER_UNKNOWN, "no such session", NULL);
        return;
    }
    struct ush_session *s = &u->sessions[slot];
    if (ev->type == USHER_EV_SAY || ev->type == USHER_EV_WHISPER) {
        ush_say(u, l, s, ev);
    } else if (ev->type == USHER_EV_VISIT) {
        ush_visit(u, l, s, ev);
    } else if (ev->type == USHER_EV_SEEN) {
        ush_seen(u, l, s, ev);
    } else if (ev->type == USHER_EV_TYPING) {
        ush_typing(u, l, s);
        ush_done(u, l, ev->key, NULL, 0, USHER_LOG_DESK, s->last_seq);
    } else if (ev->type == USHER_EV_CLOSE) {
        close_session(u, l, s, ev);
    } else if (ev->type == USHER_EV_REOPEN) {
        reopen(u, l, s, ev);
    } else if (ev->type == USHER_EV_MOVE) {
        move(u, l, s, ev);
    } else {
        ush_history(u, l, s, ev);
    }
}

/* Bytes of text that it may write beside what any fact needs. */
static size_t body_len(const struct usher_event *ev)
{
    if (ev->type == USHER_EV_START) {
        return ev->as.start.body.len;
    }
    if (ev->type == USHER_EV_VISIT) {
        return ev->as.visit.url.len + 1 + ev->as.visit.title.len;
    }
    return ev->type == USHER_EV_SAY || ev->type == USHER_EV_WHISPER ? ev->as.say.body.len : 0;
}

/* Would a key be forgotten before the storage knows it? Then it could have a second effect. */
static bool forgets_unsaved(const struct usher *u, const struct ush_link *l,
                            const struct usher_event *ev)
{
    if (ev->key.len == 0 || (ev->type != USHER_EV_READY && ev->type != USHER_EV_DECLINE)) {
        return false;
    }
    const struct ush_agent *a = &u->agents[l->person];
    return a->n_keys == USH_AGENT_KEYS_MAX &&
           USH_ITEM(a->keys.next, struct ush_key, of)->seq > u->durable;
}

int ush_command(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    int rv = 0;
    if (l->dropping) {
        return 0;
    }
    if (!bounded(u, l, ev)) {
        return USHER_EINVAL;
    }
    if (ev->key.len > 0 && ush_key_answered(u, l, ev, &rv)) {
        return rv;
    }
    size_t body = body_len(ev);
    bool writes = ev->type != USHER_EV_TYPING && ev->type != USHER_EV_HISTORY &&
                  ev->type != USHER_EV_BOARD && ev->type != USHER_EV_EXPLAIN;
    if (writes && (!ush_room(u, USH_MOVE_FACTS, body + 2 * (size_t) USH_SMALL) ||
                   forgets_unsaved(u, l, ev))) {
        ush_refuse_busy(u, l, ev);
    } else if (writes && ev->key.len > 0 && !ush_key_room(u)) {
        ush_refuse(u, l, ev, USHER_FULL, "too many keys", NULL);
    } else if (ev->type == USHER_EV_START) {
        rv = start(u, l, ev);
    } else if (ev->type == USHER_EV_READY) {
        set_ready(u, l, ev);
    } else if (ev->type == USHER_EV_ACCEPT || ev->type == USHER_EV_DECLINE) {
        answer_offer(u, l, ev);
    } else if (ev->type == USHER_EV_BOARD) {
        ush_board(u, l, ev);
    } else if (ev->type == USHER_EV_EXPLAIN) {
        ush_explain_asked(u, l, ev);
    } else {
        about_session(u, l, ev);
    }
    return rv;
}
