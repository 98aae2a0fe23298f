/* compare.h - runs a scenario once for each value of something, and sets the figures side by side.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_COMPARE_H
#define WHATIF_COMPARE_H

#include "options.h"

#include <cjson/cJSON.h>

/* `json` is the scenario with all changes made; it stays the caller's. Exit status. */
int sim_compare(const struct sim_options *o, const cJSON *json);

#endif
