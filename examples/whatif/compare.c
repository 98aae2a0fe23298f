/* compare.c - the same luck for each value: what differs is what was changed.
 * SPDX-License-Identifier: MIT */
#include "compare.h"

#include "report.h"
#include "set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES_MAX 100
#define VALUE_MAX 64

struct values {
    char text[VALUES_MAX][VALUE_MAX];
    size_t n;
};

/* "8..12" is 8, 9, 10, 11, 12. */
static bool take_range(struct values *v, const char *list)
{
    char *end = NULL;
    long from = strtol(list, &end, 10);

    if (end == list || strncmp(end, "..", 2) != 0) {
        return false;
    }
    const char *second = end + 2;
    long to = strtol(second, &end, 10);
    if (end == second || *end != '\0' || to < from || to - from >= VALUES_MAX) {
        return false;
    }
    for (long at = from; at <= to; at++) {
        snprintf(v->text[v->n++], VALUE_MAX, "%ld", at);
    }
    return true;
}

static bool take_list(struct values *v, const char *list)
{
    while (*list != '\0') {
        size_t n = strcspn(list, ",");
        if (n == 0 || n >= VALUE_MAX || v->n == VALUES_MAX) {
            return false;
        }
        memcpy(v->text[v->n], list, n);
        v->text[v->n++][n] = '\0';
        list += n;
        list += *list == ',';
    }
    return v->n > 0;
}

static void cell(const struct sim_report *r, enum sim_scope scope, const char *name, size_t index)
{
    const struct sim_figure *f = sim_figure_find(&r->o->figures, scope, name);
    char value[40], error[40];
    struct sim_value v = sim_figure_value(&r->o->tally, f, scope, index, SIM_WHOLE);

    sim_value_format(value, sizeof value, v, f->unit);
    sim_error_format(error, sizeof error, v, f->unit);
    printf(" %12s \u00b1 %-7s", value, error);
}

static void print_rows(const struct sim_report *r, const char *value, bool first)
{
    const char *within = r->o->figures.line[r->o->figures.n_line - r->s->run.n_within].name;

    if (first) {
        printf("%-12s %-16s %12s %22s %22s %22s\n", "value", "of", "wait", within, "abandoned",
               "occupancy");
    }
    for (size_t i = 0; i < r->s->n_queues; i++) {
        printf("%-12.12s %-16.16s", value, r->s->queues[i].set.queue.s);
        cell(r, SIM_SCOPE_QUEUE, "wait", i);
        cell(r, SIM_SCOPE_QUEUE, within, i);
        cell(r, SIM_SCOPE_QUEUE, "abandoned", i);
        printf("\n");
    }
    for (size_t i = 0; i < r->s->n_groups; i++) {
        printf("%-12.12s %-16.16s%69s", value, r->s->groups[i].id, "");
        cell(r, SIM_SCOPE_AGENTS, "occupancy", i);
        printf("\n");
    }
}

static int run_one(const struct sim_options *o, const cJSON *json, const char *path,
                   const char *value, bool first)
{
    struct sim_scenario s;
    struct sim_outcome outcome;
    char why[SIM_WHY_MAX];
    char change[VALUE_MAX + 200];
    cJSON *copy = cJSON_Duplicate(json, 1);

    snprintf(change, sizeof change, "%.150s=%s", path, value);
    int rv = copy == NULL ? USHER_ENOMEM : sim_set(copy, change, why, sizeof why);
    if (rv != 0) {
        cJSON_Delete(copy);
    } else {
        rv = sim_scenario_read(&s, copy, o->file, why);
    }
    if (rv == 0) {
        rv = sim_run(&outcome, &s, why);
        if (rv == 0) {
            print_rows(&(struct sim_report){o->file, &s, &outcome}, value, first);
            sim_outcome_done(&outcome);
        }
        sim_scenario_done(&s);
    }
    if (rv != 0) {
        fprintf(stderr, "usher-sim: %s\n", rv == USHER_ENOMEM ? "out of memory" : why);
    }
    return rv;
}

int sim_compare(const struct sim_options *o, const cJSON *json)
{
    const char *equals = strchr(o->compare, '=');
    char path[160];
    struct values *v = calloc(1, sizeof *v);
    int rv = 0;

    if (v == NULL || equals == NULL || (size_t) (equals - o->compare) >= sizeof path ||
        !(take_range(v, equals + 1) || take_list(v, equals + 1))) {
        fprintf(stderr, "usher-sim: --compare must be PATH=LIST with at most %d values\n",
                VALUES_MAX);
        free(v);
        return 2;
    }
    memcpy(path, o->compare, (size_t) (equals - o->compare));
    path[equals - o->compare] = '\0';
    for (size_t i = 0; i < v->n && rv == 0; i++) {
        rv = run_one(o, json, path, v->text[i], i == 0);
        fflush(stdout);
    }
    free(v);
    return rv == 0 ? 0 : 1;
}
