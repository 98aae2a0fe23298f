/* uv_random_test.c - people who do anything at any time, over a storage that fails: the desk stays sound.
 * SPDX-License-Identifier: MIT
 *
 * USHER_SEED=n repeats one run. */
#include "../../lib/uv/runtime.h"
#include "uv_world.h"

#define PEOPLE 12
#define STEPS 4000
#define RUNS 4

struct run {
    struct world w;
    uint64_t random;
    struct person people[PEOPLE];
    char tokens[PEOPLE][64];
    char session[PEOPLE][40]; /* the last one heard of; empty: none */
    uint32_t stops;
};

/* xorshift64*: good enough to wander. */
static uint32_t pick(struct run *r, uint32_t n)
{
    r->random ^= r->random >> 12;
    r->random ^= r->random << 25;
    r->random ^= r->random >> 27;
    return (uint32_t) (r->random * UINT64_C(2685821657736338717) >> 33) % n;
}

/* What was heard: a token, a session, an offer to take. */
static void hear(struct run *r, uint32_t i)
{
    struct person *p = &r->people[i];
    while (p->got != NULL && p->read < p->len) {
        const char *line = p->got + p->read;
        if (strstr(line, "\"type\":\"hello\",\"as\":\"visitor\"") == line + 1) {
            line_member(line, "token", r->tokens[i], sizeof r->tokens[i]);
        }
        const char *end = strchr(line, '\n');
        const char *session = strstr(line, "\"session\":\"");
        if (session != NULL && session < end) {
            line_member(line, "session", r->session[i], sizeof r->session[i]);
        }
        const char *offer = strstr(line, "\"offer\":\"o-");
        if (offer != NULL && offer < end && p->l != NULL && pick(r, 2) == 0) {
            char id[32], frame[128];
            line_member(line, "offer", id, sizeof id);
            snprintf(frame, sizeof frame, "{\"type\":\"accept\",\"key\":\"%s\",\"offer\":\"%s\"}",
                     id, id);
            usher_local_send(p->l, (struct usher_span){frame, strlen(frame)});
        }
        p->read = (size_t) (end + 1 - p->got);
    }
    p->len = p->read = 0;
}

/* A frame of every kind, good and bad, about what this person knows. */
static void make_frame(struct run *r, uint32_t i, char *out, size_t size)
{
    const char *s = r->session[pick(r, 8) == 0 ? pick(r, PEOPLE) : i];
    uint32_t key = pick(r, 40);
    switch (pick(r, 14)) {
    case 0:
        snprintf(out, size, "{\"type\":\"hello\",\"as\":\"visitor\",\"token\":\"%s\"}", r->tokens[i]);
        break;
    case 1:
        snprintf(out, size, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"%s\"}",
                 pick(r, 3) == 0 ? "bad" : pick(r, 2) == 0 ? "ann-token" : "bea-token");
        break;
    case 2:
        snprintf(out, size, "{\"type\":\"start\",\"key\":\"k%u\",\"queue\":\"sales\",\"body\":\"x\"}", key);
        break;
    case 3:
    case 4:
    case 5:
        snprintf(out, size, "{\"type\":\"say\",\"key\":\"k%u\",\"session\":\"%s\",\"body\":\"y\"}", key, s);
        break;
    case 6:
        snprintf(out, size, "{\"type\":\"typing\",\"session\":\"%s\"}", s);
        break;
    case 7:
        snprintf(out, size, "{\"type\":\"close\",\"key\":\"k%u\",\"session\":\"%s\"}", key, s);
        break;
    case 8:
        snprintf(out, size, "{\"type\":\"reopen\",\"key\":\"k%u\",\"session\":\"%s\"}", key, s);
        break;
    case 9:
        snprintf(out, size, "{\"type\":\"history\",\"key\":\"k%u\",\"session\":\"%s\"}", key, s);
        break;
    case 10:
        snprintf(out, size, "{\"type\":\"ready\",\"key\":\"k%u\",\"on\":%s}", key,
                 pick(r, 4) == 0 ? "false" : "true");
        break;
    case 11:
        snprintf(out, size, "{\"type\":\"whisper\",\"session\":\"%s\",\"body\":\"z\"}", s);
        break;
    case 12:
        snprintf(out, size, "{\"type\":\"move\",\"session\":\"%s\",\"agent\":\"bea\"}", s);
        break;
    default:
        snprintf(out, size, "{\"type\":%u", key);
        break;
    }
}

static void act(struct run *r)
{
    uint32_t i = pick(r, PEOPLE);
    struct person *p = &r->people[i];
    char frame[512];
    if (p->l == NULL) {
        person_done(p);
        if (person_try(&r->w, p, pick(r, 2) == 0 ? "192.0.2.1" : "2001:db8::1") != 0) {
            p->l = NULL;
        }
        if (p->l != NULL && pick(r, 4) != 0) {
            snprintf(frame, sizeof frame, "{\"type\":\"hello\",\"as\":\"%s\",\"token\":\"%s\"}",
                     i < PEOPLE / 2 ? "visitor" : "agent",
                     i < PEOPLE / 2 ? r->tokens[i] : pick(r, 2) == 0 ? "ann-token" : "bea-token");
            usher_local_send(p->l, (struct usher_span){frame, strlen(frame)});
        }
        return;
    }
    uint32_t what = pick(r, 100);
    if (what < 4) {
        usher_local_close(p->l, 1000);
    } else if (what < 8) {
        usher_local_pause(p->l, pick(r, 2) == 0);
    } else if (what < 10) {
        trouble_set(&r->w.t, &r->w.t.append_fails, 1);
    } else if (what < 12) {
        trouble_set(&r->w.t, &r->w.t.replies_lost, 1);
    } else if (what < 14) {
        trouble_set(&r->w.t, &r->w.t.reads_fail, 1);
    } else {
        make_frame(r, i, frame, sizeof frame);
        usher_local_send(p->l, (struct usher_span){frame, strlen(frame)});
    }
}

static void settle(struct run *r)
{
    for (uint32_t i = pick(r, 4); i > 0; i--) {
        uv_run(&r->w.loop, UV_RUN_NOWAIT);
    }
    for (uint32_t i = 0; i < PEOPLE; i++) {
        hear(r, i);
    }
}

/* Stop in the middle of everything, and begin again on the same shelf. */
static void restart(struct run *r)
{
    world_stop(&r->w);
    for (uint32_t i = 0; i < PEOPLE; i++) {
        assert_null(r->people[i].l);
        person_done(&r->people[i]);
    }
    r->stops++;
    world_open(&r->w);
}

static void wander(struct run *r, uint64_t seed)
{
    struct usher_fault why = {0};
    memset(r, 0, sizeof *r);
    r->random = seed;
    world_init(&r->w);
    uv_timer_stop(&r->w.patience);
    r->w.cfg.tell = NULL;
    r->w.cfg.log = NULL;
    r->w.queues[0].offer_ms = 5;
    r->w.queues[0].reopen_ms = 20;
    r->w.cfg.core.limits.recent_bytes = 65536;
    r->w.cfg.core.limits.sessions = 16;
    r->w.cfg.rates.visitor_say = (struct usher_rate){20, 5};
    r->w.cfg.rates.visitor_start = (struct usher_rate){20, 5};
    r->w.cfg.rates.address_start = (struct usher_rate){200, 5};
    r->w.cfg.rates.hello = (struct usher_rate){20, 5};
    r->w.cfg.rates.signin_failures = 1000;
    r->w.cfg.rates.accept = (struct usher_rate){200, 2};
    r->w.cfg.rates.hello_ms = 50;
    r->w.cfg.rates.stall_ms = 30;
    world_open(&r->w);
    for (uint32_t step = 0; step < STEPS; step++) {
        act(r);
        settle(r);
        if (step % 100 == 99 && usher_audit(r->w.rt->core, &why) != 0) {
            fail_msg("step %u: %s", step, why.text);
        }
        if (pick(r, 1000) == 0) {
            restart(r);
        }
    }
    restart(r);
    world_stop(&r->w);
    assert_true(r->stops > 0);
    world_done(&r->w);
}

static void whatever_people_do_the_desk_stays_sound(void **state)
{
    static struct run r;
    const char *given = getenv("USHER_SEED");
    (void) state;
    for (uint64_t i = 1; i <= (given == NULL ? RUNS : 1); i++) {
        uint64_t seed = given == NULL ? i : strtoull(given, NULL, 10);
        print_message("seed %llu\n", (unsigned long long) seed);
        wander(&r, seed * UINT64_C(0x9E3779B97F4A7C15));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_people_do_the_desk_stays_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
