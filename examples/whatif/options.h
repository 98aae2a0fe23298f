/* options.h - the command line of usher-sim.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_OPTIONS_H
#define WHATIF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define SIM_CHANGES_MAX 64

/* All texts are the caller's argv. */
struct sim_options {
    const char *file, *csv, *html, *compare, *history, *day, *config;
    const char *changes[SIM_CHANGES_MAX];
    size_t n_changes;
    bool check, quiet, help, version;
};

extern const char sim_usage[];

/* Errors: EINVAL, and why says what. */
int sim_options_read(struct sim_options *out, int argc, char *const *argv, char why[160]);

#endif
