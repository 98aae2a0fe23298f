/* story.c - plays a story: people do things at times, and are told exactly what the story says.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/usher/sim.h"

enum { ACTORS = 12, TOLD_SIZE = 1024 };

struct actor {
    char name[USHER_ID_MAX + 1];
    bool agent;
    uint64_t link, offer;
    struct usher_session_id session; /* his last one */
};

struct story {
    struct usher *u;
    struct usher_now now;
    uint64_t links, ids;
    struct actor actors[ACTORS];
    int n_actors;
    bool slow; /* nothing is saved until "storage works" */
    const struct usher_fact *batch;
    size_t n_batch;
    char told[TOLD_SIZE];
    struct usher_fault *why;
};

static struct actor *find(struct story *s, const char *name)
{
    for (int i = 0; i < s->n_actors; i++) {
        if (strcmp(s->actors[i].name, name) == 0) {
            return &s->actors[i];
        }
    }
    if (s->n_actors == ACTORS) {
        abort();
    }
    struct actor *a = &s->actors[s->n_actors++];
    snprintf(a->name, sizeof a->name, "%s", name);
    return a;
}

static void tell(struct story *s, const struct actor *a, const char *what)
{
    size_t used = strlen(s->told);
    snprintf(s->told + used, sizeof s->told - used, "%s%s %s", used == 0 ? "" : ", ", a->name,
             what);
}

static void told_note(struct story *s, struct actor *a, const struct usher_note *n)
{
    char text[64];
    if (n->type == USHER_NOTE_OFFER) {
        a->offer = n->as.offer.number;
        a->session = n->session;
        tell(s, a, "offer");
    } else if (n->type == USHER_NOTE_OFFER_OVER) {
        const char *why = usher_cause_name(n->as.offer.cause);
        snprintf(text, sizeof text, "offer over (%s)",
                 n->as.offer.cause == USHER_CAUSE_NONE ? "accepted" : why);
        tell(s, a, text);
    } else if (n->type == USHER_NOTE_PLACE) {
        snprintf(text, sizeof text, "place %llu", (unsigned long long) n->as.place.place);
        tell(s, a, text);
    } else if (n->type == USHER_NOTE_REFUSED) {
        snprintf(text, sizeof text, "refused %s", usher_why_name(n->as.refused.why));
        tell(s, a, text);
    } else if (n->type == USHER_NOTE_DONE) {
        tell(s, a, "done");
    } else if (n->type == USHER_NOTE_AGENT) {
        snprintf(text, sizeof text, "%s (%s)", n->as.agent.ready ? "is ready" : "is not ready",
                 usher_cause_name(n->as.agent.cause));
        tell(s, a, text);
    } else if (n->type == USHER_NOTE_DEGRADED) {
        tell(s, a, n->as.degraded.on ? "degraded" : "degraded no more");
    }
}

static int step(struct story *s, const struct usher_event *ev)
{
    struct usher_fault why;
    int rv = usher_step(s->u, s->now, ev);
    if (usher_audit(s->u, &why) != 0) {
        *s->why = why;
    }
    return rv;
}

static void drain(struct story *s)
{
    const struct usher_effect *fx = usher_take(s->u);
    while (fx != NULL) {
        struct actor *to = NULL;
        for (int i = 0; i < s->n_actors; i++) {
            to = s->actors[i].link != 0 && s->actors[i].link == fx->link.v ? &s->actors[i] : to;
        }
        if (fx->type == USHER_DO_PERSIST) {
            s->batch = fx->as.persist.facts;
            s->n_batch = fx->as.persist.n;
        } else if (fx->type == USHER_DO_FACT && to != NULL) {
            const struct usher_fact *f = fx->as.fact.fact;
            to->session = f->session;
            tell(s, to, usher_fact_name(f->type));
        } else if (fx->type == USHER_DO_NOTE && to != NULL) {
            told_note(s, to, &fx->as.note);
        }
        fx = usher_take(s->u);
    }
}

static void settle(struct story *s)
{
    struct usher_event tick;
    memset(&tick, 0, sizeof tick);
    tick.type = USHER_EV_TICK;
    for (int i = 0; i < 100; i++) {
        drain(s);
        uint64_t due = usher_deadline(s->u);
        if (s->batch != NULL && !s->slow) {
            struct usher_event saved;
            memset(&saved, 0, sizeof saved);
            saved.type = USHER_EV_PERSISTED;
            saved.as.persisted.upto = s->batch[s->n_batch - 1].seq;
            s->batch = NULL;
            step(s, &saved);
        } else if (due <= s->now.mono_ms) {
            step(s, &tick);
        } else {
            return;
        }
    }
}

static void come(struct story *s, struct actor *a)
{
    struct usher_event ev;
    memset(&ev, 0, sizeof ev);
    if (a->link != 0) {
        return;
    }
    a->link = ++s->links;
    ev.type = USHER_EV_LINK_UP;
    ev.link.v = a->link;
    step(s, &ev);
    if (a->agent) {
        ev.type = USHER_EV_SIGN_IN_AGENT;
        memcpy(ev.as.agent.agent.s, a->name, sizeof a->name);
    } else {
        ev.type = USHER_EV_SIGN_IN_VISITOR;
        memcpy(ev.as.visitor.visitor.b, a->name, sizeof ev.as.visitor.visitor.b);
        memcpy(ev.as.visitor.token_hash, a->name, sizeof a->name);
    }
    step(s, &ev);
}

/* The word after `text`, or what stands in quotes. */
static const char *word(const char *text, char *out, size_t size)
{
    size_t n = 0;
    text += strspn(text, " ");
    char end = *text == '"' ? '"' : ' ';
    text += *text == '"' ? 1 : 0;
    while (*text != 0 && *text != end && n + 1 < size) {
        out[n++] = *text++;
    }
    out[n] = 0;
    return *text == '"' ? text + 1 : text;
}

/* Fills the event of a verb; false: no such verb. */
static bool command(struct story *s, struct actor *a, const char *verb, const char *rest,
                    struct usher_event *ev, char text[64])
{
    char aim[USHER_ID_MAX + 1] = "";
    ev->session = a->session;
    if (strcmp(verb, "starts") == 0) {
        rest = word(rest, aim, sizeof aim); /* in */
        memset(aim, 0, sizeof aim);
        rest = word(rest, aim, sizeof aim);
        word(rest, text, 64);
        ev->type = USHER_EV_START;
        memset(&ev->session, 0, sizeof ev->session);
        ev->session.b[0] = (uint8_t) ++s->ids;
        memcpy(ev->as.start.queue.s, aim, sizeof aim);
        ev->as.start.body = (struct usher_span){text, strlen(text)};
    } else if (strcmp(verb, "says") == 0 || strcmp(verb, "whispers") == 0) {
        word(rest, text, 64);
        ev->type = verb[0] == 's' ? USHER_EV_SAY : USHER_EV_WHISPER;
        ev->as.say.body = (struct usher_span){text, strlen(text)};
    } else if (strcmp(verb, "moves") == 0) {
        rest = word(rest, aim, sizeof aim); /* to */
        rest = word(rest, aim, sizeof aim);
        bool queue = strcmp(aim, "queue") == 0;
        memset(aim, 0, sizeof aim);
        word(rest, aim, sizeof aim);
        ev->type = USHER_EV_MOVE;
        memcpy(queue ? ev->as.move.queue.s : ev->as.move.agent.s, aim, sizeof aim);
    } else if (strcmp(verb, "ready") == 0 || strcmp(verb, "away") == 0) {
        ev->type = USHER_EV_READY;
        ev->as.ready.on = verb[0] == 'r';
    } else if (strcmp(verb, "accepts") == 0 || strcmp(verb, "declines") == 0) {
        ev->type = verb[0] == 'a' ? USHER_EV_ACCEPT : USHER_EV_DECLINE;
        ev->as.answer.offer = a->offer;
    } else if (strcmp(verb, "closes") == 0 || strcmp(verb, "reopens") == 0) {
        ev->type = verb[0] == 'c' ? USHER_EV_CLOSE : USHER_EV_REOPEN;
    } else {
        return false;
    }
    return true;
}

/* The key of a command: the last word, behind "as". */
static struct usher_span key_of(const char *line, char out[16])
{
    const char *quote = strrchr(line, '"');
    const char *as = strstr(quote == NULL ? line : quote, " as ");
    out[0] = 0;
    if (as != NULL) {
        word(as + 4, out, 16);
    }
    return (struct usher_span){out, strlen(out)};
}

static bool act(struct story *s, const char *line)
{
    char name[USHER_ID_MAX + 1] = "";
    char verb[16];
    char key[16];
    char text[64] = "";
    struct usher_event ev;
    memset(&ev, 0, sizeof ev);
    line = word(line, name, sizeof name);
    line = word(line, verb, sizeof verb);
    if (name[0] == 0) {
        return true; /* only time passes */
    }
    if (strcmp(name, "storage") == 0) {
        s->slow = strcmp(verb, "fails") == 0;
        ev.type = USHER_EV_STORAGE_LOST;
        return !s->slow || step(s, &ev) == 0;
    }
    char padded[sizeof name];
    memset(padded, 0, sizeof padded);
    snprintf(padded, sizeof padded, "%s", name);
    struct actor *a = find(s, padded);
    if (strcmp(verb, "leaves") == 0) {
        ev.type = USHER_EV_LINK_DOWN;
        ev.link.v = a->link;
        a->link = 0;
        return step(s, &ev) == 0;
    }
    come(s, a);
    if (strcmp(verb, "comes") == 0) {
        return true;
    }
    if (!command(s, a, verb, line, &ev, text)) {
        return false;
    }
    ev.link.v = a->link;
    ev.key = key_of(line, key);
    return step(s, &ev) == 0;
}

/* queue NAME offer MS | agent NAME QUEUE slots N */
static bool declare(struct story *s, const char *line)
{
    char kind[16];
    char name[USHER_ID_MAX + 1] = "";
    char queue[USHER_ID_MAX + 1] = "";
    char number[16];
    struct usher_event ev;
    memset(&ev, 0, sizeof ev);
    memset(name, 0, sizeof name);
    memset(queue, 0, sizeof queue);
    line = word(line, kind, sizeof kind);
    line = word(line, name, sizeof name);
    line = word(line, queue, sizeof queue);
    if (strcmp(kind, "queue") == 0) {
        word(line, number, sizeof number);
        ev.type = USHER_EV_QUEUE_SET;
        memcpy(ev.as.queue_set.queue.s, name, sizeof name);
        ev.as.queue_set.open = true;
        ev.as.queue_set.offer_ms = (uint32_t) strtoul(number, NULL, 10);
        return step(s, &ev) == 0;
    }
    line = word(line, number, sizeof number); /* slots */
    word(line, number, sizeof number);
    struct usher_queue_id id;
    memcpy(id.s, queue, sizeof id.s);
    ev.type = USHER_EV_AGENT_SET;
    memcpy(ev.as.agent_set.agent.s, name, sizeof name);
    ev.as.agent_set.queues = &id;
    ev.as.agent_set.n_queues = 1;
    ev.as.agent_set.capacity = (uint32_t) strtoul(number, NULL, 10);
    find(s, name)->agent = true;
    return strcmp(kind, "agent") == 0 && step(s, &ev) == 0;
}

static int fail(struct story *s, int number, const char *line, const char *expected)
{
    s->why->err = USHER_ECORRUPT;
    snprintf(s->why->text, sizeof s->why->text,
             "line %d (%.20s): expected \"%.40s\", but: \"%.40s\"", number, line, expected,
             s->told);
    return USHER_ECORRUPT;
}

static int play_line(struct story *s, int number, char *line)
{
    char *arrow = strstr(line, "->");
    char *expected = arrow == NULL ? line + strlen(line) : arrow + 2;
    if (arrow != NULL) {
        *arrow = 0;
    }
    expected += strspn(expected, " ");
    if (line[0] != '[') {
        return declare(s, line) ? 0 : fail(s, number, line, "a queue or an agent");
    }
    char *end;
    uint64_t at = strtoull(line + 1, &end, 10);
    s->told[0] = 0;
    while (s->now.mono_ms < 1000 + at) {
        uint64_t due = usher_deadline(s->u);
        uint64_t to = due < 1000 + at ? due : 1000 + at;
        s->now.wall_ms += (int64_t) (to - s->now.mono_ms);
        s->now.mono_ms = to;
        settle(s);
    }
    if (*end != ']' || !act(s, end + 1)) {
        return fail(s, number, line, "something that can be done");
    }
    settle(s);
    return strcmp(s->told, expected) == 0 && s->why->err == 0 ? 0 : fail(s, number, line, expected);
}

int usher_sim_play(const char *text, struct usher_fault *why)
{
    struct story s;
    struct usher_config cfg;
    struct usher_event ev;
    memset(&s, 0, sizeof s);
    memset(&ev, 0, sizeof ev);
    why->err = 0;
    s.why = why;
    s.now = (struct usher_now){1000, 1700000000000};
    usher_config_init(&cfg);
    int rv = usher_new(&s.u, &cfg);
    if (rv != 0) {
        return rv;
    }
    ev.type = USHER_EV_LOADED;
    ev.as.loaded.epoch = 1;
    rv = step(&s, &ev);
    int number = 0;
    while (rv == 0 && *text != 0) {
        char line[256];
        size_t n = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int) n, text);
        line[strcspn(line, "#")] = 0;
        while (line[0] != 0 && line[strlen(line) - 1] == ' ') {
            line[strlen(line) - 1] = 0;
        }
        number++;
        rv = line[0] == 0 ? 0 : play_line(&s, number, line);
        text += text[n] == 0 ? n : n + 1;
    }
    usher_free(s.u);
    return rv;
}
