/* storage_keeps.c - tests of storages: what goes in stays, unchanged, for one owner.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "storage_desk.h"

static void new_store_is_empty_and_takes_the_fresh_epoch(void **state)
{
    struct ush_desk *d = *state;
    assert_true(ush_desk_load(d, UINT64_C(0xfedcba9876543210)) == UINT64_C(0xfedcba9876543210));
    assert_int_equal(ush_desk_mark(d), 0);
    struct ush_dice dice = {1};
    ush_model_check(&d->model, d->s, &dice);
}

static void epoch_and_facts_stay_when_closed_and_opened(void **state)
{
    struct ush_desk *d = *state;
    ush_desk_fill(d);
    ush_desk_close(d);
    assert_int_equal(ush_desk_load(d, 8), 7);
    struct ush_dice dice = {2};
    ush_model_check(&d->model, d->s, &dice);
    ush_desk_add(d, ush_fact_said(1, 1, "again"));
    ush_model_save(&d->model, d->s);
    ush_desk_close(d);
    assert_int_equal(ush_desk_load(d, 9), 7);
    ush_model_check(&d->model, d->s, &dice);
}

static void a_storage_may_be_closed_without_a_load(void **state)
{
    struct ush_desk *d = *state;
    ush_desk_open(d);
    ush_desk_close(d);
    assert_int_equal(ush_desk_load(d, 5), 5);
}

static void every_field_comes_back_unchanged(void **state)
{
    struct ush_desk *d = *state;
    ush_desk_load(d, 7);
    ush_desk_add(d, ush_fact_visitor(1));
    ush_desk_add(d, ush_fact_opened(1, 1));
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
    ush_desk_add(d, full);
    full.log = USHER_LOG_INTERNAL;
    full.type = USHER_FACT_WHISPERED;
    full.at_ms = -1;
    full.digest = 1;
    ush_desk_add(d, full);
    ush_model_save(&d->model, d->s);
    struct ush_dice dice = {3};
    ush_model_check(&d->model, d->s, &dice);
    ush_desk_reopen(d);
    ush_model_check(&d->model, d->s, &dice);
}

/* Whatever a fact's type may be, by its name, a storage gives it back. */
static void every_type_comes_back(void **state)
{
    struct ush_desk *d = *state;
    uint32_t visitor = 1;
    ush_desk_load(d, 7);
    ush_desk_add(d, ush_fact_visitor(1));
    ush_desk_add(d, ush_fact_opened(1, 1));
    for (int type = 1; type < 64; type++) {
        struct usher_fact fact = ush_fact_said(1, 1, "body");
        fact.type = (enum usher_fact_type) type;
        if (type == USHER_FACT_OPENED || strcmp(usher_fact_name(fact.type), "?") == 0) {
            continue;
        }
        if (type == USHER_FACT_VISITOR) {
            fact = ush_fact_visitor(++visitor);
        } else if (type == USHER_FACT_AGENT) {
            fact = ush_fact_agent("ann", true);
        } else if (type >= USHER_FACT_VISITOR) {
            fact.log = USHER_LOG_DESK;
        }
        ush_desk_add(d, fact);
    }
    ush_model_save(&d->model, d->s);
    struct ush_dice dice = {3};
    ush_model_check(&d->model, d->s, &dice);
    ush_desk_reopen(d);
    ush_model_check(&d->model, d->s, &dice);
}

/* Of many sessions some were closed long ago, some lately; none is taken for another. */
static void of_many_sessions_the_live_ones_are_loaded(void **state)
{
    struct ush_desk *d = *state;
    ush_desk_load(d, 7);
    for (uint32_t i = 0; i < 300; i++) {
        ush_desk_add(d, ush_fact_visitor(i));
        ush_desk_add(d, ush_fact_opened(i, i));
        ush_desk_add(d, ush_fact_said(i, i, "body"));
        if (i % 3 != 0) {
            ush_desk_add(d, ush_fact_closed(i, i, i % 3 * 1000));
        }
    }
    ush_model_save(&d->model, d->s);
    for (int64_t since = 0; since <= 3000; since += 500) {
        ush_model_check_load(&d->model, d->s, since);
    }
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
    struct ush_desk *d = *state;
    static char body[8192];
    ush_desk_load(d, 7);
    ush_desk_add(d, ush_fact_visitor(1));
    ush_desk_add(d, ush_fact_opened(1, 1));
    size_t n = 0;
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        if (c >= 0xd800 && c <= 0xdfff) {
            continue;
        }
        n += encode(c, body + n);
        if (n > sizeof body - 4 || c == 0x10ffff) {
            struct usher_fact fact = ush_fact_said(1, 1, "");
            fact.body = (struct usher_span){body, n};
            ush_desk_add(d, fact);
            n = 0;
        }
    }
    ush_model_save(&d->model, d->s);
    ush_desk_reopen(d);
    ush_model_check_history(&d->model, d->s, 0, UINT32_MAX);
}

static void keys_and_names_may_be_as_long_as_the_protocol_allows(void **state)
{
    struct ush_desk *d = *state;
    static char longest[USHER_NAME_MAX];
    memset(longest, 'x', sizeof longest);
    ush_desk_load(d, 7);
    ush_desk_add(d, ush_fact_visitor(1));
    struct usher_fact opened = ush_fact_opened(1, 1);
    opened.by.name = (struct usher_span){longest, USHER_NAME_MAX};
    opened.email = (struct usher_span){longest, USHER_EMAIL_MAX};
    opened.key = (struct usher_span){longest, USHER_KEY_MAX};
    opened.digest = 5;
    ush_desk_add(d, opened);
    struct usher_fact said = ush_fact_said(1, 1, "x");
    said.key = (struct usher_span){longest, USHER_KEY_MAX - 1};
    said.digest = 6;
    ush_desk_add(d, said);
    ush_model_save(&d->model, d->s);
    struct ush_dice dice = {4};
    ush_model_check(&d->model, d->s, &dice);
}

static void a_batch_that_does_not_continue_changes_nothing(void **state)
{
    struct ush_desk *d = *state;
    struct ush_dice dice = {5};
    ush_desk_fill(d);
    ush_desk_add(d, ush_fact_said(1, 1, "never"));
    struct usher_batch batch = ush_model_batch(&d->model);
    struct usher_fact fact = batch.facts[0];
    batch.facts = &fact;
    const int64_t wrong[] = {-1, 1, 1000};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        batch.first = fact.seq = (uint64_t) ((int64_t) d->model.saved + 1 + wrong[i]);
        ush_desk_refused(d, batch);
    }
    batch.first = fact.seq = 0;
    ush_desk_refused(d, batch);
    ush_model_undo(&d->model);
    ush_model_check(&d->model, d->s, &dice);
    ush_desk_reopen(d);
    ush_model_check(&d->model, d->s, &dice);
}

static void a_desk_has_one_owner_at_a_time(void **state)
{
    struct ush_desk *d = *state;
    ush_desk_fill(d);
    struct usher_storage *second = NULL;
    struct usher_load load = {.fresh_epoch = 3};
    struct usher_fault why = {0};
    size_t n = 0;
    assert_int_equal(d->maker->open(d->maker->ctx, &second), 0);
    assert_int_equal(second->ops->load(second, &load, ush_count, &n, &why), USHER_EFENCED);
    assert_int_equal(why.err, USHER_EFENCED);
    assert_int_equal(n, 0);
    /* The first does not notice. */
    ush_desk_add(d, ush_fact_said(1, 1, "mine"));
    ush_model_save(&d->model, d->s);
    /* And when it is gone, the same second one may have it. */
    ush_desk_close(d);
    d->s = second;
    struct ush_dice dice = {7};
    ush_model_check_load(&d->model, d->s, 0);
    ush_model_check(&d->model, d->s, &dice);
}

static void what_is_not_loaded_gives_nothing_away(void **state)
{
    struct ush_desk *d = *state;
    ush_desk_fill(d);
    ush_desk_close(d);
    ush_desk_open(d);
    uint64_t seq = 0;
    size_t n = 0;
    struct usher_fault why = {0};
    assert_int_not_equal(d->s->ops->mark(d->s, &seq, &why), 0);
    assert_int_not_equal(why.err, 0);
    assert_int_not_equal(d->s->ops->history(d->s, 0, 10, ush_count, &n, &why), 0);
    assert_int_equal(n, 0);
}

const struct CMUnitTest ush_storage_keeps[] = {
    cmocka_unit_test(new_store_is_empty_and_takes_the_fresh_epoch),
    cmocka_unit_test(epoch_and_facts_stay_when_closed_and_opened),
    cmocka_unit_test(a_storage_may_be_closed_without_a_load),
    cmocka_unit_test(every_field_comes_back_unchanged),
    cmocka_unit_test(every_type_comes_back),
    cmocka_unit_test(of_many_sessions_the_live_ones_are_loaded),
    cmocka_unit_test(every_character_comes_back_unchanged),
    cmocka_unit_test(keys_and_names_may_be_as_long_as_the_protocol_allows),
    cmocka_unit_test(a_batch_that_does_not_continue_changes_nothing),
    cmocka_unit_test(a_desk_has_one_owner_at_a_time),
    cmocka_unit_test(what_is_not_loaded_gives_nothing_away),
};
const size_t ush_storage_keeps_n = sizeof ush_storage_keeps / sizeof *ush_storage_keeps;
