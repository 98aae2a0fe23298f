/* core_key_test.c - keys that only the storage remembers, on a core alone (P2).
 * SPDX-License-Identifier: MIT */
#include "core_world.h"

/* From now on the storage finds each key that it is asked for, as this command's. */
static void remembered(struct world *w, uint64_t digest)
{
    w->found.as.found.found = true;
    w->found.as.found.log = USHER_LOG_DESK;
    w->found.as.found.digest = digest;
}

/* The digest of ann's last readiness, from the batch that saves it. */
static uint64_t digest_of_ready(struct world *w, const char *key)
{
    struct usher_event ev = command(USHER_EV_READY, ANN, key);
    uint64_t digest = 0;
    ev.as.ready.on = true;
    memset(&w->told, 0, sizeof w->told);
    while (usher_step(w->desk, w->now, &ev) == USHER_EWAIT) {
        const struct usher_effect *fx = usher_take(w->desk);
        assert_int_equal(fx->type, USHER_DO_FIND);
        w->found = (struct usher_event){.type = USHER_EV_FOUND};
        w->found.as.found.ticket = fx->as.find.ticket;
        assert_int_equal(usher_step(w->desk, w->now, &w->found), 0);
    }
    const struct usher_effect *fx = usher_take(w->desk);
    assert_int_equal(fx->type, USHER_DO_PERSIST);
    digest = fx->as.persist.facts[0].digest;
    struct usher_event saved = {.type = USHER_EV_PERSISTED};
    saved.as.persisted.upto = fx->as.persist.first + fx->as.persist.n - 1;
    assert_int_equal(usher_step(w->desk, w->now, &saved), 0);
    struct usher_event tick = {.type = USHER_EV_TICK};
    step(w, &tick);
    return digest;
}

/* More keys than a desk remembers of one agent: the first is known to the storage only. */
static void an_old_ready_has_no_effect_again(void **state)
{
    struct world *w = *state;
    uint64_t digest = digest_of_ready(w, "old");
    for (int i = 0; i < 70; i++) {
        char key[8];
        snprintf(key, sizeof key, "r%d", i);
        ready(w, ANN, key, i % 2 == 0);
    }
    remembered(w, digest);
    ready(w, ANN, "old", true);
    assert_int_equal(w->told.n_finds, 1);
    assert_int_equal(w->told.n_notes, 1); /* and no note `agent` */
    assert_int_equal(answer(&w->told, ANN)->type, USHER_NOTE_DONE);
    ready(w, ANN, "old", false);
    assert_int_equal(answer(&w->told, ANN)->as.refused.why, USHER_KEY_CONFLICT);
    w->found.as.found.failed = true;
    w->found.as.found.found = false;
    ready(w, ANN, "older", false);
    assert_int_equal(answer(&w->told, ANN)->as.refused.why, USHER_BUSY);
}

static void what_answers_a_live_offer_is_not_looked_up(void **state)
{
    struct world *w = *state;
    ready(w, ANN, "r1", true);
    start(w);
    struct usher_event accept = accepting(w);
    step(w, &accept);
    assert_int_equal(w->told.n_finds, 0);
    assert_int_equal(w->told.n_facts, 4); /* to ann: opened, said, joined; to the visitor: joined */
    step(w, &accept);
    assert_int_equal(w->told.n_finds, 0); /* remembered */
    assert_int_equal(answer(&w->told, ANN)->type, USHER_NOTE_DONE);
    accept.key = span("a0");
    step(w, &accept);
    assert_int_equal(w->told.n_finds, 1); /* it may have been an offer of old */
    assert_int_equal(answer(&w->told, ANN)->as.refused.why, USHER_OFFER_GONE);
}

/* Answers what is asked of the storage, and saves nothing; how many facts were to be saved. */
static size_t look_up_only(struct world *w)
{
    const struct usher_effect *fx;
    size_t facts = 0;
    while ((fx = usher_take(w->desk)) != NULL) {
        if (fx->type == USHER_DO_FIND) {
            struct usher_event found = {.type = USHER_EV_FOUND};
            found.as.found.ticket = fx->as.find.ticket;
            assert_int_equal(usher_step(w->desk, w->now, &found), 0);
        } else if (fx->type == USHER_DO_PERSIST) {
            facts += fx->as.persist.n;
        }
    }
    return facts;
}

/* While nothing can be saved, keys are known to the memory only: it may not forget them. */
static void a_key_that_is_not_saved_yet_is_not_forgotten(void **state)
{
    struct world *w = *state;
    char key[8];
    struct usher_event ev;
    for (int i = 0; i < 66; i++) {
        snprintf(key, sizeof key, "r%d", i == 65 ? 0 : i);
        ev = command(USHER_EV_READY, ANN, key);
        ev.as.ready.on = i % 2 == 0 || i == 65;
        while (usher_step(w->desk, w->now, &ev) == USHER_EWAIT) {
            look_up_only(w);
        }
    }
    struct usher_stats stats;
    usher_stats_get(w->desk, &stats);
    assert_int_equal(stats.refused, 1); /* the sixty-fifth; the first again was answered */
    assert_int_equal(stats.seq, 64);
}

/* Two tabs with one outbox: what the storage said about a key is no longer true when another
 * link has used it meanwhile. */
static void a_look_up_is_void_when_the_key_was_used_meanwhile(void **state)
{
    struct world *w = *state;
    enum { TAB = 7 };
    struct usher_event queue = {.type = USHER_EV_QUEUE_SET};
    queue.as.queue_set =
        (struct usher_queue_set){.queue = {"sales"}, .open = true, .reopen_ms = 1000};
    step(w, &queue);
    sign_in(w, TAB, NULL);
    start(w);
    struct usher_event end = command(USHER_EV_CLOSE, VISITOR, "c0");
    step(w, &end);
    pass(w, 5000); /* so that the storage may know a key that the memory does not */
    struct usher_event one = command(USHER_EV_START, VISITOR, "k");
    strcpy(one.as.start.queue.s, "sales");
    one.as.start.body = span("hi");
    one.session.b[0] = 20;
    struct usher_event other = one;
    other.link.v = TAB;
    other.session.b[0] = 21;
    assert_int_equal(usher_step(w->desk, w->now, &one), USHER_EWAIT);
    assert_int_equal(usher_step(w->desk, w->now, &other), USHER_EWAIT);
    assert_int_equal(look_up_only(w), 0);
    step(w, &one);
    step(w, &other);
    assert_int_equal(answer(&w->told, TAB)->type, USHER_NOTE_DONE);
    end = command(USHER_EV_CLOSE, VISITOR, "c1");
    end.session.b[0] = 20;
    step(w, &end);
    pass(w, 5000);
    w->found.as.found.found = true; /* from now on the storage knows it */
    other.session.b[0] = 22;
    step(w, &other);
    assert_int_equal(w->told.n_finds, 1);
    assert_int_equal(w->told.n_facts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)
        TEST(an_old_ready_has_no_effect_again),
        TEST(what_answers_a_live_offer_is_not_looked_up),
        TEST(a_key_that_is_not_saved_yet_is_not_forgotten),
        TEST(a_look_up_is_void_when_the_key_was_used_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
