/* row.c - a fact as a row of the table `fact`, both ways.
 * SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1 /* strnlen */

#include "row.h"

#include <string.h>

/* Columns of USH_ROW. */
enum {
    C_SEQ,
    C_AT,
    C_TYPE,
    C_LOG,
    C_CAUSE,
    C_SESSION,
    C_IDX,
    C_AFTER,
    C_BY_KIND,
    C_BY_VISITOR,
    C_BY_AGENT,
    C_BY_NAME,
    C_QUEUE,
    C_AGENT,
    C_NUMBER,
    C_UNTIL,
    C_DIGEST,
    C_KEY,
    C_EMAIL,
    C_AGENT_NAME,
    C_BODY
};
_Static_assert((int) C_SESSION == (int) USH_ROW_SESSION, "others read it, too");

int ush_bind_text(sqlite3_stmt *stmt, int at, struct usher_span text)
{
    if (text.len == 0) {
        return sqlite3_bind_null(stmt, at);
    }
    return sqlite3_bind_text64(stmt, at, text.base, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

int ush_bind_blob(sqlite3_stmt *stmt, int at, struct usher_span bytes)
{
    if (bytes.len == 0) {
        return sqlite3_bind_null(stmt, at);
    }
    return sqlite3_bind_blob64(stmt, at, bytes.base, bytes.len, SQLITE_STATIC);
}

int ush_bind_id(sqlite3_stmt *stmt, int at, const uint8_t id[16])
{
    static const uint8_t none[16];
    if (memcmp(id, none, sizeof none) == 0) {
        return sqlite3_bind_null(stmt, at);
    }
    return sqlite3_bind_blob(stmt, at, id, sizeof none, SQLITE_STATIC);
}

int ush_bind_name(sqlite3_stmt *stmt, int at, const char name[USHER_ID_MAX + 1])
{
    return ush_bind_text(stmt, at, (struct usher_span){name, strnlen(name, USHER_ID_MAX)});
}

int ush_bind_number(sqlite3_stmt *stmt, int at, uint64_t number)
{
    return sqlite3_bind_int64(stmt, at, number > INT64_MAX ? INT64_MAX : (int64_t) number);
}

size_t ush_row_bytes(const struct usher_fact *fact)
{
    return fact->by.name.len + fact->agent_name.len + fact->key.len + fact->body.len +
           fact->email.len;
}

/* Binds in the order of the table. */
int ush_row_bind(sqlite3_stmt *stmt, int row, const struct usher_fact *f)
{
    const bool token = f->type == USHER_FACT_VISITOR;
    int at = row * (C_BODY + 1), rc = SQLITE_OK;
    rc |= ush_bind_number(stmt, ++at, f->seq);
    rc |= sqlite3_bind_int64(stmt, ++at, f->at_ms);
    rc |= sqlite3_bind_int(stmt, ++at, (int) f->type);
    rc |= sqlite3_bind_int(stmt, ++at, (int) f->log);
    rc |= sqlite3_bind_int(stmt, ++at, (int) f->cause);
    rc |= ush_bind_id(stmt, ++at, f->session.b);
    rc |= ush_bind_number(stmt, ++at, f->index);
    rc |= ush_bind_number(stmt, ++at, f->after);
    rc |= sqlite3_bind_int(stmt, ++at, (int) f->by.kind);
    rc |= ush_bind_id(stmt, ++at, f->by.visitor.b);
    rc |= ush_bind_name(stmt, ++at, f->by.agent.s);
    rc |= ush_bind_text(stmt, ++at, f->by.name);
    rc |= ush_bind_name(stmt, ++at, f->queue.s);
    rc |= ush_bind_name(stmt, ++at, f->agent.s);
    rc |= ush_bind_number(stmt, ++at, f->number);
    rc |= sqlite3_bind_int64(stmt, ++at, f->until_ms);
    rc |= sqlite3_bind_int64(stmt, ++at, (sqlite3_int64) f->digest);
    rc |= ush_bind_text(stmt, ++at, f->key);
    rc |= ush_bind_text(stmt, ++at, f->email);
    rc |= ush_bind_text(stmt, ++at, f->agent_name);
    rc |= token ? ush_bind_blob(stmt, ++at, f->body) : ush_bind_text(stmt, ++at, f->body);
    return rc == SQLITE_OK ? SQLITE_OK : SQLITE_ERROR;
}

static struct usher_span text_at(sqlite3_stmt *stmt, int column)
{
    /* As a blob, so that SQLite neither converts nor ends at a zero byte. */
    const void *base = sqlite3_column_blob(stmt, column);
    const int len = sqlite3_column_bytes(stmt, column);
    if (base == NULL || len <= 0) {
        return (struct usher_span){"", 0};
    }
    return (struct usher_span){base, (size_t) len};
}

/* An id of exactly 16 bytes, or none. */
static bool id_at(sqlite3_stmt *stmt, int column, uint8_t id[16])
{
    const struct usher_span span = text_at(stmt, column);
    if (span.len != 0 && span.len != 16) {
        return false;
    }
    memcpy(id, span.base, span.len);
    return true;
}

static bool name_at(sqlite3_stmt *stmt, int column, char name[USHER_ID_MAX + 1])
{
    const struct usher_span span = text_at(stmt, column);
    if (span.len > USHER_ID_MAX) {
        return false;
    }
    memcpy(name, span.base, span.len);
    return true;
}

static bool is_type(int type)
{
    return usher_fact_name((enum usher_fact_type) type)[0] != '?';
}

static bool in(int value, int first, int last)
{
    return value >= first && value <= last;
}

int ush_row_read(sqlite3_stmt *stmt, struct usher_fact *fact)
{
    const int type = sqlite3_column_int(stmt, C_TYPE);
    const int log = sqlite3_column_int(stmt, C_LOG);
    const int cause = sqlite3_column_int(stmt, C_CAUSE);
    const int kind = sqlite3_column_int(stmt, C_BY_KIND);
    if (!is_type(type) || !in(log, USHER_LOG_PUBLIC, USHER_LOG_DESK) ||
        !in(cause, USHER_CAUSE_NONE, USHER_CAUSE_NOT_READY) ||
        !in(kind, USHER_SYSTEM, USHER_BOT)) {
        return USHER_ECORRUPT;
    }
    *fact = (struct usher_fact){
        .seq = (uint64_t) sqlite3_column_int64(stmt, C_SEQ),
        .at_ms = sqlite3_column_int64(stmt, C_AT),
        .type = (enum usher_fact_type) type,
        .log = (enum usher_log) log,
        .cause = (enum usher_cause) cause,
        .index = (uint64_t) sqlite3_column_int64(stmt, C_IDX),
        .after = (uint64_t) sqlite3_column_int64(stmt, C_AFTER),
        .by.kind = (enum usher_kind) kind,
        .by.name = text_at(stmt, C_BY_NAME),
        .agent_name = text_at(stmt, C_AGENT_NAME),
        .number = (uint64_t) sqlite3_column_int64(stmt, C_NUMBER),
        .until_ms = sqlite3_column_int64(stmt, C_UNTIL),
        .digest = (uint64_t) sqlite3_column_int64(stmt, C_DIGEST),
        .key = text_at(stmt, C_KEY),
        .body = text_at(stmt, C_BODY),
        .email = text_at(stmt, C_EMAIL),
    };
    if (!id_at(stmt, C_SESSION, fact->session.b) ||
        !id_at(stmt, C_BY_VISITOR, fact->by.visitor.b) ||
        !name_at(stmt, C_BY_AGENT, fact->by.agent.s) || !name_at(stmt, C_QUEUE, fact->queue.s) ||
        !name_at(stmt, C_AGENT, fact->agent.s)) {
        return USHER_ECORRUPT;
    }
    return 0;
}
