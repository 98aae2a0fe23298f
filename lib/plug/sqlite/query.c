/* query.c - the statements of a SQLite storage: each prepared once, all of them here.
 * SPDX-License-Identifier: MIT */
#include "query.h"

#include "row.h"

/* USH_ROWS_MANY of them. */
#define LAST_ROW "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
#define ROW LAST_ROW ","

static const char *const texts[USH_Q_COUNT] = {
    [USH_Q_BEGIN] = "BEGIN IMMEDIATE",
    [USH_Q_COMMIT] = "COMMIT",
    [USH_Q_ROLLBACK] = "ROLLBACK",
    [USH_Q_EPOCH] = "SELECT epoch FROM desk WHERE one = 1",
    [USH_Q_MARK] = "SELECT max(seq) FROM fact",
    [USH_Q_INSERT] =
        "INSERT INTO fact VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,"
        " ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
    [USH_Q_INSERT_MANY] = "INSERT INTO fact VALUES " ROW ROW ROW ROW ROW ROW ROW LAST_ROW,
    [USH_Q_BLOCK_FULL] = "INSERT INTO block VALUES (?1, ?2, ?3, ?4)",
    [USH_Q_VISITOR_NEW] = "INSERT INTO visitor VALUES (?1, ?2, ?3)",
    [USH_Q_AGENT_LAST] = "INSERT OR REPLACE INTO agent VALUES (?1, ?2)",
    [USH_Q_OPENED] =
        "INSERT INTO session (first, id, visitor, name, email, state, queue, opened_ms)"
        " VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?7)",
    [USH_Q_JOINED] =
        "UPDATE session SET state = 'active', agent = ?2, agent_name = ?3"
        " WHERE id = ?1 AND closed_ms IS NULL",
    [USH_Q_WAITS] =
        "UPDATE session SET state = 'waiting', queue = coalesce(?2, queue), agent = NULL,"
        " agent_name = NULL WHERE id = ?1 AND closed_ms IS NULL",
    [USH_Q_REOPENED] =
        "UPDATE session SET state = 'waiting', queue = coalesce(?2, queue), agent = NULL,"
        " agent_name = NULL, closed_ms = NULL, closed_cause = NULL WHERE id = ?1",
    [USH_Q_CLOSED] =
        "UPDATE session SET state = 'closed', closed_ms = ?2, closed_cause = ?3 WHERE id = ?1",
    [USH_Q_LIVE] = "SELECT id, first FROM session WHERE closed_ms IS NULL OR closed_ms >= ?1",
    [USH_Q_FROM] =
        "SELECT " USH_ROW_SHORT ", NULL, CASE type WHEN 1 THEN body END"
        " FROM fact NOT INDEXED WHERE seq >= ?1 ORDER BY seq",
    [USH_Q_PEOPLE] =
        "SELECT " USH_ROW " FROM fact WHERE seq IN ("
        " SELECT v.seq FROM session s CROSS JOIN visitor v INDEXED BY visitor_id"
        "  ON v.id = s.visitor WHERE s.closed_ms IS NULL OR s.closed_ms >= ?1"
        " UNION SELECT last FROM agent)"
        " ORDER BY seq",
    [USH_Q_SINCE] = "SELECT first FROM session WHERE id = ?1",
    [USH_Q_BLOCK_SESSIONS] = "SELECT sessions, places FROM block WHERE block = ?1",
    [USH_Q_BLOCK_KEYS] = "SELECT keys FROM block WHERE block = ?1",
    [USH_Q_FETCH] =
        "SELECT " USH_ROW " FROM fact"
        " WHERE seq = ?1 AND session = ?2 AND log = ?3 AND idx > ?4 AND idx < ?5",
    [USH_Q_BACK_PUBLIC] =
        "SELECT seq, idx, by_name, key, email, agent_name, body FROM fact"
        " WHERE seq = ?1 AND session = ?2 AND log = 1 AND idx > ?3 AND idx < ?4",
    [USH_Q_BACK_INTERNAL] =
        "SELECT seq, after_idx, by_name, key, email, agent_name, body FROM fact"
        " WHERE seq = ?1 AND session = ?2 AND log = 2 AND after_idx > ?3 AND after_idx < ?4"
        " AND (?5 = 0 OR idx < ?5)",
    [USH_Q_FACT] = "SELECT " USH_ROW " FROM fact WHERE seq = ?1",
    [USH_Q_HISTORY] = "SELECT " USH_ROW " FROM fact WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    [USH_Q_KEY] =
        "SELECT " USH_ROW " FROM fact WHERE seq = ?1 AND key = ?2 AND by_kind = ?3"
        " AND CASE by_kind WHEN 1 THEN by_visitor = ?4 ELSE by_agent = ?5 END",
    [USH_Q_VISITOR] = "SELECT seq FROM visitor WHERE id = ?1",
    [USH_Q_TOKEN] = "SELECT id FROM visitor WHERE token = ?1",
};

int ush_sqlite_prepare(struct ush_sqlite *s, struct usher_fault *why)
{
    for (int i = 0; i < USH_Q_COUNT; i++) {
        int rc = sqlite3_prepare_v3(s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                    &s->queries[i], NULL);
        if (rc == SQLITE_ERROR) {
            /* A table or an index is not what this version of the schema says. */
            return ush_sqlite_fail(why, USHER_ECORRUPT, s->path, sqlite3_errmsg(s->db));
        }
        if (rc != SQLITE_OK) {
            return ush_sqlite_fault(s, rc, s->path, why);
        }
    }
    return 0;
}

void ush_sqlite_unprepare(struct ush_sqlite *s)
{
    for (int i = 0; i < USH_Q_COUNT; i++) {
        sqlite3_finalize(s->queries[i]);
        s->queries[i] = NULL;
    }
}

sqlite3_stmt *ush_sqlite_query(struct ush_sqlite *s, enum ush_query query)
{
    sqlite3_stmt *stmt = s->queries[query];
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return stmt;
}

int ush_sqlite_run(sqlite3_stmt *stmt)
{
    sqlite3_step(stmt);
    return sqlite3_reset(stmt);
}

void ush_sqlite_rest(sqlite3_stmt *stmt)
{
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
}
