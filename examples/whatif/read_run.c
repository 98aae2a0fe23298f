/* read_run.c - reads how long to run, how often, from which seed, and what is expected.
 * SPDX-License-Identifier: MIT */
#include "scenario_parts.h"

#include "units.h"

#include <stdio.h>
#include <stdlib.h>

#define DAYS (100000 * SIM_DAY) /* times stay exact to a nanosecond or so */
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void read_within(struct sim_reader *r, const cJSON *json, struct sim_run *run)
{
    size_t mark = sim_reader_enter(r, "within");

    run->n_within = 0;
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next) {
        size_t at = sim_reader_enter_item(r, run->n_within);
        if (run->n_within == SIM_WITHIN_MAX) {
            sim_reader_fail(r, "one too many", NULL);
        } else {
            const struct sim_key key = {
                "", SIM_KEY_DURATION, true, 0, DAYS, {.number = &run->within[run->n_within]}};
            sim_reader_value(r, item, &key);
            run->n_within++;
        }
        sim_reader_leave(r, at);
    }
    sim_reader_leave(r, mark);
}

/* 0.01: the mean wait in each queue; {"abandoned": 0.02}: that figure. */
static void read_precision(struct sim_reader *r, const cJSON *json, struct sim_run *run)
{
    size_t mark = sim_reader_enter(r, "precision");
    bool one = cJSON_IsNumber(json);
    const cJSON *item = one ? json : json->child;

    if (!one && (!cJSON_IsObject(json) || item == NULL)) {
        sim_reader_fail(r, "must be a number, or an object of figures and numbers", NULL);
    }
    run->precision = sim_reader_alloc(r, (size_t) cJSON_GetArraySize(json), sizeof *run->precision);
    while (item != NULL && !r->failed) {
        struct sim_precision *p = &run->precision[run->n_precision++];
        const struct sim_key key = {"", SIM_KEY_NUMBER, true, 0.00001, 1, {.number = &p->relative}};
        size_t at = one ? mark : sim_reader_enter(r, item->string);
        p->figure = one ? "wait" : item->string;
        sim_reader_value(r, item, &key);
        if (!one) {
            sim_reader_leave(r, at);
        }
        item = one ? NULL : item->next;
    }
    sim_reader_leave(r, mark);
}

static void check_run(struct sim_reader *r, const struct sim_run *run, bool batches)
{
    if (!r->failed && batches && run->replications > 0) {
        sim_reader_fail_at(r, "batches", "goes without replications", NULL);
    }
    if (!r->failed && run->bin > 0 && (run->warm_up + run->length) / run->bin > SIM_BINS_MAX) {
        sim_reader_fail_at(r, "each", "makes more than 1000 lines", NULL);
    }
}

void sim_read_run(struct sim_reader *r, const cJSON *json, struct sim_run *run)
{
    const cJSON *within = NULL, *precision = NULL;
    run->seed = 1;
    run->batches = 20;
    run->drain = SIM_DAY;
    run->within[0] = 20 * SIM_SECOND;
    run->within[1] = 60 * SIM_SECOND;
    run->n_within = 2;
    run->sessions_max = 10000000;
    const struct sim_key keys[] = {
        {"start", SIM_KEY_CLOCK, false, 0, DAYS, {.number = &run->start}},
        {"warm_up", SIM_KEY_DURATION, false, 0, DAYS, {.number = &run->warm_up}},
        {"length", SIM_KEY_DURATION, true, 1, DAYS, {.number = &run->length}},
        {"drain", SIM_KEY_DURATION, false, 0, DAYS, {.number = &run->drain}},
        {"replications", SIM_KEY_COUNT, false, 2, 1000000, {.count = &run->replications}},
        {"batches", SIM_KEY_COUNT, false, 20, 64, {.count = &run->batches}},
        {"seed", SIM_KEY_WHOLE, false, 0, 9007199254740992.0, {.whole = &run->seed}},
        {"within", SIM_KEY_ARRAY, false, 0, 0, {.json = &within}},
        {"each", SIM_KEY_DURATION, false, SIM_SECOND, DAYS, {.number = &run->bin}},
        {"estimates", SIM_KEY_BOOL, false, 0, 0, {.yes = &run->estimates}},
        {"precision", SIM_KEY_ANY, false, 0, 0, {.json = &precision}},
        {"sessions_max", SIM_KEY_WHOLE, false, 1, 1e12, {.whole = &run->sessions_max}},
    };

    sim_reader_object(r, json, keys, COUNT(keys));
    if (within != NULL && !r->failed) {
        read_within(r, within, run);
    }
    if (precision != NULL && !r->failed) {
        read_precision(r, precision, run);
    }
    check_run(r, run, cJSON_HasObjectItem(json, "batches"));
}

void sim_read_expect(struct sim_reader *r, const cJSON *json, struct sim_scenario *s)
{
    size_t mark = sim_reader_enter(r, "expect");

    s->expect = sim_reader_alloc(r, (size_t) cJSON_GetArraySize(json), sizeof *s->expect);
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next) {
        struct sim_expect *e = &s->expect[s->n_expect++];
        const struct sim_key number = {"", SIM_KEY_NUMBER, true, 0, 0, {.number = &e->value}};
        const struct sim_key time = {"", SIM_KEY_DURATION, true, 0, 0, {.number = &e->value}};
        size_t at = sim_reader_enter(r, item->string);
        e->figure = item->string;
        sim_reader_value(r, item, cJSON_IsString(item) ? &time : &number);
        e->value = cJSON_IsString(item) ? e->value / SIM_SECOND : e->value;
        sim_reader_leave(r, at);
    }
    sim_reader_leave(r, mark);
}
