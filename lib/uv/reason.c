/* reason.c - says in words why the core does not take a queue or an agent.
 * SPDX-License-Identifier: MIT
 *
 * The core says EINVAL or EFULL and nothing more; these are the rules of usher/event.h in
 * words. One that is not here is told as that error alone. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime.h"

/* What zeros in the limits mean (usher/core.h). */
#define AGENTS_DEFAULT 256
#define QUEUES_DEFAULT 64
#define CAPACITY_MAX_DEFAULT 16

#define LEVEL_MAX 255
#define WEIGHT_MAX 1000

/* Add to the text. True, so that a check can say it and be done. */
static bool say(struct usher_fault *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool say(struct usher_fault *why, const char *format, ...)
{
    size_t at = strlen(why->text);
    va_list args;
    va_start(args, format);
    vsnprintf(why->text + at, sizeof why->text - at, format, args);
    va_end(args);
    return true;
}

static uint32_t number(uint32_t limit, uint32_t normal)
{
    return limit == 0 ? normal : limit;
}

/* Ids of queues, agents and skills have one form. */
static bool bad_id(const char id[USHER_ID_MAX + 1])
{
    struct usher_agent_id clean;
    struct usher_span text = {id, strnlen(id, sizeof clean.s)};
    return usher_agent_id_parse(text, &clean) != 0 || memcmp(clean.s, id, sizeof clean.s) != 0;
}

/* ---- Each of these says what is wrong, if it is this. */

static bool bad_name(const char *id, struct usher_span name, struct usher_fault *why)
{
    if (bad_id(id)) {
        return say(why, "an id has 1 to %d of a-z 0-9 . _ - and then only zeros", USHER_ID_MAX);
    }
    return name.len > USHER_NAME_MAX
        && say(why, "the name has %zu bytes, more than %d", name.len, USHER_NAME_MAX);
}

static bool bad_skill(const struct usher_skill_id *skill, struct usher_fault *why)
{
    return (bad_id(skill->s) || strcmp(skill->s, "priority") == 0)
        && say(why, "\"%.*s\" is no name of a skill", USHER_ID_MAX, skill->s);
}

static bool bad_step(const struct usher_uv *rt, const struct usher_queue_set *set, size_t i,
                     struct usher_fault *why)
{
    const struct usher_step_set *step = &set->steps[i];
    bool aims = step->kind == USHER_STEP_WIDEN || step->kind == USHER_STEP_MOVE;
    if (step->kind < USHER_STEP_LOWER || step->kind > USHER_STEP_CLOSE) {
        return say(why, "step %zu is of no kind", i + 1);
    }
    if (i > 0 && step->after_ms < set->steps[i - 1].after_ms) {
        return say(why, "step %zu is earlier than the one before", i + 1);
    }
    if (aims && memcmp(&step->queue, &set->queue, sizeof step->queue) == 0) {
        return say(why, "step %zu leads to the queue itself", i + 1);
    }
    if (aims && !ush_uv_queue_is_set(rt, &step->queue)) {
        return say(why, "queue %.*s of step %zu is not set", USHER_ID_MAX, step->queue.s, i + 1);
    }
    if (step->kind == USHER_STEP_PRIORITY && (step->by == 0 || step->by >= USHER_PRIORITIES)) {
        return say(why, "priority %" PRIu32 " of step %zu is not 1 to %d", step->by, i + 1,
                   USHER_PRIORITIES - 1);
    }
    return step->skill.s[0] != 0 && bad_skill(&step->skill, why);
}

static bool bad_steps(const struct usher_uv *rt, const struct usher_queue_set *set,
                      struct usher_fault *why)
{
    bool moves = false;
    if (set->n_steps > USHER_STEPS_MAX) {
        return say(why, "%zu steps, more than %d", set->n_steps, USHER_STEPS_MAX);
    }
    for (size_t i = 0; i < set->n_steps; i++) {
        if (bad_step(rt, set, i, why)) {
            return true;
        }
        moves = moves || set->steps[i].kind == USHER_STEP_MOVE;
    }
    return moves && why->err == USHER_EINVAL && say(why, "its steps lead in a circle");
}

static bool bad_queue(const struct usher_uv *rt, const struct usher_queue_set *set,
                      struct usher_fault *why)
{
    uint32_t units = number(rt->cfg.core.limits.capacity_max, CAPACITY_MAX_DEFAULT);
    if (bad_name(set->queue.s, set->name, why)) {
        return true;
    }
    if (set->order > USHER_ORDER_SLOPE || set->pick > USHER_PICK_POLICY
        || set->offering > USHER_OFFERING_MANUAL) {
        return say(why, "there is no such order, pick or offering");
    }
    if (set->fanout > USHER_FANOUT_MAX) {
        return say(why, "fanout %" PRIu32 " > %d", set->fanout, USHER_FANOUT_MAX);
    }
    if (set->cost > units) {
        return say(why, "cost %" PRIu32 " > %" PRIu32 " (limits.capacity_max)", set->cost, units);
    }
    return bad_steps(rt, set, why);
}

static bool bad_agent(const struct usher_uv *rt, const struct usher_agent_set *set,
                      struct usher_fault *why)
{
    uint32_t units = number(rt->cfg.core.limits.capacity_max, CAPACITY_MAX_DEFAULT);
    if (bad_name(set->agent.s, set->name, why)) {
        return true;
    }
    if (set->capacity > units) {
        return say(why, "capacity %" PRIu32 " > %" PRIu32 " (limits.capacity_max)", set->capacity,
                   units);
    }
    if (set->weight > WEIGHT_MAX) {
        return say(why, "weight %" PRIu32 " > %d", set->weight, WEIGHT_MAX);
    }
    for (size_t i = 0; i < set->n_queues; i++) {
        if (!ush_uv_queue_is_set(rt, &set->queues[i])) {
            return say(why, "queue %.*s is not set", USHER_ID_MAX, set->queues[i].s);
        }
    }
    for (size_t i = 0; i < set->n_skills; i++) {
        const struct usher_skill *skill = &set->skills[i];
        if (bad_skill(&skill->id, why)) {
            return true;
        }
        if (skill->level > LEVEL_MAX) {
            return say(why, "level %" PRIu32 " of skill %.*s > %d", skill->level, USHER_ID_MAX,
                       skill->id.s, LEVEL_MAX);
        }
    }
    return false;
}

static void no_room(const struct usher_limits *limits, bool queue, struct usher_fault *why)
{
    if (queue) {
        say(why, "no room (limits.queues is %" PRIu32 "; or limits.skills)",
            number(limits->queues, QUEUES_DEFAULT));
    } else {
        say(why, "no room (limits.agents is %" PRIu32 "; or limits.skills, limits.profiles)",
            number(limits->agents, AGENTS_DEFAULT));
    }
}

void ush_uv_reason(const struct usher_uv *rt, const struct usher_event *ev, int err,
                   struct usher_fault *why)
{
    const struct usher_queue_set *q = &ev->as.queue_set;
    const struct usher_agent_set *a = &ev->as.agent_set;
    bool queue = ev->type == USHER_EV_QUEUE_SET;
    *why = (struct usher_fault){.err = err};
    say(why, "%s %.*s cannot be set: ", queue ? "queue" : "agent", USHER_ID_MAX,
        queue ? q->queue.s : a->agent.s);
    if (queue ? bad_queue(rt, q, why) : bad_agent(rt, a, why)) {
        return;
    }
    if (err == USHER_EFULL) {
        no_room(&rt->cfg.core.limits, queue, why);
    } else {
        say(why, "%s", usher_strerror(err));
    }
}
