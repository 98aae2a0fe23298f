/* hello.h - reads a hello: who wants to come in, and what he holds already.
 * SPDX-License-Identifier: MIT */
#ifndef USH_HELLO_H
#define USH_HELLO_H

#include "fields.h"

/* Read a hello from `object` into r->out->hello. 0, or EINVAL and r->out->why and text. */
int ush_hello_read(struct ush_reading *r, const cJSON *object);

#endif
