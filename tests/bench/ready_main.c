/* ready_main.c - fills a store for measuring a start: open sessions and closed ones, through the
 * storage API. SPDX-License-Identifier: MIT
 *
 *   ready FILE OPEN CLOSED
 *
 * So many sessions each, of ten facts. 600 of the open ones are with the agents of
 * examples/server/bench.json, six each, and the others wait. All that is open was
 * written at the same time, so that the facts of one session lie far apart; of those
 * that are closed, a thousand at a time. Every fact of a person carries a key, as pages send it. */
#include "usher/plug/sqlite.h"
#include "usher/storage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FACTS = 10, BATCH = 4096, AGENTS = 100, CAPACITY = 6, ID = 32 };
#define HOUR_MS INT64_C(3600000)
#define TEXT "Do you still have the blue vase, and would it be here by Friday? It is a present."

struct maker {
    struct usher_storage *storage;
    struct usher_fact facts[BATCH];
    char keys[BATCH][ID + 1];
    uint8_t hashes[BATCH][32];
    size_t n;
    uint64_t seq;
    int64_t at_ms;
};

static void need(int rv, const struct usher_fault *why)
{
    if (rv != 0) {
        fprintf(stderr, "ready: %s\n", why->text[0] != '\0' ? why->text : usher_strerror(rv));
        exit(1);
    }
}

static void flush(struct maker *m)
{
    struct usher_fault why = {0, ""};
    struct usher_batch batch = {m->seq - m->n + 1, m->n, m->facts};

    if (m->n > 0) {
        need(m->storage->ops->append(m->storage, &batch, &why), &why);
    }
    m->n = 0;
}

/* The next fact, to be filled in before the one after it. */
static struct usher_fact *next(struct maker *m, enum usher_fact_type type, uint64_t who)
{
    if (m->n == BATCH) {
        flush(m);
    }
    struct usher_fact *f = &m->facts[m->n++];
    *f = (struct usher_fact){.seq = ++m->seq, .at_ms = m->at_ms, .type = type};
    /* Visitor and session bear one number; spread, so that ids do not come in their order. */
    uint64_t spread = who * UINT64_C(0x9e3779b97f4a7c15);
    memcpy(f->by.visitor.b, &spread, sizeof spread);
    memcpy(f->by.visitor.b + 8, &who, sizeof who);
    f->by.kind = USHER_VISITOR;
    f->log = USHER_LOG_DESK;
    return f;
}

static void put_visitor(struct maker *m, uint64_t who)
{
    struct usher_fact *f = next(m, USHER_FACT_VISITOR, who);
    uint8_t *hash = m->hashes[m->n - 1];

    for (size_t i = 0; i < 2; i++) {
        memcpy(hash + 16 * i, f->by.visitor.b, 16);
    }
    f->body = (struct usher_span){hash, 32};
}

static void put_agent(struct usher_fact *f, unsigned number)
{
    f->by = (struct usher_by){.kind = USHER_AGENT};
    snprintf(f->by.agent.s, sizeof f->by.agent.s, "agent%03u", number + 1);
}

/* Fact `index` of a session: opened, perhaps joined, then talk, perhaps closed. */
static void put_fact(struct maker *m, uint64_t who, unsigned index, int agent, bool closed)
{
    enum usher_fact_type type = index == 1                 ? USHER_FACT_OPENED
                                : index == 2 && agent >= 0 ? USHER_FACT_JOINED
                                : index == FACTS && closed ? USHER_FACT_CLOSED
                                                           : USHER_FACT_SAID;
    struct usher_fact *f = next(m, type, who);
    char *key = m->keys[m->n - 1];

    memcpy(f->session.b, f->by.visitor.b, sizeof f->session.b);
    f->log = USHER_LOG_PUBLIC;
    f->index = index;
    if (type == USHER_FACT_JOINED || (type == USHER_FACT_SAID && agent >= 0 && index % 2 == 0)) {
        put_agent(f, (unsigned) agent);
    }
    if (type == USHER_FACT_OPENED) {
        f->queue = (struct usher_queue_id){"bench"};
    } else if (type == USHER_FACT_CLOSED) {
        f->cause = USHER_CAUSE_ASKED;
    } else if (type == USHER_FACT_SAID) {
        f->body = (struct usher_span){TEXT, sizeof TEXT - 1};
    }
    snprintf(key, ID + 1, "%016llx%016llx", (unsigned long long) who,
             (unsigned long long) (m->seq * UINT64_C(0x9e3779b97f4a7c15)));
    f->key = (struct usher_span){key, ID};
    f->digest = m->seq | 1;
}

/* Sessions first .. first+n-1, side by side. */
static void put_sessions(struct maker *m, uint64_t first, uint64_t n, bool closed)
{
    for (uint64_t i = 0; i < n; i++) {
        put_visitor(m, first + i);
    }
    for (unsigned index = 1; index <= FACTS; index++) {
        for (uint64_t i = 0; i < n; i++) {
            int agent = closed                  ? (int) (i % AGENTS)
                        : i < AGENTS * CAPACITY ? (int) (i / CAPACITY)
                                                : -1;
            put_fact(m, first + i, index, agent, closed);
        }
    }
}

static int ignore(void *ctx, const struct usher_fact *f)
{
    (void) ctx;
    (void) f;
    return 0;
}

static void make(struct maker *m, const char *path, uint64_t open, uint64_t closed)
{
    struct usher_fault why = {0, ""};
    struct usher_load load = {.fresh_epoch = 0x5eed};
    int64_t now_ms = (int64_t) time(NULL) * 1000;

    need(usher_sqlite_open(&m->storage, path), &why);
    need(m->storage->ops->load(m->storage, &load, ignore, NULL, &why), &why);
    if (load.seq != 0) {
        fprintf(stderr, "ready: %s is not empty\n", path);
        exit(1);
    }
    m->at_ms = now_ms - 365 * 24 * HOUR_MS;
    int64_t step_ms = 360 * 24 * HOUR_MS / (int64_t) (closed / 1000 + 1);
    for (uint64_t i = 0; i < closed; i += 1000) {
        put_sessions(m, 1 + i, closed - i < 1000 ? closed - i : 1000, true);
        m->at_ms += step_ms;
    }
    m->at_ms = now_ms - HOUR_MS / 2;
    put_sessions(m, 1 + closed, open, false);
    flush(m);
    m->storage->ops->close(m->storage);
}

int main(int argc, char **argv)
{
    struct maker *m = calloc(1, sizeof *m);

    if (argc != 4 || m == NULL) {
        fprintf(stderr, "usage: ready FILE OPEN CLOSED\n");
        return 1;
    }
    make(m, argv[1], strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    printf("{\"facts\":%llu}\n", (unsigned long long) m->seq);
    free(m);
    return 0;
}
