/* judge_fact.c - may this fact be, here and now? Each type by its own rule, from the picture alone.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "world.h"

enum { SEEN_MS = 2000 };

static struct ush_pictured_session *session_of(struct ush_world *w, const struct usher_fact *f)
{
    return ush_picture_session(&w->picture, &f->session);
}

static const struct ush_command *command_of(const struct ush_world *w, const struct ush_stepped *st)
{
    return st->command == USH_NONE ? NULL : &w->commands[st->command];
}

static const struct ush_sim_link *sender(const struct ush_world *w, const struct ush_stepped *st)
{
    return &w->links[st->ev.link.v];
}

/* Is the fact by the person whose command this step was? */
static bool by_sender(const struct ush_world *w, const struct ush_stepped *st,
                      const struct usher_fact *f)
{
    const struct ush_sim_link *l = sender(w, st);
    if (st->command == USH_NONE || f->by.kind != l->as) {
        return false;
    }
    return l->as == USHER_VISITOR
               ? memcmp(&f->by.visitor, &w->picture.visitors[l->who].id, sizeof f->by.visitor) == 0
               : memcmp(&f->by.agent, &w->picture.agents[l->who].id, sizeof f->by.agent) == 0;
}

/* Is the session the sender's: the visitor's own, or the agent's while he has it (or had it last)?
 */
static bool is_his(const struct ush_world *w, const struct ush_stepped *st,
                   const struct ush_pictured_session *s)
{
    const struct ush_sim_link *l = sender(w, st);
    return l->as == USHER_VISITOR ? s->visitor == l->who : s->owner == l->who;
}

static bool named(const struct ush_world *w, const struct ush_pictured_session *s,
                  const struct usher_fact *f)
{
    char text[USHER_NAME_MAX];
    if (f->by.kind == USHER_VISITOR) {
        return ush_same_span(f->by.name, ush_speech_name(&w->commands[s->form], text));
    }
    return f->by.name.len == strlen(f->by.agent.s) &&
           memcmp(f->by.name.base, f->by.agent.s, f->by.name.len) == 0;
}

static const char *opened(struct ush_world *w, const struct ush_stepped *st,
                          const struct usher_fact *f, const struct usher_fact *before)
{
    const struct ush_pictured_session *s = session_of(w, f);
    const struct ush_command *c = command_of(w, st);
    char text[USHER_NAME_MAX + USHER_EMAIL_MAX];
    uint32_t queue = ush_picture_queue(&w->picture, &f->queue);
    const struct ush_pictured_visitor *v = &w->picture.visitors[sender(w, st)->who];
    bool introduced = before != NULL && before->type == USHER_FACT_VISITOR;
    if (st->ev.type != USHER_EV_START || !by_sender(w, st, f) || s->opened) {
        return "nobody asked for it";
    }
    if (memcmp(&st->ev.session, &f->session, sizeof f->session) != 0 || c->queue != queue) {
        return "another session or queue was asked for";
    }
    if (v->open != USH_NONE) {
        return "inv 7: the visitor has an open session";
    }
    if (!v->known && !introduced) {
        return "its visitor is not known to the history";
    }
    if (!named(w, s, f) || !ush_same_span(f->email, ush_speech_email(c, text))) {
        return "the form is not what was said";
    }
    if (!w->picture.queues[queue].set || !w->picture.queues[queue].open) {
        return "the queue is closed";
    }
    if (!ush_same_span(f->body, ush_speech_needs(c, &w->picture.queues[queue].rules, text))) {
        return "it needs something else than was asked for";
    }
    return ush_picture_waiting(&w->picture, queue) < w->picture.queues[queue].waiting_max
               ? NULL
               : "G11: the queue is full";
}

static const char *said(struct ush_world *w, const struct ush_stepped *st,
                        const struct usher_fact *f, const struct usher_fact *before)
{
    const struct ush_pictured_session *s = session_of(w, f);
    const struct ush_command *c = command_of(w, st);
    char text[USH_BODY_MAX];
    bool first =
        st->ev.type == USHER_EV_START && before != NULL && before->type == USHER_FACT_OPENED;
    bool whisper = f->type == USHER_FACT_WHISPERED;
    bool asked = st->ev.type == (whisper ? USHER_EV_WHISPER : USHER_EV_SAY);
    if (!by_sender(w, st, f) || !(first || asked) || !is_his(w, st, s)) {
        return "nobody said it, or not he";
    }
    if (s->state == USHER_STATE_CLOSED) {
        return "the session is closed";
    }
    return ush_same_span(f->body, ush_speech_body(w, c, text)) && named(w, s, f)
               ? NULL
               : "it is not what was said";
}

static const char *visited(struct ush_world *w, const struct ush_stepped *st,
                           const struct usher_fact *f)
{
    const struct ush_pictured_session *s = session_of(w, f);
    const struct ush_command *c = command_of(w, st);
    char url[USHER_NAME_MAX];
    char title[USHER_EMAIL_MAX];
    char page[USHER_NAME_MAX + USHER_EMAIL_MAX];
    if (st->ev.type != USHER_EV_VISIT || !by_sender(w, st, f) || !is_his(w, st, s) ||
        f->by.kind != USHER_VISITOR) {
        return "nobody looked at it";
    }
    struct usher_span of = ush_speech_url(c, url);
    struct usher_span name = ush_speech_title(c, title);
    int len = snprintf(page, sizeof page, "%.*s%s%.*s", (int) of.len, url, name.len > 0 ? "\n" : "",
                       (int) name.len, title);
    if (s->state == USHER_STATE_CLOSED) {
        return "the session is closed";
    }
    return ush_same_span(f->body, (struct usher_span){page, (size_t) len}) && named(w, s, f)
               ? NULL
               : "it is another page";
}

static const char *seen(struct ush_world *w, const struct ush_stepped *st,
                        const struct usher_fact *f)
{
    const struct ush_pictured_session *s = session_of(w, f);
    int side = f->by.kind == USHER_VISITOR ? 0 : 1;
    if (st->ev.type != USHER_EV_SEEN || !by_sender(w, st, f) || !is_his(w, st, s)) {
        return "nobody has seen it";
    }
    if (f->number != st->ev.as.seen.upto || f->number <= s->seen[side] || f->number > s->head[0]) {
        return "it does not advance, or goes beyond the head";
    }
    return s->seen[side] == 0 || st->now.mono_ms >= s->seen_at[side] + SEEN_MS
               ? NULL
               : "it comes more often than every 2 s";
}

static const char *joined(struct ush_world *w, const struct ush_stepped *st,
                          const struct usher_fact *f, const struct usher_fact *before)
{
    const struct ush_pictured_session *s = session_of(w, f);
    if (st->ev.type != USHER_EV_ACCEPT || !by_sender(w, st, f) || s->state == USHER_STATE_WAITING) {
        return ush_judge_assigned(w, st, f, before);
    }
    const struct ush_pictured_offer *o = &s->offers[sender(w, st)->who];
    if (s->state != USHER_STATE_OFFERED || o->number == 0 || s->offer_restart ||
        o->number != st->ev.as.answer.offer) {
        return "inv 10: it is not offered to him";
    }
    return st->now.mono_ms < o->due ? NULL : "inv 9: the offer's time is over";
}

/* Has it waited for a step of its queue that does this, with this number or queue? */
static bool has_waited(const struct ush_world *w, const struct ush_stepped *st,
                       const struct ush_pictured_session *s, enum usher_step_kind kind,
                       uint64_t number)
{
    const struct ush_pictured_queue *q = &w->picture.queues[s->queue];
    const struct ush_rules *rules[2] = {&q->rules, &q->was};
    bool is = false;
    int n = q->was_step == st->number ? 2 : 1; /* timers come before what a step is told */
    for (int k = 0; k < n; k++) {
        for (uint32_t i = 0; i < rules[k]->n_steps; i++) {
            const struct ush_sim_step *step = &rules[k]->steps[i];
            bool same = kind == USHER_STEP_CLOSE ||
                        (kind == USHER_STEP_MOVE ? step->queue : step->by) == number;
            is = is || (step->kind == kind && same &&
                        (int64_t) st->now.mono_ms - s->enq >= (int64_t) step->after_ms);
        }
    }
    return is && s->state == USHER_STATE_WAITING;
}

static const char *escalated(struct ush_world *w, const struct ush_stepped *st,
                             const struct usher_fact *f)
{
    const struct ush_pictured_session *s = session_of(w, f);
    USH_SOMETIMES(w, USHER_SIM_ESCALATED);
    return f->cause == USHER_CAUSE_WAITED && f->by.kind == USHER_SYSTEM &&
                   f->number > s->priority && has_waited(w, st, s, USHER_STEP_PRIORITY, f->number)
               ? NULL
               : "it has not waited for so long, or has that priority already";
}

static const char *overflowed(struct ush_world *w, const struct ush_stepped *st,
                              const struct usher_fact *f)
{
    uint32_t queue = ush_picture_queue(&w->picture, &f->queue);
    const struct ush_pictured_queue *q = &w->picture.queues[queue];
    if (f->by.kind != USHER_SYSTEM ||
        !has_waited(w, st, session_of(w, f), USHER_STEP_MOVE, queue)) {
        return "it does not wait, has not waited for so long, or went elsewhere";
    }
    uint32_t waiting = ush_picture_waiting(&w->picture, queue);
    bool was = q->was_step == st->number && q->was_open && waiting < q->was_waiting_max;
    USH_SOMETIMES(w, USHER_SIM_OVERFLOWED);
    return was || (q->open && waiting < q->waiting_max) ? NULL
                                                        : "it went to a queue that takes nothing";
}

static const char *left(struct ush_world *w, const struct ush_stepped *st,
                        const struct usher_fact *f)
{
    const struct ush_pictured_session *s = session_of(w, f);
    uint32_t agent = ush_picture_agent(&w->picture, &f->agent);
    if (s->state != USHER_STATE_ACTIVE || s->owner != agent || f->cause != USHER_CAUSE_LOST) {
        return "it is not his";
    }
    if (ush_picture_queue(&w->picture, &f->queue) != s->queue) {
        return "it waits in another queue than before";
    }
    USH_SOMETIMES(w, USHER_SIM_GRACE_OVER);
    return st->unsure ||
                   ush_absent(&w->picture.agents[agent].presence, st, 0, w->cfg.agent_grace_ms)
               ? NULL
               : "his time to come back is not over";
}

static const char *moved(struct ush_world *w, const struct ush_stepped *st,
                         const struct usher_fact *f, const struct usher_fact *after)
{
    const struct ush_pictured_session *s = session_of(w, f);
    const struct ush_command *c = command_of(w, st);
    uint32_t queue = ush_picture_queue(&w->picture, &f->queue);
    if (f->cause == USHER_CAUSE_WAITED) {
        return overflowed(w, st, f);
    }
    if (st->ev.type != USHER_EV_MOVE || !by_sender(w, st, f) || !is_his(w, st, s) ||
        s->state != USHER_STATE_ACTIVE) {
        return "nobody moved it";
    }
    if (c->queue != USH_NONE) {
        bool room = ush_picture_waiting(&w->picture, queue) < w->picture.queues[queue].waiting_max;
        return queue == c->queue && w->picture.queues[queue].open && f->agent.s[0] == 0 && room
                   ? NULL
                   : "it went to another queue, or to one that takes nothing";
    }
    if (ush_picture_agent(&w->picture, &f->agent) != c->agent || queue != s->queue) {
        return "it went elsewhere";
    }
    if (w->picture.queues[queue].rules.offering == USHER_OFFERING_AUTO) {
        return after != NULL && after->type == USHER_FACT_JOINED &&
                       memcmp(&after->by.agent, &f->agent, sizeof f->agent) == 0
                   ? NULL
                   : "inv 18: it did not come to whom it was moved";
    }
    return after != NULL && after->type == USHER_FACT_OFFERED &&
                   memcmp(&after->agent, &f->agent, sizeof f->agent) == 0
               ? NULL
               : "inv 18: it was not offered to whom it was moved";
}

static const char *closed(struct ush_world *w, const struct ush_stepped *st,
                          const struct usher_fact *f)
{
    const struct ush_pictured_session *s = session_of(w, f);
    bool active = s->state == USHER_STATE_ACTIVE;
    if (s->state == USHER_STATE_CLOSED || s->state == USHER_STATE_OFFERED) {
        return "it is closed, or its offer was not ended first";
    }
    if (f->cause == USHER_CAUSE_ASKED) {
        return st->ev.type == USHER_EV_CLOSE && by_sender(w, st, f) && is_his(w, st, s)
                   ? NULL
                   : "nobody closed it";
    }
    if (f->cause == USHER_CAUSE_WAITED) {
        return f->by.kind == USHER_SYSTEM && has_waited(w, st, s, USHER_STEP_CLOSE, 0)
                   ? NULL
                   : "it has not waited for so long";
    }
    USH_SOMETIMES(w, USHER_SIM_ABANDONED);
    return f->cause == USHER_CAUSE_ABANDONED && f->by.kind == USHER_SYSTEM &&
                   (st->unsure ||
                    ush_absent(&w->picture.visitors[s->visitor].presence, st, s->since,
                               active ? w->cfg.visitor_active_ms : w->cfg.visitor_waiting_ms))
               ? NULL
               : "its visitor's time to come back is not over";
}

static const char *reopened(struct ush_world *w, const struct ush_stepped *st,
                            const struct usher_fact *f)
{
    const struct ush_pictured_session *s = session_of(w, f);
    uint32_t queue = ush_picture_queue(&w->picture, &f->queue);
    const struct ush_pictured_queue *q = &w->picture.queues[queue];
    int64_t now = (int64_t) st->now.mono_ms;
    if (st->ev.type != USHER_EV_REOPEN || !by_sender(w, st, f) || !is_his(w, st, s)) {
        return "nobody asked for it";
    }
    if (s->state != USHER_STATE_CLOSED || w->picture.visitors[s->visitor].open != USH_NONE) {
        return "inv 7: the visitor has an open session";
    }
    if (queue != s->queue || !q->open ||
        ush_picture_waiting(&w->picture, queue) >= q->waiting_max) {
        return "its queue takes nothing, or it is another";
    }
    USH_SOMETIMES(w, USHER_SIM_REOPENED);
    /* It may stay a little longer while its last facts are on their way to the storage. */
    return s->last_seq > w->durable || now <= s->closed_at + (int64_t) q->reopen_ms + 1000
               ? NULL
               : "its time to be reopened is over";
}

static const char *readiness(struct ush_world *w, const struct ush_stepped *st,
                             const struct usher_fact *f, const struct usher_fact *before)
{
    uint32_t agent = ush_picture_agent(&w->picture, &f->agent);
    const struct ush_pictured_agent *a = &w->picture.agents[agent];
    if (f->cause == USHER_CAUSE_ASKED) {
        return st->ev.type == USHER_EV_READY && by_sender(w, st, f) &&
                       sender(w, st)->who == agent && (f->number == 1) == st->ev.as.ready.on
                   ? NULL
                   : "he did not ask for it";
    }
    if (f->number != 0 || !a->ready) {
        return "it says nothing new";
    }
    if (f->cause == USHER_CAUSE_MISSED) {
        bool now = before != NULL && before->type == USHER_FACT_OFFER_OVER &&
                   before->cause == USHER_CAUSE_MISSED;
        USH_SOMETIMES(w, USHER_SIM_MISSED_TOO_OFTEN);
        return now && a->missed >= w->cfg.missed_max ? NULL : "he did not miss so many";
    }
    uint32_t has = ush_route_sessions(&w->picture, agent);
    return f->cause == USHER_CAUSE_LOST && has == 0 &&
                   (st->unsure || ush_absent(&a->presence, st, 0, w->cfg.agent_grace_ms))
               ? NULL
               : "his time to come back is not over, or he has sessions still";
}

static const char *introduced(struct ush_world *w, const struct ush_stepped *st,
                              const struct usher_fact *f, const struct usher_fact *after)
{
    const struct ush_pictured_visitor *v = &w->picture.visitors[sender(w, st)->who];
    struct usher_span token = {v->token_hash, sizeof v->token_hash};
    return st->ev.type == USHER_EV_START && by_sender(w, st, f) && !v->known &&
                   ush_same_span(f->body, token) && after != NULL &&
                   after->type == USHER_FACT_OPENED
               ? NULL
               : "a visitor came to be who is known, or who started nothing";
}

/* Where it stands, when, and whose key it carries: the same rules for all. */
static const char *placed(struct ush_world *w, const struct ush_stepped *st,
                          const struct usher_fact *f, const struct usher_fact *before)
{
    const struct ush_pictured_session *s = session_of(w, f);
    bool desk = f->type >= USHER_FACT_VISITOR;
    bool internal = f->type == USHER_FACT_WHISPERED || f->type == USHER_FACT_VISITED;
    const struct ush_command *c = command_of(w, st);
    char text[USH_KEY_TEXT];
    if (f->log != (desk ? USHER_LOG_DESK : internal ? USHER_LOG_INTERNAL : USHER_LOG_PUBLIC)) {
        return "it is in the wrong log";
    }
    if (!desk && (s == NULL || (!s->opened && f->type != USHER_FACT_OPENED) ||
                  f->index != s->head[internal ? 1 : 0] + 1)) {
        return "its session is not there, or its index does not follow";
    }
    if (f->after != (internal ? s->head[0] : 0) || (desk && f->index != 0)) {
        return "it does not follow the public head";
    }
    if ((f->key.len > 0) != (f->digest != 0)) {
        return "a key without digest, or a digest without key";
    }
    if (f->key.len > 0 && (c == NULL || !ush_same_span(f->key, ush_key_text(c->key, text)) ||
                           (before != NULL && before->key.len > 0))) {
        return "it carries a key that is not its command's, or not first";
    }
    return NULL;
}

static const char *rule(struct ush_world *w, const struct ush_stepped *st,
                        const struct usher_fact *f, const struct usher_fact *before,
                        const struct usher_fact *after)
{
    switch (f->type) {
    case USHER_FACT_OPENED:
        return opened(w, st, f, before);
    case USHER_FACT_JOINED:
        return joined(w, st, f, before);
    case USHER_FACT_LEFT:
        return left(w, st, f);
    case USHER_FACT_SAID:
    case USHER_FACT_WHISPERED:
        return said(w, st, f, before);
    case USHER_FACT_VISITED:
        return visited(w, st, f);
    case USHER_FACT_SEEN:
        return seen(w, st, f);
    case USHER_FACT_MOVED:
        return moved(w, st, f, after);
    case USHER_FACT_CLOSED:
        return closed(w, st, f);
    case USHER_FACT_REOPENED:
        return reopened(w, st, f);
    case USHER_FACT_ESCALATED:
        return escalated(w, st, f);
    case USHER_FACT_VISITOR:
        return introduced(w, st, f, after);
    case USHER_FACT_AGENT:
        return readiness(w, st, f, before);
    case USHER_FACT_OFFERED:
        return ush_judge_offered(w, st, f, before);
    case USHER_FACT_OFFER_OVER:
        return ush_judge_offer_over(w, st, f, before, after);
    }
    return "there is no such type";
}

void ush_judge_fact(struct ush_world *w, const struct ush_stepped *st, const struct usher_fact *f,
                    const struct usher_fact *before, const struct usher_fact *after)
{
    const char *bad = placed(w, st, f, before);
    bad = bad != NULL ? bad : rule(w, st, f, before, after);
    if (bad != NULL) {
        ush_fail(w, "%s of session %u, fact %llu, made in step %llu: %s", usher_fact_name(f->type),
                 f->log == USHER_LOG_DESK && f->type < USHER_FACT_OFFERED
                     ? 0
                     : ush_number_of(&f->session),
                 (unsigned long long) f->seq, (unsigned long long) st->number, bad);
    }
}
