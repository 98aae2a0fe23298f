/* histogram.h - how waits are spread: counts in buckets that are 1.6 % wide.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_HISTOGRAM_H
#define WHATIF_HISTOGRAM_H

#include <stdint.h>

#define SIM_OCTAVES 44                       /* from 1/16 ms to 30 years */
#define SIM_BUCKETS (SIM_OCTAVES * 64 + 1)   /* the first: no wait at all */

struct sim_histogram { uint64_t n; uint32_t bucket[SIM_BUCKETS]; };

void sim_histogram_add(struct sim_histogram *h, double ms);
void sim_histogram_merge(struct sim_histogram *to, const struct sim_histogram *from);
/* The time that this share of all does not exceed; within a bucket all are spread evenly. */
double sim_histogram_at(const struct sim_histogram *h, double share);
/* The share of all that is longer. */
double sim_histogram_above(const struct sim_histogram *h, double ms);

#endif
