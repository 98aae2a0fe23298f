/* learn_write.c - writes what was learned as a scenario that can be read and changed.
 * SPDX-License-Identifier: MIT */
#include "learn.h"

#include "units.h"

#include <cjson/cJSON.h>

#include <stdlib.h>
#include <string.h>

#define LIST_MAX 400 /* values of one distribution */

static cJSON *seconds(double ms)
{
    char text[40];

    snprintf(text, sizeof text, "%.15gs", ms / SIM_SECOND);
    return cJSON_CreateString(text);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *) a;
    double y = *(const double *) b;

    return (x > y) - (x < y);
}

/* All of them, or as many as there is room for, evenly from the least to the most. */
static cJSON *list_of(const struct sim_list *from)
{
    cJSON *dist = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(dist, "list");
    double *sorted = malloc((from->n + 1) * sizeof *sorted);
    size_t n = from->n < LIST_MAX ? from->n : LIST_MAX;

    if (sorted != NULL && from->n > 0) {
        memcpy(sorted, from->v, from->n * sizeof *sorted);
        qsort(sorted, from->n, sizeof *sorted, ascending);
        for (size_t i = 0; i < n; i++) {
            cJSON_AddItemToArray(list, seconds(sorted[(2 * i + 1) * from->n / (2 * n)]));
        }
    }
    free(sorted);
    return dist;
}

struct wait {
    double ms;
    bool left;
};

static int by_time(const void *a, const void *b)
{
    const struct wait *x = a;
    const struct wait *y = b;

    return x->ms != y->ms ? (x->ms > y->ms) - (x->ms < y->ms) : (int) y->left - (int) x->left;
}

/* Kaplan and Meier: who was served would have waited longer, nobody knows how long. Several
 * leavings become one where there are many. What is left of 1 at the end never leaves. */
static void put_patience(cJSON *dist, struct wait *waits, size_t n, size_t n_left)
{
    cJSON *list = cJSON_AddArrayToObject(dist, "list");
    cJSON *weights = cJSON_AddArrayToObject(dist, "weights");
    size_t each = n_left / LIST_MAX + 1;
    size_t held = 0;
    double stay = 1, weight = 0;

    for (size_t i = 0; i < n; i++) {
        if (!waits[i].left) {
            continue;
        }
        double next = stay * (1 - 1 / (double) (n - i));
        weight += stay - next;
        stay = next;
        if (++held == each) {
            cJSON_AddItemToArray(list, seconds(waits[i].ms));
            cJSON_AddItemToArray(weights, cJSON_CreateNumber(weight));
            held = 0;
            weight = 0;
        }
    }
    if (stay + weight > 1e-9) {
        cJSON_AddItemToArray(list, cJSON_CreateString("never"));
        cJSON_AddItemToArray(weights, cJSON_CreateNumber(stay + weight));
    }
}

static void add_patience(cJSON *kind, const struct sim_learned_kind *k)
{
    struct wait *waits = malloc((k->waits.n + 1) * sizeof *waits);
    size_t n_left = 0;

    for (size_t i = 0; waits != NULL && i < k->waits.n; i++) {
        waits[i] = (struct wait){k->waits.v[i], k->left.v[i] > 0};
        n_left += waits[i].left;
    }
    if (waits != NULL && n_left > 0) {
        qsort(waits, k->waits.n, sizeof *waits, by_time);
        put_patience(cJSON_AddObjectToObject(kind, "patience"), waits, k->waits.n, n_left);
    }
    free(waits);
}

/* "priority=2 th=3": the words of an OPENED fact, each given to `put`. */
static void each_need(const char *needs, void (*put)(cJSON *to, const char *name, double level),
                      cJSON *to)
{
    char name[USHER_ID_MAX + 1];

    while (*needs != '\0') {
        size_t n = strcspn(needs, "= ");
        if (n > 0 && n < sizeof name && needs[n] == '=') {
            memcpy(name, needs, n);
            name[n] = '\0';
            put(to, name, strtod(needs + n + 1, NULL));
        }
        needs += strcspn(needs, " ");
        needs += strspn(needs, " ");
    }
}

static void put_need(cJSON *kind, const char *name, double level)
{
    if (strcmp(name, "priority") == 0) {
        cJSON_AddNumberToObject(kind, "priority", level);
        return;
    }
    cJSON *needs = cJSON_GetObjectItemCaseSensitive(kind, "needs");
    needs = needs != NULL ? needs : cJSON_AddObjectToObject(kind, "needs");
    cJSON_AddNumberToObject(needs, name, level);
}

/* He can at least what those needed whom he served. */
static void put_skill(cJSON *agent, const char *name, double level)
{
    cJSON *skills = cJSON_GetObjectItemCaseSensitive(agent, "skills");

    if (strcmp(name, "priority") == 0) {
        return;
    }
    skills = skills != NULL ? skills : cJSON_AddObjectToObject(agent, "skills");
    cJSON *known = cJSON_GetObjectItemCaseSensitive(skills, name);
    if (known == NULL) {
        cJSON_AddNumberToObject(skills, name, level);
    } else if (known->valuedouble < level) {
        cJSON_SetNumberValue(known, level);
    }
}

/* How many of this kind were handled in this queue. */
static double handled_in(const struct sim_learned *l, size_t kind, const char *queue)
{
    double n = 0;

    for (size_t i = 0; strcmp(l->kinds[kind].queue.s, queue) == 0 && i < l->kinds[kind].handling.n;
         i++) {
        n += l->kinds[kind].handling.v[i] >= 0;
    }
    for (size_t i = 0; i < l->n_transfers; i++) {
        if (l->transfers[i].kind == kind && strcmp(l->transfers[i].to.s, queue) == 0) {
            n += (double) l->transfers[i].handling.n;
        }
    }
    return n;
}

static void add_transfers(cJSON *to, const struct sim_learned *l, size_t kind)
{
    cJSON *list = NULL;

    for (size_t i = 0; i < l->n_transfers; i++) {
        const struct sim_learned_transfer *t = &l->transfers[i];
        double of = t->kind == kind ? handled_in(l, kind, t->from.s) : 0;
        if (of <= 0) {
            continue;
        }
        list = list != NULL ? list : cJSON_AddArrayToObject(to, "transfers");
        cJSON *transfer = cJSON_CreateObject();
        cJSON_AddStringToObject(transfer, "from", t->from.s);
        cJSON_AddStringToObject(transfer, "to", t->to.s);
        cJSON_AddNumberToObject(transfer, "p", t->n < of ? t->n / of : 1);
        if (t->handling.n > 0) {
            cJSON_AddItemToObject(transfer, "handling", list_of(&t->handling));
        }
        cJSON_AddItemToArray(list, transfer);
    }
}

static cJSON *kind_of(const struct sim_learned *l, size_t number)
{
    const struct sim_learned_kind *k = &l->kinds[number];
    cJSON *kind = cJSON_CreateObject();
    char id[USHER_ID_MAX + 16];
    bool known = false;

    snprintf(id, sizeof id, number == 0 ? "%.26s" : "%.26s-%zu", k->queue.s, number);
    cJSON_AddStringToObject(kind, "id", id);
    cJSON_AddStringToObject(kind, "queue", k->queue.s);
    each_need(k->needs, put_need, kind);
    cJSON *at = cJSON_AddArrayToObject(cJSON_AddObjectToObject(kind, "arrivals"), "at");
    cJSON *handling = cJSON_CreateObject();
    cJSON *order = cJSON_AddArrayToObject(handling, "in_order");
    for (size_t i = 0; i < k->at.n; i++) {
        double ms = k->handling.v[i];
        cJSON_AddItemToArray(at, seconds(k->at.v[i]));
        cJSON_AddItemToArray(order, ms >= 0 ? seconds(ms) : cJSON_CreateNull());
        known = known || ms >= 0;
    }
    if (known) {
        cJSON_AddItemToObject(kind, "handling", handling);
    } else {
        cJSON_Delete(handling); /* nobody was handled, so nobody knows */
        cJSON_AddStringToObject(kind, "handling", "5m");
    }
    add_patience(kind, k);
    add_transfers(kind, l, number);
    return kind;
}

static void add_clock(cJSON *to, const char *name, double ms)
{
    char text[40];

    snprintf(text, sizeof text, "%02.0f:%02d:%02d", (double) (int) (ms / SIM_HOUR),
             (int) (ms / SIM_MINUTE) % 60, (int) (ms / SIM_SECOND) % 60);
    cJSON_AddStringToObject(to, name, text);
}

/* NULL: he was not there, or served nobody. */
static cJSON *agent_of(const struct sim_learned *l, const struct sim_learned_agent *a)
{
    cJSON *shifts = cJSON_CreateArray();

    for (size_t i = 0; i + 1 < a->shifts.n; i += 2) {
        double from = a->shifts.v[i];
        double to = a->shifts.v[i + 1] < SIM_DAY ? a->shifts.v[i + 1] : SIM_DAY;
        if (to - from >= SIM_SECOND) {
            cJSON *shift = cJSON_CreateObject();
            add_clock(shift, "from", from);
            add_clock(shift, "to", to);
            cJSON_AddNumberToObject(shift, "count", 1);
            cJSON_AddItemToArray(shifts, shift);
        }
    }
    if (a->queues.n == 0 || shifts->child == NULL) {
        cJSON_Delete(shifts);
        return NULL;
    }
    cJSON *agent = cJSON_CreateObject();
    cJSON_AddStringToObject(agent, "id", a->id.s);
    cJSON *queues = cJSON_AddArrayToObject(agent, "queues");
    for (size_t i = 0; i < a->queues.n; i++) {
        cJSON_AddItemToArray(queues, cJSON_CreateString(l->queues[(size_t) a->queues.v[i]].id.s));
    }
    for (size_t i = 0; i < a->kinds.n; i++) {
        each_need(l->kinds[(size_t) a->kinds.v[i]].needs, put_skill, agent);
    }
    cJSON_AddItemToObject(agent, "shifts", shifts);
    cJSON_AddNumberToObject(agent, "capacity", a->capacity > 0 ? a->capacity : 1);
    cJSON_AddItemToObject(agent, "ring", list_of(&a->rings));
    if (a->offers > 0 && a->missed + a->declined > 0) {
        cJSON_AddNumberToObject(agent, "miss", (double) a->missed / a->offers);
        cJSON_AddNumberToObject(agent, "decline", (double) a->declined / a->offers);
    }
    return agent;
}

static void add_run(cJSON *root, const struct sim_learned *l, const char *day)
{
    char text[80];

    snprintf(text, sizeof text, "What was recorded on %.20s", day);
    cJSON_AddStringToObject(root, "title", text);
    cJSON *run = cJSON_AddObjectToObject(root, "run");
    snprintf(text, sizeof text, "%.15gh", (double) (l->to - l->from) / SIM_HOUR);
    cJSON_AddStringToObject(run, "start", "00:00");
    cJSON_AddStringToObject(run, "length", text);
    cJSON_AddNumberToObject(run, "replications", 20);
    cJSON_AddStringToObject(run, "each", "1h");
}

int sim_learn_write(FILE *out, const struct sim_learned *l, const char *day)
{
    cJSON *root = cJSON_CreateObject();

    add_run(root, l, day);
    cJSON *queues = cJSON_AddArrayToObject(root, "queues");
    for (size_t i = 0; i < l->n_queues; i++) {
        cJSON *queue = cJSON_CreateObject();
        cJSON_AddStringToObject(queue, "id", l->queues[i].id.s);
        cJSON_AddNumberToObject(queue, "offer_s", l->queues[i].offer_ms / SIM_SECOND);
        cJSON_AddItemToArray(queues, queue);
    }
    cJSON *kinds = cJSON_AddArrayToObject(root, "kinds");
    for (size_t i = 0; i < l->n_kinds; i++) {
        cJSON_AddItemToArray(kinds, kind_of(l, i));
    }
    cJSON *agents = cJSON_AddArrayToObject(root, "agents");
    for (size_t i = 0; i < l->n_agents; i++) {
        cJSON *agent = agent_of(l, &l->agents[i]);
        if (agent != NULL) {
            cJSON_AddItemToArray(agents, agent);
        }
    }
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    int rv = text == NULL ? USHER_ENOMEM : fprintf(out, "%s\n", text) < 0 ? USHER_EIO : 0;
    cJSON_free(text);
    return rv;
}
