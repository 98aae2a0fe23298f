/* relay_store.c - the least that keeps a message: a row with its number, session, key and text.
 * SPDX-License-Identifier: MIT */
#include "relay_store.h"

#include "say.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

struct relay_store {
    sqlite3 *db;
    sqlite3_stmt *begin, *put, *commit;
    sqlite3_int64 seq;
};

static void need(struct relay_store *s, int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_DONE) {
        fprintf(stderr, "relay: %s\n", sqlite3_errmsg(s->db));
        exit(1);
    }
}

struct relay_store *relay_store_open(const char *path)
{
    static const char setup[] =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384;"
        "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 65536000;"
        "PRAGMA temp_store = MEMORY;"
        "CREATE TABLE message (seq INTEGER PRIMARY KEY, session TEXT, key TEXT, body TEXT);";
    struct relay_store *s = calloc(1, sizeof *s);

    if (s == NULL) {
        exit(1);
    }
    need(s,
         sqlite3_open_v2(path, &s->db,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL));
    need(s, sqlite3_exec(s->db, setup, NULL, NULL, NULL));
    need(s, sqlite3_prepare_v2(s->db, "BEGIN IMMEDIATE", -1, &s->begin, NULL));
    need(s, sqlite3_prepare_v2(s->db, "INSERT INTO message VALUES (?1, ?2, ?3, ?4)", -1, &s->put,
                               NULL));
    need(s, sqlite3_prepare_v2(s->db, "COMMIT", -1, &s->commit, NULL));
    return s;
}

static void run(struct relay_store *s, sqlite3_stmt *stmt)
{
    need(s, sqlite3_step(stmt));
    need(s, sqlite3_reset(stmt));
}

void relay_store_begin(struct relay_store *s)
{
    run(s, s->begin);
}

void relay_store_put(struct relay_store *s, const char *frame, size_t len)
{
    if (len < SAY_LEN) {
        return;
    }
    sqlite3_bind_int64(s->put, 1, ++s->seq);
    sqlite3_bind_text(s->put, 2, frame + SAY_SESSION_AT, SAY_ID, SQLITE_STATIC);
    sqlite3_bind_text(s->put, 3, frame + SAY_KEY_AT, SAY_ID, SQLITE_STATIC);
    sqlite3_bind_text(s->put, 4, frame + SAY_BODY_AT, SAY_TEXT, SQLITE_STATIC);
    run(s, s->put);
}

void relay_store_commit(struct relay_store *s)
{
    run(s, s->commit);
}
