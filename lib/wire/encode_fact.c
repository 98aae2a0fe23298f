/* encode_fact.c - facts as JSON.
 * SPDX-License-Identifier: MIT
 *
 *   {"type":T,"session":S,"log":"internal","index":N,"after":N,"at":MS,"key":K, … }
 *                         only internal ones          likewise          only one's own */
#include "encode.h"
#include "parts.h"

static void put_agent(struct ush_writer *w, const struct usher_agent_id *agent,
                      struct usher_span name)
{
    PUT(w, ",\"agent\":");
    ush_put_named(w, agent->s, name);
    PUT(w, "}");
}

static void put_cause(struct ush_writer *w, enum usher_cause cause)
{
    PUT(w, ",\"why\":");
    ush_put_word(w, usher_cause_name(cause));
}

/* The URL, a line feed, the title. */
static void put_page(struct ush_writer *w, struct usher_span page)
{
    const char *s = page.base;
    const char *feed = page.len > 0 ? memchr(s, '\n', page.len) : NULL;
    size_t len = feed == NULL ? page.len : (size_t) (feed - s);
    PUT(w, ",\"url\":");
    ush_put_text(w, (struct usher_span){s, len});
    if (feed != NULL) {
        PUT(w, ",\"title\":");
        ush_put_text(w, (struct usher_span){feed + 1, page.len - len - 1});
    }
}

static void put_fields(struct ush_writer *w, const struct usher_fact *f)
{
    switch (f->type) {
    case USHER_FACT_OPENED:
        ush_put_by(w, &f->by);
        ush_put_queue(w, &f->queue);
        ush_put_form(w, f->by.name, f->email);
        break;
    case USHER_FACT_SAID:
    case USHER_FACT_WHISPERED:
        ush_put_by(w, &f->by);
        PUT(w, ",\"body\":");
        ush_put_text(w, f->body);
        break;
    case USHER_FACT_VISITED:
        ush_put_by(w, &f->by);
        put_page(w, f->body);
        break;
    case USHER_FACT_SEEN:
        ush_put_by(w, &f->by);
        PUT(w, ",\"upto\":");
        ush_put_number(w, f->number);
        break;
    case USHER_FACT_JOINED:
        put_agent(w, &f->by.agent, f->by.name);
        break;
    case USHER_FACT_LEFT:
        put_agent(w, &f->agent, f->agent_name);
        put_cause(w, f->cause);
        ush_put_queue(w, &f->queue);
        break;
    case USHER_FACT_MOVED:
        ush_put_by(w, &f->by);
        ush_put_queue(w, &f->queue);
        if (f->agent.s[0] != 0) {
            put_agent(w, &f->agent, f->agent_name);
        }
        if (f->cause != USHER_CAUSE_NONE) {
            put_cause(w, f->cause);
        }
        break;
    case USHER_FACT_ESCALATED:
        ush_put_by(w, &f->by);
        ush_put_queue(w, &f->queue);
        PUT(w, ",\"priority\":");
        ush_put_number(w, f->number);
        put_cause(w, f->cause);
        break;
    case USHER_FACT_CLOSED:
        ush_put_by(w, &f->by);
        put_cause(w, f->cause);
        break;
    case USHER_FACT_REOPENED:
        ush_put_by(w, &f->by);
        ush_put_queue(w, &f->queue);
        break;
    case USHER_FACT_VISITOR:
    case USHER_FACT_AGENT:
    case USHER_FACT_OFFERED:
    case USHER_FACT_OFFER_OVER:
        w->wrong = true; /* The desk's own log is never shown. */
        break;
    }
}

void ush_put_fact(struct ush_writer *w, const struct usher_fact *f, bool own)
{
    PUT(w, "{\"type\":");
    ush_put_word(w, usher_fact_name(f->type));
    ush_put_session(w, f->session);
    if (f->log == USHER_LOG_INTERNAL) {
        PUT(w, ",\"log\":\"internal\"");
    }
    PUT(w, ",\"index\":");
    ush_put_number(w, f->index);
    if (f->log == USHER_LOG_INTERNAL) {
        PUT(w, ",\"after\":");
        ush_put_number(w, f->after);
    }
    PUT(w, ",\"at\":");
    ush_put_time(w, f->at_ms);
    if (own) {
        ush_put_key(w, f->key);
    }
    put_fields(w, f);
    PUT(w, "}");
}
