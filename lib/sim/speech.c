/* speech.c - what people say: commands as events, their texts a function of one number.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "world.h"

struct usher_span ush_key_text(uint32_t key, char out[USH_KEY_TEXT])
{
    int len = key == USH_NONE ? 0 : snprintf(out, USH_KEY_TEXT, "key-%u", key);
    return (struct usher_span){out, (size_t) len};
}

uint32_t ush_key_parse(struct usher_span key)
{
    const char *text = key.base;
    uint32_t n = 0;
    if (key.len < 5 || key.len >= USH_KEY_TEXT || memcmp(text, "key-", 4) != 0) {
        return USH_NONE;
    }
    for (size_t i = 4; i < key.len; i++) {
        n = n * 10 + (uint32_t) (text[i] - '0');
    }
    return n;
}

struct usher_span ush_speech_body(const struct ush_world *w, const struct ush_command *c,
                                  char out[USH_BODY_MAX])
{
    static const char letters[] = "usher opens the door, and you find your seat. ";
    size_t max = w->cfg.limits.body_max < USH_BODY_MAX ? w->cfg.limits.body_max : USH_BODY_MAX;
    size_t len = c->content % 32 == 0 ? max : 1 + c->content % 40;
    for (size_t i = 0; i < len; i++) {
        out[i] = letters[(i + c->content) % (sizeof letters - 1)];
    }
    return (struct usher_span){out, len};
}

struct usher_span ush_speech_name(const struct ush_command *c, char out[USHER_NAME_MAX])
{
    int len = c->content % 3 == 0 ? 0 : snprintf(out, USHER_NAME_MAX, "Visitor %u", c->content);
    return (struct usher_span){out, (size_t) len};
}

struct usher_span ush_speech_email(const struct ush_command *c, char out[USHER_EMAIL_MAX])
{
    int len =
        c->content % 5 != 0 ? 0 : snprintf(out, USHER_EMAIL_MAX, "v%u@shop.example", c->content);
    return (struct usher_span){out, (size_t) len};
}

/* A page: its URL, and sometimes a title. */
struct usher_span ush_speech_url(const struct ush_command *c, char out[USHER_NAME_MAX])
{
    int len = snprintf(out, USHER_NAME_MAX, "https://shop.example/%u", c->content);
    return (struct usher_span){out, (size_t) len};
}

struct usher_span ush_speech_title(const struct ush_command *c, char out[USHER_EMAIL_MAX])
{
    int len = c->content % 3 == 0 ? 0 : snprintf(out, USHER_EMAIL_MAX, "Page %u", c->content);
    return (struct usher_span){out, (size_t) len};
}

static uint32_t more(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* What a session needs, as its first fact says it: by itself, and by the queue that it starts in.
 */
struct usher_span ush_speech_needs(const struct ush_command *c, const struct ush_rules *r,
                                   char out[USHER_EMAIL_MAX])
{
    int len = 0;
    out[0] = 0;
    if (more(c->priority, r->priority) > 0) {
        len = snprintf(out, USHER_EMAIL_MAX, "priority=%u", more(c->priority, r->priority));
    }
    for (uint32_t k = 0; k < USH_SKILLS; k++) {
        uint32_t level = more(c->needs[k], r->needs[k]);
        if (level > 0) {
            len += snprintf(out + len, (size_t) (USHER_EMAIL_MAX - len), "%ss%u=%u",
                            len > 0 ? " " : "", k, level);
        }
    }
    return (struct usher_span){out, (size_t) len};
}

/* Levels as a list of those that are there; how many. */
size_t ush_speech_skills(const uint8_t levels[USH_SKILLS], struct usher_skill out[USH_SKILLS])
{
    size_t n = 0;
    for (uint32_t k = 0; k < USH_SKILLS; k++) {
        if (levels[k] > 0) {
            out[n] = (struct usher_skill){.level = levels[k]};
            ush_skill_id(k, &out[n++].id);
        }
    }
    return n;
}

static void name_queue(const struct ush_world *w, uint32_t queue, struct usher_queue_id *out)
{
    if (queue < w->picture.n_queues) {
        *out = w->picture.queues[queue].id;
    } else if (queue != USH_NONE) {
        memcpy(out->s, "nowhere", 7);
    }
}

static void name_agent(const struct ush_world *w, uint32_t agent, struct usher_agent_id *out)
{
    if (agent < w->picture.n_agents) {
        *out = w->picture.agents[agent].id;
    } else if (agent != USH_NONE) {
        memcpy(out->s, "nobody", 6);
    }
}

static void fill(struct ush_world *w, const struct ush_command *c, struct usher_event *ev)
{
    bool said = c->type == USHER_EV_SAY || c->type == USHER_EV_WHISPER;
    if (c->type == USHER_EV_START) {
        name_queue(w, c->queue, &ev->as.start.queue);
        ev->as.start.name = ush_speech_name(c, w->name);
        ev->as.start.email = ush_speech_email(c, w->email);
        ev->as.start.body = ush_speech_body(w, c, w->body);
        ev->as.start.priority = c->priority;
        ev->as.start.needs = w->needs;
        ev->as.start.n_needs = ush_speech_skills(c->needs, w->needs);
    } else if (said) {
        ev->as.say.body = ush_speech_body(w, c, w->body);
    } else if (c->type == USHER_EV_VISIT) {
        ev->as.visit.url = ush_speech_url(c, w->name);
        ev->as.visit.title = ush_speech_title(c, w->email);
    } else if (c->type == USHER_EV_BOARD) {
        ev->as.board.on = c->on;
    } else if (c->type == USHER_EV_SEEN) {
        ev->as.seen.upto = c->number;
    } else if (c->type == USHER_EV_MOVE) {
        name_queue(w, c->queue, &ev->as.move.queue);
        name_agent(w, c->agent, &ev->as.move.agent);
    } else if (c->type == USHER_EV_HISTORY) {
        ev->as.history.before = c->number;
        ev->as.history.before_internal = c->internal;
        ev->as.history.limit = c->limit;
    } else if (c->type == USHER_EV_READY) {
        ev->as.ready.on = c->on;
        ev->as.ready.reason = ush_speech_name(c, w->name);
    } else if (c->type == USHER_EV_ACCEPT || c->type == USHER_EV_DECLINE) {
        ev->as.answer.offer = c->number;
    }
}

void ush_speech(struct ush_world *w, const struct ush_command *c, struct usher_event *ev)
{
    memset(ev, 0, sizeof *ev);
    ev->type = c->type;
    ev->link.v = w->devices[c->device].link;
    ev->key = ush_key_text(c->key, w->key);
    if (c->session < w->picture.n_sessions) {
        ev->session = w->picture.sessions[c->session].id;
    } else if (c->session != USH_NONE) {
        memset(ev->session.b, 0xee, sizeof ev->session.b);
    }
    fill(w, c, ev);
}

/* Do two commands say the same? Then one is a repeat of the other. */
bool ush_speech_same(const struct ush_world *w, uint32_t a, uint32_t b)
{
    const struct ush_command *x = &w->commands[a];
    const struct ush_command *y = &w->commands[b];
    bool texts = x->type == USHER_EV_START || x->type == USHER_EV_SAY ||
                 x->type == USHER_EV_WHISPER || x->type == USHER_EV_READY ||
                 x->type == USHER_EV_VISIT;
    bool numbers =
        x->type == USHER_EV_SEEN || x->type == USHER_EV_ACCEPT || x->type == USHER_EV_DECLINE;
    if (a == b) {
        return true;
    }
    if (x->type != y->type || x->session != y->session || x->queue != y->queue ||
        x->agent != y->agent || x->on != y->on) {
        return false;
    }
    return (!texts || x->content == y->content) && (!numbers || x->number == y->number);
}
