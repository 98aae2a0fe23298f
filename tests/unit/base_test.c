/* base_test.c - the structures under the core, each against the obvious slow way.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/base/heap.h"
#include "../../lib/base/list.h"
#include "../../lib/base/map.h"
#include "../../lib/base/pool.h"
#include "../../lib/base/rank.h"
#include "../../lib/base/sip.h"

static uint64_t state = 20261124;

static uint32_t pick(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t) (state >> 11) % n;
}

/* The reference vectors of the SipHash paper, appendix A: key 00..0f, message 00..(n-1). */
static void siphash_gives_the_reference_vectors(void **ctx)
{
    (void) ctx;
    uint8_t key[16];
    uint8_t message[64];
    for (unsigned i = 0; i < 64; i++) {
        message[i] = (uint8_t) i;
        key[i % 16] = (uint8_t) (i % 16);
    }
    const struct {
        size_t len;
        uint64_t hash;
    } known[] = {
        {0, UINT64_C(0x726fdb47dd0e0e31)},
        {1, UINT64_C(0x74f839c593dc67fd)},
        {8, UINT64_C(0x93f5f5799a932462)},
        {15, UINT64_C(0xa129ca6149be45e5)},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        for (size_t cut = 0; cut <= known[i].len; cut++) {
            struct ush_sip s;
            ush_sip_init(&s, ush_sip_key(key));
            ush_sip_add(&s, message, cut);
            ush_sip_add(&s, message + cut, known[i].len - cut);
            assert_true(ush_sip_end(&s) == known[i].hash);
        }
    }
}

static void a_pool_gives_the_lowest_free_slot(void **ctx)
{
    (void) ctx;
    const uint32_t sizes[] = {1, 63, 64, 65, 4096, 5000};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        uint32_t n = sizes[k];
        uint64_t *words = calloc(ush_pool_words(n), sizeof *words);
        bool *used = calloc(n, sizeof *used);
        struct ush_pool p;
        ush_pool_init(&p, words, n);
        for (int i = 0; i < 20000; i++) {
            uint32_t slot = pick(n);
            if (used[slot] && pick(3) == 0) {
                ush_pool_give(&p, slot);
                used[slot] = false;
                continue;
            }
            uint32_t lowest = 0;
            while (lowest < n && used[lowest]) {
                lowest++;
            }
            uint32_t got = ush_pool_take(&p);
            assert_int_equal(got, lowest == n ? USH_NONE : lowest);
            if (got != USH_NONE) {
                used[got] = true;
            }
            assert_true(got == USH_NONE || ush_pool_has(&p, got));
        }
        free(words);
        free(used);
    }
}

/* Few numbers, and bits in all places. */
static uint64_t mixed(uint64_t n)
{
    return n * UINT64_C(0x9E3779B97F4A7C15);
}

static void a_map_finds_all_slots_of_a_hash(void **ctx)
{
    (void) ctx;
    enum { N = 200 };
    uint32_t *heads = calloc(ush_map_heads(N), sizeof *heads);
    struct ush_map_node nodes[N] = {{0, 0, 0}};
    uint64_t hashes[N] = {0};
    bool in[N] = {false};
    struct ush_map m;
    ush_map_init(&m, heads, nodes, N);
    for (int i = 0; i < 20000; i++) {
        uint32_t slot = pick(N);
        if (in[slot]) {
            ush_map_del(&m, slot);
        } else {
            hashes[slot] = mixed(pick(50));
            ush_map_put(&m, slot, hashes[slot]);
        }
        in[slot] = !in[slot];
        uint64_t hash = mixed(pick(50));
        uint32_t expected = 0;
        uint32_t found = 0;
        for (uint32_t s = 0; s < N; s++) {
            expected += in[s] && hashes[s] == hash;
        }
        for (uint32_t s = ush_map_first(&m, hash); s != USH_NONE; s = ush_map_next(&m, s)) {
            assert_true(in[s] && hashes[s] == hash);
            found++;
        }
        assert_int_equal(found, expected);
    }
    free(heads);
}

static void a_map_uses_no_more_heads_than_it_ever_had_entries(void **ctx)
{
    (void) ctx;
    enum { N = 5000, FEW = 700 };
    uint32_t *heads = calloc(ush_map_heads(N), sizeof *heads);
    struct ush_map_node *nodes = calloc(N, sizeof *nodes);
    struct ush_map m;
    ush_map_init(&m, heads, nodes, N);
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < FEW; i++) {
            ush_map_put(&m, i, mixed(i + round));
        }
        for (uint32_t i = 0; i < FEW; i++) {
            assert_int_equal(ush_map_first(&m, mixed(i + round)), i);
        }
        uint32_t longest = 0;
        for (uint32_t head = 0; head < ush_map_heads(N); head++) {
            uint32_t length = 0;
            for (uint32_t at = heads[head]; at != 0; at = nodes[at - 1].next) {
                length++;
            }
            longest = length > longest ? length : longest;
            assert_true(length == 0 || head < FEW);
        }
        assert_true(longest < 8);
        for (uint32_t i = 0; i < FEW; i++) {
            ush_map_del(&m, i);
        }
    }
    free(nodes);
    free(heads);
}

static void timers_come_by_deadline_then_by_order_of_setting(void **ctx)
{
    (void) ctx;
    enum { N = 100 };
    struct ush_timer *items[N + 1];
    struct ush_timer timers[N];
    struct ush_heap h;
    memset(timers, 0, sizeof timers);
    ush_heap_init(&h, items, N);
    for (int i = 0; i < 30000; i++) {
        struct ush_timer *t = &timers[pick(N)];
        if (pick(4) == 0) {
            ush_heap_cancel(&h, t);
        } else {
            ush_heap_set(&h, t, pick(20));
        }
        const struct ush_timer *first = NULL;
        for (int k = 0; k < N; k++) {
            const struct ush_timer *c = &timers[k];
            if (c->place != 0 && (first == NULL || c->at < first->at ||
                                  (c->at == first->at && c->order < first->order))) {
                first = c;
            }
        }
        assert_ptr_equal(ush_heap_first(&h), first);
    }
}

static void a_line_knows_first_next_and_rank(void **ctx)
{
    (void) ctx;
    enum { N = 120 };
    struct ush_rank_node nodes[N];
    struct ush_rank r;
    memset(nodes, 0, sizeof nodes);
    ush_rank_init(&r);
    uint64_t seq = 0;
    uint32_t in_line = 0;
    for (int i = 0; i < 20000; i++) {
        uint32_t slot = pick(N);
        if (nodes[slot].count > 0) {
            ush_rank_del(&r, nodes, slot);
            in_line--;
        } else {
            ush_rank_add(&r, nodes, slot, (int64_t) pick(40) - 20, ++seq);
            in_line++;
        }
        assert_int_equal(ush_rank_count(&r, nodes), in_line);
        uint32_t place = 0;
        uint32_t last = USH_NONE;
        for (uint32_t at = r.first; at != USH_NONE; at = ush_rank_next(nodes, at)) {
            assert_int_equal(ush_rank_of(nodes, at), place);
            assert_true(last == USH_NONE || nodes[last].key < nodes[at].key ||
                        (nodes[last].key == nodes[at].key && nodes[last].seq < nodes[at].seq));
            last = at;
            place++;
        }
        assert_int_equal(place, in_line);
        assert_int_equal(r.last, last);
    }
}

static void a_list_takes_out_what_is_in_it_and_forgives_the_rest(void **ctx)
{
    (void) ctx;
    struct ush_list list;
    struct ush_list a = {NULL, NULL};
    struct ush_list b = {NULL, NULL};
    ush_list_init(&list);
    ush_list_del(&a);
    assert_true(ush_list_empty(&list));
    ush_list_add_last(&list, &a);
    ush_list_add_first(&list, &b);
    assert_ptr_equal(list.next, &b);
    assert_ptr_equal(list.prev, &a);
    ush_list_del(&b);
    ush_list_del(&b);
    assert_ptr_equal(list.next, &a);
    ush_list_del(&a);
    assert_true(ush_list_empty(&list));
}

int main(void)
{
    printf("# seed %llu\n", (unsigned long long) state);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(siphash_gives_the_reference_vectors),
        cmocka_unit_test(a_pool_gives_the_lowest_free_slot),
        cmocka_unit_test(a_map_finds_all_slots_of_a_hash),
        cmocka_unit_test(a_map_uses_no_more_heads_than_it_ever_had_entries),
        cmocka_unit_test(timers_come_by_deadline_then_by_order_of_setting),
        cmocka_unit_test(a_line_knows_first_next_and_rank),
        cmocka_unit_test(a_list_takes_out_what_is_in_it_and_forgives_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
