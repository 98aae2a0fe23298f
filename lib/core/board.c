/* board.c - a supervisor's live view of queues and agents: rows that changed, told now and then.
 * SPDX-License-Identifier: MIT
 *
 * A board is a set of dirty rows on a link. While nobody looks, a change costs one
 * comparison; while somebody does, a bit. A row's content is read when it is told. */
#include "desk.h"

/* Rows are queues first, then agents. */
static uint32_t row_of_agent(const struct usher *u, uint32_t agent)
{
    return u->cfg.limits.queues + agent;
}

static void touch(struct usher *u, struct ush_board *b, uint32_t row)
{
    if (ush_bit(b->rows, row)) {
        return;
    }
    ush_bit_put(b->rows, row, true);
    b->n_rows++;
    if (!b->due && b->timer.place == 0) {
        /* Never at once: a tick may not leave a deadline that is over (G8). */
        uint64_t soon = u->now.mono_ms + 1;
        ush_heap_set(&u->timers, &b->timer, b->next > soon ? b->next : soon);
    }
}

static void touch_all(struct usher *u, uint32_t row)
{
    uint32_t left = u->board_pool.used;
    for (uint32_t i = 0; left > 0; i++) {
        if (ush_pool_has(&u->board_pool, i)) {
            touch(u, &u->boards[i], row);
            left--;
        }
    }
}

void ush_board_queue(struct usher *u, uint32_t queue)
{
    touch_all(u, queue);
}

void ush_board_agent(struct usher *u, const struct ush_agent *a)
{
    touch_all(u, row_of_agent(u, USH_SLOT(u, agents, a)));
}

void ush_board_close(struct usher *u, struct ush_link *l)
{
    if (l->board == USH_NONE) {
        return;
    }
    struct ush_board *b = &u->boards[l->board];
    ush_heap_cancel(&u->timers, &b->timer);
    memset(b->rows, 0, u->board_words * sizeof *b->rows);
    ush_pool_give(&u->board_pool, l->board);
    l->board = USH_NONE;
}

/* Anew from the start, also when it is open already. */
static bool open_board(struct usher *u, struct ush_link *l)
{
    ush_board_close(u, l);
    uint32_t slot = ush_pool_take(&u->board_pool);
    if (slot == USH_NONE) {
        return false;
    }
    struct ush_board *b = &u->boards[slot];
    b->link = USH_SLOT(u, links, l);
    b->n_rows = 0;
    b->next = 0;
    b->due = true;
    b->timer = (struct ush_timer){.kind = USH_T_BOARD};
    l->board = slot;
    for (uint32_t q = 0; q < u->n_queues; q++) {
        touch(u, b, q);
    }
    for (uint32_t i = 0; i < u->agent_pool.size; i++) {
        if (ush_pool_has(&u->agent_pool, i)) {
            touch(u, b, row_of_agent(u, i));
        }
    }
    ush_link_wake(u, l);
    return true;
}

void ush_board(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    if (!u->agents[l->person].supervisor) {
        ush_refuse(u, l, ev, USHER_UNKNOWN, "no such command for you", NULL);
    } else if (!ev->as.board.on) {
        ush_board_close(u, l);
        ush_done(u, l, ev->key, NULL, 0, USHER_LOG_DESK, 0);
    } else if (open_board(u, l)) {
        ush_done(u, l, ev->key, NULL, 0, USHER_LOG_DESK, 0);
    } else {
        ush_refuse(u, l, ev, USHER_FULL, "too many boards are open", NULL);
    }
}

/* The timer of a board fired: what changed may be told now. */
void ush_board_due(struct usher *u, struct ush_board *b)
{
    b->due = true;
    ush_link_wake(u, &u->links[b->link]);
}

static void put_queue(struct usher *u, const struct ush_queue *q)
{
    if (!q->set) {
        return;
    }
    struct usher_board_queue *row = &u->board_queues[u->fx.as.note.as.board.n_queues++];
    *row = (struct usher_board_queue){.queue = q->id,
                                      .name = ush_span(q->name, q->name_len),
                                      .open = q->open,
                                      .ready = q->ready,
                                      .waiting = q->waiting,
                                      .active = q->active};
    uint32_t oldest = ush_line_oldest(u, USH_SLOT(u, queues, q));
    if (oldest != USH_NONE) {
        int64_t age = (int64_t) u->now.mono_ms - u->sessions[oldest].enq;
        row->oldest_ms = u->now.wall_ms - age;
    }
}

static void put_agent(struct usher *u, const struct ush_agent *a)
{
    if (!a->set) {
        return;
    }
    u->board_agents[u->fx.as.note.as.board.n_agents++] =
        (struct usher_board_agent){.agent = a->id,
                                   .name = ush_span(a->name, a->name_len),
                                   .here = a->n_links > 0,
                                   .ready = a->ready,
                                   .cause = a->cause,
                                   .load = a->load,
                                   .capacity = u->profiles[a->profile].capacity};
}

static void put_row(struct usher *u, uint32_t row)
{
    if (row < u->cfg.limits.queues) {
        put_queue(u, &u->queues[row]);
    } else if (ush_pool_has(&u->agent_pool, row - u->cfg.limits.queues)) {
        put_agent(u, &u->agents[row - u->cfg.limits.queues]);
    }
}

/* Takes a note's worth of dirty rows off the board. */
static void put_rows(struct usher *u, struct ush_board *b)
{
    const struct usher_note *n = &u->fx.as.note;
    for (uint32_t row = 0; b->n_rows > 0 && n->as.board.n_queues < USH_BOARD_ROWS &&
                           n->as.board.n_agents < USH_BOARD_ROWS;
         row++) {
        if (ush_bit(b->rows, row)) {
            ush_bit_put(b->rows, row, false);
            b->n_rows--;
            put_row(u, row);
        }
    }
}

/* Makes u->fx, which is a note already, the board's next; false: there is nothing to tell yet. */
bool ush_board_note(struct usher *u, struct ush_link *l)
{
    struct ush_board *b = l->board == USH_NONE ? NULL : &u->boards[l->board];
    struct usher_note *n = &u->fx.as.note;
    if (b == NULL || !b->due) {
        return false;
    }
    n->type = USHER_NOTE_BOARD;
    n->as.board.queues = u->board_queues;
    n->as.board.agents = u->board_agents;
    put_rows(u, b);
    if (b->n_rows == 0) {
        b->due = false;
        b->next = u->now.mono_ms + u->cfg.board_ms;
    }
    return n->as.board.n_queues + n->as.board.n_agents > 0;
}
