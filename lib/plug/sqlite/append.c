/* append.c - writes a batch of facts in one transaction.
 * SPDX-License-Identifier: MIT */
#include "append.h"

#include "block.h"
#include "query.h"
#include "row.h"

static int write_opened(struct ush_sqlite *s, const struct usher_fact *fact)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_OPENED);
    int rc = SQLITE_OK;
    rc |= ush_bind_number(stmt, 1, fact->seq);
    rc |= ush_bind_id(stmt, 2, fact->session.b);
    rc |= ush_bind_id(stmt, 3, fact->by.visitor.b);
    rc |= ush_bind_text(stmt, 4, fact->by.name);
    rc |= ush_bind_text(stmt, 5, fact->email);
    rc |= ush_bind_name(stmt, 6, fact->queue.s);
    rc |= sqlite3_bind_int64(stmt, 7, fact->at_ms);
    return rc == SQLITE_OK ? ush_sqlite_run(stmt) : SQLITE_NOMEM;
}

static int write_joined(struct ush_sqlite *s, const struct usher_fact *fact)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_JOINED);
    int rc = SQLITE_OK;
    rc |= ush_bind_id(stmt, 1, fact->session.b);
    rc |= ush_bind_name(stmt, 2, fact->by.agent.s);
    rc |= ush_bind_text(stmt, 3, fact->by.name);
    return rc == SQLITE_OK ? ush_sqlite_run(stmt) : SQLITE_NOMEM;
}

/* `how` it came to wait: reopened, or otherwise. */
static int write_waits(struct ush_sqlite *s, const struct usher_fact *fact, enum ush_query how)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, how);
    int rc = SQLITE_OK;
    rc |= ush_bind_id(stmt, 1, fact->session.b);
    rc |= ush_bind_name(stmt, 2, fact->queue.s);
    return rc == SQLITE_OK ? ush_sqlite_run(stmt) : SQLITE_NOMEM;
}

static int write_closed(struct ush_sqlite *s, const struct usher_fact *fact)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_CLOSED);
    int rc = SQLITE_OK;
    rc |= ush_bind_id(stmt, 1, fact->session.b);
    rc |= sqlite3_bind_int64(stmt, 2, fact->at_ms);
    rc |= sqlite3_bind_int(stmt, 3, (int) fact->cause);
    return rc == SQLITE_OK ? ush_sqlite_run(stmt) : SQLITE_NOMEM;
}

static int write_visitor(struct ush_sqlite *s, const struct usher_fact *fact)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_VISITOR_NEW);
    int rc = SQLITE_OK;
    rc |= ush_bind_number(stmt, 1, fact->seq);
    rc |= ush_bind_id(stmt, 2, fact->by.visitor.b);
    rc |= ush_bind_blob(stmt, 3, fact->body);
    return rc == SQLITE_OK ? ush_sqlite_run(stmt) : SQLITE_NOMEM;
}

static int write_agent(struct ush_sqlite *s, const struct usher_fact *fact)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, USH_Q_AGENT_LAST);
    int rc = SQLITE_OK;
    rc |= ush_bind_name(stmt, 1, fact->agent.s);
    rc |= ush_bind_number(stmt, 2, fact->seq);
    return rc == SQLITE_OK ? ush_sqlite_run(stmt) : SQLITE_NOMEM;
}

/* The row of the session or the person, where the fact changes it. What is merely said changes
 * nothing, so that the many facts of a busy desk touch no page but the last. */
static int write_others(struct ush_sqlite *s, const struct usher_fact *fact)
{
    switch (fact->type) {
    case USHER_FACT_OPENED:
        return write_opened(s, fact);
    case USHER_FACT_JOINED:
        return write_joined(s, fact);
    case USHER_FACT_LEFT:
    case USHER_FACT_MOVED:
        return write_waits(s, fact, USH_Q_WAITS);
    case USHER_FACT_REOPENED:
        return write_waits(s, fact, USH_Q_REOPENED);
    case USHER_FACT_CLOSED:
        return write_closed(s, fact);
    case USHER_FACT_VISITOR:
        return write_visitor(s, fact);
    case USHER_FACT_AGENT:
        return write_agent(s, fact);
    case USHER_FACT_SAID:
    case USHER_FACT_SEEN:
    case USHER_FACT_WHISPERED:
    case USHER_FACT_VISITED:
    case USHER_FACT_ESCALATED:
    case USHER_FACT_OFFERED:
    case USHER_FACT_OFFER_OVER:
        break;
    }
    return SQLITE_OK;
}

/* The rows of n facts, in one statement: USH_ROWS_MANY of them, or one. */
static int write_rows(struct ush_sqlite *s, const struct usher_fact *facts, size_t n)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, n == 1 ? USH_Q_INSERT : USH_Q_INSERT_MANY);
    for (size_t i = 0; i < n; i++) {
        if (ush_row_bind(stmt, (int) i, &facts[i]) != SQLITE_OK) {
            return SQLITE_NOMEM;
        }
    }
    return ush_sqlite_run(stmt);
}

static int write_batch(struct ush_sqlite *s, const struct usher_batch *batch)
{
    int rc = SQLITE_OK;
    size_t rows = 0;
    for (size_t i = 0; i < batch->n && rc == SQLITE_OK; i++) {
        const struct usher_fact *fact = &batch->facts[i];
        if (i == rows) {
            const size_t n = batch->n - i < USH_ROWS_MANY ? 1 : USH_ROWS_MANY;
            rc = write_rows(s, fact, n);
            rows += n;
        }
        if (rc == SQLITE_OK) {
            rc = write_others(s, fact);
        }
        if (rc == SQLITE_OK) {
            rc = ush_block_add(s, fact);
        }
    }
    return rc == SQLITE_OK ? ush_sqlite_run(ush_sqlite_query(s, USH_Q_COMMIT)) : rc;
}

static bool continues(const struct ush_sqlite *s, const struct usher_batch *batch)
{
    if (batch->first != s->mark + 1 || batch->n > INT64_MAX - batch->first) {
        return false;
    }
    for (size_t i = 0; i < batch->n; i++) {
        if (batch->facts[i].seq != batch->first + i) {
            return false;
        }
    }
    return true;
}

int ush_sqlite_append(struct ush_sqlite *s, const struct usher_batch *batch,
                      struct usher_fault *why)
{
    int rv = ush_sqlite_ready(s, why);
    if (rv != 0) {
        return rv;
    }
    if (!continues(s, batch)) {
        return ush_sqlite_fail(why, USHER_EINVAL, "append",
                               "the batch does not continue the history");
    }
    if (batch->n == 0) {
        return 0;
    }
    int rc = ush_sqlite_run(ush_sqlite_query(s, USH_Q_BEGIN));
    if ((rc & 0xff) == SQLITE_BUSY) {
        return ush_sqlite_fault(s, rc, "append", why);
    }
    if (rc == SQLITE_OK) {
        rc = write_batch(s, batch);
    }
    if (rc == SQLITE_OK) {
        s->mark = batch->first + batch->n - 1;
        return 0;
    }
    if ((rc & 0xff) == SQLITE_CONSTRAINT) {
        rv = ush_sqlite_fail(why, USHER_EINVAL, "append",
                             "a session is opened twice, or has no id");
    } else {
        rv = ush_sqlite_fault(s, rc, "append", why);
    }
    /* Whatever it was, the connection has seen it: the next call begins with a new one. */
    ush_sqlite_drop(s);
    return rv;
}
