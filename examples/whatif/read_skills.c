/* read_skills.c - reads skills with their levels, and sees that what is asked for is there.
 * SPDX-License-Identifier: MIT */
#include "scenario_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same(const struct usher_skill_id *a, const struct usher_skill_id *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

size_t sim_read_skills(struct sim_reader *r, const cJSON *json, struct usher_skill *out,
                       size_t most)
{
    size_t n = 0;

    for (const cJSON *item = json == NULL ? NULL : json->child; item != NULL && !r->failed;
         item = item->next) {
        uint32_t level = 0;
        const struct sim_key key = {"", SIM_KEY_COUNT, true, 1, 255, {.count = &level}};
        if (n == most) {
            sim_reader_fail(r, "more than 8 skills", NULL);
            break;
        }
        size_t mark = sim_reader_enter(r, item->string);
        sim_reader_value(r, item, &key);
        if (!r->failed && sim_check_id(r, item->string)) {
            memset(&out[n], 0, sizeof out[n]);
            snprintf(out[n].id.s, sizeof out[n].id.s, "%s", item->string);
            out[n].level = level;
        }
        for (size_t i = 0; i < n && !r->failed; i++) {
            if (same(&out[i].id, &out[n].id)) {
                sim_reader_fail(r, "is there twice", NULL);
            }
        }
        n++;
        sim_reader_leave(r, mark);
    }
    return r->failed ? 0 : n;
}

/* Agents' skills come to be with the agents; nobody can be asked for another one. */
static bool is_there(const struct sim_scenario *s, const struct usher_skill_id *id)
{
    for (size_t g = 0; g < s->n_groups; g++) {
        for (size_t i = 0; i < s->groups[g].n_skills; i++) {
            if (same(&s->groups[g].skills[i].id, id)) {
                return true;
            }
        }
    }
    return false;
}

void sim_check_skills(struct sim_reader *r, struct sim_scenario *s)
{
    static const char nobody[] = "no agents have this skill:";

    for (size_t k = 0; k < s->n_kinds; k++) {
        size_t list = sim_reader_enter(r, "kinds");
        size_t item = sim_reader_enter_item(r, k);
        for (size_t i = 0; i < s->kinds[k].n_needs; i++) {
            if (!is_there(s, &s->kinds[k].needs[i].id)) {
                sim_reader_fail_at(r, "needs", nobody, s->kinds[k].needs[i].id.s);
            }
        }
        sim_reader_leave(r, item);
        sim_reader_leave(r, list);
    }
    for (size_t q = 0; q < s->n_queues; q++) {
        size_t list = sim_reader_enter(r, "queues");
        size_t item = sim_reader_enter_item(r, q);
        for (size_t i = 0; i < s->queues[q].set.n_needs; i++) {
            if (!is_there(s, &s->queues[q].needs[i].id)) {
                sim_reader_fail_at(r, "needs", nobody, s->queues[q].needs[i].id.s);
            }
        }
        for (size_t i = 0; i < s->queues[q].set.n_steps; i++) {
            const struct usher_skill_id *id = &s->queues[q].steps[i].skill;
            if (id->s[0] != '\0' && !is_there(s, id)) {
                sim_reader_fail_at(r, "steps", nobody, id->s);
            }
        }
        sim_reader_leave(r, item);
        sim_reader_leave(r, list);
    }
    for (size_t g = 0; g < s->n_groups; g++) {
        s->n_skills += (uint32_t) s->groups[g].n_skills; /* at most, for the core's table */
    }
}
