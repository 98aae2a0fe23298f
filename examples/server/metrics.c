/* metrics.c - writes figures in the Prometheus text format 0.0.4.
 * SPDX-License-Identifier: MIT
 *
 * A family's samples stand together below one HELP and one TYPE line. No label
 * holds anything that a visitor or an agent has chosen. */
#include "metrics.h"

#include <usher/version.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum type { GAUGE, COUNTER };

struct sample {
    const char *labels;
    uint64_t value;
};

struct writer {
    char *out;
    size_t used;
};

static void print(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void print(struct writer *w, const char *format, ...)
{
    size_t room = SERVER_METRICS_MAX - w->used;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(w->out + w->used, room, format, args);
    va_end(args);
    w->used += (size_t)n < room ? (size_t)n : room - 1;
}

static void put_head(struct writer *w, const char *name, const char *help, enum type type)
{
    print(w, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type == GAUGE ? "gauge" : "counter");
}

static void put(struct writer *w, const char *name, const char *help, enum type type,
                const struct sample *samples, size_t n)
{
    put_head(w, name, help, type);
    for (size_t i = 0; i < n; i++) {
        print(w, "%s%s %" PRIu64 "\n", name, samples[i].labels, samples[i].value);
    }
}

static void put_one(struct writer *w, const char *name, const char *help, enum type type,
                    uint64_t value)
{
    const struct sample sample = {"", value};

    put(w, name, help, type, &sample, 1);
}

#define PUT(w, name, help, type, samples) \
    put((w), (name), (help), (type), (samples), sizeof(samples) / sizeof(samples)[0])

static void put_desk(struct writer *w, const struct usher_uv_stats *stats)
{
    const struct usher_stats *s = &stats->core;
    const struct sample links[] = {
        {"{as=\"visitor\"}", s->links_visitor},
        {"{as=\"agent\"}", s->links_agent},
        {"{as=\"nobody\"}", s->links - s->links_visitor - s->links_agent},
    };
    const struct sample sessions[] = {
        {"{state=\"waiting\"}", s->waiting},
        {"{state=\"offered\"}", s->offered},
        {"{state=\"active\"}", s->active},
        {"{state=\"closed\"}", s->closed},
    };

    put_one(w, "usher_open", "1 while frames are accepted.", GAUGE, stats->open);
    put_one(w, "usher_degraded", "1 while saving fails.", GAUGE, s->degraded);
    PUT(w, "usher_links", "Live links.", GAUGE, links);
    PUT(w, "usher_sessions", "Sessions in memory.", GAUGE, sessions);
    put_one(w, "usher_agents", "Agents known.", GAUGE, s->agents);
    put_one(w, "usher_agents_here", "Agents with a link.", GAUGE, s->agents_here);
    put_one(w, "usher_agents_ready", "Agents with a link and ready.", GAUGE, s->agents_ready);
    put_one(w, "usher_queues", "Queues known.", GAUGE, s->queues);
    put_one(w, "usher_queues_open", "Queues that are open.", GAUGE, s->queues_open);
    put_one(w, "usher_queues_ready", "Open queues that an agent is ready for.", GAUGE,
            s->queues_ready);
    put_one(w, "usher_keys", "Keys of commands in memory.", GAUGE, s->keys);
    put_one(w, "usher_answers", "Answers waiting for a link.", GAUGE, s->answers);
    put_one(w, "usher_fact_seq", "The last fact made.", GAUGE, s->seq);
    put_one(w, "usher_fact_durable_seq", "The last fact that is durable.", GAUGE, s->durable);
    put_one(w, "usher_steps_total", "Events that the core took.", COUNTER, s->steps);
    put_one(w, "usher_refused_total", "Commands refused.", COUNTER, s->refused);
    put_one(w, "usher_offers_total", "Offers made.", COUNTER, s->offers);
    put_one(w, "usher_offers_missed_total", "Offers that ran out.", COUNTER, s->missed);
    put_one(w, "usher_offers_declined_total", "Offers that an agent declined.", COUNTER,
            s->declined);
    put_one(w, "usher_started_total", "Sessions started.", COUNTER, s->started);
    put_one(w, "usher_said_total", "Messages said.", COUNTER, s->said);
}

static void put_traffic(struct writer *w, const struct usher_uv_stats *s)
{
    const struct sample frames[] = {{"{way=\"in\"}", s->frames_in},
                                    {"{way=\"out\"}", s->frames_out}};
    const struct sample bytes[] = {{"{way=\"in\"}", s->bytes_in}, {"{way=\"out\"}", s->bytes_out}};

    PUT(w, "usher_frames_total", "WebSocket messages.", COUNTER, frames);
    PUT(w, "usher_frame_bytes_total", "Bytes in WebSocket messages.", COUNTER, bytes);
    put_one(w, "usher_refused_rate_total", "Commands refused as too fast.", COUNTER,
            s->refused_rate);
    put_one(w, "usher_refused_frame_total", "Frames refused as not well-formed.", COUNTER,
            s->refused_frame);
    put_one(w, "usher_links_refused_total", "Links refused at the door.", COUNTER,
            s->links_refused);
    put_one(w, "usher_links_dropped_total", "Links that the server ended.", COUNTER,
            s->links_dropped);
    put_one(w, "usher_batches_total", "Batches saved.", COUNTER, s->batches);
    put_one(w, "usher_batch_facts_total", "Facts saved.", COUNTER, s->batch_facts);
    put_one(w, "usher_batch_failures_total", "Batches that could not be saved at once.", COUNTER,
            s->batch_failures);
    put_head(w, "usher_batch_seconds_total", "Time spent saving.", COUNTER);
    print(w, "usher_batch_seconds_total %" PRIu64 ".%06" PRIu64 "\n", s->batch_us / 1000000,
          s->batch_us % 1000000);
}

size_t server_metrics_write(char out[SERVER_METRICS_MAX], const struct usher_uv_stats *stats,
                            const struct server_counts *counts)
{
    struct writer w = {out, 0};
    const struct sample version[] = {{"{version=\"" USHER_VERSION_STRING "\"}", 1}};
    const struct sample logins[] = {
        {"{answer=\"right\"}", counts->logins_right},
        {"{answer=\"wrong\"}", counts->logins_wrong},
        {"{answer=\"locked\"}", counts->logins_locked},
        {"{answer=\"malformed\"}", counts->logins_malformed},
    };

    PUT(&w, "usher_build_info", "Which usher this is.", GAUGE, version);
    put_desk(&w, stats);
    put_traffic(&w, stats);
    put_one(&w, "usher_http_requests_total", "HTTP requests but for the WebSocket's.", COUNTER,
            counts->requests);
    PUT(&w, "usher_logins_total", "Answers to POST /usher/login.", COUNTER, logins);
    return w.used;
}
