/* fetch.c - reads the facts of one session, block by block.
 * SPDX-License-Identifier: MIT */
#include "fetch.h"

#include <stdlib.h>

#include "block.h"
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
        *first = ush_block_of((uint64_t) sqlite3_column_int64(stmt, 0));
        *last = ush_block_of(s->mark);
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

/* One fact of fetch_log, if it is of the log. *full: the page takes no more. */
static int fetch_fact(struct ush_sqlite *s, const struct usher_fetch *what, uint64_t seq,
                      struct page *page, bool *full, usher_fact_fn each, void *ctx,
                      struct usher_fault *why)
{
    struct usher_fact fact;
    bool row = false;
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_FETCH);
    ush_bind_number(stmt, 1, seq);
    ush_bind_id(stmt, 2, what->session.b);
    sqlite3_bind_int(stmt, 3, (int) what->log);
    ush_bind_number(stmt, 4, what->after);
    ush_bind_number(stmt, 5, what->before);
    int rv = ush_read_step_fact(s, stmt, &row, &fact, why);
    if (rv == 0 && row) {
        *full = !takes(page, ush_row_bytes(&fact));
        rv = *full ? 0 : ush_read_tell(&fact, each, ctx, why);
    }
    ush_sqlite_rest(stmt);
    return rv;
}

static int fetch_log(struct ush_sqlite *s, const struct usher_fetch *what, uint64_t first,
                     uint64_t last, usher_fact_fn each, void *ctx, struct usher_fault *why)
{
    struct page page = {.n_max = what->facts_max, .bytes_max = what->bytes_max};
    struct ush_hits hits;
    bool full = false;
    int rv = 0;
    for (uint64_t block = first; block <= last && rv == 0 && !full; block++) {
        rv = ush_block_find_session(s, block, what, &hits, why);
        for (size_t i = 0; i < hits.n && rv == 0 && !full; i++) {
            rv = fetch_fact(s, what, hits.seqs[i], &page, &full, each, ctx, why);
        }
    }
    return rv;
}

/* Reads one log backwards, block by block: only places and lengths. */
struct walk {
    enum ush_query query;
    const struct usher_fetch *what; /* its `after` and `before` are of the public log */
    struct usher_fetch of;          /* the same, of the log that is read */
    uint64_t first, block;          /* the last block to look into; the next one, and one more */
    struct ush_hits hits;           /* of the block before; those not looked at yet */
    bool row;
    uint64_t seq, place; /* place: the public index that the fact is or follows */
    size_t bytes;
};

/* Look at one fact. w->row: it is one of those. */
static int walk_look(struct ush_sqlite *s, struct walk *w, uint64_t seq, struct usher_fault *why)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, w->query);
    ush_bind_number(stmt, 1, seq);
    ush_bind_id(stmt, 2, w->what->session.b);
    ush_bind_number(stmt, 3, w->what->after);
    ush_bind_number(stmt, 4, w->what->before);
    if (w->query == USH_Q_BACK_INTERNAL) {
        ush_bind_number(stmt, 5, w->what->before_internal);
    }
    int rv = ush_read_step(s, stmt, &w->row, why);
    if (rv == 0 && w->row) {
        w->seq = (uint64_t) sqlite3_column_int64(stmt, 0);
        w->place = (uint64_t) sqlite3_column_int64(stmt, 1);
        w->bytes = 0;
        for (int column = USH_ROW_TEXTS; column < USH_ROW_TEXTS_END; column++) {
            w->bytes += (size_t) sqlite3_column_bytes(stmt, column);
        }
    }
    ush_sqlite_rest(stmt);
    return rv;
}

static int walk_on(struct ush_sqlite *s, struct walk *w, struct usher_fault *why)
{
    int rv = 0;
    w->row = false;
    while (rv == 0 && !w->row && (w->hits.n > 0 || w->block > w->first)) {
        if (w->hits.n > 0) {
            rv = walk_look(s, w, w->hits.seqs[--w->hits.n], why);
        } else {
            rv = ush_block_find_session(s, --w->block, &w->of, &w->hits, why);
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
    int rv = walk_on(s, public, why);
    if (rv == 0) {
        rv = walk_on(s, internal, why);
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
            rv = walk_on(s, next, why);
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
    struct walk public = {.what = what, .first = first, .block = last + 1};
    struct walk internal = {.what = what, .first = first, .block = last + 1};
    struct seqs seqs = {NULL, 0, 0};
    public.query = USH_Q_BACK_PUBLIC;
    public.of = *what;
    public.of.log = USHER_LOG_PUBLIC;
    internal.query = USH_Q_BACK_INTERNAL;
    internal.of = *what;
    internal.of.log = USHER_LOG_INTERNAL;
    internal.of.after = 0;
    internal.of.before = what->before_internal == 0 ? UINT64_MAX : what->before_internal;
    int rv = collect(s, what, &public, &internal, &seqs, why);
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
