/* open.c - the way up: load the storage, apply the configuration, start the transports.
 * SPDX-License-Identifier: MIT */
#include <sodium.h>
#include <stdio.h>

#include "runtime.h"

#define REOPEN_MS_DEFAULT 86400000

/* Sessions closed before this can never be reopened, so they need not be loaded. */
static int64_t since_ms(struct usher_uv *rt)
{
    uint32_t reopen_ms = 0;
    for (struct ush_list *at = rt->settings.next; at != &rt->settings; at = at->next) {
        const struct usher_event *ev = &USH_ITEM(at, struct ush_call, at)->ev;
        if (ev->type == USHER_EV_QUEUE_SET) {
            uint32_t own = ev->as.queue_set.reopen_ms;
            own = own == 0 ? REOPEN_MS_DEFAULT : own;
            reopen_ms = own > reopen_ms ? own : reopen_ms;
        }
    }
    return ush_uv_now(rt).wall_ms - (reopen_ms == 0 ? REOPEN_MS_DEFAULT : (int64_t) reopen_ms);
}

static int ask(struct usher_uv *rt)
{
    struct ush_job *job = ush_job_new(USH_JOB_LOAD);
    if (job == NULL) {
        return USHER_ENOMEM;
    }
    while (job->in.load.fresh_epoch == 0) {
        randombytes_buf(&job->in.load.fresh_epoch, sizeof job->in.load.fresh_epoch);
    }
    job->in.load.since_ms = rt->since_ms;
    ush_worker_do(&rt->worker, job);
    return 0;
}

int ush_uv_open(struct usher_uv *rt)
{
    rt->since_ms = since_ms(rt);
    return ask(rt);
}

static void tell_started(struct usher_uv *rt, const struct usher_fault *why)
{
    if (why->err != 0) {
        ush_uv_log(rt, USHER_ERROR, why->text);
    }
    if (rt->cfg.started != NULL) {
        rt->inside++;
        rt->cfg.started(rt->cfg.ctx, rt, why);
        rt->inside--;
    }
}

/* The transports are stopped at once: whoever came meanwhile shall not wait for an answer
 * until the host thinks of stopping the desk. */
static void failed(struct usher_uv *rt, struct usher_fault *why, int err, const char *text)
{
    why->err = err;
    if (why->text[0] == 0) {
        snprintf(why->text, sizeof why->text, "%s", text);
    }
    rt->phase = USH_FAILED;
    rt->dirty = true;
    ush_uv_stop_transports(rt);
    tell_started(rt, why);
}

/* Apply the configured queues and agents, in order. */
static int configure(struct usher_uv *rt, struct usher_fault *why)
{
    int rv = 0;
    while (rv == 0 && !ush_list_empty(&rt->settings)) {
        struct ush_call *call = USH_ITEM(rt->settings.next, struct ush_call, at);
        rv = ush_uv_set(rt, &call->ev, why);
        ush_list_del(&call->at);
        ush_uv_call_free(call);
    }
    return rv;
}

static int start_transports(struct usher_uv *rt, struct usher_fault *why)
{
    int rv = 0;
    rt->host = ush_uv_reports(rt);
    for (size_t i = 0; i < rt->n_transports && rv == 0; i++) {
        struct usher_transport *t = rt->transports[i];
        rv = t->ops->start(t, &rt->host, why);
    }
    return rv;
}

static int step_piece(struct usher_uv *rt, const struct ush_job *job, const struct usher_load *load)
{
    struct usher_event ev = {.type = USHER_EV_LOADED};
    ev.as.loaded.facts = job->facts.facts;
    ev.as.loaded.n = job->facts.n;
    ev.as.loaded.more = job->more;
    ev.as.loaded.epoch = load->epoch;
    ev.as.loaded.seq = load->seq;
    return ush_uv_step(rt, &ev);
}

/* The core wants the epoch with the first facts; a storage need not tell it
 * before the last. Pieces that came without it are kept until then. */
static int step_kept(struct usher_uv *rt, const struct usher_load *load)
{
    int rv = 0;
    while (rv == 0 && !ush_list_empty(&rt->pieces)) {
        struct ush_job *piece = USH_ITEM(rt->pieces.next, struct ush_job, at);
        rv = step_piece(rt, piece, load);
        ush_list_del(&piece->at);
        ush_job_free(piece);
    }
    return rv;
}

/* Everything is loaded. */
static void ready(struct usher_uv *rt, const struct usher_load *load)
{
    struct usher_fault why = {0};
    rt->epoch = load->epoch;
    ush_uv_tell_begin(rt, load->seq);
    int rv = configure(rt, &why);
    if (rv == 0) {
        rv = start_transports(rt, &why);
    }
    if (rv != 0) {
        failed(rt, &why, rv, "a transport could not be started");
        return;
    }
    rt->phase = USH_OPEN;
    tell_started(rt, &why);
    ush_uv_tell_more(rt);
}

/* The core had no room for so many closed sessions (docs/decisions/002): a new
 * one, and half of their time; at last the open ones alone. */
static int ask_for_less(struct usher_uv *rt)
{
    int64_t now = ush_uv_now(rt).wall_ms;
    if (rt->since_ms == INT64_MAX) {
        return USHER_EFULL;
    }
    int64_t half = (now - rt->since_ms) / 2;
    rt->since_ms = half > 1000 ? now - half : INT64_MAX;
    struct usher *core;
    int rv = usher_new(&core, &rt->cfg.core);
    if (rv != 0) {
        return rv;
    }
    usher_free(rt->core);
    rt->core = core;
    rt->too_much = false;
    ush_uv_log(rt, USHER_WARN,
               "no room for all closed sessions: the oldest are left to the storage");
    return ask(rt);
}

bool ush_uv_loaded(struct usher_uv *rt, struct ush_job *job)
{
    struct usher_fault why = job->why;
    if (job->more) {
        ush_worker_consumed(&rt->worker);
    }
    if (rt->phase != USH_LOADING) {
        return false; /* being stopped, or an earlier piece was bad */
    }
    if (why.err != 0) {
        failed(rt, &why, why.err, "the storage could not be loaded");
        return false;
    }
    if (job->more && job->in.load.epoch == 0) {
        ush_list_add_last(&rt->pieces, &job->at);
        return true;
    }
    int rv = rt->too_much ? USHER_EFULL : step_kept(rt, &job->in.load);
    if (rv == 0) {
        rv = step_piece(rt, job, &job->in.load);
    }
    if (rv == USHER_EFULL) {
        rt->too_much = true;
        rv = job->more ? 0 : ask_for_less(rt);
        snprintf(why.text, sizeof why.text, "%s",
                 rv == 0 ? "" : "the limits have no room for the open sessions");
    } else if (rv == 0 && !job->more) {
        ready(rt, &job->in.load);
    }
    if (rv != 0) {
        failed(rt, &why, rv, "what the storage holds does not make sense");
    }
    return false;
}
