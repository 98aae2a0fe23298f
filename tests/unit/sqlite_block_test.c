/* sqlite_block_test.c - what is looked for is found in whatever block of the history it lies.
 * SPDX-License-Identifier: MIT */
#include "sqlite_place.h"

#include <sqlite3.h>

static struct ush_place place;

static int setup(void **state)
{
    (void) state;
    ush_place_make(&place);
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    ush_place_remove(&place);
    return 0;
}

static void append_up_to(struct usher_storage *s, uint64_t first, uint64_t last)
{
    struct usher_fault why = {0};
    while (first <= last) {
        const size_t n = last - first + 1 < APPEND_MAX ? (size_t) (last - first + 1) : APPEND_MAX;
        assert_int_equal(ush_store_append(s, first, n, &why), 0);
        first += n;
    }
}

/* Fact seq is at index seq - 1 of the only session. */
static struct usher_fetch fetch_of(uint64_t seq)
{
    struct usher_fetch what = {.log = USHER_LOG_PUBLIC, .facts_max = 9, .bytes_max = 100000};
    memset(what.session.b, 0x5e, sizeof what.session.b);
    what.after = seq - 2;
    what.before = seq;
    return what;
}

static struct usher_find find_of(uint64_t seq, char text[32])
{
    const struct usher_fact fact = ush_fact_of(seq, text);
    return (struct usher_find){.by = fact.by, .key = fact.key};
}

static int each_seq(void *ctx, const struct usher_fact *fact)
{
    *(uint64_t *) ctx += fact->seq;
    return 0;
}

static void finds(struct usher_storage *s, uint64_t seq, bool there)
{
    char text[32];
    struct usher_fault why = {0};
    struct usher_found found = {0};
    struct usher_fetch what = fetch_of(seq);
    const struct usher_find find = find_of(seq, text);
    uint64_t sum = 0, both = 0;
    assert_int_equal(s->ops->fetch(s, &what, each_seq, &sum, &why), 0);
    assert_int_equal(sum, there ? seq : 0);
    what.internal = true;
    assert_int_equal(s->ops->fetch(s, &what, each_seq, &both, &why), 0);
    assert_int_equal(both, sum);
    assert_int_equal(s->ops->find_key(s, &find, &found, &why), 0);
    assert_int_equal(found.found, there);
    assert_int_equal(found.digest, there ? seq : 0);
}

/* The first and last facts of blocks, those in between, and one that is not there yet. */
static void finds_all_up_to(struct usher_storage *s, uint64_t last)
{
    static const uint64_t seqs[] = {3, 500, 1023, 1024, 1025, 2047, 2048, 2300, 2500, 3071, 3072};
    for (size_t i = 0; i < sizeof seqs / sizeof *seqs; i++) {
        finds(s, seqs[i], seqs[i] <= last);
    }
    finds(s, last, true);
    finds(s, last + 1, false);
}

static void facts_are_found_in_every_block_and_after_a_restart(void **state)
{
    (void) state;
    static const uint64_t lasts[] = {10, 1022, 1023, 1024, 2040, 2048, 2400, 3071};
    uint64_t before = 0;
    for (size_t i = 0; i < sizeof lasts / sizeof *lasts; i++) {
        struct usher_storage *s = ush_store_loaded(place.path);
        append_up_to(s, before + 1, lasts[i]);
        finds_all_up_to(s, lasts[i]);
        s->ops->close(s);
        s = ush_store_loaded(place.path);
        finds_all_up_to(s, lasts[i]);
        s->ops->close(s);
        before = lasts[i];
    }
}

static void a_batch_that_failed_leaves_nothing_to_be_found(void **state)
{
    (void) state;
    struct usher_fact facts[2];
    char texts[2][32];
    struct usher_fault why = {0};
    struct usher_storage *s = ush_store_loaded(place.path);
    append_up_to(s, 1, 1022);
    /* The second opens the session a second time. */
    facts[0] = ush_fact_of(1023, texts[0]);
    facts[1] = ush_fact_of(2, texts[1]);
    facts[1].seq = 1024;
    const struct usher_batch batch = {.first = 1023, .n = 2, .facts = facts};
    assert_int_equal(s->ops->append(s, &batch, &why), USHER_EINVAL);
    finds_all_up_to(s, 1022);
    append_up_to(s, 1023, 1030);
    finds_all_up_to(s, 1030);
    s->ops->close(s);
}

static void damage(const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(place.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void is_damaged(const char *sql, bool sessions, bool keys)
{
    char text[32];
    struct usher_fault why = {0};
    struct usher_found found = {0};
    const struct usher_fetch what = fetch_of(10);
    const struct usher_find find = find_of(10, text);
    uint64_t sum = 0;
    damage(sql);
    struct usher_storage *s = ush_store_loaded(place.path);
    assert_int_equal(s->ops->fetch(s, &what, each_seq, &sum, &why),
                     sessions ? USHER_ECORRUPT : 0);
    assert_int_equal(s->ops->find_key(s, &find, &found, &why), keys ? USHER_ECORRUPT : 0);
    assert_int_equal(ush_store_verify(s), 1100);
    s->ops->close(s);
}

static void a_block_that_is_not_whole_is_damage(void **state)
{
    (void) state;
    struct usher_storage *s = ush_store_loaded(place.path);
    append_up_to(s, 1, 1100);
    s->ops->close(s);
    is_damaged("UPDATE block SET keys = zeroblob(4095)", false, true);
    is_damaged("UPDATE block SET places = 7", true, true);
    is_damaged("DELETE FROM block", true, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(facts_are_found_in_every_block_and_after_a_restart, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_batch_that_failed_leaves_nothing_to_be_found, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_block_that_is_not_whole_is_damage, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
