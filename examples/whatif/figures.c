/* figures.c - which figures there are, and of what.
 * SPDX-License-Identifier: MIT */
#include "figures.h"

#include "units.h"

#include <stdio.h>
#include <string.h>

#define SECONDS (1 / SIM_SECOND)

static const struct sim_figure of_lines[] = {
    {"arrivals", "arrivals an hour", SIM_UNIT_PER_HOUR, SIM_CAME, SIM_TIME, SIM_HOUR, 0, true, 0},
    {"turned_away", "turned away, full", SIM_UNIT_SHARE, SIM_TURNED_FULL, SIM_CAME, 1, 0, false, 0},
    {"turned_closed", "turned away, closed", SIM_UNIT_SHARE, SIM_TURNED_CLOSED, SIM_CAME, 1, 0,
     false, 0},
    {"served", "served", SIM_UNIT_SHARE, SIM_SERVED, SIM_CAME, 1, 0, true, 0},
    {"abandoned", "abandoned", SIM_UNIT_SHARE, SIM_ABANDONED, SIM_CAME, 1, 0, true, 0},
    {"overflowed", "sent on by waiting", SIM_UNIT_SHARE, SIM_OVERFLOWED, SIM_CAME, 1, 0, false, 0},
    {"timed_out", "closed by waiting", SIM_UNIT_SHARE, SIM_TIMED_OUT, SIM_CAME, 1, 0, false, 0},
    {"waited", "waited at all", SIM_UNIT_SHARE, SIM_WAITED, SIM_ENDED, 1, 0, true, 0},
    {"queued", "not offered at once", SIM_UNIT_SHARE, SIM_QUEUED, SIM_ENDED, 1, 0, true, 0},
    {"wait", "mean wait", SIM_UNIT_SECONDS, SIM_WAIT, SIM_ENDED, SECONDS, 0, true, 0},
    {"asa", "mean wait of the served", SIM_UNIT_SECONDS, SIM_WAIT_SERVED, SIM_SERVED, SECONDS, 0,
     true, 0},
    {"wait_abandoned", "mean wait of those who left", SIM_UNIT_SECONDS, SIM_WAIT_ABANDONED,
     SIM_ABANDONED, SECONDS, 0, false, 0},
    {"first_offer", "mean wait for the first offer", SIM_UNIT_SECONDS, SIM_FIRST, SIM_FIRST_N,
     SECONDS, 0, false, 0},
    {"wait_p50", "half wait no longer than", SIM_UNIT_SECONDS, 0, 0, SECONDS, 0.5, true, 0},
    {"wait_p90", "90 % wait no longer than", SIM_UNIT_SECONDS, 0, 0, SECONDS, 0.9, true, 0},
    {"wait_p99", "99 % wait no longer than", SIM_UNIT_SECONDS, 0, 0, SECONDS, 0.99, true, 0},
    {"line", "mean length of the line", SIM_UNIT_NUMBER, SIM_LINE, SIM_TIME, 1, 0, true, 0},
    {"handling", "mean handling time", SIM_UNIT_SECONDS, SIM_HANDLING, SIM_HANDLED, SECONDS, 0,
     true, 0},
    {"transferred", "handled and passed on", SIM_UNIT_SHARE, SIM_TRANSFERRED, SIM_HANDLED, 1, 0,
     false, 0},
    {"offers", "offers a session served", SIM_UNIT_NUMBER, SIM_OFFERS, SIM_SERVED, 1, 0, false, 0},
    {"missed", "offers missed", SIM_UNIT_SHARE, SIM_MISSED, SIM_OFFERS, 1, 0, false, 0},
    {"declined", "offers declined", SIM_UNIT_SHARE, SIM_DECLINED, SIM_OFFERS, 1, 0, false, 0},
    {"told", "told how long, if in line", SIM_UNIT_SHARE, SIM_TOLD, SIM_ASKED, 1, 0, false, 0},
    {"told_error", "error of it, mean square", SIM_UNIT_SHARE, SIM_TOLD_WAIT, SIM_TOLD, 1, 0, false,
     SIM_TOLD_SQUARE},
    {"told_bias", "told too much", SIM_UNIT_SHARE, SIM_TOLD_MORE, SIM_TOLD_WAIT, 1, 0, false, 0},
    {"told_inside", "waited as told", SIM_UNIT_SHARE, SIM_TOLD_INSIDE, SIM_TOLD, 1, 0, false, 0},
    {"told_below", "waited no longer than told", SIM_UNIT_SHARE, SIM_TOLD_BELOW, SIM_TOLD, 1, 0,
     false, 0},
};

static const struct sim_figure of_agents[] = {
    {"staffed", "agents at work", SIM_UNIT_NUMBER, SIM_A_STAFFED, SIM_A_TIME, 1, 0, true, 0},
    {"occupancy", "occupancy", SIM_UNIT_SHARE, SIM_A_BUSY, SIM_A_SLOTS, 1, 0, true, 0},
    {"talking", "of that, handling", SIM_UNIT_SHARE, SIM_A_HANDLING, SIM_A_SLOTS, 1, 0, false, 0},
    {"ringing", "of that, being offered", SIM_UNIT_SHARE, SIM_A_RINGING, SIM_A_SLOTS, 1, 0, false,
     0},
    {"wrapping", "of that, wrapping up", SIM_UNIT_SHARE, SIM_A_WRAPPING, SIM_A_SLOTS, 1, 0, false,
     0},
    {"took", "sessions an hour of an agent", SIM_UNIT_PER_HOUR, SIM_A_TOOK, SIM_A_STAFFED, SIM_HOUR,
     0, true, 0},
};

void sim_figures_make(struct sim_figures *f, const struct sim_scenario *s)
{
    memset(f, 0, sizeof *f);
    memcpy(f->line, of_lines, sizeof of_lines);
    memcpy(f->agents, of_agents, sizeof of_agents);
    f->n_line = sizeof of_lines / sizeof of_lines[0];
    f->n_agents = sizeof of_agents / sizeof of_agents[0];
    for (uint32_t i = 0; i < s->run.n_within; i++) {
        struct sim_figure *w = &f->line[f->n_line++];
        char time[24];
        sim_duration_format(s->run.within[i], time, sizeof time);
        *w = (struct sim_figure){.unit = SIM_UNIT_SHARE,
                                 .over = SIM_WITHIN + i,
                                 .under = SIM_ENDED,
                                 .scale = 1,
                                 .always = true};
        snprintf(w->words, sizeof w->words, "served within %s", time);
        for (char *space = strchr(time, ' '); space != NULL; space = strchr(time, ' ')) {
            memmove(space, space + 1, strlen(space));
        }
        snprintf(w->name, sizeof w->name, "within_%.15s", time);
    }
}

const struct sim_figure *sim_figure_find(const struct sim_figures *f, enum sim_scope scope,
                                         const char *name)
{
    const struct sim_figure *from = scope == SIM_SCOPE_AGENTS ? f->agents : f->line;
    size_t n = scope == SIM_SCOPE_AGENTS ? f->n_agents : f->n_line;

    for (size_t i = 0; i < n; i++) {
        if (strcmp(from[i].name, name) == 0) {
            return &from[i];
        }
    }
    return NULL;
}

const char *sim_scope_name(enum sim_scope scope)
{
    static const char *const names[] = {"queues", "kinds", "agents"};

    return names[scope];
}

size_t sim_scope_size(const struct sim_scenario *s, enum sim_scope scope)
{
    switch (scope) {
    case SIM_SCOPE_QUEUE:
        return s->n_queues;
    case SIM_SCOPE_KIND:
        return s->n_kinds;
    case SIM_SCOPE_AGENTS:
        return s->n_groups;
    }
    return 0;
}

const char *sim_scope_id(const struct sim_scenario *s, enum sim_scope scope, size_t index)
{
    switch (scope) {
    case SIM_SCOPE_QUEUE:
        return s->queues[index].set.queue.s;
    case SIM_SCOPE_KIND:
        return s->kinds[index].id;
    case SIM_SCOPE_AGENTS:
        return s->groups[index].id;
    }
    return "";
}
