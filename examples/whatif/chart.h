/* chart.h - one chart as SVG: bars, steps or a line with its error, over time or over waits.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_CHART_H
#define WHATIF_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum sim_chart_form { SIM_CHART_BARS, SIM_CHART_LINE };

struct sim_chart {
    const char *title, *unit;    /* unit: behind the numbers of the upright axis */
    enum sim_chart_form form;
    size_t n;                    /* points, evenly spaced from left to right */
    const double *value, *error; /* not a number: nothing is drawn there; error may be NULL */
    double top;                  /* of the upright axis; 0: as high as needed */
    const char *(*label)(void *ctx, size_t i); /* under the point, where there is room */
    void *ctx;
};

void sim_chart_draw(FILE *out, const struct sim_chart *c);
/* Text for a page: & < > " are written as entities. */
void sim_chart_text(FILE *out, const char *text);

#endif
