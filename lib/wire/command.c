/* command.c - the commands of visitors and agents: their fields, and who may give them.
 * SPDX-License-Identifier: MIT */
#include "command.h"

#include <string.h>

#include "utf8.h"

#define HISTORY_LIMIT_MAX 100

_Static_assert(HISTORY_LIMIT_MAX == USHER_HISTORY_MAX, "the rule of `limit` names the number");
_Static_assert(USHER_NEEDS_MAX == 8, "the rule of `needs` names the number");

enum {
    TYPE = 1 << 0,
    KEY = 1 << 1,
    SESSION = 1 << 2,
    BODY = 1 << 3,
    QUEUE = 1 << 4,
    AGENT = 1 << 5,
    INDEX = 1 << 6,
    BEFORE = 1 << 7,
    LIMIT = 1 << 8,
    ON = 1 << 9,
    REASON = 1 << 10,
    OFFER = 1 << 11,
    FORM = 1 << 12,
    URL = 1 << 13,
    TITLE = 1 << 14,
    NEEDS = 1 << 15
};

static bool read_session(struct ush_reading *r, const cJSON *item)
{
    struct usher_span text;
    return ush_text(item, &text) && usher_session_id_parse(text, &r->out->event.session) == 0;
}

static bool read_body(struct ush_reading *r, const cJSON *item)
{
    struct usher_event *ev = &r->out->event;
    struct usher_span text;
    if (!ush_text(item, &text) || text.len == 0) {
        return false;
    }
    if (text.len > r->body_max) {
        ush_field_refuse(r->out, USHER_TOO_LARGE, "", "body", "too large");
        return false;
    }
    *(ev->type == USHER_EV_START ? &ev->as.start.body : &ev->as.say.body) = text;
    return true;
}

static bool read_queue(struct ush_reading *r, const cJSON *item)
{
    struct usher_event *ev = &r->out->event;
    struct usher_queue_id *to =
        ev->type == USHER_EV_START ? &ev->as.start.queue : &ev->as.move.queue;
    struct usher_span text;
    return ush_text(item, &text) && usher_queue_id_parse(text, to) == 0;
}

static bool read_agent(struct ush_reading *r, const cJSON *item)
{
    struct usher_span text;
    return ush_text(item, &text) && usher_agent_id_parse(text, &r->out->event.as.move.agent) == 0;
}

static bool read_index(struct ush_reading *r, const cJSON *item)
{
    return ush_number(item, 0, USH_NUMBER_MAX, &r->out->event.as.seen.upto);
}

static bool read_before(struct ush_reading *r, const cJSON *item)
{
    struct usher_event *ev = &r->out->event;
    if (!cJSON_IsArray(item)) {
        return ush_number(item, 1, USH_NUMBER_MAX, &ev->as.history.before);
    }
    return cJSON_GetArraySize(item) == 2 &&
           ush_number(item->child, 1, USH_NUMBER_MAX, &ev->as.history.before) &&
           ush_number(item->child->next, 1, USH_NUMBER_MAX, &ev->as.history.before_internal);
}

static bool read_limit(struct ush_reading *r, const cJSON *item)
{
    uint64_t limit;
    if (!ush_number(item, 1, HISTORY_LIMIT_MAX, &limit)) {
        return false;
    }
    r->out->event.as.history.limit = (uint32_t) limit;
    return true;
}

static bool read_on(struct ush_reading *r, const cJSON *item)
{
    struct usher_event *ev = &r->out->event;
    *(ev->type == USHER_EV_READY ? &ev->as.ready.on : &ev->as.board.on) = cJSON_IsTrue(item);
    return cJSON_IsBool(item);
}

static bool read_reason(struct ush_reading *r, const cJSON *item)
{
    struct usher_event *ev = &r->out->event;
    struct usher_span text;
    if (!ush_text(item, &text) || text.len > USHER_REASON_MAX ||
        !ush_utf8_line(text, USHER_REASON_MAX)) {
        return false;
    }
    *(ev->type == USHER_EV_READY ? &ev->as.ready.reason : &ev->as.answer.reason) = text;
    return true;
}

/* "o-" and a canonical number; offers are counted from 1. */
static bool read_offer(struct ush_reading *r, const cJSON *item)
{
    struct usher_span text;
    if (!ush_text(item, &text) || text.len < 3 || text.len > 18 ||
        memcmp(text.base, "o-", 2) != 0) {
        return false;
    }
    const char *digits = (const char *) text.base + 2;
    uint64_t number = 0;
    for (size_t i = 0; i < text.len - 2; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return false;
        }
        number = number * 10 + (uint64_t) (digits[i] - '0');
    }
    r->out->event.as.answer.offer = number;
    return digits[0] != '0' && number <= USH_NUMBER_MAX;
}

static bool read_form_name(struct ush_reading *r, const cJSON *item)
{
    struct usher_span *name = &r->out->event.as.start.name;
    return ush_text(item, name) && usher_name_ok(*name);
}

/* An address that nobody can take for a line of something else: what is true
 * beyond that only a mail can tell. */
static bool email_ok(struct usher_span email)
{
    const char *s = email.base;
    size_t ats = 0;
    for (size_t i = 0; i < email.len; i++) {
        bool inside = i > 0 && i + 1 < email.len;
        if (s[i] == '@' && (!inside || ++ats > 1)) {
            return false;
        }
    }
    return email.len == 0 ||
           (ats == 1 && email.len <= USHER_EMAIL_MAX && ush_utf8_line(email, USHER_EMAIL_MAX));
}

static bool read_form_email(struct ush_reading *r, const cJSON *item)
{
    struct usher_span *email = &r->out->event.as.start.email;
    return ush_text(item, email) && email_ok(*email);
}

static bool read_form(struct ush_reading *r, const cJSON *item)
{
    static const struct ush_field list[] = {
        {"name", 1, read_form_name, "at most 80 characters, no control or direction marks"},
        {"email", 2, read_form_email,
         "at most 254 bytes with one @ inside, no control or direction marks"},
    };
    static const struct ush_fields form = {list, sizeof list / sizeof list[0], "form."};
    return cJSON_IsObject(item) && ush_fields_read(r, item, &form, 0, 1 | 2) == 0;
}

/* A skill and its least level each; the gate lets no name come twice. */
static bool read_needs(struct ush_reading *r, const cJSON *item)
{
    struct usher_event *ev = &r->out->event;
    size_t n = 0;
    if (!cJSON_IsObject(item) || cJSON_GetArraySize(item) > USHER_NEEDS_MAX) {
        return false;
    }
    for (const cJSON *need = item->child; need != NULL; need = need->next) {
        struct usher_span name = {need->string, strlen(need->string)};
        uint64_t level;
        if (usher_skill_id_parse(name, &r->needs[n].id) != 0 ||
            !ush_number(need, 1, UINT8_MAX, &level)) {
            return false;
        }
        r->needs[n++].level = (uint32_t) level;
    }
    ev->as.start.needs = r->needs;
    ev->as.start.n_needs = n;
    return true;
}

/* Of a page in the web, in the characters that a URL is made of (RFC 3986). */
static bool read_url(struct ush_reading *r, const cJSON *item)
{
    struct usher_span *url = &r->out->event.as.visit.url;
    if (!ush_text(item, url) || url->len > USHER_URL_MAX) {
        return false;
    }
    const char *s = url->base;
    for (size_t i = 0; i < url->len; i++) {
        if (s[i] <= ' ' || s[i] > '~') {
            return false;
        }
    }
    return (url->len > 7 && memcmp(s, "http://", 7) == 0) ||
           (url->len > 8 && memcmp(s, "https://", 8) == 0);
}

static bool read_title(struct ush_reading *r, const cJSON *item)
{
    struct usher_span *title = &r->out->event.as.visit.title;
    return ush_text(item, title) && ush_utf8_line(*title, USHER_TITLE_MAX / 4);
}

static const struct ush_field field_list[] = {
    {"type", TYPE, NULL, ""},
    {"key", KEY, NULL, ""},
    {"session", SESSION, read_session, "must be 32 lower-case hex digits"},
    {"body", BODY, read_body, "must be text that is not empty"},
    {"queue", QUEUE, read_queue, "must be 1 to 31 of a-z 0-9 . _ -"},
    {"agent", AGENT, read_agent, "must be 1 to 31 of a-z 0-9 . _ -"},
    {"index", INDEX, read_index, "must be a number from 0"},
    {"before", BEFORE, read_before, "must be a number from 1; an agent's also two of them"},
    {"limit", LIMIT, read_limit, "must be a number from 1 to 100"},
    {"on", ON, read_on, "must be true or false"},
    {"reason", REASON, read_reason, "at most 80 bytes, no control or direction marks"},
    {"offer", OFFER, read_offer, "must be o- and a number"},
    {"form", FORM, read_form, "must be an object"},
    {"needs", NEEDS, read_needs, "at most 8 skills, each with a level from 1 to 255"},
    {"url", URL, read_url, "must be http:// or https:// and at most 2048 bytes of ASCII"},
    {"title", TITLE, read_title, "at most 200 characters, no control or direction marks"},
};

static const struct ush_fields fields = {field_list, sizeof field_list / sizeof field_list[0], ""};

enum {
    BY_VISITOR = 1 << USHER_VISITOR,
    BY_AGENT = 1 << USHER_AGENT,
    BY_BOTH = BY_VISITOR | BY_AGENT
};

static const struct command {
    const char *name;
    enum usher_event_type type;
    unsigned by, must, may;
} commands[] = {
    {"say", USHER_EV_SAY, BY_BOTH, SESSION | BODY, 0},
    {"seen", USHER_EV_SEEN, BY_BOTH, SESSION | INDEX, 0},
    {"typing", USHER_EV_TYPING, BY_BOTH, SESSION, 0},
    {"start", USHER_EV_START, BY_VISITOR, QUEUE | BODY, FORM | NEEDS},
    {"close", USHER_EV_CLOSE, BY_BOTH, SESSION, 0},
    {"reopen", USHER_EV_REOPEN, BY_BOTH, SESSION, 0},
    {"history", USHER_EV_HISTORY, BY_BOTH, SESSION, BEFORE | LIMIT},
    {"whisper", USHER_EV_WHISPER, BY_AGENT, SESSION | BODY, 0},
    {"move", USHER_EV_MOVE, BY_AGENT, SESSION, QUEUE | AGENT},
    {"ready", USHER_EV_READY, BY_AGENT, ON, REASON},
    {"accept", USHER_EV_ACCEPT, BY_AGENT, OFFER, 0},
    {"decline", USHER_EV_DECLINE, BY_AGENT, OFFER, REASON},
    {"visit", USHER_EV_VISIT, BY_VISITOR, SESSION | URL, TITLE},
    {"board", USHER_EV_BOARD, BY_AGENT, ON, 0},
    {"explain", USHER_EV_EXPLAIN, BY_AGENT, SESSION, 0},
};

static const struct command *find(enum usher_kind as, const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) == 0 && (commands[i].by >> as & 1) != 0) {
            return &commands[i];
        }
    }
    return NULL;
}

int ush_command_read(struct ush_reading *r, enum usher_kind as, const char *name,
                     const cJSON *object)
{
    const struct command *command = find(as, name);
    if (command == NULL) {
        return ush_field_refuse(r->out, USHER_UNKNOWN_TYPE, "", name, "no such command for you");
    }
    struct usher_event *ev = &r->out->event;
    ev->type = command->type;
    int rv = ush_fields_read(r, object, &fields, command->must | TYPE, command->may | KEY);
    if (rv == 0 && as == USHER_VISITOR && ev->type == USHER_EV_HISTORY &&
        ev->as.history.before_internal > 0) {
        return ush_field_refuse(r->out, USHER_BAD_FIELD, "", "before", "must be a number from 1");
    }
    if (rv != 0 || command->type != USHER_EV_MOVE) {
        return rv;
    }
    bool queue = ev->as.move.queue.s[0] != 0;
    bool agent = ev->as.move.agent.s[0] != 0;
    return queue != agent
               ? 0
               : ush_field_refuse(r->out, USHER_BAD_FIELD, "", "move", "to a queue or to an agent");
}
