/* learn.c - reads a store's whole history, and keeps one day of it.
 * SPDX-License-Identifier: MIT */
#include "learn.h"

#include <usher/plug/sqlite.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define AT_A_TIME 10000u

/* The wall time at which this day begins here, and the next one. */
static bool find_day(const char *day, int64_t *from, int64_t *to)
{
    struct tm tm = {0};
    const char *end = strptime(day, "%Y-%m-%d", &tm);

    if (end == NULL || *end != '\0') {
        return false;
    }
    tm.tm_isdst = -1;
    struct tm next = tm;
    next.tm_mday++;
    *from = (int64_t) mktime(&tm) * 1000;
    *to = (int64_t) mktime(&next) * 1000;
    return true;
}

/* What is live is told by load and again by history. */
static int skip(void *ctx, const struct usher_fact *f)
{
    (void) ctx;
    (void) f;
    return 0;
}

struct reading {
    struct sim_learned *l;
    uint64_t seq;
    uint32_t n;
};

static int take(void *ctx, const struct usher_fact *f)
{
    struct reading *r = ctx;

    r->seq = f->seq;
    r->n++;
    if (f->at_ms < r->l->to) {
        sim_learn_fact(r->l, f);
    } else if (f->type == USHER_FACT_CLOSED || f->type == USHER_FACT_MOVED) {
        sim_learn_fact(r->l, f); /* how long those of the day took in the end */
    }
    return r->l->failed ? USHER_ENOMEM : 0;
}

static int read_all(struct usher_storage *store, struct sim_learned *l, struct usher_fault *fault)
{
    struct usher_load load = {.fresh_epoch = 1, .since_ms = INT64_MAX};
    struct reading r = {.l = l};
    int rv = store->ops->load(store, &load, skip, NULL, fault);

    do {
        r.n = 0;
        if (rv == 0) {
            rv = store->ops->history(store, r.seq, AT_A_TIME, take, &r, fault);
        }
    } while (rv == 0 && r.n > 0);
    return rv;
}

int sim_learn(FILE *out, const char *store, const char *day, char *why, size_t size)
{
    static const char scheme[] = "sqlite:";
    struct sim_learned l = {0};
    struct usher_storage *storage = NULL;
    struct usher_fault fault = {0};
    const char *path = store + sizeof scheme - 1;

    if (strncmp(store, scheme, sizeof scheme - 1) != 0) {
        snprintf(why, size, "%.100s: must be sqlite:PATH", store);
        return USHER_EINVAL;
    }
    if (!find_day(day, &l.from, &l.to)) {
        snprintf(why, size, "%.40s: must be a day, such as 2026-11-24", day);
        return USHER_EINVAL;
    }
    if (access(path, R_OK | W_OK) != 0) { /* a store that is not there would be made */
        snprintf(why, size, "%.150s: no such file, or not ours to write", path);
        return USHER_EINVAL;
    }
    int rv = usher_sqlite_open(&storage, path);
    if (rv == 0) {
        rv = read_all(storage, &l, &fault);
        storage->ops->close(storage);
    }
    if (rv == USHER_EFENCED) {
        snprintf(why, size,
                 "%.100s: a server has it; take a backup, as docs/storage-sqlite.md says", path);
    } else if (rv != 0) {
        snprintf(why, size, "%.100s: %.120s", path,
                 fault.text[0] != '\0' ? fault.text : usher_strerror(rv));
    } else {
        sim_learn_end(&l);
        rv = l.n_kinds > 0 ? sim_learn_write(out, &l, day) : USHER_EINVAL;
        snprintf(why, size,
                 l.n_kinds > 0 ? "the scenario cannot be written" : "nobody came on that day");
    }
    sim_learn_done(&l);
    return rv;
}
