/* merge.h - takes queues and agents over from the configuration of a server.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_MERGE_H
#define WHATIF_MERGE_H

#include <cjson/cJSON.h>

/* Queues of the configuration are set in the scenario, key by key, and made if they are not
 * there; so are the agents, in groups that have an agent's id. What only the scenario knows
 * (hours, shifts, ring times) stays. Errors: EINVAL (no configuration), ENOMEM. */
int sim_merge(cJSON *scenario, const cJSON *config);

#endif
