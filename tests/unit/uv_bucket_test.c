/* uv_bucket_test.c - tests of token buckets and counts, with time as an argument.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../lib/uv/bucket.h"

static const struct usher_rate three_a_second = {.burst = 3, .refill_ms = 1000};

static bool take(struct ush_bucket *b, uint64_t now_ms)
{
    uint32_t retry_ms = 0;
    bool has = ush_bucket_has(b, three_a_second, now_ms, &retry_ms);
    if (has) {
        ush_bucket_take(b, three_a_second, now_ms);
    }
    return has;
}

static void a_burst_is_allowed_and_one_more_is_not(void **state)
{
    (void) state;
    struct ush_bucket b = {0};
    uint32_t retry_ms = 0;
    assert_true(take(&b, 5000));
    assert_true(take(&b, 5000));
    assert_true(take(&b, 5000));
    assert_false(ush_bucket_has(&b, three_a_second, 5000, &retry_ms));
    assert_int_equal(retry_ms, 1000);
}

static void the_time_to_retry_is_exact(void **state)
{
    (void) state;
    struct ush_bucket b = {0};
    uint32_t retry_ms = 0;
    for (int i = 0; i < 3; i++) {
        assert_true(take(&b, 5000));
    }
    assert_false(ush_bucket_has(&b, three_a_second, 5400, &retry_ms));
    assert_int_equal(retry_ms, 600);
    assert_false(take(&b, 5999));
    assert_true(take(&b, 6000));
    assert_false(take(&b, 6000));
}

static void a_refused_try_costs_nothing(void **state)
{
    (void) state;
    struct ush_bucket b = {0};
    for (int i = 0; i < 3; i++) {
        assert_true(take(&b, 5000));
    }
    for (int i = 0; i < 100; i++) {
        assert_false(take(&b, 5500));
    }
    assert_true(take(&b, 6000));
}

static void it_never_holds_more_than_a_burst(void **state)
{
    (void) state;
    struct ush_bucket b = {0};
    assert_true(take(&b, 1000));
    assert_true(ush_bucket_full(&b, 1000000));
    for (int i = 0; i < 3; i++) {
        assert_true(take(&b, 1000000));
    }
    assert_false(take(&b, 1000000));
    assert_false(ush_bucket_full(&b, 1002999));
    assert_true(ush_bucket_full(&b, 1003000));
}

static void over_a_long_time_the_refill_is_the_limit(void **state)
{
    (void) state;
    struct ush_bucket b = {0};
    uint32_t taken = 0;
    for (uint64_t ms = 1000; ms < 1000 + 60000; ms++) {
        taken += take(&b, ms) ? 1 : 0;
    }
    assert_int_equal(taken, 3 + 59);
}

static void a_bucket_of_one_is_a_pause(void **state)
{
    (void) state;
    const struct usher_rate rate = {.burst = 1, .refill_ms = 2000};
    struct ush_bucket b = {0};
    uint32_t retry_ms = 0;
    assert_true(ush_bucket_has(&b, rate, 10, &retry_ms));
    ush_bucket_take(&b, rate, 10);
    assert_false(ush_bucket_has(&b, rate, 2009, &retry_ms));
    assert_int_equal(retry_ms, 1);
    assert_true(ush_bucket_has(&b, rate, 2010, &retry_ms));
}

static void a_count_is_past_after_its_stretch(void **state)
{
    (void) state;
    struct ush_count c = {0};
    uint32_t retry_ms = 0;
    ush_count_add(&c, 1000, 100);
    ush_count_add(&c, 1000, 900);
    assert_true(ush_count_below(&c, 3, 1000, 900, &retry_ms));
    assert_false(ush_count_below(&c, 2, 1000, 900, &retry_ms));
    assert_int_equal(retry_ms, 200);
    assert_int_equal(ush_count_now(&c, 1000, 1099), 2);
    assert_int_equal(ush_count_now(&c, 1000, 1100), 0);
    ush_count_add(&c, 1000, 1100);
    assert_int_equal(ush_count_now(&c, 1000, 1100), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_is_allowed_and_one_more_is_not),
        cmocka_unit_test(the_time_to_retry_is_exact),
        cmocka_unit_test(a_refused_try_costs_nothing),
        cmocka_unit_test(it_never_holds_more_than_a_burst),
        cmocka_unit_test(over_a_long_time_the_refill_is_the_limit),
        cmocka_unit_test(a_bucket_of_one_is_a_pause),
        cmocka_unit_test(a_count_is_past_after_its_stretch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
