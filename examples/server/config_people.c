/* config_people.c - reads the queues and the agents of a configuration.
 * SPDX-License-Identifier: MIT */
#include "config_parts.h"

#include "password.h"

#include <usher/wire.h>

#include <stdio.h>
#include <string.h>

#define QUEUES_DEFAULT 64u /* of usher_limits, as usher/core.h says */
#define AGENTS_DEFAULT 256u
#define CAPACITY_DEFAULT 16u /* of limits.capacity_max */
#define CAPACITY_USUAL 6u    /* of an agent who names none */
#define MONTH_S 2678400u

static const char id_rule[] = "must be 1 to 31 of a-z 0-9 . _ -, not";

/* More than the limit allows? Say so with the limit's name. */
static void check_count(struct server_reader *r, uint32_t count, uint32_t most, const char *limit)
{
    char text[96];

    if (count > most) {
        snprintf(text, sizeof text, "%u are too many: limits.%s is %u", (unsigned)count, limit,
                 (unsigned)most);
        server_reader_fail(r, text, NULL);
    }
}

static void check_name(struct server_reader *r, struct usher_span name)
{
    if (!r->failed && name.base != NULL && !usher_name_ok(name)) {
        size_t mark = server_reader_enter(r, "name");
        server_reader_fail(
            r, "must be at most 80 characters without control or direction marks, not", &name);
        server_reader_leave(r, mark);
    }
}

/* Keep an error about the id of the item where we are. */
static void fail_id(struct server_reader *r, const char *message, const struct usher_span *quoted)
{
    size_t mark = server_reader_enter(r, "id");

    server_reader_fail(r, message, quoted);
    server_reader_leave(r, mark);
}

static void fail_twice(struct server_reader *r, const char *list, size_t index,
                       const struct usher_span *id)
{
    char text[64];

    snprintf(text, sizeof text, "%s[%zu] already has the id", list, index);
    fail_id(r, text, id);
}

static void read_queue(struct server_reader *r, struct server_config *c,
                       const struct server_json *json)
{
    struct usher_queue_set *q = &c->queues[c->n_queues];
    struct usher_span id = {NULL, 0};
    const struct server_key keys[] = {
        {"id", SERVER_KEY_TEXT, true, 0, 0, {.text = &id}},
        {"name", SERVER_KEY_TEXT, false, 0, 0, {.text = &q->name}},
        {"open", SERVER_KEY_BOOL, false, 0, 0, {.yes = &q->open}},
        {"offer_s", SERVER_KEY_SECONDS, false, 1, 3600, {.number = &q->offer_ms}},
        {"waiting_max", SERVER_KEY_NUMBER, false, 1, 16000000, {.number = &q->waiting_max}},
        {"reopen_s", SERVER_KEY_SECONDS, false, 1, MONTH_S, {.number = &q->reopen_ms}},
    };

    q->open = true;
    server_reader_object(r, json, keys, sizeof keys / sizeof keys[0]);
    check_name(r, q->name);
    if (r->failed) {
        return;
    }
    if (usher_queue_id_parse(id, &q->queue) != 0) {
        fail_id(r, id_rule, &id);
        return;
    }
    for (size_t i = 0; i < c->n_queues; i++) {
        if (strcmp(c->queues[i].queue.s, q->queue.s) == 0) {
            fail_twice(r, "queues", i, &id);
        }
    }
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
    check_count(r, json->count, most != 0 ? most : QUEUES_DEFAULT, "queues");
    if (json->count == 0) {
        server_reader_fail(r, "a desk needs at least one queue", NULL);
    }
    c->queues = server_reader_alloc(r, json->count, sizeof *c->queues);
    for (const struct server_json *item = json->first; item != NULL && !r->failed;
         item = item->next) {
        size_t item_mark = server_reader_enter_item(r, c->n_queues);
        read_queue(r, c, item);
        server_reader_leave(r, item_mark);
    }
    server_reader_leave(r, mark);
}

static bool has_queue(const struct server_config *c, const struct usher_span *id)
{
    for (size_t i = 0; i < c->n_queues; i++) {
        if (strlen(c->queues[i].queue.s) == id->len &&
            memcmp(c->queues[i].queue.s, id->base, id->len) == 0) {
            return true;
        }
    }
    return false;
}

/* The queues of one agent go behind those of the agents before him. */
static void read_agent_queues(struct server_reader *r, const struct server_config *c,
                              const struct server_json *json, struct usher_agent_set *agent,
                              struct usher_queue_id *to)
{
    size_t mark = server_reader_enter(r, "queues");

    agent->queues = to;
    for (const struct server_json *item = json->first; item != NULL && !r->failed;
         item = item->next) {
        size_t item_mark = server_reader_enter_item(r, agent->n_queues);
        if (!server_reader_type(r, item, SERVER_JSON_STRING)) {
            break;
        }
        if (!has_queue(c, &item->text) ||
            usher_queue_id_parse(item->text, &to[agent->n_queues]) != 0) {
            server_reader_fail(r, "no such queue", &item->text);
            break;
        }
        for (size_t i = 0; i < agent->n_queues; i++) {
            if (strcmp(to[i].s, to[agent->n_queues].s) == 0) {
                server_reader_fail(r, "is named twice:", &item->text);
            }
        }
        agent->n_queues++;
        server_reader_leave(r, item_mark);
    }
    server_reader_leave(r, mark);
}

/* In demo mode a password in the clear, else a hash; never the other one. */
static void read_secret(struct server_reader *r, const struct server_config *c,
                        struct server_secret *secret, struct usher_span password,
                        struct usher_span hash)
{
    bool demo = c->demo;
    const char *want = demo ? "password" : "password_hash";
    const char *other = demo ? "password_hash" : "password";
    struct usher_span text = demo ? password : hash;
    size_t mark;

    if ((demo ? hash : password).base != NULL) {
        mark = server_reader_enter(r, other);
        server_reader_fail(r,
                           demo ? "demo mode takes \"password\" only"
                                : "outside demo mode only \"password_hash\" is taken",
                           NULL);
        server_reader_leave(r, mark);
        return;
    }
    mark = server_reader_enter(r, want);
    if (text.base == NULL) {
        server_reader_fail(r, "is missing", NULL);
    } else if (demo && !server_password_ok(text)) {
        server_reader_fail(r, "must be at most 512 bytes without white space", NULL);
    } else if (!demo && !server_password_hash_ok(text.base)) {
        server_reader_fail(
            r, "must be an argon2id string, as usher-server --hash-password makes it", NULL);
    } else {
        secret->password = password;
        if (!demo) {
            memcpy(secret->hash, text.base, text.len + 1);
        }
        server_password_fingerprint(secret->fingerprint, demo, text);
    }
    server_reader_leave(r, mark);
}

static void read_agent(struct server_reader *r, struct server_config *c,
                       const struct server_json *json, struct usher_queue_id *to)
{
    struct usher_agent_set *a = &c->agents[c->n_agents];
    struct usher_span id = {NULL, 0};
    struct usher_span password = {NULL, 0};
    struct usher_span hash = {NULL, 0};
    const struct server_json *queues = NULL;
    uint32_t capacity = c->core.limits.capacity_max;
    const struct server_key keys[] = {
        {"id", SERVER_KEY_TEXT, true, 0, 0, {.text = &id}},
        {"name", SERVER_KEY_TEXT, false, 0, 0, {.text = &a->name}},
        {"password", SERVER_KEY_TEXT, false, 0, 0, {.text = &password}},
        {"password_hash", SERVER_KEY_TEXT, false, 0, 0, {.text = &hash}},
        {"queues", SERVER_KEY_ARRAY, true, 0, 0, {.json = &queues}},
        {"capacity",
         SERVER_KEY_NUMBER,
         false,
         1,
         capacity != 0 ? capacity : CAPACITY_DEFAULT,
         {.number = &a->capacity}},
        {"supervisor", SERVER_KEY_BOOL, false, 0, 0, {.yes = &a->supervisor}},
    };

    server_reader_object(r, json, keys, sizeof keys / sizeof keys[0]);
    check_name(r, a->name);
    if (r->failed) {
        return;
    }
    if (usher_agent_id_parse(id, &a->agent) != 0) {
        fail_id(r, id_rule, &id);
        return;
    }
    for (size_t i = 0; i < c->n_agents; i++) {
        if (strcmp(c->agents[i].agent.s, a->agent.s) == 0) {
            fail_twice(r, "agents", i, &id);
        }
    }
    /* usher's own default must not exceed a limit that was set below it. */
    if (a->capacity == 0 && capacity != 0 && capacity < CAPACITY_USUAL) {
        a->capacity = capacity;
    }
    read_secret(r, c, &c->secrets[c->n_agents], password, hash);
    read_agent_queues(r, c, queues, a, to);
    c->n_agents++;
}

/* How many queues all agents have together, at most. */
static size_t count_queues(const struct server_json *agents)
{
    size_t n = 0;

    for (const struct server_json *a = agents->first; a != NULL; a = a->next) {
        const struct server_json *queues = a->type == SERVER_JSON_OBJECT
                                               ? server_json_member(a, "queues")
                                               : NULL;
        n += queues != NULL ? queues->count : 0;
    }
    return n;
}

void server_config_agents(struct server_reader *r, struct server_config *c,
                          const struct server_json *json)
{
    size_t used = 0;

    if (r->failed) {
        return;
    }
    size_t mark = server_reader_enter(r, "agents");
    uint32_t most = c->core.limits.agents;
    check_count(r, json->count, most != 0 ? most : AGENTS_DEFAULT, "agents");
    c->agents = server_reader_alloc(r, json->count, sizeof *c->agents);
    c->secrets = server_reader_alloc(r, json->count, sizeof *c->secrets);
    c->agent_queues = server_reader_alloc(r, count_queues(json), sizeof *c->agent_queues);
    for (const struct server_json *item = json->first; item != NULL && !r->failed;
         item = item->next) {
        size_t item_mark = server_reader_enter_item(r, c->n_agents);
        read_agent(r, c, item, c->agent_queues + used);
        if (!r->failed) {
            used += c->agents[c->n_agents - 1].n_queues;
        }
        server_reader_leave(r, item_mark);
    }
    server_reader_leave(r, mark);
}
