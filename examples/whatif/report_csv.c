/* report_csv.c - every figure of everything, whole and by bin, one a line.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include "units.h"

#include <math.h>

static const char *const units[] = {"share", "s", "1/h", ""};

static void put(FILE *out, const struct sim_report *r, enum sim_scope scope, size_t index,
                size_t bin, const struct sim_figure *f)
{
    struct sim_value v = sim_figure_value(&r->o->tally, f, scope, index, bin);
    char from[24] = "";

    if (bin != SIM_WHOLE && f->quantile > 0) {
        return; /* the spread of waits is known for the whole only */
    }
    if (bin != SIM_WHOLE) {
        sim_report_bin(r, bin, from, sizeof from);
    }
    fprintf(out, "%s,%s,%s,%s,%s,", sim_scope_name(scope), sim_scope_id(r->s, scope, index), from,
            f->name, units[f->unit]);
    if (v.known) {
        fprintf(out, "%.10g", v.value);
    }
    fprintf(out, ",");
    if (v.known && v.error >= 0) {
        fprintf(out, "%.4g", v.error);
    }
    fprintf(out, "\n");
}

static void put_all(FILE *out, const struct sim_report *r, enum sim_scope scope, size_t bin)
{
    bool agents = scope == SIM_SCOPE_AGENTS;
    const struct sim_figure *f = agents ? r->o->figures.agents : r->o->figures.line;
    size_t n = agents ? r->o->figures.n_agents : r->o->figures.n_line;

    for (size_t i = 0; i < sim_scope_size(r->s, scope); i++) {
        for (size_t k = 0; k < n; k++) {
            put(out, r, scope, i, bin, &f[k]);
        }
    }
}

void sim_report_csv(FILE *out, const struct sim_report *r)
{
    static const enum sim_scope scopes[] = {SIM_SCOPE_QUEUE, SIM_SCOPE_KIND, SIM_SCOPE_AGENTS};

    fprintf(out, "of,id,from,figure,unit,value,standard_error\n");
    for (size_t k = 0; k < 3; k++) {
        put_all(out, r, scopes[k], SIM_WHOLE);
        for (size_t bin = 0; r->s->run.bin > 0 && bin < r->o->tally.n_bins; bin++) {
            put_all(out, r, scopes[k], bin);
        }
    }
}
