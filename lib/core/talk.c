/* talk.c - saying, reading, typing and looking back.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

void ush_say(struct usher *u, struct ush_link *l, struct ush_session *s,
             const struct usher_event *ev)
{
    if (s->state == USHER_STATE_CLOSED) {
        ush_refuse(u, l, ev, USHER_CLOSED, "the session is closed", s);
        return;
    }
    bool whisper = ev->type == USHER_EV_WHISPER;
    struct usher_fact f =
        ush_session_fact(s, whisper ? USHER_FACT_WHISPERED : USHER_FACT_SAID, ush_by_link(u, l, s));
    f.body = ev->as.say.body;
    ush_write_command(u, s, &f, ev);
    u->counts.said++;
}

/* An internal fact: who helps him sees where he is in the shop. */
void ush_visit(struct usher *u, struct ush_link *l, struct ush_session *s,
               const struct usher_event *ev)
{
    char page[USHER_URL_MAX + 1 + USHER_TITLE_MAX];
    size_t len = ev->as.visit.url.len;
    if (s->state == USHER_STATE_CLOSED) {
        ush_refuse(u, l, ev, USHER_CLOSED, "the session is closed", s);
        return;
    }
    memcpy(page, ev->as.visit.url.base, len);
    if (ev->as.visit.title.len > 0) {
        page[len++] = '\n';
        memcpy(page + len, ev->as.visit.title.base, ev->as.visit.title.len);
        len += ev->as.visit.title.len;
    }
    struct usher_fact f = ush_session_fact(s, USHER_FACT_VISITED, ush_by_visitor(u, s));
    f.body = ush_span(page, len);
    uint64_t seq = ush_write_command(u, s, &f, ev);
    ush_done(u, l, ev->key, NULL, 0, USHER_LOG_DESK, seq); /* he does not see the fact */
}

void ush_seen(struct usher *u, struct ush_link *l, struct ush_session *s,
              const struct usher_event *ev)
{
    int side = l->as == USHER_VISITOR ? 0 : 1;
    if (ev->as.seen.upto > s->durable[0]) {
        ush_refuse(u, l, ev, USHER_BAD_FIELD, "index: beyond the head", s);
        return;
    }
    bool soon = s->seen[side] > 0 && u->now.mono_ms < s->seen_at[side] + USH_SEEN_MS;
    if (ev->as.seen.upto <= s->seen[side] || soon || s->state == USHER_STATE_CLOSED) {
        ush_done(u, l, ev->key, NULL, 0, USHER_LOG_DESK, s->last_seq);
        return;
    }
    struct usher_fact f = ush_session_fact(s, USHER_FACT_SEEN, ush_by_link(u, l, s));
    f.number = ev->as.seen.upto;
    ush_write_command(u, s, &f, ev);
    s->seen[side] = ev->as.seen.upto;
    s->seen_at[side] = u->now.mono_ms;
}

void ush_typing(struct usher *u, struct ush_link *l, struct ush_session *s)
{
    ush_session_tell(u, s, l->as == USHER_VISITOR ? USHER_AGENT : USHER_VISITOR, USH_TELL_TYPING);
}

void ush_history(struct usher *u, struct ush_link *l, struct ush_session *s,
                 const struct usher_event *ev)
{
    if (l->asks) {
        ush_refuse_busy(u, l, ev); /* one at a time a link */
        return;
    }
    uint32_t limit = ev->as.history.limit == 0 ? 50 : ev->as.history.limit;
    l->asks = true;
    l->history->session = USH_SLOT(u, sessions, s);
    l->history->gen = s->gen;
    l->history->id = s->id;
    l->history->before = ev->as.history.before;
    l->history->before_internal = ev->as.history.before_internal;
    l->history->limit = limit < USHER_HISTORY_MAX ? limit : USHER_HISTORY_MAX;
    l->history->key_len = (uint32_t) ev->key.len;
    if (ev->key.len > 0) {
        memcpy(l->history->key, ev->key.base, ev->key.len);
    }
    ush_list_add_last(&u->asking, &l->asking);
}
