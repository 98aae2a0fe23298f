/* histogram.c - buckets by the power of two and its 64th parts.
 * SPDX-License-Identifier: MIT */
#include "histogram.h"

#include <math.h>

#define LOWEST (-4) /* power of two where the first octave begins */

static int bucket_of(double ms)
{
    int power = 0;
    double part = frexp(ms, &power); /* 0.5 to 1 */
    int at = (power - 1 - LOWEST) * 64 + (int) ((part - 0.5) * 128);

    if (ms <= 0) {
        return 0;
    }
    return at < 0 ? 1 : at + 1 >= SIM_BUCKETS ? SIM_BUCKETS - 1 : at + 1;
}

static double low_end(int bucket)
{
    int at = bucket - 1;

    return at == 0 ? 0 : ldexp(1 + (at % 64) / 64.0, at / 64 + LOWEST);
}

void sim_histogram_add(struct sim_histogram *h, double ms)
{
    h->bucket[bucket_of(ms)]++;
    h->n++;
}

void sim_histogram_merge(struct sim_histogram *to, const struct sim_histogram *from)
{
    to->n += from->n;
    for (int i = 0; i < SIM_BUCKETS; i++) {
        to->bucket[i] += from->bucket[i];
    }
}

double sim_histogram_at(const struct sim_histogram *h, double share)
{
    double before = 0;
    double rank = share * (double) h->n;

    for (int i = 0; i < SIM_BUCKETS && h->n > 0; i++) {
        double in = (double) h->bucket[i];
        if (in > 0 && before + in >= rank) {
            double low = i == 0 ? 0 : low_end(i);
            double high = i == 0 ? 0 : low_end(i + 1);
            return low + (high - low) * (rank - before) / in;
        }
        before += in;
    }
    return 0;
}

double sim_histogram_above(const struct sim_histogram *h, double ms)
{
    int own = bucket_of(ms);
    double above = 0;

    for (int i = own + 1; i < SIM_BUCKETS; i++) {
        above += (double) h->bucket[i];
    }
    if (own > 0) {
        double low = low_end(own);
        above += (double) h->bucket[own] * (1 - (ms - low) / (low_end(own + 1) - low));
    }
    return h->n > 0 ? above / (double) h->n : 0;
}
