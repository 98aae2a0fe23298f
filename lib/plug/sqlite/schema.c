/* schema.c - the tables and views of a store, and how an old one becomes a new one.
 * SPDX-License-Identifier: MIT
 *
 * docs/storage-sqlite.md explains all of it to shop owners. A schema that was
 * released is never changed: write the next step, and raise USH_SCHEMA_VERSION. */
#include "schema.h"

#include <stddef.h>

/* `fact` is the truth and only grows at its end; nothing that is said touches another
 * table. What leads to the facts of a session, and to a key, is a row of `block` for
 * each 1,024 facts (block.h). Visitors and agents are few beside what is said, and have
 * tables of their own: an index over some rows of `fact` would cost each row. */
static const char facts[] =
    "CREATE TABLE desk (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL);"
    "CREATE TABLE fact ("
    " seq INTEGER PRIMARY KEY,"
    " at_ms INTEGER NOT NULL,"
    " type INTEGER NOT NULL,"
    " log INTEGER NOT NULL,"
    " cause INTEGER NOT NULL,"
    " session BLOB,"
    " idx INTEGER NOT NULL,"
    " after_idx INTEGER NOT NULL,"
    " by_kind INTEGER NOT NULL,"
    " by_visitor BLOB,"
    " by_agent TEXT,"
    " by_name TEXT,"
    " queue TEXT,"
    " agent TEXT,"
    " number INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL,"
    " digest INTEGER NOT NULL,"
    " key TEXT,"
    " email TEXT,"
    " agent_name TEXT,"
    " body);"
    "CREATE TABLE block ("
    " block INTEGER PRIMARY KEY,"
    " sessions BLOB NOT NULL,"
    " places BLOB NOT NULL,"
    " keys BLOB NOT NULL);"
    /* Where each visitor was introduced, and the last that was said of each agent. */
    "CREATE TABLE visitor (seq INTEGER PRIMARY KEY, id BLOB, token BLOB);"
    "CREATE INDEX visitor_id ON visitor (id);"
    "CREATE INDEX visitor_token ON visitor (token);"
    "CREATE TABLE agent (id TEXT UNIQUE, last INTEGER NOT NULL);"
    /* What the facts add up to; `first` is the seq of OPENED. */
    "CREATE TABLE session ("
    " first INTEGER PRIMARY KEY,"
    " id BLOB NOT NULL UNIQUE,"
    " visitor BLOB,"
    " name TEXT,"
    " email TEXT,"
    " state TEXT NOT NULL,"
    " queue TEXT,"
    " agent TEXT,"
    " agent_name TEXT,"
    " opened_ms INTEGER NOT NULL,"
    " closed_ms INTEGER,"
    " closed_cause INTEGER);";

#define ISO(ms) " strftime('%Y-%m-%dT%H:%M:%fZ', " ms " / 1000.0, 'unixepoch')"
#define HEX(id) " nullif(lower(hex(" id ")), '')"
#define BY                                                                                    \
    " CASE by_kind WHEN 0 THEN 'system' WHEN 1 THEN 'visitor' WHEN 2 THEN 'agent'"            \
    "  WHEN 3 THEN 'bot' END AS by_kind,"                                                     \
    " coalesce(by_agent, " HEX("by_visitor") ") AS by_id,"                                    \
    " by_name,"
#define LOG " CASE log WHEN 1 THEN 'public' WHEN 2 THEN 'internal' ELSE 'desk' END AS log,"
#define CAUSE(cause)                                                                          \
    " CASE " cause " WHEN 1 THEN 'asked' WHEN 2 THEN 'missed' WHEN 3 THEN 'declined'"         \
    "  WHEN 4 THEN 'lost' WHEN 5 THEN 'abandoned' WHEN 6 THEN 'gone' WHEN 7 THEN 'restart'"   \
    "  WHEN 8 THEN 'not_ready' WHEN 9 THEN 'waited' WHEN 10 THEN 'taken' END"

/* For people with the sqlite3 shell. */
static const char views[] =
    "CREATE VIEW facts AS SELECT"
    " seq," ISO("at_ms") " AS at, at_ms,"
    " CASE type WHEN 1 THEN 'opened' WHEN 2 THEN 'joined' WHEN 3 THEN 'left' WHEN 4 THEN 'said'"
    "  WHEN 5 THEN 'whispered' WHEN 6 THEN 'seen' WHEN 7 THEN 'moved' WHEN 8 THEN 'closed'"
    "  WHEN 9 THEN 'reopened' WHEN 10 THEN 'visited' WHEN 11 THEN 'escalated'"
    "  WHEN 32 THEN 'visitor' WHEN 33 THEN 'agent'"
    "  WHEN 34 THEN 'offered' WHEN 35 THEN 'offer_over' END AS type,"
    LOG HEX("session") " AS session, idx, after_idx," BY
    " queue, agent, agent_name," CAUSE("cause") " AS cause, number,"
    " CASE type WHEN 34 THEN" ISO("until_ms") " END AS until, until_ms, key, email,"
    " CASE type WHEN 32 THEN NULL ELSE body END AS body" /* no hash of a token */
    " FROM fact;"
    "CREATE VIEW messages AS SELECT"
    " seq," HEX("session") " AS session," LOG " idx," ISO("at_ms") " AS at, at_ms," BY
    " body FROM fact WHERE type IN (4, 5);"
    "CREATE VIEW sessions AS SELECT"
    HEX("id") " AS session, state, queue, agent, agent_name," HEX("visitor") " AS visitor,"
    " name, email,"
    ISO("opened_ms") " AS opened_at, opened_ms,"
    ISO("closed_ms") " AS closed_at, closed_ms,"
    CAUSE("closed_cause") " AS closed_why, first AS seq"
    " FROM session;"
    "CREATE VIEW visitors AS SELECT"
    HEX("v.id") " AS visitor, s.name AS name, s.email AS email,"
    ISO("f.at_ms") " AS first_at, f.at_ms AS first_ms,"
    " count(s.first) AS sessions,"
    ISO("max(s.opened_ms)") " AS last_at, max(s.opened_ms) AS last_ms, v.seq AS seq"
    " FROM visitor v JOIN fact f ON f.seq = v.seq LEFT JOIN session s ON s.visitor = v.id"
    " GROUP BY v.seq;";

/* The first makes a store of version USH_SCHEMA_FIRST, each other the next version of it. */
static const char *const steps[USH_SCHEMA_VERSION - USH_SCHEMA_FIRST + 1][4] = {
    {facts, views, "PRAGMA application_id = 1970497650; PRAGMA user_version = 2;", NULL},
};

static int write_epoch(sqlite3 *db, uint64_t epoch)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, "INSERT INTO desk (one, epoch) VALUES (1, ?1)", -1, &stmt,
                                NULL);
    if (rc != SQLITE_OK) {
        return rc;
    }
    sqlite3_bind_int64(stmt, 1, (sqlite3_int64) epoch);
    sqlite3_step(stmt);
    return sqlite3_finalize(stmt);
}

static int climb(sqlite3 *db, int version, uint64_t epoch)
{
    const int done = version == 0 ? 0 : version - USH_SCHEMA_FIRST + 1;
    for (int i = done; i <= USH_SCHEMA_VERSION - USH_SCHEMA_FIRST; i++) {
        for (const char *const *sql = steps[i]; *sql != NULL; sql++) {
            int rc = sqlite3_exec(db, *sql, NULL, NULL, NULL);
            if (rc != SQLITE_OK) {
                return rc;
            }
        }
    }
    return version == 0 ? write_epoch(db, epoch) : SQLITE_OK;
}

int ush_schema_upgrade(sqlite3 *db, int version, uint64_t epoch)
{
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK) {
        return rc;
    }
    rc = climb(db, version, epoch);
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK) {
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    return rc;
}
