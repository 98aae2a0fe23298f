/* uv_doorman_test.c - tests of rates and caps, each on both sides of its limit.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/uv/doorman.h"

#define T0 UINT64_C(1000000)

struct world { struct ush_doorman door; };

static int setup(void **state)
{
    static struct world w;
    const struct usher_rates defaults = {0};
    const uint8_t key[16] = {1};
    *state = &w;
    return ush_doorman_init(&w.door, &defaults, 100, NULL, 0, key);
}

static int teardown(void **state)
{
    struct world *w = *state;
    ush_doorman_done(&w->door);
    return 0;
}

static struct ush_address address(const char *text)
{
    return ush_address_parse((struct usher_span){text, strlen(text)});
}

static struct ush_record *link_up(struct world *w, const char *text, uint64_t now_ms)
{
    struct ush_address a = address(text);
    struct ush_record *r = NULL;
    assert_int_equal(ush_doorman_link_up(&w->door, &a, now_ms, &r), 0);
    return r;
}

static struct usher_visitor_id visitor(uint8_t n)
{
    return (struct usher_visitor_id){{n, 1}};
}

static int say(struct world *w, struct ush_record *r, uint8_t who, bool start, uint64_t now_ms,
               uint32_t *retry_ms)
{
    struct usher_visitor_id id = visitor(who);
    int rv = start ? ush_doorman_start(&w->door, r, &id, (struct usher_span){0}, now_ms, retry_ms)
                   : 0;
    if (rv == 0) {
        rv = ush_doorman_visitor(&w->door, r, &id, now_ms, retry_ms);
    }
    if (start && rv == 0) {
        ush_doorman_started(&w->door, &id, now_ms);
    }
    return rv;
}

/* Somebody asks to start with this key ("": none); nothing has come of it yet. */
static int try_start(struct world *w, struct ush_record *r, uint8_t who, const char *key,
                     uint32_t *retry_ms)
{
    struct usher_visitor_id id = visitor(who);
    struct usher_span span = {key, strlen(key)};
    return ush_doorman_start(&w->door, r, &id, span, T0, retry_ms);
}

static void started(struct world *w, uint8_t who)
{
    struct usher_visitor_id id = visitor(who);
    ush_doorman_started(&w->door, &id, T0);
    ush_doorman_settle(&w->door);
}

static void new_links_of_an_address_are_50_at_once(void **state)
{
    struct world *w = *state;
    struct ush_address a = address("192.0.2.1");
    struct ush_address b = address("192.0.2.2");
    uint32_t retry_ms = 0;
    for (int i = 0; i < 50; i++) {
        assert_int_equal(ush_doorman_admit(&w->door, &a, T0, &retry_ms), 0);
    }
    assert_int_equal(ush_doorman_admit(&w->door, &a, T0, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 50);
    assert_int_equal(ush_doorman_admit(&w->door, &a, T0 + 49, &retry_ms), USHER_EBUSY);
    assert_int_equal(ush_doorman_admit(&w->door, &a, T0 + 50, &retry_ms), 0);
    assert_int_equal(ush_doorman_admit(&w->door, &b, T0 + 50, &retry_ms), 0);
}

static void new_links_of_all_are_500_at_once(void **state)
{
    struct world *w = *state;
    uint32_t retry_ms = 0;
    char text[32];
    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof text, "192.0.2.%d", i / 10);
        struct ush_address a = address(text);
        assert_int_equal(ush_doorman_admit(&w->door, &a, T0, &retry_ms), 0);
    }
    struct ush_address b = address("198.51.100.1");
    assert_int_equal(ush_doorman_admit(&w->door, &b, T0, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 2);
    assert_int_equal(ush_doorman_admit(&w->door, &b, T0 + 2, &retry_ms), 0);
}

static void live_links_of_an_address_are_50(void **state)
{
    struct world *w = *state;
    struct ush_address a = address("192.0.2.1");
    struct ush_record *first = link_up(w, "192.0.2.1", T0);
    struct ush_record *r = NULL;
    uint32_t retry_ms = 0;
    for (int i = 1; i < 50; i++) {
        r = link_up(w, "192.0.2.1", T0);
    }
    assert_ptr_equal(r, first);
    assert_int_equal(ush_doorman_admit(&w->door, &a, T0, &retry_ms), USHER_EFULL);
    assert_true(retry_ms > 0);
    assert_int_equal(ush_doorman_link_up(&w->door, &a, T0, &r), USHER_EFULL);
    ush_doorman_link_down(first);
    assert_int_equal(ush_doorman_admit(&w->door, &a, T0, &retry_ms), 0);
    link_up(w, "192.0.2.1", T0);
}

static void a_visitor_says_10_at_once_and_then_1_a_second(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    uint32_t retry_ms = 0;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(say(w, r, 1, false, T0, &retry_ms), 0);
    }
    assert_int_equal(say(w, r, 1, false, T0 + 999, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 1);
    assert_int_equal(say(w, r, 2, false, T0 + 999, &retry_ms), 0);
    assert_int_equal(say(w, r, 1, false, T0 + 1000, &retry_ms), 0);
    assert_int_equal(say(w, r, 1, false, T0 + 1000, &retry_ms), USHER_EBUSY);
}

static void a_visitor_says_100_a_minute_and_2000_a_day(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    w->door.rates.visitor_say = (struct usher_rate){10000, 1};
    w->door.rates.address_say = (struct usher_rate){10000, 1};
    uint32_t retry_ms = 0;
    uint64_t now_ms = T0;
    for (int minute = 0; minute < 20; minute++) {
        for (int i = 0; i < 100; i++) {
            assert_int_equal(say(w, r, 1, false, now_ms, &retry_ms), 0);
        }
        assert_int_equal(say(w, r, 1, false, now_ms + 59999, &retry_ms), USHER_EBUSY);
        assert_int_equal(retry_ms, 1);
        now_ms += 60000;
    }
    assert_int_equal(say(w, r, 1, false, now_ms, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 86400000 - 20 * 60000);
    assert_int_equal(say(w, r, 1, false, T0 + 86400000, &retry_ms), 0);
}

static void a_visitor_starts_3_and_then_1_in_ten_minutes(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    uint32_t retry_ms = 0;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(say(w, r, 1, true, T0, &retry_ms), 0);
    }
    assert_int_equal(say(w, r, 1, true, T0 + 10000, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 590000);
    assert_int_equal(say(w, r, 1, false, T0 + 10000, &retry_ms), 0);
    assert_int_equal(say(w, r, 1, true, T0 + 600000, &retry_ms), 0);
}

static void an_address_starts_30_and_says_300(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    uint32_t retry_ms = 0;
    for (uint8_t who = 0; who < 30; who++) {
        assert_int_equal(say(w, r, who, true, T0, &retry_ms), 0);
    }
    assert_int_equal(say(w, r, 30, true, T0, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 120000);
    for (uint8_t who = 100; who < 127; who++) {
        for (int i = 0; i < 10; i++) {
            assert_int_equal(say(w, r, who, false, T0, &retry_ms), 0);
        }
    }
    assert_int_equal(say(w, r, 200, false, T0, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 200);
    assert_int_equal(say(w, r, 200, false, T0 + 200, &retry_ms), 0);
}

static void only_starts_that_open_a_session_are_paid_for(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    uint32_t retry_ms = 0;
    for (uint8_t i = 0; i < 100; i++) {
        assert_int_equal(try_start(w, r, 1, "", &retry_ms), 0);
        ush_doorman_settle(&w->door);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(try_start(w, r, 1, "", &retry_ms), 0);
        started(w, 1);
    }
    assert_int_equal(try_start(w, r, 1, "", &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 600000);
    for (uint8_t who = 2; who < 29; who++) {
        assert_int_equal(try_start(w, r, who, "", &retry_ms), 0);
        started(w, who);
    }
    assert_int_equal(try_start(w, r, 29, "", &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 120000);
}

static void until_they_are_settled_starts_count(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    uint32_t retry_ms = 0;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(try_start(w, r, 1, "", &retry_ms), 0);
    }
    assert_int_equal(try_start(w, r, 1, "", &retry_ms), USHER_EBUSY);
    started(w, 1); /* One of the three; the others are given back. */
    assert_int_equal(try_start(w, r, 1, "", &retry_ms), 0);
    assert_int_equal(try_start(w, r, 1, "", &retry_ms), 0);
    assert_int_equal(try_start(w, r, 1, "", &retry_ms), USHER_EBUSY);
}

static void a_start_that_waited_is_paid_for_once(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    struct usher_visitor_id id = visitor(1);
    uint32_t retry_ms = 0;
    assert_int_equal(try_start(w, r, 1, "k1", &retry_ms), 0);
    ush_doorman_settle(&w->door);
    ush_doorman_start_goes_on(&w->door, r, &id, T0);
    ush_doorman_start_goes_on(&w->door, r, &id, T0);
    started(w, 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(try_start(w, r, 1, "", &retry_ms), 0);
        started(w, 1);
    }
    assert_int_equal(try_start(w, r, 1, "", &retry_ms), USHER_EBUSY);
}

static void the_last_key_may_be_repeated_when_nothing_is_left(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    uint32_t retry_ms = 0;
    const char *const keys[] = {"k1", "k2", "k3"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(try_start(w, r, 1, keys[i], &retry_ms), 0);
        started(w, 1);
    }
    assert_int_equal(try_start(w, r, 1, "k4", &retry_ms), USHER_EBUSY);
    assert_int_equal(try_start(w, r, 1, "k2", &retry_ms), USHER_EBUSY);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(try_start(w, r, 1, "k3", &retry_ms), 0);
        ush_doorman_settle(&w->door);
    }
    assert_int_equal(try_start(w, r, 2, "k3", &retry_ms), 0); /* another's key is his own */
    /* What it says of his address goes for a repeated one, too. */
    w->door.rates.address_start = (struct usher_rate){1, 60000};
    started(w, 2);
    assert_int_equal(try_start(w, r, 1, "k3", &retry_ms), USHER_EBUSY);
}

static void a_record_with_a_start_that_is_out_is_not_reused(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    struct usher_visitor_id id = visitor(1);
    uint32_t retry_ms = 0;
    uint8_t hash[32] = {0};
    w->door.rates.visitor_start = (struct usher_rate){1, 1}; /* soon as if nothing had been */
    assert_int_equal(try_start(w, r, 1, "", &retry_ms), 0);
    const struct ush_record *his = ush_table_look(&w->door.people, 'v', &id, sizeof id);
    for (uint32_t i = 0; i < 2 * w->door.people.size; i++) {
        memcpy(hash, &i, sizeof i);
        uint64_t now_ms = T0 + 1000 + (uint64_t) i * 5000;
        assert_int_equal(ush_doorman_hello(&w->door, hash, now_ms, &retry_ms), 0);
    }
    assert_int_equal(his->starts, 1);
    ush_doorman_settle(&w->door);
    assert_int_equal(his->starts, 0);
}

static void strangers_without_a_record_share_no_key(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    uint32_t retry_ms = 0;
    uint8_t hash[32] = {0};
    for (uint32_t i = 0; i <= w->door.people.size; i++) {
        memcpy(hash, &i, sizeof i);
        assert_int_equal(ush_doorman_hello(&w->door, hash, T0, &retry_ms), 0);
    }
    for (uint8_t who = 0; who < 3; who++) {
        assert_int_equal(try_start(w, r, who, "k1", &retry_ms), 0);
        started(w, who);
    }
    assert_int_equal(try_start(w, r, 3, "k1", &retry_ms), USHER_EBUSY);
}

static void what_the_address_refuses_the_visitor_does_not_pay(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    w->door.rates.address_say = (struct usher_rate){1, 60000};
    uint32_t retry_ms = 0;
    assert_int_equal(say(w, r, 1, false, T0, &retry_ms), 0);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(say(w, r, 2, false, T0, &retry_ms), USHER_EBUSY);
    }
    w->door.rates.address_say = (struct usher_rate){1000, 1};
    for (int i = 0; i < 10; i++) {
        assert_int_equal(say(w, r, 2, false, T0 + 60000, &retry_ms), 0);
    }
}

static void an_agent_says_30_at_once(void **state)
{
    struct world *w = *state;
    const struct usher_agent_id ann = {"ann"};
    const struct usher_agent_id bea = {"bea"};
    uint32_t retry_ms = 0;
    for (int i = 0; i < 30; i++) {
        assert_int_equal(ush_doorman_agent(&w->door, &ann, T0, &retry_ms), 0);
    }
    assert_int_equal(ush_doorman_agent(&w->door, &ann, T0, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 200);
    assert_int_equal(ush_doorman_agent(&w->door, &bea, T0, &retry_ms), 0);
    assert_int_equal(ush_doorman_agent(&w->door, &ann, T0 + 200, &retry_ms), 0);
}

static void a_token_says_hello_5_times_at_once(void **state)
{
    struct world *w = *state;
    const uint8_t token[32] = {7};
    const uint8_t other[32] = {8};
    uint32_t retry_ms = 0;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(ush_doorman_hello(&w->door, token, T0, &retry_ms), 0);
    }
    assert_int_equal(ush_doorman_hello(&w->door, token, T0, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 5000);
    assert_int_equal(ush_doorman_hello(&w->door, other, T0, &retry_ms), 0);
    assert_int_equal(ush_doorman_hello(&w->door, token, T0 + 5000, &retry_ms), 0);
}

static void ten_wrong_tokens_shut_an_address_for_15_minutes(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    struct ush_record *other = link_up(w, "192.0.2.2", T0);
    uint32_t retry_ms = 0;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(ush_doorman_sign_in(r, T0, &retry_ms), 0);
        ush_doorman_sign_in_failed(&w->door, r, T0);
    }
    assert_int_equal(ush_doorman_sign_in(r, T0, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 900000);
    assert_int_equal(ush_doorman_sign_in(other, T0, &retry_ms), 0);
    assert_int_equal(ush_doorman_sign_in(r, T0 + 899999, &retry_ms), USHER_EBUSY);
    assert_int_equal(ush_doorman_sign_in(r, T0 + 900000, &retry_ms), 0);
}

static void nine_wrong_tokens_in_5_minutes_are_forgiven(void **state)
{
    struct world *w = *state;
    struct ush_record *r = link_up(w, "192.0.2.1", T0);
    uint32_t retry_ms = 0;
    for (int i = 0; i < 9; i++) {
        ush_doorman_sign_in_failed(&w->door, r, T0);
    }
    ush_doorman_sign_in_failed(&w->door, r, T0 + 300000);
    assert_int_equal(ush_doorman_sign_in(r, T0 + 300000, &retry_ms), 0);
}

static int login(struct world *w, const char *from, const char *account, uint64_t now_ms,
                 uint32_t *retry_ms)
{
    struct ush_address a = address(from);
    return ush_doorman_login(&w->door, &a, (struct usher_span){account, strlen(account)}, now_ms,
                             retry_ms);
}

static void login_failed(struct world *w, const char *from, const char *account, uint64_t now_ms)
{
    struct ush_address a = address(from);
    ush_doorman_login_failed(&w->door, &a, (struct usher_span){account, strlen(account)}, now_ms);
}

static void five_wrong_passwords_shut_an_address(void **state)
{
    struct world *w = *state;
    uint32_t retry_ms = 0;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(login(w, "192.0.2.1", "ann", T0, &retry_ms), 0);
        login_failed(w, "192.0.2.1", "ann", T0);
    }
    assert_int_equal(login(w, "192.0.2.1", "bea", T0, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 300000);
    assert_int_equal(login(w, "192.0.2.2", "ann", T0, &retry_ms), 0);
    assert_int_equal(login(w, "192.0.2.1", "bea", T0 + 299999, &retry_ms), USHER_EBUSY);
    assert_int_equal(login(w, "192.0.2.1", "bea", T0 + 300000, &retry_ms), 0);
}

static void ten_wrong_passwords_shut_an_account(void **state)
{
    struct world *w = *state;
    uint32_t retry_ms = 0;
    char from[32];
    for (int i = 0; i < 10; i++) {
        snprintf(from, sizeof from, "192.0.2.%d", i);
        assert_int_equal(login(w, from, "ann", T0, &retry_ms), 0);
        login_failed(w, from, "ann", T0);
    }
    assert_int_equal(login(w, "198.51.100.1", "ann", T0, &retry_ms), USHER_EBUSY);
    assert_int_equal(retry_ms, 900000);
    assert_int_equal(login(w, "198.51.100.1", "bea", T0, &retry_ms), 0);
    assert_int_equal(login(w, "198.51.100.1", "ann", T0 + 900000, &retry_ms), 0);
}

static void flooding_the_table_resets_nobody(void **state)
{
    struct world *w = *state;
    uint32_t retry_ms = 0;
    for (int i = 0; i < 5; i++) {
        login_failed(w, "192.0.2.1", "ann", T0);
    }
    /* Each of these addresses has just failed, too: their records say something. */
    char from[32];
    for (uint32_t i = 0; i < 3 * w->door.addresses.size; i++) {
        snprintf(from, sizeof from, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        login_failed(w, from, "nobody", T0);
    }
    assert_int_equal(w->door.addresses.n, w->door.addresses.size);
    assert_int_equal(login(w, "192.0.2.1", "x", T0, &retry_ms), USHER_EBUSY);
    /* Those for whom there was no room share one record, and its limits. */
    assert_int_equal(login(w, "198.51.100.7", "x", T0, &retry_ms), USHER_EBUSY);
}

static void quiet_records_make_room_for_new_ones(void **state)
{
    struct world *w = *state;
    struct ush_record *held = link_up(w, "192.0.2.1", T0);
    uint32_t retry_ms = 0;
    char from[32];
    for (uint32_t i = 0; i < 2 * w->door.addresses.size; i++) {
        snprintf(from, sizeof from, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
        struct ush_address a = address(from);
        assert_int_equal(ush_doorman_admit(&w->door, &a, T0 + i * 50, &retry_ms), 0);
    }
    assert_int_equal(w->door.addresses.common.bucket[USH_RATE_ACCEPT].full_at, 0);
    assert_int_equal(held->links, 1);
    assert_ptr_equal(link_up(w, "192.0.2.1", T0), held);
}

static void configured_limits_replace_the_defaults(void **state)
{
    (void) state;
    struct ush_doorman door;
    const uint8_t key[16] = {2};
    const struct usher_rates rates = {.links_address = 1, .accept = {.burst = 2, .refill_ms = 10}};
    const char *const trusted[] = {"10.0.0.1"};
    assert_int_equal(ush_doorman_init(&door, &rates, 100, trusted, 1, key), 0);
    assert_int_equal(door.rates.links_address, 1);
    assert_int_equal(door.rates.accept.burst, 2);
    assert_int_equal(door.rates.accept_all.burst, 500);
    assert_int_equal(door.rates.hello_ms, 10000);
    struct usher_peer peer = {{"10.0.0.1", 8}, {"192.0.2.1", 9}};
    struct ush_address a = ush_doorman_address(&door, &peer);
    struct ush_address expect = address("192.0.2.1");
    assert_true(ush_address_equal(&a, &expect));
    ush_doorman_done(&door);
    ush_doorman_done(&door);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new_links_of_an_address_are_50_at_once),
        TEST(new_links_of_all_are_500_at_once),
        TEST(live_links_of_an_address_are_50),
        TEST(a_visitor_says_10_at_once_and_then_1_a_second),
        TEST(a_visitor_says_100_a_minute_and_2000_a_day),
        TEST(a_visitor_starts_3_and_then_1_in_ten_minutes),
        TEST(an_address_starts_30_and_says_300),
        TEST(only_starts_that_open_a_session_are_paid_for),
        TEST(until_they_are_settled_starts_count),
        TEST(a_start_that_waited_is_paid_for_once),
        TEST(the_last_key_may_be_repeated_when_nothing_is_left),
        TEST(a_record_with_a_start_that_is_out_is_not_reused),
        TEST(strangers_without_a_record_share_no_key),
        TEST(what_the_address_refuses_the_visitor_does_not_pay),
        TEST(an_agent_says_30_at_once),
        TEST(a_token_says_hello_5_times_at_once),
        TEST(ten_wrong_tokens_shut_an_address_for_15_minutes),
        TEST(nine_wrong_tokens_in_5_minutes_are_forgiven),
        TEST(five_wrong_passwords_shut_an_address),
        TEST(ten_wrong_passwords_shut_an_account),
        TEST(flooding_the_table_resets_nobody),
        TEST(quiet_records_make_room_for_new_ones),
        cmocka_unit_test(configured_limits_replace_the_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
