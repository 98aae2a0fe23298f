/* learn_fold.c - folds recorded facts into arrivals, handling times, waits and shifts of one day.
 * SPDX-License-Identifier: MIT */
#include "learn.h"

#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX

/* One session that is open somewhere in the day. */
struct sim_learned_session {
    struct usher_session_id id;
    bool used, waiting, counts; /* counts: its wait began within the day */
    int64_t since, offered;     /* wall time of its wait, or of its handling; of its last offer */
    size_t kind, place; /* where its first handling time goes: kinds[kind].handling.v[place] */
    size_t transfer;    /* where its next one goes, if it was passed on; NONE: it was not */
    struct usher_queue_id queue;
    char agent[USHER_ID_MAX + 1];
};

/* Where this session is in the table, or would be. */
static struct sim_learned_session *slot_of(const struct sim_learned *l,
                                           const struct usher_session_id *id)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < sizeof id->b; i++) {
        hash = (hash ^ id->b[i]) * UINT64_C(0x100000001b3);
    }
    size_t at = (size_t) (hash ^ hash >> 32) & (l->room - 1);
    while (l->sessions[at].used && memcmp(&l->sessions[at].id, id, sizeof *id) != 0) {
        at = (at + 1) & (l->room - 1);
    }
    return &l->sessions[at];
}

static bool grow(struct sim_learned *l)
{
    struct sim_learned old = *l;

    l->room = old.room == 0 ? 1024 : 2 * old.room;
    l->sessions = calloc(l->room, sizeof *l->sessions);
    if (l->sessions == NULL) {
        *l = old;
        l->failed = true;
        return false;
    }
    for (size_t i = 0; i < old.room; i++) {
        if (old.sessions[i].used) {
            *slot_of(l, &old.sessions[i].id) = old.sessions[i];
        }
    }
    free(old.sessions);
    return true;
}

/* The session, made if it is new; NULL: no memory, or it is not known and `make` is false. */
static struct sim_learned_session *session_of(struct sim_learned *l,
                                              const struct usher_session_id *id, bool make)
{
    if (make && 2 * (l->n_sessions + 1) > l->room && !grow(l)) {
        return NULL;
    }
    struct sim_learned_session *s = l->room > 0 ? slot_of(l, id) : NULL;
    if (s != NULL && !s->used) {
        if (!make) {
            return NULL;
        }
        *s = (struct sim_learned_session){.id = *id, .used = true};
        l->n_sessions++;
    }
    return s;
}

static void add(struct sim_learned *l, struct sim_list *list, double value)
{
    l->failed = !sim_list_add(list, value) || l->failed;
}

/* The table with room for one more, zeroed; NULL: no memory, and the old one stays. */
static void *grown(struct sim_learned *l, void *table, size_t n, size_t size)
{
    char *more = realloc(table, (n + 1) * size);

    if (more == NULL) {
        l->failed = true;
        return NULL;
    }
    memset(more + n * size, 0, size);
    return more;
}

static size_t queue_of(struct sim_learned *l, const struct usher_queue_id *id)
{
    for (size_t i = 0; i < l->n_queues; i++) {
        if (strcmp(l->queues[i].id.s, id->s) == 0) {
            return i;
        }
    }
    struct sim_learned_queue *table = grown(l, l->queues, l->n_queues, sizeof *table);
    if (table == NULL) {
        return 0;
    }
    l->queues = table;
    table[l->n_queues].id = *id;
    table[l->n_queues].offer_ms = 20000;
    return l->n_queues++;
}

static size_t kind_of(struct sim_learned *l, const struct usher_fact *f)
{
    char needs[sizeof l->kinds->needs] = "";
    size_t n = f->type == USHER_FACT_OPENED && f->body.len < sizeof needs ? f->body.len : 0;

    if (n > 0) {
        memcpy(needs, f->body.base, n);
    }
    for (size_t i = 0; i < l->n_kinds; i++) {
        if (strcmp(l->kinds[i].queue.s, f->queue.s) == 0 && strcmp(l->kinds[i].needs, needs) == 0) {
            return i;
        }
    }
    struct sim_learned_kind *table = grown(l, l->kinds, l->n_kinds, sizeof *table);
    if (table == NULL) {
        return 0;
    }
    l->kinds = table;
    table[l->n_kinds].queue = f->queue;
    memcpy(table[l->n_kinds].needs, needs, sizeof needs);
    return l->n_kinds++;
}

static struct sim_learned_agent *agent_of(struct sim_learned *l, const struct usher_agent_id *id)
{
    for (size_t i = 0; i < l->n_agents; i++) {
        if (strcmp(l->agents[i].id.s, id->s) == 0) {
            return &l->agents[i];
        }
    }
    struct sim_learned_agent *table = grown(l, l->agents, l->n_agents, sizeof *table);
    if (table == NULL) {
        return NULL;
    }
    l->agents = table;
    table[l->n_agents].id = *id;
    return &table[l->n_agents++];
}

static bool in_day(const struct sim_learned *l, int64_t at)
{
    return at >= l->from && at < l->to;
}

/* It came to be, or was opened again: for a scenario both are somebody who comes. */
static void opened(struct sim_learned *l, const struct usher_fact *f)
{
    struct sim_learned_session *s = session_of(l, &f->session, true);

    if (s == NULL) {
        return;
    }
    s->waiting = true;
    s->counts = in_day(l, f->at_ms);
    s->since = s->offered = f->at_ms;
    s->queue = f->queue;
    s->transfer = NONE;
    if (s->counts) {
        queue_of(l, &f->queue);
        s->kind = kind_of(l, f);
        if (l->failed) {
            return;
        }
        struct sim_learned_kind *k = &l->kinds[s->kind];
        s->place = k->handling.n;
        add(l, &k->at, (double) (f->at_ms - l->from));
        add(l, &k->handling, -1);
    }
}

static void end_wait(struct sim_learned *l, struct sim_learned_session *s, int64_t at, bool left)
{
    if (s->counts && s->waiting && !l->failed) {
        add(l, &l->kinds[s->kind].waits, (double) (at - s->since));
        add(l, &l->kinds[s->kind].left, left);
    }
    s->waiting = false;
}

/* An agent has had it until now. */
static void end_handling(struct sim_learned *l, struct sim_learned_session *s, int64_t at)
{
    double ms = (double) (at - s->since);
    struct usher_agent_id id = {{0}};

    memcpy(id.s, s->agent, sizeof id.s);
    struct sim_learned_agent *a = agent_of(l, &id);
    if (a != NULL && a->in_hand > 0) {
        a->in_hand--;
    }
    if (!s->counts || l->failed) {
        return;
    }
    if (s->transfer != NONE) {
        add(l, &l->transfers[s->transfer].handling, ms);
    } else {
        l->kinds[s->kind].handling.v[s->place] = ms;
    }
}

/* Once each. */
static void add_new(struct sim_learned *l, struct sim_list *list, double value)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->v[i] == value) {
            return;
        }
    }
    add(l, list, value);
}

static void joined(struct sim_learned *l, const struct usher_fact *f)
{
    struct sim_learned_session *s = session_of(l, &f->session, false);
    struct sim_learned_agent *a = agent_of(l, &f->by.agent);

    if (s == NULL || a == NULL) {
        return;
    }
    a->in_hand++;
    if (in_day(l, f->at_ms)) {
        add_new(l, &a->queues, (double) queue_of(l, &s->queue));
        if (s->counts) {
            add_new(l, &a->kinds, (double) s->kind);
        }
        a->capacity = a->in_hand > a->capacity ? a->in_hand : a->capacity;
        add(l, &a->rings, (double) (f->at_ms - s->offered));
    }
    end_wait(l, s, f->at_ms, false);
    s->since = f->at_ms;
    memcpy(s->agent, f->by.agent.s, sizeof s->agent);
}

static void offered(struct sim_learned *l, const struct usher_fact *f)
{
    struct sim_learned_session *s = session_of(l, &f->session, false);

    if (s != NULL) {
        s->offered = f->at_ms;
    }
    if (in_day(l, f->at_ms)) {
        struct sim_learned_agent *a = agent_of(l, &f->agent);
        size_t q = queue_of(l, &f->queue);
        if (a != NULL && !l->failed) {
            a->offers++;
            l->queues[q].offer_ms = (double) (f->until_ms - f->at_ms);
        }
    }
}

static void offer_over(struct sim_learned *l, const struct usher_fact *f)
{
    struct sim_learned_agent *a = in_day(l, f->at_ms) ? agent_of(l, &f->agent) : NULL;

    if (a != NULL) {
        a->missed += f->cause == USHER_CAUSE_MISSED;
        a->declined += f->cause == USHER_CAUSE_DECLINED;
    }
}

static size_t transfer_of(struct sim_learned *l, size_t kind, const struct usher_queue_id *from,
                          const struct usher_queue_id *to)
{
    for (size_t i = 0; i < l->n_transfers; i++) {
        if (l->transfers[i].kind == kind && strcmp(l->transfers[i].from.s, from->s) == 0 &&
            strcmp(l->transfers[i].to.s, to->s) == 0) {
            return i;
        }
    }
    struct sim_learned_transfer *table = grown(l, l->transfers, l->n_transfers, sizeof *table);
    if (table == NULL) {
        return 0;
    }
    l->transfers = table;
    table[l->n_transfers].kind = (uint32_t) kind;
    table[l->n_transfers].from = *from;
    table[l->n_transfers].to = *to;
    return l->n_transfers++;
}

/* Passed on by its agent; or by a step of its queue, and then its wait goes on. */
static void moved(struct sim_learned *l, const struct usher_fact *f)
{
    struct sim_learned_session *s = session_of(l, &f->session, false);

    if (s == NULL) {
        return;
    }
    if (!s->waiting) {
        end_handling(l, s, f->at_ms);
        if (s->counts && !l->failed) {
            size_t to = transfer_of(l, s->kind, &s->queue, &f->queue);
            queue_of(l, &f->queue);
            s->transfer = to;
            l->transfers[to].n += !l->failed;
        }
        s->waiting = true;
        s->since = s->offered = f->at_ms;
    }
    s->queue = f->queue;
}

/* Its agent was lost: it waits again, and his part is no handling time. */
static void left(struct sim_learned *l, const struct usher_fact *f)
{
    struct sim_learned_session *s = session_of(l, &f->session, false);
    struct sim_learned_agent *a = agent_of(l, &f->agent);

    if (s != NULL && a != NULL) {
        a->in_hand -= a->in_hand > 0;
        s->waiting = true;
        s->since = s->offered = f->at_ms;
    }
}

static void closed(struct sim_learned *l, const struct usher_fact *f)
{
    struct sim_learned_session *s = session_of(l, &f->session, false);

    if (s != NULL && s->waiting) {
        end_wait(l, s, f->at_ms, f->cause != USHER_CAUSE_WAITED);
    } else if (s != NULL) {
        end_handling(l, s, f->at_ms);
    }
}

/* Ready is on duty. */
static void agent(struct sim_learned *l, const struct usher_fact *f)
{
    struct sim_learned_agent *a = agent_of(l, &f->agent);
    int64_t at = f->at_ms < l->from ? l->from : f->at_ms < l->to ? f->at_ms : l->to;
    bool on = f->number == 1;

    /* A break of a moment after misses is not the end of a shift. */
    if (a == NULL || a->on == on || f->at_ms >= l->to || f->cause == USHER_CAUSE_MISSED) {
        return;
    }
    a->on = on;
    if (!on && a->shifts.n > 0 && a->shifts.v[a->shifts.n - 1] == (double) (at - l->from)) {
        a->shifts.n--; /* it began and ended before the day */
    } else {
        add(l, &a->shifts, (double) (at - l->from));
    }
}

void sim_learn_fact(struct sim_learned *l, const struct usher_fact *f)
{
    typedef void fold_fn(struct sim_learned * l, const struct usher_fact *f);
    static const struct part {
        enum usher_fact_type type;
        fold_fn *fold;
    } parts[] = {
        {USHER_FACT_OPENED, opened},         {USHER_FACT_REOPENED, opened},
        {USHER_FACT_JOINED, joined},         {USHER_FACT_LEFT, left},
        {USHER_FACT_MOVED, moved},           {USHER_FACT_CLOSED, closed},
        {USHER_FACT_AGENT, agent},           {USHER_FACT_OFFERED, offered},
        {USHER_FACT_OFFER_OVER, offer_over},
    };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].type == f->type && !l->failed) {
            parts[i].fold(l, f);
        }
    }
}

void sim_learn_end(struct sim_learned *l)
{
    for (size_t i = 0; i < l->n_agents; i++) {
        if (l->agents[i].on) {
            add(l, &l->agents[i].shifts, (double) (l->to - l->from));
        }
    }
    for (size_t i = 0; i < l->room; i++) {
        if (l->sessions[i].used) {
            end_wait(l, &l->sessions[i], l->to, false); /* patient until then, at least */
        }
    }
}

void sim_learn_done(struct sim_learned *l)
{
    for (size_t i = 0; i < l->n_kinds; i++) {
        sim_list_done(&l->kinds[i].at);
        sim_list_done(&l->kinds[i].handling);
        sim_list_done(&l->kinds[i].waits);
        sim_list_done(&l->kinds[i].left);
    }
    for (size_t i = 0; i < l->n_transfers; i++) {
        sim_list_done(&l->transfers[i].handling);
    }
    for (size_t i = 0; i < l->n_agents; i++) {
        sim_list_done(&l->agents[i].queues);
        sim_list_done(&l->agents[i].kinds);
        sim_list_done(&l->agents[i].shifts);
        sim_list_done(&l->agents[i].rings);
    }
    free(l->queues);
    free(l->kinds);
    free(l->transfers);
    free(l->agents);
    free(l->sessions);
    *l = (struct sim_learned){0};
}
