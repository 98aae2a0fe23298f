/* config_parts.h - the parts of a configuration that have a file of their own.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_CONFIG_PARTS_H
#define SERVER_CONFIG_PARTS_H

#include "config_read.h"

/* All read `json` (NULL: the part is not there) into `c`; r knows of errors. */
void server_config_queues(struct server_reader *r, struct server_config *c,
                          const struct server_json *json);
void server_config_agents(struct server_reader *r, struct server_config *c,
                          const struct server_json *json); /* after the queues and limits */
void server_config_limits(struct server_reader *r, struct server_config *c,
                          const struct server_json *json);
void server_config_timers(struct server_reader *r, struct server_config *c,
                          const struct server_json *json);
void server_config_rates(struct server_reader *r, struct server_config *c,
                         const struct server_json *json);

#endif
