/* saving.c - batches and reads: given to the storage thread, and what came of them.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "runtime.h"

/* Everything that was stepped until now is in this batch, or came to nothing: so a start that was
 * repeated or refused, and made no such fact, has cost its visitor nothing. */
static void settle_starts(struct usher_uv *rt, const struct usher_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        const struct usher_fact *f = &batch->facts[i];
        if (f->type == USHER_FACT_OPENED && f->by.kind == USHER_VISITOR) {
            ush_doorman_started(&rt->doorman, &f->by.visitor, ush_uv_mono(rt));
        }
    }
    ush_doorman_settle(&rt->doorman);
}

void ush_uv_save(struct usher_uv *rt, const struct usher_batch *batch)
{
    settle_starts(rt, batch);
    rt->saving = true;
    rt->saving_ms = ush_uv_mono(rt);
    rt->batch = *batch;
    ush_worker_save(&rt->worker, batch);
}

static void fetch_failed(struct usher_uv *rt, uint64_t ticket)
{
    struct usher_event ev = {.type = USHER_EV_FETCHED};
    ev.as.fetched.ticket = ticket;
    ev.as.fetched.failed = true;
    ush_uv_step(rt, &ev);
}

void ush_uv_fetch(struct usher_uv *rt, const struct usher_fetch *what)
{
    struct ush_job *job = rt->phase == USH_OPEN ? ush_uv_new_job(rt, USH_JOB_FETCH) : NULL;
    if (job == NULL) {
        fetch_failed(rt, what->ticket);
        return;
    }
    job->in.fetch = *what;
    ush_worker_do(&rt->worker, job);
}

static void fetched(struct usher_uv *rt, const struct ush_job *job)
{
    if (job->why.err != 0) {
        ush_uv_log(rt, USHER_WARN, job->why.text);
        fetch_failed(rt, job->in.fetch.ticket);
        return;
    }
    struct usher_event ev = {.type = USHER_EV_FETCHED};
    ev.as.fetched.ticket = job->in.fetch.ticket;
    ev.as.fetched.facts = job->facts.facts;
    ev.as.fetched.n = job->facts.n;
    ush_uv_step(rt, &ev);
}

/* The frame that waits for this look-up tries again. */
static void find_over(struct usher_uv *rt, uint64_t id, const struct usher_event *found)
{
    ush_uv_step(rt, found);
    struct ush_peer *link = ush_peers_find(&rt->links, id);
    if (link != NULL && link->state == USH_PEER_FIND) {
        link->state = USH_PEER_IN;
        ush_uv_go_on(rt, link);
    }
}

static void find_failed(struct usher_uv *rt, uint64_t id, uint64_t ticket)
{
    struct usher_event ev = {.type = USHER_EV_FOUND};
    ev.as.found.ticket = ticket;
    ev.as.found.failed = true;
    find_over(rt, id, &ev);
}

void ush_uv_find(struct usher_uv *rt, uint64_t link, const struct usher_find *what)
{
    bool fits = what->key.len <= USHER_KEY_MAX;
    struct ush_job *job = fits && rt->phase == USH_OPEN ? ush_uv_new_job(rt, USH_JOB_FIND) : NULL;
    if (job == NULL) {
        find_failed(rt, link, what->ticket);
        return;
    }
    job->in.find.link = link;
    job->in.find.what = *what;
    memcpy(job->in.find.key, what->key.base, what->key.len);
    job->in.find.what.key.base = job->in.find.key;
    job->in.find.what.by.name = (struct usher_span){0};
    ush_worker_do(&rt->worker, job);
}

static void found(struct usher_uv *rt, const struct ush_job *job)
{
    if (job->why.err != 0) {
        ush_uv_log(rt, USHER_WARN, job->why.text);
        find_failed(rt, job->in.find.link, job->in.find.what.ticket);
        return;
    }
    struct usher_event ev = {.type = USHER_EV_FOUND};
    ev.as.found.ticket = job->in.find.what.ticket;
    ev.as.found.found = job->found.found;
    ev.as.found.session = job->found.session;
    ev.as.found.log = job->found.log;
    ev.as.found.index = job->found.index;
    ev.as.found.digest = job->found.digest;
    find_over(rt, job->in.find.link, &ev);
}

void ush_uv_lost(struct usher_uv *rt, const struct usher_fault *why)
{
    if (rt->lost) {
        return;
    }
    rt->lost = true;
    struct usher_event ev = {.type = USHER_EV_STORAGE_LOST};
    ush_uv_step(rt, &ev);
    ush_uv_tell_saving(rt, why->err, why->text);
}

static void saved(struct usher_uv *rt)
{
    rt->stats.batches++;
    rt->stats.batch_facts += rt->batch.n;
    rt->saving = false;
    ush_uv_tell_batch(rt, &rt->batch);
    struct usher_event ev = {.type = USHER_EV_PERSISTED};
    ev.as.persisted.upto = rt->batch.first + rt->batch.n - 1;
    rt->durable = ev.as.persisted.upto;
    rt->batch_told = true;
    ush_uv_step(rt, &ev);
    if (rt->lost) {
        rt->lost = false;
        ush_uv_tell_saving(rt, 0, "saving works again");
    }
    ush_uv_tell_more(rt);
}

/* Another writer owns the desk: nothing may be acknowledged any more. */
static void fenced(struct usher_uv *rt, const struct usher_fault *why)
{
    rt->saving = false;
    if (rt->phase == USH_OPEN) {
        rt->phase = USH_FENCED;
        for (uint32_t i = 0; i < rt->links.pool.size; i++) {
            if (rt->links.slots[i] != NULL) {
                ush_uv_drop(rt, rt->links.slots[i], 1012);
            }
        }
        ush_uv_tell_saving(rt, why->err, why->text);
    }
    rt->dirty = true;
}

/* True if the job was kept. */
static bool job_done(struct usher_uv *rt, struct ush_job *job)
{
    bool desk = rt->phase == USH_OPEN;
    switch (job->type) {
    case USH_JOB_LOAD:
        return ush_uv_loaded(rt, job);
    case USH_JOB_HISTORY:
        ush_uv_told(rt, job);
        break;
    case USH_JOB_FETCH:
        if (desk) {
            fetched(rt, job);
        }
        break;
    case USH_JOB_FIND:
        if (desk) {
            found(rt, job);
        }
        break;
    case USH_JOB_VISITOR:
        if (desk) {
            ush_uv_visitor_found(rt, job);
        }
        break;
    }
    return false;
}

void ush_uv_news(struct usher_uv *rt)
{
    struct ush_news news;
    ush_worker_news(&rt->worker, &news);
    rt->stats.batch_us += news.save_us;
    rt->stats.batch_failures += news.failures;
    if (news.saved) {
        saved(rt);
    } else if (news.fatal) {
        fenced(rt, &news.why);
    } else if (news.lost) {
        ush_uv_lost(rt, &news.why);
    }
    while (!ush_list_empty(&news.jobs)) {
        struct ush_job *job = USH_ITEM(news.jobs.next, struct ush_job, at);
        ush_list_del(&job->at);
        if (!job_done(rt, job)) {
            ush_job_free(job);
        }
    }
    rt->ended = rt->ended || news.ended;
}
