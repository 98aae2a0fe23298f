/* report_expect.c - holds figures against the values that a scenario expects.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include <math.h>
#include <string.h>

#define ERRORS_MOST 3.0 /* standard errors that a value may be off */

/* "queues.desk.wait": the figure, and of what. */
static const struct sim_figure *find(const struct sim_report *r, const char *path,
                                     enum sim_scope *scope, size_t *index)
{
    static const enum sim_scope scopes[] = {SIM_SCOPE_QUEUE, SIM_SCOPE_KIND, SIM_SCOPE_AGENTS};
    const char *last = strrchr(path, '.');

    for (size_t k = 0; k < 3 && last != NULL; k++) {
        size_t n = strlen(sim_scope_name(scopes[k]));
        if (strncmp(path, sim_scope_name(scopes[k]), n) != 0 || path[n] != '.') {
            continue;
        }
        const char *id = path + n + 1;
        for (size_t i = 0; i < sim_scope_size(r->s, scopes[k]); i++) {
            const char *own = sim_scope_id(r->s, scopes[k], i);
            if (last > id && strlen(own) == (size_t) (last - id) &&
                strncmp(own, id, strlen(own)) == 0) {
                *scope = scopes[k];
                *index = i;
                return sim_figure_find(&r->o->figures, scopes[k], last + 1);
            }
        }
    }
    return NULL;
}

bool sim_report_expect(FILE *out, const struct sim_report *r)
{
    bool good = true;

    fprintf(out, "\n%-34s %14s %14s %12s %8s\n", "expected", "value", "here", "error", "z");
    for (size_t i = 0; i < r->s->n_expect; i++) {
        const struct sim_expect *e = &r->s->expect[i];
        enum sim_scope scope = SIM_SCOPE_QUEUE;
        size_t index = 0;
        const struct sim_figure *f = find(r, e->figure, &scope, &index);
        if (f == NULL) {
            fprintf(out, "%-34s there is no such figure\n", e->figure);
            good = false;
            continue;
        }
        struct sim_value v = sim_figure_value(&r->o->tally, f, scope, index, SIM_WHOLE);
        double z = v.value == e->value ? 0 : (v.value - e->value) / v.error;
        bool near = v.known && fabs(z) <= ERRORS_MOST;
        fprintf(out, "%-34s %14.9g %14.9g %12.3g %8.2f%s\n", e->figure, e->value, v.value, v.error,
                z, near ? "" : "  OFF");
        good = good && near;
    }
    return good;
}
