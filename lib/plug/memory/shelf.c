/* shelf.c - keeps facts in memory, each once, and finds them by session, key and token.
 * SPDX-License-Identifier: MIT */
#include "shelf.h"

#include <stdlib.h>
#include <string.h>

enum { TOKEN_SIZE = 32 };

static uint64_t stir(uint64_t hash, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash ^ hash >> 29;
}

static uint64_t id_hash(const uint8_t id[16])
{
    return stir(UINT64_C(0xcbf29ce484222325), id, 16);
}

static uint64_t key_hash(const struct usher_by *by, struct usher_span key)
{
    const uint8_t kind = (uint8_t) by->kind;
    uint64_t hash = stir(UINT64_C(0xcbf29ce484222325), &kind, 1);
    if (by->kind == USHER_VISITOR) {
        hash = stir(hash, by->visitor.b, sizeof by->visitor.b);
    } else {
        hash = stir(hash, by->agent.s, sizeof by->agent.s);
    }
    return stir(hash, key.base, key.len);
}

static bool same_person(const struct usher_by *a, const struct usher_by *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == USHER_VISITOR) {
        return memcmp(a->visitor.b, b->visitor.b, sizeof a->visitor.b) == 0;
    }
    return memcmp(a->agent.s, b->agent.s, sizeof a->agent.s) == 0;
}

static bool is_token(const struct usher_fact *fact)
{
    return fact->type == USHER_FACT_VISITOR && fact->body.len == TOKEN_SIZE;
}

size_t ush_kept_bytes(const struct usher_fact *fact)
{
    return fact->by.name.len + fact->agent_name.len + fact->key.len + fact->body.len +
           fact->email.len;
}

struct ush_kept_session *ush_shelf_session(const struct usher_shelf *shelf,
                                           struct usher_session_id id)
{
    const uint64_t hash = id_hash(id.b);
    size_t at = 0;
    for (uint64_t i = ush_bag_next(&shelf->by_session, hash, &at); i != 0;
         i = ush_bag_next(&shelf->by_session, hash, &at)) {
        struct ush_kept_session *session = &shelf->sessions[i - 1];
        if (memcmp(session->id.b, id.b, sizeof id.b) == 0) {
            return session;
        }
    }
    return NULL;
}

uint64_t ush_shelf_visitor(const struct usher_shelf *shelf, struct usher_visitor_id id)
{
    const uint64_t hash = id_hash(id.b);
    size_t at = 0;
    for (uint64_t seq = ush_bag_next(&shelf->by_visitor, hash, &at); seq != 0;
         seq = ush_bag_next(&shelf->by_visitor, hash, &at)) {
        if (memcmp(shelf->facts[seq - 1].fact.by.visitor.b, id.b, sizeof id.b) == 0) {
            return seq;
        }
    }
    return 0;
}

uint64_t ush_shelf_token(const struct usher_shelf *shelf, const uint8_t token[32])
{
    const uint64_t hash = id_hash(token);
    size_t at = 0;
    for (uint64_t seq = ush_bag_next(&shelf->by_token, hash, &at); seq != 0;
         seq = ush_bag_next(&shelf->by_token, hash, &at)) {
        if (memcmp(shelf->facts[seq - 1].fact.body.base, token, TOKEN_SIZE) == 0) {
            return seq;
        }
    }
    return 0;
}

uint64_t ush_shelf_key(const struct usher_shelf *shelf, const struct usher_by *by,
                       struct usher_span key)
{
    const uint64_t hash = key_hash(by, key);
    uint64_t newest = 0;
    size_t at = 0;
    for (uint64_t seq = ush_bag_next(&shelf->by_key, hash, &at); seq != 0;
         seq = ush_bag_next(&shelf->by_key, hash, &at)) {
        const struct usher_fact *fact = &shelf->facts[seq - 1].fact;
        if (same_person(&fact->by, by) && fact->key.len == key.len &&
            memcmp(fact->key.base, key.base, key.len) == 0) {
            newest = seq;
        }
    }
    return newest;
}

/* Grow an array; NULL if there is no memory, and the old one still stands. */
static void *grow(void *items, size_t *size, size_t n, size_t item)
{
    if (n <= *size) {
        return items;
    }
    const size_t more = n < 64 ? 64 : n + n / 2;
    if (more < n || more > SIZE_MAX / item) {
        return NULL;
    }
    void *grown = realloc(items, more * item);
    if (grown != NULL) {
        *size = more;
    }
    return grown;
}

static bool reserve(struct usher_shelf *shelf, size_t n)
{
    struct ush_kept *facts = grow(shelf->facts, &shelf->facts_size, shelf->n + n, sizeof *facts);
    if (facts == NULL) {
        return false;
    }
    shelf->facts = facts;
    struct ush_kept_session *sessions = grow(shelf->sessions, &shelf->sessions_size,
                                             shelf->n_sessions + n, sizeof *sessions);
    if (sessions == NULL) {
        return false;
    }
    shelf->sessions = sessions;
    struct ush_kept_agent *agents =
        grow(shelf->agents, &shelf->agents_size, shelf->n_agents + n, sizeof *agents);
    if (agents == NULL) {
        return false;
    }
    shelf->agents = agents;
    return ush_bag_reserve(&shelf->by_session, n) && ush_bag_reserve(&shelf->by_visitor, n) &&
           ush_bag_reserve(&shelf->by_token, n) && ush_bag_reserve(&shelf->by_key, n);
}

static void copy(struct usher_span *span, char **to)
{
    if (span->len == 0) {
        *span = (struct usher_span){"", 0};
        return;
    }
    memcpy(*to, span->base, span->len);
    span->base = *to;
    *to += span->len;
}

static void copy_texts(struct usher_fact *fact, char **to)
{
    copy(&fact->by.name, to);
    copy(&fact->agent_name, to);
    copy(&fact->key, to);
    copy(&fact->body, to);
    copy(&fact->email, to);
}

static void enlog(struct usher_shelf *shelf, struct ush_kept_session *session, uint64_t seq)
{
    struct ush_kept *kept = &shelf->facts[seq - 1];
    if (kept->fact.log == USHER_LOG_DESK) {
        return;
    }
    const unsigned log = kept->fact.log == USHER_LOG_PUBLIC ? 0 : 1;
    kept->prev = session->last[log];
    if (kept->prev == 0) {
        session->first[log] = seq;
    } else {
        shelf->facts[kept->prev - 1].next = seq;
    }
    session->last[log] = seq;
}

static void note_agent(struct usher_shelf *shelf, struct usher_agent_id id, uint64_t seq)
{
    size_t i = 0;
    while (i < shelf->n_agents && memcmp(shelf->agents[i].id.s, id.s, sizeof id.s) != 0) {
        i++;
    }
    if (i == shelf->n_agents) {
        shelf->n_agents++;
    }
    shelf->agents[i] = (struct ush_kept_agent){id, seq};
}

static void apply(struct usher_shelf *shelf, const struct usher_fact *given, char **texts)
{
    struct ush_kept *kept = &shelf->facts[shelf->n++];
    *kept = (struct ush_kept){.fact = *given};
    struct usher_fact *fact = &kept->fact;
    copy_texts(fact, texts);
    if (fact->type == USHER_FACT_OPENED) {
        const size_t i = shelf->n_sessions++;
        shelf->sessions[i] =
            (struct ush_kept_session){.id = fact->session, .visitor = fact->by.visitor};
        ush_bag_put(&shelf->by_session, id_hash(fact->session.b), i + 1);
    }
    struct ush_kept_session *session = ush_shelf_session(shelf, fact->session);
    if (session != NULL) {
        if (fact->type == USHER_FACT_CLOSED || fact->type == USHER_FACT_REOPENED) {
            session->closed = fact->type == USHER_FACT_CLOSED;
            session->closed_ms = fact->at_ms;
        }
        enlog(shelf, session, fact->seq);
    }
    if (fact->type == USHER_FACT_AGENT) {
        note_agent(shelf, fact->agent, fact->seq);
    }
    if (fact->type == USHER_FACT_VISITOR) {
        ush_bag_put(&shelf->by_visitor, id_hash(fact->by.visitor.b), fact->seq);
    }
    if (is_token(fact)) {
        ush_bag_put(&shelf->by_token, id_hash(fact->body.base), fact->seq);
    }
    if (fact->key.len > 0) {
        ush_bag_put(&shelf->by_key, key_hash(&fact->by, fact->key), fact->seq);
    }
}

int ush_shelf_append(struct usher_shelf *shelf, const struct usher_batch *batch)
{
    if (batch->first != shelf->n + 1) {
        return USHER_EINVAL;
    }
    size_t bytes = 0;
    for (size_t i = 0; i < batch->n; i++) {
        if (batch->facts[i].seq != batch->first + i) {
            return USHER_EINVAL;
        }
        bytes += ush_kept_bytes(&batch->facts[i]);
    }
    if (!reserve(shelf, batch->n)) {
        return USHER_EIO;
    }
    char *to = NULL;
    if (bytes > 0) {
        struct ush_kept_texts *texts = malloc(sizeof *texts + bytes);
        if (texts == NULL) {
            return USHER_EIO;
        }
        texts->next = shelf->texts;
        shelf->texts = texts;
        to = texts->bytes;
    }
    for (size_t i = 0; i < batch->n; i++) {
        apply(shelf, &batch->facts[i], &to);
    }
    return 0;
}

void ush_shelf_done(struct usher_shelf *shelf)
{
    ush_bag_done(&shelf->by_session);
    ush_bag_done(&shelf->by_visitor);
    ush_bag_done(&shelf->by_token);
    ush_bag_done(&shelf->by_key);
    free(shelf->facts);
    free(shelf->sessions);
    free(shelf->agents);
    while (shelf->texts != NULL) {
        struct ush_kept_texts *next = shelf->texts->next;
        free(shelf->texts);
        shelf->texts = next;
    }
}
