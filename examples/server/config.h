/* config.h - the configuration of the example server, checked and ready for usher.
 * SPDX-License-Identifier: MIT
 *
 * docs/configuration.md describes each key. */
#ifndef SERVER_CONFIG_H
#define SERVER_CONFIG_H

#include <usher/core.h>
#include <usher/uv.h>

#define SERVER_PASSWORD_MAX 512 /* bytes */
#define SERVER_HASH_MAX 128     /* of an argon2id string, with NUL */
#define SERVER_WHY_MAX 512

/* How an agent proves who he is. */
struct server_secret {
    struct usher_span password;  /* in the clear, demo mode only */
    char hash[SERVER_HASH_MAX];  /* argon2id; empty in demo mode */
    uint8_t fingerprint[32];     /* SHA-256 of the entry: tokens die when it changes */
};

struct server_config {
    bool demo, insecure, tls_in_front;
    enum usher_level level;
    const char *listen, *store;
    const char **origins; size_t n_origins;
    const char **trusted_proxies; size_t n_trusted_proxies;
    struct usher_queue_set *queues; size_t n_queues;
    /* How they are set: first all without steps, so that a step may lead to any of them. */
    struct usher_queue_set *settings; size_t n_settings;
    struct usher_agent_set *agents; size_t n_agents;
    struct server_secret *secrets;  /* one an agent */
    /* What queues and agents point into. */
    struct usher_step_set *steps;
    struct usher_skill *needs, *skills;
    struct usher_queue_id *agent_queues;
    uint8_t *tiers;
    struct usher_config core;
    struct usher_rates rates;
    struct server_json *document;   /* what the spans and strings above point into */
};

/* What the command line says instead. NULL: nothing. */
struct server_config_over { const char *listen, *store; };

/* Check a configuration and take it over. `file` is its name in messages. On an
 * error why says in one line where and what, as in
 *     demo.json: agents[2].queues[0]: no such queue "retuns"
 * Errors: EINVAL, ENOMEM. */
int server_config_read(struct server_config **out, const char *file, struct usher_span text,
                       const struct server_config_over *over, char why[SERVER_WHY_MAX]);
/* The same from a file. Errors: EIO, EINVAL, ENOMEM. */
int server_config_load(struct server_config **out, const char *file,
                       const struct server_config_over *over, char why[SERVER_WHY_MAX]);
void server_config_free(struct server_config *config); /* NULL is fine */

/* The place of an agent in config->agents, or SIZE_MAX. */
size_t server_config_agent(const struct server_config *config, struct usher_span id);
/* The path of a store "sqlite:PATH", or NULL if it is "memory:". */
const char *server_config_store_path(const char *store);

#endif
