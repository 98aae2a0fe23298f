/* stats.c - figures for a metrics page, and the audit of everything derived.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

void usher_stats_get(const struct usher *u, struct usher_stats *out)
{
    *out = u->counts;
    out->links = u->link_pool.used;
    out->links_visitor = out->links_agent = 0;
    for (uint32_t i = 0; i < u->link_pool.size; i++) {
        if (ush_pool_has(&u->link_pool, i)) {
            out->links_visitor += u->links[i].as == USHER_VISITOR;
            out->links_agent += u->links[i].as == USHER_AGENT;
        }
    }
    for (uint32_t i = 0; i < u->session_pool.size; i++) {
        if (ush_pool_has(&u->session_pool, i)) {
            out->waiting += u->sessions[i].state == USHER_STATE_WAITING;
            out->offered += u->sessions[i].state == USHER_STATE_OFFERED;
            out->active += u->sessions[i].state == USHER_STATE_ACTIVE;
            out->closed += u->sessions[i].state == USHER_STATE_CLOSED;
        }
    }
    for (uint32_t i = 0; i < u->agent_pool.size; i++) {
        if (ush_pool_has(&u->agent_pool, i)) {
            const struct ush_agent *a = &u->agents[i];
            out->agents++;
            out->agents_here += a->n_links > 0;
            out->agents_ready += a->set && a->ready && a->n_links > 0;
        }
    }
    for (uint32_t q = 0; q < u->n_queues; q++) {
        out->queues += u->queues[q].set;
        out->queues_open += u->queues[q].open;
        out->queues_ready += u->queues[q].open && u->queues[q].ready > 0;
    }
    out->keys = u->key_pool.used;
    out->answers = u->answer_pool.used;
    out->seq = u->seq;
    out->durable = u->durable;
    out->epoch = u->epoch;
    out->degraded = u->degraded;
    out->loaded = u->loaded;
}

static const char *audit_classes(const struct usher *u)
{
    uint32_t n = 0;
    uint32_t sessions = 0;
    uint32_t serving = 0;
    uint32_t queues = 0;
    for (uint32_t i = 0; i < u->class_pool.size; i++) {
        const struct ush_class *c = &u->classes[i];
        if (ush_pool_has(&u->class_pool, i)) {
            n += c->n_sessions;
            if (ush_bit(u->classes_waiting, i) != (c->line.root != USH_NONE)) {
                return "a class is not known to have somebody in line";
            }
        }
    }
    for (uint32_t i = 0; i < u->session_pool.size; i++) {
        const struct ush_session *s = &u->sessions[i];
        if (ush_pool_has(&u->session_pool, i)) {
            sessions++;
            serving += s->state == USHER_STATE_OFFERED || s->state == USHER_STATE_ACTIVE;
        }
    }
    for (uint32_t q = 0; q < u->n_queues; q++) {
        queues += u->queues[q].offered + u->queues[q].active;
    }
    if (n != sessions) {
        return "a class miscounts its sessions";
    }
    return serving != u->n_serving || queues != serving ? "the desk miscounts those it serves"
                                                        : NULL;
}

static int broken(struct usher_fault *why, const char *text)
{
    why->err = USHER_ECORRUPT;
    size_t n = 0;
    for (; text[n] != 0 && n + 1 < sizeof why->text; n++) {
        why->text[n] = text[n];
    }
    why->text[n] = 0;
    return USHER_ECORRUPT;
}

static const char *audit_agent(const struct usher *u, uint32_t slot)
{
    const struct ush_agent *a = &u->agents[slot];
    uint32_t load = a->offer == USH_NONE ? 0 : u->sessions[a->offer].cost;
    uint32_t links = 0;
    for (struct ush_list *at = a->sessions.next; at != &a->sessions; at = at->next) {
        load += USH_ITEM(at, struct ush_session, of_agent)->cost;
    }
    for (uint32_t i = 0; i < a->n_wraps; i++) {
        load += a->wraps[i].cost;
    }
    for (const struct ush_list *at = a->links.next; at != &a->links; at = at->next) {
        links++;
    }
    uint32_t listed = 0;
    uint32_t owned = 0;
    for (uint32_t i = 0; i < u->session_pool.size; i++) {
        const struct ush_session *s = &u->sessions[i];
        owned +=
            ush_pool_has(&u->session_pool, i) && s->state == USHER_STATE_ACTIVE && s->owner == slot;
    }
    for (const struct ush_list *at = a->sessions.next; at != &a->sessions; at = at->next) {
        listed++;
    }
    if (load != a->load || owned != listed) {
        return "an agent's load is not the sum of his offers, sessions and wrap-ups";
    }
    if ((a->offer != USH_NONE) != (a->offer_timer.place != 0) ||
        (a->n_wraps > 0) != (a->wrap_timer.place != 0)) {
        return "an offer has no deadline, or a deadline no offer";
    }
    if ((a->earmark != USH_NONE && u->sessions[a->earmark].earmark != slot) ||
        (a->offer != USH_NONE && u->sessions[a->offer].state != USHER_STATE_OFFERED)) {
        return "an agent has, or keeps free for, a session that does not know of it";
    }
    if (links != a->n_links) {
        return "an agent's links are miscounted";
    }
    if (a->profile != USH_NONE &&
        ush_list_empty(&a->free) ==
            (ush_agent_free(a, &u->profiles[a->profile]) && a->earmark == USH_NONE)) {
        return "an agent is not listed as what he is, free or not";
    }
    return NULL;
}

static const char *audit_queue(const struct usher *u, uint32_t slot)
{
    const struct ush_queue *q = &u->queues[slot];
    uint32_t waiting = 0;
    uint32_t offered = 0;
    uint32_t in_line = 0;
    uint32_t counted = 0;
    uint32_t active = 0;
    uint32_t ready = 0;
    for (uint32_t i = 0; i < u->session_pool.size; i++) {
        const struct ush_session *s = &u->sessions[i];
        if (ush_pool_has(&u->session_pool, i) && s->queue == slot) {
            waiting += s->state == USHER_STATE_WAITING || s->state == USHER_STATE_OFFERED;
            bool lined = s->state == USHER_STATE_WAITING && s->held == USH_NONE;
            offered += s->state == USHER_STATE_OFFERED;
            in_line += lined;
            active += s->state == USHER_STATE_ACTIVE;
            if (lined != (u->ranks[i].count > 0) || u->classes[s->class].queue != slot) {
                return "a session is not in line as its state says";
            }
        }
    }
    for (uint32_t i = 0; i < u->agent_pool.size; i++) {
        const struct ush_agent *a = &u->agents[i];
        if (ush_pool_has(&u->agent_pool, i) && a->set && a->ready && a->n_links > 0) {
            ready += ush_bit(u->profiles[a->profile].queues, slot);
        }
    }
    for (uint32_t i = 0; i < u->class_pool.size; i++) {
        const struct ush_class *c = &u->classes[i];
        if (ush_pool_has(&u->class_pool, i) && c->queue == slot) {
            counted += ush_rank_count(&c->line, u->ranks);
        }
    }
    if (active != q->active || offered != q->offered) {
        return "a queue's active or offered sessions are miscounted";
    }
    if (waiting != q->waiting || in_line != counted || q->in_line != waiting - offered) {
        return "a queue's length is not the number of its waiting sessions";
    }
    return ready != q->ready ? "a queue's ready agents are miscounted" : NULL;
}

static const char *audit_session(const struct usher *u, uint32_t slot)
{
    const struct ush_session *s = &u->sessions[slot];
    const struct ush_visitor *v = &u->visitors[s->visitor];
    bool open = s->state != USHER_STATE_CLOSED;
    if (s->durable[0] > s->head[0] || s->durable[1] > s->head[1]) {
        return "a log is durable beyond its head";
    }
    if (open != (v->open == slot) || open == !ush_list_empty(&s->closed)) {
        return "a visitor's open session is not what it says";
    }
    if ((s->state == USHER_STATE_OFFERED) == ush_list_empty(&s->offered)) {
        return "an offered session has no offer, or another has one";
    }
    for (struct ush_list *at = s->offered.next; at != &s->offered; at = at->next) {
        if (USH_ITEM(at, struct ush_agent, of_offered)->offer != slot) {
            return "an offer is not known to its agent";
        }
    }
    if (s->held != USH_NONE && (s->state != USHER_STATE_WAITING || s->hold_timer.place == 0)) {
        return "a session is held for an agent, and does not wait, or for ever";
    }
    return NULL;
}

int usher_audit(const struct usher *u, struct usher_fault *why)
{
    const char *bad = NULL;
    uint32_t keys = 0;
    uint32_t attached = 0;
    uint32_t answers = 0;
    for (uint32_t i = 0; bad == NULL && i < u->session_pool.size; i++) {
        if (ush_pool_has(&u->session_pool, i)) {
            bad = audit_session(u, i);
            for (const struct ush_list *at = u->sessions[i].keys.next; at != &u->sessions[i].keys;
                 at = at->next) {
                keys++;
            }
        }
    }
    for (uint32_t i = 0; bad == NULL && i < u->agent_pool.size; i++) {
        if (ush_pool_has(&u->agent_pool, i)) {
            bad = audit_agent(u, i);
            keys += u->agents[i].n_keys;
        }
    }
    for (uint32_t i = 0; bad == NULL && i < u->n_queues; i++) {
        bad = audit_queue(u, i);
    }
    for (uint32_t i = 0; bad == NULL && i < u->link_pool.size; i++) {
        if (ush_pool_has(&u->link_pool, i)) {
            attached += u->links[i].n_attached;
            answers += u->links[i].n_answers;
        }
    }
    if (bad == NULL && (keys != u->key_pool.used || attached != u->attached_pool.used ||
                        answers != u->answer_pool.used)) {
        bad = "a slot of a table is lost";
    }
    bad = bad == NULL ? audit_classes(u) : bad;
    return bad == NULL ? 0 : broken(why, bad);
}
