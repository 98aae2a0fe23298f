/* sqlite_fault_test.c - a failing disk loses nothing acknowledged, and mark tells the truth.
 * SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1 /* unlink */

#include "sqlite_disk.h"
#include "sqlite_place.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static struct ush_place place;
static uint64_t seed;

static int setup(void **state)
{
    (void) state;
    ush_place_make(&place);
    ush_disk_insert(seed);
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    ush_disk_clear();
    ush_disk_remove();
    ush_place_remove(&place);
    return 0;
}

static void arm(uint32_t countdown, bool forever, int write_error)
{
    ush_disk.armed = true;
    ush_disk.countdown = countdown;
    ush_disk.forever = forever;
    ush_disk.write_error = write_error;
}

/* After the plug was pulled now, a store must be found that holds at least `known` facts. */
static void survives_power_loss(uint64_t known)
{
    char copy[DISK_NAME];
    const bool armed = ush_disk.armed;
    ush_disk.armed = false;
    snprintf(copy, sizeof copy, "%s/copy.db", place.folder);
    ush_disk_pull_plug(place.path, copy);
    struct usher_storage *s = ush_store_loaded(copy);
    assert_true(ush_store_verify(s) >= known);
    s->ops->close(s);
    static const char *const ends[] = {"", "-wal", "-journal", "-shm", ".lock"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char name[DISK_NAME];
        snprintf(name, sizeof name, "%s%s", copy, ends[i]);
        unlink(name);
        struct ush_disk_file *f = ush_disk_find(name, false);
        if (f != NULL) {
            ush_disk_lose(f);
        }
    }
    ush_disk.armed = armed;
}

/* Ask until it answers; a disk that fails for ever is mended first. */
static uint64_t mark_at_last(struct usher_storage *s)
{
    uint64_t seq = UINT64_MAX;
    struct usher_fault why = {0};
    for (int i = 0; i < 3; i++) {
        if (s->ops->mark(s, &seq, &why) == 0) {
            return seq;
        }
        assert_true(why.text[0] != '\0');
        ush_disk.armed = false;
    }
    fail_msg("mark: %s", why.text);
    return seq;
}

/* Appends one batch, through all trouble; gives what is durable after it. */
static uint64_t append_and_ask(struct usher_storage *s, uint64_t known, size_t n)
{
    struct usher_fault why = {0};
    if (ush_store_append(s, known + 1, n, &why) == 0) {
        return known + n;
    }
    assert_int_equal(why.err, USHER_EIO);
    const uint64_t seq = mark_at_last(s);
    assert_true(seq == known || seq == known + n);
    assert_int_equal(ush_store_verify(s), seq);
    return seq;
}

/* One run over a few batches with a fault at operation `at`; false: it came too late. */
static bool run(uint32_t at, bool forever, int write_error)
{
    const uint32_t before = ush_disk.faults;
    ush_disk_clear();
    ush_place_empty(&place);
    struct usher_storage *s = ush_store_loaded(place.path);
    uint64_t known = 0;
    arm(at, forever, write_error);
    for (size_t n = 5; n < 10; n++) {
        known = append_and_ask(s, known, n);
        survives_power_loss(known);
    }
    s->ops->close(s); /* the fault may come in here */
    survives_power_loss(known);
    ush_disk.armed = false;
    s = ush_store_loaded(place.path);
    assert_int_equal(ush_store_verify(s), known);
    known = append_and_ask(s, known, 10);
    assert_int_equal(ush_store_verify(s), known);
    survives_power_loss(known);
    s->ops->close(s);
    return ush_disk.faults > before;
}

static void each_operation_may_fail_once(void **state)
{
    (void) state;
    uint32_t at = 0;
    while (run(at, false, SQLITE_IOERR_WRITE)) {
        at++;
    }
    assert_true(at > 20);
}

static void each_operation_may_fail_and_all_after_it(void **state)
{
    (void) state;
    uint32_t at = 0;
    while (run(at, true, SQLITE_IOERR_WRITE)) {
        at++;
    }
    assert_true(at > 20);
}

static void the_disk_may_be_full_at_each_operation(void **state)
{
    (void) state;
    uint32_t at = 0;
    while (run(at, true, SQLITE_FULL)) {
        at++;
    }
    assert_true(at > 20);
}

/* The process ends right after a fault, without asking: what the next one loads must be durable. */
static void what_a_load_tells_after_a_fault_survives_power_loss(void **state)
{
    (void) state;
    for (uint32_t at = 0; at < 40; at++) {
        struct usher_fault why = {0};
        ush_disk_clear();
        ush_place_empty(&place);
        struct usher_storage *s = ush_store_loaded(place.path);
        assert_int_equal(append_and_ask(s, 0, 5), 5);
        arm(at, false, SQLITE_IOERR_WRITE);
        const int rv = ush_store_append(s, 6, 5, &why);
        ush_disk.armed = false;
        s->ops->close(s);
        s = ush_store_loaded(place.path);
        const uint64_t told = ush_store_verify(s);
        assert_true(told == 10 || (told == 5 && rv != 0));
        survives_power_loss(told);
        s->ops->close(s);
    }
}

/* The making of a store fails at each operation in turn; the next load makes it after all. */
static void a_store_that_could_not_be_made_is_made_later(void **state)
{
    (void) state;
    uint32_t at = 0;
    for (bool failed = true; failed; at++) {
        struct usher_fault why = {0};
        ush_disk_clear();
        ush_place_empty(&place);
        struct usher_storage *s = ush_store_open(place.path);
        arm(at, at % 2 == 0, at % 3 == 0 ? SQLITE_FULL : SQLITE_IOERR_WRITE);
        const int rv = ush_store_load(s, &why);
        failed = ush_disk.faults > 0;
        ush_disk.faults = 0;
        ush_disk.armed = false;
        if (rv != 0) {
            assert_int_equal(rv, USHER_EIO);
            assert_int_equal(ush_store_load(s, &why), 0);
        }
        assert_int_equal(append_and_ask(s, 0, 5), 5);
        survives_power_loss(5);
        s->ops->close(s);
    }
    assert_true(at > 5);
}

/* Appends a batch of long texts, so that the log is copied into the file now and then. */
static uint64_t append_long(struct usher_storage *s, uint64_t known)
{
    static char body[8000];
    enum { N = 40 };
    struct usher_fact facts[N];
    struct usher_fault why = {0};
    char text[32];
    for (size_t i = 0; i < N; i++) {
        facts[i] = ush_fact_of(known + 1 + i, text);
        facts[i].key.len = 0;
        facts[i].body = (struct usher_span){body, sizeof body};
        if (facts[i].seq <= 2) {
            facts[i].body.len = 0;
        }
    }
    memset(body, 'a' + (int) (known % 26), sizeof body);
    const struct usher_batch batch = {.first = known + 1, .n = N, .facts = facts};
    return s->ops->append(s, &batch, &why) == 0 ? known + N : mark_at_last(s);
}

static int each_counts(void *ctx, const struct usher_fact *fact)
{
    uint64_t *n = ctx;
    *n += 1;
    assert_int_equal(fact->seq, *n);
    return 0;
}

static void a_bad_disk_under_a_long_day_loses_nothing(void **state)
{
    (void) state;
    printf("a_bad_disk_under_a_long_day: USHER_TEST_SEED=0x%llx\n", (unsigned long long) seed);
    fflush(stdout);
    struct usher_storage *s = ush_store_loaded(place.path);
    struct usher_fault why = {0};
    uint64_t known = 0, n = 0;
    char copy[DISK_NAME];
    snprintf(copy, sizeof copy, "%s/copy.db", place.folder);
    for (int i = 0; i < 80; i++) {
        if (!ush_disk.armed) {
            arm(ush_disk_dice(2000), ush_disk_dice(4) == 0,
                ush_disk_dice(2) == 0 ? SQLITE_FULL : SQLITE_IOERR_WRITE);
        }
        known = append_long(s, known);
    }
    assert_true(ush_disk.faults > 0);
    ush_disk.armed = false;
    ush_disk_pull_plug(place.path, copy);
    s->ops->close(s);
    s = ush_store_loaded(copy);
    assert_int_equal(s->ops->history(s, 0, UINT32_MAX, each_counts, &n, &why), 0);
    assert_true(n >= known);
    s->ops->close(s);
}

int main(void)
{
    const char *given = getenv("USHER_TEST_SEED");
    struct timespec now = {0, 0};
    timespec_get(&now, TIME_UTC);
    seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t) now.tv_nsec;
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_operation_may_fail_once),
        TEST(each_operation_may_fail_and_all_after_it),
        TEST(the_disk_may_be_full_at_each_operation),
        TEST(what_a_load_tells_after_a_fault_survives_power_loss),
        TEST(a_store_that_could_not_be_made_is_made_later),
        TEST(a_bad_disk_under_a_long_day_loses_nothing),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
