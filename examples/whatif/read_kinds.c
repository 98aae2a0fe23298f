/* read_kinds.c - reads the kinds of session: how they arrive, how long they take, who gives up.
 * SPDX-License-Identifier: MIT */
#include "scenario_parts.h"

#include "units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void read_at(struct sim_reader *r, const char *name, const cJSON *json, struct sim_dist *d)
{
    size_t mark = sim_reader_enter(r, name);

    if (json != NULL) {
        sim_read_dist(r, json, d);
    }
    sim_reader_leave(r, mark);
}

static void read_transfer(struct sim_reader *r, const cJSON *json, const struct sim_scenario *s,
                          const struct sim_kind *kind, struct sim_transfer *t)
{
    const char *from = s->queues[kind->queue].set.queue.s;
    const char *to = "";
    const cJSON *handling = NULL;
    const struct sim_key keys[] = {
        {"from", SIM_KEY_TEXT, false, 0, 0, {.text = &from}},
        {"to", SIM_KEY_TEXT, true, 0, 0, {.text = &to}},
        {"p", SIM_KEY_NUMBER, true, 0, 1, {.number = &t->p}},
        {"handling", SIM_KEY_ANY, false, 0, 0, {.json = &handling}},
    };

    sim_reader_object(r, json, keys, COUNT(keys));
    if (r->failed) {
        return;
    }
    size_t mark = sim_reader_enter(r, "from");
    t->from = sim_find_queue(r, s, from);
    sim_reader_leave(r, mark);
    mark = sim_reader_enter(r, "to");
    t->to = sim_find_queue(r, s, to);
    sim_reader_leave(r, mark);
    t->has_handling = handling != NULL;
    read_at(r, "handling", handling, &t->handling);
}

/* Out of no queue may more go than arrive in it, and some must come to an end. */
static void check_transfers(struct sim_reader *r, const struct sim_scenario *s,
                            const struct sim_kind *k)
{
    for (size_t q = 0; q < s->n_queues && !r->failed; q++) {
        double sum = 0;
        for (size_t i = 0; i < k->n_transfers; i++) {
            sum += k->transfers[i].from == q ? k->transfers[i].p : 0;
        }
        if (sum > 1 + 1e-9) {
            sim_reader_fail(r,
                            "the p of one queue add up to more than 1:", s->queues[q].set.queue.s);
        }
    }
}

static void read_transfers(struct sim_reader *r, const cJSON *json, const struct sim_scenario *s,
                           struct sim_kind *k)
{
    size_t mark = sim_reader_enter(r, "transfers");

    k->transfers = sim_reader_alloc(r, (size_t) cJSON_GetArraySize(json), sizeof *k->transfers);
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next) {
        size_t at = sim_reader_enter_item(r, k->n_transfers);
        read_transfer(r, item, s, k, &k->transfers[k->n_transfers++]);
        sim_reader_leave(r, at);
    }
    check_transfers(r, s, k);
    sim_reader_leave(r, mark);
}

static void read_kind(struct sim_reader *r, const cJSON *json, struct sim_scenario *s)
{
    struct sim_kind *k = &s->kinds[s->n_kinds];
    const char *queue = "";
    const cJSON *arrivals = NULL, *handling = NULL, *patience = NULL, *transfers = NULL;
    const cJSON *needs = NULL;
    const struct sim_key keys[] = {
        {"id", SIM_KEY_TEXT, false, 0, 0, {.text = &k->id}},
        {"queue", SIM_KEY_TEXT, true, 0, 0, {.text = &queue}},
        {"arrivals", SIM_KEY_ANY, true, 0, 0, {.json = &arrivals}},
        {"needs", SIM_KEY_OBJECT, false, 0, 0, {.json = &needs}},
        {"priority", SIM_KEY_COUNT, false, 0, USHER_PRIORITIES - 1, {.count = &k->priority}},
        {"handling", SIM_KEY_ANY, true, 0, 0, {.json = &handling}},
        {"patience", SIM_KEY_ANY, false, 0, 0, {.json = &patience}},
        {"transfers", SIM_KEY_ARRAY, false, 0, 0, {.json = &transfers}},
    };

    s->n_kinds++;
    k->patience = (struct sim_dist){.kind = SIM_FIXED, .a = SIM_NEVER, .most = INFINITY};
    sim_reader_object(r, json, keys, COUNT(keys));
    if (r->failed) {
        return;
    }
    size_t mark = sim_reader_enter(r, "queue");
    k->queue = sim_find_queue(r, s, queue);
    sim_reader_leave(r, mark);
    k->id = k->id == NULL ? queue : k->id;
    for (size_t i = 0; i + 1 < s->n_kinds && sim_check_id(r, k->id); i++) {
        if (strcmp(s->kinds[i].id, k->id) == 0) {
            sim_reader_fail_at(r, "id", "is there twice:", k->id);
        }
    }
    mark = sim_reader_enter(r, "needs");
    k->n_needs = sim_read_skills(r, needs, k->needs, USHER_NEEDS_MAX);
    sim_reader_leave(r, mark);
    mark = sim_reader_enter(r, "arrivals");
    sim_read_arrivals(r, arrivals, &k->arrivals);
    sim_reader_leave(r, mark);
    read_at(r, "handling", handling, &k->handling);
    read_at(r, "patience", patience, &k->patience);
    if (transfers != NULL && !r->failed) {
        read_transfers(r, transfers, s, k);
    }
}

void sim_read_kinds(struct sim_reader *r, const cJSON *json, struct sim_scenario *s)
{
    size_t mark = sim_reader_enter(r, "kinds");

    s->kinds = sim_reader_alloc(r, (size_t) cJSON_GetArraySize(json), sizeof *s->kinds);
    for (const cJSON *item = json->child; item != NULL && !r->failed; item = item->next) {
        size_t at = sim_reader_enter_item(r, s->n_kinds);
        read_kind(r, item, s);
        sim_reader_leave(r, at);
    }
    sim_reader_leave(r, mark);
}
