/* worker.c - the private thread that alone touches the storage.
 * SPDX-License-Identifier: MIT */
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/check.h"

/* Back-off after a failed save: doubling from the first to the last. */
#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 5000
/* Facts in one piece of a load, and pieces that may wait for the loop. */
#define PIECE_FACTS 256
#define PIECES_MAX 4

#define NS_PER_MS UINT64_C(1000000)

struct ush_job *ush_job_new(enum ush_job_type type)
{
    struct ush_job *job = calloc(1, sizeof *job);
    if (job != NULL) {
        job->type = type;
    }
    return job;
}

void ush_job_free(struct ush_job *job)
{
    if (job != NULL) {
        ush_facts_done(&job->facts);
        free(job);
    }
}

void ush_jobs_free(struct ush_list *jobs)
{
    while (!ush_list_empty(jobs)) {
        struct ush_job *job = USH_ITEM(jobs->next, struct ush_job, at);
        ush_list_del(&job->at);
        ush_job_free(job);
    }
}

/* ---- On the thread, without the lock. */

static int keep_fact(void *ctx, const struct usher_fact *f)
{
    struct ush_job *job = ctx;
    return ush_facts_add(&job->facts, f);
}

/* A load in the making: the piece that is being filled. */
struct loading {
    struct ush_worker *w;
    const struct usher_load *load;
    struct ush_job *piece;
};

/* Put a filled piece out, when there is room for one. ESTATE: the worker shall leave. */
static int put_piece(struct ush_worker *w, struct ush_job *piece)
{
    uv_mutex_lock(&w->lock);
    while (w->pieces >= PIECES_MAX && !w->quit) {
        uv_cond_wait(&w->wake, &w->lock);
    }
    bool quit = w->quit;
    if (!quit) {
        w->pieces++;
        ush_list_add_last(&w->done, &piece->at);
    }
    uv_mutex_unlock(&w->lock);
    if (quit) {
        ush_job_free(piece);
        return USHER_ESTATE;
    }
    uv_async_send(w->async);
    return 0;
}

static int load_fact(void *ctx, const struct usher_fact *f)
{
    struct loading *loading = ctx;
    if (loading->piece == NULL) {
        loading->piece = ush_job_new(USH_JOB_LOAD);
        if (loading->piece == NULL) {
            return USHER_ENOMEM;
        }
        loading->piece->more = true;
    }
    struct ush_job *piece = loading->piece;
    int rv = ush_facts_add(&piece->facts, f);
    if (rv == 0 && piece->facts.n == PIECE_FACTS) {
        loading->piece = NULL;
        piece->in.load = *loading->load; /* The epoch, if the storage has told it yet. */
        rv = put_piece(loading->w, piece);
    }
    return rv;
}

/* A storage that says nothing in words is not to be a line without words in a log. */
static void name_fault(const struct usher_storage *s, int rv, struct usher_fault *why)
{
    why->err = rv;
    if (rv != 0 && why->text[0] == 0) {
        snprintf(why->text, sizeof why->text, "%s: %s", s->ops->name, usher_strerror(rv));
    }
}

static void load(struct ush_worker *w, struct ush_job *job)
{
    struct loading loading = {.w = w, .load = &job->in.load};
    const struct usher_storage_ops *ops = w->storage->ops;
    int rv = ops->load(w->storage, &job->in.load, load_fact, &loading, &job->why);
    name_fault(w->storage, rv, &job->why);
    if (rv == 0 && loading.piece != NULL) {
        /* The last facts travel with the job itself. */
        job->facts = loading.piece->facts;
        loading.piece->facts = (struct ush_facts){0};
    }
    ush_job_free(loading.piece);
}

static void read_job(struct ush_worker *w, struct ush_job *job)
{
    struct usher_storage *s = w->storage;
    const struct usher_storage_ops *ops = s->ops;
    int rv = 0;
    switch (job->type) {
    case USH_JOB_LOAD:
        load(w, job);
        return;
    case USH_JOB_FETCH:
        rv = ops->fetch(s, &job->in.fetch, keep_fact, job, &job->why);
        break;
    case USH_JOB_FIND:
        rv = ops->find_key(s, &job->in.find.what, &job->found, &job->why);
        break;
    case USH_JOB_VISITOR:
        rv = ops->find_visitor(s, job->in.visitor.token_hash, &job->visitor, &job->visitor_found,
                               &job->why);
        break;
    case USH_JOB_HISTORY:
        rv = ops->history(s, job->in.history.after, job->in.history.max, keep_fact, job,
                          &job->why);
        break;
    }
    name_fault(w->storage, rv, &job->why);
}

/* Try once. 0: the batch is durable. Else *why, and *doubt says whether nobody
 * knows if it is: then mark is asked before anything else is tried. */
static int try_save(struct ush_worker *w, const struct usher_batch *b, bool *doubt,
                    struct usher_fault *why)
{
    struct usher_storage *s = w->storage;
    struct usher_fault unused;
    uint64_t mark = 0;
    int rv = 0;
    if (*doubt) {
        rv = s->ops->mark(s, &mark, why);
        if (rv != 0) {
            return rv;
        }
        if (mark == b->first + b->n - 1) {
            return 0;
        }
        if (mark != b->first - 1) {
            snprintf(why->text, sizeof why->text, "the store is at %llu, not at %llu",
                     (unsigned long long) mark, (unsigned long long) b->first - 1);
            return USHER_EFENCED;
        }
    }
    rv = s->ops->append(s, b, why);
    *doubt = rv != 0;
    if (rv == 0 || rv == USHER_EFENCED) {
        return rv;
    }
    /* Did it commit after all? Then its failure is of no interest. */
    if (s->ops->mark(s, &mark, &unused) == 0 && mark == b->first + b->n - 1) {
        return 0;
    }
    return rv;
}

static void save(struct ush_worker *w, const struct usher_batch *b, bool doubt)
{
    struct usher_fault why = {0};
    uint64_t begun = uv_hrtime();
    int rv = try_save(w, b, &doubt, &why);
    uint64_t ended = uv_hrtime();
    name_fault(w->storage, rv, &why);
    uv_mutex_lock(&w->lock);
    w->news.save_us += (ended - begun) / 1000;
    if (rv == 0) {
        w->save = USH_SAVE_NONE;
        w->news.saved = true;
        w->retry_ms = 0;
    } else {
        w->news.failures++;
        w->news.why = why;
        w->news.lost = true;
        w->news.fatal = rv == USHER_EFENCED;
        w->save = rv == USHER_EFENCED ? USH_SAVE_NONE : USH_SAVE_DOUBT;
        w->retry_ms = w->retry_ms == 0 ? RETRY_MIN_MS : 2 * w->retry_ms;
        w->retry_ms = w->retry_ms > RETRY_MAX_MS ? RETRY_MAX_MS : w->retry_ms;
        w->retry_at = ended + w->retry_ms * NS_PER_MS;
    }
    uv_mutex_unlock(&w->lock);
    uv_async_send(w->async);
}

/* ---- The thread's own loop. With the lock held, except during the work. */

static void do_read(struct ush_worker *w)
{
    struct ush_job *job = USH_ITEM(w->reads.next, struct ush_job, at);
    ush_list_del(&job->at);
    uv_mutex_unlock(&w->lock);
    read_job(w, job);
    uv_mutex_lock(&w->lock);
    ush_list_add_last(&w->done, &job->at);
    uv_async_send(w->async);
}

static void do_save(struct ush_worker *w)
{
    struct usher_batch batch = w->batch;
    bool doubt = w->save == USH_SAVE_DOUBT;
    uv_mutex_unlock(&w->lock);
    save(w, &batch, doubt);
    uv_mutex_lock(&w->lock);
}

static void work(struct ush_worker *w)
{
    while (!w->quit) {
        uint64_t now = uv_hrtime();
        if (w->save != USH_SAVE_NONE && now >= w->retry_at) {
            do_save(w);
        } else if (!ush_list_empty(&w->reads)) {
            do_read(w);
        } else if (w->save != USH_SAVE_NONE) {
            uv_cond_timedwait(&w->wake, &w->lock, w->retry_at - now);
        } else {
            uv_cond_wait(&w->wake, &w->lock);
        }
    }
}

static void run(void *arg)
{
    struct ush_worker *w = arg;
    uv_mutex_lock(&w->lock);
    while (w->async == NULL && !w->never) {
        uv_cond_wait(&w->wake, &w->lock);
    }
    if (w->never) {
        uv_mutex_unlock(&w->lock);
        return;
    }
    work(w);
    uv_mutex_unlock(&w->lock);
    w->storage->ops->close(w->storage);
    uv_mutex_lock(&w->lock);
    w->news.ended = true;
    uv_async_send(w->async);
    uv_mutex_unlock(&w->lock);
}

/* ---- On the loop. */

int ush_worker_init(struct ush_worker *w, struct usher_storage *storage)
{
    *w = (struct ush_worker){.storage = storage};
    ush_list_init(&w->reads);
    ush_list_init(&w->done);
    if (uv_mutex_init(&w->lock) != 0) {
        return USHER_ENOMEM;
    }
    if (uv_cond_init(&w->wake) != 0) {
        uv_mutex_destroy(&w->lock);
        return USHER_ENOMEM;
    }
    if (uv_thread_create(&w->thread, run, w) != 0) {
        uv_cond_destroy(&w->wake);
        uv_mutex_destroy(&w->lock);
        return USHER_ENOMEM;
    }
    return 0;
}

void ush_worker_never(struct ush_worker *w)
{
    uv_mutex_lock(&w->lock);
    w->never = true;
    uv_cond_signal(&w->wake);
    uv_mutex_unlock(&w->lock);
    ush_worker_join(w);
}

void ush_worker_go(struct ush_worker *w, uv_async_t *async)
{
    uv_mutex_lock(&w->lock);
    w->async = async;
    uv_cond_signal(&w->wake);
    uv_mutex_unlock(&w->lock);
}

void ush_worker_do(struct ush_worker *w, struct ush_job *job)
{
    uv_mutex_lock(&w->lock);
    ush_list_add_last(&w->reads, &job->at);
    uv_cond_signal(&w->wake);
    uv_mutex_unlock(&w->lock);
}

void ush_worker_save(struct ush_worker *w, const struct usher_batch *batch)
{
    uv_mutex_lock(&w->lock);
    CHECK(w->save == USH_SAVE_NONE);
    w->batch = *batch;
    w->save = USH_SAVE_NEW;
    w->retry_at = 0;
    uv_cond_signal(&w->wake);
    uv_mutex_unlock(&w->lock);
}

void ush_worker_news(struct ush_worker *w, struct ush_news *out)
{
    uv_mutex_lock(&w->lock);
    *out = w->news;
    w->news = (struct ush_news){0};
    ush_list_init(&out->jobs);
    if (!ush_list_empty(&w->done)) {
        ush_list_add_before(&w->done, &out->jobs); /* out's head joins the ring, … */
        ush_list_del(&w->done);                    /* … and the old head leaves it. */
    }
    uv_mutex_unlock(&w->lock);
}

void ush_worker_consumed(struct ush_worker *w)
{
    uv_mutex_lock(&w->lock);
    w->pieces--;
    uv_cond_signal(&w->wake);
    uv_mutex_unlock(&w->lock);
}

void ush_worker_quit(struct ush_worker *w)
{
    uv_mutex_lock(&w->lock);
    w->quit = true;
    uv_cond_signal(&w->wake);
    uv_mutex_unlock(&w->lock);
}

void ush_worker_join(struct ush_worker *w)
{
    int rv = uv_thread_join(&w->thread);
    CHECK(rv == 0);
    ush_jobs_free(&w->reads);
    ush_jobs_free(&w->done);
    uv_cond_destroy(&w->wake);
    uv_mutex_destroy(&w->lock);
}
