/* judge_offer.c - who is offered what, in which order, and how an offer may end.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "world.h"

struct ush_loads ush_loads(const struct ush_picture *p)
{
    struct ush_loads l = {{0}, {0}};
    for (size_t i = 0; i < p->n_sessions; i++) {
        const struct ush_pictured_session *s = &p->sessions[i];
        if (s->state == USHER_STATE_ACTIVE) {
            l.load[s->owner]++;
        } else if (s->state == USHER_STATE_OFFERED) {
            l.load[s->agent]++;
            l.offers[s->agent]++;
        }
    }
    return l;
}

/* Could he be offered something? (G5, inv 1, 8, 11) */
static bool is_free(const struct ush_picture *p, const struct ush_loads *l, uint32_t agent)
{
    const struct ush_pictured_agent *a = &p->agents[agent];
    return a->set && a->ready && a->presence.links > 0 && l->offers[agent] == 0 &&
           l->load[agent] < a->capacity;
}

bool ush_may_have(const struct ush_picture *p, const struct ush_loads *l, uint32_t agent,
                  const struct ush_pictured_session *s, uint64_t now)
{
    const struct ush_pictured_agent *a = &p->agents[agent];
    return s->state == USHER_STATE_WAITING && is_free(p, l, agent) &&
           (a->queues >> s->queue & 1) != 0 &&
           ush_picture_barred(a, ush_number_of(&s->id), now) == USH_BARRED_NO;
}

/* inv 4 and 5: nobody who may have it waits for longer. */
static bool is_oldest(const struct ush_world *w, const struct ush_loads *l, uint32_t agent,
                      const struct ush_pictured_session *s, uint64_t now)
{
    for (size_t i = 0; i < w->picture.n_sessions; i++) {
        const struct ush_pictured_session *other = &w->picture.sessions[i];
        if (other != s && other->state == USHER_STATE_WAITING && ush_picture_older(other, s) &&
            ush_may_have(&w->picture, l, agent, other, now)) {
            return false;
        }
    }
    return true;
}

/* Did something happen to him since all was quiet? Then he looked for work himself. */
static bool looks_himself(const struct ush_world *w, const struct ush_pictured_agent *a,
                          uint64_t now)
{
    for (uint32_t i = 0; i < a->n_bars; i++) {
        if (a->bars[i].until > w->judge.quiet_ms && a->bars[i].until <= now) {
            return true;
        }
    }
    return a->touched > w->judge.quiet_step;
}

/* Least loaded first, then idle for longest. */
static bool is_best(const struct ush_world *w, const struct ush_loads *l, uint32_t agent,
                    const struct ush_pictured_session *s, uint64_t now)
{
    const struct ush_pictured_agent *a = &w->picture.agents[agent];
    for (uint32_t i = 0; i < w->picture.n_agents; i++) {
        const struct ush_pictured_agent *b = &w->picture.agents[i];
        if (i == agent || !ush_may_have(&w->picture, l, i, s, now)) {
            continue;
        }
        uint64_t his = (uint64_t) l->load[agent] * b->capacity;
        uint64_t others = (uint64_t) l->load[i] * a->capacity;
        if (others < his || (others == his && b->idle < a->idle)) {
            return false;
        }
    }
    return true;
}

const char *ush_judge_offered(struct ush_world *w, const struct ush_stepped *st,
                              const struct usher_fact *f, const struct usher_fact *before)
{
    const struct ush_pictured_session *s = ush_picture_session(&w->picture, &f->session);
    uint32_t agent = ush_picture_agent(&w->picture, &f->agent);
    uint64_t now = st->now.mono_ms;
    struct ush_loads loads = ush_loads(&w->picture);
    bool about = before != NULL && memcmp(&before->session, &f->session, sizeof f->session) == 0;
    bool moved = about && before->type == USHER_FACT_MOVED && before->agent.s[0] != 0;
    bool reopened = about && before->type == USHER_FACT_REOPENED;
    if (s == NULL || s->state != USHER_STATE_WAITING) {
        return "inv 8: it does not wait";
    }
    const struct ush_pictured_agent *a = &w->picture.agents[agent];
    if (f->until_ms != f->at_ms + w->picture.queues[s->queue].offer_ms ||
        ush_picture_queue(&w->picture, &f->queue) != s->queue) {
        return "its time or queue is wrong";
    }
    if (!st->unsure && !is_free(&w->picture, &loads, agent)) {
        return "G5, inv 11: he is not ready and here, or has no place free";
    }
    if (moved) {
        return NULL; /* to him, whatever his queues are */
    }
    if ((a->queues >> s->queue & 1) == 0) {
        return "he does not serve its queue";
    }
    if (!reopened && ush_picture_barred(a, ush_number_of(&s->id), now) == USH_BARRED_YES) {
        return "inv 14: he missed, declined or moved it just now";
    }
    if (!st->unsure && !reopened && !is_oldest(w, &loads, agent, s, now)) {
        return "inv 4, 5: another that he may have waits for longer";
    }
    if (!st->unsure && !reopened && !looks_himself(w, a, now) &&
        !is_best(w, &loads, agent, s, now)) {
        return "somebody with less to do, or idle for longer, may have it";
    }
    return NULL;
}

static const char *over_why(struct ush_world *w, const struct ush_stepped *st,
                            const struct usher_fact *f, const struct usher_fact *before,
                            const struct usher_fact *after)
{
    const struct ush_pictured_session *s = ush_picture_session(&w->picture, &f->session);
    const struct ush_pictured_agent *a = &w->picture.agents[s->agent];
    bool due = st->now.mono_ms >= s->offer_due;
    switch (f->cause) {
    case USHER_CAUSE_MISSED:
        if (st->lost) {
            USH_SOMETIMES(w, USHER_SIM_EXPIRY_WHILE_LOST);
        }
        return due ? NULL : "inv 9: its time is not over";
    case USHER_CAUSE_DECLINED:
        return st->ev.type == USHER_EV_DECLINE && !due && w->links[st->ev.link.v].who == s->agent &&
                       st->ev.as.answer.offer == s->offer
                   ? NULL
                   : "he did not decline it";
    case USHER_CAUSE_LOST:
        return st->unsure || ush_absent(&a->presence, st, 0, 0) ? NULL : "he is here";
    case USHER_CAUSE_GONE:
        return after != NULL && after->type == USHER_FACT_CLOSED &&
                       memcmp(&after->session, &f->session, sizeof f->session) == 0
                   ? NULL
                   : "its session did not end";
    case USHER_CAUSE_NOT_READY:
        return before != NULL && before->type == USHER_FACT_AGENT && before->number == 0 &&
                       memcmp(&before->agent, &f->agent, sizeof f->agent) == 0
                   ? NULL
                   : "he is ready";
    case USHER_CAUSE_RESTART:
        return s->offer_restart ? NULL : "the desk was not started anew";
    case USHER_CAUSE_NONE:
    case USHER_CAUSE_ASKED:
    case USHER_CAUSE_ABANDONED:
        return "an offer cannot end so";
    }
    return "there is no such cause";
}

const char *ush_judge_offer_over(struct ush_world *w, const struct ush_stepped *st,
                                 const struct usher_fact *f, const struct usher_fact *before,
                                 const struct usher_fact *after)
{
    const struct ush_pictured_session *s = ush_picture_session(&w->picture, &f->session);
    if (s == NULL || s->state != USHER_STATE_OFFERED || s->offer != f->number ||
        ush_picture_agent(&w->picture, &f->agent) != s->agent) {
        return "inv 9: this offer is over already, or never was";
    }
    if (s->offer_restart && f->cause != USHER_CAUSE_RESTART && f->cause != USHER_CAUSE_GONE) {
        return "the desk was started anew, and that alone ended it";
    }
    return over_why(w, st, f, before, after);
}
