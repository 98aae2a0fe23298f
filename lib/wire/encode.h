/* encode.h - the two large things that an effect may say: a fact, and the hello.
 * SPDX-License-Identifier: MIT */
#ifndef USH_ENCODE_H
#define USH_ENCODE_H

#include "writer.h"

/* A whole fact as one object. With its key only if `own`. */
void ush_put_fact(struct ush_writer *w, const struct usher_fact *f, bool own);
/* What follows `"type":"hello"` in a HELLO note. */
void ush_put_hello(struct ush_writer *w, const struct usher_note *note, struct usher_span token);

#endif
