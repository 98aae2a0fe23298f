/* encode_explained.c - why a session waits, as JSON: what stands in its way, and each agent's part.
 * SPDX-License-Identifier: MIT */
#include "encode.h"
#include "parts.h"

static void put_agent(struct ush_writer *w, const struct usher_explained *row)
{
    PUT(w, "{\"id\":");
    ush_put_word(w, row->agent.s);
    PUT(w, ",\"why\":");
    ush_put_word(w, usher_obstacle_name(row->why));
    if (row->ms > 0) {
        PUT(w, ",\"ms\":");
        ush_put_number(w, row->ms);
    }
    PUT(w, ",\"load\":");
    ush_put_number(w, row->load);
    PUT(w, ",\"capacity\":");
    ush_put_number(w, row->capacity);
    PUT(w, "}");
}

void ush_put_explained(struct ush_writer *w, const struct usher_note *note)
{
    const struct usher_explanation *of = &note->as.explained.of;
    ush_put_session(w, note->session);
    ush_put_queue(w, &of->queue);
    PUT(w, ",\"offered\":");
    ush_put_bool(w, of->state == USHER_STATE_OFFERED);
    PUT(w, ",\"waited_ms\":");
    ush_put_number(w, of->waited_ms);
    if (of->place > 0) {
        PUT(w, ",\"place\":");
        ush_put_number(w, of->place);
    }
    if (of->priority > 0) {
        PUT(w, ",\"priority\":");
        ush_put_number(w, of->priority);
    }
    if (of->hindrance != USHER_NOTHING) {
        PUT(w, ",\"why\":");
        ush_put_word(w, usher_hindrance_name(of->hindrance));
    }
    if (of->next_ms != USHER_NEVER) {
        PUT(w, ",\"next_ms\":");
        ush_put_number(w, of->next_ms);
    }
    PUT(w, ",\"can\":");
    ush_put_number(w, of->n_can);
    PUT(w, ",\"of\":");
    ush_put_number(w, of->n_agents);
    PUT(w, ",\"agents\":[");
    for (size_t i = 0; i < note->as.explained.n_agents; i++) {
        if (i > 0) {
            PUT(w, ",");
        }
        put_agent(w, &note->as.explained.agents[i]);
    }
    PUT(w, "]");
    ush_put_key(w, note->key);
}
