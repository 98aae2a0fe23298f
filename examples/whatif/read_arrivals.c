/* read_arrivals.c - reads how sessions arrive: Poisson, waves, gaps, given times, in batches.
 * SPDX-License-Identifier: MIT */
#include "scenario_parts.h"

#include "units.h"

#include <stdlib.h>

#define YEAR (366 * SIM_DAY)
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void read_batch(struct sim_reader *r, const cJSON *json, struct sim_arrivals *a)
{
    const cJSON *even = NULL;
    double mean = 0;
    uint32_t count = 0;
    const struct sim_key whole = {"", SIM_KEY_COUNT, true, 1, 100000, {.count = &count}};
    const struct sim_key keys[] = {
        {"geometric", SIM_KEY_NUMBER, false, 1, 100000, {.number = &mean}},
        {"from", SIM_KEY_COUNT, false, 1, 100000, {.count = &a->batch_least}},
        {"to", SIM_KEY_COUNT, false, 1, 100000, {.count = &a->batch_most}},
    };

    if (cJSON_IsNumber(json)) {
        sim_reader_value(r, json, &whole);
        a->batch = SIM_BATCH_FIXED;
        a->batch_mean = count;
        return;
    }
    sim_reader_object(r, json, keys, COUNT(keys));
    even = cJSON_GetObjectItemCaseSensitive(json, "from");
    if (mean > 0 && even == NULL && a->batch_most == 0) {
        a->batch = SIM_BATCH_GEOMETRIC;
        a->batch_mean = mean;
    } else if (mean > 0 || even == NULL || a->batch_most < a->batch_least) {
        sim_reader_fail(
            r, "must be a number, {\"geometric\": MEAN} or {\"from\": LEAST, \"to\": MOST}", NULL);
    } else {
        a->batch = SIM_BATCH_EVEN;
    }
}

static void read_poisson(struct sim_reader *r, const cJSON *json, double each,
                         struct sim_arrivals *a)
{
    double rate = 0;
    const struct sim_key key = {"", SIM_KEY_RATE, true, 0, 0, {.number = &rate}};

    a->kind = SIM_ARRIVE_POISSON;
    if (cJSON_IsArray(json)) {
        if (sim_reader_list(r, json)) {
            sim_read_levels(r, json, each, SIM_KEY_RATE, &a->rate);
        }
        return;
    }
    sim_reader_value(r, json, &key);
    if (!r->failed) {
        sim_roster_constant(r, rate, &a->rate);
    }
}

/* A wave needs one rate, not a list. */
static void read_wave(struct sim_reader *r, struct sim_arrivals *a)
{
    if (a->kind != SIM_ARRIVE_POISSON || a->rate.n != 1) {
        sim_reader_fail_at(r, "wave", "goes with one rate in \"poisson\"", NULL);
        return;
    }
    a->kind = SIM_ARRIVE_WAVE;
    a->mean = a->rate.value[0];
}

static void read_times(struct sim_reader *r, const cJSON *json, struct sim_arrivals *a)
{
    a->kind = SIM_ARRIVE_AT;
    a->n = (size_t) cJSON_GetArraySize(json);
    a->at = sim_reader_alloc(r, a->n, sizeof *a->at);
    size_t i = 0;
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next, i++) {
        const struct sim_key key = {"", SIM_KEY_DURATION, true, 0, YEAR, {.number = &a->at[i]}};
        size_t mark = sim_reader_enter_item(r, i);
        sim_reader_value(r, item, &key);
        if (!r->failed && i > 0 && a->at[i] < a->at[i - 1]) {
            sim_reader_fail(r, "is before the one before it", NULL);
        }
        sim_reader_leave(r, mark);
    }
}

void sim_read_arrivals(struct sim_reader *r, const cJSON *json, struct sim_arrivals *a)
{
    const cJSON *poisson = NULL, *gap = NULL, *at = NULL, *batch = NULL;
    double each = SIM_HOUR;
    const struct sim_key keys[] = {
        {"poisson", SIM_KEY_ANY, false, 0, 0, {.json = &poisson}},
        {"each", SIM_KEY_DURATION, false, SIM_SECOND, YEAR, {.number = &each}},
        {"wave", SIM_KEY_NUMBER, false, 0, 1, {.number = &a->wave}},
        {"period", SIM_KEY_DURATION, false, SIM_SECOND, YEAR, {.number = &a->period}},
        {"peak", SIM_KEY_CLOCK, false, 0, YEAR, {.number = &a->peak}},
        {"gap", SIM_KEY_ANY, false, 0, 0, {.json = &gap}},
        {"first", SIM_KEY_DURATION, false, 0, YEAR, {.number = &a->first}},
        {"at", SIM_KEY_ARRAY, false, 0, 0, {.json = &at}},
        {"batch", SIM_KEY_ANY, false, 0, 0, {.json = &batch}},
    };

    *a = (struct sim_arrivals){.period = SIM_DAY, .first = -1, .batch_mean = 1};
    if (!cJSON_IsObject(json)) {
        read_poisson(r, json, each, a);
        return;
    }
    sim_reader_object(r, json, keys, COUNT(keys));
    if (!r->failed && (poisson != NULL) + (gap != NULL) + (at != NULL) != 1) {
        sim_reader_fail(r, "must have one of poisson, gap, at", NULL);
    }
    if (r->failed) {
        return;
    }
    size_t mark = sim_reader_enter(r, poisson != NULL ? "poisson" : gap != NULL ? "gap" : "at");
    if (poisson != NULL) {
        read_poisson(r, poisson, each, a);
    } else if (gap != NULL) {
        a->kind = SIM_ARRIVE_GAPS;
        sim_read_dist(r, gap, &a->gap);
        if (!r->failed && !(sim_dist_mean(&a->gap) > 0)) {
            sim_reader_fail(r, "must be longer than nothing", NULL);
        }
    } else {
        read_times(r, at, a);
    }
    sim_reader_leave(r, mark);
    if (cJSON_HasObjectItem(json, "wave")) {
        read_wave(r, a);
    }
    if (batch != NULL) {
        mark = sim_reader_enter(r, "batch");
        read_batch(r, batch, a);
        sim_reader_leave(r, mark);
    }
}
