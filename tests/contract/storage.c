/* storage.c - the contract of storages, as a test suite that any storage can be put through.
 * SPDX-License-Identifier: MIT */
#include "storage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "storage_kit.h"

enum { STOP = -77 };

/* One test: a place, a storage on it, and what it should hold. */
struct desk {
    const struct ush_storage_maker *maker;
    struct usher_storage *s;
    struct ush_model model;
};

static int count(void *ctx, const struct usher_fact *fact)
{
    size_t *n = ctx;
    assert_true(fact->seq > 0);
    *n += 1;
    return 0;
}

static void open_only(struct desk *d)
{
    assert_int_equal(d->maker->open(d->maker->ctx, &d->s), 0);
    assert_true(d->s->ops->size >= sizeof(struct usher_storage_ops));
    assert_non_null(d->s->ops->name);
}

static uint64_t open_and_load(struct desk *d, uint64_t fresh_epoch)
{
    struct usher_load load = {.fresh_epoch = fresh_epoch};
    struct usher_fault why;
    size_t n = 0;
    open_only(d);
    assert_int_equal(d->s->ops->load(d->s, &load, count, &n, &why), 0);
    assert_int_equal(load.seq, d->model.saved);
    return load.epoch;
}

static void close_it(struct desk *d)
{
    d->s->ops->close(d->s);
    d->s = NULL;
}

static void reopen(struct desk *d)
{
    close_it(d);
    open_and_load(d, 99);
}

static int setup(void **state)
{
    struct desk *d = *state;
    d->maker->wipe(d->maker->ctx);
    d->model = (struct ush_model){0};
    d->s = NULL;
    return 0;
}

static int teardown(void **state)
{
    struct desk *d = *state;
    if (d->s != NULL) {
        close_it(d);
    }
    ush_model_done(&d->model);
    return 0;
}

static void add(struct desk *d, struct usher_fact fact)
{
    ush_model_add(&d->model, &fact);
}

static uint64_t mark(struct desk *d)
{
    uint64_t seq = UINT64_MAX;
    struct usher_fault why;
    assert_int_equal(d->s->ops->mark(d->s, &seq, &why), 0);
    return seq;
}

/* Ann's session 1 with ten things said, and whispers after 2 and 4. */
static void fill(struct desk *d)
{
    static const char *const said[] = {"one",   "two three", "four",  "",    "five six seven",
                                       "eight", "nine",      "ten--", "11 ", "twelve"};
    open_and_load(d, 7);
    add(d, ush_fact_visitor(1));
    add(d, ush_fact_opened(1, 1));
    for (int i = 0; i < 10; i++) {
        add(d, ush_fact_said(1, 1, said[i]));
        if (i == 0 || i == 2) {
            add(d, ush_fact_whispered(1, "bea", "psst"));
            add(d, ush_fact_whispered(1, "bea", "look"));
        }
    }
    ush_model_save(&d->model, d->s);
}

static void new_store_is_empty_and_takes_the_fresh_epoch(void **state)
{
    struct desk *d = *state;
    assert_true(open_and_load(d, UINT64_C(0xfedcba9876543210)) == UINT64_C(0xfedcba9876543210));
    assert_int_equal(mark(d), 0);
    struct ush_dice dice = {1};
    ush_model_check(&d->model, d->s, &dice);
}

static void epoch_and_facts_stay_when_closed_and_opened(void **state)
{
    struct desk *d = *state;
    fill(d);
    close_it(d);
    assert_int_equal(open_and_load(d, 8), 7);
    struct ush_dice dice = {2};
    ush_model_check(&d->model, d->s, &dice);
    add(d, ush_fact_said(1, 1, "again"));
    ush_model_save(&d->model, d->s);
    close_it(d);
    assert_int_equal(open_and_load(d, 9), 7);
    ush_model_check(&d->model, d->s, &dice);
}

static void a_storage_may_be_closed_without_a_load(void **state)
{
    struct desk *d = *state;
    open_only(d);
    close_it(d);
    assert_int_equal(open_and_load(d, 5), 5);
}

static void every_field_comes_back_unchanged(void **state)
{
    struct desk *d = *state;
    open_and_load(d, 7);
    add(d, ush_fact_visitor(1));
    add(d, ush_fact_opened(1, 1));
    struct usher_fact full = ush_fact_said(1, 1, "body");
    full.at_ms = INT64_C(1790000000123);
    full.cause = USHER_CAUSE_NOT_READY;
    full.by.kind = USHER_BOT;
    full.by.agent = ush_agent_of("0123456789.abcdefghijk_mnopqr-t");
    full.queue = ush_queue_of("0123456789.abcdefghijk_mnopqr-u");
    full.agent = ush_agent_of("z");
    full.agent_name = ush_span("Zoe");
    full.number = UINT64_C(1) << 53;
    full.until_ms = INT64_C(1790000020123);
    full.digest = UINT64_MAX;
    full.key = ush_span("k");
    full.email = ush_span("z@example.org");
    add(d, full);
    full.log = USHER_LOG_INTERNAL;
    full.type = USHER_FACT_WHISPERED;
    full.at_ms = -1;
    full.digest = 1;
    add(d, full);
    ush_model_save(&d->model, d->s);
    struct ush_dice dice = {3};
    ush_model_check(&d->model, d->s, &dice);
    reopen(d);
    ush_model_check(&d->model, d->s, &dice);
}

static size_t encode(uint32_t c, char *to)
{
    if (c < 0x80) {
        to[0] = (char) c;
        return 1;
    }
    const size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        to[i] = (char) (0x80 | (c & 0x3f));
        c >>= 6;
    }
    to[0] = (char) ((0xf00 >> n) | c);
    return n;
}

static void every_character_comes_back_unchanged(void **state)
{
    struct desk *d = *state;
    static char body[8192];
    open_and_load(d, 7);
    add(d, ush_fact_visitor(1));
    add(d, ush_fact_opened(1, 1));
    size_t n = 0;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        if (c >= 0xd800 && c <= 0xdfff) {
            continue;
        }
        n += encode(c, body + n);
        if (n > sizeof body - 4 || c == 0x10ffff) {
            struct usher_fact fact = ush_fact_said(1, 1, "");
            fact.body = (struct usher_span){body, n};
            add(d, fact);
            n = 0;
        }
    }
    ush_model_save(&d->model, d->s);
    reopen(d);
    ush_model_check_history(&d->model, d->s, 0, UINT32_MAX);
}

static void keys_and_names_may_be_as_long_as_the_protocol_allows(void **state)
{
    struct desk *d = *state;
    static char longest[USHER_NAME_MAX];
    memset(longest, 'x', sizeof longest);
    open_and_load(d, 7);
    add(d, ush_fact_visitor(1));
    struct usher_fact opened = ush_fact_opened(1, 1);
    opened.by.name = (struct usher_span){longest, USHER_NAME_MAX};
    opened.email = (struct usher_span){longest, USHER_EMAIL_MAX};
    opened.key = (struct usher_span){longest, USHER_KEY_MAX};
    opened.digest = 5;
    add(d, opened);
    struct usher_fact said = ush_fact_said(1, 1, "x");
    said.key = (struct usher_span){longest, USHER_KEY_MAX - 1};
    said.digest = 6;
    add(d, said);
    ush_model_save(&d->model, d->s);
    struct ush_dice dice = {4};
    ush_model_check(&d->model, d->s, &dice);
}

static void refused(struct desk *d, struct usher_batch batch)
{
    struct usher_fault why = {0};
    const uint64_t before = d->model.saved;
    assert_int_equal(d->s->ops->append(d->s, &batch, &why), USHER_EINVAL);
    assert_int_equal(why.err, USHER_EINVAL);
    assert_true(why.text[0] != '\0');
    assert_int_equal(mark(d), before);
}

static void a_batch_that_does_not_continue_changes_nothing(void **state)
{
    struct desk *d = *state;
    struct ush_dice dice = {5};
    fill(d);
    add(d, ush_fact_said(1, 1, "never"));
    struct usher_batch batch = ush_model_batch(&d->model);
    struct usher_fact fact = batch.facts[0];
    batch.facts = &fact;
    const int64_t wrong[] = {-1, 1, 1000};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        batch.first = fact.seq = (uint64_t) ((int64_t) d->model.saved + 1 + wrong[i]);
        refused(d, batch);
    }
    batch.first = fact.seq = 0;
    refused(d, batch);
    ush_model_undo(&d->model);
    ush_model_check(&d->model, d->s, &dice);
    reopen(d);
    ush_model_check(&d->model, d->s, &dice);
}

static void fetch_reads_one_log_from_a_cursor(void **state)
{
    struct desk *d = *state;
    fill(d);
    struct usher_fetch what = {.session = ush_session_of(1)};
    for (int log = USHER_LOG_PUBLIC; log <= USHER_LOG_INTERNAL; log++) {
        what.log = (enum usher_log) log;
        for (what.after = 0; what.after < 14; what.after++) {
            for (what.before = 0; what.before < 14; what.before++) {
                what.facts_max = 100;
                what.bytes_max = 1000;
                ush_model_check_fetch(&d->model, d->s, &what);
                what.facts_max = 3;
                ush_model_check_fetch(&d->model, d->s, &what);
                what.bytes_max = 30;
                ush_model_check_fetch(&d->model, d->s, &what);
            }
        }
    }
}

static void fetch_gives_one_fact_at_least_however_long(void **state)
{
    struct desk *d = *state;
    fill(d);
    struct usher_fetch what = {.session = ush_session_of(1),
                               .log = USHER_LOG_PUBLIC,
                               .before = UINT64_MAX,
                               .facts_max = 5,
                               .bytes_max = 0};
    size_t n = 0;
    struct usher_fault why;
    assert_int_equal(d->s->ops->fetch(d->s, &what, count, &n, &why), 0);
    assert_int_equal(n, 1);
    what.internal = true;
    assert_int_equal(d->s->ops->fetch(d->s, &what, count, &n, &why), 0);
    assert_int_equal(n, 2);
    what.session = ush_session_of(2);
    assert_int_equal(d->s->ops->fetch(d->s, &what, count, &n, &why), 0);
    assert_int_equal(n, 2);
}

static void fetch_of_both_logs_keeps_the_newest_in_order(void **state)
{
    struct desk *d = *state;
    fill(d);
    struct usher_fetch what = {.session = ush_session_of(1), .internal = true};
    for (what.after = 0; what.after < 14; what.after++) {
        for (what.before = 0; what.before < 14; what.before++) {
            for (what.facts_max = 0; what.facts_max < 8; what.facts_max++) {
                what.bytes_max = 1000;
                ush_model_check_fetch(&d->model, d->s, &what);
                what.bytes_max = 40;
                ush_model_check_fetch(&d->model, d->s, &what);
            }
        }
    }
}

static void history_reads_all_sessions_by_seq(void **state)
{
    struct desk *d = *state;
    fill(d);
    add(d, ush_fact_agent("bea", true));
    add(d, ush_fact_offered(1, "bea"));
    add(d, ush_fact_opened(2, 1));
    ush_model_save(&d->model, d->s);
    for (uint64_t after = 0; after < d->model.saved + 2; after++) {
        ush_model_check_history(&d->model, d->s, after, 0);
        ush_model_check_history(&d->model, d->s, after, 3);
        ush_model_check_history(&d->model, d->s, after, UINT32_MAX);
    }
    ush_model_check_history(&d->model, d->s, UINT64_MAX, 10);
}

static void a_key_belongs_to_one_person(void **state)
{
    struct desk *d = *state;
    open_and_load(d, 7);
    add(d, ush_fact_visitor(1));
    add(d, ush_fact_visitor(2));
    add(d, ush_fact_opened(1, 1));
    add(d, ush_fact_opened(2, 2));
    struct usher_fact by_one = ush_fact_said(1, 1, "a");
    by_one.key = ush_span("same");
    by_one.digest = 11;
    add(d, by_one);
    struct usher_fact by_two = ush_fact_said(2, 2, "b");
    by_two.key = ush_span("same");
    by_two.digest = 12;
    add(d, by_two);
    struct usher_fact by_bea = ush_fact_whispered(1, "bea", "c");
    by_bea.key = ush_span("same");
    by_bea.digest = 13;
    add(d, by_bea);
    struct usher_fact by_bot = ush_fact_whispered(2, "bea", "d");
    by_bot.by.kind = USHER_BOT;
    by_bot.key = ush_span("same");
    by_bot.digest = 14;
    add(d, by_bot);
    ush_model_save(&d->model, d->s);
    const struct usher_by people[] = {by_one.by, by_two.by, by_bea.by, by_bot.by,
                                      ush_fact_said(1, 3, "").by,
                                      ush_fact_joined(1, "be").by};
    static const char *const keys[] = {"same", "sam", "same ", "Same", ""};
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        for (size_t j = 0; j < sizeof keys / sizeof *keys; j++) {
            const struct usher_find what = {.by = people[i], .key = ush_span(keys[j])};
            ush_model_check_key(&d->model, d->s, &what);
        }
    }
}

static void a_visitor_is_found_by_the_hash_of_the_token(void **state)
{
    struct desk *d = *state;
    uint8_t token_hash[32];
    open_and_load(d, 7);
    add(d, ush_fact_visitor(1));
    add(d, ush_fact_visitor(2));
    ush_model_save(&d->model, d->s);
    for (uint32_t i = 0; i < 4; i++) {
        ush_token_of(i, token_hash);
        ush_model_check_visitor(&d->model, d->s, token_hash);
        token_hash[31] ^= 1;
        ush_model_check_visitor(&d->model, d->s, token_hash);
    }
}

static void load_tells_what_is_live_and_no_more(void **state)
{
    struct desk *d = *state;
    open_and_load(d, 7);
    for (uint32_t i = 1; i <= 4; i++) {
        add(d, ush_fact_visitor(i));
    }
    add(d, ush_fact_agent("bea", true));
    add(d, ush_fact_agent("cyd", true));
    for (uint32_t i = 1; i <= 4; i++) {
        add(d, ush_fact_opened(i, i));
        add(d, ush_fact_offered(i, "bea"));
        add(d, ush_fact_joined(i, "bea"));
    }
    add(d, ush_fact_agent("bea", false));
    add(d, ush_fact_closed(2, 2, 5000));
    add(d, ush_fact_closed(3, 3, 6000));
    add(d, ush_fact_closed(4, 4, 4000));
    add(d, ush_fact_reopened(4, 4, 6500));
    add(d, ush_fact_opened(5, 3)); /* by a visitor whose other session is closed */
    ush_model_save(&d->model, d->s);
    const int64_t since[] = {0, 5000, 5001, 6000, 6001, INT64_MAX};
    for (size_t i = 0; i < sizeof since / sizeof *since; i++) {
        close_it(d);
        open_only(d);
        ush_model_check_load(&d->model, d->s, since[i]);
    }
}

struct stopper { size_t seen, at; };

static int stop_at(void *ctx, const struct usher_fact *fact)
{
    struct stopper *stop = ctx;
    assert_non_null(fact);
    stop->seen++;
    return stop->seen == stop->at ? STOP : 0;
}

static void a_reader_that_stops_ends_the_reading(void **state)
{
    struct desk *d = *state;
    struct usher_fault why;
    fill(d);
    struct usher_fetch what = {.session = ush_session_of(1),
                               .log = USHER_LOG_PUBLIC,
                               .before = UINT64_MAX,
                               .facts_max = 100,
                               .bytes_max = 1000};
    for (size_t at = 1; at < 4; at++) {
        struct usher_load load = {.fresh_epoch = 1};
        struct stopper stop = {0, at};
        assert_int_equal(d->s->ops->load(d->s, &load, stop_at, &stop, &why), STOP);
        assert_int_equal(stop.seen, at);
        stop.seen = 0;
        what.internal = false;
        assert_int_equal(d->s->ops->fetch(d->s, &what, stop_at, &stop, &why), STOP);
        assert_int_equal(stop.seen, at);
        stop.seen = 0;
        what.internal = true;
        assert_int_equal(d->s->ops->fetch(d->s, &what, stop_at, &stop, &why), STOP);
        assert_int_equal(stop.seen, at);
        stop.seen = 0;
        assert_int_equal(d->s->ops->history(d->s, 0, 100, stop_at, &stop, &why), STOP);
        assert_int_equal(stop.seen, at);
        assert_int_equal(why.err, STOP);
    }
    add(d, ush_fact_said(1, 1, "and it goes on"));
    ush_model_save(&d->model, d->s);
    struct ush_dice dice = {6};
    ush_model_check(&d->model, d->s, &dice);
}

static void a_desk_has_one_owner_at_a_time(void **state)
{
    struct desk *d = *state;
    fill(d);
    struct usher_storage *second = NULL;
    struct usher_load load = {.fresh_epoch = 3};
    struct usher_fault why = {0};
    size_t n = 0;
    assert_int_equal(d->maker->open(d->maker->ctx, &second), 0);
    assert_int_equal(second->ops->load(second, &load, count, &n, &why), USHER_EFENCED);
    assert_int_equal(why.err, USHER_EFENCED);
    assert_int_equal(n, 0);
    /* The first does not notice. */
    add(d, ush_fact_said(1, 1, "mine"));
    ush_model_save(&d->model, d->s);
    /* And when it is gone, the same second one may have it. */
    close_it(d);
    d->s = second;
    struct ush_dice dice = {7};
    ush_model_check_load(&d->model, d->s, 0);
    ush_model_check(&d->model, d->s, &dice);
}

static void what_is_not_loaded_gives_nothing_away(void **state)
{
    struct desk *d = *state;
    fill(d);
    close_it(d);
    open_only(d);
    uint64_t seq = 0;
    size_t n = 0;
    struct usher_fault why = {0};
    assert_int_not_equal(d->s->ops->mark(d->s, &seq, &why), 0);
    assert_int_not_equal(why.err, 0);
    assert_int_not_equal(d->s->ops->history(d->s, 0, 10, count, &n, &why), 0);
    assert_int_equal(n, 0);
}

static void any_history_comes_back_as_the_model_says(void **state)
{
    struct desk *d = *state;
    struct ush_dice dice = ush_dice_new("any_history_comes_back_as_the_model_says");
    for (int round = 0; round < 6; round++) {
        setup(state);
        open_and_load(d, 7);
        for (int i = 0; i < 40; i++) {
            const uint32_t n = 1 + ush_dice_below(&dice, ush_dice_below(&dice, 8) == 0 ? 60 : 8);
            for (uint32_t j = 0; j < n; j++) {
                ush_model_happen(&d->model, &dice);
            }
            if (ush_dice_below(&dice, 6) == 0) {
                struct usher_batch wrong = ush_model_batch(&d->model);
                wrong.first += 1;
                refused(d, wrong);
            }
            if (ush_dice_below(&dice, 8) == 0) {
                ush_model_undo(&d->model);
                continue;
            }
            ush_model_save(&d->model, d->s);
            if (ush_dice_below(&dice, 10) == 0) {
                reopen(d);
            }
            if (ush_dice_below(&dice, 5) == 0) {
                ush_model_check(&d->model, d->s, &dice);
            }
        }
        ush_model_check(&d->model, d->s, &dice);
        teardown(state);
    }
}

/* Sessions that go on while thousands of other facts are stored. */
static void a_session_may_lie_far_apart_in_the_history(void **state)
{
    struct desk *d = *state;
    open_and_load(d, 7);
    add(d, ush_fact_visitor(1));
    add(d, ush_fact_opened(1, 1));
    add(d, ush_fact_opened(2, 1));
    ush_model_save(&d->model, d->s);
    for (int i = 0; i < 12; i++) {
        for (int j = 0; j < 1000; j++) {
            struct usher_fact fact = ush_fact_agent("bea", j % 2 == 0);
            add(d, fact);
        }
        struct usher_fact said = ush_fact_said(1, 1, "still here");
        said.key = ush_span(i % 2 == 0 ? "even" : "odd");
        said.digest = (uint64_t) i + 1;
        add(d, said);
        add(d, ush_fact_whispered(1, "bea", "he is still here"));
        ush_model_save(&d->model, d->s);
    }
    struct usher_fetch what = {.session = ush_session_of(1)};
    for (what.after = 0; what.after < 14; what.after += 3) {
        for (what.before = 2; what.before < 17; what.before += 3) {
            for (what.facts_max = 2; what.facts_max < 40; what.facts_max += 5) {
                what.bytes_max = 100 * what.facts_max;
                what.internal = false;
                what.log = USHER_LOG_PUBLIC;
                ush_model_check_fetch(&d->model, d->s, &what);
                what.log = USHER_LOG_INTERNAL;
                ush_model_check_fetch(&d->model, d->s, &what);
                what.internal = true;
                ush_model_check_fetch(&d->model, d->s, &what);
            }
        }
    }
    static const char *const keys[] = {"even", "odd", "never"};
    for (size_t i = 0; i < 3; i++) {
        const struct usher_find find = {.by = ush_fact_said(1, 1, "").by, .key = ush_span(keys[i])};
        ush_model_check_key(&d->model, d->s, &find);
    }
}

int ush_contract_storage(struct ush_storage_maker maker)
{
    static struct desk desk;
    desk.maker = &maker;
#define TEST(name) {#name, name, setup, teardown, &desk}
    const struct CMUnitTest tests[] = {
        TEST(new_store_is_empty_and_takes_the_fresh_epoch),
        TEST(epoch_and_facts_stay_when_closed_and_opened),
        TEST(a_storage_may_be_closed_without_a_load),
        TEST(every_field_comes_back_unchanged),
        TEST(every_character_comes_back_unchanged),
        TEST(keys_and_names_may_be_as_long_as_the_protocol_allows),
        TEST(a_batch_that_does_not_continue_changes_nothing),
        TEST(fetch_reads_one_log_from_a_cursor),
        TEST(fetch_gives_one_fact_at_least_however_long),
        TEST(fetch_of_both_logs_keeps_the_newest_in_order),
        TEST(history_reads_all_sessions_by_seq),
        TEST(a_key_belongs_to_one_person),
        TEST(a_visitor_is_found_by_the_hash_of_the_token),
        TEST(load_tells_what_is_live_and_no_more),
        TEST(a_reader_that_stops_ends_the_reading),
        TEST(a_desk_has_one_owner_at_a_time),
        TEST(what_is_not_loaded_gives_nothing_away),
        TEST(any_history_comes_back_as_the_model_says),
        TEST(a_session_may_lie_far_apart_in_the_history),
    };
#undef TEST
    const int failed = cmocka_run_group_tests_name(maker.name, tests, NULL, NULL);
    desk.maker = NULL;
    return failed;
}
