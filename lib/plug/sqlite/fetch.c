/* fetch.c - reads the facts of one session, block by block.
 * SPDX-License-Identifier: MIT */
#include "fetch.h"

#include <stdlib.h>

#include "query.h"
#include "read.h"
#include "row.h"

/* The first and the last block that may hold facts of a session; false: there is no such. */
static int blocks_of(struct ush_sqlite *s, struct usher_session_id session, bool *found,
                     uint64_t *first, uint64_t *last, struct usher_fault *why)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_SINCE);
    ush_bind_id(stmt, 1, session.b);
    int rv = ush_read_step(s, stmt, found, why);
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
    const size_t sum = page->bytes + bytes;
    if (page->n == page->n_max || (page->n > 0 && sum > page->bytes_max)) {
        return false;
    }
    page->n++;
    page->bytes = sum;
    return true;
}

/* One block of fetch_log. *full: the page takes no more. */
static int fetch_block(struct ush_sqlite *s, sqlite3_stmt *stmt, struct page *page, bool *full,
                       usher_fact_fn each, void *ctx, struct usher_fault *why)
{
    struct usher_fact fact;
    bool row = false;
    int rv = ush_read_step_fact(s, stmt, &row, &fact, why);
    while (rv == 0 && row) {
        if (!takes(page, ush_row_bytes(&fact))) {
            *full = true;
            return 0;
        }
        rv = ush_read_tell(&fact, each, ctx, why);
        if (rv == 0) {
            rv = ush_read_step_fact(s, stmt, &row, &fact, why);
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
    if (w->query == USH_Q_BACK_INTERNAL) {
        ush_bind_number(w->stmt, 5, what->before_internal);
    }
}

static int walk_on(struct ush_sqlite *s, struct walk *w, const struct usher_fetch *what,
                   struct usher_fault *why)
{
    int rv = ush_read_step(s, w->stmt, &w->row, why);
    while (rv == 0 && !w->row && w->block > w->first) {
        w->block--;
        walk_bind(s, w, what);
        rv = ush_read_step(s, w->stmt, &w->row, why);
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
    return ush_read_tell_all(s, stmt, each, ctx, why);
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
