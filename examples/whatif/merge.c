/* merge.c - copies what a server's configuration says of routing into a scenario.
 * SPDX-License-Identifier: MIT */
#include "merge.h"

#include <usher/base.h>

#include <stdbool.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* What is not named here has nothing to do with routing: names, passwords. */
static const char *const queue_keys[] = {
    "open", "offer_s",  "waiting_max", "needs", "priority",   "order",  "order_s", "order_slopes",
    "pick", "offering", "fanout",      "cost",  "active_max", "wrap_s", "drain_s", "steps",
};
static const char *const agent_keys[] = {"queues", "capacity", "skills", "tiers", "weight"};

static const char *id_of(const cJSON *item)
{
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "id"));

    return id != NULL ? id : "";
}

static cJSON *with_id(cJSON *list, const char *id)
{
    cJSON *item = list->child;

    while (item != NULL && strcmp(id_of(item), id) != 0) {
        item = item->next;
    }
    return item;
}

/* What the configuration does not say is as usher has it, whatever stood there. */
static bool take_over(cJSON *to, const cJSON *from, const char *const *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(from, keys[i]);
        cJSON_DeleteItemFromObjectCaseSensitive(to, keys[i]);
        cJSON *copy = value != NULL ? cJSON_Duplicate(value, 1) : NULL;
        if (value != NULL && (copy == NULL || !cJSON_AddItemToObject(to, keys[i], copy))) {
            cJSON_Delete(copy);
            return false;
        }
    }
    return true;
}

/* The server's own default, where it is another than ours. */
static bool otherwise(cJSON *to, const char *key, double value)
{
    return cJSON_HasObjectItem(to, key) || cJSON_AddNumberToObject(to, key, value) != NULL;
}

static int merge_queues(cJSON *scenario, const cJSON *from)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(scenario, "queues");

    list = cJSON_IsArray(list) ? list : cJSON_AddArrayToObject(scenario, "queues");
    for (const cJSON *item = from->child; item != NULL && list != NULL; item = item->next) {
        cJSON *to = with_id(list, id_of(item));
        if (to == NULL) {
            to = cJSON_CreateObject();
            if (cJSON_AddStringToObject(to, "id", id_of(item)) == NULL ||
                !cJSON_AddItemToArray(list, to)) {
                cJSON_Delete(to);
                return USHER_ENOMEM;
            }
        }
        if (!take_over(to, item, queue_keys, COUNT(queue_keys)) ||
            !otherwise(to, "waiting_max", 1000)) {
            return USHER_ENOMEM;
        }
    }
    return list != NULL ? 0 : USHER_ENOMEM;
}

static int merge_agents(cJSON *scenario, const cJSON *from)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(scenario, "agents");

    for (const cJSON *item = from->child; item != NULL && cJSON_IsArray(list); item = item->next) {
        cJSON *to = with_id(list, id_of(item));
        if (to != NULL && (!take_over(to, item, agent_keys, COUNT(agent_keys)) ||
                           !otherwise(to, "capacity", 6))) {
            return USHER_ENOMEM;
        }
    }
    return 0;
}

static int merge_desk(cJSON *scenario, const cJSON *config)
{
    static const char *const timers[] = {"missed_max", "window_s"};
    static const char *const plain[] = {"active_max"};
    const cJSON *from = cJSON_GetObjectItemCaseSensitive(config, "timers");
    cJSON *desk = cJSON_GetObjectItemCaseSensitive(scenario, "desk");

    desk = desk != NULL ? desk : cJSON_AddObjectToObject(scenario, "desk");
    return desk != NULL && take_over(desk, from, timers, COUNT(timers)) &&
                   take_over(desk, config, plain, COUNT(plain))
               ? 0
               : USHER_ENOMEM;
}

int sim_merge(cJSON *scenario, const cJSON *config)
{
    const cJSON *queues = cJSON_GetObjectItemCaseSensitive(config, "queues");
    const cJSON *agents = cJSON_GetObjectItemCaseSensitive(config, "agents");

    if (!cJSON_IsArray(queues) || !cJSON_IsArray(agents) || !cJSON_IsObject(scenario)) {
        return USHER_EINVAL;
    }
    int rv = merge_queues(scenario, queues);
    if (rv == 0) {
        rv = merge_agents(scenario, agents);
    }
    return rv == 0 ? merge_desk(scenario, config) : rv;
}
