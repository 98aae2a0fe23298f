/* read.c - everything that a SQLite storage is asked.
 * SPDX-License-Identifier: MIT */
#include "read.h"

#include <stdlib.h>
#include <string.h>

#include "row.h"

/* Step a statement that gives rows. *row is false at the end. */
static int step(struct ush_sqlite *s, sqlite3_stmt *stmt, bool *row, struct usher_fault *why)
{
    const int rc = sqlite3_step(stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        return ush_sqlite_fault(s, rc, "reading", why);
    }
    *row = rc == SQLITE_ROW;
    return 0;
}

/* The same for a statement whose rows are facts. */
static int step_fact(struct ush_sqlite *s, sqlite3_stmt *stmt, bool *row,
                     struct usher_fact *fact, struct usher_fault *why)
{
    int rv = step(s, stmt, row, why);
    if (rv != 0 || !*row) {
        return rv;
    }
    rv = ush_row_read(stmt, fact);
    return rv == 0 ? 0 : ush_sqlite_fail(why, rv, "reading", "a row is no fact");
}

/* Give one fact away; a reader that says no ends the reading. */
static int tell(const struct usher_fact *fact, usher_fact_fn each, void *ctx,
                struct usher_fault *why)
{
    const int rv = each(ctx, fact);
    return rv == 0 ? 0 : ush_sqlite_fail(why, rv, "reading", "the reader stopped");
}

/* All facts of a statement that is bound already. */
static int tell_all(struct ush_sqlite *s, sqlite3_stmt *stmt, usher_fact_fn each, void *ctx,
                    struct usher_fault *why)
{
    struct usher_fact fact;
    bool row = false;
    int rv = step_fact(s, stmt, &row, &fact, why);
    while (rv == 0 && row) {
        rv = tell(&fact, each, ctx, why);
        if (rv == 0) {
            rv = step_fact(s, stmt, &row, &fact, why);
        }
    }
    ush_sqlite_rest(stmt);
    return rv;
}

/* One of the two streams that make up a load. */
struct stream {
    sqlite3_stmt *stmt;
    struct usher_fact fact;
    bool row;
};

/* Visitors and agents come from all over the history, sessions from their first on: two
 * statements, each in seq order, of which the lower seq is always next. */
static int merge(struct ush_sqlite *s, struct stream two[2], usher_fact_fn each, void *ctx,
                 struct usher_fault *why)
{
    int rv = 0;
    for (int i = 0; i < 2 && rv == 0; i++) {
        rv = step_fact(s, two[i].stmt, &two[i].row, &two[i].fact, why);
    }
    while (rv == 0 && (two[0].row || two[1].row)) {
        const bool second =
            !two[0].row || (two[1].row && two[1].fact.seq < two[0].fact.seq);
        struct stream *next = &two[second];
        rv = tell(&next->fact, each, ctx, why);
        if (rv == 0) {
            rv = step_fact(s, next->stmt, &next->row, &next->fact, why);
        }
    }
    return rv;
}

int ush_sqlite_read_live(struct ush_sqlite *s, int64_t since_ms, usher_fact_fn each, void *ctx,
                         struct usher_fault *why)
{
    struct stream two[2] = {{.stmt = ush_sqlite_query(s, USH_Q_LIVE)},
                            {.stmt = ush_sqlite_query(s, USH_Q_PEOPLE)}};
    sqlite3_bind_int64(two[0].stmt, 1, since_ms);
    sqlite3_bind_int64(two[1].stmt, 1, since_ms);
    int rv = merge(s, two, each, ctx, why);
    ush_sqlite_rest(two[0].stmt);
    ush_sqlite_rest(two[1].stmt);
    return rv;
}

/* The first and the last block that may hold facts of a session; false: there is no such. */
static int blocks_of(struct ush_sqlite *s, struct usher_session_id session, bool *found,
                     uint64_t *first, uint64_t *last, struct usher_fault *why)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_SINCE);
    ush_bind_id(stmt, 1, session.b);
    int rv = step(s, stmt, found, why);
    if (rv == 0 && *found) {
        *first = (uint64_t) sqlite3_column_int64(stmt, 0) >> USH_SQLITE_BLOCK_BITS;
        *last = s->mark >> USH_SQLITE_BLOCK_BITS;
    }
    ush_sqlite_rest(stmt);
    return rv;
}

/* How much a page has taken, and whether it takes more: always one fact, if it may be one. */
struct page { uint32_t n, n_max; size_t bytes, bytes_max; };

static bool takes(struct page *page, size_t bytes)
{
    if (page->n == page->n_max) {
        return false;
    }
    if (page->n > 0 && (page->bytes >= page->bytes_max || bytes > page->bytes_max - page->bytes)) {
        return false;
    }
    page->n++;
    page->bytes += bytes;
    return true;
}

/* One block of fetch_log. *full: the page takes no more. */
static int fetch_block(struct ush_sqlite *s, sqlite3_stmt *stmt, struct page *page, bool *full,
                       usher_fact_fn each, void *ctx, struct usher_fault *why)
{
    struct usher_fact fact;
    bool row = false;
    int rv = step_fact(s, stmt, &row, &fact, why);
    while (rv == 0 && row) {
        if (!takes(page, ush_row_bytes(&fact))) {
            *full = true;
            return 0;
        }
        rv = tell(&fact, each, ctx, why);
        if (rv == 0) {
            rv = step_fact(s, stmt, &row, &fact, why);
        }
    }
    return rv;
}

static int fetch_log(struct ush_sqlite *s, const struct usher_fetch *what, uint64_t first,
                     uint64_t last, usher_fact_fn each, void *ctx, struct usher_fault *why)
{
    struct page page = {.n_max = what->facts_max, .bytes_max = what->bytes_max};
    bool full = false;
    int rv = 0;
    for (uint64_t block = first; block <= last && rv == 0 && !full; block++) {
        sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_FETCH);
        ush_bind_number(stmt, 1, block);
        ush_bind_id(stmt, 2, what->session.b);
        sqlite3_bind_int(stmt, 3, (int) what->log);
        ush_bind_number(stmt, 4, what->after);
        ush_bind_number(stmt, 5, what->before);
        rv = fetch_block(s, stmt, &page, &full, each, ctx, why);
        ush_sqlite_rest(stmt);
    }
    return rv;
}

/* Reads one log backwards, block by block: only places and lengths. */
struct walk {
    enum ush_query query;
    sqlite3_stmt *stmt;
    uint64_t first, block; /* the last block to look into; the one looked into now */
    bool row;
    uint64_t seq, place; /* place: the public index that the fact is or follows */
    size_t bytes;
};

static void walk_bind(struct ush_sqlite *s, struct walk *w, const struct usher_fetch *what)
{
    w->stmt = ush_sqlite_query(s, w->query);
    ush_bind_number(w->stmt, 1, w->block);
    ush_bind_id(w->stmt, 2, what->session.b);
    ush_bind_number(w->stmt, 3, what->after);
    ush_bind_number(w->stmt, 4, what->before);
}

static int walk_on(struct ush_sqlite *s, struct walk *w, const struct usher_fetch *what,
                   struct usher_fault *why)
{
    int rv = step(s, w->stmt, &w->row, why);
    while (rv == 0 && !w->row && w->block > w->first) {
        w->block--;
        walk_bind(s, w, what);
        rv = step(s, w->stmt, &w->row, why);
    }
    if (rv == 0 && w->row) {
        w->seq = (uint64_t) sqlite3_column_int64(w->stmt, 0);
        w->place = (uint64_t) sqlite3_column_int64(w->stmt, 1);
        w->bytes = 0;
        for (int column = USH_ROW_TEXTS; column < USH_ROW_TEXTS_END; column++) {
            w->bytes += (size_t) sqlite3_column_bytes(w->stmt, column);
        }
    }
    return rv;
}

/* The seqs of a page, newest first; they grow as they come. */
struct seqs { uint64_t *items; size_t n, size; };

static int seqs_add(struct seqs *seqs, uint64_t seq, struct usher_fault *why)
{
    if (seqs->n == seqs->size) {
        const size_t size = seqs->size == 0 ? 128 : 2 * seqs->size;
        uint64_t *items = realloc(seqs->items, size * sizeof *items);
        if (items == NULL) {
            return ush_sqlite_fail(why, USHER_EIO, "reading", "out of memory");
        }
        seqs->items = items;
        seqs->size = size;
    }
    seqs->items[seqs->n++] = seq;
    return 0;
}

static int collect(struct ush_sqlite *s, const struct usher_fetch *what, struct walk *public,
                   struct walk *internal, struct seqs *seqs, struct usher_fault *why)
{
    struct page page = {.n_max = what->facts_max, .bytes_max = what->bytes_max};
    int rv = walk_on(s, public, what, why);
    if (rv == 0) {
        rv = walk_on(s, internal, what, why);
    }
    while (rv == 0 && (public->row || internal->row)) {
        /* Backwards, an internal fact comes before the public one that it follows. */
        const bool inner = !public->row || (internal->row && internal->place >= public->place);
        struct walk *next = inner ? internal : public;
        if (!takes(&page, next->bytes)) {
            break;
        }
        rv = seqs_add(seqs, next->seq, why);
        if (rv == 0) {
            rv = walk_on(s, next, what, why);
        }
    }
    return rv;
}

static int tell_one(struct ush_sqlite *s, uint64_t seq, usher_fact_fn each, void *ctx,
                    struct usher_fault *why)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_FACT);
    ush_bind_number(stmt, 1, seq);
    return tell_all(s, stmt, each, ctx, why);
}

static int fetch_both(struct ush_sqlite *s, const struct usher_fetch *what, uint64_t first,
                      uint64_t last, usher_fact_fn each, void *ctx, struct usher_fault *why)
{
    struct walk public = {.query = USH_Q_BACK_PUBLIC, .first = first, .block = last};
    struct walk internal = {.query = USH_Q_BACK_INTERNAL, .first = first, .block = last};
    struct seqs seqs = {NULL, 0, 0};
    walk_bind(s, &public, what);
    walk_bind(s, &internal, what);
    int rv = collect(s, what, &public, &internal, &seqs, why);
    ush_sqlite_rest(public.stmt);
    ush_sqlite_rest(internal.stmt);
    for (size_t i = seqs.n; i > 0 && rv == 0; i--) {
        rv = tell_one(s, seqs.items[i - 1], each, ctx, why);
    }
    free(seqs.items);
    return rv;
}

int ush_sqlite_fetch(struct ush_sqlite *s, const struct usher_fetch *what, usher_fact_fn each,
                     void *ctx, struct usher_fault *why)
{
    uint64_t first = 0, last = 0;
    bool found = false;
    int rv = blocks_of(s, what->session, &found, &first, &last, why);
    if (rv != 0 || !found) {
        return rv;
    }
    return what->internal ? fetch_both(s, what, first, last, each, ctx, why)
                          : fetch_log(s, what, first, last, each, ctx, why);
}

int ush_sqlite_history(struct ush_sqlite *s, uint64_t after, uint32_t max, usher_fact_fn each,
                       void *ctx, struct usher_fault *why)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_HISTORY);
    ush_bind_number(stmt, 1, after);
    sqlite3_bind_int64(stmt, 2, max);
    return tell_all(s, stmt, each, ctx, why);
}

/* One block of find_key. */
static int find_in(struct ush_sqlite *s, const struct usher_find *what, uint64_t block,
                   struct usher_found *out, struct usher_fault *why)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_KEY);
    ush_bind_number(stmt, 1, block);
    sqlite3_bind_int64(stmt, 2, ush_row_key_hash(&what->by, what->key));
    ush_bind_text(stmt, 3, what->key);
    sqlite3_bind_int(stmt, 4, (int) what->by.kind);
    ush_bind_id(stmt, 5, what->by.visitor.b);
    ush_bind_name(stmt, 6, what->by.agent.s);
    int rv = step(s, stmt, &out->found, why);
    if (rv == 0 && out->found) {
        const void *session = sqlite3_column_blob(stmt, 0);
        if (session != NULL && sqlite3_column_bytes(stmt, 0) == (int) sizeof out->session.b) {
            memcpy(out->session.b, session, sizeof out->session.b);
        }
        out->log = (enum usher_log) sqlite3_column_int(stmt, 1);
        out->index = (uint64_t) sqlite3_column_int64(stmt, 2);
        out->digest = (uint64_t) sqlite3_column_int64(stmt, 3);
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
    int rv = 0;
    /* Newest first: what is repeated was mostly sent lately. */
    uint64_t blocks = (s->mark >> USH_SQLITE_BLOCK_BITS) + 1;
    while (blocks > 0 && rv == 0 && !out->found) {
        blocks--;
        rv = find_in(s, what, blocks, out, why);
    }
    return rv;
}

int ush_sqlite_find_visitor(struct ush_sqlite *s, const uint8_t token_hash[32],
                            struct usher_visitor_id *out, bool *found, struct usher_fault *why)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_TOKEN);
    ush_bind_blob(stmt, 1, (struct usher_span){token_hash, 32});
    bool row = false;
    int rv = step(s, stmt, &row, why);
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
