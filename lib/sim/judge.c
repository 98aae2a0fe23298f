/* judge.c - looks at every event and every effect: who did what in which step.
 * SPDX-License-Identifier: MIT
 *
 * What a step has written is seen only when its page is sealed, which may be much
 * later. So steps are kept until then. Each step has a wall time of its own, and
 * facts carry it: that ties them together. The judge knows nothing else of the core. */
#include <stdlib.h>
#include <string.h>

#include "world.h"

void ush_judge_done(struct ush_judge *j)
{
    free(j->steps);
    free(j->claims);
    free(j->came);
    *j = (struct ush_judge){0};
}

static uint32_t queue_set(const struct ush_world *w, const struct usher_agent_set *set)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < set->n_queues; i++) {
        uint32_t queue = ush_picture_queue(&w->picture, &set->queues[i]);
        bits |= queue == USH_NONE ? 0 : (uint32_t) 1 << queue;
    }
    return bits;
}

/* Is a table full, so that something may be refused, or forgotten? */
static void look_at_tables(struct ush_world *w)
{
    const struct usher_limits *l = &w->cfg.limits;
    struct usher_stats s;
    usher_stats_get(w->core, &s);
    if (s.waiting + s.offered + s.active + s.closed >= l->sessions ||
        s.keys + 1 >= l->keys + l->agents * 64) {
        w->judge.full = true;
    }
}

void ush_judge_stepped(struct ush_world *w, const struct usher_event *ev, uint32_t command, int rv)
{
    struct ush_judge *j = &w->judge;
    j->steps = ush_grow(j->steps, j->n_steps, &j->steps_room, sizeof *j->steps);
    struct ush_stepped *st = &j->steps[j->n_steps++];
    *st = (struct ush_stepped){.number = w->steps, .now = w->now, .ev = *ev, .rv = rv};
    st->deadline = usher_deadline(w->core);
    st->command = rv == 0 ? command : USH_NONE;
    st->lost = w->saving.lost;
    st->found_failed = w->saving.find_failed;
    if (ev->type == USHER_EV_BOARD && st->command != USH_NONE) {
        ush_board_asked(w, ev);
    }
    if (ev->type == USHER_EV_AGENT_SET && rv == 0) {
        st->queues = queue_set(w, &ev->as.agent_set);
        st->traits = w->wish.agents[ush_picture_agent(&w->picture, &ev->as.agent_set.agent)].traits;
    }
    if (ev->type == USHER_EV_QUEUE_SET && rv == 0) {
        st->rules = w->wish.queues[ush_picture_queue(&w->picture, &ev->as.queue_set.queue)].rules;
    }
    if (st->command != USH_NONE && w->commands[command].key != USH_NONE) {
        ush_answer_delivered(w, ev->link.v, command);
    }
    look_at_tables(w);
}

static void change(struct ush_presence *p, const struct ush_stepped *st, int by)
{
    if (p->was_step != st->number) {
        p->was_step = st->number;
        p->was_links = p->links;
        p->was_gone_at = p->gone_first;
    }
    p->links += (uint32_t) by;
    if (p->links == 0) {
        p->gone_at = st->now.mono_ms;
        p->gone_first = st->since_ms > 0 ? st->since_ms : p->gone_at;
    }
}

static bool is_over(uint64_t gone_at, uint64_t since, uint64_t ms, uint64_t now)
{
    return now >= (gone_at > since ? gone_at : since) + ms;
}

/* Was he without a link for ms, counted from `since` at the earliest? Timers come before what a
 * step is told, so what was before the step counts, too. */
bool ush_absent(const struct ush_presence *p, const struct ush_stepped *st, uint64_t since,
                uint64_t ms)
{
    uint64_t now = st->now.mono_ms;
    bool is = p->links == 0 && is_over(p->gone_first, since, ms, now);
    bool was =
        p->was_step == st->number && p->was_links == 0 && is_over(p->was_gone_at, since, ms, now);
    return is || was;
}

static struct ush_presence *presence(struct ush_world *w, const struct ush_sim_link *l)
{
    return l->as == USHER_AGENT ? &w->picture.agents[l->who].presence
                                : &w->picture.visitors[l->who].presence;
}

static void touch(struct ush_world *w, const struct ush_sim_link *l, const struct ush_stepped *st)
{
    if (l->as == USHER_AGENT) {
        w->picture.agents[l->who].touched = st->number;
        w->picture.agents[l->who].idle = st->number;
    }
}

static void leave(struct ush_world *w, const struct ush_stepped *st, uint64_t link)
{
    struct ush_sim_link *l = &w->links[link];
    bool was_in = l->signed_in > 0 && !l->left;
    l->left = true;
    if (!was_in) {
        return;
    }
    change(presence(w, l), st, -1);
    if (presence(w, l)->links == 0) {
        touch(w, l, st);
        if (l->as == USHER_AGENT) {
            ush_picture_unhold(&w->picture, l->who);
        }
    }
}

/* One link too many: the oldest must go. */
static void make_way(struct ush_world *w, const struct ush_stepped *st,
                     const struct ush_sim_link *l)
{
    uint32_t max = l->as == USHER_AGENT ? w->cfg.limits.links_agent : w->cfg.limits.links_visitor;
    uint64_t oldest = 0;
    if (presence(w, l)->links <= max) {
        return;
    }
    for (uint64_t i = 1; i < w->n_links; i++) {
        const struct ush_sim_link *k = &w->links[i];
        bool his = k->as == l->as && k->who == l->who && k != l && k->signed_in > 0 && !k->left;
        if (his && (oldest == 0 || k->signed_in < w->links[oldest].signed_in)) {
            oldest = i;
        }
    }
    if (oldest == 0 ||
        (w->links[oldest].drop_code != 4409 && w->links[oldest].at != USH_LINK_GONE)) {
        ush_fail(w, "G11: a person has more links than the limit, and link %llu stayed",
                 (unsigned long long) oldest);
        return;
    }
    w->judge.pushed_out += w->links[oldest].drop_code == 4409;
    leave(w, st, oldest);
}

static void signed_in(struct ush_world *w, const struct ush_stepped *st)
{
    struct ush_sim_link *l = &w->links[st->ev.link.v];
    l->signed_in = st->number;
    bool first = presence(w, l)->links == 0;
    change(presence(w, l), st, 1);
    make_way(w, st, l);
    if (first) {
        touch(w, l, st);
    }
}

static void configured(struct ush_world *w, const struct ush_stepped *st)
{
    const struct usher_queue_set *qs = &st->ev.as.queue_set;
    const struct usher_agent_set *as = &st->ev.as.agent_set;
    if (st->ev.type == USHER_EV_QUEUE_SET) {
        struct ush_pictured_queue *q =
            &w->picture.queues[ush_picture_queue(&w->picture, &qs->queue)];
        q->was = q->rules;
        q->was_step = st->number;
        q->was_open = q->open;
        q->was_waiting_max = q->waiting_max;
        for (size_t i = 0; i < w->picture.n_sessions; i++) {
            struct ush_pictured_session *s = &w->picture.sessions[i];
            if (s->opened && &w->picture.queues[s->queue] == q) {
                s->held_until = 0;
                s->cost = q->set ? s->cost : st->rules.cost; /* loaded before its queue was set */
            }
        }
        q->set = true;
        q->open = qs->open;
        q->offer_ms = qs->offer_ms == 0 ? 20000 : qs->offer_ms;
        q->waiting_max = qs->waiting_max == 0 ? 1000 : qs->waiting_max;
        q->reopen_ms = qs->reopen_ms == 0 ? 86400000 : qs->reopen_ms;
        q->rules = st->rules;
        return;
    }
    struct ush_pictured_agent *a = &w->picture.agents[ush_picture_agent(&w->picture, &as->agent)];
    a->set = true;
    a->queues = st->queues;
    a->capacity = as->capacity == 0 ? 6 : as->capacity;
    a->traits = st->traits;
    ush_picture_unhold(&w->picture, ush_picture_agent(&w->picture, &as->agent));
    a->touched = a->idle = st->number;
}

static void apply_event(struct ush_world *w, const struct ush_stepped *st)
{
    if (st->rv == 0 &&
        (st->ev.type == USHER_EV_SIGN_IN_VISITOR || st->ev.type == USHER_EV_SIGN_IN_AGENT)) {
        signed_in(w, st);
    } else if (st->rv == 0 && st->ev.type == USHER_EV_LINK_DOWN) {
        leave(w, st, st->ev.link.v);
    } else if (st->rv == 0 &&
               (st->ev.type == USHER_EV_QUEUE_SET || st->ev.type == USHER_EV_AGENT_SET)) {
        configured(w, st);
    }
    for (uint32_t i = 0; i < st->n_leavers; i++) {
        leave(w, st, st->leavers[i]);
    }
}

/* All that one step has written is known now. */
static void judge_step(struct ush_world *w, struct ush_stepped *st, const struct usher_fact *f,
                       size_t n)
{
    struct ush_judge *j = &w->judge;
    ush_picture_time(&w->picture, st->now.mono_ms, st->number);
    apply_event(w, st);
    ush_answer_allow(w, st);
    for (size_t i = 0; i < n && !ush_failed(w); i++) {
        ush_judge_fact(w, st, &f[i], i == 0 ? NULL : &f[i - 1], i + 1 == n ? NULL : &f[i + 1]);
        if (!ush_failed(w)) {
            ush_answer_allow(w, st);
            ush_answer_effect(w, st, &f[i]);
            ush_picture_apply(&w->picture, &f[i], (int64_t) st->now.mono_ms, st->number);
        }
        j->page_n++;
        j->page_bytes += ush_texts_len(&f[i]);
    }
    ush_answer_allow(w, st);
    ush_answer_judged(w, st);
    if (!ush_failed(w)) {
        ush_judge_rest(w, st);
    }
}

/* Judge the first n steps, with the facts of the sealed batch. */
static void judge_steps(struct ush_world *w, size_t n)
{
    struct ush_judge *j = &w->judge;
    size_t at = 0;
    for (size_t i = 0; i < n && !ush_failed(w); i++) {
        size_t first = at;
        if (i == j->sealed_steps) {
            j->page_n = 0; /* a page was sealed before this step */
            j->page_bytes = 0;
        }
        while (at < j->sealed.n && j->sealed.facts[at].at_ms == j->steps[i].now.wall_ms) {
            at++;
        }
        judge_step(w, &j->steps[i], j->sealed.facts + first, at - first);
    }
    if (at != j->sealed.n) {
        ush_fail(w, "fact %llu was made in no step", (unsigned long long) (j->sealed.first + at));
    }
    if (j->sealed.n > 0 && n <= j->sealed_steps) {
        j->page_n = 0;
        j->page_bytes = 0;
    }
    j->sealed.n = 0;
    j->sealed_steps = 0;
    j->n_steps -= n;
    memmove(j->steps, j->steps + n, j->n_steps * sizeof *j->steps);
}

void ush_judge_drained(struct ush_world *w)
{
    struct ush_judge *j = &w->judge;
    struct usher_stats stats;
    if (ush_failed(w)) {
        return;
    }
    usher_stats_get(w->core, &stats);
    bool hidden = stats.seq != j->seq;
    if (hidden && j->sealed.n > 0) {
        judge_steps(w, j->sealed_steps);
    } else if (!hidden) {
        j->sealed_steps = j->sealed.n > 0 ? j->sealed_steps : j->n_steps;
        judge_steps(w, j->n_steps);
    }
    j->drained = j->n_steps;
    if (!hidden && j->pushed != j->pushed_out) {
        ush_fail(w, "a link was pushed out (4409) although its person had room");
    }
    if (!hidden && !ush_failed(w)) {
        ush_judge_claims(w);
    }
    j->n_claims = 0;
    if (!ush_failed(w)) {
        ush_answer_match(w);
        ush_judge_limits(w);
        ush_judge_all_told(w);
    }
}

void ush_judge_restarted(struct ush_world *w)
{
    struct ush_judge *j = &w->judge;
    j->n_steps = j->drained = j->n_claims = 0;
    j->sealed = (struct usher_batch){0};
    j->sealed_steps = 0;
    j->seq = w->store.n;
    j->page_n = 0;
    j->page_bytes = 0;
    j->quiet_step = w->steps;
    j->quiet_ms = w->now.mono_ms;
    j->pushed = j->pushed_out = 0;
    j->full = false;
    j->n_came = 0;
    for (size_t i = 1; i < w->n_links; i++) {
        w->links[i].left = true;
    }
    w->picture.window_ms = w->cfg.window_ms > 0 ? w->cfg.window_ms : 86400000;
    ush_picture_restore(&w->picture, &w->store, w->now);
}

static void sealed(struct ush_world *w, const struct usher_batch *b)
{
    struct ush_judge *j = &w->judge;
    size_t bytes = 0;
    if (w->saving.out || b->n == 0 || b->first != j->seq + 1) {
        ush_fail(w, "G2: a second batch, an empty one, or one that does not follow");
        return;
    }
    for (size_t i = 0; i < b->n; i++) {
        bytes += ush_texts_len(&b->facts[i]);
        if (b->facts[i].seq != b->first + i) {
            ush_fail(w, "a batch has a gap at %llu", (unsigned long long) (b->first + i));
        }
    }
    if (b->n > w->cfg.limits.batch_facts || bytes > w->cfg.limits.batch_bytes) {
        ush_fail(w, "G11: a batch of %zu facts and %zu bytes is too large", b->n, bytes);
    }
    j->sealed = *b;
    j->sealed_steps = j->n_steps;
    j->seq = b->first + b->n - 1;
}

static void dropped(struct ush_world *w, const struct usher_effect *fx)
{
    struct ush_judge *j = &w->judge;
    struct ush_sim_link *l = &w->links[fx->link.v];
    l->drop_code = fx->as.drop.code;
    if (fx->as.drop.code == 4409) {
        j->pushed++;
        return;
    }
    if (fx->as.drop.code != 4408 && fx->as.drop.code != 1013) {
        ush_fail(w, "a link was dropped with %d", fx->as.drop.code);
        return;
    }
    struct ush_stepped *st = &j->steps[j->n_steps - 1];
    if (j->n_steps == 0 || st->n_leavers == 4) {
        ush_fail(w, "a link was dropped out of the blue");
        return;
    }
    st->leavers[st->n_leavers++] = fx->link.v;
    st->since_ms = j->steps[j->drained < j->n_steps ? j->drained : j->n_steps - 1].now.mono_ms;
    for (size_t i = j->drained; j->n_steps - j->drained > 1 && i < j->n_steps; i++) {
        j->steps[i].unsure = true;
    }
}

void ush_judge_effect(struct ush_world *w, const struct usher_effect *fx)
{
    bool to_link = fx->type == USHER_DO_FACT || fx->type == USHER_DO_NOTE ||
                   fx->type == USHER_DO_DROP || fx->type == USHER_DO_FIND;
    if (to_link) {
        const struct ush_sim_link *l = fx->link.v < w->n_links ? &w->links[fx->link.v] : NULL;
        if (l == NULL || l->at == USH_LINK_GONE || l->dropped) {
            ush_fail(w, "something is for link %llu, which is gone",
                     (unsigned long long) fx->link.v);
            return;
        }
    }
    if (fx->type == USHER_DO_PERSIST) {
        sealed(w, &fx->as.persist);
    } else if (fx->type == USHER_DO_DROP) {
        dropped(w, fx);
    } else if (fx->type == USHER_DO_FETCH && w->saving.fetch_out) {
        ush_fail(w, "two fetches at a time");
    } else if (fx->type == USHER_DO_FIND && w->links[fx->link.v].find_out) {
        ush_fail(w, "two look-ups at a time for one link");
    } else if (fx->type == USHER_DO_FACT || fx->type == USHER_DO_NOTE) {
        ush_judge_told(w, fx);
    }
}
