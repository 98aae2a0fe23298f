/* tape_test.c - a tape played again gives the same effects, byte for byte, and a doctored one is
 * found out. SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "usher/sim.h"

/* The tape of a short run of this seed, copied. */
static uint8_t *record(uint64_t seed, size_t *len)
{
    struct usher_sim_config cfg;
    struct usher_sim_result result;
    struct usher_sim *sim;
    usher_sim_config_init(&cfg);
    cfg.seed = seed;
    cfg.steps = 600;
    cfg.tape = true;
    assert_int_equal(usher_sim_new(&sim, &cfg), 0);
    assert_int_equal(usher_sim_run(sim, &result), 0);
    struct usher_span tape = usher_sim_tape(sim);
    uint8_t *copy = malloc(tape.len);
    assert_non_null(copy);
    memcpy(copy, tape.base, tape.len);
    *len = tape.len;
    usher_sim_free(sim);
    return copy;
}

/* G9: same tape, same effects. */
static void a_tape_played_again_gives_the_same_effects(void **state)
{
    (void) state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        size_t len;
        uint8_t *tape = record(seed, &len);
        uint64_t hash = 0;
        uint64_t recorded = 0;
        uint64_t at = 0;
        assert_int_equal(usher_sim_replay((struct usher_span){tape, len}, &hash, &recorded, &at),
                         0);
        assert_true(hash == recorded);
        assert_true(at > 0);
        free(tape);
    }
}

/* inv 22: the same seed, the same tape. */
static void a_seed_played_again_gives_the_same_tape(void **state)
{
    (void) state;
    size_t len;
    size_t len_again;
    uint8_t *tape = record(7, &len);
    uint8_t *again = record(7, &len_again);
    assert_int_equal(len, len_again);
    assert_memory_equal(tape, again, len);
    free(tape);
    free(again);
}

static void a_tape_whose_effects_differ_is_found_out(void **state)
{
    (void) state;
    size_t len;
    uint8_t *tape = record(7, &len);
    uint64_t hash;
    uint64_t recorded;
    uint64_t at;
    tape[len - 1] ^= 1; /* the last number is the count of effects */
    assert_int_equal(usher_sim_replay((struct usher_span){tape, len}, &hash, &recorded, &at),
                     USHER_ECORRUPT);
    free(tape);
}

static void a_tape_that_is_cut_or_none_is_refused(void **state)
{
    (void) state;
    size_t len;
    uint8_t *tape = record(7, &len);
    uint64_t hash;
    uint64_t recorded;
    uint64_t at;
    for (size_t cut = 0; cut < len; cut += 1 + len / 200) {
        uint8_t *shorter = malloc(cut + 1); /* its own, so that reading beyond it is noticed */
        assert_non_null(shorter);
        memcpy(shorter, tape, cut);
        assert_int_equal(usher_sim_replay((struct usher_span){shorter, cut}, &hash, &recorded, &at),
                         USHER_EINVAL);
        free(shorter);
    }
    tape[0] ^= 1;
    assert_int_equal(usher_sim_replay((struct usher_span){tape, len}, &hash, &recorded, &at),
                     USHER_EINVAL);
    free(tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tape_played_again_gives_the_same_effects),
        cmocka_unit_test(a_seed_played_again_gives_the_same_tape),
        cmocka_unit_test(a_tape_whose_effects_differ_is_found_out),
        cmocka_unit_test(a_tape_that_is_cut_or_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
