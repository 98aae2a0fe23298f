/* parts.h - what facts and notes have in common on the wire, each with the comma before it.
 * SPDX-License-Identifier: MIT */
#ifndef USH_PARTS_H
#define USH_PARTS_H

#include "writer.h"

/* ,"session":"…" */
void ush_put_session(struct ush_writer *w, struct usher_session_id id);
/* ,"key":"…" if there is one */
void ush_put_key(struct ush_writer *w, struct usher_span key);
/* ,"queue":"…" */
void ush_put_queue(struct ush_writer *w, const struct usher_queue_id *queue);
/* ,"by":{…} */
void ush_put_by(struct ush_writer *w, const struct usher_by *by);
/* ,"form":{…} if anything was filled in */
void ush_put_form(struct ush_writer *w, struct usher_span name, struct usher_span email);
/* {"id":"…","name":"…" and no end: the name, or the id where there is none */
void ush_put_named(struct ush_writer *w, const char *id, struct usher_span name);

#endif
