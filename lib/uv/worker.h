/* worker.h - the private thread that alone touches the storage.
 * SPDX-License-Identifier: MIT
 *
 * The loop gives it one load, then one batch at a time and any number of reads;
 * batches go first. What it has done it keeps until the loop, woken by an async
 * handle, asks for the news. Retry and lost commit replies are handled here, so
 * that neither a storage nor the loop need know of them. */
#ifndef USH_WORKER_H
#define USH_WORKER_H

#include <uv.h>

#include "../base/list.h"
#include "facts.h"
#include "usher/storage.h"

enum ush_job_type { USH_JOB_LOAD, USH_JOB_FETCH, USH_JOB_FIND, USH_JOB_VISITOR, USH_JOB_HISTORY };

/* One errand, there and back. Made by the loop (pieces of a load: by the
 * worker), freed by the loop. */
struct ush_job {
    struct ush_list at;
    enum ush_job_type type;
    union {
        struct usher_load load;
        struct usher_fetch fetch;
        struct { uint64_t link; struct usher_find what; char key[USHER_KEY_MAX]; } find;
        struct { uint64_t link; uint8_t token_hash[32]; } visitor;
        struct { uint64_t after; uint32_t max; } history;
    } in;
    /* and what came of it */
    struct usher_fault why;      /* err 0: it was done */
    struct ush_facts facts;      /* LOAD, FETCH, HISTORY */
    bool more;                   /* LOAD: further pieces follow */
    struct usher_found found;    /* FIND */
    struct usher_visitor_id visitor; /* VISITOR */
    bool visitor_found;
};

/* Errors: NULL for no memory. */
struct ush_job *ush_job_new(enum ush_job_type type);
void ush_job_free(struct ush_job *job);
void ush_jobs_free(struct ush_list *jobs); /* zeroed memory is fine */

/* What happened since the loop last asked. */
struct ush_news {
    struct ush_list jobs;       /* done, in order; the caller's to free */
    bool saved;                 /* the batch is durable */
    bool lost;                  /* an attempt to save it has failed; more will follow */
    bool fatal;                 /* it can never be saved by this process */
    bool ended;                 /* the storage is closed: join the thread */
    struct usher_fault why;     /* of lost and fatal */
    uint64_t save_us;           /* time spent in append */
    uint32_t failures;          /* of append */
};

struct ush_worker {
    uv_thread_t thread;
    uv_mutex_t lock;
    uv_cond_t wake;
    uv_async_t *async;          /* the loop's; NULL: not let go yet */
    struct usher_storage *storage;
    /* under the lock */
    struct ush_list reads;      /* jobs to do */
    struct ush_list done;
    uint32_t pieces;            /* of a load that the loop has not consumed */
    struct usher_batch batch;
    enum { USH_SAVE_NONE, USH_SAVE_NEW, USH_SAVE_DOUBT } save; /* DOUBT: failed; ask mark first */
    uint64_t retry_at;          /* uv_hrtime */
    uint32_t retry_ms;
    struct ush_news news;       /* all but jobs */
    bool quit, never;           /* leave; leave without closing the storage */
};

/* Make the thread; it waits to be let go. Errors: ENOMEM. */
int ush_worker_init(struct ush_worker *w, struct usher_storage *storage);
/* Never let go: end the thread; the storage stays the caller's. */
void ush_worker_never(struct ush_worker *w);
/* Let it go; async is woken whenever there is news. */
void ush_worker_go(struct ush_worker *w, uv_async_t *async);

/* Do a job; it is the worker's until it is in the news. */
void ush_worker_do(struct ush_worker *w, struct ush_job *job);
/* Save a batch, which stays put until news.saved. Only when none is out. */
void ush_worker_save(struct ush_worker *w, const struct usher_batch *batch);
void ush_worker_news(struct ush_worker *w, struct ush_news *out);
/* A piece of a load was consumed. */
void ush_worker_consumed(struct ush_worker *w);

/* Finish the call that is running, drop the rest, close the storage, say ended. */
void ush_worker_quit(struct ush_worker *w);
/* After ended, once: wait for the thread's last breath, and free what is left. */
void ush_worker_join(struct ush_worker *w);

#endif
