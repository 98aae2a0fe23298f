/* encode_board.c - a supervisor's board as JSON: the rows of queues and agents that changed.
 * SPDX-License-Identifier: MIT */
#include "encode.h"
#include "parts.h"

static void put_queue(struct ush_writer *w, const struct usher_board_queue *row)
{
    ush_put_named(w, row->queue.s, row->name);
    PUT(w, ",\"open\":");
    ush_put_bool(w, row->open);
    PUT(w, ",\"ready\":");
    ush_put_number(w, row->ready);
    PUT(w, ",\"waiting\":");
    ush_put_number(w, row->waiting);
    PUT(w, ",\"active\":");
    ush_put_number(w, row->active);
    if (row->oldest_ms != 0) {
        PUT(w, ",\"oldest_at\":");
        ush_put_time(w, row->oldest_ms);
    }
    PUT(w, "}");
}

static void put_agent(struct ush_writer *w, const struct usher_board_agent *row)
{
    ush_put_named(w, row->agent.s, row->name);
    PUT(w, ",\"here\":");
    ush_put_bool(w, row->here);
    PUT(w, ",\"ready\":");
    ush_put_bool(w, row->ready);
    if (row->cause != USHER_CAUSE_NONE) {
        PUT(w, ",\"why\":");
        ush_put_word(w, usher_cause_name(row->cause));
    }
    PUT(w, ",\"load\":");
    ush_put_number(w, row->load);
    PUT(w, ",\"capacity\":");
    ush_put_number(w, row->capacity);
    PUT(w, "}");
}

void ush_put_board(struct ush_writer *w, const struct usher_note *note)
{
    PUT(w, ",\"queues\":[");
    for (size_t i = 0; i < note->as.board.n_queues; i++) {
        if (i > 0) {
            PUT(w, ",");
        }
        put_queue(w, &note->as.board.queues[i]);
    }
    PUT(w, "],\"agents\":[");
    for (size_t i = 0; i < note->as.board.n_agents; i++) {
        if (i > 0) {
            PUT(w, ",");
        }
        put_agent(w, &note->as.board.agents[i]);
    }
    PUT(w, "]");
}
