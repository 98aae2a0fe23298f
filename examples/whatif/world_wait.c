/* world_wait.c - legs and waits: when they begin and end, and what is counted of them.
 * SPDX-License-Identifier: MIT */
#include "world.h"

static uint32_t kind_line(const struct sim_world *w, const struct sim_session *s)
{
    return (uint32_t) w->s->n_queues + s->kind;
}

static void count_leg(struct sim_world *w, const struct sim_session *s, enum sim_count what,
                      double n)
{
    if (s->tag.counts) {
        sim_count_cell(w, &s->tag, s->queue)->v[what] += n;
    }
}

static void count_kind(struct sim_world *w, const struct sim_session *s, enum sim_count what,
                       double n)
{
    if (s->first_wait && s->wait_tag.counts) {
        sim_count_cell(w, &s->wait_tag, kind_line(w, s))->v[what] += n;
    }
}

void sim_wait_count(struct sim_world *w, const struct sim_session *s, enum sim_count what, double n)
{
    count_leg(w, s, what, n);
    count_kind(w, s, what, n);
}

/* Nothing that is counted of this leg can happen any more, nor of this wait. */
static void leave_open(struct sim_world *w, const struct sim_session *s)
{
    w->open_legs -= s->tag.counts;
    w->open_waits -= s->first_wait && s->wait_tag.counts;
}

static void begin_leg(struct sim_world *w, struct sim_session *s, uint32_t queue)
{
    s->queue = queue;
    s->units = w->s->queues[queue].set.cost;
    s->since = w->desk.now;
    s->offered_at = -1;
    s->tag = sim_count_tag(w);
    w->open_legs += s->tag.counts;
    count_leg(w, s, SIM_CAME, 1);
    sim_count_line(w, queue, 1);
}

/* Patience is drawn anew for each wait. */
void sim_wait_begin(struct sim_world *w, struct sim_session *s, uint32_t queue)
{
    const struct sim_dist *d = &w->s->kinds[s->kind].patience;
    double patience =
        s->first_wait ? sim_dist_draw_nth(d, &s->life, s->born) : sim_dist_draw(d, &s->life);

    s->state = SIM_WAITING;
    s->came = w->desk.now;
    s->first_offer = -1;
    s->wait_tag = sim_count_tag(w);
    begin_leg(w, s, queue);
    count_kind(w, s, SIM_CAME, 1);
    if (s->first_wait) {
        w->open_waits += s->wait_tag.counts;
        sim_count_line(w, kind_line(w, s), 1);
    }
    if (patience < SIM_NEVER) {
        sim_calendar_set(&w->calendar, &s->patience, w->desk.now + patience);
    }
}

/* It is offered to somebody, or is his at once. */
void sim_wait_offered(struct sim_world *w, struct sim_session *s)
{
    if (s->offered_at < 0) {
        s->offered_at = w->desk.now;
        count_leg(w, s, SIM_FIRST, w->desk.now - s->since);
        count_leg(w, s, SIM_FIRST_N, 1);
    }
    if (s->first_offer < 0) {
        s->first_offer = w->desk.now;
        count_kind(w, s, SIM_FIRST, w->desk.now - s->came);
        count_kind(w, s, SIM_FIRST_N, 1);
    }
}

static void add_wait(struct sim_world *w, const struct sim_tag *tag, uint32_t line, double wait,
                     bool queued)
{
    struct sim_sample *sample = sim_tally_sample(w->tally, w->base + tag->sample);
    double *v = sim_tally_cell(w->tally, sample, line, tag->bin)->v;

    v[SIM_ENDED]++;
    v[SIM_WAIT] += wait;
    v[SIM_WAITED] += wait > 0;
    v[SIM_QUEUED] += queued;
    sim_histogram_add(&sample->waits[line], wait);
}

static void end_leg(struct sim_world *w, struct sim_session *s)
{
    if (s->tag.counts) {
        add_wait(w, &s->tag, s->queue, w->desk.now - s->since, s->offered_at != s->since);
    }
    sim_count_line(w, s->queue, -1);
}

/* A step of its queue sent it to another one; it goes on waiting. */
void sim_wait_moved(struct sim_world *w, struct sim_session *s, uint32_t queue)
{
    sim_wait_count(w, s, SIM_OVERFLOWED, 1);
    end_leg(w, s);
    w->open_legs -= s->tag.counts;
    begin_leg(w, s, queue);
}

/* What it was told on arrival, and what came of it. */
static void count_told(struct sim_world *w, struct sim_session *s, double wait)
{
    double more = (double) s->expected - wait;

    sim_wait_count(w, s, SIM_ASKED, 1);
    if (s->told) {
        sim_wait_count(w, s, SIM_TOLD, 1);
        sim_wait_count(w, s, SIM_TOLD_WAIT, wait);
        sim_wait_count(w, s, SIM_TOLD_MORE, more);
        sim_wait_count(w, s, SIM_TOLD_SQUARE, more * more);
        sim_wait_count(w, s, SIM_TOLD_INSIDE, wait >= (double) s->low && wait <= (double) s->high);
        sim_wait_count(w, s, SIM_TOLD_BELOW, wait <= (double) s->high);
    }
    s->asked = false;
}

static void count_served(struct sim_world *w, struct sim_session *s)
{
    double leg = w->desk.now - s->since;
    double wait = w->desk.now - s->came;

    sim_wait_count(w, s, SIM_SERVED, 1);
    if (s->asked) {
        count_told(w, s, wait);
    }
    count_leg(w, s, SIM_WAIT_SERVED, leg);
    count_kind(w, s, SIM_WAIT_SERVED, wait);
    for (uint32_t i = 0; i < w->s->run.n_within; i++) {
        count_leg(w, s, SIM_WITHIN + i, leg <= w->s->run.within[i]);
        count_kind(w, s, SIM_WITHIN + i, wait <= w->s->run.within[i]);
    }
}

/* It waits no longer: an agent has it, or it is gone. */
void sim_wait_end(struct sim_world *w, struct sim_session *s, enum sim_end how)
{
    end_leg(w, s);
    if (s->first_wait && s->wait_tag.counts) {
        add_wait(w, &s->wait_tag, kind_line(w, s), w->desk.now - s->came,
                 s->first_offer != s->came);
    }
    if (s->first_wait) {
        sim_count_line(w, kind_line(w, s), -1);
    }
    sim_calendar_cancel(&w->calendar, &s->patience);
    if (how == SIM_END_SERVED) {
        count_served(w, s);
        return;
    }
    if (how == SIM_END_LEFT) {
        sim_wait_count(w, s, SIM_ABANDONED, 1);
        count_leg(w, s, SIM_WAIT_ABANDONED, w->desk.now - s->since);
        count_kind(w, s, SIM_WAIT_ABANDONED, w->desk.now - s->came);
    } else {
        sim_wait_count(w, s, SIM_TIMED_OUT, 1);
    }
    leave_open(w, s);
}

/* At the door. */
void sim_wait_turned_away(struct sim_world *w, struct sim_session *s)
{
    s->queue = w->s->kinds[s->kind].queue;
    s->tag = s->wait_tag = sim_count_tag(w);
    sim_wait_count(w, s, SIM_CAME, 1);
    sim_wait_count(w, s, w->desk.refused == USHER_CLOSED ? SIM_TURNED_CLOSED : SIM_TURNED_FULL, 1);
}

/* Its agent has it no longer. */
void sim_wait_handled(struct sim_world *w, struct sim_session *s, bool transferred)
{
    sim_wait_count(w, s, SIM_HANDLED, 1);
    sim_wait_count(w, s, SIM_HANDLING, w->desk.now - s->since);
    sim_wait_count(w, s, SIM_TRANSFERRED, transferred);
    leave_open(w, s);
    s->first_wait = false;
}
