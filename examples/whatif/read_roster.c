/* read_roster.c - reads what changes by the clock: lists of levels, and shifts.
 * SPDX-License-Identifier: MIT */
#include "scenario_parts.h"

#include "units.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static bool make(struct sim_reader *r, size_t n, double period, struct sim_roster *out)
{
    out->at = sim_reader_alloc(r, n, sizeof *out->at);
    out->value = sim_reader_alloc(r, n, sizeof *out->value);
    out->period = period;
    out->n = r->failed ? 0 : n;
    return !r->failed;
}

void sim_roster_constant(struct sim_reader *r, double value, struct sim_roster *out)
{
    if (make(r, 1, SIM_DAY, out)) {
        out->value[0] = value;
    }
}

void sim_read_levels(struct sim_reader *r, const cJSON *list, double each, enum sim_key_type type,
                     struct sim_roster *out)
{
    size_t n = (size_t) cJSON_GetArraySize(list);
    size_t i = 0;

    if (!make(r, n, (double) n * each, out)) {
        return;
    }
    for (const cJSON *item = list->child; item != NULL && !r->failed; item = item->next, i++) {
        uint32_t count = 0;
        struct sim_key key = {"", type, true, 0, 0, {.number = &out->value[i]}};
        size_t mark = sim_reader_enter_item(r, i);
        if (type == SIM_KEY_COUNT) {
            key.out.count = &count;
        }
        sim_reader_value(r, item, &key);
        out->value[i] = type == SIM_KEY_COUNT ? count : out->value[i];
        out->at[i] = (double) i * each;
        sim_reader_leave(r, mark);
    }
}

struct shift {
    double from, to;
    uint32_t count;
};

static void read_shift(struct sim_reader *r, const cJSON *json, double count_most, struct shift *s)
{
    const struct sim_key keys[] = {
        {"from", SIM_KEY_CLOCK, true, 0, SIM_DAY, {.number = &s->from}},
        {"to", SIM_KEY_CLOCK, true, 0, SIM_DAY, {.number = &s->to}},
        {"count", SIM_KEY_COUNT, true, 0, count_most, {.count = &s->count}},
    };

    s->count = 1;
    sim_reader_object(r, json, keys, count_most > 0 ? COUNT(keys) : COUNT(keys) - 1);
    if (!r->failed && s->from == s->to) {
        sim_reader_fail(r, "from and to are the same", NULL);
    }
}

/* Does it hold at this time of day? It may reach over midnight. */
static bool covers(const struct shift *s, double at)
{
    return s->from < s->to ? at >= s->from && at < s->to : at >= s->from || at < s->to;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *) a;
    double y = *(const double *) b;

    return (x > y) - (x < y);
}

void sim_read_shifts(struct sim_reader *r, const cJSON *list, double count_most,
                     struct sim_roster *out)
{
    size_t n = (size_t) cJSON_GetArraySize(list);
    struct shift *shifts = sim_reader_alloc(r, n, sizeof *shifts);
    size_t i = 0;

    if (shifts == NULL || !make(r, 2 * n + 1, SIM_DAY, out)) {
        free(shifts);
        return;
    }
    for (const cJSON *item = list->child; item != NULL && !r->failed; item = item->next, i++) {
        size_t mark = sim_reader_enter_item(r, i);
        read_shift(r, item, count_most, &shifts[i]);
        out->at[2 * i + 1] = shifts[i].from >= SIM_DAY ? 0 : shifts[i].from;
        out->at[2 * i + 2] = shifts[i].to >= SIM_DAY ? 0 : shifts[i].to;
        sim_reader_leave(r, mark);
    }
    qsort(out->at, out->n, sizeof *out->at, ascending); /* the first is 0 */
    for (size_t k = 0; k < out->n; k++) {
        for (i = 0; i < n; i++) {
            out->value[k] += covers(&shifts[i], out->at[k]) ? shifts[i].count : 0;
        }
    }
    free(shifts);
}
