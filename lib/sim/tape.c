/* tape.c - records a run: numbers by sevens of bits, texts with their length before them.
 * SPDX-License-Identifier: MIT
 *
 *     tape:  "usher-tape-2" entry* end
 *     entry: CORE limits, seed, times | STEP now, event | TAKE 16 bits of the hash so far
 *     end:   END hash of all effects, how many */
#include "tape.h"

#include <stdlib.h>
#include <string.h>

#include "../base/check.h"
#include "tape_parts.h"

static void put_bytes(struct ush_tape *t, const void *data, size_t len)
{
    if (t->n + len > t->room) {
        t->room = 2 * (t->n + len) + 4096;
        t->bytes = realloc(t->bytes, t->room);
        CHECK(t->bytes != NULL);
    }
    if (len > 0) {
        memcpy(t->bytes + t->n, data, len);
    }
    t->n += len;
}

static void put(struct ush_tape *t, uint64_t n)
{
    uint8_t out[10];
    size_t len = 0;
    do {
        out[len++] = (uint8_t) ((n & 127) | (n > 127 ? 128 : 0));
        n >>= 7;
    } while (n > 0);
    put_bytes(t, out, len);
}

static void put_span(struct ush_tape *t, struct usher_span s)
{
    put(t, s.len);
    put_bytes(t, s.base, s.len);
}

#define PUT_ID(t, id) put_bytes((t), &(id), sizeof(id))

void ush_tape_init(struct ush_tape *t)
{
    *t = (struct ush_tape){0};
    put_bytes(t, USH_TAPE_MAGIC, sizeof USH_TAPE_MAGIC - 1);
}

void ush_tape_done(struct ush_tape *t)
{
    free(t->bytes);
    *t = (struct ush_tape){0};
}

void ush_tape_core(struct ush_tape *t, const struct usher_config *cfg)
{
    uint64_t numbers[USH_TAPE_NUMBERS];
    ush_tape_numbers(cfg, numbers);
    put(t, USH_TAPE_CORE);
    for (size_t i = 0; i < USH_TAPE_NUMBERS; i++) {
        put(t, numbers[i]);
    }
    put_bytes(t, cfg->seed, sizeof cfg->seed);
}

static void put_have(struct ush_tape *t, const struct usher_have *have, size_t n)
{
    put(t, n);
    for (size_t i = 0; i < n; i++) {
        PUT_ID(t, have[i].session);
        put(t, have[i].index[0]);
        put(t, have[i].index[1]);
    }
}

static void put_facts(struct ush_tape *t, const struct usher_fact *facts, size_t n)
{
    put(t, n);
    for (size_t i = 0; i < n; i++) {
        const struct usher_fact *f = &facts[i];
        const uint64_t numbers[] = {f->seq,    (uint64_t) f->at_ms,
                                    f->type,   f->log,
                                    f->cause,  f->index,
                                    f->after,  f->number,
                                    f->digest, (uint64_t) f->until_ms,
                                    f->by.kind};
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
            put(t, numbers[k]);
        }
        PUT_ID(t, f->session);
        PUT_ID(t, f->by.visitor);
        PUT_ID(t, f->by.agent);
        PUT_ID(t, f->queue);
        PUT_ID(t, f->agent);
        put_span(t, f->by.name);
        put_span(t, f->agent_name);
        put_span(t, f->key);
        put_span(t, f->body);
        put_span(t, f->email);
    }
}

static void put_skills(struct ush_tape *t, const struct usher_skill *skills, size_t n)
{
    put(t, n);
    for (size_t i = 0; i < n; i++) {
        PUT_ID(t, skills[i].id);
        put(t, skills[i].level);
    }
}

static void put_rules(struct ush_tape *t, const struct usher_queue_set *set)
{
    const uint32_t numbers[] = {set->order,   set->pick,      set->offering,
                                set->fanout,  set->cost,      set->active_max,
                                set->wrap_ms, set->sticky_ms, set->drain_ms};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        put(t, numbers[i]);
    }
    for (size_t i = 0; i < USHER_PRIORITIES; i++) {
        put(t, set->order_ms[i]);
    }
    put(t, set->n_steps);
    for (size_t i = 0; i < set->n_steps; i++) {
        put(t, set->steps[i].after_ms);
        put(t, set->steps[i].kind);
        put(t, set->steps[i].by);
        PUT_ID(t, set->steps[i].skill);
        PUT_ID(t, set->steps[i].queue);
    }
    put_skills(t, set->needs, set->n_needs);
    put(t, set->priority);
}

static void put_host(struct ush_tape *t, const struct usher_event *ev)
{
    if (ev->type == USHER_EV_SIGN_IN_VISITOR) {
        PUT_ID(t, ev->as.visitor.visitor);
        put_bytes(t, ev->as.visitor.token_hash, sizeof ev->as.visitor.token_hash);
        put(t, ev->as.visitor.past);
        put(t, ev->as.visitor.same_epoch);
        put_have(t, ev->as.visitor.have, ev->as.visitor.n_have);
    } else if (ev->type == USHER_EV_SIGN_IN_AGENT) {
        PUT_ID(t, ev->as.agent.agent);
        put(t, ev->as.agent.same_epoch);
        put_have(t, ev->as.agent.have, ev->as.agent.n_have);
    } else if (ev->type == USHER_EV_REFUSE) {
        const char *text = ev->as.refuse.text == NULL ? "" : ev->as.refuse.text;
        put(t, ev->as.refuse.why);
        put(t, ev->as.refuse.retry_ms);
        put_span(t, (struct usher_span){text, strlen(text) + 1});
    } else if (ev->type == USHER_EV_QUEUE_SET) {
        PUT_ID(t, ev->as.queue_set.queue);
        put_span(t, ev->as.queue_set.name);
        put(t, ev->as.queue_set.open);
        put(t, ev->as.queue_set.offer_ms);
        put(t, ev->as.queue_set.waiting_max);
        put(t, ev->as.queue_set.reopen_ms);
        put_rules(t, &ev->as.queue_set);
    } else if (ev->type == USHER_EV_AGENT_SET) {
        PUT_ID(t, ev->as.agent_set.agent);
        put_span(t, ev->as.agent_set.name);
        put(t, ev->as.agent_set.n_queues);
        put_bytes(t, ev->as.agent_set.queues,
                  ev->as.agent_set.n_queues * sizeof *ev->as.agent_set.queues);
        put(t, ev->as.agent_set.capacity);
        put(t, ev->as.agent_set.supervisor);
        put_skills(t, ev->as.agent_set.skills, ev->as.agent_set.n_skills);
        put(t, ev->as.agent_set.tiers != NULL);
        if (ev->as.agent_set.tiers != NULL) {
            put_bytes(t, ev->as.agent_set.tiers, ev->as.agent_set.n_queues);
        }
        put(t, ev->as.agent_set.weight);
    }
}

static void put_command(struct ush_tape *t, const struct usher_event *ev)
{
    if (ev->type == USHER_EV_START) {
        PUT_ID(t, ev->as.start.queue);
        put_span(t, ev->as.start.name);
        put_span(t, ev->as.start.email);
        put_span(t, ev->as.start.body);
        put_skills(t, ev->as.start.needs, ev->as.start.n_needs);
        put(t, ev->as.start.priority);
    } else if (ev->type == USHER_EV_SAY || ev->type == USHER_EV_WHISPER) {
        put_span(t, ev->as.say.body);
    } else if (ev->type == USHER_EV_VISIT) {
        put_span(t, ev->as.visit.url);
        put_span(t, ev->as.visit.title);
    } else if (ev->type == USHER_EV_BOARD) {
        put(t, ev->as.board.on);
    } else if (ev->type == USHER_EV_SEEN) {
        put(t, ev->as.seen.upto);
    } else if (ev->type == USHER_EV_MOVE) {
        PUT_ID(t, ev->as.move.queue);
        PUT_ID(t, ev->as.move.agent);
    } else if (ev->type == USHER_EV_HISTORY) {
        put(t, ev->as.history.before);
        put(t, ev->as.history.before_internal);
        put(t, ev->as.history.limit);
    } else if (ev->type == USHER_EV_READY) {
        put(t, ev->as.ready.on);
        put_span(t, ev->as.ready.reason);
    } else if (ev->type == USHER_EV_ACCEPT || ev->type == USHER_EV_DECLINE) {
        put(t, ev->as.answer.offer);
        put_span(t, ev->as.answer.reason);
    }
}

static void put_storage(struct ush_tape *t, const struct usher_event *ev)
{
    if (ev->type == USHER_EV_LOADED) {
        put_facts(t, ev->as.loaded.facts, ev->as.loaded.n);
        put(t, ev->as.loaded.more);
        put(t, ev->as.loaded.epoch);
        put(t, ev->as.loaded.seq);
    } else if (ev->type == USHER_EV_PERSISTED) {
        put(t, ev->as.persisted.upto);
    } else if (ev->type == USHER_EV_FETCHED) {
        put(t, ev->as.fetched.ticket);
        put_facts(t, ev->as.fetched.facts, ev->as.fetched.n);
        put(t, ev->as.fetched.failed);
    } else if (ev->type == USHER_EV_FOUND) {
        put(t, ev->as.found.ticket);
        put(t, ev->as.found.found);
        put(t, ev->as.found.failed);
        PUT_ID(t, ev->as.found.session);
        put(t, ev->as.found.log);
        put(t, ev->as.found.index);
        put(t, ev->as.found.digest);
    }
}

void ush_tape_step(struct ush_tape *t, struct usher_now now, const struct usher_event *ev)
{
    put(t, USH_TAPE_STEP);
    put(t, now.mono_ms);
    put(t, (uint64_t) now.wall_ms);
    put(t, ev->type);
    put(t, ev->link.v);
    PUT_ID(t, ev->session);
    put_span(t, ev->key);
    put_host(t, ev);
    put_command(t, ev);
    put_storage(t, ev);
}

void ush_tape_take(struct ush_tape *t, const struct usher_effect *fx)
{
    if (fx != NULL) {
        t->hash = ush_effect_hash(t->hash, fx);
        t->effects++;
    }
    put(t, USH_TAPE_TAKE);
    put(t, t->hash & 0xffff);
}

void ush_tape_end(struct ush_tape *t)
{
    put(t, USH_TAPE_END);
    put(t, t->hash);
    put(t, t->effects);
}
