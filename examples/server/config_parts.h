/* config_parts.h - the parts of a configuration that have a file of their own, and what they share.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_CONFIG_PARTS_H
#define SERVER_CONFIG_PARTS_H

#include "config_read.h"

/* What a limit is that the file does not set, as usher/core.h says. */
#define SERVER_QUEUES_DEFAULT 64u
#define SERVER_AGENTS_DEFAULT 256u
#define SERVER_SKILLS_DEFAULT 64u
#define SERVER_CAPACITY_DEFAULT 16u /* of limits.capacity_max */

/* All read `json` (NULL: the part is not there) into `c`; r knows of errors. */
void server_config_queues(struct server_reader *r, struct server_config *c,
                          const struct server_json *json); /* after the limits */
void server_config_agents(struct server_reader *r, struct server_config *c,
                          const struct server_json *json); /* after the queues and limits */
void server_config_limits(struct server_reader *r, struct server_config *c,
                          const struct server_json *json);
void server_config_timers(struct server_reader *r, struct server_config *c,
                          const struct server_json *json);
void server_config_rates(struct server_reader *r, struct server_config *c,
                         const struct server_json *json);

/* Does what queues and agents say of one another hold? Then in which order usher is told. */
void server_config_routing(struct server_reader *r, struct server_config *c);

/* What is wrong with an id, before the id itself. */
extern const char server_config_id_rule[];

/* More than the limit allows? Say so with the limit's name. */
void server_config_count(struct server_reader *r, uint32_t count, uint32_t most,
                         const char *limit);
/* A name that is shown, if there is one. */
void server_config_name(struct server_reader *r, struct usher_span name);
/* Keep an error about a member of the object where we are. */
void server_config_fail(struct server_reader *r, const char *key, const char *message,
                        const struct usher_span *quoted);
/* Two items of a list have the same id; where the first is. */
void server_config_twice(struct server_reader *r, const char *list, size_t index,
                         const struct usher_span *id);
/* The place of a queue in c->queues, or SIZE_MAX. */
size_t server_config_queue(const struct server_config *c, struct usher_span id);
/* How many items or members the members of this name have, in all objects of a list. */
size_t server_config_sum(const struct server_json *list, const char *name);
/* Read skills and their levels (json NULL: none) behind one another; how many. */
size_t server_config_skills(struct server_reader *r, const char *name,
                            const struct server_json *json, struct usher_skill *out);

#endif
