/* place.h - a folder of a test's own, and a file in it.
 * SPDX-License-Identifier: MIT */
#ifndef USH_CONTRACT_PLACE_H
#define USH_CONTRACT_PLACE_H

#include <stdbool.h>

struct place { char folder[64], path[96]; };

/* False, and said on standard error: there is none. */
bool ush_place_make(struct place *place, const char *file);
/* The folder goes; what was in it is gone already. */
void ush_place_done(const struct place *place);

#endif
