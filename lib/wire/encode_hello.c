/* encode_hello.c - the answer to a hello as JSON: who you are, and all that is yours.
 * SPDX-License-Identifier: MIT */
#include "encode.h"
#include "parts.h"

static void put_epoch(struct ush_writer *w, uint64_t epoch)
{
    uint8_t bytes[8];
    for (int i = 7; i >= 0; i--) {
        bytes[i] = (uint8_t) (epoch & 0xFF);
        epoch >>= 8;
    }
    PUT(w, ",\"epoch\":");
    ush_put_hex(w, bytes, sizeof bytes);
}

/* An agent is told which of the queues are his own. */
static void put_queues(struct ush_writer *w, const struct usher_note *note)
{
    bool agent = note->as.hello.as == USHER_AGENT;
    PUT(w, "\"queues\":[");
    for (size_t i = 0; i < note->as.hello.n_queues; i++) {
        const struct usher_hello_queue *queue = &note->as.hello.queues[i];
        if (i > 0) {
            PUT(w, ",");
        }
        ush_put_named(w, queue->queue.s, queue->name);
        PUT(w, ",\"open\":");
        ush_put_bool(w, queue->open);
        PUT(w, ",\"ready\":");
        ush_put_bool(w, queue->ready);
        if (agent) {
            PUT(w, ",\"own\":");
            ush_put_bool(w, i < note->as.hello.n_own);
        }
        PUT(w, "}");
    }
    PUT(w, "]");
}

static void put_agents(struct ush_writer *w, const struct usher_note *note)
{
    PUT(w, ",\"agents\":[");
    for (size_t i = 0; i < note->as.hello.n_agents; i++) {
        const struct usher_hello_agent *agent = &note->as.hello.agents[i];
        if (i > 0) {
            PUT(w, ",");
        }
        ush_put_named(w, agent->agent.s, agent->name);
        PUT(w, "}");
    }
    PUT(w, "]");
}

/* A session that is offered to somebody still waits. */
static void put_state(struct ush_writer *w, enum usher_session_state state)
{
    switch (state) {
    case USHER_STATE_WAITING:
    case USHER_STATE_OFFERED:
        PUT(w, "\"waiting\"");
        break;
    case USHER_STATE_ACTIVE:
        PUT(w, "\"active\"");
        break;
    case USHER_STATE_CLOSED:
        PUT(w, "\"closed\"");
        break;
    case USHER_STATE_NONE:
        w->wrong = true;
        break;
    }
}

static void put_sessions(struct ush_writer *w, const struct usher_note *note)
{
    PUT(w, ",\"sessions\":[");
    for (size_t i = 0; i < note->as.hello.n_sessions; i++) {
        const struct usher_hello_session *session = &note->as.hello.sessions[i];
        if (i > 0) {
            PUT(w, ",");
        }
        PUT(w, "{\"session\":");
        ush_put_hex(w, session->session.b, sizeof session->session.b);
        PUT(w, ",\"state\":");
        put_state(w, session->state);
        PUT(w, ",\"head\":");
        ush_put_number(w, session->head[0]);
        if (note->as.hello.as == USHER_AGENT) {
            PUT(w, ",\"internal\":");
            ush_put_number(w, session->head[1]);
        }
        ush_put_queue(w, &session->queue);
        PUT(w, "}");
    }
    PUT(w, "]");
}

/* What a client of this kind may use beside saying and being said to. */
static void put_features(struct ush_writer *w, const struct usher_note *note)
{
    PUT(w, ",\"features\":[\"history\",\"reopen\",\"typing\",\"seen\"");
    if (note->as.hello.as == USHER_VISITOR) {
        PUT(w, ",\"visit\"");
    } else if (note->as.hello.supervisor) {
        PUT(w, ",\"board\"");
    }
    PUT(w, "]");
}

static void put_limits(struct ush_writer *w, const struct usher_note *note)
{
    bool agent = note->as.hello.as == USHER_AGENT;
    PUT(w, ",\"limits\":{\"body\":");
    ush_put_number(w, note->as.hello.body_max);
    PUT(w, ",\"frame\":");
    ush_put_number(w, agent ? USHER_FRAME_MAX : USHER_FRAME_VISITOR);
    PUT(w, ",\"key\":");
    ush_put_number(w, USHER_KEY_MAX);
    PUT(w, "}");
}

/* The desk is open while any of its queues is. */
static void put_desk(struct ush_writer *w, const struct usher_note *note)
{
    bool open = false;
    for (size_t i = 0; i < note->as.hello.n_queues; i++) {
        open = open || note->as.hello.queues[i].open;
    }
    PUT(w, ",\"desk\":{\"open\":");
    ush_put_bool(w, open);
    PUT(w, ",");
    put_queues(w, note);
    PUT(w, ",\"form\":[{\"name\":\"name\",\"required\":false},"
           "{\"name\":\"email\",\"required\":false}]}");
}

static void put_now(struct ush_writer *w, const struct usher_note *note)
{
    PUT(w, ",\"now\":");
    ush_put_time(w, note->as.hello.now_ms);
}

static void put_visitor_hello(struct ush_writer *w, const struct usher_note *note,
                              struct usher_span token)
{
    PUT(w, ",\"as\":\"visitor\",\"visitor\":");
    ush_put_hex(w, note->as.hello.visitor.b, sizeof note->as.hello.visitor.b);
    PUT(w, ",\"token\":");
    ush_put_text(w, token);
    put_epoch(w, note->as.hello.epoch);
    put_now(w, note);
    put_features(w, note);
    put_desk(w, note);
    put_sessions(w, note);
    put_limits(w, note);
}

static void put_agent_hello(struct ush_writer *w, const struct usher_note *note)
{
    const char *agent = note->as.hello.agent.s;
    struct usher_span name = note->as.hello.name;
    PUT(w, ",\"as\":\"agent\",\"agent\":");
    ush_put_word(w, agent);
    PUT(w, ",\"name\":");
    ush_put_text(w, name.len > 0 ? name : (struct usher_span){agent, strlen(agent)});
    PUT(w, ",\"role\":");
    ush_put_word(w, note->as.hello.supervisor ? "supervisor" : "agent");
    PUT(w, ",\"ready\":");
    ush_put_bool(w, note->as.hello.ready);
    PUT(w, ",\"capacity\":");
    ush_put_number(w, note->as.hello.capacity);
    put_epoch(w, note->as.hello.epoch);
    put_now(w, note);
    PUT(w, ",");
    put_queues(w, note);
    put_agents(w, note);
    put_sessions(w, note);
    put_features(w, note);
    put_limits(w, note);
}

void ush_put_hello(struct ush_writer *w, const struct usher_note *note, struct usher_span token)
{
    switch (note->as.hello.as) {
    case USHER_VISITOR:
        put_visitor_hello(w, note, token);
        break;
    case USHER_AGENT:
        put_agent_hello(w, note);
        break;
    case USHER_SYSTEM:
    case USHER_BOT:
        w->wrong = true;
        break;
    }
}
