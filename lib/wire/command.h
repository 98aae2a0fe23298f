/* command.h - the commands of visitors and agents: their fields, and who may give them.
 * SPDX-License-Identifier: MIT */
#ifndef USH_COMMAND_H
#define USH_COMMAND_H

#include "fields.h"

/* Read a command of type `name` from `object` into r->out->event, but not its
 * key. 0, or EINVAL and r->out->why and text. */
int ush_command_read(struct ush_reading *r, enum usher_kind as, const char *name,
                     const cJSON *object);

#endif
