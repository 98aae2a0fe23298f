/* judge_board.c - what a supervisor's board says: never too often, and in the end all that is so.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "world.h"

/* He asked for it, or had enough: what he held is void. */
void ush_board_asked(struct ush_world *w, const struct usher_event *ev)
{
    struct ush_sim_link *l = &w->links[ev->link.v];
    if (l->who == USH_SUPERVISOR) {
        memset(&l->board, 0, sizeof l->board);
        l->board.on = ev->as.board.on;
    }
}

static bool keep_queue(struct ush_world *w, struct ush_sim_board *b,
                       const struct usher_board_queue *row)
{
    uint32_t q = ush_picture_queue(&w->picture, &row->queue);
    if (q == USH_NONE) {
        return false;
    }
    b->queues[q] = *row;
    b->has_queue[q] = true;
    return true;
}

static bool keep_agent(struct ush_world *w, struct ush_sim_board *b,
                       const struct usher_board_agent *row)
{
    uint32_t a = ush_picture_agent(&w->picture, &row->agent);
    if (a == USH_NONE) {
        return false;
    }
    b->agents[a] = *row;
    b->has_agent[a] = true;
    return true;
}

void ush_board_told(struct ush_world *w, struct ush_sim_link *l, const struct usher_note *n)
{
    struct ush_sim_board *b = &l->board;
    bool good = b->on && n->as.board.n_queues + n->as.board.n_agents > 0;
    if (b->told && w->stepped_ms < b->told_ms + w->cfg.board_ms) {
        good = false;
    }
    b->told = true;
    b->told_ms = w->stepped_ms;
    for (size_t i = 0; good && i < n->as.board.n_queues; i++) {
        good = keep_queue(w, b, &n->as.board.queues[i]);
    }
    for (size_t i = 0; good && i < n->as.board.n_agents; i++) {
        good = keep_agent(w, b, &n->as.board.agents[i]);
    }
    if (!good) {
        ush_fail(w, "a board is told that is not looked at, too soon, or of what there is not");
    }
    USH_SOMETIMES(w, USHER_SIM_BOARD);
}

static bool is_so_queue(const struct ush_picture *p, uint32_t q, uint64_t now,
                        const struct usher_board_queue *row)
{
    uint32_t waiting = 0;
    uint32_t in_line = 0;
    uint32_t active = 0;
    uint32_t ready = 0;
    for (size_t i = 0; i < p->n_sessions; i++) {
        const struct ush_pictured_session *s = &p->sessions[i];
        if (s->queue == q) {
            in_line += s->state == USHER_STATE_WAITING && s->held_until <= now;
            waiting += s->state == USHER_STATE_WAITING || s->state == USHER_STATE_OFFERED;
            active += s->state == USHER_STATE_ACTIVE;
        }
    }
    for (uint32_t a = 0; a < p->n_agents; a++) {
        const struct ush_pictured_agent *agent = &p->agents[a];
        ready += agent->set && agent->ready && agent->presence.links > 0 &&
                 (agent->queues >> q & 1) != 0;
    }
    return row->open == p->queues[q].open && row->ready == ready && row->waiting == waiting &&
           row->active == active && (row->oldest_ms == 0) == (in_line == 0);
}

static bool is_so_agent(const struct ush_pictured_agent *a, uint32_t load,
                        const struct usher_board_agent *row)
{
    return row->here == (a->presence.links > 0) && row->ready == a->ready && row->load == load &&
           row->capacity == a->capacity;
}

/* When nothing has happened for a while, each board that is looked at shows what is so. */
void ush_board_settled(struct ush_world *w)
{
    struct ush_loads loads = ush_route_loads(&w->picture, w->stepped_ms);
    for (size_t i = 1; i < w->n_links && !ush_failed(w); i++) {
        const struct ush_sim_link *l = &w->links[i];
        bool looks = l->at == USH_LINK_IN && !l->dropped && !l->full && l->board.on;
        for (uint32_t q = 0; looks && q < w->picture.n_queues; q++) {
            if (w->picture.queues[q].set &&
                !(l->board.has_queue[q] &&
                  is_so_queue(&w->picture, q, w->stepped_ms, &l->board.queues[q]))) {
                ush_fail(w, "the board of link %zu does not show queue %u as it is", i, q);
            }
        }
        for (uint32_t a = 0; looks && a < w->picture.n_agents; a++) {
            const struct ush_pictured_agent *agent = &w->picture.agents[a];
            if (agent->set && !(l->board.has_agent[a] &&
                                is_so_agent(agent, loads.load[a], &l->board.agents[a]))) {
                ush_fail(w, "the board of link %zu does not show agent %u as he is", i, a);
            }
        }
    }
}
