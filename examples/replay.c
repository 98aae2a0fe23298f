/* replay.c - plays a tape to fresh cores, prints their facts, and says if all came out the same.
 * SPDX-License-Identifier: MIT
 *
 *   replay --record SEED TAPE     plays the random world of this seed, and keeps its tape
 *   replay TAPE                   0: as recorded; 1: something differs, or this is no tape
 *
 * A tape holds every event that a core was told. What a core does is a function of
 * those, so a tape that somebody sends you shows what went wrong at his desk,
 * step by step, as often as you like. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usher.h"
#include "usher/sim.h"

enum { TAPE_BYTES_MAX = 256 * 1024 * 1024, STEPS = 400 };

static const char *author(const struct usher_by *by, char *room)
{
    if (by->kind == USHER_VISITOR) {
        usher_visitor_id_format(by->visitor, room);
        return room;
    }
    return by->kind == USHER_SYSTEM ? "" : by->agent.s;
}

static const char *const logs[] = {"public", "internal", "desk"};

/* One line: the place in the desk's history, in its session, what, who, and the text. */
static void print_fact(const struct usher_fact *f)
{
    char session[33] = "-", visitor[33];
    if (f->type != USHER_FACT_VISITOR && f->type != USHER_FACT_AGENT) {
        usher_session_id_format(f->session, session);
    }
    printf("%6" PRIu64 "  %-8.8s %-8s %3" PRIu64 "  %-10s %s %.8s", f->seq, session,
           logs[f->log - USHER_LOG_PUBLIC], f->index, usher_fact_name(f->type),
           usher_kind_name(f->by.kind), author(&f->by, visitor));
    if (f->type == USHER_FACT_SAID || f->type == USHER_FACT_WHISPERED) {
        printf("  \"");
        for (size_t i = 0; i < f->body.len && i < 60; i++) {
            unsigned char c = ((const unsigned char *) f->body.base)[i];
            putchar(c < 0x20 || c == 0x7f ? ' ' : c); /* A text must not steer the terminal. */
        }
        putchar('"');
    }
    putchar('\n');
}

static void watch(void *ctx, const struct usher_effect *fx)
{
    uint64_t *effects = ctx;
    if (fx == NULL) {
        puts("------  the desk starts");
        return;
    }
    ++*effects;
    if (fx->type == USHER_DO_PERSIST) {
        for (size_t i = 0; i < fx->as.persist.n; i++) {
            print_fact(&fx->as.persist.facts[i]);
        }
    }
}

static int play(struct usher_span tape)
{
    uint64_t hash = 0, recorded = 0, at = 0, effects = 0;
    int rv = usher_sim_replay(tape, &hash, &recorded, &at);
    if (rv == USHER_EINVAL) {
        fprintf(stderr, "replay: this is no tape, or one of another version\n");
        return 1;
    }
    (void) usher_sim_watch(tape, watch, &effects); /* It ends where the first playing ended. */
    if (rv != 0) {
        printf("effect %" PRIu64 " is another than the recorded one\n", at);
        return 1;
    }
    printf("%" PRIu64 " effects, hash %016" PRIx64 ", as recorded\n", effects, hash);
    return hash == recorded ? 0 : 1;
}

static int play_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(TAPE_BYTES_MAX);
    int rv = 1;
    if (file == NULL || bytes == NULL) {
        fprintf(stderr, "replay: %s cannot be read\n", path);
    } else {
        size_t n = fread(bytes, 1, TAPE_BYTES_MAX, file);
        rv = play((struct usher_span){bytes, n});
    }
    if (file != NULL) {
        fclose(file);
    }
    free(bytes);
    return rv;
}

static int keep(struct usher_span tape, const char *path)
{
    FILE *file = fopen(path, "wb");
    size_t n = file == NULL ? 0 : fwrite(tape.base, 1, tape.len, file);
    if (file == NULL || fclose(file) != 0 || n != tape.len) {
        fprintf(stderr, "replay: %s cannot be written\n", path);
        return 1;
    }
    return 0;
}

static int record(const char *seed, const char *path)
{
    struct usher_sim_config cfg;
    struct usher_sim_result result;
    struct usher_sim *world = NULL;
    usher_sim_config_init(&cfg);
    cfg.seed = strtoull(seed, NULL, 0);
    cfg.steps = STEPS;
    cfg.tape = true;
    if (usher_sim_new(&world, &cfg) != 0) {
        return 1;
    }
    int rv = usher_sim_run(world, &result);
    if (rv != 0) {
        fprintf(stderr, "replay: a promise was broken: %s\n", result.why);
    } else {
        printf("%" PRIu64 " facts, %" PRIu64 " crashes\n", result.facts, result.crashes);
    }
    int kept = keep(usher_sim_tape(world), path);
    usher_sim_free(world);
    return rv != 0 || kept != 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--record") == 0) {
        return record(argv[2], argv[3]);
    }
    if (argc == 2) {
        return play_file(argv[1]);
    }
    fprintf(stderr, "usage: replay TAPE, or replay --record SEED TAPE\n");
    return 2;
}
