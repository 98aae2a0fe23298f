/* storage_model.c - a plain array of facts that says what a storage must answer.
 * SPDX-License-Identifier: MIT
 *
 * Everything here is a loop over the whole array: slow, and plain enough to be
 * believed. Of a key that was used twice the newest use counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "storage_kit.h"

static size_t texts_len(const struct usher_fact *f)
{
    return f->by.name.len + f->agent_name.len + f->key.len + f->body.len + f->email.len;
}

static void copy(struct usher_span *span, char **to)
{
    if (span->len > 0) {
        memcpy(*to, span->base, span->len);
    }
    *span = (struct usher_span){*to, span->len};
    *to += span->len;
}

static bool same_session(struct usher_session_id a, struct usher_session_id b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

/* The last index of a log of a session. */
static uint64_t head(const struct ush_model *m, struct usher_session_id session, enum usher_log log)
{
    for (size_t i = m->n; i > 0; i--) {
        const struct usher_fact *f = &m->facts[i - 1];
        if (f->log == log && same_session(f->session, session)) {
            return f->index;
        }
    }
    return 0;
}

struct usher_fact *ush_model_add(struct ush_model *m, const struct usher_fact *given)
{
    struct usher_fact fact = *given;
    if (fact.log != USHER_LOG_DESK) {
        fact.index = head(m, fact.session, fact.log) + 1;
    }
    if (fact.log == USHER_LOG_INTERNAL) {
        fact.after = head(m, fact.session, USHER_LOG_PUBLIC);
    }
    fact.seq = m->n + 1;
    if (m->n == m->size) {
        m->size = m->size == 0 ? 256 : 2 * m->size;
        m->facts = realloc(m->facts, m->size * sizeof *m->facts);
        m->texts = realloc(m->texts, m->size * sizeof *m->texts);
        assert_non_null(m->facts);
        assert_non_null(m->texts);
    }
    char *texts = malloc(texts_len(&fact) + 1);
    assert_non_null(texts);
    m->texts[m->n] = texts;
    copy(&fact.by.name, &texts);
    copy(&fact.agent_name, &texts);
    copy(&fact.key, &texts);
    copy(&fact.body, &texts);
    copy(&fact.email, &texts);
    m->facts[m->n] = fact;
    return &m->facts[m->n++];
}

struct usher_batch ush_model_batch(const struct ush_model *m)
{
    return (struct usher_batch){
        .first = m->saved + 1, .n = m->n - m->saved, .facts = m->facts + m->saved};
}

void ush_model_save(struct ush_model *m, struct usher_storage *s)
{
    const struct usher_batch batch = ush_model_batch(m);
    struct usher_fault why;
    assert_int_equal(s->ops->append(s, &batch, &why), 0);
    m->saved = m->n;
}

void ush_model_undo(struct ush_model *m)
{
    while (m->n > m->saved) {
        free(m->texts[--m->n]);
    }
}

void ush_model_done(struct ush_model *m)
{
    m->saved = 0;
    ush_model_undo(m);
    free(m->facts);
    free(m->texts);
    *m = (struct ush_model){0};
}

static void same_text(struct usher_span got, struct usher_span want)
{
    assert_int_equal(got.len, want.len);
    assert_non_null(got.base);
    assert_memory_equal(got.base, want.base, want.len);
}

/* short: bodies (but a VISITOR's) and agent_name may be missing. */
static void same_fact(const struct usher_fact *got, const struct usher_fact *want, bool is_short)
{
    assert_int_equal(got->seq, want->seq);
    assert_int_equal(got->at_ms, want->at_ms);
    assert_int_equal(got->type, want->type);
    assert_int_equal(got->log, want->log);
    assert_int_equal(got->cause, want->cause);
    assert_memory_equal(got->session.b, want->session.b, sizeof want->session.b);
    assert_int_equal(got->index, want->index);
    assert_int_equal(got->after, want->after);
    assert_int_equal(got->by.kind, want->by.kind);
    assert_memory_equal(got->by.visitor.b, want->by.visitor.b, sizeof want->by.visitor.b);
    assert_memory_equal(got->by.agent.s, want->by.agent.s, sizeof want->by.agent.s);
    assert_memory_equal(got->queue.s, want->queue.s, sizeof want->queue.s);
    assert_memory_equal(got->agent.s, want->agent.s, sizeof want->agent.s);
    assert_int_equal(got->number, want->number);
    assert_int_equal(got->until_ms, want->until_ms);
    assert_true(got->digest == want->digest);
    same_text(got->by.name, want->by.name);
    same_text(got->key, want->key);
    same_text(got->email, want->email);
    if (!is_short || got->agent_name.len > 0) {
        same_text(got->agent_name, want->agent_name);
    }
    bool must = want->type == USHER_FACT_VISITOR || want->type == USHER_FACT_OPENED;
    if (!is_short || got->body.len > 0 || must) {
        same_text(got->body, want->body);
    }
}

/* What must come, and how much of it has come. */
struct expected {
    const struct ush_model *model;
    const size_t *at; /* places in the array, in order */
    size_t n, seen;
    bool is_short;
};

static int compare(void *ctx, const struct usher_fact *got)
{
    struct expected *e = ctx;
    assert_true(e->seen < e->n);
    same_fact(got, &e->model->facts[e->at[e->seen]], e->is_short);
    e->seen++;
    return 0;
}

static size_t *places(const struct ush_model *m)
{
    size_t *at = calloc(m->n + 1, sizeof *at);
    assert_non_null(at);
    return at;
}

static bool is_live(const struct ush_model *m, struct usher_session_id session, int64_t since_ms)
{
    bool opened = false, closed = false;
    int64_t closed_ms = 0;
    for (size_t i = 0; i < m->saved; i++) {
        const struct usher_fact *f = &m->facts[i];
        if (!same_session(f->session, session)) {
            continue;
        }
        opened = opened || f->type == USHER_FACT_OPENED;
        if (f->type == USHER_FACT_CLOSED || f->type == USHER_FACT_REOPENED) {
            closed = f->type == USHER_FACT_CLOSED;
            closed_ms = f->at_ms;
        }
    }
    return opened && (!closed || closed_ms >= since_ms);
}

static bool has_live(const struct ush_model *m, struct usher_visitor_id visitor, int64_t since_ms)
{
    for (size_t i = 0; i < m->saved; i++) {
        const struct usher_fact *f = &m->facts[i];
        if (f->type == USHER_FACT_OPENED &&
            memcmp(f->by.visitor.b, visitor.b, sizeof visitor.b) == 0 &&
            is_live(m, f->session, since_ms)) {
            return true;
        }
    }
    return false;
}

static bool is_last_of_agent(const struct ush_model *m, size_t place)
{
    for (size_t i = place + 1; i < m->saved; i++) {
        if (m->facts[i].type == USHER_FACT_AGENT &&
            memcmp(m->facts[i].agent.s, m->facts[place].agent.s, USHER_ID_MAX) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_loaded(const struct ush_model *m, size_t place, int64_t since_ms)
{
    const struct usher_fact *f = &m->facts[place];
    if (f->type == USHER_FACT_VISITOR) {
        return has_live(m, f->by.visitor, since_ms);
    }
    if (f->type == USHER_FACT_AGENT) {
        return is_last_of_agent(m, place);
    }
    return is_live(m, f->session, since_ms);
}

void ush_model_check_load(const struct ush_model *m, struct usher_storage *s, int64_t since_ms)
{
    size_t *at = places(m);
    struct expected e = {.model = m, .at = at, .is_short = true};
    for (size_t i = 0; i < m->saved; i++) {
        if (is_loaded(m, i, since_ms)) {
            at[e.n++] = i;
        }
    }
    struct usher_load load = {.fresh_epoch = 1, .since_ms = since_ms};
    struct usher_fault why;
    assert_int_equal(s->ops->load(s, &load, compare, &e, &why), 0);
    assert_int_equal(e.seen, e.n);
    assert_int_equal(load.seq, m->saved);
    assert_true(load.epoch != 0);
    free(at);
}

/* Of the n places the first, or the last, that the limits of a fetch let through. */
static size_t cut(const struct ush_model *m, size_t *at, size_t n, const struct usher_fetch *what)
{
    size_t kept = 0, bytes = 0;
    while (kept < n && kept < what->facts_max) {
        const size_t i = what->internal ? n - 1 - kept : kept;
        bytes += texts_len(&m->facts[at[i]]);
        if (kept > 0 && bytes > what->bytes_max) {
            break;
        }
        kept++;
    }
    if (what->internal) {
        memmove(at, at + (n - kept), kept * sizeof *at);
    }
    return kept;
}

void ush_model_check_fetch(const struct ush_model *m, struct usher_storage *s,
                           const struct usher_fetch *what)
{
    size_t *at = places(m);
    size_t n = 0;
    for (size_t i = 0; i < m->saved; i++) {
        const struct usher_fact *f = &m->facts[i];
        const bool internal = f->log == USHER_LOG_INTERNAL;
        const uint64_t place = what->internal && internal ? f->after : f->index;
        if (f->log == USHER_LOG_DESK || (!what->internal && f->log != what->log)) {
            continue;
        }
        if (what->internal && internal && what->before_internal > 0 &&
            f->index >= what->before_internal) {
            continue;
        }
        if (same_session(f->session, what->session) && place > what->after &&
            place < what->before) {
            at[n++] = i;
        }
    }
    struct expected e = {.model = m, .at = at, .n = cut(m, at, n, what)};
    struct usher_fault why;
    assert_int_equal(s->ops->fetch(s, what, compare, &e, &why), 0);
    assert_int_equal(e.seen, e.n);
    free(at);
}

void ush_model_check_history(const struct ush_model *m, struct usher_storage *s, uint64_t after,
                             uint32_t max)
{
    size_t *at = places(m);
    struct expected e = {.model = m, .at = at};
    for (size_t i = 0; i < m->saved; i++) {
        if (m->facts[i].seq > after && e.n < max) {
            at[e.n++] = i;
        }
    }
    struct usher_fault why;
    assert_int_equal(s->ops->history(s, after, max, compare, &e, &why), 0);
    assert_int_equal(e.seen, e.n);
    free(at);
}

static bool used_by(const struct usher_fact *f, const struct usher_find *what)
{
    if (f->by.kind != what->by.kind || f->key.len != what->key.len || f->key.len == 0 ||
        memcmp(f->key.base, what->key.base, what->key.len) != 0) {
        return false;
    }
    if (f->by.kind == USHER_VISITOR) {
        return memcmp(f->by.visitor.b, what->by.visitor.b, sizeof f->by.visitor.b) == 0;
    }
    return memcmp(f->by.agent.s, what->by.agent.s, sizeof f->by.agent.s) == 0;
}

void ush_model_check_key(const struct ush_model *m, struct usher_storage *s,
                         const struct usher_find *what)
{
    const struct usher_fact *want = NULL;
    for (size_t i = 0; i < m->saved; i++) {
        if (used_by(&m->facts[i], what)) {
            want = &m->facts[i];
        }
    }
    struct usher_found got;
    struct usher_fault why;
    memset(&got, 0x55, sizeof got);
    assert_int_equal(s->ops->find_key(s, what, &got, &why), 0);
    assert_int_equal(got.found, want != NULL);
    if (want != NULL) {
        assert_memory_equal(got.session.b, want->session.b, sizeof want->session.b);
        assert_int_equal(got.log, want->log);
        assert_int_equal(got.index, want->index);
        assert_true(got.digest == want->digest);
    }
}

void ush_model_check_visitor(const struct ush_model *m, struct usher_storage *s,
                             const uint8_t token_hash[32])
{
    const struct usher_fact *want = NULL;
    for (size_t i = 0; i < m->saved; i++) {
        if (m->facts[i].type == USHER_FACT_VISITOR &&
            memcmp(m->facts[i].body.base, token_hash, 32) == 0) {
            want = &m->facts[i];
        }
    }
    struct usher_visitor_id got;
    struct usher_fault why;
    bool found = want == NULL;
    assert_int_equal(s->ops->find_visitor(s, token_hash, &got, &found, &why), 0);
    assert_int_equal(found, want != NULL);
    if (want != NULL) {
        assert_memory_equal(got.b, want->by.visitor.b, sizeof got.b);
    }
}

static void check_fetches(const struct ush_model *m, struct usher_storage *s,
                          struct usher_session_id session, struct ush_dice *dice)
{
    struct usher_fetch what = {.session = session,
                               .log = USHER_LOG_PUBLIC,
                               .before = UINT64_MAX,
                               .facts_max = UINT32_MAX,
                               .bytes_max = SIZE_MAX};
    ush_model_check_fetch(m, s, &what);
    what.log = USHER_LOG_INTERNAL;
    ush_model_check_fetch(m, s, &what);
    what.internal = true;
    ush_model_check_fetch(m, s, &what);
    for (int i = 0; i < 4; i++) {
        what.internal = ush_dice_below(dice, 2) != 0;
        what.log = ush_dice_below(dice, 2) != 0 ? USHER_LOG_PUBLIC : USHER_LOG_INTERNAL;
        what.after = ush_dice_below(dice, 30);
        what.before = ush_dice_below(dice, 3) == 0 ? UINT64_MAX : ush_dice_below(dice, 60);
        what.before_internal = ush_dice_below(dice, 2) == 0 ? 0 : ush_dice_below(dice, 20);
        what.facts_max = ush_dice_below(dice, 20);
        what.bytes_max = ush_dice_below(dice, 2000);
        ush_model_check_fetch(m, s, &what);
    }
}

void ush_model_check(const struct ush_model *m, struct usher_storage *s, struct ush_dice *dice)
{
    uint64_t mark = UINT64_MAX;
    struct usher_fault why;
    assert_int_equal(s->ops->mark(s, &mark, &why), 0);
    assert_int_equal(mark, m->saved);
    ush_model_check_load(m, s, 0);
    ush_model_check_load(m, s, 1000 + ush_dice_below(dice, 200));
    ush_model_check_load(m, s, INT64_MAX);
    ush_model_check_history(m, s, 0, UINT32_MAX);
    ush_model_check_history(m, s, ush_dice_below(dice, (uint32_t) m->saved + 2),
                            ush_dice_below(dice, 50));
    for (uint32_t i = 0; i < 13; i++) {
        uint8_t token_hash[32];
        ush_token_of(i, token_hash);
        ush_model_check_visitor(m, s, token_hash);
        check_fetches(m, s, ush_session_of(i), dice);
    }
    for (size_t i = 0; i < m->n; i++) {
        /* What was not saved must not be found either. */
        const struct usher_find what = {.by = m->facts[i].by, .key = m->facts[i].key};
        ush_model_check_key(m, s, &what);
    }
}
