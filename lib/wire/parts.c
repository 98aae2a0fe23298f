/* parts.c - what facts and notes have in common on the wire, each with the comma before it.
 * SPDX-License-Identifier: MIT */
#include "parts.h"

void ush_put_session(struct ush_writer *w, struct usher_session_id id)
{
    PUT(w, ",\"session\":");
    ush_put_hex(w, id.b, sizeof id.b);
}

void ush_put_key(struct ush_writer *w, struct usher_span key)
{
    if (key.len > 0) {
        PUT(w, ",\"key\":");
        ush_put_text(w, key);
    }
}

void ush_put_queue(struct ush_writer *w, const struct usher_queue_id *queue)
{
    PUT(w, ",\"queue\":");
    ush_put_word(w, queue->s);
}

void ush_put_by(struct ush_writer *w, const struct usher_by *by)
{
    PUT(w, ",\"by\":{\"kind\":");
    ush_put_word(w, usher_kind_name(by->kind));
    if (by->kind == USHER_AGENT || by->kind == USHER_BOT) {
        PUT(w, ",\"id\":");
        ush_put_word(w, by->agent.s);
    }
    if (by->name.len > 0) {
        PUT(w, ",\"name\":");
        ush_put_text(w, by->name);
    }
    PUT(w, "}");
}

void ush_put_form(struct ush_writer *w, struct usher_span name, struct usher_span email)
{
    if (name.len == 0 && email.len == 0) {
        return;
    }
    PUT(w, ",\"form\":{");
    if (name.len > 0) {
        PUT(w, "\"name\":");
        ush_put_text(w, name);
    }
    if (email.len > 0) {
        if (name.len > 0) {
            PUT(w, ",");
        }
        PUT(w, "\"email\":");
        ush_put_text(w, email);
    }
    PUT(w, "}");
}

void ush_put_named(struct ush_writer *w, const char *id, struct usher_span name)
{
    struct usher_span shown = name.len > 0 ? name : (struct usher_span){id, strlen(id)};
    PUT(w, "{\"id\":");
    ush_put_word(w, id);
    PUT(w, ",\"name\":");
    ush_put_text(w, shown);
}
