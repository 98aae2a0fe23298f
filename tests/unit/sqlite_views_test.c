/* sqlite_views_test.c - what a shop owner sees with the sqlite3 shell, while the desk runs.
 * SPDX-License-Identifier: MIT */
#include "sqlite_place.h"

#include <sqlite3.h>

static struct ush_place place;
static struct usher_storage *store;
static sqlite3 *shell; /* another connection, as the shell's would be */

static int setup(void **state)
{
    (void) state;
    ush_place_make(&place);
    store = ush_store_loaded(place.path);
    assert_int_equal(sqlite3_open_v2(place.path, &shell, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    /* The strictest reader: a view that needs trust would fail. */
    assert_int_equal(sqlite3_db_config(shell, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL), SQLITE_OK);
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    sqlite3_close(shell);
    store->ops->close(store);
    ush_place_remove(&place);
    return 0;
}

static struct usher_span span(const char *text)
{
    return (struct usher_span){text, strlen(text)};
}

/* Appends one fact with the next seq. */
static void happen(struct usher_fact fact)
{
    struct usher_fault why = {0};
    uint64_t mark = 0;
    assert_int_equal(store->ops->mark(store, &mark, &why), 0);
    fact.seq = mark + 1;
    if (fact.at_ms == 0) {
        fact.at_ms = INT64_C(1790000000123);
    }
    const struct usher_batch batch = {.first = fact.seq, .n = 1, .facts = &fact};
    assert_int_equal(store->ops->append(store, &batch, &why), 0);
}

/* All rows of a query, columns split by "|", rows by "\n"; NULL is "-". */
static void shows(const char *query, const char *want)
{
    sqlite3_stmt *stmt = NULL;
    char got[4096] = "";
    size_t n = 0;
    if (sqlite3_prepare_v2(shell, query, -1, &stmt, NULL) != SQLITE_OK) {
        fail_msg("%s", sqlite3_errmsg(shell));
    }
    int rc = sqlite3_step(stmt);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(stmt)) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const unsigned char *text = sqlite3_column_text(stmt, i);
            n += (size_t) snprintf(got + n, sizeof got - n, "%s%s", i == 0 ? "" : "|",
                                   text == NULL ? "-" : (const char *) text);
            assert_true(n < sizeof got - 2);
        }
        got[n++] = '\n';
        got[n] = '\0';
    }
    assert_int_equal(rc, SQLITE_DONE);
    sqlite3_finalize(stmt);
    assert_string_equal(got, want);
}

static struct usher_fact of_session(enum usher_fact_type type, uint64_t index)
{
    struct usher_fact fact = {.type = type, .log = USHER_LOG_PUBLIC, .index = index};
    memset(fact.session.b, 0x5e, sizeof fact.session.b);
    return fact;
}

static void by_visitor(struct usher_fact *fact)
{
    fact->by.kind = USHER_VISITOR;
    fact->by.name = span("Ann O'Neil");
    memset(fact->by.visitor.b, 0xa1, sizeof fact->by.visitor.b);
}

static void by_agent(struct usher_fact *fact)
{
    fact->by.kind = USHER_AGENT;
    fact->by.name = span("Bea");
    memcpy(fact->by.agent.s, "bea", 4);
}

static void open_session(void)
{
    static const char token_hash[] = "0123456789abcdef0123456789abcdef";
    struct usher_fact visitor = {.type = USHER_FACT_VISITOR, .log = USHER_LOG_DESK};
    by_visitor(&visitor);
    visitor.by.name.len = 0;
    visitor.body = span(token_hash);
    happen(visitor);
    struct usher_fact opened = of_session(USHER_FACT_OPENED, 1);
    by_visitor(&opened);
    memcpy(opened.queue.s, "sales", 6);
    opened.email = span("ann@example.org");
    opened.key = span("k1");
    happen(opened);
}

#define SESSION "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
#define VISITOR "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
#define AT "2026-09-21T14:13:20.123Z|1790000000123"

static void messages_read_like_a_transcript(void **state)
{
    (void) state;
    open_session();
    struct usher_fact said = of_session(USHER_FACT_SAID, 2);
    by_visitor(&said);
    said.body = span("Is it blue? \xe0\xb8\x81");
    happen(said);
    struct usher_fact whispered = of_session(USHER_FACT_WHISPERED, 1);
    whispered.log = USHER_LOG_INTERNAL;
    whispered.after = 2;
    by_agent(&whispered);
    whispered.body = span("VIP");
    happen(whispered);
    struct usher_fact answer = of_session(USHER_FACT_SAID, 3);
    by_agent(&answer);
    answer.by.kind = USHER_BOT;
    answer.body = span("Yes.");
    happen(answer);
    shows("SELECT * FROM messages",
          "3|" SESSION "|public|2|" AT "|visitor|" VISITOR "|Ann O'Neil|Is it blue? \xe0\xb8\x81\n"
          "4|" SESSION "|internal|1|" AT "|agent|bea|Bea|VIP\n"
          "5|" SESSION "|public|3|" AT "|bot|bea|Bea|Yes.\n");
    shows("SELECT body FROM messages WHERE session = '" SESSION "' AND log = 'public'",
          "Is it blue? \xe0\xb8\x81\nYes.\n");
}

#define PERSON VISITOR "|Ann O'Neil|ann@example.org|" AT "|"
static const char sessions[] = "SELECT * FROM sessions";

static void sessions_show_who_has_them_and_since_when(void **state)
{
    (void) state;
    open_session();
    shows(sessions, SESSION "|waiting|sales|-|-|" PERSON "-|-|-|2\n");
    struct usher_fact joined = of_session(USHER_FACT_JOINED, 2);
    by_agent(&joined);
    happen(joined);
    shows(sessions, SESSION "|active|sales|bea|Bea|" PERSON "-|-|-|2\n");
    struct usher_fact left = of_session(USHER_FACT_LEFT, 3);
    memcpy(left.queue.s, "sales", 6);
    memcpy(left.agent.s, "bea", 4);
    happen(left);
    shows(sessions, SESSION "|waiting|sales|-|-|" PERSON "-|-|-|2\n");
    happen(joined);
    struct usher_fact moved = of_session(USHER_FACT_MOVED, 4);
    by_agent(&moved);
    memcpy(moved.queue.s, "help", 5);
    happen(moved);
    shows(sessions, SESSION "|waiting|help|-|-|" PERSON "-|-|-|2\n");
    happen(joined);
    struct usher_fact closed = of_session(USHER_FACT_CLOSED, 5);
    closed.cause = USHER_CAUSE_ABANDONED;
    closed.at_ms = INT64_C(1790000009000);
    happen(closed);
    shows(sessions, SESSION "|closed|help|bea|Bea|" PERSON
                            "2026-09-21T14:13:29.000Z|1790000009000|abandoned|2\n");
    struct usher_fact reopened = of_session(USHER_FACT_REOPENED, 6);
    by_visitor(&reopened);
    memcpy(reopened.queue.s, "sales", 6);
    happen(reopened);
    shows(sessions, SESSION "|waiting|sales|-|-|" PERSON "-|-|-|2\n");
}

static void visitors_show_the_name_last_given_and_no_token(void **state)
{
    (void) state;
    open_session();
    shows("SELECT * FROM visitors",
          VISITOR "|Ann O'Neil|ann@example.org|" AT "|1|" AT "|1\n");
    struct usher_fact again = of_session(USHER_FACT_OPENED, 1);
    memset(again.session.b, 0x77, sizeof again.session.b);
    by_visitor(&again);
    again.by.name = span("Annie");
    again.at_ms = INT64_C(1790000009000);
    happen(again);
    struct usher_fact other = {.type = USHER_FACT_VISITOR, .log = USHER_LOG_DESK};
    other.by.kind = USHER_VISITOR;
    other.by.visitor.b[0] = 1;
    other.body = span("another token's hash, 32 bytes ..");
    happen(other);
    shows("SELECT * FROM visitors",
          VISITOR "|Annie|-|" AT "|2|2026-09-21T14:13:29.000Z|1790000009000|1\n"
          "01000000000000000000000000000000|-|-|" AT "|0|-|-|4\n");
    shows("SELECT count(*) FROM facts WHERE body LIKE '%token%' OR body LIKE '%0123456789%'",
          "0\n");
}

static void facts_are_named_as_on_the_wire(void **state)
{
    (void) state;
    static const char *const causes[] = {"-",         "asked", "missed",  "declined", "lost",
                                         "abandoned", "gone",  "restart", "not_ready",
                                         "waited",    "taken"};
    static const char *const kinds[] = {"system", "visitor", "agent", "bot"};
    static const char *const logs[] = {"public", "internal", "desk"};
    size_t i = 0;
    for (int type = 1; type < 64; type++) {
        if (strcmp(usher_fact_name((enum usher_fact_type) type), "?") == 0) {
            continue;
        }
        struct usher_fact fact = {.type = (enum usher_fact_type) type,
                                  .log = (enum usher_log) (1 + i % 3),
                                  .cause = (enum usher_cause) (i % 11),
                                  .by.kind = (enum usher_kind) (i % 4)};
        char query[128], want[128];
        /* A visitor's fact names no session. */
        fact.session.b[0] = (uint8_t) (type == USHER_FACT_VISITOR ? 0 : i + 1);
        happen(fact);
        snprintf(query, sizeof query,
                 "SELECT seq, type, log, cause, by_kind FROM facts WHERE seq = %zu", i + 1);
        snprintf(want, sizeof want, "%zu|%s|%s|%s|%s\n", i + 1, usher_fact_name(fact.type),
                 logs[i % 3], causes[i % 11], kinds[i % 4]);
        shows(query, want);
        i++;
    }
    assert_true(i >= 15);
    shows("SELECT session, at, at_ms FROM facts WHERE seq IN (2, 12)",
          "02000000000000000000000000000000|" AT "\n-|" AT "\n");
}

static void a_whole_fact_is_shown_in_words(void **state)
{
    (void) state;
    struct usher_fact fact = of_session(USHER_FACT_OFFERED, 0);
    fact.log = USHER_LOG_DESK;
    memcpy(fact.queue.s, "sales", 6);
    memcpy(fact.agent.s, "bea", 4);
    fact.agent_name = span("Bea");
    fact.until_ms = INT64_C(1790000020000);
    happen(fact);
    shows("SELECT * FROM facts",
          "1|" AT "|offered|desk|" SESSION "|0|0|system|-|-|sales|bea|Bea|-|0|"
          "2026-09-21T14:13:40.000Z|1790000020000|-|-|-\n");
}

/* The desk writes on while a reader reads, and the reader sees one moment of it. */
static void a_reader_and_the_desk_do_not_wait_for_each_other(void **state)
{
    (void) state;
    struct usher_fault why = {0};
    for (uint64_t i = 0; i < 50; i++) {
        assert_int_equal(ush_store_append(store, 1 + 20 * i, 20, &why), 0);
        char want[32];
        snprintf(want, sizeof want, "%d|%d\n", (int) (20 * i + 20), (int) (20 * i + 18));
        shows("SELECT max(seq), (SELECT count(*) FROM messages) FROM facts", want);
    }
    assert_int_equal(sqlite3_exec(shell, "BEGIN; SELECT * FROM messages", NULL, NULL, NULL),
                     SQLITE_OK);
    for (uint64_t i = 50; i < 100; i++) {
        assert_int_equal(ush_store_append(store, 1 + 20 * i, 20, &why), 0);
    }
    shows("SELECT max(seq), (SELECT count(*) FROM messages) FROM facts", "1000|998\n");
    assert_int_equal(sqlite3_exec(shell, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    shows("SELECT max(seq) FROM facts", "2000\n");
    assert_int_equal(ush_store_verify(store), 2000);
    shows("PRAGMA integrity_check", "ok\n");
}

static void another_writer_makes_us_busy_and_harms_nothing(void **state)
{
    (void) state;
    struct usher_fault why = {0};
    sqlite3 *writer = NULL;
    assert_int_equal(ush_store_append(store, 1, 5, &why), 0);
    assert_int_equal(sqlite3_open(place.path, &writer), SQLITE_OK);
    assert_int_equal(sqlite3_exec(writer, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ush_store_append(store, 6, 5, &why), USHER_EIO);
    assert_non_null(strstr(why.text, "locked"));
    assert_int_equal(ush_store_verify(store), 5);
    sqlite3_exec(writer, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(writer);
    assert_int_equal(ush_store_append(store, 6, 5, &why), 0);
    assert_int_equal(ush_store_verify(store), 10);
}

static void a_backup_made_while_the_desk_runs_is_a_store(void **state)
{
    (void) state;
    struct usher_fault why = {0};
    char path[160], query[256];
    assert_int_equal(ush_store_append(store, 1, 50, &why), 0);
    snprintf(path, sizeof path, "%s/backup.db", place.folder);
    snprintf(query, sizeof query, "VACUUM INTO '%s'", path);
    assert_int_equal(sqlite3_exec(shell, query, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(ush_store_append(store, 51, 50, &why), 0);
    struct usher_storage *backup = ush_store_loaded(path);
    assert_int_equal(ush_store_verify(backup), 50);
    backup->ops->close(backup);
    assert_int_equal(ush_store_verify(store), 100);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(messages_read_like_a_transcript),
        TEST(sessions_show_who_has_them_and_since_when),
        TEST(visitors_show_the_name_last_given_and_no_token),
        TEST(facts_are_named_as_on_the_wire),
        TEST(a_whole_fact_is_shown_in_words),
        TEST(a_reader_and_the_desk_do_not_wait_for_each_other),
        TEST(another_writer_makes_us_busy_and_harms_nothing),
        TEST(a_backup_made_while_the_desk_runs_is_a_store),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
