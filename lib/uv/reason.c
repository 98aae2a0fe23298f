/* reason.c - says in words why a configuration, a queue or an agent cannot be taken.
 * SPDX-License-Identifier: MIT
 *
 * The core says EINVAL or EFULL and nothing more; these are its rules in words. */
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "runtime.h"

/* What zeros in the limits mean (usher/core.h). */
#define AGENTS_DEFAULT 256
#define QUEUES_DEFAULT 64
#define CAPACITY_MAX_DEFAULT 16

int ush_uv_fault(struct usher_fault *why, int err, const char *format, ...)
{
    if (why != NULL) {
        va_list args;
        why->err = err;
        va_start(args, format);
        vsnprintf(why->text, sizeof why->text, format, args);
        va_end(args);
    }
    return err;
}

/* Byte by byte would also look at the padding, which nobody fills. */
static bool is_untouched(const struct usher_config *core)
{
    _Static_assert(sizeof(struct usher_limits) == 12 * sizeof(uint32_t) + 2 * sizeof(size_t),
                   "the limits have no padding");
    static const struct usher_limits no_limits;
    static const uint8_t no_seed[sizeof core->seed];
    return memcmp(&core->limits, &no_limits, sizeof no_limits) == 0
        && memcmp(core->seed, no_seed, sizeof no_seed) == 0 && core->agent_grace_ms == 0
        && core->visitor_waiting_ms == 0 && core->visitor_active_ms == 0 && core->missed_max == 0
        && core->place_ms == 0 && core->board_ms == 0 && core->mem.ctx == NULL
        && core->mem.resize == NULL;
}

static bool is_address(const char *text)
{
    struct ush_address address = ush_address_parse((struct usher_span){text, strlen(text)});
    return address.kind != USH_ADDRESS_NAME || strcmp(text, "unix") == 0;
}

/* Each transport is there, serves no desk yet, and is named once. */
static int check_transports(const struct usher_uv_config *cfg, struct usher_fault *why)
{
    for (size_t i = 0; i < cfg->n_transports; i++) {
        if (cfg->transports[i] == NULL) {
            return ush_uv_fault(why, USHER_EINVAL, "transport %zu of %zu is NULL", i + 1,
                                cfg->n_transports);
        }
        if (cfg->transports[i]->desk != NULL) {
            return ush_uv_fault(why, USHER_EINVAL, "transport %zu (%s) serves another desk", i + 1,
                                cfg->transports[i]->ops->name);
        }
        for (size_t before = 0; before < i; before++) {
            if (cfg->transports[before] == cfg->transports[i]) {
                return ush_uv_fault(why, USHER_EINVAL, "transport %zu is transport %zu again",
                                    i + 1, before + 1);
            }
        }
    }
    return 0;
}

int ush_uv_check(const struct usher_uv_config *cfg, struct usher_fault *why)
{
    if (cfg->size < offsetof(struct usher_uv_config, ctx)) {
        return ush_uv_fault(why, USHER_EINVAL, "the configuration's size is not set: "
                                               "begin with usher_uv_config_init()");
    }
    if (cfg->loop == NULL || cfg->storage == NULL) {
        return ush_uv_fault(why, USHER_EINVAL, "a loop and a storage are needed");
    }
    if (cfg->storage->desk != NULL) {
        return ush_uv_fault(why, USHER_EINVAL, "the storage (%s) serves another desk",
                            cfg->storage->ops->name);
    }
    for (size_t i = 0; i < cfg->n_trusted_proxies; i++) {
        if (!is_address(cfg->trusted_proxies[i])) {
            return ush_uv_fault(why, USHER_EINVAL,
                                "trusted proxy \"%.60s\" is no numeric address and not \"unix\"",
                                cfg->trusted_proxies[i]);
        }
    }
    if (cfg->core.size == 0 && !is_untouched(&cfg->core)) {
        return ush_uv_fault(why, USHER_EINVAL, "core is filled, but its size is 0: "
                                               "begin with usher_uv_config_init()");
    }
    return check_transports(cfg, why);
}

static uint32_t number(uint32_t limit, uint32_t normal)
{
    return limit == 0 ? normal : limit;
}

/* Begin the text: "agent ann cannot be set: ". Returns where it goes on. */
static size_t begin(struct usher_fault *why, int err, const char *what, const char *id)
{
    why->err = err;
    int n = snprintf(why->text, sizeof why->text, "%s %.*s cannot be set: ", what, USHER_ID_MAX,
                     id);
    return (size_t) n;
}

static bool bad_id(const char *id)
{
    return id[0] == 0 || id[USHER_ID_MAX] != 0;
}

static void queue_reason(const struct usher_limits *limits, const struct usher_queue_set *set,
                         int err, struct usher_fault *why)
{
    size_t at = begin(why, err, "queue", set->queue.s);
    char *text = why->text + at;
    size_t room = sizeof why->text - at;
    if (bad_id(set->queue.s)) {
        snprintf(text, room, "an id has 1 to %d bytes", USHER_ID_MAX);
    } else if (set->name.len > USHER_NAME_MAX) {
        snprintf(text, room, "its name has %zu bytes, more than %d", set->name.len, USHER_NAME_MAX);
    } else if (err == USHER_EFULL) {
        snprintf(text, room, "no room (limits.queues is %" PRIu32 ")",
                 number(limits->queues, QUEUES_DEFAULT));
    } else {
        snprintf(text, room, "%s", usher_strerror(err));
    }
}

/* The first queue of these that is not set, or NULL. */
static const struct usher_queue_id *unset_queue(const struct usher_uv *rt,
                                                const struct usher_agent_set *set)
{
    for (size_t i = 0; i < set->n_queues; i++) {
        if (!ush_uv_queue_is_set(rt, &set->queues[i])) {
            return &set->queues[i];
        }
    }
    return NULL;
}

static void agent_reason(const struct usher_uv *rt, const struct usher_agent_set *set, int err,
                         struct usher_fault *why)
{
    const struct usher_limits *limits = &rt->cfg.core.limits;
    uint32_t capacity_max = number(limits->capacity_max, CAPACITY_MAX_DEFAULT);
    const struct usher_queue_id *unset = unset_queue(rt, set);
    size_t at = begin(why, err, "agent", set->agent.s);
    char *text = why->text + at;
    size_t room = sizeof why->text - at;
    if (bad_id(set->agent.s)) {
        snprintf(text, room, "an id has 1 to %d bytes", USHER_ID_MAX);
    } else if (set->name.len > USHER_NAME_MAX) {
        snprintf(text, room, "the name has %zu bytes, more than %d", set->name.len, USHER_NAME_MAX);
    } else if (set->capacity > capacity_max) {
        snprintf(text, room, "capacity %" PRIu32 " > %" PRIu32 " (limits.capacity_max)",
                 set->capacity, capacity_max);
    } else if (unset != NULL) {
        snprintf(text, room, "queue %.*s is not set", USHER_ID_MAX, unset->s);
    } else if (err == USHER_EFULL) {
        snprintf(text, room, "no room (limits.agents is %" PRIu32 ")",
                 number(limits->agents, AGENTS_DEFAULT));
    } else {
        snprintf(text, room, "%s", usher_strerror(err));
    }
}

void ush_uv_reason(const struct usher_uv *rt, const struct usher_event *ev, int err,
                   struct usher_fault *why)
{
    if (ev->type == USHER_EV_QUEUE_SET) {
        queue_reason(&rt->cfg.core.limits, &ev->as.queue_set, err, why);
    } else {
        agent_reason(rt, &ev->as.agent_set, err, why);
    }
}
