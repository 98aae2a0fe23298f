/* set.h - changes one value of a scenario before it is read: "agents.day.count=12".
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_SET_H
#define WHATIF_SET_H

#include <cjson/cJSON.h>

#include <stddef.h>

/* `change` is PATH=VALUE. A path names members, and items of lists by their id or number; what
 * is not there yet is made, in objects only. VALUE is JSON, or else a text as it stands.
 * Errors: EINVAL, and `why` says what. */
int sim_set(cJSON *root, const char *change, char *why, size_t size);

#endif
