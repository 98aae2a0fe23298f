/* config_routing.c - what queues and agents say of one another: does it hold, does usher take it?
 * SPDX-License-Identifier: MIT */
#include "config_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *step_key(enum usher_step_kind kind)
{
    static const char *const keys[] = {
        [USHER_STEP_LOWER] = "lower",       [USHER_STEP_DROP] = "drop",
        [USHER_STEP_WIDEN] = "widen",       [USHER_STEP_PRIORITY] = "priority",
        [USHER_STEP_MOVE] = "move",         [USHER_STEP_CLOSE] = "close",
    };

    return keys[kind];
}

static struct usher_span id_span(const char *id)
{
    return (struct usher_span){id, strlen(id)};
}

/* Keep an error about what a step names. */
static void fail_step(struct server_reader *r, const struct server_config *c, size_t queue,
                      size_t step, const char *message)
{
    const struct usher_step_set *s = &c->queues[queue].steps[step];
    struct usher_span named = id_span(s->queue.s[0] != '\0' ? s->queue.s : s->skill.s);
    size_t mark = server_reader_enter(r, "queues");

    server_reader_enter_item(r, queue);
    server_reader_enter(r, "steps");
    server_reader_enter_item(r, step);
    server_config_fail(r, step_key(s->kind), message, &named);
    server_reader_leave(r, mark);
}

/* Where sessions come to that move on from `from`, by the queues up to `upto`; `seen` has a place
 * for each queue. */
static void follow_moves(const struct server_config *c, size_t from, size_t upto, bool *seen)
{
    bool more = true;

    memset(seen, 0, c->n_queues * sizeof *seen);
    seen[from] = true;
    while (more) {
        more = false;
        for (size_t i = 0; i <= upto; i++) {
            for (size_t k = 0; seen[i] && k < c->queues[i].n_steps; k++) {
                const struct usher_step_set *s = &c->queues[i].steps[k];
                size_t to = s->kind == USHER_STEP_MOVE ? server_config_queue(c, id_span(s->queue.s))
                                                       : SIZE_MAX;
                if (to != SIZE_MAX && !seen[to]) {
                    seen[to] = more = true;
                }
            }
        }
    }
}

static void check_target(struct server_reader *r, const struct server_config *c, size_t queue,
                         size_t step, bool *seen)
{
    const struct usher_step_set *s = &c->queues[queue].steps[step];
    size_t to = server_config_queue(c, id_span(s->queue.s));

    if (to == SIZE_MAX) {
        fail_step(r, c, queue, step, "no such queue");
    } else if (to == queue) {
        fail_step(r, c, queue, step, "is this queue itself:");
    } else if (s->kind == USHER_STEP_MOVE) {
        follow_moves(c, to, queue, seen);
        if (seen[queue]) {
            fail_step(r, c, queue, step, "makes a circle of moves with");
        }
    }
}

static void check_targets(struct server_reader *r, const struct server_config *c)
{
    bool *seen = server_reader_alloc(r, c->n_queues, sizeof *seen);

    for (size_t i = 0; i < c->n_queues && !r->failed; i++) {
        for (size_t k = 0; k < c->queues[i].n_steps && !r->failed; k++) {
            if (c->queues[i].steps[k].queue.s[0] != '\0') {
                check_target(r, c, i, k, seen);
            }
        }
    }
    free(seen);
}

/* The skills that agents have. */
struct known {
    struct usher_skill_id *ids;
    uint32_t n, most;
};

static bool is_known(const struct known *known, const struct usher_skill_id *id)
{
    for (uint32_t i = 0; i < known->n; i++) {
        if (memcmp(&known->ids[i], id, sizeof *id) == 0) {
            return true;
        }
    }
    return false;
}

static void fail_skill(struct server_reader *r, const char *list, size_t index, const char *key,
                       const struct usher_skill_id *skill, const char *message)
{
    size_t mark = server_reader_enter(r, list);

    server_reader_enter_item(r, index);
    server_reader_enter(r, key);
    server_config_fail(r, skill->s, message, NULL);
    server_reader_leave(r, mark);
}

static void collect_skills(struct server_reader *r, const struct server_config *c,
                           struct known *known)
{
    for (size_t i = 0; i < c->n_agents && !r->failed; i++) {
        for (size_t k = 0; k < c->agents[i].n_skills && !r->failed; k++) {
            const struct usher_skill_id *id = &c->agents[i].skills[k].id;
            if (is_known(known, id)) {
                continue;
            }
            if (known->n == known->most) {
                char text[64];
                snprintf(text, sizeof text, "is one too many: limits.skills is %u",
                         (unsigned)known->most);
                fail_skill(r, "agents", i, "skills", id, text);
            } else {
                known->ids[known->n++] = *id;
            }
        }
    }
}

/* What is asked for must be there: else a slip of the pen would let people wait for ever. */
static void check_skills(struct server_reader *r, const struct server_config *c)
{
    uint32_t most = c->core.limits.skills;
    struct known known = {NULL, 0, most != 0 ? most : SERVER_SKILLS_DEFAULT};

    known.ids = server_reader_alloc(r, known.most, sizeof *known.ids);
    collect_skills(r, c, &known);
    for (size_t i = 0; i < c->n_queues && !r->failed; i++) {
        const struct usher_queue_set *q = &c->queues[i];
        for (size_t k = 0; k < q->n_needs && !r->failed; k++) {
            if (!is_known(&known, &q->needs[k].id)) {
                fail_skill(r, "queues", i, "needs", &q->needs[k].id, "no agent has this skill");
            }
        }
        for (size_t k = 0; k < q->n_steps && !r->failed; k++) {
            const struct usher_skill_id *id = &q->steps[k].skill;
            if (id->s[0] != '\0' && !is_known(&known, id)) {
                fail_step(r, c, i, k, "no agent has the skill");
            }
        }
    }
    free(known.ids);
}

/* A step must not lead to what is not set: so all queues come first without their steps. */
static void put_in_order(struct server_reader *r, struct server_config *c)
{
    c->settings = server_reader_alloc(r, 2 * c->n_queues, sizeof *c->settings);
    for (size_t i = 0; i < c->n_queues && !r->failed; i++) {
        c->settings[c->n_settings] = c->queues[i];
        c->settings[c->n_settings++].n_steps = 0;
    }
    for (size_t i = 0; i < c->n_queues && !r->failed; i++) {
        if (c->queues[i].n_steps > 0) {
            c->settings[c->n_settings++] = c->queues[i];
        }
    }
}

/* Keep an error about the list's item that usher does not take. */
static void fail_item(struct server_reader *r, const char *list, size_t index, const char *message)
{
    size_t mark = server_reader_enter(r, list);

    server_reader_enter_item(r, index);
    server_reader_fail(r, message, NULL);
    server_reader_leave(r, mark);
}

static void try_all(struct server_reader *r, const struct server_config *c, struct usher *desk)
{
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
    const struct usher_now now = {0, 0};

    for (size_t i = 0; i < c->n_settings && !r->failed; i++) {
        ev.as.queue_set = c->settings[i];
        int rv = usher_step(desk, now, &ev);
        if (rv != 0) {
            struct usher_span id = id_span(c->settings[i].queue.s);
            fail_item(r, "queues", server_config_queue(c, id), usher_strerror(rv));
        }
    }
    ev.type = USHER_EV_AGENT_SET;
    for (size_t i = 0; i < c->n_agents && !r->failed; i++) {
        ev.as.agent_set = c->agents[i];
        int rv = usher_step(desk, now, &ev);
        if (rv == USHER_EFULL) { /* agents and skills were counted before */
            char text[128];
            snprintf(text, sizeof text,
                     "its queues, tiers, skills, capacity and weight are one kind too many: "
                     "limits.profiles is %u",
                     (unsigned)c->core.limits.profiles);
            fail_item(r, "agents", i, text);
        } else if (rv != 0) {
            fail_item(r, "agents", i, usher_strerror(rv));
        }
    }
}

/* A desk that is told all of it, and nothing else: the last word is usher's. */
static void try_out(struct server_reader *r, const struct server_config *c)
{
    struct usher_config cfg = c->core;
    struct usher *desk = NULL;
    int rv;

    if (r->failed) {
        return;
    }
    cfg.limits.links = cfg.limits.sessions = cfg.limits.keys = cfg.limits.answers = 1;
    cfg.limits.batch_facts = 0;
    cfg.limits.batch_bytes = cfg.limits.recent_bytes = 0;
    rv = usher_new(&desk, &cfg);
    if (rv != 0) {
        server_reader_fail(r, usher_strerror(rv), NULL);
        return;
    }
    try_all(r, c, desk);
    usher_free(desk);
}

void server_config_routing(struct server_reader *r, struct server_config *c)
{
    if (!r->failed) {
        check_targets(r, c);
    }
    if (!r->failed) {
        check_skills(r, c);
    }
    put_in_order(r, c);
    try_out(r, c);
}
