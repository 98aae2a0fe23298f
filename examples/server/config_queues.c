/* config_queues.c - reads the queues of a configuration, and what becomes of those who wait there.
 * SPDX-License-Identifier: MIT */
#include "config_parts.h"

#include <usher/wire.h>

#include <stdio.h>
#include <string.h>

#define SESSIONS_MOST 16000000u
#define HOUR_S 3600u
#define DAY_S 86400u
#define MONTH_S 2678400u
#define SLOPE_MOST 1000000u /* thousandths */

/* What an object holds that is not read at once. */
struct parts {
    struct usher_span id, order, pick, offering;
    const struct server_json *order_s, *order_slopes, *needs, *steps;
};

/* The place of a word in a list that ends with NULL; what is none of them is an error, in the
 * words of `rule`. No word: 0. */
static uint32_t read_word(struct server_reader *r, const char *key, struct usher_span word,
                          const char *const *words, const char *rule)
{
    if (r->failed || word.base == NULL) {
        return 0;
    }
    for (uint32_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word.base) == 0) {
            return i;
        }
    }
    server_config_fail(r, key, rule, &word);
    return 0;
}

/* One number a priority, from 0 up; the last one is for all above it, too. */
static void read_by_priority(struct server_reader *r, const char *key,
                             const struct server_json *json, uint64_t least, uint64_t most,
                             uint32_t times, uint32_t out[USHER_PRIORITIES])
{
    uint32_t n = 0;
    size_t mark = server_reader_enter(r, key);

    if (json->count == 0 || json->count > USHER_PRIORITIES) {
        server_reader_fail(r, "must have 1 to 8 numbers, one a priority", NULL);
    }
    for (const struct server_json *item = json->first; item != NULL && !r->failed;
         item = item->next) {
        size_t item_mark = server_reader_enter_item(r, n);
        if (server_reader_number(r, item, least, most)) {
            out[n++] = (uint32_t)item->number * times;
        }
        server_reader_leave(r, item_mark);
    }
    server_reader_leave(r, mark);
    for (; n > 0 && n < USHER_PRIORITIES; n++) {
        out[n] = out[n - 1];
    }
}

/* The order, and the one list of numbers that goes with it. */
static void read_order(struct server_reader *r, const struct parts *parts,
                       struct usher_queue_set *q)
{
    static const char *const orders[] = {"fifo", "head_start", "strict", "deadline", "slope", NULL};

    q->order = (enum usher_order)read_word(
        r, "order", parts->order, orders,
        "must be fifo, head_start, strict, deadline or slope, not");
    bool seconds = q->order == USHER_ORDER_HEAD_START || q->order == USHER_ORDER_DEADLINE;
    bool slopes = q->order == USHER_ORDER_SLOPE;
    if (r->failed) {
        return;
    }
    if (seconds != (parts->order_s != NULL)) {
        server_config_fail(r, "order_s",
                           seconds ? "is missing: the order needs it"
                                   : "goes with the order head_start or deadline only",
                           NULL);
    } else if (slopes != (parts->order_slopes != NULL)) {
        server_config_fail(
            r, "order_slopes",
            slopes ? "is missing: the order needs it" : "goes with the order slope only", NULL);
    } else if (seconds) {
        read_by_priority(r, "order_s", parts->order_s, 0, MONTH_S, 1000, q->order_ms);
    } else if (slopes) {
        read_by_priority(r, "order_slopes", parts->order_slopes, 1, SLOPE_MOST, 1, q->order_ms);
    }
}

/* What a step does is one of its members. */
struct step_parts {
    struct usher_span lower, drop, widen, move;
    uint32_t priority;
    bool close;
};

static unsigned step_kinds(const struct step_parts *p, struct usher_step_set *s)
{
    const struct {
        bool there;
        enum usher_step_kind kind;
    } kinds[] = {
        {p->lower.base != NULL, USHER_STEP_LOWER}, {p->drop.base != NULL, USHER_STEP_DROP},
        {p->widen.base != NULL, USHER_STEP_WIDEN}, {p->priority > 0, USHER_STEP_PRIORITY},
        {p->move.base != NULL, USHER_STEP_MOVE},   {p->close, USHER_STEP_CLOSE},
    };
    unsigned n = 0;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].there) {
            s->kind = kinds[i].kind;
            n++;
        }
    }
    return n;
}

static void read_step_name(struct server_reader *r, const struct step_parts *p,
                           struct usher_step_set *s)
{
    if (s->kind == USHER_STEP_WIDEN && usher_queue_id_parse(p->widen, &s->queue) != 0) {
        server_config_fail(r, "widen", server_config_id_rule, &p->widen);
    } else if (s->kind == USHER_STEP_MOVE && usher_queue_id_parse(p->move, &s->queue) != 0) {
        server_config_fail(r, "move", server_config_id_rule, &p->move);
    } else if (s->kind == USHER_STEP_LOWER || s->kind == USHER_STEP_DROP) {
        bool lower = s->kind == USHER_STEP_LOWER;
        struct usher_span skill = lower ? p->lower : p->drop;
        bool each = skill.len == 1 && memcmp(skill.base, "*", 1) == 0;
        if (!each && usher_skill_id_parse(skill, &s->skill) != 0) {
            server_config_fail(r, lower ? "lower" : "drop",
                               "must be a skill, or * for each of them, not", &skill);
        }
    }
}

static void read_step(struct server_reader *r, const struct server_json *json,
                      struct usher_step_set *s, uint32_t before_ms)
{
    struct step_parts p = {.close = false};
    uint32_t by = 0;
    const struct server_key keys[] = {
        {"after_s", SERVER_KEY_SECONDS, true, 1, MONTH_S, {.number = &s->after_ms}},
        {"lower", SERVER_KEY_TEXT, false, 0, 0, {.text = &p.lower}},
        {"by", SERVER_KEY_NUMBER, false, 1, 255, {.number = &by}},
        {"drop", SERVER_KEY_TEXT, false, 0, 0, {.text = &p.drop}},
        {"widen", SERVER_KEY_TEXT, false, 0, 0, {.text = &p.widen}},
        {"priority", SERVER_KEY_NUMBER, false, 1, USHER_PRIORITIES - 1, {.number = &p.priority}},
        {"move", SERVER_KEY_TEXT, false, 0, 0, {.text = &p.move}},
        {"close", SERVER_KEY_BOOL, false, 0, 0, {.yes = &p.close}},
    };

    server_reader_object(r, json, keys, sizeof keys / sizeof keys[0]);
    if (r->failed) {
        return;
    }
    if (server_json_member(json, "close") != NULL && !p.close) {
        server_config_fail(r, "close", "must be true where it is named", NULL);
    } else if (step_kinds(&p, s) != 1) {
        server_reader_fail(r, "must name one of lower, drop, widen, priority, move, close", NULL);
    } else if (by > 0 && s->kind != USHER_STEP_LOWER) {
        server_config_fail(r, "by", "goes with lower only", NULL);
    } else if (s->after_ms < before_ms) {
        server_config_fail(r, "after_s", "must not be less than that of the step before", NULL);
    }
    s->by = s->kind == USHER_STEP_PRIORITY ? p.priority : by;
    read_step_name(r, &p, s);
}

static void read_steps(struct server_reader *r, const struct server_json *json,
                       struct usher_queue_set *q, struct usher_step_set *to)
{
    uint32_t before_ms = 0;

    q->steps = to;
    if (json == NULL || r->failed) {
        return;
    }
    size_t mark = server_reader_enter(r, "steps");
    if (json->count > USHER_STEPS_MAX) {
        server_reader_fail(r, "8 steps are the most", NULL);
    }
    for (const struct server_json *item = json->first; item != NULL && !r->failed;
         item = item->next) {
        size_t item_mark = server_reader_enter_item(r, q->n_steps);
        struct usher_step_set *step = &to[q->n_steps++];
        read_step(r, item, step, before_ms);
        before_ms = step->after_ms;
        server_reader_leave(r, item_mark);
    }
    server_reader_leave(r, mark);
}

static void read_needs(struct server_reader *r, const struct server_json *json,
                       struct usher_queue_set *q, struct usher_skill *to)
{
    q->needs = to;
    if (json != NULL && !r->failed && json->count > USHER_NEEDS_MAX) {
        server_config_fail(r, "needs", "8 skills are the most", NULL);
    }
    if (!r->failed) {
        q->n_needs = server_config_skills(r, "needs", json, to);
    }
}

/* Where the steps and needs of one queue go: behind those of the queues before it. */
struct room {
    struct usher_step_set *steps;
    struct usher_skill *needs;
};

static void read_object(struct server_reader *r, const struct server_config *c,
                        const struct server_json *json, struct usher_queue_set *q,
                        struct parts *p)
{
    uint32_t capacity = c->core.limits.capacity_max;
    uint32_t most = capacity != 0 ? capacity : SERVER_CAPACITY_DEFAULT;
    const struct server_key keys[] = {
        {"id", SERVER_KEY_TEXT, true, 0, 0, {.text = &p->id}},
        {"name", SERVER_KEY_TEXT, false, 0, 0, {.text = &q->name}},
        {"open", SERVER_KEY_BOOL, false, 0, 0, {.yes = &q->open}},
        {"offer_s", SERVER_KEY_SECONDS, false, 1, HOUR_S, {.number = &q->offer_ms}},
        {"waiting_max", SERVER_KEY_NUMBER, false, 1, SESSIONS_MOST, {.number = &q->waiting_max}},
        {"reopen_s", SERVER_KEY_SECONDS, false, 1, MONTH_S, {.number = &q->reopen_ms}},
        {"order", SERVER_KEY_TEXT, false, 0, 0, {.text = &p->order}},
        {"order_s", SERVER_KEY_ARRAY, false, 0, 0, {.json = &p->order_s}},
        {"order_slopes", SERVER_KEY_ARRAY, false, 0, 0, {.json = &p->order_slopes}},
        {"priority", SERVER_KEY_NUMBER, false, 0, USHER_PRIORITIES - 1, {.number = &q->priority}},
        {"pick", SERVER_KEY_TEXT, false, 0, 0, {.text = &p->pick}},
        {"offering", SERVER_KEY_TEXT, false, 0, 0, {.text = &p->offering}},
        {"fanout", SERVER_KEY_NUMBER, false, 1, USHER_FANOUT_MAX, {.number = &q->fanout}},
        {"cost", SERVER_KEY_NUMBER, false, 1, most, {.number = &q->cost}},
        {"active_max", SERVER_KEY_NUMBER, false, 1, SESSIONS_MOST, {.number = &q->active_max}},
        {"wrap_s", SERVER_KEY_SECONDS, false, 0, HOUR_S, {.number = &q->wrap_ms}},
        {"sticky_s", SERVER_KEY_SECONDS, false, 0, DAY_S, {.number = &q->sticky_ms}},
        {"drain_s", SERVER_KEY_SECONDS, false, 1, DAY_S, {.number = &q->drain_ms}},
        {"needs", SERVER_KEY_OBJECT, false, 0, 0, {.json = &p->needs}},
        {"steps", SERVER_KEY_ARRAY, false, 0, 0, {.json = &p->steps}},
    };

    q->open = true;
    server_reader_object(r, json, keys, sizeof keys / sizeof keys[0]);
    server_config_name(r, q->name);
}

static void read_queue(struct server_reader *r, struct server_config *c,
                       const struct server_json *json, struct room *room)
{
    static const char *const picks[] = {"least_loaded", "longest_idle", "round_robin",
                                        "most_skilled", "pack",         "fewest",
                                        "random",       NULL};
    static const char *const offerings[] = {"ask", "auto", "manual", NULL};
    struct usher_queue_set *q = &c->queues[c->n_queues];
    struct parts p = {.needs = NULL};

    read_object(r, c, json, q, &p);
    if (r->failed) {
        return;
    }
    if (usher_queue_id_parse(p.id, &q->queue) != 0) {
        server_config_fail(r, "id", server_config_id_rule, &p.id);
        return;
    }
    size_t same = server_config_queue(c, p.id);
    if (same != SIZE_MAX) {
        server_config_twice(r, "queues", same, &p.id);
    }
    read_order(r, &p, q);
    q->pick = (enum usher_pick)read_word(
        r, "pick", p.pick, picks,
        "must be least_loaded, longest_idle, round_robin, most_skilled, pack, fewest or random, "
        "not");
    q->offering = (enum usher_offering)read_word(r, "offering", p.offering, offerings,
                                                 "must be ask, auto or manual, not");
    read_needs(r, p.needs, q, room->needs);
    read_steps(r, p.steps, q, room->steps);
    room->needs += q->n_needs;
    room->steps += q->n_steps;
    c->n_queues++;
}

void server_config_queues(struct server_reader *r, struct server_config *c,
                          const struct server_json *json)
{
    if (r->failed) {
        return;
    }
    size_t mark = server_reader_enter(r, "queues");
    uint32_t most = c->core.limits.queues;
    server_config_count(r, json->count, most != 0 ? most : SERVER_QUEUES_DEFAULT, "queues");
    if (json->count == 0) {
        server_reader_fail(r, "a desk needs at least one queue", NULL);
    }
    c->queues = server_reader_alloc(r, json->count, sizeof *c->queues);
    c->steps = server_reader_alloc(r, server_config_sum(json, "steps"), sizeof *c->steps);
    c->needs = server_reader_alloc(r, server_config_sum(json, "needs"), sizeof *c->needs);
    struct room room = {c->steps, c->needs};
    for (const struct server_json *item = json->first; item != NULL && !r->failed;
         item = item->next) {
        size_t item_mark = server_reader_enter_item(r, c->n_queues);
        read_queue(r, c, item, &room);
        server_reader_leave(r, item_mark);
    }
    server_reader_leave(r, mark);
}
