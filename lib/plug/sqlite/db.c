/* db.c - the connection of a SQLite storage: how it is opened, guarded and given up.
 * SPDX-License-Identifier: MIT */
#include "db.h"

#include <stdio.h>
#include <string.h>

#include "block.h"
#include "file.h"
#include "query.h"
#include "schema.h"
#include "wal.h"

enum {
    BUSY_MS = 2000,          /* how long a shop owner's own statement may keep us waiting */
    PAGE_BYTES = 8192,       /* of a new file: half as many pages to write for a busy desk */
    CHECKPOINT_PAGES = 2000, /* 16 MB: the last pages are written often, and copied once */
    CACHE_KIB = 16384,
    FACT_BYTES_MIN = 22      /* a row has as many columns, and a byte of header for each */
};

int ush_sqlite_fail(struct usher_fault *why, int err, const char *what, const char *text)
{
    why->err = err;
    snprintf(why->text, sizeof why->text, "sqlite: %.64s: %s", what, text);
    return err;
}

int ush_sqlite_fault(struct ush_sqlite *s, int rc, const char *what, struct usher_fault *why)
{
    const int primary = rc & 0xff;
    const int err =
        primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ? USHER_ECORRUPT : USHER_EIO;
    const bool outside = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
    const int cause = outside && s->db != NULL ? sqlite3_system_errno(s->db) : 0;
    const bool known = s->db != NULL && sqlite3_extended_errcode(s->db) == rc;
    const char *message = known ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc);
    char text[84];
    if (cause == 0) {
        snprintf(text, sizeof text, "%s (%d)", message, rc);
    } else {
        snprintf(text, sizeof text, "%s (%d, %s)", message, rc, strerror(cause));
    }
    return ush_sqlite_fail(why, err, what, text);
}

void ush_sqlite_drop(struct ush_sqlite *s)
{
    ush_sqlite_unprepare(s);
    sqlite3_close(s->db);
    s->db = NULL;
}

/* What must hold before the first byte of the file is believed, or written. */
static int guard(sqlite3 *db)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, BUSY_MS);
    int rc = SQLITE_OK;
    /* Only an orderly close copies the log into the file: not a refusal, and not a fault,
     * after which what the log holds must be looked at anew. */
    rc |= sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    rc |= sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    rc |= sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    rc |= sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    rc |= sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    rc |= sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    if (rc != SQLITE_OK) {
        return rc;
    }
    return sqlite3_exec(db,
                        "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;"
                        "PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON;",
                        NULL, NULL, NULL);
}

/* The one number that sql gives; NULL counts as 0. */
static int number(sqlite3 *db, const char *sql, sqlite3_int64 *out)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        *out = sqlite3_column_int64(stmt, 0);
    }
    return sqlite3_finalize(stmt);
}

/* What is this file, now that its log is read too? *version is 0 for an empty one. */
static int identify(struct ush_sqlite *s, int *version, struct usher_fault *why)
{
    sqlite3_int64 application = 0, theirs = 0, tables = 0;
    int rc = number(s->db, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK) {
        rc = number(s->db, "PRAGMA user_version", &theirs);
    }
    if (rc == SQLITE_OK) {
        rc = number(s->db, "SELECT count(*) FROM sqlite_schema", &tables);
    }
    if (rc != SQLITE_OK) {
        return ush_sqlite_fault(s, rc, s->path, why);
    }
    if (application == 0 && theirs == 0 && tables == 0) {
        *version = 0;
        return 0;
    }
    if (application != USH_SQLITE_APPLICATION || theirs < 1) {
        return ush_sqlite_fail(why, USHER_ECORRUPT, s->path, "a database of another program");
    }
    if (theirs < USH_SCHEMA_FIRST) {
        return ush_sqlite_fail(why, USHER_ECORRUPT, s->path, "made before the first release");
    }
    if (theirs > USH_SCHEMA_VERSION) {
        return ush_sqlite_fail(why, USHER_ECORRUPT, s->path, "made by a newer usher");
    }
    *version = (int) theirs;
    return 0;
}

/* Full durability, and a log beside the file so that others can read meanwhile. */
static int settle(struct ush_sqlite *s, struct usher_fault *why)
{
    sqlite3_stmt *stmt = NULL;
    bool wal = false;
    int rc = sqlite3_prepare_v2(s->db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        if (sqlite3_step(stmt) == SQLITE_ROW) {
            const unsigned char *mode = sqlite3_column_text(stmt, 0);
            wal = mode != NULL && memcmp(mode, "wal", sizeof "wal") == 0;
        }
        rc = sqlite3_finalize(stmt);
    }
    if (rc == SQLITE_OK && !wal) {
        return ush_sqlite_fail(why, USHER_EIO, s->path, "write-ahead logging is not possible here");
    }
    char sql[128];
    snprintf(sql, sizeof sql,
             "PRAGMA synchronous = FULL; PRAGMA cache_size = -%d; PRAGMA journal_size_limit = %d",
             CACHE_KIB, 4 * CHECKPOINT_PAGES * PAGE_BYTES);
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK) {
        rc = sqlite3_wal_autocheckpoint(s->db, CHECKPOINT_PAGES);
    }
    return rc == SQLITE_OK ? 0 : ush_sqlite_fault(s, rc, s->path, why);
}

static int read_number(struct ush_sqlite *s, enum ush_query query, uint64_t *out)
{
    sqlite3_stmt *stmt = ush_sqlite_query(s, query);
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        *out = (uint64_t) sqlite3_column_int64(stmt, 0);
    }
    return sqlite3_reset(stmt);
}

static int read_state(struct ush_sqlite *s, struct usher_fault *why)
{
    uint64_t epoch = 0, mark = 0;
    sqlite3_int64 pages = 0, page_size = 0;
    int rc = read_number(s, USH_Q_EPOCH, &epoch);
    if (rc == SQLITE_OK) {
        rc = read_number(s, USH_Q_MARK, &mark);
    }
    if (rc == SQLITE_OK) {
        rc = number(s->db, "PRAGMA page_count", &pages);
    }
    if (rc == SQLITE_OK) {
        rc = number(s->db, "PRAGMA page_size", &page_size);
    }
    if (rc != SQLITE_OK) {
        return ush_sqlite_fault(s, rc, s->path, why);
    }
    /* One damaged seq must not send us through billions of blocks that are not there. */
    if (mark > (uint64_t) pages * (uint64_t) page_size / FACT_BYTES_MIN) {
        return ush_sqlite_fail(why, USHER_ECORRUPT, s->path, "more facts than fit into the file");
    }
    if (epoch == 0 || (s->epoch != 0 && epoch != s->epoch)) {
        return ush_sqlite_fail(why, USHER_ECORRUPT, s->path, "the epoch is missing or another");
    }
    if (mark < s->mark) {
        return ush_sqlite_fail(why, USHER_ECORRUPT, s->path, "facts that were durable are gone");
    }
    s->epoch = epoch;
    s->mark = mark;
    return ush_block_read_last(s, why);
}

/* Nothing is told to anybody that a power loss could take back: see wal.c. */
static int make_durable(struct ush_sqlite *s, struct usher_fault *why)
{
    int rc = ush_sqlite_run(ush_sqlite_query(s, USH_Q_BEGIN));
    if (rc == SQLITE_OK) {
        rc = ush_wal_rewrite(s->db);
    }
    if (rc == SQLITE_OK) {
        rc = ush_sqlite_run(ush_sqlite_query(s, USH_Q_ROLLBACK));
    }
    return rc == SQLITE_OK ? 0 : ush_sqlite_fault(s, rc, "recovery", why);
}

static int bring_up(struct ush_sqlite *s, uint64_t epoch, struct usher_fault *why)
{
    if (sqlite3_db_readonly(s->db, "main") != 0) {
        return ush_sqlite_fail(why, USHER_EIO, s->path, "it may not be written");
    }
    int rc = guard(s->db);
    if (rc != SQLITE_OK) {
        return ush_sqlite_fault(s, rc, s->path, why);
    }
    int version = 0;
    int rv = identify(s, &version, why);
    if (rv != 0) {
        return rv;
    }
    if (version == 0 && epoch == 0) {
        return ush_sqlite_fail(why, USHER_ECORRUPT, s->path, "the store is gone");
    }
    if (version == 0) {
        char sql[32];
        snprintf(sql, sizeof sql, "PRAGMA page_size = %d", PAGE_BYTES);
        rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
        if (rc != SQLITE_OK) {
            return ush_sqlite_fault(s, rc, s->path, why);
        }
    }
    if (version < USH_SCHEMA_VERSION) {
        rc = ush_schema_upgrade(s->db, version, epoch);
        if (rc != SQLITE_OK) {
            return ush_sqlite_fault(s, rc, s->path, why);
        }
    }
    rv = settle(s, why);
    if (rv == 0) {
        rv = ush_sqlite_prepare(s, why);
    }
    if (rv == 0) {
        rv = make_durable(s, why);
    }
    return rv == 0 ? read_state(s, why) : rv;
}

int ush_sqlite_connect(struct ush_sqlite *s, uint64_t epoch, struct usher_fault *why)
{
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    int rc = sqlite3_open_v2(s->path, &s->db, flags, NULL);
    int rv = rc == SQLITE_OK ? bring_up(s, epoch, why) : ush_sqlite_fault(s, rc, s->path, why);
    if (rv != 0) {
        ush_sqlite_drop(s);
    }
    return rv;
}

int ush_sqlite_ready(struct ush_sqlite *s, struct usher_fault *why)
{
    if (s->db != NULL) {
        return 0;
    }
    if (s->epoch == 0) {
        return ush_sqlite_fail(why, USHER_ESTATE, s->given, "not loaded");
    }
    return ush_sqlite_connect(s, 0, why);
}
