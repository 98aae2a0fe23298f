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

/* What a row shows of a queue, and of a group. */
struct columns {
    const struct sim_report *first, *r;
    const char *value;
};

static void put(struct sim_value v, enum sim_unit unit, bool difference)
{
    char value[41] = "+", error[40];
    size_t sign = difference && v.value > 0 ? 1 : 0;

    sim_value_format(value + sign, sizeof value - sign, v, unit);
    sim_error_format(error, sizeof error, v, unit);
    printf(v.known ? "  %12s \u00b1 %-8s" : "  %12s   %-8s", value, v.known ? error : "");
}

/* One line: figures of a queue or group, or what is different from the first run. */
static void line(const struct columns *c, enum sim_scope scope, size_t index,
                 const char *const *names, size_t n, bool difference)
{
    printf("%-14.14s %-16.16s", difference ? "" : c->value,
           difference ? "" : sim_scope_id(c->r->s, scope, index));
    for (size_t i = 0; i < n; i++) {
        const struct sim_figure *f = sim_figure_find(&c->r->o->figures, scope, names[i]);
        put(difference
                ? sim_figure_difference(&c->r->o->tally, &c->first->o->tally, f, scope, index)
                : sim_figure_value(&c->r->o->tally, f, scope, index, SIM_WHOLE),
            f->unit, difference);
    }
    printf("\n");
}

static void print_rows(const struct columns *c)
{
    const struct sim_outcome *o = c->r->o;
    const char *queue[] = {"wait", o->figures.line[o->figures.n_line - c->r->s->run.n_within].name,
                           "abandoned"};
    const char *agents[] = {"occupancy", "staffed"};

    if (c->first == c->r) {
        printf("below each line: what is different from the first, by the same luck\n"
               "%-14s %-16s  %12s  %21s  %23s\n%-14s %-16s  %12s  %21s\n",
               "value", "queues", queue[0], queue[1], queue[2], "", "agents", agents[0], agents[1]);
    }
    for (size_t i = 0; i < c->r->s->n_queues; i++) {
        line(c, SIM_SCOPE_QUEUE, i, queue, 3, false);
        if (c->first != c->r) {
            line(c, SIM_SCOPE_QUEUE, i, queue, 3, true);
        }
    }
    for (size_t i = 0; i < c->r->s->n_groups; i++) {
        line(c, SIM_SCOPE_AGENTS, i, agents, 2, false);
        if (c->first != c->r) {
            line(c, SIM_SCOPE_AGENTS, i, agents, 2, true);
        }
    }
}

/* One run, as it is kept for comparison. */
struct one {
    struct sim_scenario s;
    struct sim_outcome outcome;
};

static int run_one(struct one *out, const struct sim_options *o, const cJSON *json,
                   const char *path, const char *value)
{
    char why[SIM_WHY_MAX] = "out of memory";
    char change[VALUE_MAX + 200];
    cJSON *copy = cJSON_Duplicate(json, 1);

    snprintf(change, sizeof change, "%.150s=%s", path, value);
    int rv = copy == NULL ? USHER_ENOMEM : sim_set(copy, change, why, sizeof why);
    if (rv != 0) {
        cJSON_Delete(copy);
    } else {
        rv = sim_scenario_read(&out->s, copy, o->file, why);
    }
    if (rv == 0) {
        rv = sim_run(&out->outcome, &out->s, why);
        if (rv != 0) {
            sim_scenario_done(&out->s);
        }
    }
    if (rv != 0) {
        fprintf(stderr, "usher-sim: %s\n", why);
    }
    return rv;
}

static void one_done(struct one *one)
{
    sim_outcome_done(&one->outcome);
    sim_scenario_done(&one->s);
}

static int run_all(const struct sim_options *o, const cJSON *json, const char *path,
                   const struct values *v)
{
    struct one first, other;
    struct sim_report begin = {o->file, &first.s, &first.outcome};
    struct sim_report next = {o->file, &other.s, &other.outcome};
    int rv = run_one(&first, o, json, path, v->text[0]);

    if (rv != 0) {
        return rv;
    }
    print_rows(&(struct columns){&begin, &begin, v->text[0]});
    for (size_t i = 1; i < v->n && rv == 0; i++) {
        fflush(stdout);
        rv = run_one(&other, o, json, path, v->text[i]);
        if (rv == 0) {
            print_rows(&(struct columns){&begin, &next, v->text[i]});
            one_done(&other);
        }
    }
    one_done(&first);
    return rv;
}

int sim_compare(const struct sim_options *o, const cJSON *json)
{
    const char *equals = strchr(o->compare, '=');
    char path[160];
    struct values *v = calloc(1, sizeof *v);

    if (v == NULL || equals == NULL || (size_t) (equals - o->compare) >= sizeof path ||
        !(take_range(v, equals + 1) || take_list(v, equals + 1))) {
        fprintf(stderr, "usher-sim: --compare must be PATH=LIST with at most %d values\n",
                VALUES_MAX);
        free(v);
        return 2;
    }
    memcpy(path, o->compare, (size_t) (equals - o->compare));
    path[equals - o->compare] = '\0';
    int rv = run_all(o, json, path, v);
    free(v);
    return rv == 0 ? 0 : 1;
}
