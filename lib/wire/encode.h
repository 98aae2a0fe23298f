/* encode.h - the large things that an effect may say: a fact, the hello, the board.
 * SPDX-License-Identifier: MIT */
#ifndef USH_ENCODE_H
#define USH_ENCODE_H

#include "writer.h"

/* A whole fact as one object. With its key only if `own`. */
void ush_put_fact(struct ush_writer *w, const struct usher_fact *f, bool own);
/* What follows `"type":"hello"` in a HELLO note. */
void ush_put_hello(struct ush_writer *w, const struct usher_note *note, struct usher_span token);
/* What follows `"type":"board"` in a BOARD note. */
void ush_put_explained(struct ush_writer *w, const struct usher_note *note);
void ush_put_board(struct ush_writer *w, const struct usher_note *note);

#endif
