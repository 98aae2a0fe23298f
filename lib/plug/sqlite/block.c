/* block.c - which facts may be a session's, or have a key: three numbers for each fact.
 * SPDX-License-Identifier: MIT */
#include "block.h"

#include "query.h"
#include "read.h"

/* Of a place: a bit for the log, and the index as far as it fits. */
#define PLACE_INTERNAL UINT32_C(0x80000000)
#define PLACE_MAX UINT32_C(0x7fffffff)

static void put(uint8_t *numbers, uint64_t n, uint32_t number)
{
    for (int i = 0; i < 4; i++) {
        numbers[4 * n + (uint64_t) i] = (uint8_t) (number >> 8 * i);
    }
}

static uint32_t get(const uint8_t *numbers, uint64_t n)
{
    const uint8_t *at = numbers + 4 * n;
    return (uint32_t) at[0] | (uint32_t) at[1] << 8 | (uint32_t) at[2] << 16 |
           (uint32_t) at[3] << 24;
}

/* The multiplier is Knuth's ("The Art of Computer Programming", 6.4). */
static uint64_t stir(uint64_t hash, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i += 8) {
        const size_t n = len - i < 8 ? len - i : 8;
        uint64_t word = 0;
        for (size_t j = 0; j < n; j++) {
            word |= (uint64_t) bytes[i + j] << 8 * j;
        }
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32;
    }
    return hash;
}

static uint32_t number_of_session(const struct usher_session_id *session)
{
    return (uint32_t) stir(0, session->b, sizeof session->b);
}

static uint32_t number_of_key(const struct usher_by *by, struct usher_span key)
{
    const uint8_t kind = (uint8_t) by->kind;
    uint64_t hash = stir(key.len, &kind, sizeof kind);
    hash = by->kind == USHER_VISITOR ? stir(hash, by->visitor.b, sizeof by->visitor.b)
                                     : stir(hash, by->agent.s, sizeof by->agent.s);
    return (uint32_t) stir(hash, key.base, key.len);
}

static uint32_t place_of(enum usher_log log, uint64_t index)
{
    const uint32_t place = index > PLACE_MAX ? PLACE_MAX : (uint32_t) index;
    return log == USHER_LOG_INTERNAL ? place | PLACE_INTERNAL : place;
}

uint64_t ush_block_of(uint64_t seq)
{
    return seq / USH_BLOCK_FACTS;
}

static void note(struct ush_block *block, const struct usher_fact *fact)
{
    const uint64_t n = fact->seq % USH_BLOCK_FACTS;
    put(block->sessions, n, number_of_session(&fact->session));
    put(block->places, n, place_of(fact->log, fact->index));
    put(block->keys, n, fact->key.len == 0 ? 0 : number_of_key(&fact->by, fact->key));
}

static int note_read(void *ctx, const struct usher_fact *fact)
{
    note(ctx, fact);
    return 0;
}

int ush_block_read_last(struct ush_sqlite *s, struct usher_fault *why)
{
    const uint64_t first = ush_block_of(s->mark) * USH_BLOCK_FACTS;
    return ush_sqlite_history(s, first == 0 ? 0 : first - 1, USH_BLOCK_FACTS, note_read, &s->last,
                              why);
}

int ush_block_add(struct ush_sqlite *s, const struct usher_fact *fact)
{
    note(&s->last, fact);
    if (fact->seq % USH_BLOCK_FACTS != USH_BLOCK_FACTS - 1) {
        return SQLITE_OK;
    }
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_BLOCK_FULL);
    const int size = sizeof s->last.sessions;
    int rc = SQLITE_OK;
    rc |= sqlite3_bind_int64(stmt, 1, (sqlite3_int64) ush_block_of(fact->seq));
    rc |= sqlite3_bind_blob(stmt, 2, s->last.sessions, size, SQLITE_STATIC);
    rc |= sqlite3_bind_blob(stmt, 3, s->last.places, size, SQLITE_STATIC);
    rc |= sqlite3_bind_blob(stmt, 4, s->last.keys, size, SQLITE_STATIC);
    return rc == SQLITE_OK ? ush_sqlite_run(stmt) : SQLITE_NOMEM;
}

/* The row of a full block. */
static int read_row(struct ush_sqlite *s, sqlite3_stmt *stmt, uint64_t block,
                    struct usher_fault *why)
{
    bool row = false;
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64) block);
    int rv = ush_read_step(s, stmt, &row, why);
    for (int i = 0; rv == 0 && i < sqlite3_column_count(stmt); i++) {
        if (!row || sqlite3_column_bytes(stmt, i) != (int) sizeof s->last.sessions ||
            sqlite3_column_blob(stmt, i) == NULL) {
            rv = ush_sqlite_fail(why, USHER_ECORRUPT, "reading", "a block is missing");
        }
    }
    return rv;
}

/* Facts of a block: of the last one perhaps not all are there. */
static uint64_t end_of(const struct ush_sqlite *s, uint64_t block)
{
    return block == ush_block_of(s->mark) ? s->mark % USH_BLOCK_FACTS + 1 : USH_BLOCK_FACTS;
}

static void add(struct ush_hits *hits, uint64_t block, uint64_t n)
{
    hits->seqs[hits->n++] = block * USH_BLOCK_FACTS + n;
}

int ush_block_find_session(struct ush_sqlite *s, uint64_t block, const struct usher_fetch *what,
                           struct ush_hits *out, struct usher_fault *why)
{
    const uint8_t *sessions = s->last.sessions, *places = s->last.places;
    sqlite3_stmt *stmt = NULL;
    out->n = 0;
    if (what->before == 0 || what->after == UINT64_MAX) {
        return 0;
    }
    if (block != ush_block_of(s->mark)) {
        stmt = ush_sqlite_query(s, USH_Q_BLOCK_SESSIONS);
        int rv = read_row(s, stmt, block, why);
        if (rv != 0) {
            ush_sqlite_rest(stmt);
            return rv;
        }
        sessions = sqlite3_column_blob(stmt, 0);
        places = sqlite3_column_blob(stmt, 1);
    }
    const uint32_t wanted = number_of_session(&what->session);
    const uint32_t from = place_of(what->log, what->after + 1);
    const uint32_t to = place_of(what->log, what->before - 1);
    for (uint64_t n = 0; n < end_of(s, block); n++) {
        const uint32_t place = get(places, n);
        if (get(sessions, n) == wanted && place >= from && place <= to) {
            add(out, block, n);
        }
    }
    if (stmt != NULL) {
        ush_sqlite_rest(stmt);
    }
    return 0;
}

int ush_block_find_key(struct ush_sqlite *s, uint64_t block, const struct usher_find *what,
                       struct ush_hits *out, struct usher_fault *why)
{
    const uint8_t *keys = s->last.keys;
    sqlite3_stmt *stmt = NULL;
    out->n = 0;
    if (block != ush_block_of(s->mark)) {
        stmt = ush_sqlite_query(s, USH_Q_BLOCK_KEYS);
        int rv = read_row(s, stmt, block, why);
        if (rv != 0) {
            ush_sqlite_rest(stmt);
            return rv;
        }
        keys = sqlite3_column_blob(stmt, 0);
    }
    const uint32_t wanted = number_of_key(&what->by, what->key);
    for (uint64_t n = 0; n < end_of(s, block); n++) {
        if (get(keys, n) == wanted) {
            add(out, block, n);
        }
    }
    if (stmt != NULL) {
        ush_sqlite_rest(stmt);
    }
    return 0;
}
