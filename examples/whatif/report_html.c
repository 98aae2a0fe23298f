/* report_html.c - a page of tables and charts that stands for itself: no script, no other file.
 * SPDX-License-Identifier: MIT */
#include "report.h"

#include "chart.h"
#include "units.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define POINTS 120 /* of the curve of waits */

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}"
    "table{border-collapse:collapse;margin-bottom:1.5rem}"
    "th,td{text-align:right;padding:.2rem .8rem;border-bottom:1px solid #8884}"
    "th:first-child,td:first-child{text-align:left}"
    "td small{opacity:.65}.wide{overflow-x:auto}"
    "figure{margin:1.2rem 0}figcaption{font-weight:600}"
    "svg{width:100%;height:auto;font:11px system-ui,sans-serif}"
    "svg text{fill:currentColor}.grid{stroke:currentColor;opacity:.15}"
    ".bar{fill:#1f8a8a}.line{fill:none;stroke:#1f8a8a;stroke-width:2}"
    ".error{stroke:#1f8a8a;opacity:.5}";

/* What labels under a chart are made from. */
struct labels {
    const struct sim_report *r;
    double most;
    char text[32];
};

static const char *bin_label(void *ctx, size_t i)
{
    struct labels *l = ctx;

    sim_report_bin(l->r, i, l->text, sizeof l->text);
    return l->text;
}

static const char *wait_label(void *ctx, size_t i)
{
    struct labels *l = ctx;

    sim_duration_format(l->most * (double) i / POINTS, l->text, sizeof l->text);
    return i == 0 ? "0" : l->text;
}

static void put_cell(FILE *out, const struct sim_report *r, const struct sim_figure *f,
                     enum sim_scope scope, size_t index)
{
    struct sim_value v = sim_figure_value(&r->o->tally, f, scope, index, SIM_WHOLE);
    char value[40], error[40];

    sim_value_format(value, sizeof value, v, f->unit);
    sim_error_format(error, sizeof error, v, f->unit);
    fprintf(out, "<td>%s <small>\u00b1 %s</small></td>", value, error);
}

static void put_table(FILE *out, const struct sim_report *r, enum sim_scope scope)
{
    bool agents = scope == SIM_SCOPE_AGENTS;
    const struct sim_figure *f = agents ? r->o->figures.agents : r->o->figures.line;
    size_t n = agents ? r->o->figures.n_agents : r->o->figures.n_line;

    fprintf(out, "<div class=\"wide\"><table><tr><th>%s</th>", sim_scope_name(scope));
    for (size_t i = 0; i < sim_scope_size(r->s, scope); i++) {
        fprintf(out, "<th>%s</th>", sim_scope_id(r->s, scope, i));
    }
    fprintf(out, "</tr>\n");
    for (size_t k = 0; k < n; k++) {
        if (!sim_report_worth(r, &f[k], scope)) {
            continue;
        }
        fprintf(out, "<tr><td>%s</td>", f[k].words);
        for (size_t i = 0; i < sim_scope_size(r->s, scope); i++) {
            put_cell(out, r, &f[k], scope, i);
        }
        fprintf(out, "</tr>\n");
    }
    fprintf(out, "</table></div>\n");
}

/* A figure by bins. */
static void draw_bins(FILE *out, const struct sim_report *r, enum sim_scope scope, size_t index,
                      const char *name, enum sim_chart_form form)
{
    const struct sim_figure *f = sim_figure_find(&r->o->figures, scope, name);
    static const char *const after[] = {" %", " s", "", ""};
    size_t n = r->o->tally.n_bins;
    double *values = calloc(2 * n, sizeof *values);
    struct labels labels = {.r = r};
    char title[160];

    if (values == NULL) {
        return;
    }
    double scale = f->unit == SIM_UNIT_SHARE ? 100 : 1;
    for (size_t i = 0; i < n; i++) {
        struct sim_value v = sim_figure_value(&r->o->tally, f, scope, index, i);
        values[i] = v.known ? scale * v.value : NAN;
        values[n + i] = scale * v.error;
    }
    snprintf(title, sizeof title, "%s: %s", sim_scope_id(r->s, scope, index), f->words);
    sim_chart_draw(out, &(struct sim_chart){.title = title,
                                            .unit = after[f->unit],
                                            .form = form,
                                            .n = n,
                                            .value = values,
                                            .error = form == SIM_CHART_LINE ? values + n : NULL,
                                            .top = f->unit == SIM_UNIT_SHARE ? 100 : 0,
                                            .label = bin_label,
                                            .ctx = &labels});
    free(values);
}

/* A time as long as this or a little longer, whose twelfth is a time that people use. */
static double round_time(double ms)
{
    static const double steps[] = {0.01, 0.05, 0.1, 0.2, 0.5, 1,   2,    5,    10,
                                   15,   30,   60,  120, 300, 600, 1200, 1800, 3600};
    size_t n = sizeof steps / sizeof steps[0];

    for (size_t i = 0; i < n; i++) {
        if (12 * steps[i] * SIM_SECOND >= ms) {
            return 12 * steps[i] * SIM_SECOND;
        }
    }
    return 12 * SIM_HOUR * ceil(ms / (12 * SIM_HOUR));
}

/* Which share still waits after how long: from 0 to where one in a hundred is left. */
static void draw_waits(FILE *out, const struct sim_report *r, size_t queue)
{
    struct sim_histogram *all = calloc(1, sizeof *all);
    double values[POINTS + 1];
    char title[160];

    for (size_t i = 0; all != NULL && i < r->o->tally.n_samples; i++) {
        sim_histogram_merge(all, &r->o->tally.samples[i].waits[queue]);
    }
    struct labels labels = {.r = r, .most = all != NULL ? sim_histogram_at(all, 0.99) : 0};
    labels.most = labels.most > 0 ? round_time(labels.most) : 0;
    for (size_t i = 0; i <= POINTS; i++) {
        values[i] =
            labels.most > 0 ? 100 * sim_histogram_above(all, labels.most * (double) i / POINTS) : 0;
    }
    snprintf(title, sizeof title, "%s: share that waits longer than",
             r->s->queues[queue].set.queue.s);
    if (labels.most > 0) {
        sim_chart_draw(out, &(struct sim_chart){.title = title,
                                                .unit = " %",
                                                .form = SIM_CHART_LINE,
                                                .n = POINTS,
                                                .value = values,
                                                .top = 100,
                                                .label = wait_label,
                                                .ctx = &labels});
    }
    free(all);
}

static void put_charts(FILE *out, const struct sim_report *r)
{
    const char *within = r->o->figures.line[r->o->figures.n_line - r->s->run.n_within].name;

    for (size_t i = 0; i < r->s->n_queues; i++) {
        fprintf(out, "<h2>%s</h2>\n", r->s->queues[i].set.queue.s);
        draw_waits(out, r, i);
        if (r->s->run.bin > 0) {
            draw_bins(out, r, SIM_SCOPE_QUEUE, i, "arrivals", SIM_CHART_BARS);
            draw_bins(out, r, SIM_SCOPE_QUEUE, i, "wait", SIM_CHART_LINE);
            draw_bins(out, r, SIM_SCOPE_QUEUE, i, within, SIM_CHART_LINE);
            draw_bins(out, r, SIM_SCOPE_QUEUE, i, "abandoned", SIM_CHART_LINE);
        }
    }
    for (size_t i = 0; r->s->run.bin > 0 && i < r->s->n_groups; i++) {
        fprintf(out, "<h2>%s</h2>\n", r->s->groups[i].id);
        draw_bins(out, r, SIM_SCOPE_AGENTS, i, "staffed", SIM_CHART_BARS);
        draw_bins(out, r, SIM_SCOPE_AGENTS, i, "occupancy", SIM_CHART_LINE);
    }
}

void sim_report_html(FILE *out, const struct sim_report *r)
{
    const char *title = r->s->title != NULL ? r->s->title : r->file;

    fprintf(out, "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">"
                 "<meta name=\"viewport\" content=\"width=device-width\"><title>");
    sim_chart_text(out, title);
    fprintf(out, "</title><style>%s</style>\n<h1>", style);
    sim_chart_text(out, title);
    fprintf(out,
            "</h1>\n<p>%" PRIu64 " sessions, seed %" PRIu64 ". Each figure stands with its "
            "standard error; upright strokes in a chart are two of them.</p>\n",
            r->o->tally.sessions, r->s->run.seed);
    put_table(out, r, SIM_SCOPE_QUEUE);
    if (sim_report_kinds(r->s)) {
        put_table(out, r, SIM_SCOPE_KIND);
    }
    put_table(out, r, SIM_SCOPE_AGENTS);
    put_charts(out, r);
    fprintf(out, "</html>\n");
}
