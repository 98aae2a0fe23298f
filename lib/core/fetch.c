/* fetch.c - facts and keys that only the storage has: one fetch at a time, one look-up a link.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

void ush_fetch_want(struct usher *u, struct ush_attached *t)
{
    struct ush_fetched *f = &u->fetched;
    bool mine = f->attached == USH_SLOT(u, attached, t);
    bool out = f->out && mine;
    if (mine && !out) {
        f->n = f->at = 0; /* what was brought is not what is needed next */
        f->attached = USH_NONE;
    }
    if (ush_list_empty(&t->want) && !out) {
        ush_list_add_last(&u->want, &t->want);
    }
}

static void empty(struct ush_fetched *f)
{
    f->n = f->at = 0;
    f->attached = f->link = USH_NONE;
}

/* Whatever is, or comes, for these is not wanted any more. */
void ush_fetch_forget(struct usher *u, uint32_t attached, uint32_t link)
{
    struct ush_fetched *f = &u->fetched;
    if ((attached != USH_NONE && f->attached == attached) ||
        (link != USH_NONE && f->link == link)) {
        empty(f);
    }
}

const struct usher_fact *ush_fetched_next(struct usher *u, struct ush_attached *t, int log)
{
    struct ush_fetched *f = &u->fetched;
    if (f->out || f->at == f->n || f->attached != USH_SLOT(u, attached, t) || f->log != log) {
        return NULL;
    }
    if (f->facts[f->at].index != t->next[log]) {
        empty(f);
        return NULL;
    }
    return &f->facts[f->at++];
}

static bool take_history(struct usher *u, struct usher_effect *fx)
{
    struct ush_link *l = USH_ITEM(u->asking.next, struct ush_link, asking);
    const struct ush_session *s = &u->sessions[l->history->session];
    ush_list_del(&l->asking);
    if (s->gen != l->history->gen || s->state == USHER_STATE_NONE || l->full) {
        l->asks = l->full;
        if (!l->full) {
            struct usher_event asked;
            memset(&asked, 0, sizeof asked);
            asked.key = ush_span(l->history->key, l->history->key_len);
            ush_refuse(u, l, &asked, USHER_UNKNOWN, "no such session", NULL);
        }
        return false;
    }
    uint64_t before = l->history->before == 0 || l->history->before > s->durable[0]
                          ? s->durable[0] + 1
                          : l->history->before;
    u->fetched.link = USH_SLOT(u, links, l);
    fx->as.fetch.session = s->id;
    fx->as.fetch.internal = l->as == USHER_AGENT;
    fx->as.fetch.log = USHER_LOG_PUBLIC;
    fx->as.fetch.after = before > l->history->limit + 1 ? before - 1 - l->history->limit : 0;
    fx->as.fetch.before = before;
    fx->as.fetch.before_internal = l->history->before_internal;
    fx->as.fetch.facts_max = l->history->limit;
    return true;
}

static bool take_want(struct usher *u, struct usher_effect *fx)
{
    struct ush_attached *t = USH_ITEM(u->want.next, struct ush_attached, want);
    const struct ush_session *s = &u->sessions[t->session];
    ush_list_del(&t->want);
    if (u->links[t->link].full || t->need > u->durable) {
        return false; /* it asks again when it has room, and may be told */
    }
    int logs = u->links[t->link].as == USHER_VISITOR ? 1 : 2;
    int log = 0;
    while (log < logs && (t->next[log] > s->durable[log] || t->next[log] > t->until[log])) {
        log++;
    }
    if (log == logs) {
        return false;
    }
    uint64_t last = s->durable[log] < t->until[log] ? s->durable[log] : t->until[log];
    u->fetched.attached = USH_SLOT(u, attached, t);
    u->fetched.log = log;
    fx->as.fetch.session = s->id;
    fx->as.fetch.internal = false;
    fx->as.fetch.log = log == 0 ? USHER_LOG_PUBLIC : USHER_LOG_INTERNAL;
    fx->as.fetch.after = t->next[log] - 1;
    fx->as.fetch.before = last + 1;
    fx->as.fetch.facts_max = USHER_HISTORY_MAX;
    return true;
}

/* Is what was brought still the next thing for somebody? The ring may have served him meanwhile, or
 * he joined anew, and sees nothing until that is durable: then others do not wait for him. */
static bool is_awaited(const struct usher *u)
{
    const struct ush_fetched *f = &u->fetched;
    if (f->at == f->n || f->attached == USH_NONE) {
        return f->link != USH_NONE;
    }
    const struct ush_attached *t = &u->attached[f->attached];
    return f->facts[f->at].index == t->next[f->log] && t->need <= u->durable;
}

bool ush_fetch_take(struct usher *u, struct usher_effect *fx)
{
    struct ush_fetched *f = &u->fetched;
    if (f->out || is_awaited(u)) {
        return false;
    }
    while (!ush_list_empty(&u->asking) || !ush_list_empty(&u->want)) {
        empty(f);
        memset(fx, 0, sizeof *fx);
        if (ush_list_empty(&u->asking) ? take_want(u, fx) : take_history(u, fx)) {
            f->out = true;
            f->ticket = ++u->tickets;
            fx->type = USHER_DO_FETCH;
            fx->as.fetch.ticket = f->ticket;
            fx->as.fetch.bytes_max = 262144;
            return true;
        }
    }
    return false;
}

static uint32_t keep(struct ush_fetched *f, const struct usher_fact *facts, size_t n)
{
    size_t used = 0;
    uint32_t kept = 0;
    while (kept < n && kept < f->size && used + ush_fact_bytes(&facts[kept]) <= f->bytes_size) {
        ush_fact_copy(&f->facts[kept], &facts[kept], f->bytes + used);
        used += ush_fact_bytes(&facts[kept]);
        kept++;
    }
    return kept;
}

int ush_fetch_arrived(struct usher *u, const struct usher_event *ev)
{
    struct ush_fetched *f = &u->fetched;
    if (!f->out || ev->as.fetched.ticket != f->ticket) {
        return USHER_EINVAL;
    }
    f->out = false;
    f->n = f->at = 0;
    bool failed = ev->as.fetched.failed;
    if (f->link != USH_NONE) {
        struct ush_link *l = &u->links[f->link];
        struct usher_event again;
        memset(&again, 0, sizeof again);
        again.key = ush_span(l->history->key, l->history->key_len);
        if (failed) {
            l->asks = false;
            f->link = USH_NONE;
            ush_refuse_busy(u, l, &again);
        } else {
            f->n = keep(f, ev->as.fetched.facts, ev->as.fetched.n);
            ush_link_wake(u, l);
        }
    } else if (f->attached != USH_NONE) {
        struct ush_attached *t = &u->attached[f->attached];
        bool fits =
            !failed && ev->as.fetched.n > 0 && ev->as.fetched.facts[0].index == t->next[f->log];
        if (!fits) {
            ush_link_drop(u, &u->links[t->link],
                          1013); /* P5: never a gap; it comes back with its cursor */
        } else {
            f->n = keep(f, ev->as.fetched.facts, ev->as.fetched.n);
            ush_attached_tell(u, t, 0);
        }
    }
    return 0;
}

/* The history that this link asked for, if it has come. */
bool ush_history_note(struct usher *u, const struct ush_link *l, struct usher_note *n)
{
    struct ush_fetched *f = &u->fetched;
    if (!l->asks || f->out || !ush_list_empty(&l->asking) || f->link != USH_SLOT(u, links, l)) {
        return false;
    }
    struct ush_link *mine = &u->links[f->link];
    n->session = l->history->id;
    n->key = ush_span(l->history->key, l->history->key_len);
    n->as.history.facts = f->facts;
    n->as.history.n = f->n;
    n->as.history.more = f->n > 0 && (f->facts[0].log == USHER_LOG_PUBLIC ? f->facts[0].index > 1
                                                                          : f->facts[0].after > 0);
    mine->asks = false;
    empty(f);
    return true;
}

/* 0: the answer for this key is in l->find; EWAIT: it is on its way. */
int ush_find_wanted(struct usher *u, struct ush_link *l, const struct usher_event *ev,
                    uint64_t hash)
{
    if (l->find_state == USH_FIND_KNOWN && l->find->hash == hash) {
        return 0;
    }
    if (l->find_state == USH_FIND_NONE || l->find_state == USH_FIND_KNOWN) {
        l->find_state = USH_FIND_WANTED;
        l->find->hash = hash;
        l->find->key_len = (uint32_t) ev->key.len;
        memcpy(l->find->key, ev->key.base, ev->key.len);
        ush_list_del(&l->finding);
        ush_list_add_last(&u->finding, &l->finding);
    }
    return USHER_EWAIT;
}

bool ush_find_take(struct usher *u, struct usher_effect *fx)
{
    for (struct ush_list *at = u->finding.next; at != &u->finding; at = at->next) {
        struct ush_link *l = USH_ITEM(at, struct ush_link, finding);
        if (l->find_state != USH_FIND_WANTED) {
            continue;
        }
        memset(fx, 0, sizeof *fx);
        l->find_state = USH_FIND_OUT;
        l->find->ticket = ++u->tickets;
        fx->type = USHER_DO_FIND;
        fx->link = l->id;
        fx->as.find.ticket = l->find->ticket;
        fx->as.find.key = ush_span(l->find->key, l->find->key_len);
        fx->as.find.by.kind = l->as;
        if (l->as == USHER_VISITOR) {
            fx->as.find.by.visitor = u->visitors[l->person].id;
        } else {
            fx->as.find.by.agent = u->agents[l->person].id;
        }
        return true;
    }
    return false;
}

int ush_find_arrived(struct usher *u, const struct usher_event *ev)
{
    for (struct ush_list *at = u->finding.next; at != &u->finding; at = at->next) {
        struct ush_link *l = USH_ITEM(at, struct ush_link, finding);
        if (l->find_state == USH_FIND_OUT && l->find->ticket == ev->as.found.ticket) {
            l->find_state = USH_FIND_KNOWN;
            l->find->found = ev->as.found.found;
            l->find->failed = ev->as.found.failed;
            l->find->session = ev->as.found.session;
            l->find->log = ev->as.found.log;
            l->find->index = ev->as.found.index;
            l->find->digest = ev->as.found.digest;
            ush_list_del(&l->finding);
            break;
        }
    }
    return 0; /* the link may be gone */
}
