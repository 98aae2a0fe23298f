/* live.c - which sessions a load is about: a set of ids, asked for once a fact.
 * SPDX-License-Identifier: MIT
 *
 * SQLite could join, but would look each of millions of facts up in a tree. */
#include "live.h"

#include <stdlib.h>
#include <string.h>

#include "query.h"
#include "read.h"

/* Where this id is, or where it would be. Ids are random already; the multiplier spreads what
 * is not (Knuth, "The Art of Computer Programming", 6.4). */
static struct ush_live_id *place(const struct ush_live *live, const void *id)
{
    uint64_t word;
    memcpy(&word, id, sizeof word);
    size_t at = (size_t) (word * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (live->size - 1);
    while (live->ids[at].used && memcmp(live->ids[at].b, id, sizeof live->ids[at].b) != 0) {
        at = (at + 1) & (live->size - 1);
    }
    return &live->ids[at];
}

static bool grow(struct ush_live *live)
{
    struct ush_live more = {.size = live->size == 0 ? 64 : 2 * live->size};
    more.ids = calloc(more.size, sizeof *more.ids);
    if (more.ids == NULL) {
        return false;
    }
    for (size_t i = 0; i < live->size; i++) {
        if (live->ids[i].used) {
            *place(&more, live->ids[i].b) = live->ids[i];
        }
    }
    free(live->ids);
    live->ids = more.ids;
    live->size = more.size;
    return true;
}

static bool add(struct ush_live *live, const void *id)
{
    if (2 * live->n >= live->size && !grow(live)) {
        return false;
    }
    struct ush_live_id *at = place(live, id);
    memcpy(at->b, id, sizeof at->b);
    at->used = true;
    live->n++;
    return true;
}

int ush_live_read(struct ush_live *live, struct ush_sqlite *s, int64_t since_ms,
                  struct usher_fault *why)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_LIVE);
    bool row = false;
    *live = (struct ush_live){.first = UINT64_MAX};
    sqlite3_bind_int64(stmt, 1, since_ms);
    int rv = ush_read_step(s, stmt, &row, why);
    while (rv == 0 && row) {
        const void *id = sqlite3_column_blob(stmt, 0);
        const uint64_t first = (uint64_t) sqlite3_column_int64(stmt, 1);
        if (id == NULL || sqlite3_column_bytes(stmt, 0) != sizeof live->ids->b) {
            rv = ush_sqlite_fail(why, USHER_ECORRUPT, "reading", "a session has no id");
        } else if (!add(live, id)) {
            rv = ush_sqlite_fail(why, USHER_ENOMEM, "reading", "no memory for the live sessions");
        } else {
            live->first = first < live->first ? first : live->first;
            rv = ush_read_step(s, stmt, &row, why);
        }
    }
    ush_sqlite_rest(stmt);
    return rv;
}

bool ush_live_has(const struct ush_live *live, const void *id, size_t len)
{
    return live->n > 0 && id != NULL && len == sizeof live->ids->b && place(live, id)->used;
}

void ush_live_free(struct ush_live *live)
{
    free(live->ids);
}
