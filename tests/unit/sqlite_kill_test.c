/* sqlite_kill_test.c - a process killed at any moment loses nothing that it acknowledged.
 * SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1 /* fork, kill */

#include "sqlite_place.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 60, BATCH_MAX = 20 };

static uint64_t dice_state;

static uint32_t dice(uint32_t n)
{
    dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t) (dice_state >> 33) % n;
}

static void seed(const char *test)
{
    const char *given = getenv("USHER_TEST_SEED");
    struct timespec now = {0, 0};
    timespec_get(&now, TIME_UTC);
    dice_state = given != NULL ? strtoull(given, NULL, 0)
                               : (uint64_t) now.tv_sec * 1000000007u + (uint64_t) now.tv_nsec;
    printf("%s: USHER_TEST_SEED=0x%llx\n", test, (unsigned long long) dice_state);
    fflush(stdout);
}

/* The batches always have the same ends, so that a partial one would show. */
static uint64_t batch_after(uint64_t seq)
{
    return 1 + (seq * UINT64_C(2654435761) >> 7) % BATCH_MAX;
}

static bool is_end(uint64_t seq)
{
    uint64_t end = 0;
    while (end < seq) {
        end += batch_after(end);
    }
    return end == seq;
}

/* The process to be killed: appends for ever, and says each time up to where it is durable. */
static void append_for_ever(const char *path, int acks)
{
    struct usher_storage *s = NULL;
    struct usher_load load = {.fresh_epoch = 77};
    struct usher_fault why = {0};
    if (usher_sqlite_open(&s, path) != 0 ||
        s->ops->load(s, &load, ush_each_ignore, NULL, &why) != 0) {
        _exit(1);
    }
    for (uint64_t seq = load.seq;;) {
        const uint64_t n = batch_after(seq);
        if (ush_store_append(s, seq + 1, (size_t) n, &why) != 0) {
            _exit(2);
        }
        seq += n;
        if (write(acks, &seq, sizeof seq) != (ssize_t) sizeof seq) {
            _exit(3);
        }
    }
}

/* The last acknowledged seq of a process that was killed after so many acknowledgements. */
static uint64_t run_and_kill(const char *path, uint32_t acks_wanted, uint32_t turns)
{
    int acks[2];
    uint64_t acked = 0, seq = 0;
    assert_int_equal(pipe(acks), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(acks[0]);
        append_for_ever(path, acks[1]);
    }
    close(acks[1]);
    for (uint32_t i = 0; i < acks_wanted; i++) {
        if (read(acks[0], &seq, sizeof seq) != (ssize_t) sizeof seq) {
            break;
        }
        acked = seq;
    }
    for (volatile uint32_t i = 0; i < turns; i++) {
        /* Some time, so that the kill comes anywhere in the next append, or in the load. */
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    while (read(acks[0], &seq, sizeof seq) == (ssize_t) sizeof seq) {
        acked = seq;
    }
    close(acks[0]);
    return acked;
}

static void check_integrity(const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_string_equal((const char *) sqlite3_column_text(stmt, 0), "ok");
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

static void what_was_acknowledged_survives_kill_9_and_no_batch_is_partial(void **state)
{
    (void) state;
    struct ush_place place;
    ush_place_make(&place);
    seed("what_was_acknowledged_survives_kill_9");
    uint64_t acked = 0, epoch = 0;
    for (int round = 0; round < ROUNDS; round++) {
        if (round % 6 == 0) {
            ush_place_empty(&place); /* a new store: kills must hit its making too */
            acked = epoch = 0;
        }
        const uint64_t told = run_and_kill(place.path, dice(4) == 0 ? 0 : dice(25),
                                           dice(3) * dice(1000000));
        acked = told > acked ? told : acked;
        struct usher_storage *s = ush_store_open(place.path);
        struct usher_load load = {.fresh_epoch = 1000 + (uint64_t) round};
        struct usher_fault why = {0};
        if (s->ops->load(s, &load, ush_each_ignore, NULL, &why) != 0) {
            fail_msg("%s", why.text);
        }
        assert_true(load.seq >= acked);
        assert_int_equal(ush_store_verify(s), load.seq);
        assert_true(is_end(load.seq));
        assert_true(epoch == 0 || load.epoch == epoch);
        epoch = load.epoch;
        acked = load.seq; /* mark told it: it may not go away any more */
        s->ops->close(s);
        check_integrity(place.path);
    }
    ush_place_remove(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_acknowledged_survives_kill_9_and_no_batch_is_partial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
