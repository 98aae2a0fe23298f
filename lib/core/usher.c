/* usher.c - the door: one switch over event types, then timers and matches, nothing else.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

static void abandon(struct usher *u, struct ush_session *s)
{
    struct usher_fact f = ush_session_fact(s, USHER_FACT_CLOSED, ush_by_system());
    f.cause = USHER_CAUSE_ABANDONED;
    ush_offers_end(u, s, USHER_CAUSE_GONE);
    if (s->state == USHER_STATE_WAITING) {
        ush_wait_left(u, &u->queues[s->queue]);
    }
    ush_write(u, s, &f);
    ush_session_close(u, s);
}

static void gone(struct usher *u, struct ush_session *s)
{
    if (s->state != USHER_STATE_CLOSED) {
        abandon(u, s);
    } else if (ush_session_told(u, s)) {
        ush_session_evict(u, s); /* its time to be reopened is over */
    } else {
        ush_heap_set(&u->timers, &s->gone_timer, u->now.mono_ms + 1000);
    }
}

static void fire(struct usher *u, struct ush_timer *t)
{
    ush_heap_cancel(&u->timers, t);
    switch ((enum ush_timer_kind) t->kind) {
    case USH_T_OFFER: {
        struct ush_agent *a = USH_ITEM(t, struct ush_agent, offer_timer);
        ush_offer_end(u, a, a->offer_restart ? USHER_CAUSE_RESTART : USHER_CAUSE_MISSED, NULL);
        break;
    }
    case USH_T_GONE:
        gone(u, USH_ITEM(t, struct ush_session, gone_timer));
        break;
    case USH_T_PLACE:
        ush_session_place(u, USH_ITEM(t, struct ush_session, place_timer));
        break;
    case USH_T_GRACE:
        ush_agent_grace(u, USH_ITEM(t, struct ush_agent, grace));
        break;
    case USH_T_BOARD:
        ush_board_due(u, USH_ITEM(t, struct ush_board, timer));
        break;
    case USH_T_EXCLUDED:
        ush_agent_unexclude(u, USH_ITEM(t, struct ush_agent, unexclude));
        break;
    case USH_T_WRAP:
        ush_agent_unwrap(u, USH_ITEM(t, struct ush_agent, wrap_timer));
        break;
    case USH_T_HOLD:
        ush_line_unhold(u, USH_ITEM(t, struct ush_session, hold_timer));
        break;
    case USH_T_STEP:
        ush_step_due(u, USH_ITEM(t, struct ush_session, step_timer));
        break;
    case USH_T_GATE:
        ush_class_todo(u, USH_ITEM(t, struct ush_class, gate));
        break;
    }
}

static void run_timers(struct usher *u, uint32_t *moves)
{
    struct ush_timer *t = ush_heap_first(&u->timers);
    while (t != NULL && t->at <= u->now.mono_ms && *moves > 0 && ush_can_move(u)) {
        --*moves;
        fire(u, t);
        t = ush_heap_first(&u->timers);
    }
}

static int from_link(struct usher *u, const struct usher_event *ev)
{
    uint32_t slot = ush_find_link(u, ev->link);
    if (slot == USH_NONE) {
        return USHER_EINVAL;
    }
    struct ush_link *l = &u->links[slot];
    if (ev->type == USHER_EV_LINK_DOWN) {
        ush_link_down(u, l);
    } else if (ev->type == USHER_EV_LINK_FULL || ev->type == USHER_EV_LINK_CLEAR) {
        ush_link_full(u, l, ev->type == USHER_EV_LINK_FULL);
    } else if (ev->type == USHER_EV_SIGN_IN_VISITOR) {
        return ush_sign_in_visitor(u, l, ev);
    } else if (ev->type == USHER_EV_SIGN_IN_AGENT) {
        return ush_sign_in_agent(u, l, ev);
    } else if (ev->type != USHER_EV_REFUSE) {
        return ush_command(u, l, ev);
    } else if (ev->key.len > USHER_KEY_MAX) {
        return USHER_EINVAL;
    } else if (!l->dropping) {
        ush_refuse_event(u, l, ev);
    }
    return 0;
}

static int apply(struct usher *u, const struct usher_event *ev)
{
    switch (ev->type) {
    case USHER_EV_TICK:
        return 0;
    case USHER_EV_LINK_UP:
        return ush_link_up(u, ev->link);
    case USHER_EV_QUEUE_SET:
        return ush_queue_set(u, &ev->as.queue_set);
    case USHER_EV_AGENT_SET:
        return ush_agent_set(u, &ev->as.agent_set);
    case USHER_EV_LOADED:
        return ush_loaded(u, ev);
    case USHER_EV_PERSISTED:
        return ush_persisted(u, ev->as.persisted.upto);
    case USHER_EV_FETCHED:
        return ush_fetch_arrived(u, ev);
    case USHER_EV_FOUND:
        return ush_find_arrived(u, ev);
    case USHER_EV_STORAGE_LOST:
        ush_degraded(u, true);
        return 0;
    case USHER_EV_LINK_DOWN:
    case USHER_EV_LINK_FULL:
    case USHER_EV_LINK_CLEAR:
    case USHER_EV_SIGN_IN_VISITOR:
    case USHER_EV_SIGN_IN_AGENT:
    case USHER_EV_REFUSE:
    case USHER_EV_START:
    case USHER_EV_SAY:
    case USHER_EV_WHISPER:
    case USHER_EV_SEEN:
    case USHER_EV_TYPING:
    case USHER_EV_CLOSE:
    case USHER_EV_REOPEN:
    case USHER_EV_MOVE:
    case USHER_EV_HISTORY:
    case USHER_EV_READY:
    case USHER_EV_ACCEPT:
    case USHER_EV_DECLINE:
    case USHER_EV_VISIT:
    case USHER_EV_BOARD:
    case USHER_EV_EXPLAIN:
        return from_link(u, ev);
    }
    return USHER_EINVAL;
}

int usher_step(struct usher *u, struct usher_now now, const struct usher_event *ev)
{
    bool early = ev->type == USHER_EV_LOADED || ev->type == USHER_EV_QUEUE_SET ||
                 ev->type == USHER_EV_AGENT_SET;
    if (!u->loaded && !early) {
        return USHER_ESTATE;
    }
    /* Time never goes back. */
    u->now.mono_ms = now.mono_ms > u->now.mono_ms ? now.mono_ms : u->now.mono_ms;
    u->now.wall_ms = now.wall_ms;
    uint32_t moves = USH_MOVES_MAX;
    if (u->loaded && ev->type != USHER_EV_SIGN_IN_VISITOR) {
        run_timers(u, &moves); /* what was due comes before what is told now */
    }
    int rv = apply(u, ev);
    if (u->loaded) {
        run_timers(u, &moves);
        ush_match(u, &moves);
    }
    u->counts.steps++;
    return rv;
}

static bool take_drop(struct usher *u)
{
    if (ush_list_empty(&u->dropped)) {
        return false;
    }
    struct ush_link *l = USH_ITEM(u->dropped.next, struct ush_link, dropped);
    ush_list_del(&l->dropped);
    u->fx.type = USHER_DO_DROP;
    u->fx.link = l->id;
    u->fx.as.drop.code = l->drop_code;
    return true;
}

static bool take_link(struct usher *u)
{
    while (!ush_list_empty(&u->ready)) {
        struct ush_link *l = USH_ITEM(u->ready.next, struct ush_link, ready);
        bool gated = false;
        if (ush_pump(u, l, &u->fx, &gated)) {
            if (++l->turn == USH_TURN_MAX) {
                l->turn = 0;
                ush_list_del(&l->ready);
                ush_list_add_last(&u->ready, &l->ready);
            }
            return true;
        }
        l->turn = 0;
        ush_list_del(&l->ready);
        if (gated) {
            l->gated = true;
            ush_list_add_last(&u->gated, &l->ready);
        }
    }
    return false;
}

static const struct usher_effect *take(struct usher *u, bool seals)
{
    struct usher_batch batch;
    if (seals && ush_seal(u, &batch)) {
        memset(&u->fx, 0, sizeof u->fx);
        u->fx.type = USHER_DO_PERSIST;
        u->fx.as.persist = batch;
        return &u->fx;
    }
    bool any =
        take_drop(u) || take_link(u) || ush_fetch_take(u, &u->fx) || ush_find_take(u, &u->fx);
    return any ? &u->fx : NULL;
}

const struct usher_effect *usher_take(struct usher *u)
{
    return take(u, true);
}

const struct usher_effect *usher_take_open(struct usher *u)
{
    return take(u, !ush_room(u, u->cfg.limits.batch_facts / 2, u->cfg.limits.batch_bytes / 2));
}

uint64_t usher_deadline(const struct usher *u)
{
    if (!u->loaded || !ush_can_move(u)) {
        return USHER_NEVER; /* taking makes room, or PERSISTED will */
    }
    if (!ush_list_empty(&u->todo_agents) || !ush_list_empty(&u->todo_classes)) {
        return u->now.mono_ms;
    }
    const struct ush_timer *t = ush_heap_first(&u->timers);
    return t == NULL ? USHER_NEVER : t->at;
}
