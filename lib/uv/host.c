/* host.c - what the host asks for: queues and agents set, tokens answered, passwords, figures.
 * SPDX-License-Identifier: MIT
 *
 * Asked from inside a callback, it is copied and done at the next turn. */
#include <stdlib.h>
#include <string.h>

#include "../base/check.h"
#include "runtime.h"

/* One array or text of an event, copied behind it. What needs alignment comes first. */
static const void *keep(char **at, const void *from, size_t len)
{
    char *to = *at;
    if (len > 0) {
        memcpy(to, from, len);
    }
    *at += len;
    return to;
}

static size_t arrays_len(const struct usher_event *ev)
{
    if (ev->type == USHER_EV_QUEUE_SET) {
        const struct usher_queue_set *set = &ev->as.queue_set;
        return set->n_steps * sizeof *set->steps + set->n_needs * sizeof *set->needs +
               set->name.len;
    }
    if (ev->type == USHER_EV_AGENT_SET) {
        const struct usher_agent_set *set = &ev->as.agent_set;
        return set->n_skills * sizeof *set->skills + set->n_queues * sizeof *set->queues +
               (set->tiers == NULL ? 0 : set->n_queues) + set->name.len;
    }
    return 0;
}

static void keep_arrays(struct usher_event *ev, char *at)
{
    if (ev->type == USHER_EV_QUEUE_SET) {
        struct usher_queue_set *set = &ev->as.queue_set;
        set->steps = keep(&at, set->steps, set->n_steps * sizeof *set->steps);
        set->needs = keep(&at, set->needs, set->n_needs * sizeof *set->needs);
        set->name.base = keep(&at, set->name.base, set->name.len);
    } else if (ev->type == USHER_EV_AGENT_SET) {
        struct usher_agent_set *set = &ev->as.agent_set;
        set->skills = keep(&at, set->skills, set->n_skills * sizeof *set->skills);
        set->queues = keep(&at, set->queues, set->n_queues * sizeof *set->queues);
        if (set->tiers != NULL) {
            set->tiers = keep(&at, set->tiers, set->n_queues);
        }
        set->name.base = keep(&at, set->name.base, set->name.len);
    }
}

struct ush_call *ush_uv_call_new(const struct usher_event *ev)
{
    struct ush_call *call = calloc(1, sizeof *call + arrays_len(ev));
    if (call != NULL) {
        call->ev = *ev;
        keep_arrays(&call->ev, (char *) call->bytes);
    }
    return call;
}

void ush_uv_call_free(struct ush_call *call)
{
    free(call);
}

void ush_uv_calls_free(struct ush_list *calls)
{
    while (calls->next != NULL && !ush_list_empty(calls)) {
        struct ush_call *call = USH_ITEM(calls->next, struct ush_call, at);
        ush_list_del(&call->at);
        ush_uv_call_free(call);
    }
}

static bool is_set(const struct usher_uv *rt, const struct usher_agent_id *agent)
{
    for (size_t i = 0; i < rt->n_agents; i++) {
        if (memcmp(&rt->agents[i], agent, sizeof *agent) == 0) {
            return true;
        }
    }
    return false;
}

bool ush_uv_queue_is_set(const struct usher_uv *rt, const struct usher_queue_id *queue)
{
    for (size_t i = 0; i < rt->n_queues; i++) {
        if (memcmp(&rt->queues[i], queue, sizeof *queue) == 0) {
            return true;
        }
    }
    return false;
}

/* Room for one more of each. */
static bool make_room(struct usher_uv *rt)
{
    struct usher_agent_id *agents = realloc(rt->agents, (rt->n_agents + 1) * sizeof *agents);
    rt->agents = agents == NULL ? rt->agents : agents;
    struct usher_queue_id *queues = realloc(rt->queues, (rt->n_queues + 1) * sizeof *queues);
    rt->queues = queues == NULL ? rt->queues : queues;
    return agents != NULL && queues != NULL;
}

int ush_uv_set(struct usher_uv *rt, const struct usher_event *ev, struct usher_fault *why)
{
    if (!make_room(rt)) {
        return ush_uv_fault(why, USHER_EFULL, "no memory for one more queue or agent");
    }
    int rv = ush_uv_step(rt, ev);
    if (rv != 0) {
        if (why != NULL) {
            ush_uv_reason(rt, ev, rv, why);
        }
        return rv;
    }
    if (ev->type == USHER_EV_QUEUE_SET) {
        if (!ush_uv_queue_is_set(rt, &ev->as.queue_set.queue)) {
            rt->queues[rt->n_queues++] = ev->as.queue_set.queue;
        }
    } else if (!is_set(rt, &ev->as.agent_set.agent)) {
        rt->agents[rt->n_agents++] = ev->as.agent_set.agent;
    }
    return 0;
}

/* Posted from inside a callback, it can be told to nobody but the log. */
static void set_late(struct usher_uv *rt, const struct usher_event *ev)
{
    struct usher_fault why = {0};
    if (ush_uv_set(rt, ev, &why) != 0) {
        ush_uv_log(rt, USHER_ERROR, why.text);
    }
}

void ush_uv_calls(struct usher_uv *rt)
{
    /* Only those made so far: a host that calls from each callback shall not
     * keep the turn going for ever. */
    struct ush_list calls;
    ush_list_init(&calls);
    if (!ush_list_empty(&rt->calls)) {
        ush_list_add_before(&rt->calls, &calls);
        ush_list_del(&rt->calls);
    }
    while (rt->phase == USH_OPEN && !ush_list_empty(&calls)) {
        struct ush_call *call = USH_ITEM(calls.next, struct ush_call, at);
        ush_list_del(&call->at);
        if (call->ticket != 0) {
            ush_uv_signed_in(rt, call->ticket, &call->agent);
        } else {
            set_late(rt, &call->ev);
        }
        ush_uv_call_free(call);
    }
    ush_uv_calls_free(&calls);
}

int usher_uv_post(struct usher_uv *rt, const struct usher_event *ev)
{
    if (ev->type != USHER_EV_QUEUE_SET && ev->type != USHER_EV_AGENT_SET) {
        return USHER_EINVAL;
    }
    if (rt->phase != USH_OPEN || rt->stop_asked) {
        return USHER_ESTATE;
    }
    int rv = 0;
    if (rt->inside == 0) {
        rv = ush_uv_set(rt, ev, NULL);
    } else {
        struct ush_call *call = ush_uv_call_new(ev);
        if (call == NULL) {
            return USHER_EFULL;
        }
        ush_list_add_last(&rt->calls, &call->at);
    }
    ush_uv_wake(rt);
    return rv;
}

int usher_uv_signed_in(struct usher_uv *rt, uint64_t ticket, const char *agent)
{
    struct usher_agent_id id = {{0}};
    int rv = 0;
    if (rt->phase != USH_OPEN || ticket == 0) {
        return 0;
    }
    if (agent != NULL) {
        struct usher_span text = {agent, strlen(agent)};
        rv = usher_agent_id_parse(text, &id);
        if (rv == 0 && !is_set(rt, &id)) {
            rv = USHER_EINVAL;
        }
        if (rv != 0) {
            id = (struct usher_agent_id){{0}};
        }
    }
    if (rt->inside == 0) {
        ush_uv_signed_in(rt, ticket, &id);
    } else {
        struct usher_event none = {0};
        struct ush_call *call = ush_uv_call_new(&none);
        if (call == NULL) {
            return USHER_EINVAL; /* Not answered: the link is dropped when its time is over. */
        }
        call->ticket = ticket;
        call->agent = id;
        ush_list_add_last(&rt->calls, &call->at);
    }
    ush_uv_wake(rt);
    return rv;
}

void usher_uv_stop(struct usher_uv *rt, void (*done)(void *ctx), void *ctx)
{
    CHECK(!rt->stop_asked);
    rt->stop_asked = true;
    rt->stopped = done;
    rt->stopped_ctx = ctx;
    ush_uv_wake(rt);
}

void usher_uv_address(struct usher_uv *rt, const struct usher_peer *peer, char out[64])
{
    struct ush_address address = ush_doorman_address(&rt->doorman, peer);
    ush_address_format(&address, out);
}

int usher_uv_login_try(struct usher_uv *rt, const char *address, const char *account,
                       uint32_t *retry_ms)
{
    struct ush_address from = ush_address_parse((struct usher_span){address, strlen(address)});
    struct usher_span of = {account, strlen(account)};
    return ush_doorman_login(&rt->doorman, &from, of, ush_uv_mono(rt), retry_ms);
}

void usher_uv_login_failed(struct usher_uv *rt, const char *address, const char *account)
{
    struct ush_address from = ush_address_parse((struct usher_span){address, strlen(address)});
    struct usher_span of = {account, strlen(account)};
    ush_doorman_login_failed(&rt->doorman, &from, of, ush_uv_mono(rt));
}

void usher_uv_stats_get(const struct usher_uv *rt, struct usher_uv_stats *out)
{
    *out = rt->stats;
    usher_stats_get(rt->core, &out->core);
    out->open = rt->phase == USH_OPEN && !rt->stop_asked;
}
