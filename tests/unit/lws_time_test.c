/* lws_time_test.c - whoever takes too long is let go, and all of them wait at the same time.
 * SPDX-License-Identifier: MIT
 *
 * The limits are 10 s and not for a host to set; so this test takes as long. */
#include "lws_world.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>

#define LIMIT_MS 10000
#define LATE_MS 3000 /* how much later it may be on a slow machine */

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000 + (uint64_t) t.tv_nsec / 1000000;
}

enum { SILENT, HEAD, DRIP, BODY, MESSAGE, FRAGMENT, PATIENT, CASES };

struct slow {
    struct lws_peer p;
    size_t sent;
    uint64_t ended_ms; /* 0: still open */
};

/* Read what is there, without waiting. */
static void look(struct slow *s, uint64_t begin)
{
    if (s->ended_ms != 0) {
        return;
    }
    if (s->p.room - s->p.len < 1024) {
        s->p.room += 4096;
        s->p.in = realloc(s->p.in, s->p.room);
        assert_non_null(s->p.in);
    }
    ssize_t n = recv(s->p.fd, s->p.in + s->p.len, 1023, MSG_DONTWAIT);
    if (n > 0) {
        s->p.len += (size_t) n;
        s->p.in[s->p.len] = '\0';
    } else if (n == 0 || errno != EAGAIN) {
        s->ended_ms = now_ms() - begin;
    }
}

static void begin_all(struct lws_world *w, struct slow *s)
{
    for (int i = 0; i < CASES; i++) {
        lws_peer_open(&s[i].p, w);
    }
    lws_peer_text(&s[HEAD].p, "GET / HTTP/1.1\r\nHost: a\r\n");
    lws_peer_text(&s[BODY].p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    assert_int_equal(lws_peer_upgrade(&s[MESSAGE].p), 101);
    lws_peer_send(&s[MESSAGE].p, "\x81\x85\0\0\0\0he", 8);
    assert_int_equal(lws_peer_upgrade(&s[FRAGMENT].p), 101);
    lws_peer_frame(&s[FRAGMENT].p, false, 1, "he", 2);
    assert_int_equal(lws_peer_upgrade(&s[PATIENT].p), 101);
}

static void who_takes_too_long_is_let_go(void **state)
{
    static struct slow s[CASES];
    static const char drip[] = "GET / HTTP/1.1\r\nHost: a\r\nX: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy";
    struct lws_world w;

    (void) state;
    if (lws_world_valgrind()) {
        skip(); /* It is too slow to be on time. */
    }
    lws_world_start(&w);
    assert_int_equal(lws_peer_knock(&w, "https://one.example"), 403);
    assert_int_equal(lws_peer_knock(&w, "https://two.example"), 403);
    begin_all(&w, s);
    uint64_t begin = now_ms();
    for (int open = CASES; open > 1;) { /* All but the patient one. */
        uint64_t now = now_ms() - begin;
        assert_true(now < LIMIT_MS + LATE_MS);
        if (s[DRIP].ended_ms == 0 && s[DRIP].sent < now / 200 && s[DRIP].sent < sizeof drip - 1) {
            lws_peer_send(&s[DRIP].p, drip + s[DRIP].sent, 1);
            s[DRIP].sent++;
        }
        lws_world_turn(&w, -1, 0);
        open = 0;
        for (int i = 0; i < CASES; i++) {
            look(&s[i], begin);
            if ((i == MESSAGE || i == FRAGMENT) && s[i].p.len > 0 && s[i].ended_ms == 0) {
                s[i].ended_ms = now_ms() - begin; /* The close frame; nobody answers it. */
            }
            open += s[i].ended_ms == 0 ? 1 : 0;
        }
    }
    for (int i = 0; i < CASES; i++) {
        assert_true(i == PATIENT || s[i].ended_ms >= LIMIT_MS - 500);
    }
    assert_int_equal(s[PATIENT].ended_ms, 0);
    assert_int_equal(s[SILENT].p.len, 0);
    assert_memory_equal(s[HEAD].p.in, "HTTP/1.1 408 ", 13);
    assert_memory_equal(s[DRIP].p.in, "HTTP/1.1 408 ", 13);
    assert_memory_equal(s[BODY].p.in, "HTTP/1.1 408 ", 13);
    assert_memory_equal(s[MESSAGE].p.in, "\x88\x02\x11\x38", 4); /* 4408 */
    assert_memory_equal(s[FRAGMENT].p.in, "\x88\x02\x11\x38", 4);
    assert_int_equal(w.requests, 0);
    /* A refused origin may be logged again, too. */
    assert_int_equal(lws_peer_knock(&w, "https://three.example"), 403);
    assert_non_null(strstr(w.log, "three.example"));
    assert_non_null(strstr(w.log, "(and 1 more refused since the last line)"));
    for (int i = 0; i < CASES; i++) {
        lws_peer_close(&s[i].p);
    }
    lws_world_stop(&w, 1012);
}

/* Does the link that answers pings live, and the one that does not end? */
static void who_answers_no_ping_is_lost(void **state)
{
    struct usher_lws_config cfg;
    struct lws_world w;
    struct slow mute = {0}, alive = {0};
    int pings = 0;

    (void) state;
    lws_world_config(&w, &cfg);
    cfg.ping_ms = 1000;
    cfg.pong_ms = 1000;
    lws_world_open(&w, &cfg);
    lws_peer_open(&mute.p, &w);
    assert_int_equal(lws_peer_upgrade(&mute.p), 101);
    lws_peer_open(&alive.p, &w);
    assert_int_equal(lws_peer_upgrade(&alive.p), 101);
    uint64_t begin = now_ms();
    while (mute.ended_ms == 0 || pings < 3) {
        assert_true(now_ms() - begin < 10000);
        lws_world_turn(&w, -1, 0);
        look(&mute, begin);
        look(&alive, begin);
        while (alive.p.len >= 2) {
            assert_memory_equal(alive.p.in, "\x89\0", 2); /* an empty ping */
            alive.p.len -= 2;
            memmove(alive.p.in, alive.p.in + 2, alive.p.len);
            lws_peer_frame(&alive.p, true, 10, "", 0);
            pings++;
        }
    }
    assert_int_equal(w.codes[1], 1006);
    assert_int_equal(w.codes[2], 0);
    assert_int_equal(alive.ended_ms, 0);
    lws_peer_close(&mute.p);
    lws_peer_close(&alive.p);
    lws_world_stop(&w, 1012);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_takes_too_long_is_let_go),
        cmocka_unit_test(who_answers_no_ping_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
