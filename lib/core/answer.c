/* answer.c - answers to keyed commands and refusals: a bounded ring a link.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

static struct ush_answer *new_answer(struct usher *u, struct ush_link *l, struct usher_span key)
{
    uint32_t slot = l->n_answers < USH_ANSWERS_MAX ? ush_pool_take(&u->answer_pool) : USH_NONE;
    if (slot == USH_NONE) {
        ush_link_drop(u, l, 4408); /* he does not read his answers */
        return NULL;
    }
    struct ush_answer *a = &u->answers[slot];
    memset(a, 0, sizeof *a);
    a->key_len = (uint32_t) key.len;
    if (key.len > 0) {
        memcpy(a->key, key.base, key.len);
    }
    ush_list_add_last(&l->answers, &a->of_link);
    l->n_answers++;
    ush_link_wake(u, l);
    return a;
}

void ush_done(struct usher *u, struct ush_link *l, struct usher_span key,
              const struct ush_session *s, uint64_t was, enum usher_log log, uint64_t need)
{
    if (key.len == 0) {
        return;
    }
    if (l->as == USHER_VISITOR && log == USHER_LOG_INTERNAL) {
        s = NULL; /* a visitor is not told of that log, not even of his own fact in it */
        was = 0;
    }
    struct ush_answer *a = new_answer(u, l, key);
    if (a == NULL) {
        return;
    }
    a->type = USHER_NOTE_DONE;
    a->was = was;
    a->log = log;
    a->need = need;
    if (s != NULL) {
        a->session = s->id;
    }
}

static void refuse(struct usher *u, struct ush_link *l, struct usher_span key, enum usher_why why,
                   const char *text, uint32_t retry_ms, const struct ush_session *about)
{
    struct ush_answer *a = new_answer(u, l, key);
    u->counts.refused++;
    if (a == NULL) {
        return;
    }
    a->type = USHER_NOTE_REFUSED;
    a->why = why;
    a->text = text;
    a->retry_ms = retry_ms;
    if (about != NULL) {
        /* What the refusal tells of a session must be durable first. */
        a->need = about->last_seq;
        a->session = about->id;
    }
}

/* `about` is the session whose state is the reason, if there is one. */
void ush_refuse(struct usher *u, struct ush_link *l, const struct usher_event *ev,
                enum usher_why why, const char *text, const struct ush_session *about)
{
    refuse(u, l, ev->key, why, text, 0, about);
}

void ush_refuse_busy(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    if (u->degraded) {
        refuse(u, l, ev->key, USHER_DEGRADED, "nothing can be stored for now", 5000, NULL);
    } else {
        refuse(u, l, ev->key, USHER_BUSY, "busy, try again", 250, NULL);
    }
}

void ush_refuse_event(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    refuse(u, l, ev->key, ev->as.refuse.why, ev->as.refuse.text, ev->as.refuse.retry_ms, NULL);
}

/* Worked out when it is told, and told when what it says of the session is durable. */
void ush_answer_explain(struct usher *u, struct ush_link *l, const struct usher_event *ev,
                        const struct ush_session *s)
{
    struct ush_answer *a = new_answer(u, l, ev->key);
    if (a != NULL) {
        a->type = USHER_NOTE_EXPLAINED;
        a->session = s->id;
        a->need = s->last_seq;
    }
}

void ush_answers_forget(struct usher *u, struct ush_link *l)
{
    while (!ush_list_empty(&l->answers)) {
        struct ush_answer *a = USH_ITEM(l->answers.next, struct ush_answer, of_link);
        ush_list_del(&a->of_link);
        ush_pool_give(&u->answer_pool, USH_SLOT(u, answers, a));
    }
    l->n_answers = 0;
}
