/* uv_world.h - a whole desk in a test: loop, storage with trouble, people on local links.
 * SPDX-License-Identifier: MIT */
#ifndef UV_WORLD_H
#define UV_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include <cmocka.h>

#include "usher.h"
#include "usher/plug/local.h"
#include "usher/plug/memory.h"
#include "usher/uv.h"
#include "uv_trouble.h"

/* No test takes nearly as long: a test that waits for what never comes fails then. */
#define WORLD_PATIENCE_MS 20000
#define WORLD_TOLD_MAX 4096
#define WORLD_TICKETS_MAX 16

struct world {
    uv_loop_t loop;
    uv_timer_t patience;
    struct usher_shelf *shelf;
    struct trouble t;
    struct usher_transport *local;
    struct usher_transport *transports[2];
    struct usher_uv *rt;
    struct usher_uv_config cfg;
    struct usher_queue_set queues[2];
    struct usher_agent_set agents[2];
    bool load_hangs, mute;         /* trouble from the beginning */
    int load_fails, load_lies, reads_fail;
    bool started, stopped;
    struct usher_fault start_fault;
    bool answer_later;             /* who() keeps its tickets */
    uint64_t tickets[WORLD_TICKETS_MAX];
    size_t n_tickets;
    uint64_t told[WORLD_TOLD_MAX]; /* seqs */
    size_t n_told;
    int saving_lost, saving_back;
    int saving_err;                /* of the last loss */
    void (*on_tell)(struct world *w, const struct usher_fact *f); /* may be NULL */
    void (*on_started)(struct world *w);                          /* may be NULL */
    char log[16384];
};

/* Somebody on a link. */
struct person {
    struct world *w;
    struct usher_local *l;
    char *got;                     /* all that came, a line for each object */
    size_t len, read;              /* up to where a test has looked */
    uint32_t messages;
    bool closed;
    int code;
};

/* A desk that is not started: tests change w->cfg first. */
void world_init(struct world *w);
/* Begin: the storage is fresh, the shelf is as it was left. */
void world_begin(struct world *w);
/* Run the loop until this is so. */
void world_until(struct world *w, const bool *what);
/* Begin, and wait until it is open. */
void world_open(struct world *w);
/* For usher_uv_stop(), with the world as ctx. */
void world_stopped(void *ctx);
/* What is left of a desk that has stopped. */
void world_clear(struct world *w);
/* Stop, wait, clear. */
void world_stop(struct world *w);
/* Nothing of usher may be left on the loop. */
void world_done(struct world *w);

/* Open a link as from an address (NULL: "local"); what the transport says. */
int person_try(struct world *w, struct person *p, const char *address);
void person_open(struct world *w, struct person *p);
/* Close the link, if it is not, and forget what came. */
void person_done(struct person *p);
void person_send(struct person *p, const char *frame);
/* Has a line with all of these parts come, that was not looked at? The line, or NULL. */
const char *person_find(struct person *p, const char *a, const char *b);
/* Wait for such a line; those before it count as looked at. */
const char *person_wait(struct person *p, const char *a, const char *b);
void person_wait_closed(struct person *p, int code);
/* The string member of a line that person_wait gave. */
void line_member(const char *line, const char *name, char *out, size_t size);
/* How many lines hold this? All that came, looked at or not. */
int person_count(const struct person *p, const char *part);
/* Wait until such a line has come, before or after others. */
void person_until(struct person *p, const char *part);

/* Let everything that is under way settle: a few turns of the loop without waiting. */
void world_settle(struct world *w);
/* Run the loop for so long: for what is due at a time. */
void world_pass(struct world *w, uint64_t ms);

/* A visitor says hello, as new (token NULL) or known; his token is written to out. */
void visitor_in(struct world *w, struct person *p, const char *token, char out[64]);
/* An agent says hello; his token is his name and "-token". */
void agent_in(struct world *w, struct person *p, const char *name);
void agent_ready(struct person *p);
/* The visitor starts a session in sales. */
void visitor_start(struct person *p, const char *key, char session[40]);
void person_say(struct person *p, const char *session, const char *key, const char *body);
/* The agent takes the session that is offered next. */
void agent_accept(struct person *p);

#endif
