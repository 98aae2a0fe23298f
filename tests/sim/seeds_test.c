/* seeds_test.c - many random worlds, each judged after every step, settled at its end, and run twice.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/usher/sim.h"

static uint64_t env(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static int run(uint64_t seed, uint64_t steps, uint64_t *hash, struct usher_sim_counts *sum)
{
    struct usher_sim_config cfg;
    struct usher_sim *s;
    struct usher_fault why = {0, ""};
    struct usher_sim_counts c;
    usher_sim_config_init(&cfg);
    cfg.seed = seed;
    int rv = usher_sim_new(&s, &cfg);
    if (rv != 0) {
        printf("not ok - seed %llu: %s\n", (unsigned long long) seed, usher_strerror(rv));
        return rv;
    }
    rv = usher_sim_run(s, steps, &why);
    rv = rv != 0 ? rv : usher_sim_settle(s, &why);
    if (rv != 0) {
        printf("not ok - %s\n", why.text);
    }
    *hash = usher_sim_hash(s);
    usher_sim_counts_get(s, &c);
    uint64_t *to = (uint64_t *) (void *) sum;
    const uint64_t *from = (const uint64_t *) (const void *) &c;
    for (size_t i = 0; i < sizeof c / sizeof *to; i++) {
        to[i] += from[i];
    }
    usher_sim_free(s);
    return rv;
}

int main(void)
{
    uint64_t first = env("USHER_SEED", 1);
    uint64_t seeds = env("USHER_SEEDS", 2000);
    uint64_t steps = env("USHER_STEPS", 2000);
    uint64_t all = 0;
    struct usher_sim_counts c;
    memset(&c, 0, sizeof c);
    printf("# first seed %llu, %llu seeds of %llu steps\n", (unsigned long long) first, (unsigned long long) seeds,
           (unsigned long long) steps);
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        uint64_t hash = 0;
        if (run(seed, steps, &hash, &c) != 0) {
            return 1;
        }
        if (seed % 100 == 0) {
            struct usher_sim_counts again;
            uint64_t second = 0;
            memset(&again, 0, sizeof again);
            if (run(seed, steps, &second, &again) != 0 || second != hash) {
                printf("not ok - G9: seed %llu is not the same twice\n", (unsigned long long) seed);
                return 1;
            }
        }
        all = all * 31 + hash;
    }
    const struct { const char *name; uint64_t n; } sometimes[] = {
        {"crash", c.crashes}, {"crash with a batch out", c.crashes_batch_out}, {"full page", c.page_full},
        {"fetch", c.fetches}, {"find", c.finds}, {"reset", c.resets}, {"retried across a crash", c.retried_across_crash},
        {"expired while the storage is down", c.expired_while_lost}, {"grace ended", c.grace_ended},
        {"two links", c.two_links}, {"key conflict", c.key_conflicts}, {"full link", c.full_links},
        {"facts", c.facts}, {"facts shown", c.shown}, {"acknowledged", c.acked}, {"refused", c.refused}, {"offers", c.offers}};
    int bad = 0;
    for (size_t i = 0; i < sizeof sometimes / sizeof *sometimes; i++) {
        printf("# sometimes: %s %llu\n", sometimes[i].name, (unsigned long long) sometimes[i].n);
        bad |= sometimes[i].n == 0;
    }
    printf("# seeds %llu, steps %llu, hash %016llx\n", (unsigned long long) seeds, (unsigned long long) c.steps,
           (unsigned long long) all);
    printf(bad ? "not ok - something never happened\n" : "ok - no promise was broken\n1..1\n");
    return bad;
}
