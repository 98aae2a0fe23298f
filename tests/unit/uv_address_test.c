/* uv_address_test.c - tests of addresses: what is one, what is the same, who is behind a proxy.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/uv/address.h"

static struct usher_span span(const char *text)
{
    return (struct usher_span){text, strlen(text)};
}

static const char *text_of(const char *text)
{
    static char out[USH_ADDRESS_TEXT];
    struct ush_address a = ush_address_parse(span(text));
    ush_address_format(&a, out);
    return out;
}

static void addresses_are_read_in_all_their_forms(void **state)
{
    (void) state;
    assert_string_equal(text_of("192.0.2.1"), "192.0.2.1");
    assert_string_equal(text_of("192.0.2.1:8080"), "192.0.2.1");
    assert_string_equal(text_of("2001:DB8:0::1"), "2001:db8::1");
    assert_string_equal(text_of("[2001:db8::1]"), "2001:db8::1");
    assert_string_equal(text_of("[2001:db8::1]:443"), "2001:db8::1");
    assert_string_equal(text_of("fe80::1%eth0"), "fe80::1");
    assert_string_equal(text_of("unix"), "unix");
    assert_string_equal(text_of(""), "");
    assert_string_equal(text_of("[2001:db8::1"), "[2001:db8::1");
    assert_string_equal(text_of("a name that is far longer than 16"), "a name that is f");
}

static void mapped_ipv4_is_ipv4(void **state)
{
    (void) state;
    struct ush_address mapped = ush_address_parse(span("::ffff:192.0.2.1"));
    struct ush_address plain = ush_address_parse(span("192.0.2.1"));
    assert_true(ush_address_equal(&mapped, &plain));
    assert_string_equal(text_of("::ffff:c000:201"), "192.0.2.1");
}

static bool same_net(const char *a, const char *b)
{
    struct ush_address x = ush_address_parse(span(a));
    struct ush_address y = ush_address_parse(span(b));
    x = ush_address_net(&x);
    y = ush_address_net(&y);
    return ush_address_equal(&x, &y);
}

static void ipv6_counts_by_64_and_ipv4_in_full(void **state)
{
    (void) state;
    assert_true(same_net("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
    assert_false(same_net("2001:db8:1:2::1", "2001:db8:1:3::1"));
    assert_false(same_net("192.0.2.1", "192.0.2.2"));
    assert_false(same_net("127.0.0.1", "::1"));
    assert_false(same_net("unix", "local"));
}

struct hop { const char *peer, *forwarded, *expect; };

static void the_first_hop_that_is_not_trusted_counts(void **state)
{
    (void) state;
    const struct ush_address trusted[] = {ush_address_parse(span("10.0.0.1")),
                                          ush_address_parse(span("unix")),
                                          ush_address_parse(span("10.0.0.2"))};
    const struct hop hops[] = {
        /* Nobody vouches for what a stranger forwards. */
        {"192.0.2.9", "198.51.100.1", "192.0.2.9"},
        {"10.0.0.1", "198.51.100.1", "198.51.100.1"},
        {"::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"},
        {"unix", "198.51.100.1", "198.51.100.1"},
        /* What the visitor wrote himself stands left of what the proxy saw. */
        {"10.0.0.1", "127.0.0.1, 198.51.100.1", "198.51.100.1"},
        {"10.0.0.1", "198.51.100.1 ,\t10.0.0.2", "198.51.100.1"},
        {"10.0.0.1", "203.0.113.1,198.51.100.1,10.0.0.2", "198.51.100.1"},
        /* All are trusted: the farthest. */
        {"10.0.0.1", "10.0.0.2", "10.0.0.2"},
        {"10.0.0.1", "", "10.0.0.1"},
        /* Nonsense is the fault of the last one that is known. */
        {"10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"},
        {"10.0.0.1", ",", "10.0.0.1"},
        {"10.0.0.1", "[2001:db8::5]:1234", "2001:db8::5"},
    };
    for (size_t i = 0; i < sizeof hops / sizeof hops[0]; i++) {
        struct usher_peer peer = {span(hops[i].peer), span(hops[i].forwarded)};
        struct ush_address a = ush_address_of(&peer, trusted, 3);
        char out[USH_ADDRESS_TEXT];
        ush_address_format(&a, out);
        assert_string_equal(out, hops[i].expect);
    }
}

static void a_chain_without_end_is_cut(void **state)
{
    (void) state;
    const struct ush_address trusted[] = {ush_address_parse(span("10.0.0.1"))};
    char chain[10 * 40 + 1] = "";
    for (int i = 0; i < 40; i++) {
        strcat(chain, "10.0.0.1, ");
    }
    chain[strlen(chain) - 2] = 0;
    struct usher_peer peer = {span("10.0.0.1"), span(chain)};
    struct ush_address a = ush_address_of(&peer, trusted, 1);
    assert_true(ush_address_equal(&a, &trusted[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_in_all_their_forms),
        cmocka_unit_test(mapped_ipv4_is_ipv4),
        cmocka_unit_test(ipv6_counts_by_64_and_ipv4_in_full),
        cmocka_unit_test(the_first_hop_that_is_not_trusted_counts),
        cmocka_unit_test(a_chain_without_end_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
