/* storage_answers.c - tests of storages: each question gets the facts it asks for, and no more.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "storage_desk.h"

enum { STOP = -77 };

static void fetch_reads_one_log_from_a_cursor(void **state)
{
    struct ush_desk *d = *state;
    ush_desk_fill(d);
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
    struct ush_desk *d = *state;
    ush_desk_fill(d);
    struct usher_fetch what = {.session = ush_session_of(1),
                               .log = USHER_LOG_PUBLIC,
                               .before = UINT64_MAX,
                               .facts_max = 5,
                               .bytes_max = 0};
    size_t n = 0;
    struct usher_fault why;
    assert_int_equal(d->s->ops->fetch(d->s, &what, ush_count, &n, &why), 0);
    assert_int_equal(n, 1);
    what.internal = true;
    assert_int_equal(d->s->ops->fetch(d->s, &what, ush_count, &n, &why), 0);
    assert_int_equal(n, 2);
    what.session = ush_session_of(2);
    assert_int_equal(d->s->ops->fetch(d->s, &what, ush_count, &n, &why), 0);
    assert_int_equal(n, 2);
}

static void fetch_of_both_logs_keeps_the_newest_in_order(void **state)
{
    struct ush_desk *d = *state;
    ush_desk_fill(d);
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
    struct ush_desk *d = *state;
    ush_desk_fill(d);
    ush_desk_add(d, ush_fact_agent("bea", true));
    ush_desk_add(d, ush_fact_offered(1, "bea"));
    ush_desk_add(d, ush_fact_opened(2, 1));
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
    struct ush_desk *d = *state;
    ush_desk_load(d, 7);
    ush_desk_add(d, ush_fact_visitor(1));
    ush_desk_add(d, ush_fact_visitor(2));
    ush_desk_add(d, ush_fact_opened(1, 1));
    ush_desk_add(d, ush_fact_opened(2, 2));
    struct usher_fact by_one = ush_fact_said(1, 1, "a");
    by_one.key = ush_span("same");
    by_one.digest = 11;
    ush_desk_add(d, by_one);
    struct usher_fact by_two = ush_fact_said(2, 2, "b");
    by_two.key = ush_span("same");
    by_two.digest = 12;
    ush_desk_add(d, by_two);
    struct usher_fact by_bea = ush_fact_whispered(1, "bea", "c");
    by_bea.key = ush_span("same");
    by_bea.digest = 13;
    ush_desk_add(d, by_bea);
    struct usher_fact by_bot = ush_fact_whispered(2, "bea", "d");
    by_bot.by.kind = USHER_BOT;
    by_bot.key = ush_span("same");
    by_bot.digest = 14;
    ush_desk_add(d, by_bot);
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
    struct ush_desk *d = *state;
    uint8_t token_hash[32];
    ush_desk_load(d, 7);
    ush_desk_add(d, ush_fact_visitor(1));
    ush_desk_add(d, ush_fact_visitor(2));
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
    struct ush_desk *d = *state;
    ush_desk_load(d, 7);
    for (uint32_t i = 1; i <= 4; i++) {
        ush_desk_add(d, ush_fact_visitor(i));
    }
    ush_desk_add(d, ush_fact_agent("bea", true));
    ush_desk_add(d, ush_fact_agent("cyd", true));
    for (uint32_t i = 1; i <= 4; i++) {
        ush_desk_add(d, ush_fact_opened(i, i));
        ush_desk_add(d, ush_fact_offered(i, "bea"));
        ush_desk_add(d, ush_fact_joined(i, "bea"));
    }
    ush_desk_add(d, ush_fact_agent("bea", false));
    ush_desk_add(d, ush_fact_closed(2, 2, 5000));
    ush_desk_add(d, ush_fact_closed(3, 3, 6000));
    ush_desk_add(d, ush_fact_closed(4, 4, 4000));
    ush_desk_add(d, ush_fact_reopened(4, 4, 6500));
    ush_desk_add(d, ush_fact_opened(5, 3)); /* by a visitor whose other session is closed */
    ush_model_save(&d->model, d->s);
    const int64_t since[] = {0, 5000, 5001, 6000, 6001, INT64_MAX};
    for (size_t i = 0; i < sizeof since / sizeof *since; i++) {
        ush_desk_close(d);
        ush_desk_open(d);
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
    struct ush_desk *d = *state;
    struct usher_fault why;
    ush_desk_fill(d);
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
    ush_desk_add(d, ush_fact_said(1, 1, "and it goes on"));
    ush_model_save(&d->model, d->s);
    struct ush_dice dice = {6};
    ush_model_check(&d->model, d->s, &dice);
}

const struct CMUnitTest ush_storage_answers[] = {
    cmocka_unit_test(fetch_reads_one_log_from_a_cursor),
    cmocka_unit_test(fetch_gives_one_fact_at_least_however_long),
    cmocka_unit_test(fetch_of_both_logs_keeps_the_newest_in_order),
    cmocka_unit_test(history_reads_all_sessions_by_seq),
    cmocka_unit_test(a_key_belongs_to_one_person),
    cmocka_unit_test(a_visitor_is_found_by_the_hash_of_the_token),
    cmocka_unit_test(load_tells_what_is_live_and_no_more),
    cmocka_unit_test(a_reader_that_stops_ends_the_reading),
};
const size_t ush_storage_answers_n = sizeof ush_storage_answers / sizeof *ush_storage_answers;
