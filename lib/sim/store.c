/* store.c - the model of a durable store: facts in order, kept whole, read as storage.h says.
 * SPDX-License-Identifier: MIT
 *
 * Every look-up walks over all facts: it is meant to be seen through, not to be fast. */
#include "store.h"

#include <stdlib.h>
#include <string.h>

#include "../base/check.h"

struct ush_text {
    struct ush_text *next;
    size_t used, size;
    char bytes[];
};

enum { TEXT_BYTES = 65536, AGENTS_MAX = 64 };

void *ush_grow(void *items, size_t n, size_t *room, size_t each)
{
    if (n < *room) {
        return items;
    }
    size_t more = *room == 0 ? 16 : 2 * *room;
    char *grown = realloc(items, more * each);
    CHECK(grown != NULL);
    memset(grown + *room * each, 0, (more - *room) * each);
    *room = more;
    return grown;
}

uint32_t ush_number_of(const void *id)
{
    const uint8_t *b = id;
    return (uint32_t) b[0] | (uint32_t) b[1] << 8 | (uint32_t) b[2] << 16 | (uint32_t) b[3] << 24;
}

void ush_store_init(struct ush_store *s, uint64_t epoch)
{
    *s = (struct ush_store){.epoch = epoch};
}

void ush_store_done(struct ush_store *s)
{
    while (s->texts != NULL) {
        struct ush_text *next = s->texts->next;
        free(s->texts);
        s->texts = next;
    }
    free(s->facts);
    *s = (struct ush_store){0};
}

static char *text_room(struct ush_store *s, size_t len)
{
    struct ush_text *t = s->texts;
    if (t == NULL || t->size - t->used < len) {
        size_t size = len > TEXT_BYTES ? len : TEXT_BYTES;
        t = malloc(sizeof *t + size);
        CHECK(t != NULL);
        *t = (struct ush_text){.next = s->texts, .size = size};
        s->texts = t;
    }
    t->used += len;
    return t->bytes + t->used - len;
}

static void keep_span(struct usher_span *span, char **at)
{
    if (span->len > 0) {
        memcpy(*at, span->base, span->len);
    }
    span->base = *at;
    *at += span->len;
}

size_t ush_texts_len(const struct usher_fact *f)
{
    return f->by.name.len + f->agent_name.len + f->key.len + f->body.len + f->email.len;
}

const struct usher_fact *ush_store_at(const struct ush_store *s, uint64_t seq)
{
    return seq == 0 || seq > s->n ? NULL : &s->facts[seq - 1];
}

void ush_store_append(struct ush_store *s, const struct usher_batch *b)
{
    CHECK(b->first == s->n + 1);
    for (size_t i = 0; i < b->n; i++) {
        struct usher_fact f = b->facts[i];
        char *at = text_room(s, ush_texts_len(&f));
        keep_span(&f.by.name, &at);
        keep_span(&f.agent_name, &at);
        keep_span(&f.key, &at);
        keep_span(&f.body, &at);
        keep_span(&f.email, &at);
        s->facts = ush_grow(s->facts, s->n, &s->room, sizeof *s->facts);
        s->facts[s->n++] = f;
    }
}

void ush_store_go_back(struct ush_store *s, uint64_t seq)
{
    CHECK(seq <= s->n);
    s->n = seq;
}

static bool same_session(struct usher_session_id a, struct usher_session_id b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_person(const struct usher_by *a, const struct usher_by *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    return a->kind == USHER_VISITOR ? memcmp(&a->visitor, &b->visitor, sizeof a->visitor) == 0
                                    : memcmp(&a->agent, &b->agent, sizeof a->agent) == 0;
}

/* What a walk over the history found out about each session and visitor, by their numbers. */
struct live {
    bool *closed, *session, *visitor;
    int64_t *closed_ms;
};

static uint32_t numbers(const struct ush_store *s)
{
    uint32_t n = 0;
    for (uint64_t i = 0; i < s->n; i++) {
        const struct usher_fact *f = &s->facts[i];
        if (f->type == USHER_FACT_OPENED) {
            uint32_t session = ush_number_of(&f->session);
            uint32_t visitor = ush_number_of(&f->by.visitor);
            n = session >= n ? session + 1 : n;
            n = visitor >= n ? visitor + 1 : n;
        }
    }
    return n;
}

static void walk(const struct ush_store *s, struct live *live, int64_t since_ms)
{
    for (uint64_t i = 0; i < s->n; i++) {
        const struct usher_fact *f = &s->facts[i];
        if (f->type == USHER_FACT_CLOSED) {
            live->closed[ush_number_of(&f->session)] = true;
            live->closed_ms[ush_number_of(&f->session)] = f->at_ms;
        } else if (f->type == USHER_FACT_REOPENED) {
            live->closed[ush_number_of(&f->session)] = false;
        }
    }
    for (uint64_t i = 0; i < s->n; i++) {
        const struct usher_fact *f = &s->facts[i];
        if (f->type == USHER_FACT_OPENED) {
            uint32_t session = ush_number_of(&f->session);
            live->session[session] = !live->closed[session] || live->closed_ms[session] >= since_ms;
            live->visitor[ush_number_of(&f->by.visitor)] |= live->session[session];
        }
    }
}

/* Is this the last fact about its agent's readiness? Asked from the end backwards. */
static bool is_last(struct usher_agent_id *agents, size_t *n, const struct usher_fact *f)
{
    for (size_t i = 0; i < *n; i++) {
        if (memcmp(&agents[i], &f->agent, sizeof f->agent) == 0) {
            return false;
        }
    }
    CHECK(*n < AGENTS_MAX);
    agents[(*n)++] = f->agent;
    return true;
}

static bool is_told(const struct live *live, uint32_t n, const struct usher_fact *f,
                    struct usher_agent_id *agents, size_t *n_agents)
{
    if (f->type == USHER_FACT_AGENT) {
        return is_last(agents, n_agents, f);
    }
    if (f->type == USHER_FACT_VISITOR) {
        uint32_t visitor = ush_number_of(&f->by.visitor);
        return visitor < n && live->visitor[visitor];
    }
    return live->session[ush_number_of(&f->session)];
}

size_t ush_store_live(const struct ush_store *s, int64_t since_ms, uint64_t **seqs)
{
    struct usher_agent_id agents[AGENTS_MAX];
    size_t n_agents = 0;
    size_t n = 0;
    uint32_t many = numbers(s);
    struct live live = {calloc(many + 1, sizeof(bool)), calloc(many + 1, sizeof(bool)),
                        calloc(many + 1, sizeof(bool)), calloc(many + 1, sizeof(int64_t))};
    *seqs = calloc(s->n + 1, sizeof **seqs);
    CHECK(live.closed != NULL && live.session != NULL && live.visitor != NULL);
    CHECK(live.closed_ms != NULL && *seqs != NULL);
    walk(s, &live, since_ms);
    for (uint64_t seq = s->n; seq > 0; seq--) {
        if (is_told(&live, many, &s->facts[seq - 1], agents, &n_agents)) {
            (*seqs)[n++] = seq;
        }
    }
    for (size_t i = 0; i < n / 2; i++) {
        uint64_t seq = (*seqs)[i];
        (*seqs)[i] = (*seqs)[n - 1 - i];
        (*seqs)[n - 1 - i] = seq;
    }
    free(live.closed);
    free(live.session);
    free(live.visitor);
    free(live.closed_ms);
    return n;
}

/* May this fact be in what is asked for, apart from the sizes? */
static bool is_asked(const struct usher_fact *f, const struct usher_fetch *what)
{
    if (!same_session(f->session, what->session) || f->log == USHER_LOG_DESK) {
        return false;
    }
    if (!what->internal) {
        return f->log == what->log && f->index > what->after && f->index < what->before;
    }
    uint64_t place = f->log == USHER_LOG_PUBLIC ? f->index : f->after;
    if (f->log == USHER_LOG_INTERNAL && what->before_internal > 0 &&
        f->index >= what->before_internal) {
        return false;
    }
    return place > what->after && place < what->before;
}

/* Cut what is too much: the newest for an internal fetch, else the oldest, stay. */
static size_t cut(const struct ush_store *s, const struct usher_fetch *what, uint64_t *seqs,
                  size_t n)
{
    size_t kept = 0;
    size_t bytes = 0;
    while (kept < n && kept < what->facts_max) {
        size_t at = what->internal ? n - 1 - kept : kept;
        bytes += ush_texts_len(&s->facts[seqs[at] - 1]);
        if (bytes > what->bytes_max && kept > 0) {
            break;
        }
        kept++;
    }
    if (what->internal) {
        memmove(seqs, seqs + n - kept, kept * sizeof *seqs);
    }
    return kept;
}

size_t ush_store_fetch(const struct ush_store *s, const struct usher_fetch *what, uint64_t *seqs,
                       size_t room)
{
    uint64_t *all = calloc(s->n + 1, sizeof *all);
    size_t n = 0;
    CHECK(all != NULL);
    /* The history's order is the order of both logs: an internal fact stands behind the
     * public one that it follows, and is made before the next. */
    for (uint64_t i = 0; i < s->n; i++) {
        if (is_asked(&s->facts[i], what)) {
            all[n++] = i + 1;
        }
    }
    n = cut(s, what, all, n);
    CHECK(n <= room);
    memcpy(seqs, all, n * sizeof *all);
    free(all);
    return n;
}

struct usher_found ush_store_find_key(const struct ush_store *s, const struct usher_by *by,
                                      struct usher_span key)
{
    struct usher_found found = {0};
    for (uint64_t i = 0; i < s->n && !found.found; i++) {
        const struct usher_fact *f = &s->facts[i];
        if (f->key.len > 0 && same_person(&f->by, by) && ush_same_span(f->key, key)) {
            found = (struct usher_found){true, f->session, f->log, f->index, f->digest};
        }
    }
    return found;
}

const struct usher_fact *ush_store_find_visitor(const struct ush_store *s,
                                                const uint8_t token_hash[32])
{
    struct usher_span token = {token_hash, 32};
    for (uint64_t i = 0; i < s->n; i++) {
        const struct usher_fact *f = &s->facts[i];
        if (f->type == USHER_FACT_VISITOR && ush_same_span(f->body, token)) {
            return f;
        }
    }
    return NULL;
}

bool ush_same_span(struct usher_span a, struct usher_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.base, b.base, a.len) == 0);
}

static bool same_author(const struct usher_by *a, const struct usher_by *b)
{
    return a->kind == b->kind && memcmp(&a->visitor, &b->visitor, sizeof a->visitor) == 0 &&
           memcmp(&a->agent, &b->agent, sizeof a->agent) == 0 && ush_same_span(a->name, b->name);
}

bool ush_same_fact(const struct usher_fact *a, const struct usher_fact *b)
{
    bool place = a->seq == b->seq && a->at_ms == b->at_ms && a->type == b->type &&
                 a->log == b->log && a->cause == b->cause && a->index == b->index &&
                 a->after == b->after && same_session(a->session, b->session);
    bool ids = memcmp(&a->queue, &b->queue, sizeof a->queue) == 0 &&
               memcmp(&a->agent, &b->agent, sizeof a->agent) == 0 && a->number == b->number &&
               a->until_ms == b->until_ms && a->digest == b->digest;
    bool texts = ush_same_span(a->agent_name, b->agent_name) && ush_same_span(a->key, b->key) &&
                 ush_same_span(a->body, b->body) && ush_same_span(a->email, b->email);
    return place && ids && texts && same_author(&a->by, &b->by);
}
