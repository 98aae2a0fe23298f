/* encode.c - effects as frames: facts as they are, notes each in their own form.
 * SPDX-License-Identifier: MIT */
#include "encode.h"

#include "parts.h"

static void put_offer(struct ush_writer *w, uint64_t number)
{
    PUT(w, ",\"offer\":\"o-");
    ush_put_number(w, number);
    PUT(w, "\"");
}

static void put_why(struct ush_writer *w, const char *why)
{
    PUT(w, ",\"why\":");
    ush_put_word(w, why);
}

static void put_internal(struct ush_writer *w, enum usher_log log)
{
    if (log == USHER_LOG_INTERNAL) {
        PUT(w, ",\"log\":\"internal\"");
    }
}

static void put_place(struct ush_writer *w, const struct usher_note *n)
{
    PUT(w, "\"place\"");
    ush_put_session(w, n->session);
    PUT(w, ",\"place\":");
    ush_put_number(w, n->as.place.place);
    if (n->as.place.known) {
        PUT(w, ",\"wait_ms\":[");
        ush_put_number(w, n->as.place.low_ms);
        PUT(w, ",");
        ush_put_number(w, n->as.place.high_ms);
        PUT(w, "]");
    }
}

static void put_needs(struct ush_writer *w, const struct usher_skill *needs, size_t n)
{
    PUT(w, ",\"needs\":{");
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            PUT(w, ",");
        }
        ush_put_word(w, needs[i].id.s);
        PUT(w, ":");
        ush_put_number(w, needs[i].level);
    }
    PUT(w, "}");
}

static void put_offered(struct ush_writer *w, const struct usher_note *n)
{
    PUT(w, "\"offer\"");
    put_offer(w, n->as.offer.number);
    ush_put_session(w, n->session);
    ush_put_queue(w, &n->as.offer.queue);
    PUT(w, ",\"until\":");
    ush_put_time(w, n->as.offer.until_ms);
    ush_put_form(w, n->as.offer.name, n->as.offer.email);
    PUT(w, ",\"cost\":");
    ush_put_number(w, n->as.offer.cost);
    if (n->as.offer.priority > 0) {
        PUT(w, ",\"priority\":");
        ush_put_number(w, n->as.offer.priority);
    }
    if (n->as.offer.n_needs > 0) {
        put_needs(w, n->as.offer.needs, n->as.offer.n_needs);
    }
}

static void put_offer_over(struct ush_writer *w, const struct usher_note *n)
{
    enum usher_cause cause = n->as.offer.cause;
    PUT(w, "\"offer_over\"");
    put_offer(w, n->as.offer.number);
    ush_put_session(w, n->session);
    put_why(w, cause == USHER_CAUSE_NONE ? "accepted" : usher_cause_name(cause));
}

static void put_presence(struct ush_writer *w, const struct usher_note *n)
{
    PUT(w, "\"presence\"");
    ush_put_session(w, n->session);
    PUT(w, ",\"who\":");
    ush_put_word(w, usher_kind_name(n->by.kind));
    PUT(w, ",\"here\":");
    ush_put_bool(w, n->as.presence.here);
}

static void put_agent(struct ush_writer *w, const struct usher_note *n)
{
    PUT(w, "\"agent\",\"ready\":");
    ush_put_bool(w, n->as.agent.ready);
    if (n->as.agent.cause != USHER_CAUSE_NONE) {
        put_why(w, usher_cause_name(n->as.agent.cause));
    }
    if (n->as.agent.reason.len > 0) {
        PUT(w, ",\"reason\":");
        ush_put_text(w, n->as.agent.reason);
    }
}

static void put_done(struct ush_writer *w, const struct usher_note *n)
{
    PUT(w, "\"done\"");
    ush_put_key(w, n->key);
    if (n->as.done.was > 0) {
        ush_put_session(w, n->session);
        PUT(w, ",\"was\":");
        ush_put_number(w, n->as.done.was);
        put_internal(w, n->as.done.log);
    }
}

static void put_refused(struct ush_writer *w, const struct usher_note *n)
{
    const char *text = n->as.refused.text == NULL ? "" : n->as.refused.text;
    PUT(w, "\"refused\"");
    ush_put_key(w, n->key);
    put_why(w, usher_why_name(n->as.refused.why));
    PUT(w, ",\"text\":");
    ush_put_text(w, (struct usher_span){text, strlen(text)});
    if (n->as.refused.retry_ms > 0) {
        PUT(w, ",\"retry_ms\":");
        ush_put_number(w, n->as.refused.retry_ms);
    }
    if (n->as.refused.why == USHER_TAKEN) {
        ush_put_session(w, n->session);
    }
}

static void put_reset(struct ush_writer *w, const struct usher_note *n)
{
    PUT(w, "\"reset\"");
    ush_put_session(w, n->session);
    PUT(w, ",\"head\":");
    ush_put_number(w, n->as.reset.head);
    PUT(w, ",\"first\":");
    ush_put_number(w, n->as.reset.first);
    put_internal(w, n->as.reset.log);
}

static void put_history(struct ush_writer *w, const struct usher_note *n)
{
    PUT(w, "\"history\"");
    ush_put_session(w, n->session);
    PUT(w, ",\"facts\":[");
    for (size_t i = 0; i < n->as.history.n; i++) {
        if (i > 0) {
            PUT(w, ",");
        }
        ush_put_fact(w, &n->as.history.facts[i], false);
    }
    PUT(w, "],\"more\":");
    ush_put_bool(w, n->as.history.more);
    ush_put_key(w, n->key);
}

static void put_note(struct ush_writer *w, const struct usher_note *n, struct usher_span token)
{
    PUT(w, "{\"type\":");
    switch (n->type) {
    case USHER_NOTE_HELLO:
        PUT(w, "\"hello\"");
        ush_put_hello(w, n, token);
        break;
    case USHER_NOTE_PLACE:
        put_place(w, n);
        break;
    case USHER_NOTE_OFFER:
        put_offered(w, n);
        break;
    case USHER_NOTE_OFFER_OVER:
        put_offer_over(w, n);
        break;
    case USHER_NOTE_TYPING:
        PUT(w, "\"typing\"");
        ush_put_session(w, n->session);
        ush_put_by(w, &n->by);
        break;
    case USHER_NOTE_PRESENCE:
        put_presence(w, n);
        break;
    case USHER_NOTE_AGENT:
        put_agent(w, n);
        break;
    case USHER_NOTE_DONE:
        put_done(w, n);
        break;
    case USHER_NOTE_REFUSED:
        put_refused(w, n);
        break;
    case USHER_NOTE_RESET:
        put_reset(w, n);
        break;
    case USHER_NOTE_DEGRADED:
        PUT(w, "\"degraded\",\"on\":");
        ush_put_bool(w, n->as.degraded.on);
        break;
    case USHER_NOTE_HISTORY:
        put_history(w, n);
        break;
    case USHER_NOTE_BOARD:
        PUT(w, "\"board\"");
        ush_put_board(w, n);
        break;
    case USHER_NOTE_EXPLAINED:
        PUT(w, "\"explained\"");
        ush_put_explained(w, n);
        break;
    }
    PUT(w, "}");
}

static int finish(const struct ush_writer *w, const char *out, size_t *len)
{
    if (w->wrong) {
        return USHER_EINVAL;
    }
    if (w->full) {
        return USHER_EFULL;
    }
    *len = (size_t) (w->at - out);
    return 0;
}

int usher_encode(const struct usher_effect *fx, struct usher_span token, char *out, size_t cap,
                 size_t *len)
{
    struct ush_writer w = {.at = out, .end = out + cap};
    switch (fx->type) {
    case USHER_DO_FACT:
        ush_put_fact(&w, fx->as.fact.fact, fx->as.fact.own);
        break;
    case USHER_DO_NOTE:
        put_note(&w, &fx->as.note, token);
        break;
    case USHER_DO_DROP:
    case USHER_DO_PERSIST:
    case USHER_DO_FETCH:
    case USHER_DO_FIND:
        w.wrong = true;
        break;
    }
    return finish(&w, out, len);
}

int usher_encode_bye(uint32_t retry_ms, char *out, size_t cap, size_t *len)
{
    struct ush_writer w = {.at = out, .end = out + cap};
    PUT(&w, "{\"type\":\"bye\",\"retry_ms\":");
    ush_put_number(&w, retry_ms);
    PUT(&w, "}");
    return finish(&w, out, len);
}
