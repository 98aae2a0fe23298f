/* read_dist.c - reads distributions: {"exp": "3m"}, {"lognormal": {...}}, mixes and lists.
 * SPDX-License-Identifier: MIT */
#include "scenario_parts.h"

#include "units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define YEAR (366 * SIM_DAY)
#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char choice[] =
    "must have one of fixed, exp, erlang, gamma, lognormal, weibull, uniform, hyperexp, list, "
    "in_order, mix";

static void read_duration(struct sim_reader *r, const cJSON *json, double *ms)
{
    const struct sim_key key = {"", SIM_KEY_DURATION, true, 0, YEAR, {.number = ms}};

    sim_reader_value(r, json, &key);
}

/* One duration, or "never". */
static void read_fixed(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    d->kind = SIM_FIXED;
    if (cJSON_IsString(json) && strcmp(json->valuestring, "never") == 0) {
        d->a = SIM_NEVER;
    } else {
        read_duration(r, json, &d->a);
    }
}

static void read_exp(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    d->kind = SIM_EXP;
    read_duration(r, json, &d->a);
}

static void read_erlang(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    uint32_t k = 0;
    const struct sim_key keys[] = {
        {"mean", SIM_KEY_DURATION, true, 0, YEAR, {.number = &d->a}},
        {"k", SIM_KEY_COUNT, true, 1, 1000, {.count = &k}},
    };

    d->kind = SIM_ERLANG;
    sim_reader_object(r, json, keys, COUNT(keys));
    d->k = k;
}

static void read_gamma(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    double cv = 0;
    const struct sim_key keys[] = {
        {"mean", SIM_KEY_DURATION, true, 0, YEAR, {.number = &d->a}},
        {"cv", SIM_KEY_NUMBER, true, 0.001, 100, {.number = &cv}},
    };

    d->kind = SIM_GAMMA;
    sim_reader_object(r, json, keys, COUNT(keys));
    d->b = 1 / (cv * cv);
}

static void read_lognormal(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    double mean = -1, median = -1, cv = -1, sigma = -1;
    const struct sim_key keys[] = {
        {"mean", SIM_KEY_DURATION, false, 0.001, YEAR, {.number = &mean}},
        {"median", SIM_KEY_DURATION, false, 0.001, YEAR, {.number = &median}},
        {"cv", SIM_KEY_NUMBER, false, 0, 100, {.number = &cv}},
        {"sigma", SIM_KEY_NUMBER, false, 0, 10, {.number = &sigma}},
    };

    d->kind = SIM_LOGNORMAL;
    sim_reader_object(r, json, keys, COUNT(keys));
    if ((mean < 0) == (median < 0) || (cv < 0) == (sigma < 0)) {
        sim_reader_fail(r, "needs either mean or median, and either cv or sigma", NULL);
        return;
    }
    d->b = sigma >= 0 ? sigma : sqrt(log(1 + cv * cv));
    d->a = median >= 0 ? log(median) : log(mean) - d->b * d->b / 2;
}

static void read_weibull(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    double mean = 0;
    const struct sim_key keys[] = {
        {"mean", SIM_KEY_DURATION, true, 0, YEAR, {.number = &mean}},
        {"shape", SIM_KEY_NUMBER, true, 0.1, 100, {.number = &d->b}},
    };

    d->kind = SIM_WEIBULL;
    sim_reader_object(r, json, keys, COUNT(keys));
    d->a = r->failed ? 0 : mean / tgamma(1 + 1 / d->b);
}

static void read_uniform(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    d->kind = SIM_UNIFORM;
    if (!cJSON_IsArray(json) || cJSON_GetArraySize(json) != 2) {
        sim_reader_fail(r, "must be a list of two times", NULL);
        return;
    }
    read_duration(r, json->child, &d->a);
    read_duration(r, json->child->next, &d->b);
    if (!r->failed && d->b < d->a) {
        sim_reader_fail(r, "the second time must not be before the first", NULL);
    }
}

static bool make_parts(struct sim_reader *r, struct sim_dist *d, size_t n)
{
    d->kind = SIM_MIX;
    d->parts = sim_reader_alloc(r, n, sizeof *d->parts);
    d->upto = sim_reader_alloc(r, n, sizeof *d->upto);
    if (r->failed) {
        return false;
    }
    d->n = n;
    for (size_t i = 0; i < n; i++) {
        d->parts[i].most = INFINITY;
    }
    return true;
}

/* Weights to cumulated probabilities; those called p must add up to 1. */
static void cumulate(struct sim_reader *r, struct sim_dist *d, bool probabilities)
{
    double sum = 0;

    for (size_t i = 0; i < d->n; i++) {
        sum += d->upto[i];
        d->upto[i] = sum;
    }
    if (probabilities ? fabs(sum - 1) > 1e-6 : !(sum > 0)) {
        sim_reader_fail(
            r, probabilities ? "the p must add up to 1" : "nothing can be drawn from it", NULL);
        return;
    }
    for (size_t i = 0; i < d->n; i++) {
        d->upto[i] /= sum;
    }
    d->upto[d->n - 1] = 1;
}

/* Two exponential phases with balanced means give any mean and any cv of 1 or more. */
static void balance(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    double mean = 0, cv = 0;
    const struct sim_key keys[] = {
        {"mean", SIM_KEY_DURATION, true, 0, YEAR, {.number = &mean}},
        {"cv", SIM_KEY_NUMBER, true, 1, 1000, {.number = &cv}},
    };

    sim_reader_object(r, json, keys, COUNT(keys));
    if (r->failed || !make_parts(r, d, 2)) {
        return;
    }
    double p = (1 + sqrt((cv * cv - 1) / (cv * cv + 1))) / 2;
    d->parts[0].kind = d->parts[1].kind = SIM_EXP;
    d->parts[0].a = mean / (2 * p);
    d->parts[1].a = mean / (2 * (1 - p));
    d->upto[0] = p;
    d->upto[1] = 1;
}

static void read_hyperexp(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    if (cJSON_IsObject(json)) {
        balance(r, json, d);
        return;
    }
    if (!sim_reader_list(r, json) || !make_parts(r, d, (size_t) cJSON_GetArraySize(json))) {
        return;
    }
    size_t i = 0;
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next, i++) {
        const struct sim_key keys[] = {
            {"p", SIM_KEY_NUMBER, true, 0, 1, {.number = &d->upto[i]}},
            {"mean", SIM_KEY_DURATION, true, 0, YEAR, {.number = &d->parts[i].a}},
        };
        size_t mark = sim_reader_enter_item(r, i);
        d->parts[i].kind = SIM_EXP;
        sim_reader_object(r, item, keys, COUNT(keys));
        sim_reader_leave(r, mark);
    }
    if (!r->failed) {
        cumulate(r, d, true);
    }
}

static void read_list(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    if (!sim_reader_list(r, json) || !make_parts(r, d, (size_t) cJSON_GetArraySize(json))) {
        return;
    }
    size_t i = 0;
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next, i++) {
        size_t mark = sim_reader_enter_item(r, i);
        read_fixed(r, item, &d->parts[i]);
        d->upto[i] = 1;
        sim_reader_leave(r, mark);
    }
}

static void read_weights(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    size_t mark = sim_reader_enter(r, "weights");
    size_t i = 0;

    if (!cJSON_IsArray(json) || (size_t) cJSON_GetArraySize(json) != d->n) {
        sim_reader_fail(r, "must be a list as long as \"list\"", NULL);
    }
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next, i++) {
        const struct sim_key key = {"", SIM_KEY_NUMBER, true, 0, 0, {.number = &d->upto[i]}};
        size_t at = sim_reader_enter_item(r, i);
        sim_reader_value(r, item, &key);
        sim_reader_leave(r, at);
    }
    sim_reader_leave(r, mark);
}

/* A list by number; what is null is drawn from the others. */
static void read_in_order(struct sim_reader *r, const cJSON *json, struct sim_dist *d)
{
    size_t i = 0;

    if (!sim_reader_list(r, json) || !make_parts(r, d, (size_t) cJSON_GetArraySize(json))) {
        return;
    }
    d->kind = SIM_ORDER;
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next, i++) {
        size_t mark = sim_reader_enter_item(r, i);
        d->parts[i].a = -1;
        if (!cJSON_IsNull(item)) {
            read_fixed(r, item, &d->parts[i]);
            d->upto[i] = 1;
        }
        sim_reader_leave(r, mark);
    }
    if (!r->failed) {
        cumulate(r, d, false);
    }
}

typedef void read_fn(struct sim_reader *r, const cJSON *json, struct sim_dist *d);
static const struct form {
    const char *name;
    read_fn *read;
} forms[] = {
    {"fixed", read_fixed},         {"exp", read_exp},
    {"erlang", read_erlang},       {"gamma", read_gamma},
    {"lognormal", read_lognormal}, {"weibull", read_weibull},
    {"uniform", read_uniform},     {"hyperexp", read_hyperexp},
    {"in_order", read_in_order},   {"list", read_list},
};

/* The members that every distribution may have, and at most one that says which it is. */
static void read_form(struct sim_reader *r, const cJSON *json, struct sim_dist *d,
                      const cJSON **mix)
{
    const cJSON *weights = NULL;
    const cJSON *found[COUNT(forms)] = {NULL};
    struct sim_key keys[COUNT(forms) + 5] = {
        {"plus", SIM_KEY_DURATION, false, 0, YEAR, {.number = &d->plus}},
        {"at_least", SIM_KEY_DURATION, false, 0, YEAR, {.number = &d->least}},
        {"at_most", SIM_KEY_DURATION, false, 0, YEAR, {.number = &d->most}},
        {"weights", SIM_KEY_ANY, false, 0, 0, {.json = &weights}},
        {"mix", SIM_KEY_ARRAY, false, 0, 0, {.json = mix}},
    };
    size_t n = 0;

    for (size_t i = 0; i < COUNT(forms); i++) {
        keys[5 + i] =
            (struct sim_key){forms[i].name, SIM_KEY_ANY, false, 0, 0, {.json = &found[i]}};
    }
    sim_reader_object(r, json, keys, COUNT(keys));
    for (size_t i = 0; i < COUNT(forms) && !r->failed; i++) {
        size_t mark = sim_reader_enter(r, forms[i].name);
        n += found[i] != NULL;
        if (found[i] != NULL && n == 1) {
            forms[i].read(r, found[i], d);
        }
        sim_reader_leave(r, mark);
    }
    if (n + (*mix != NULL) != 1) {
        sim_reader_fail(r, choice, NULL);
    } else if (found[COUNT(forms) - 1] != NULL && !r->failed) {
        if (weights != NULL) {
            read_weights(r, weights, d);
        }
        cumulate(r, d, false);
    } else if (weights != NULL) {
        sim_reader_fail_at(r, "weights", "goes with \"list\" only", NULL);
    }
}

/* A part of a mix: {"p": 0.2, "of": …}. */
static void read_part(struct sim_reader *r, const cJSON *json, struct sim_dist *d, double *p)
{
    const cJSON *of = NULL;
    const cJSON *mix = NULL;
    const struct sim_key keys[] = {
        {"p", SIM_KEY_NUMBER, true, 0, 1, {.number = p}},
        {"of", SIM_KEY_ANY, true, 0, 0, {.json = &of}},
    };

    sim_reader_object(r, json, keys, COUNT(keys));
    if (r->failed) {
        return;
    }
    size_t mark = sim_reader_enter(r, "of");
    if (cJSON_IsObject(of)) {
        read_form(r, of, d, &mix);
    } else {
        read_fixed(r, of, d);
    }
    if (d->kind == SIM_MIX || mix != NULL) {
        sim_reader_fail(r, "a part of a mix must not be a mix, hyperexp or list itself", NULL);
    }
    sim_reader_leave(r, mark);
}

void sim_read_dist(struct sim_reader *r, const cJSON *json, struct sim_dist *out)
{
    const cJSON *mix = NULL;
    size_t i = 0;

    *out = (struct sim_dist){.most = INFINITY};
    if (!cJSON_IsObject(json)) {
        read_fixed(r, json, out);
        return;
    }
    read_form(r, json, out, &mix);
    if (mix == NULL || r->failed || !make_parts(r, out, (size_t) cJSON_GetArraySize(mix))) {
        return;
    }
    size_t mark = sim_reader_enter(r, "mix");
    for (const cJSON *item = mix->child; item != NULL && !r->failed; item = item->next, i++) {
        size_t at = sim_reader_enter_item(r, i);
        read_part(r, item, &out->parts[i], &out->upto[i]);
        sim_reader_leave(r, at);
    }
    if (!r->failed) {
        cumulate(r, out, true);
    }
    sim_reader_leave(r, mark);
}
