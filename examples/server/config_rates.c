/* config_rates.c - reads the numbers of a configuration: limits, timers and rates.
 * SPDX-License-Identifier: MIT */
#include "config_parts.h"

#define MILLION 1000000u
#define DAY_S 86400u
#define MONTH_S 2678400u
#define DAY_MS 86400000u

void server_config_limits(struct server_reader *r, struct server_config *c,
                          const struct server_json *json)
{
    struct usher_limits *l = &c->core.limits;
    const struct server_key keys[] = {
        {"links", SERVER_KEY_NUMBER, false, 1, MILLION, {.number = &l->links}},
        {"sessions", SERVER_KEY_NUMBER, false, 1, 16 * MILLION, {.number = &l->sessions}},
        {"agents", SERVER_KEY_NUMBER, false, 1, MILLION, {.number = &l->agents}},
        {"queues", SERVER_KEY_NUMBER, false, 1, 65536, {.number = &l->queues}},
        {"skills", SERVER_KEY_NUMBER, false, 1, 1024, {.number = &l->skills}},
        {"classes", SERVER_KEY_NUMBER, false, 1, 65536, {.number = &l->classes}},
        {"profiles", SERVER_KEY_NUMBER, false, 1, MILLION, {.number = &l->profiles}},
        {"keys", SERVER_KEY_NUMBER, false, 1, 256 * MILLION, {.number = &l->keys}},
        {"answers", SERVER_KEY_NUMBER, false, 1, 256 * MILLION, {.number = &l->answers}},
        {"capacity_max", SERVER_KEY_NUMBER, false, 1, 32, {.number = &l->capacity_max}},
        {"links_visitor", SERVER_KEY_NUMBER, false, 1, 1000, {.number = &l->links_visitor}},
        {"links_agent", SERVER_KEY_NUMBER, false, 1, 1000, {.number = &l->links_agent}},
        {"boards", SERVER_KEY_NUMBER, false, 1, 1000, {.number = &l->boards}},
        {"batch_facts", SERVER_KEY_NUMBER, false, 1, MILLION, {.number = &l->batch_facts}},
        {"body_max", SERVER_KEY_NUMBER, false, 1, 8192, {.number = &l->body_max}},
        {"batch_bytes", SERVER_KEY_BYTES, false, 1, 1u << 30, {.bytes = &l->batch_bytes}},
        {"recent_bytes", SERVER_KEY_BYTES, false, 1, 1u << 30, {.bytes = &l->recent_bytes}},
    };

    if (json == NULL) {
        return;
    }
    size_t mark = server_reader_enter(r, "limits");
    server_reader_object(r, json, keys, sizeof keys / sizeof keys[0]);
    if (!r->failed && usher_footprint(&c->core) == 0) {
        server_reader_fail(r, "do not go together, or are too small", NULL);
    }
    server_reader_leave(r, mark);
}

void server_config_timers(struct server_reader *r, struct server_config *c,
                          const struct server_json *json)
{
    struct usher_config *u = &c->core;
    uint32_t window_ms = 0;
    const struct server_key keys[] = {
        {"agent_grace_s", SERVER_KEY_SECONDS, false, 1, DAY_S, {.number = &u->agent_grace_ms}},
        {"visitor_waiting_s",
         SERVER_KEY_SECONDS,
         false,
         1,
         DAY_S,
         {.number = &u->visitor_waiting_ms}},
        {"visitor_active_s",
         SERVER_KEY_SECONDS,
         false,
         1,
         DAY_S,
         {.number = &u->visitor_active_ms}},
        {"place_s", SERVER_KEY_SECONDS, false, 1, DAY_S, {.number = &u->place_ms}},
        {"missed_max", SERVER_KEY_NUMBER, false, 1, 1000, {.number = &u->missed_max}},
        {"window_s", SERVER_KEY_SECONDS, false, 1, MONTH_S, {.number = &window_ms}},
    };

    if (json != NULL) {
        size_t mark = server_reader_enter(r, "timers");
        server_reader_object(r, json, keys, sizeof keys / sizeof keys[0]);
        server_reader_leave(r, mark);
    }
    u->window_ms = window_ms;
}

/* A bucket needs both its numbers: half of one would be half a default. */
static void read_bucket(struct server_reader *r, const char *name, const struct server_json *json,
                        struct usher_rate *rate)
{
    const struct server_key keys[] = {
        {"burst", SERVER_KEY_NUMBER, true, 1, 100 * MILLION, {.number = &rate->burst}},
        {"refill_ms", SERVER_KEY_NUMBER, true, 1, DAY_MS, {.number = &rate->refill_ms}},
    };

    if (json != NULL) {
        size_t mark = server_reader_enter(r, name);
        server_reader_object(r, json, keys, 2);
        server_reader_leave(r, mark);
    }
}

void server_config_rates(struct server_reader *r, struct server_config *c,
                         const struct server_json *json)
{
    struct usher_rates *t = &c->rates;
    struct {
        const char *name;
        const struct server_json *json;
        struct usher_rate *rate;
    } buckets[] = {
        {"accept", NULL, &t->accept},
        {"accept_all", NULL, &t->accept_all},
        {"visitor_say", NULL, &t->visitor_say},
        {"visitor_start", NULL, &t->visitor_start},
        {"address_start", NULL, &t->address_start},
        {"address_say", NULL, &t->address_say},
        {"agent_say", NULL, &t->agent_say},
        {"hello", NULL, &t->hello},
    };
    enum { N_BUCKETS = sizeof buckets / sizeof buckets[0], N_NUMBERS = 8 };
    struct server_key keys[N_NUMBERS + N_BUCKETS] = {
        {"links_address", SERVER_KEY_NUMBER, false, 1, MILLION, {.number = &t->links_address}},
        {"visitor_minute", SERVER_KEY_NUMBER, false, 1, MILLION, {.number = &t->visitor_minute}},
        {"visitor_day", SERVER_KEY_NUMBER, false, 1, 100 * MILLION, {.number = &t->visitor_day}},
        {"signin_failures", SERVER_KEY_NUMBER, false, 1, MILLION, {.number = &t->signin_failures}},
        {"login_failures_address",
         SERVER_KEY_NUMBER,
         false,
         1,
         MILLION,
         {.number = &t->login_failures_address}},
        {"login_failures_account",
         SERVER_KEY_NUMBER,
         false,
         1,
         MILLION,
         {.number = &t->login_failures_account}},
        {"hello_ms", SERVER_KEY_NUMBER, false, 1, DAY_MS, {.number = &t->hello_ms}},
        {"stall_ms", SERVER_KEY_NUMBER, false, 1, DAY_MS, {.number = &t->stall_ms}},
    };

    if (json == NULL) {
        return;
    }
    for (size_t i = 0; i < N_BUCKETS; i++) {
        keys[N_NUMBERS + i] = (struct server_key){
            buckets[i].name, SERVER_KEY_OBJECT, false, 0, 0, {.json = &buckets[i].json}};
    }
    size_t mark = server_reader_enter(r, "rates");
    server_reader_object(r, json, keys, sizeof keys / sizeof keys[0]);
    for (size_t i = 0; i < N_BUCKETS; i++) {
        read_bucket(r, buckets[i].name, buckets[i].json, buckets[i].rate);
    }
    server_reader_leave(r, mark);
}
