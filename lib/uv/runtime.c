/* runtime.c - the desk on the host's loop: its making, its handles, its log.
 * SPDX-License-Identifier: MIT */
#include "runtime.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINKS_DEFAULT 10000
#define BODY_MAX_DEFAULT 8192
#define STOP_MS_DEFAULT 2000
#define LOG_LINE_MAX 1024
#define SAVING_SLOW_MS 2000

void usher_uv_config_default(struct usher_uv_config *cfg, size_t size)
{
    memset(cfg, 0, size);
    cfg->size = size;
    usher_config_init(&cfg->core);
    cfg->tell_after = USHER_NEVER;
}

uint64_t ush_uv_mono(const struct usher_uv *rt)
{
    return uv_now(rt->cfg.loop);
}

struct usher_now ush_uv_now(const struct usher_uv *rt)
{
    struct timespec wall;
    timespec_get(&wall, TIME_UTC);
    return (struct usher_now){.mono_ms = ush_uv_mono(rt),
                              .wall_ms = (int64_t) wall.tv_sec * 1000 + wall.tv_nsec / 1000000};
}

int ush_uv_step(struct usher_uv *rt, const struct usher_event *ev)
{
    rt->dirty = true;
    return usher_step(rt->core, ush_uv_now(rt), ev);
}

void ush_uv_wake(struct usher_uv *rt)
{
    rt->dirty = true;
    uv_async_send(&rt->async);
}

void ush_uv_log(struct usher_uv *rt, enum usher_level level, const char *line)
{
    if (rt->cfg.log == NULL) {
        return;
    }
    char text[LOG_LINE_MAX + 1];
    size_t len = strnlen(line, LOG_LINE_MAX);
    for (size_t i = 0; i < len; i++) {
        text[i] = line[i] >= ' ' && line[i] <= '~' ? line[i] : '?';
    }
    text[len] = 0;
    rt->inside++;
    rt->cfg.log(rt->cfg.ctx, level, text);
    rt->inside--;
}

void ush_uv_tell_saving(struct usher_uv *rt, int err, const char *text)
{
    struct usher_fault why = {.err = err};
    snprintf(why.text, sizeof why.text, "%s", text);
    ush_uv_log(rt, err == 0 ? USHER_INFO : USHER_ERROR, text);
    if (rt->cfg.saving != NULL) {
        rt->inside++;
        rt->cfg.saving(rt->cfg.ctx, &why);
        rt->inside--;
    }
}

struct ush_job *ush_uv_new_job(struct usher_uv *rt, enum ush_job_type type)
{
    struct ush_job *job = ush_job_new(type);
    if (job == NULL) {
        ush_uv_log(rt, USHER_ERROR, "out of memory");
    }
    return job;
}

static void on_async(uv_async_t *async)
{
    struct usher_uv *rt = async->data;
    rt->dirty = true;
    ush_uv_news(rt);
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct usher_uv *rt = prepare->data;
    if (!rt->polls_first) {
        ush_uv_turn(rt);
    }
}

static void on_check(uv_check_t *check)
{
    ush_uv_turn(check->data);
}

/* Only the first can fail; the others keep the loop alive no longer than it does. */
static int open_handles(struct usher_uv *rt)
{
    uv_loop_t *loop = rt->cfg.loop;
    if (uv_async_init(loop, &rt->async, on_async) != 0) {
        return USHER_ENOMEM;
    }
    uv_prepare_init(loop, &rt->prepare);
    uv_check_init(loop, &rt->check);
    uv_timer_init(loop, &rt->timer);
    rt->async.data = rt;
    rt->prepare.data = rt;
    rt->check.data = rt;
    rt->timer.data = rt;
    rt->handles = 4;
    uv_prepare_start(&rt->prepare, on_prepare);
    uv_check_start(&rt->check, on_check);
    uv_unref((uv_handle_t *) &rt->prepare);
    uv_unref((uv_handle_t *) &rt->check);
    uv_unref((uv_handle_t *) &rt->timer);
    return 0;
}

static int keep_setting(struct usher_uv *rt, const struct usher_event *ev)
{
    struct ush_call *call = ush_uv_call_new(ev);
    if (call == NULL) {
        return USHER_ENOMEM;
    }
    ush_list_add_last(&rt->settings, &call->at);
    return 0;
}

/* Copy the arrays of the configuration; rt->cfg keeps none of them. */
static int keep_config(struct usher_uv *rt)
{
    struct usher_uv_config *cfg = &rt->cfg;
    int rv = 0;
    for (size_t i = 0; i < cfg->n_queues && rv == 0; i++) {
        struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
        ev.as.queue_set = cfg->queues[i];
        rv = keep_setting(rt, &ev);
    }
    for (size_t i = 0; i < cfg->n_agents && rv == 0; i++) {
        struct usher_event ev = {.type = USHER_EV_AGENT_SET};
        ev.as.agent_set = cfg->agents[i];
        rv = keep_setting(rt, &ev);
    }
    rt->n_transports = cfg->n_transports;
    rt->transports = calloc(cfg->n_transports + 1, sizeof(*rt->transports));
    if (rv != 0 || rt->transports == NULL) {
        return USHER_ENOMEM;
    }
    for (size_t i = 0; i < cfg->n_transports; i++) {
        rt->transports[i] = cfg->transports[i];
    }
    cfg->queues = NULL;
    cfg->agents = NULL;
    cfg->transports = NULL;
    cfg->trusted_proxies = NULL;
    return 0;
}

static int make_parts(struct usher_uv *rt, const char *const *trusted, struct usher_fault *why)
{
    struct usher_uv_config *cfg = &rt->cfg;
    uint8_t key[16];
    if (cfg->core.size == 0) {
        usher_config_init(&cfg->core);
    }
    uint32_t links = cfg->core.limits.links == 0 ? LINKS_DEFAULT : cfg->core.limits.links;
    rt->body_max = cfg->core.limits.body_max == 0 ? BODY_MAX_DEFAULT : cfg->core.limits.body_max;
    if (sodium_is_zero(cfg->core.seed, sizeof cfg->core.seed)) {
        randombytes_buf(cfg->core.seed, sizeof cfg->core.seed);
    }
    randombytes_buf(key, sizeof key);
    int rv = usher_new(&rt->core, &cfg->core);
    if (rv == 0) {
        rv = ush_peers_init(&rt->links, links);
    }
    if (rv == USHER_EINVAL) {
        return ush_uv_fault(why, rv, "core: a limit is out of range");
    }
    if (rv == 0) {
        rv = usher_decoder_new(&rt->decoder);
    }
    if (rv == 0) {
        rv = ush_doorman_init(&rt->doorman, &cfg->rates, links, trusted, cfg->n_trusted_proxies,
                              key);
    }
    if (rv == 0) {
        rv = keep_config(rt);
    }
    return rv == 0 ? 0 : ush_uv_fault(why, rv, "no memory for a desk with these limits");
}

void ush_uv_free(struct usher_uv *rt)
{
    ush_peers_done(&rt->links);
    ush_doorman_done(&rt->doorman);
    ush_jobs_free(&rt->pieces);
    ush_uv_calls_free(&rt->settings);
    ush_uv_calls_free(&rt->calls);
    usher_decoder_free(rt->decoder);
    usher_free(rt->core);
    free(rt->transports);
    free(rt->agents);
    free(rt->queues);
    free(rt->out.buf);
    free(rt);
}

/* Thread first, then handles: what was begun can still be undone at once. */
static int begin(struct usher_uv *rt, struct usher_fault *why)
{
    int rv = ush_worker_init(&rt->worker, rt->cfg.storage);
    if (rv != 0) {
        return ush_uv_fault(why, rv, "no thread for the storage");
    }
    rv = ush_uv_open(rt);
    if (rv == 0) {
        rv = open_handles(rt);
    }
    if (rv != 0) {
        ush_worker_never(&rt->worker);
        return ush_uv_fault(why, rv, "the loop takes no handles of ours");
    }
    ush_worker_go(&rt->worker, &rt->async);
    return 0;
}

/* From here on they are this desk's. */
static void claim(struct usher_uv *rt)
{
    rt->cfg.storage->desk = rt;
    for (size_t i = 0; i < rt->n_transports; i++) {
        rt->transports[i]->desk = rt;
    }
}

int usher_uv_start(struct usher_uv **out, const struct usher_uv_config *cfg,
                   struct usher_fault *why)
{
    int rv = ush_uv_check(cfg, why);
    if (rv != 0) {
        return rv;
    }
    if (sodium_init() < 0) {
        return ush_uv_fault(why, USHER_EINVAL, "libsodium does not start");
    }
    struct usher_uv *rt = calloc(1, sizeof *rt);
    if (rt == NULL) {
        return ush_uv_fault(why, USHER_ENOMEM, "no memory for a desk");
    }
    memcpy(&rt->cfg, cfg, cfg->size < sizeof rt->cfg ? cfg->size : sizeof rt->cfg);
    rt->cfg.stop_ms = rt->cfg.stop_ms == 0 ? STOP_MS_DEFAULT : rt->cfg.stop_ms;
    rt->saving_slow_ms = SAVING_SLOW_MS;
    rt->armed_ms = USHER_NEVER;
    ush_list_init(&rt->hellos);
    ush_list_init(&rt->stalled);
    ush_list_init(&rt->dropping);
    ush_list_init(&rt->pieces);
    ush_list_init(&rt->settings);
    ush_list_init(&rt->calls);
    rv = make_parts(rt, cfg->trusted_proxies, why);
    if (rv == 0) {
        rv = begin(rt, why);
    }
    if (rv != 0) {
        ush_uv_free(rt);
        return rv;
    }
    claim(rt);
    *out = rt;
    return 0;
}
