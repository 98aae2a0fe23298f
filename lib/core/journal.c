/* journal.c - two pages of facts: one filling, one at the storage; owns the watermark.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

bool ush_room(const struct usher *u, uint32_t facts, size_t bytes)
{
    const struct ush_page *p = &u->pages[u->filling];
    return p->n + facts <= u->cfg.limits.batch_facts &&
           p->used + bytes <= u->cfg.limits.batch_bytes;
}

/* The same for timers and matches: an exclusion that is over, and not noticed yet because the
 * page is full, must not let a younger session pass. */
bool ush_can_move(const struct usher *u)
{
    return ush_room(u, USH_MOVE_FACTS, 2 * (size_t) USH_SMALL);
}

size_t ush_fact_bytes(const struct usher_fact *f)
{
    return f->by.name.len + f->agent_name.len + f->key.len + f->body.len + f->email.len;
}

static void copy_span(struct usher_span *s, char **bytes)
{
    if (s->len > 0) {
        memcpy(*bytes, s->base, s->len);
    }
    s->base = *bytes;
    *bytes += s->len;
}

void ush_fact_copy(struct usher_fact *to, const struct usher_fact *from, char *bytes)
{
    *to = *from;
    copy_span(&to->by.name, &bytes);
    copy_span(&to->agent_name, &bytes);
    copy_span(&to->key, &bytes);
    copy_span(&to->body, &bytes);
    copy_span(&to->email, &bytes);
}

/* The caller has made sure that there is room. */
uint64_t ush_write(struct usher *u, struct ush_session *s, struct usher_fact *f)
{
    struct ush_page *p = &u->pages[u->filling];
    size_t bytes = ush_fact_bytes(f);
    CHECK(ush_room(u, 1, bytes));
    f->seq = ++u->seq;
    f->at_ms = u->now.wall_ms;
    if (f->log != USHER_LOG_DESK) {
        int log = f->log == USHER_LOG_INTERNAL ? 1 : 0;
        f->index = ++s->head[log];
        f->after = log == 1 ? s->head[0] : 0;
        s->last_seq = f->seq;
    }
    ush_fact_copy(&p->facts[p->n], f, p->bytes + p->used);
    p->sessions[p->n] = s == NULL || f->log == USHER_LOG_DESK ? USH_NONE : USH_SLOT(u, sessions, s);
    p->gens[p->n] = s == NULL ? 0 : s->gen;
    p->used += bytes;
    p->n++;
    return f->seq;
}

bool ush_seal(struct usher *u, struct usher_batch *out)
{
    struct ush_page *p = &u->pages[u->filling];
    if (u->out || p->n == 0) {
        return false;
    }
    *out = (struct usher_batch){p->facts[0].seq, p->n, p->facts};
    u->out = true;
    u->filling = 1 - u->filling;
    CHECK(u->pages[u->filling].n == 0);
    return true;
}

/* G2: only now may anybody be shown what the batch holds. */
static void publish(struct usher *u, struct ush_page *p)
{
    for (uint32_t i = 0; i < p->n; i++) {
        if (p->sessions[i] == USH_NONE) {
            continue;
        }
        struct ush_session *s = &u->sessions[p->sessions[i]];
        if (s->state == USHER_STATE_NONE || s->gen != p->gens[i]) {
            continue; /* closed and forgotten meanwhile */
        }
        ush_recent_add(u, s, &p->facts[i]);
        s->durable[p->facts[i].log == USHER_LOG_INTERNAL ? 1 : 0] = p->facts[i].index;
        ush_session_news(u, s);
    }
}

int ush_persisted(struct usher *u, uint64_t upto)
{
    struct ush_page *p = &u->pages[1 - u->filling];
    if (!u->out || upto != p->facts[p->n - 1].seq) {
        return USHER_EINVAL;
    }
    u->durable = upto;
    publish(u, p);
    p->n = 0;
    p->used = 0;
    u->out = false;
    ush_degraded(u, false);
    while (!ush_list_empty(&u->gated)) {
        struct ush_link *l = USH_ITEM(u->gated.next, struct ush_link, ready);
        ush_list_del(&l->ready);
        ush_link_wake(u, l);
    }
    return 0;
}
