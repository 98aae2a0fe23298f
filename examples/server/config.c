/* config.c - reads and checks a configuration, and refuses what must not be exposed.
 * SPDX-License-Identifier: MIT */
#include "config.h"

#include "address.h"
#include "config_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (4u << 20) /* bytes; ten thousand agents take about one million */
#define LISTEN_DEFAULT "127.0.0.1:8080"
#define STORE_DEFAULT "sqlite:usher.db"

/* What the top level holds. */
struct top {
    struct usher_span listen, store;
    const struct server_json *trusted_proxies, *origins, *queues, *agents, *limits, *timers, *rates;
    const struct server_json *log;
};

static void read_top(struct server_reader *r, struct server_config *c, struct top *top)
{
    const struct server_key keys[] = {
        {"demo", SERVER_KEY_BOOL, false, 0, 0, {.yes = &c->demo}},
        {"listen", SERVER_KEY_TEXT, false, 0, 0, {.text = &top->listen}},
        {"store", SERVER_KEY_TEXT, false, 0, 0, {.text = &top->store}},
        {"insecure", SERVER_KEY_BOOL, false, 0, 0, {.yes = &c->insecure}},
        {"tls_in_front", SERVER_KEY_BOOL, false, 0, 0, {.yes = &c->tls_in_front}},
        {"trusted_proxies", SERVER_KEY_ARRAY, false, 0, 0, {.json = &top->trusted_proxies}},
        {"origins", SERVER_KEY_ARRAY, false, 0, 0, {.json = &top->origins}},
        {"queues", SERVER_KEY_ARRAY, true, 0, 0, {.json = &top->queues}},
        {"agents", SERVER_KEY_ARRAY, true, 0, 0, {.json = &top->agents}},
        {"active_max", SERVER_KEY_NUMBER, false, 1, 16000000, {.number = &c->core.active_max}},
        {"limits", SERVER_KEY_OBJECT, false, 0, 0, {.json = &top->limits}},
        {"timers", SERVER_KEY_OBJECT, false, 0, 0, {.json = &top->timers}},
        {"rates", SERVER_KEY_OBJECT, false, 0, 0, {.json = &top->rates}},
        {"log", SERVER_KEY_OBJECT, false, 0, 0, {.json = &top->log}},
    };

    server_reader_object(r, c->document, keys, sizeof keys / sizeof keys[0]);
}

/* A list of strings, each once and each good enough for `ok`. */
static size_t read_strings(struct server_reader *r, const char *name,
                           const struct server_json *json, bool (*ok)(const char *text),
                           const char *wrong, const char ***out)
{
    size_t n = 0;

    if (json == NULL || json->count == 0 || r->failed) {
        return 0;
    }
    *out = server_reader_alloc(r, json->count, sizeof **out);
    size_t mark = server_reader_enter(r, name);
    for (const struct server_json *item = json->first; item != NULL && !r->failed;
         item = item->next) {
        size_t item_mark = server_reader_enter_item(r, n);
        if (server_reader_type(r, item, SERVER_JSON_STRING)) {
            const char *text = item->text.base;
            if (!ok(text)) {
                server_reader_fail(r, wrong, &item->text);
            }
            for (size_t i = 0; i < n && !r->failed; i++) {
                if (strcmp((*out)[i], text) == 0) {
                    server_reader_fail(r, "is named twice:", &item->text);
                }
            }
            (*out)[n++] = text;
        }
        server_reader_leave(r, item_mark);
    }
    server_reader_leave(r, mark);
    return n;
}

static void read_log(struct server_reader *r, struct server_config *c,
                     const struct server_json *json)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    struct usher_span level = {"info", 4};
    const struct server_key keys[] = {{"level", SERVER_KEY_TEXT, false, 0, 0, {.text = &level}}};

    if (json != NULL) {
        size_t mark = server_reader_enter(r, "log");
        server_reader_object(r, json, keys, 1);
        server_reader_leave(r, mark);
    }
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strcmp(level.base, levels[i]) == 0) {
            c->level = (enum usher_level)i;
            return;
        }
    }
    size_t mark = server_reader_enter(r, "log");
    server_reader_enter(r, "level");
    server_reader_fail(r, "must be debug, info, warn or error, not", &level);
    server_reader_leave(r, mark);
}

/* Keep an error about a key of the top level or about the option that replaced it. */
static void fail_at(struct server_reader *r, const char *option, const char *key,
                    const char *message, const char *quoted)
{
    struct usher_span text = {quoted, strlen(quoted)};

    if (option != NULL) {
        r->file = option;
    }
    size_t mark = server_reader_enter(r, option != NULL ? "" : key);
    server_reader_fail(r, message, &text);
    server_reader_leave(r, mark);
}

/* Passwords in the clear and sign-in without TLS must not leave this machine. */
static void check_listen(struct server_reader *r, struct server_config *c, const char *option)
{
    switch (server_address_listen(c->listen)) {
    case SERVER_REACH_NONE:
        fail_at(r, option, "listen",
                "must be ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:8080, or unix:PATH, not",
                c->listen);
        break;
    case SERVER_REACH_LOOPBACK:
        break;
    case SERVER_REACH_UNIX:
        if (c->demo) {
            fail_at(r, option, "listen", "demo mode is for a loopback address only, not",
                    c->listen);
        }
        break;
    case SERVER_REACH_NETWORK:
        if (c->demo) {
            fail_at(r, option, "listen", "demo mode is for a loopback address only, not",
                    c->listen);
        } else if (!c->insecure && !c->tls_in_front) {
            fail_at(r, option, "listen",
                    "not a loopback address; set tls_in_front, or insecure to go without TLS:",
                    c->listen);
        }
        break;
    }
    if (c->demo && c->tls_in_front) {
        size_t mark = server_reader_enter(r, "tls_in_front");
        server_reader_fail(r, "demo mode is for this machine only", NULL);
        server_reader_leave(r, mark);
    }
}

static void check_store(struct server_reader *r, const struct server_config *c, const char *option)
{
    bool sqlite = strncmp(c->store, "sqlite:", 7) == 0 && c->store[7] != '\0';

    if (!sqlite && strcmp(c->store, "memory:") != 0) {
        fail_at(r, option, "store", "must be memory: or sqlite:PATH, not", c->store);
    }
}

static void read_all(struct server_reader *r, struct server_config *c,
                     const struct server_config_over *over)
{
    struct top top = {{NULL, 0}, {NULL, 0}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL};

    read_top(r, c, &top);
    server_config_limits(r, c, top.limits);
    server_config_timers(r, c, top.timers);
    server_config_rates(r, c, top.rates);
    server_config_queues(r, c, top.queues);
    server_config_agents(r, c, top.agents);
    server_config_routing(r, c);
    read_log(r, c, top.log);
    c->n_origins = read_strings(r, "origins", top.origins, server_address_origin,
                                "must be as a browser sends it, such as https://shop.example, not",
                                &c->origins);
    c->n_trusted_proxies = read_strings(
        r, "trusted_proxies", top.trusted_proxies, server_address_proxy,
        "must be a numeric address or unix, not", &c->trusted_proxies);
    c->listen = top.listen.base != NULL ? top.listen.base : LISTEN_DEFAULT;
    c->store = top.store.base != NULL ? top.store.base : STORE_DEFAULT;
    if (over->listen != NULL) {
        c->listen = over->listen;
    }
    if (over->store != NULL) {
        c->store = over->store;
    }
    check_store(r, c, over->store != NULL ? "--store" : NULL);
    check_listen(r, c, over->listen != NULL ? "--listen" : NULL);
}

int server_config_read(struct server_config **out, const char *file, struct usher_span text,
                       const struct server_config_over *over, char why[SERVER_WHY_MAX])
{
    struct server_reader r = {.file = file, .why = why};
    struct server_json_error error;
    struct server_config *c = calloc(1, sizeof *c);
    int rv;

    if (c == NULL) {
        snprintf(why, SERVER_WHY_MAX, "%s: out of memory", file);
        return USHER_ENOMEM;
    }
    usher_config_init(&c->core);
    rv = server_json_read(&c->document, text, &error);
    if (rv == USHER_EINVAL) {
        snprintf(why, SERVER_WHY_MAX, "%s:%u:%u: %s", file, (unsigned)error.line,
                 (unsigned)error.column, error.text);
    } else if (rv == USHER_ENOMEM) {
        snprintf(why, SERVER_WHY_MAX, "%s: out of memory", file);
    } else {
        read_all(&r, c, over);
        rv = r.failed ? USHER_EINVAL : 0;
    }
    if (rv != 0) {
        server_config_free(c);
        return rv;
    }
    *out = c;
    return 0;
}

int server_config_load(struct server_config **out, const char *file,
                       const struct server_config_over *over, char why[SERVER_WHY_MAX])
{
    FILE *in = fopen(file, "rb");
    char *bytes = NULL;
    size_t n = 0;
    int rv = USHER_EIO;

    if (in == NULL) {
        snprintf(why, SERVER_WHY_MAX, "%s: %s", file, strerror(errno));
        return USHER_EIO;
    }
    bytes = malloc(FILE_MAX + 1);
    if (bytes == NULL) {
        snprintf(why, SERVER_WHY_MAX, "%s: out of memory", file);
        rv = USHER_ENOMEM;
        goto done;
    }
    n = fread(bytes, 1, FILE_MAX + 1, in);
    if (ferror(in)) {
        snprintf(why, SERVER_WHY_MAX, "%s: %s", file, strerror(errno));
        goto done;
    }
    if (n > FILE_MAX) {
        snprintf(why, SERVER_WHY_MAX, "%s: larger than 4 MiB", file);
        rv = USHER_EINVAL;
        goto done;
    }
    rv = server_config_read(out, file, (struct usher_span){bytes, n}, over, why);
done:
    free(bytes);
    fclose(in);
    return rv;
}

void server_config_free(struct server_config *c)
{
    if (c == NULL) {
        return;
    }
    server_json_free(c->document);
    free(c->origins);
    free(c->trusted_proxies);
    free(c->queues);
    free(c->agents);
    free(c->settings);
    free(c->steps);
    free(c->needs);
    free(c->skills);
    free(c->agent_queues);
    free(c->tiers);
    free(c->secrets);
    free(c);
}

size_t server_config_agent(const struct server_config *c, struct usher_span id)
{
    for (size_t i = 0; i < c->n_agents; i++) {
        const char *name = c->agents[i].agent.s;
        if (strlen(name) == id.len && memcmp(name, id.base, id.len) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

const char *server_config_store_path(const char *store)
{
    return strncmp(store, "sqlite:", 7) == 0 ? store + 7 : NULL;
}
