/* storage_kit.c - facts to store: ids, ready-made facts, and a random desk.
 * SPDX-License-Identifier: MIT */
#include "storage_kit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { AT_MS = 1000, SESSIONS = 12, VISITORS = 8, AGENTS = 3 };

uint64_t ush_dice(struct ush_dice *dice)
{
    /* splitmix64: each state gives one number, and none is a bad seed. */
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint32_t ush_dice_below(struct ush_dice *dice, uint32_t n)
{
    return (uint32_t) (ush_dice(dice) >> 33) % n;
}

struct ush_dice ush_dice_new(const char *test)
{
    const char *given = getenv("USHER_TEST_SEED");
    struct timespec now = {0, 0};
    timespec_get(&now, TIME_UTC);
    struct ush_dice dice = {(uint64_t) now.tv_sec * 1000000007u + (uint64_t) now.tv_nsec};
    if (given != NULL) {
        dice.state = strtoull(given, NULL, 0);
    }
    printf("%s: USHER_TEST_SEED=0x%" PRIx64 "\n", test, dice.state);
    fflush(stdout);
    return dice;
}

static void fill(uint8_t *to, size_t n, uint64_t seed)
{
    struct ush_dice dice = {seed};
    for (size_t i = 0; i < n; i++) {
        to[i] = (uint8_t) ush_dice(&dice);
    }
}

struct usher_session_id ush_session_of(uint32_t n)
{
    struct usher_session_id id;
    fill(id.b, sizeof id.b, UINT64_C(0x5e5510) + n);
    return id;
}

struct usher_visitor_id ush_visitor_of(uint32_t n)
{
    struct usher_visitor_id id;
    fill(id.b, sizeof id.b, UINT64_C(0x71517012000) + n);
    return id;
}

void ush_token_of(uint32_t n, uint8_t token_hash[32])
{
    fill(token_hash, 32, UINT64_C(0x70ce4000000) + n);
}

static void copy_name(char to[USHER_ID_MAX + 1], const char *name)
{
    for (size_t i = 0; i < USHER_ID_MAX && name[i] != '\0'; i++) {
        to[i] = name[i];
    }
}

struct usher_agent_id ush_agent_of(const char *name)
{
    struct usher_agent_id id = {{0}};
    copy_name(id.s, name);
    return id;
}

struct usher_queue_id ush_queue_of(const char *name)
{
    struct usher_queue_id id = {{0}};
    copy_name(id.s, name);
    return id;
}

struct usher_span ush_span(const char *text)
{
    return (struct usher_span){text, strlen(text)};
}

static struct usher_by visitor_by(uint32_t visitor)
{
    return (struct usher_by){.kind = USHER_VISITOR,
                             .visitor = ush_visitor_of(visitor),
                             .name = ush_span("Ann Visitor")};
}

static struct usher_by agent_by(const char *agent)
{
    return (struct usher_by){
        .kind = USHER_AGENT, .agent = ush_agent_of(agent), .name = ush_span(agent)};
}

struct usher_fact ush_fact_visitor(uint32_t visitor)
{
    /* Valid until the next call; the model copies it at once. */
    static uint8_t token_hash[32];
    ush_token_of(visitor, token_hash);
    return (struct usher_fact){.at_ms = AT_MS,
                               .type = USHER_FACT_VISITOR,
                               .log = USHER_LOG_DESK,
                               .by = {.kind = USHER_VISITOR, .visitor = ush_visitor_of(visitor)},
                               .body = {token_hash, sizeof token_hash}};
}

struct usher_fact ush_fact_opened(uint32_t session, uint32_t visitor)
{
    return (struct usher_fact){.at_ms = AT_MS,
                               .type = USHER_FACT_OPENED,
                               .log = USHER_LOG_PUBLIC,
                               .session = ush_session_of(session),
                               .by = visitor_by(visitor),
                               .queue = ush_queue_of("sales"),
                               .email = ush_span("ann@example.org")};
}

struct usher_fact ush_fact_said(uint32_t session, uint32_t visitor, const char *body)
{
    return (struct usher_fact){.at_ms = AT_MS,
                               .type = USHER_FACT_SAID,
                               .log = USHER_LOG_PUBLIC,
                               .session = ush_session_of(session),
                               .by = visitor_by(visitor),
                               .body = ush_span(body)};
}

struct usher_fact ush_fact_whispered(uint32_t session, const char *agent, const char *body)
{
    return (struct usher_fact){.at_ms = AT_MS,
                               .type = USHER_FACT_WHISPERED,
                               .log = USHER_LOG_INTERNAL,
                               .session = ush_session_of(session),
                               .by = agent_by(agent),
                               .body = ush_span(body)};
}

struct usher_fact ush_fact_joined(uint32_t session, const char *agent)
{
    return (struct usher_fact){.at_ms = AT_MS,
                               .type = USHER_FACT_JOINED,
                               .log = USHER_LOG_PUBLIC,
                               .session = ush_session_of(session),
                               .by = agent_by(agent)};
}

struct usher_fact ush_fact_closed(uint32_t session, uint32_t visitor, int64_t at_ms)
{
    return (struct usher_fact){.at_ms = at_ms,
                               .type = USHER_FACT_CLOSED,
                               .log = USHER_LOG_PUBLIC,
                               .cause = USHER_CAUSE_ASKED,
                               .session = ush_session_of(session),
                               .by = visitor_by(visitor)};
}

struct usher_fact ush_fact_reopened(uint32_t session, uint32_t visitor, int64_t at_ms)
{
    return (struct usher_fact){.at_ms = at_ms,
                               .type = USHER_FACT_REOPENED,
                               .log = USHER_LOG_PUBLIC,
                               .session = ush_session_of(session),
                               .by = visitor_by(visitor),
                               .queue = ush_queue_of("sales")};
}

struct usher_fact ush_fact_agent(const char *agent, bool ready)
{
    return (struct usher_fact){.at_ms = AT_MS,
                               .type = USHER_FACT_AGENT,
                               .log = USHER_LOG_DESK,
                               .cause = USHER_CAUSE_ASKED,
                               .by = agent_by(agent),
                               .agent = ush_agent_of(agent),
                               .number = ready,
                               .body = ush_span(ready ? "" : "lunch")};
}

struct usher_fact ush_fact_offered(uint32_t session, const char *agent)
{
    return (struct usher_fact){.at_ms = AT_MS,
                               .type = USHER_FACT_OFFERED,
                               .log = USHER_LOG_DESK,
                               .session = ush_session_of(session),
                               .queue = ush_queue_of("sales"),
                               .agent = ush_agent_of(agent),
                               .until_ms = AT_MS + 20000};
}

static bool has_session(const struct ush_model *m, uint32_t session)
{
    const struct usher_session_id id = ush_session_of(session);
    for (size_t i = 0; i < m->n; i++) {
        if (m->facts[i].type == USHER_FACT_OPENED &&
            memcmp(m->facts[i].session.b, id.b, sizeof id.b) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_visitor(const struct ush_model *m, uint32_t visitor)
{
    const struct usher_visitor_id id = ush_visitor_of(visitor);
    for (size_t i = 0; i < m->n; i++) {
        if (m->facts[i].type == USHER_FACT_VISITOR &&
            memcmp(m->facts[i].by.visitor.b, id.b, sizeof id.b) == 0) {
            return true;
        }
    }
    return false;
}

/* Texts that have spoiled storages before: zero bytes, four-byte characters, quotes, marks. */
static struct usher_span text(struct ush_dice *dice, char *to, size_t max)
{
    static const char *const bits[] = {"a",    "\0",         "'",    "\"",   "\xc3\xa9",
                                       "\n",   "\xf0\x9f\x98\x80", "%s", "\xef\xbb\xbf",
                                       "\xe0\xb8\x81", "\x7f", "\xef\xbf\xbf", "; --"};
    static const uint8_t lens[] = {1, 1, 1, 1, 2, 1, 4, 2, 3, 3, 1, 3, 4};
    size_t want = ush_dice_below(dice, (uint32_t) max + 1), n = 0;
    while (n < want) {
        const uint32_t i = ush_dice_below(dice, sizeof lens);
        if (n + lens[i] > max) {
            break;
        }
        memcpy(to + n, bits[i], lens[i]);
        n += lens[i];
    }
    return (struct usher_span){to, n};
}

static struct usher_fact random_fact(uint32_t session, uint32_t visitor, const char *agent,
                                     struct ush_dice *dice)
{
    struct usher_fact fact = ush_fact_said(session, visitor, "");
    switch (ush_dice_below(dice, 12)) {
    case 0:
        fact = ush_fact_closed(session, visitor, AT_MS + ush_dice_below(dice, 100));
        if (ush_dice_below(dice, 2) != 0) {
            fact.by = (struct usher_by){.kind = USHER_SYSTEM}; /* a fact without any text */
            fact.cause = USHER_CAUSE_ABANDONED;
        }
        return fact;
    case 1:
        return ush_fact_reopened(session, visitor, AT_MS + ush_dice_below(dice, 100));
    case 2:
        return ush_fact_joined(session, agent);
    case 3:
        return ush_fact_agent(agent, ush_dice_below(dice, 2) != 0);
    case 4:
        return ush_fact_offered(session, agent);
    case 5:
        fact = ush_fact_offered(session, agent);
        fact.type = USHER_FACT_OFFER_OVER;
        fact.cause = (enum usher_cause) (USHER_CAUSE_MISSED + ush_dice_below(dice, 7));
        fact.number = 1 + ush_dice_below(dice, 1000);
        fact.until_ms = 0;
        return fact;
    case 6:
        fact.type = USHER_FACT_SEEN;
        fact.number = ush_dice_below(dice, 100);
        return fact;
    case 7:
        fact = ush_fact_joined(session, agent);
        fact.type = USHER_FACT_MOVED;
        fact.queue = ush_queue_of("help-desk.2");
        fact.agent = ush_agent_of("an_agent.with-a.very.long.name1");
        fact.agent_name = ush_span("\xe0\xb8\x81\xe0\xb8\x82");
        return fact;
    case 8:
        fact = ush_fact_joined(session, agent);
        fact.type = USHER_FACT_LEFT;
        fact.cause = USHER_CAUSE_LOST;
        fact.by = (struct usher_by){.kind = USHER_SYSTEM};
        fact.queue = ush_queue_of("sales");
        fact.agent = ush_agent_of(agent);
        fact.agent_name = ush_span("A. Gent");
        return fact;
    case 9:
        return ush_fact_whispered(session, agent, "");
    case 10:
        fact.type = USHER_FACT_VISITED;
        fact.log = USHER_LOG_INTERNAL;
        fact.body = ush_span("https://shop.example/\nA shop");
        return fact;
    default:
        fact.by = ush_dice_below(dice, 2) != 0 ? agent_by(agent) : visitor_by(visitor);
        return fact;
    }
}

void ush_model_happen(struct ush_model *m, struct ush_dice *dice)
{
    static const char *const agents[AGENTS] = {"ann", "bea", "bot-7"};
    char body[300], key[USHER_KEY_MAX];
    const uint32_t session = ush_dice_below(dice, SESSIONS);
    const uint32_t visitor = session % VISITORS;
    if (!has_visitor(m, visitor)) {
        const struct usher_fact fact = ush_fact_visitor(visitor);
        ush_model_add(m, &fact);
        return;
    }
    struct usher_fact fact = has_session(m, session)
                                 ? random_fact(session, visitor, agents[session % AGENTS], dice)
                                 : ush_fact_opened(session, visitor);
    fact.at_ms += ush_dice_below(dice, 50);
    if (fact.type == USHER_FACT_SAID || fact.type == USHER_FACT_WHISPERED) {
        fact.body = text(dice, body, sizeof body);
    }
    if (fact.by.kind != USHER_SYSTEM && ush_dice_below(dice, 2) != 0) {
        fact.key = text(dice, key, sizeof key);
        fact.digest = fact.key.len == 0 ? 0 : ush_dice(dice);
    }
    ush_model_add(m, &fact);
}
