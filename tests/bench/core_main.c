/* core_main.c - measures the core alone: messages and routing decisions, beside the fixed loop.
 * SPDX-License-Identifier: MIT
 *
 *   core ROUNDS MESSAGES
 *
 * A message is an event and all that follows from it: page, watermark, and the fact
 * for both sides, in batches of 64. A decision is an offer with what leads to it:
 * an agent closes a session, the oldest that waits is offered and accepted, and the
 * visitor starts anew. One JSON line a round. */
#include "rounds.h"
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 64, TALKERS = 500 };

static void fill(struct stage *s)
{
    for (uint32_t i = 0; i < s->visitors; i++) {
        stage_start(s, i);
        if (i % BATCH == BATCH - 1 || i + 1 == s->visitors) {
            stage_take(s);
            while (s->n_offers > 0) {
                stage_accept(s);
                stage_take(s);
            }
        }
    }
}

static double time_messages(struct stage *s, unsigned messages)
{
    uint64_t from = rounds_ns();

    for (unsigned i = 0; i < messages; i++) {
        stage_say(s, i % TALKERS, (i / TALKERS & 1) != 0);
        if (i % BATCH == BATCH - 1) {
            stage_take(s);
        }
    }
    stage_take(s);
    return (double) (rounds_ns() - from) / messages;
}

/* The oldest session that has an agent, from `at` on. */
static uint32_t owned(const struct stage *s, uint32_t at)
{
    while (s->owner[at] == STAGE_AGENTS) {
        at = (at + 1) % s->visitors;
    }
    return at;
}

static double time_decisions(struct stage *s, unsigned decisions)
{
    uint32_t closed[BATCH];
    uint32_t at = 0;
    struct usher_stats before, after;

    usher_stats_get(s->core, &before);
    uint64_t from = rounds_ns();
    for (unsigned done = 0; done < decisions; done += BATCH) {
        for (unsigned i = 0; i < BATCH; i++) {
            at = owned(s, at);
            closed[i] = at;
            stage_close(s, at);
        }
        stage_take(s);
        while (s->n_offers > 0) { /* an agent is shown one offer at a time */
            stage_accept(s);
            stage_take(s);
        }
        for (unsigned i = 0; i < BATCH; i++) {
            stage_start(s, closed[i]);
        }
        stage_take(s);
    }
    double ns = (double) (rounds_ns() - from);
    usher_stats_get(s->core, &after);
    return ns / (double) (after.offers - before.offers);
}

static double time_loop(struct rounds_loop *loop, unsigned turns)
{
    uint64_t from = rounds_ns();

    rounds_loop_run(loop, turns);
    return (double) (rounds_ns() - from) / turns;
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned) strtoul(argv[1], NULL, 10) : 5;
    unsigned messages = argc > 2 ? (unsigned) strtoul(argv[2], NULL, 10) : 100000;
    struct rounds_loop *loop = rounds_loop_new();

    for (unsigned round = 1; round <= rounds; round++) {
        struct stage *talk = stage_new(TALKERS);
        struct stage *line = stage_new(STAGE_VISITORS);
        fill(talk);
        fill(line);
        time_loop(loop, messages);
        double loop_ns = time_loop(loop, messages);
        double message_ns = time_messages(talk, messages);
        double decision_ns = time_decisions(line, messages / 8);
        printf("{\"round\":%u,\"loop_ns\":%.2f,\"message_ns\":%.2f,\"decision_ns\":%.2f}\n", round,
               loop_ns, message_ns, decision_ns);
        fflush(stdout);
        stage_free(talk);
        stage_free(line);
    }
    rounds_loop_free(loop);
    return 0;
}
