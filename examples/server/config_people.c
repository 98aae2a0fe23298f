/* config_people.c - reads the agents of a configuration: who they are, and what each can do.
 * SPDX-License-Identifier: MIT */
#include "config_parts.h"

#include "password.h"

#include <usher/wire.h>

#include <string.h>

#define CAPACITY_USUAL 6u /* of an agent who names none */
#define TIER_MAX 255
#define WEIGHT_MAX 1000

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
        if (server_config_queue(c, item->text) == SIZE_MAX ||
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

/* Where the lists of one agent go: behind those of the agents before him. */
struct room {
    struct usher_queue_id *queues;
    uint8_t *tiers; /* one a queue */
    struct usher_skill *skills;
};

/* The tier of each queue that is named; the others have tier 0. */
static void read_tiers(struct server_reader *r, const struct server_json *json,
                       struct usher_agent_set *agent, uint8_t *to)
{
    if (json == NULL || r->failed) {
        return;
    }
    size_t mark = server_reader_enter(r, "tiers");
    agent->tiers = to;
    for (const struct server_json *m = json->first; m != NULL && !r->failed; m = m->next) {
        size_t member_mark = server_reader_enter(r, m->name);
        size_t at = 0;
        while (at < agent->n_queues && strcmp(agent->queues[at].s, m->name) != 0) {
            at++;
        }
        if (at == agent->n_queues) {
            server_reader_fail(r, "is no queue of this agent", NULL);
        } else if (server_reader_number(r, m, 0, TIER_MAX)) {
            to[at] = (uint8_t)m->number;
        }
        server_reader_leave(r, member_mark);
    }
    server_reader_leave(r, mark);
}

/* What an object holds that is not read at once. */
struct parts {
    struct usher_span id, password, hash;
    const struct server_json *queues, *tiers, *skills;
};

static void read_object(struct server_reader *r, const struct server_config *c,
                        const struct server_json *json, struct usher_agent_set *a,
                        struct parts *p)
{
    uint32_t capacity = c->core.limits.capacity_max;
    uint32_t most = capacity != 0 ? capacity : SERVER_CAPACITY_DEFAULT;
    const struct server_key keys[] = {
        {"id", SERVER_KEY_TEXT, true, 0, 0, {.text = &p->id}},
        {"name", SERVER_KEY_TEXT, false, 0, 0, {.text = &a->name}},
        {"password", SERVER_KEY_TEXT, false, 0, 0, {.text = &p->password}},
        {"password_hash", SERVER_KEY_TEXT, false, 0, 0, {.text = &p->hash}},
        {"queues", SERVER_KEY_ARRAY, true, 0, 0, {.json = &p->queues}},
        {"tiers", SERVER_KEY_OBJECT, false, 0, 0, {.json = &p->tiers}},
        {"skills", SERVER_KEY_OBJECT, false, 0, 0, {.json = &p->skills}},
        {"weight", SERVER_KEY_NUMBER, false, 1, WEIGHT_MAX, {.number = &a->weight}},
        {"capacity", SERVER_KEY_NUMBER, false, 1, most, {.number = &a->capacity}},
        {"supervisor", SERVER_KEY_BOOL, false, 0, 0, {.yes = &a->supervisor}},
    };

    server_reader_object(r, json, keys, sizeof keys / sizeof keys[0]);
    server_config_name(r, a->name);
    /* usher's own default must not exceed a limit that was set below it. */
    if (a->capacity == 0 && most < CAPACITY_USUAL) {
        a->capacity = most;
    }
}

static void read_agent(struct server_reader *r, struct server_config *c,
                       const struct server_json *json, struct room *room)
{
    struct usher_agent_set *a = &c->agents[c->n_agents];
    struct parts p = {.queues = NULL};

    read_object(r, c, json, a, &p);
    if (r->failed) {
        return;
    }
    if (usher_agent_id_parse(p.id, &a->agent) != 0) {
        server_config_fail(r, "id", server_config_id_rule, &p.id);
        return;
    }
    size_t same = server_config_agent(c, p.id);
    if (same != SIZE_MAX) {
        server_config_twice(r, "agents", same, &p.id);
    }
    read_secret(r, c, &c->secrets[c->n_agents], p.password, p.hash);
    read_agent_queues(r, c, p.queues, a, room->queues);
    read_tiers(r, p.tiers, a, room->tiers);
    a->skills = room->skills;
    if (!r->failed) {
        a->n_skills = server_config_skills(r, "skills", p.skills, room->skills);
    }
    room->queues += a->n_queues;
    room->tiers += a->n_queues;
    room->skills += a->n_skills;
    c->n_agents++;
}

void server_config_agents(struct server_reader *r, struct server_config *c,
                          const struct server_json *json)
{
    if (r->failed) {
        return;
    }
    size_t mark = server_reader_enter(r, "agents");
    uint32_t most = c->core.limits.agents;
    server_config_count(r, json->count, most != 0 ? most : SERVER_AGENTS_DEFAULT, "agents");
    size_t n_queues = server_config_sum(json, "queues");
    c->agents = server_reader_alloc(r, json->count, sizeof *c->agents);
    c->secrets = server_reader_alloc(r, json->count, sizeof *c->secrets);
    c->agent_queues = server_reader_alloc(r, n_queues, sizeof *c->agent_queues);
    c->tiers = server_reader_alloc(r, n_queues, sizeof *c->tiers);
    c->skills = server_reader_alloc(r, server_config_sum(json, "skills"), sizeof *c->skills);
    struct room room = {c->agent_queues, c->tiers, c->skills};
    for (const struct server_json *item = json->first; item != NULL && !r->failed;
         item = item->next) {
        size_t item_mark = server_reader_enter_item(r, c->n_agents);
        read_agent(r, c, item, &room);
        server_reader_leave(r, item_mark);
    }
    server_reader_leave(r, mark);
}
