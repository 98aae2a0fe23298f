/* report_text.c - tables for a terminal.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include "units.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define COLUMNS 4 /* queues side by side */

/* Decimals so that the error has two digits; without an error, four significant ones. */
static int decimals(double value, double error)
{
    double guide = error > fabs(value) * 1e-6 ? error / 10 : fabs(value) / 1000;
    int n = guide > 0 ? (int) ceil(-log10(guide)) : 0;

    return n < 0 ? 0 : n > 7 ? 7 : n;
}

static double shown(double x, enum sim_unit unit)
{
    return unit == SIM_UNIT_SHARE ? 100 * x : x;
}

void sim_value_format(char *out, size_t size, struct sim_value v, enum sim_unit unit)
{
    static const char *const after[] = {" %", " s", "", ""};

    if (!v.known) {
        snprintf(out, size, "-");
        return;
    }
    double value = shown(v.value, unit);
    snprintf(out, size, "%.*f%s", decimals(value, shown(v.error, unit)), value, after[unit]);
}

void sim_error_format(char *out, size_t size, struct sim_value v, enum sim_unit unit)
{
    if (!v.known || !(v.error >= 0)) {
        snprintf(out, size, "?");
        return;
    }
    double error = shown(v.error, unit);
    snprintf(out, size, "%.*f", decimals(shown(v.value, unit), error), error);
}

bool sim_report_worth(const struct sim_report *r, const struct sim_figure *f, enum sim_scope scope)
{
    for (size_t i = 0; !f->always && i < sim_scope_size(r->s, scope); i++) {
        if (sim_figure_value(&r->o->tally, f, scope, i, SIM_WHOLE).value > 0) {
            return true;
        }
    }
    return f->always;
}

static void row(FILE *out, const struct sim_report *r, const struct sim_figure *f,
                enum sim_scope scope, size_t from, size_t to)
{
    fprintf(out, "  %-30s", f->words);
    for (size_t i = from; i < to; i++) {
        struct sim_value v = sim_figure_value(&r->o->tally, f, scope, i, SIM_WHOLE);
        char value[40], error[40];
        sim_value_format(value, sizeof value, v, f->unit);
        sim_error_format(error, sizeof error, v, f->unit);
        fprintf(out, v.known ? " %12s \u00b1 %-8s" : " %12s %-10s", value, v.known ? error : "");
    }
    fprintf(out, "\n");
}

static void table(FILE *out, const struct sim_report *r, enum sim_scope scope)
{
    const struct sim_figure *figures =
        scope == SIM_SCOPE_AGENTS ? r->o->figures.agents : r->o->figures.line;
    size_t n = scope == SIM_SCOPE_AGENTS ? r->o->figures.n_agents : r->o->figures.n_line;
    size_t columns = sim_scope_size(r->s, scope);

    for (size_t from = 0; from < columns; from += COLUMNS) {
        size_t to = from + COLUMNS < columns ? from + COLUMNS : columns;
        fprintf(out, "\n%-32s", sim_scope_name(scope));
        for (size_t i = from; i < to; i++) {
            fprintf(out, " %-23.23s", sim_scope_id(r->s, scope, i));
        }
        fprintf(out, "\n");
        for (size_t i = 0; i < n; i++) {
            if (sim_report_worth(r, &figures[i], scope)) {
                row(out, r, &figures[i], scope, from, to);
            }
        }
    }
}

bool sim_report_kinds(const struct sim_scenario *s)
{
    bool matter = s->n_kinds != s->n_queues;

    for (size_t i = 0; i < s->n_kinds; i++) {
        matter = matter || s->kinds[i].n_transfers > 0;
        for (size_t k = 0; k < i; k++) {
            matter = matter || s->kinds[i].queue == s->kinds[k].queue;
        }
    }
    return matter;
}

/* Batches that go on where the one before was have smaller errors than they should. */
static void warn_short(FILE *out, const struct sim_report *r)
{
    const struct sim_figure *wait = sim_figure_find(&r->o->figures, SIM_SCOPE_QUEUE, "wait");
    double most = SIM_LAG_MOST(r->o->tally.n_samples);

    for (size_t i = 0; r->o->batch > 0 && i < r->s->n_queues; i++) {
        double lag = sim_figure_lag(&r->o->tally, wait, SIM_SCOPE_QUEUE, i);
        if (lag > most) {
            fprintf(out,
                    "the waits of one batch are much like those of the next (queue %s, correlation "
                    "%.2f):\nerrors are larger than they look; make the length longer\n",
                    sim_scope_id(r->s, SIM_SCOPE_QUEUE, i), lag);
        }
    }
}

static void head(FILE *out, const struct sim_report *r)
{
    const struct sim_run *run = &r->s->run;
    char length[40], warm_up[40];

    fprintf(out, "%s\n", r->s->title != NULL ? r->s->title : r->file);
    sim_duration_format(r->o->batch > 0 ? r->o->batch : run->length, length, sizeof length);
    sim_duration_format(run->warm_up, warm_up, sizeof warm_up);
    if (r->o->batch > 0) {
        fprintf(out, "one run, %zu batches of %s", r->o->tally.n_samples, length);
    } else {
        fprintf(out, "%" PRIu64 " replications of %s", r->o->runs, length);
    }
    fprintf(out, ", warm-up %s, seed %" PRIu64 "; %" PRIu64 " sessions in %.2f s\n",
            run->warm_up > 0 ? warm_up : "none", run->seed, r->o->tally.sessions, r->o->seconds);
    if (r->o->imprecise) {
        fprintf(out, "NOT as precise as asked: sessions_max came first\n");
    }
    if (r->o->tally.unfinished > 0) {
        fprintf(out,
                "%" PRIu64
                " sessions had not ended when the drain was over; their waits are not counted\n",
                r->o->tally.unfinished);
    }
    warn_short(out, r);
}

static void cell(FILE *out, const struct sim_report *r, enum sim_scope scope, const char *name,
                 size_t index, size_t bin, int width)
{
    const struct sim_figure *f = sim_figure_find(&r->o->figures, scope, name);
    char text[40];

    sim_value_format(text, sizeof text, sim_figure_value(&r->o->tally, f, scope, index, bin),
                     f->unit);
    fprintf(out, " %*s", width, text);
}

void sim_report_bin(const struct sim_report *r, size_t bin, char *out, size_t size)
{
    const struct sim_run *run = &r->s->run;
    double from = r->o->batch > 0 ? 0 : run->start + run->warm_up;

    sim_clock_format(from + (double) bin * run->bin, out, size);
}

/* A line for each bin of time. */
static void by_bin(FILE *out, const struct sim_report *r)
{
    static const char *const queue[] = {"arrivals", "served", "abandoned", "wait", "line"};
    static const char *const agents[] = {"staffed", "occupancy"};
    const char *within = r->o->figures.line[r->o->figures.n_line - r->s->run.n_within].name;
    char clock[24];

    for (size_t i = 0; i < r->s->n_queues; i++) {
        fprintf(out, "\n%-10s %10s %10s %10s %10s %10s %12s   (queue %s)\n", "from", "arrivals/h",
                "served", "abandoned", "wait", "line", within,
                sim_scope_id(r->s, SIM_SCOPE_QUEUE, i));
        for (size_t bin = 0; bin < r->o->tally.n_bins; bin++) {
            sim_report_bin(r, bin, clock, sizeof clock);
            fprintf(out, "%-10s", clock);
            for (size_t k = 0; k < 5; k++) {
                cell(out, r, SIM_SCOPE_QUEUE, queue[k], i, bin, 10);
            }
            cell(out, r, SIM_SCOPE_QUEUE, within, i, bin, 12);
            fprintf(out, "\n");
        }
    }
    for (size_t i = 0; i < r->s->n_groups; i++) {
        fprintf(out, "\n%-10s %10s %10s   (agents %s)\n", "from", "staffed", "occupancy",
                sim_scope_id(r->s, SIM_SCOPE_AGENTS, i));
        for (size_t bin = 0; bin < r->o->tally.n_bins; bin++) {
            sim_report_bin(r, bin, clock, sizeof clock);
            fprintf(out, "%-10s", clock);
            for (size_t k = 0; k < 2; k++) {
                cell(out, r, SIM_SCOPE_AGENTS, agents[k], i, bin, 10);
            }
            fprintf(out, "\n");
        }
    }
}

void sim_report_text(FILE *out, const struct sim_report *r)
{
    head(out, r);
    table(out, r, SIM_SCOPE_QUEUE);
    if (sim_report_kinds(r->s)) {
        table(out, r, SIM_SCOPE_KIND);
    }
    table(out, r, SIM_SCOPE_AGENTS);
    if (r->s->run.bin > 0) {
        by_bin(out, r);
    }
}
