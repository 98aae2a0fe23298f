/* load_setup.c - brings visitors and agents together, as their pages would, before they talk.
 * SPDX-License-Identifier: MIT */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define WAVE 200u /* links that are opened before the answers are waited for */
#define PATIENCE_NS 60000000000u

/* Is it an object of this type? */
static bool is(const char *text, size_t len, const char *type)
{
    static const char head[] = "{\"type\":\"";
    size_t n = strlen(type);

    return len > sizeof head + n && memcmp(text + sizeof head - 1, type, n) == 0 &&
           text[sizeof head - 1 + n] == '"';
}

/* The value of the first member of this name, which is a string. */
static void field(const char *text, size_t len, const char *name, char *out, size_t size)
{
    char mark[32];
    size_t n = (size_t) snprintf(mark, sizeof mark, "\"%s\":\"", name);
    const char *at = memmem(text, len, mark, n);

    if (at == NULL) {
        load_die("no %s in %.*s", name, (int) len, text);
    }
    at += n;
    for (size_t i = 0; i + 1 < size && at + i < text + len && at[i] != '"'; i++) {
        out[i] = at[i];
        out[i + 1] = '\0';
    }
}

static void take_offer(struct load_link *link, const char *text, size_t len)
{
    char offer[32] = "";

    field(text, len, "offer", offer, sizeof offer);
    load_link_text(link, "{\"type\":\"accept\",\"offer\":\"%s\",\"key\":\"accept-%s\"}", offer,
                   offer);
}

static void take_joined(struct load_link *link, const char *text, size_t len)
{
    if (!link->agent) {
        return;
    }
    if (link->n_joined == LOAD_AGENT_PAIRS) {
        load_die("an agent has too many sessions");
    }
    field(text, len, "session", link->joined[link->n_joined], SAY_ID + 1);
    link->n_joined++;
    link->target->come.joined++;
}

void load_setup_take(struct load_link *link, const char *text, size_t len)
{
    struct load_progress *come = &link->target->come;

    if (is(text, len, "refused") || is(text, len, "reset") || is(text, len, "degraded")) {
        load_die("%s: %.*s", link->target->name, (int) len, text);
    } else if (is(text, len, "hello") || (len == 5 && memcmp(text, "hello", 5) == 0)) {
        come->greeted++;
    } else if (is(text, len, "done") && link->agent && link->target->under_way == 0) {
        come->ready++;
    } else if (is(text, len, "offer")) {
        take_offer(link, text, len);
    } else if (is(text, len, "opened") && !link->agent) {
        field(text, len, "session", link->pairs[0]->session, SAY_ID + 1);
        come->opened++;
    } else if (is(text, len, "joined")) {
        take_joined(link, text, len);
    }
}

static void wait_for(struct load_target *t, const unsigned *come, unsigned wanted, const char *what)
{
    uint64_t end = load_clock(CLOCK_MONOTONIC) + PATIENCE_NS;

    while (*come < wanted) {
        if (load_clock(CLOCK_MONOTONIC) > end) {
            load_die("%s: %u of %u %s", t->name, *come, wanted, what);
        }
        load_turn(t, end);
    }
}

static void prepare(struct load_target *t, unsigned links)
{
    t->epoll = epoll_create1(EPOLL_CLOEXEC);
    t->links = calloc(links, sizeof *t->links);
    t->dirty = calloc(links, sizeof(struct load_link *));
    t->buffer = malloc(LOAD_READ);
    if (t->epoll < 0 || t->links == NULL || t->dirty == NULL || t->buffer == NULL) {
        load_die("no memory");
    }
    t->n_links = links;
    for (unsigned i = 0; i < links; i++) {
        t->links[i] = (struct load_link){.target = t, .fd = -1};
    }
}

static void greet_usher(struct load_link *link, const char *token)
{
    if (token != NULL) {
        load_link_text(link, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"%s\"}", token);
    } else {
        load_link_text(link, "{\"type\":\"hello\",\"as\":\"visitor\"}");
    }
}

/* Open them all and say hello: frames may follow the handshake at once. */
static void open_links(struct load_target *t, char *const *tokens)
{
    for (unsigned i = 0; i < t->n_links; i++) {
        struct load_link *link = &t->links[i];
        char from[32];
        /* Everybody from an address of his own, as on the internet. */
        snprintf(from, sizeof from, "127.%u.%u.%u", 1 + i / 62500, i / 250 % 250, i % 250 + 1);
        load_link_open(link, from);
        if (t->usher) {
            greet_usher(link, link->agent ? tokens[i] : NULL);
        } else if (link->n_pairs > 0) {
            load_link_text(link, "hello %c %u %u", link->agent ? 'a' : 'v',
                           (unsigned) (link->pairs[0] - t->pairs), link->n_pairs);
        } else {
            load_link_text(link, "hello v 0 0");
        }
        if ((i + 1) % WAVE == 0 || i + 1 == t->n_links) {
            wait_for(t, &t->come.greeted, i + 1, "links are greeted");
        }
    }
}

static struct load_pair *pair_of(struct load_target *t, const char *session)
{
    for (unsigned i = 0; i < t->n_pairs; i++) {
        if (memcmp(t->pairs[i].session, session, SAY_ID) == 0) {
            return &t->pairs[i];
        }
    }
    load_die("%s: a session of nobody", t->name);
}

static void bring_together(struct load_target *t, const char *queue)
{
    for (unsigned i = 0; i < t->n_agents; i++) {
        load_link_text(&t->links[i], "{\"type\":\"ready\",\"on\":true,\"key\":\"%016llx\"}",
                       (unsigned long long) load_clock(CLOCK_REALTIME));
    }
    wait_for(t, &t->come.ready, t->n_agents, "agents are ready");
    for (unsigned i = t->n_agents; i < t->n_links; i++) {
        load_link_text(&t->links[i],
                       "{\"type\":\"start\",\"queue\":\"%s\",\"body\":\"good day\",\"key\":\"s\"}",
                       queue);
    }
    wait_for(t, &t->come.opened, t->n_pairs, "sessions are open");
    wait_for(t, &t->come.joined, t->n_pairs, "sessions are joined");
    for (unsigned i = 0; i < t->n_agents; i++) {
        struct load_link *link = &t->links[i];
        for (unsigned k = 0; k < link->n_joined; k++) {
            struct load_pair *pair = pair_of(t, link->joined[k]);
            pair->link[1] = link;
            link->pairs[link->n_pairs++] = pair;
        }
    }
}

void load_setup(struct load_target *t, unsigned pairs, char *const *tokens, unsigned n_tokens,
                const char *queue)
{
    t->n_agents = (pairs + LOAD_AGENT_PAIRS - 1) / LOAD_AGENT_PAIRS;
    if (t->usher && n_tokens < t->n_agents) {
        load_die("%u agents are too few for %u pairs", n_tokens, pairs);
    }
    prepare(t, t->n_agents + pairs);
    t->n_pairs = pairs;
    t->pairs = calloc(pairs, sizeof *t->pairs);
    if (t->pairs == NULL) {
        load_die("no memory");
    }
    for (unsigned i = 0; i < pairs; i++) {
        struct load_link *agent = &t->links[i / LOAD_AGENT_PAIRS];
        struct load_link *visitor = &t->links[t->n_agents + i];
        agent->agent = true;
        visitor->pairs[visitor->n_pairs++] = &t->pairs[i];
        t->pairs[i].link[0] = visitor;
        if (!t->usher) { /* usher decides itself who gets which session */
            agent->pairs[agent->n_pairs++] = &t->pairs[i];
            t->pairs[i].link[1] = agent;
            snprintf(t->pairs[i].session, SAY_ID + 1, "%0*x%024d", SAY_PAIR, i, 0);
        }
    }
    open_links(t, tokens);
    if (t->usher) {
        bring_together(t, queue);
    }
    load_talk_frames(t);
}

void load_setup_idle(struct load_target *t, unsigned links)
{
    prepare(t, links);
    open_links(t, NULL);
}
