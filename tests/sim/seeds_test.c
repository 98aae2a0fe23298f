/* seeds_test.c - many random worlds, each judged after every event, each brought to a good end.
 * SPDX-License-Identifier: MIT
 *
 * USHER_SEED is the first seed (1), USHER_SEEDS how many (5 000), USHER_STEPS the events of each
 * before trouble stops (2 000). After USHER_FAILED_MAX seeds that fail (10) it ends. USHER_TAPES
 * is a folder: the tape of a seed that fails is kept there. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "usher/sim.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SEEDS = 200 };
#else
enum { SEEDS = 5000 };
#endif

static uint64_t env(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void keep_tape(const struct usher_sim *sim, uint64_t seed)
{
    const char *folder = getenv("USHER_TAPES");
    struct usher_span tape = usher_sim_tape(sim);
    char path[512];
    if (folder == NULL || tape.len == 0) {
        return;
    }
    snprintf(path, sizeof path, "%s/seed-%" PRIu64 ".tape", folder, seed);
    FILE *file = fopen(path, "wb");
    if (file != NULL) {
        size_t n = fwrite(tape.base, 1, tape.len, file);
        printf("# %s %s\n", fclose(file) == 0 && n == tape.len ? "kept as" : "could not be kept as",
               path);
    }
}

/* Run one seed; false: a promise was broken. */
static bool run(uint64_t seed, struct usher_sim_result *out)
{
    struct usher_sim_config cfg;
    struct usher_sim *sim;
    usher_sim_config_init(&cfg);
    cfg.seed = seed;
    cfg.steps = (uint32_t) env("USHER_STEPS", 0);
    cfg.tape = getenv("USHER_TAPES") != NULL;
    if (usher_sim_new(&sim, &cfg) != 0) {
        printf("# seed %" PRIu64 ": no world could be made\n", seed);
        return false;
    }
    bool good = usher_sim_run(sim, out) == 0;
    if (!good) {
        printf("# seed %" PRIu64 ": %s\n", seed, out->why);
        keep_tape(sim, seed);
    }
    usher_sim_free(sim);
    return good;
}

int main(void)
{
    const uint64_t first = env("USHER_SEED", 1);
    const uint64_t seeds = env("USHER_SEEDS", SEEDS);
    const uint64_t failed_max = env("USHER_FAILED_MAX", 10);
    struct usher_sim_result sum = {0};
    uint64_t failed = 0;
    printf("# from seed %" PRIu64 "\n1..2\n", first);
    for (uint64_t seed = first; seed < first + seeds && failed < failed_max; seed++) {
        struct usher_sim_result one;
        failed += !run(seed, &one);
        sum.hash = sum.hash * UINT64_C(0x9e3779b97f4a7c15) + one.hash;
        sum.steps += one.steps;
        sum.facts += one.facts;
        sum.crashes += one.crashes;
        for (int i = 0; i < USHER_SIM_SOMETIMES; i++) {
            sum.sometimes[i] += one.sometimes[i];
        }
    }
    printf("%s 1 - every promise is kept\n", failed == 0 ? "ok" : "not ok");
    int never = 0;
    for (int i = 0; i < USHER_SIM_SOMETIMES; i++) {
        printf("# %10" PRIu64 " %s\n", sum.sometimes[i],
               usher_sim_sometimes_name((enum usher_sim_sometimes) i));
        never += sum.sometimes[i] == 0;
    }
    /* A few seeds for a quick look need not show everything. */
    bool enough = never == 0 || seeds < 100;
    printf("%s 2 - everything that matters has happened\n", enough ? "ok" : "not ok");
    printf("# seeds %" PRIu64 ", events %" PRIu64 ", facts %" PRIu64 ", crashes %" PRIu64
           ", hash %016" PRIx64 "\n",
           seeds, sum.steps, sum.facts, sum.crashes, sum.hash);
    return failed == 0 && enough ? 0 : 1;
}
