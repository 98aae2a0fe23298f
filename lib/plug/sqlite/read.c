/* read.c - what a SQLite storage is asked, but for the facts of one session.
 * SPDX-License-Identifier: MIT */
#include "read.h"

#include <string.h>

#include "block.h"
#include "live.h"
#include "query.h"
#include "row.h"

/* Step a statement that gives rows. *row is false at the end. */
int ush_read_step(struct ush_sqlite *s, sqlite3_stmt *stmt, bool *row, struct usher_fault *why)
{
    const int rc = sqlite3_step(stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        return ush_sqlite_fault(s, rc, "reading", why);
    }
    *row = rc == SQLITE_ROW;
    return 0;
}

/* The same for a statement whose rows are facts. */
int ush_read_step_fact(struct ush_sqlite *s, sqlite3_stmt *stmt, bool *row,
                       struct usher_fact *fact, struct usher_fault *why)
{
    int rv = ush_read_step(s, stmt, row, why);
    if (rv != 0 || !*row) {
        return rv;
    }
    rv = ush_row_read(stmt, fact);
    return rv == 0 ? 0 : ush_sqlite_fail(why, rv, "reading", "a row is no fact");
}

/* Give one fact away; a reader that says no ends the reading. */
int ush_read_tell(const struct usher_fact *fact, usher_fact_fn each, void *ctx,
                  struct usher_fault *why)
{
    const int rv = each(ctx, fact);
    return rv == 0 ? 0 : ush_sqlite_fail(why, rv, "reading", "the reader stopped");
}

/* All facts of a statement that is bound already. */
int ush_read_tell_all(struct ush_sqlite *s, sqlite3_stmt *stmt, usher_fact_fn each, void *ctx,
                      struct usher_fault *why)
{
    struct usher_fact fact;
    bool row = false;
    int rv = ush_read_step_fact(s, stmt, &row, &fact, why);
    while (rv == 0 && row) {
        rv = ush_read_tell(&fact, each, ctx, why);
        if (rv == 0) {
            rv = ush_read_step_fact(s, stmt, &row, &fact, why);
        }
    }
    ush_sqlite_rest(stmt);
    return rv;
}

/* One of the two streams that make up a load. */
struct stream {
    sqlite3_stmt *stmt;
    const struct ush_live *of; /* only facts of these sessions; NULL: all */
    struct usher_fact fact;
    bool row;
};

static int next_of(struct ush_sqlite *s, struct stream *t, struct usher_fault *why)
{
    int rv;
    do {
        rv = ush_read_step(s, t->stmt, &t->row, why);
    } while (rv == 0 && t->row && t->of != NULL &&
             !ush_live_has(t->of, sqlite3_column_blob(t->stmt, USH_ROW_SESSION),
                           (size_t) sqlite3_column_bytes(t->stmt, USH_ROW_SESSION)));
    if (rv != 0 || !t->row) {
        return rv;
    }
    rv = ush_row_read(t->stmt, &t->fact);
    return rv == 0 ? 0 : ush_sqlite_fail(why, rv, "reading", "a row is no fact");
}

/* Visitors and agents come from all over the history, sessions from their first on: two
 * statements, each in seq order, of which the lower seq is always next. */
static int merge(struct ush_sqlite *s, struct stream two[2], usher_fact_fn each, void *ctx,
                 struct usher_fault *why)
{
    int rv = 0;
    for (int i = 0; i < 2 && rv == 0; i++) {
        rv = next_of(s, &two[i], why);
    }
    while (rv == 0 && (two[0].row || two[1].row)) {
        const bool second =
            !two[0].row || (two[1].row && two[1].fact.seq < two[0].fact.seq);
        struct stream *next = &two[second];
        rv = ush_read_tell(&next->fact, each, ctx, why);
        if (rv == 0) {
            rv = next_of(s, next, why);
        }
    }
    return rv;
}

int ush_sqlite_read_live(struct ush_sqlite *s, int64_t since_ms, usher_fact_fn each, void *ctx,
                         struct usher_fault *why)
{
    struct ush_live live;
    struct stream two[2] = {{.stmt = ush_sqlite_query(s, USH_Q_FROM), .of = &live},
                            {.stmt = ush_sqlite_query(s, USH_Q_PEOPLE)}};
    int rv = ush_live_read(&live, s, since_ms, why);
    ush_bind_number(two[0].stmt, 1, live.first);
    sqlite3_bind_int64(two[1].stmt, 1, since_ms);
    rv = rv != 0 ? rv : merge(s, two, each, ctx, why);
    ush_live_free(&live);
    ush_sqlite_rest(two[0].stmt);
    ush_sqlite_rest(two[1].stmt);
    return rv;
}

int ush_sqlite_history(struct ush_sqlite *s, uint64_t after, uint32_t max, usher_fact_fn each,
                       void *ctx, struct usher_fault *why)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_HISTORY);
    ush_bind_number(stmt, 1, after);
    sqlite3_bind_int64(stmt, 2, max);
    return ush_read_tell_all(s, stmt, each, ctx, why);
}

/* Is this the fact that used the key? */
static int try_key(struct ush_sqlite *s, const struct usher_find *what, uint64_t seq,
                   struct usher_found *out, struct usher_fault *why)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_KEY);
    ush_bind_number(stmt, 1, seq);
    ush_bind_text(stmt, 2, what->key);
    sqlite3_bind_int(stmt, 3, (int) what->by.kind);
    ush_bind_id(stmt, 4, what->by.visitor.b);
    ush_bind_name(stmt, 5, what->by.agent.s);
    struct usher_fact fact;
    int rv = ush_read_step_fact(s, stmt, &out->found, &fact, why);
    if (rv == 0 && out->found) {
        *out = (struct usher_found){true, fact.session, fact.log, fact.index, fact.digest};
    }
    ush_sqlite_rest(stmt);
    return rv;
}

/* One block of find_key. */
static int find_in(struct ush_sqlite *s, const struct usher_find *what, uint64_t block,
                   struct usher_found *out, struct usher_fault *why)
{
    struct ush_hits hits;
    int rv = ush_block_find_key(s, block, what, &hits, why);
    for (size_t i = hits.n; rv == 0 && i > 0 && !out->found; i--) {
        rv = try_key(s, what, hits.seqs[i - 1], out, why);
    }
    return rv;
}

/* The block in which this person may have used a key first: a visitor is introduced before. */
static int first_block(struct ush_sqlite *s, const struct usher_by *by, uint64_t *block,
                       struct usher_fault *why)
{
    *block = 0;
    if (by->kind != USHER_VISITOR) {
        return 0;
    }
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_VISITOR);
    ush_bind_id(stmt, 1, by->visitor.b);
    bool row = false;
    int rv = ush_read_step(s, stmt, &row, why);
    if (rv == 0 && row) {
        *block = ush_block_of((uint64_t) sqlite3_column_int64(stmt, 0));
    }
    ush_sqlite_rest(stmt);
    return rv;
}

int ush_sqlite_find_key(struct ush_sqlite *s, const struct usher_find *what,
                        struct usher_found *out, struct usher_fault *why)
{
    *out = (struct usher_found){0};
    if (what->key.len == 0) {
        return 0;
    }
    uint64_t first = 0;
    int rv = first_block(s, &what->by, &first, why);
    /* Newest first: what is repeated was mostly sent lately. */
    uint64_t end = ush_block_of(s->mark) + 1;
    while (end > first && rv == 0 && !out->found) {
        end--;
        rv = find_in(s, what, end, out, why);
    }
    return rv;
}

int ush_sqlite_find_visitor(struct ush_sqlite *s, const uint8_t token_hash[32],
                            struct usher_visitor_id *out, bool *found, struct usher_fault *why)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_TOKEN);
    ush_bind_blob(stmt, 1, (struct usher_span){token_hash, 32});
    bool row = false;
    int rv = ush_read_step(s, stmt, &row, why);
    if (rv == 0) {
        const void *id = row ? sqlite3_column_blob(stmt, 0) : NULL;
        *found = id != NULL && sqlite3_column_bytes(stmt, 0) == (int) sizeof out->b;
        if (*found) {
            memcpy(out->b, id, sizeof out->b);
        }
    }
    ush_sqlite_rest(stmt);
    return rv;
}
