/* tell.c - every durable fact, once and in order, to the host; old ones from the storage.
 * SPDX-License-Identifier: MIT
 *
 * `told` is the last seq that the host has heard of. A batch that follows it at
 * once is told from memory; else the storage is read from there, piece by piece,
 * until `told` has caught up. So there is no gap and no repeat between the two. */
#include <stdio.h>

#include "runtime.h"

#define PIECE_FACTS 256
#define RETRY_MS 1000

static void tell(struct usher_uv *rt, const struct usher_fact *facts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (facts[i].seq == rt->told + 1) {
            rt->told++;
            rt->inside++;
            rt->cfg.tell(rt->cfg.ctx, &facts[i]);
            rt->inside--;
        }
    }
}

void ush_uv_tell_begin(struct usher_uv *rt, uint64_t seq)
{
    rt->durable = seq;
    rt->told = rt->cfg.tell_after;
    if (rt->cfg.tell_after != USHER_NEVER && rt->told > seq) {
        char line[160];
        snprintf(line, sizeof line, "the host was told up to %llu, but the store ends at %llu",
                 (unsigned long long) rt->told, (unsigned long long) seq);
        ush_uv_log(rt, USHER_WARN, line);
    }
    if (rt->told > seq) {
        rt->told = seq;
    }
}

void ush_uv_tell_batch(struct usher_uv *rt, const struct usher_batch *batch)
{
    if (rt->cfg.tell == NULL) {
        rt->told = batch->first + batch->n - 1;
    } else if (rt->told + 1 == batch->first) {
        tell(rt, batch->facts, batch->n);
    }
}

void ush_uv_tell_more(struct usher_uv *rt)
{
    if (rt->cfg.tell == NULL || rt->telling || rt->phase != USH_OPEN || rt->told >= rt->durable
        || rt->tell_retry_ms > ush_uv_mono(rt)) {
        return;
    }
    rt->tell_retry_ms = ush_uv_mono(rt) + RETRY_MS;
    struct ush_job *job = ush_uv_new_job(rt, USH_JOB_HISTORY);
    if (job == NULL) {
        return;
    }
    rt->tell_retry_ms = 0;
    rt->telling = true;
    job->in.history.after = rt->told;
    job->in.history.max = PIECE_FACTS;
    ush_worker_do(&rt->worker, job);
}

void ush_uv_told(struct usher_uv *rt, struct ush_job *job)
{
    rt->telling = false;
    if (rt->phase != USH_OPEN) {
        return;
    }
    uint64_t before = rt->told;
    if (job->why.err == 0) {
        tell(rt, job->facts.facts, job->facts.n);
    }
    if (rt->told == before && rt->told < rt->durable) {
        ush_uv_log(rt, USHER_WARN, job->why.err != 0 ? job->why.text : "the history has a gap");
        rt->tell_retry_ms = ush_uv_mono(rt) + RETRY_MS;
    }
    rt->dirty = true; /* so that the timer is armed */
    ush_uv_tell_more(rt);
}
