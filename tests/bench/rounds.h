/* rounds.h - what the measuring programs share: a clock, and the loop that is the same everywhere.
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_ROUNDS_H
#define BENCH_ROUNDS_H

#include <stdint.h>

uint64_t rounds_ns(void); /* of this process's own time */

/* The fixed loop that everything is a multiple of: a text of 120 bytes is copied into a
 * ring of 8 MiB, and a time enters a heap of 1,024, which gives back its least. */
struct rounds_loop;
struct rounds_loop *rounds_loop_new(void);
void rounds_loop_free(struct rounds_loop *loop);
void rounds_loop_run(struct rounds_loop *loop, unsigned turns);

#endif
