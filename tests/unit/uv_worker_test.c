/* uv_worker_test.c - tests of the storage thread: retry, lost replies, order, leaving.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../lib/uv/worker.h"
#include "usher/plug/memory.h"
#include "uv_trouble.h"

#define FACTS 2000

struct world {
    uv_loop_t loop;
    uv_async_t async;
    struct usher_shelf *shelf;
    struct trouble t;
    struct ush_worker w;
    struct ush_list jobs;  /* done, not looked at */
    struct ush_news seen;  /* all news together; failures and times are sums */
    struct usher_fact facts[FACTS];
    uint8_t hashes[FACTS][32];
};

static void on_async(uv_async_t *async)
{
    struct world *w = async->data;
    struct ush_news news;
    ush_worker_news(&w->w, &news);
    w->seen.saved = w->seen.saved || news.saved;
    w->seen.lost = w->seen.lost || news.lost;
    w->seen.fatal = w->seen.fatal || news.fatal;
    w->seen.ended = w->seen.ended || news.ended;
    w->seen.failures += news.failures;
    while (!ush_list_empty(&news.jobs)) {
        struct ush_list *job = news.jobs.next;
        ush_list_del(job);
        ush_list_add_last(&w->jobs, job);
    }
}

/* Facts first … first + n - 1, as a batch: new visitors, each with a token. */
static struct usher_batch batch(struct world *w, uint64_t first, size_t n)
{
    for (uint64_t seq = first; seq < first + n; seq++) {
        memcpy(w->hashes[seq - 1], &seq, sizeof seq);
        struct usher_fact f = {.seq = seq, .type = USHER_FACT_VISITOR, .log = USHER_LOG_DESK};
        f.by.kind = USHER_VISITOR;
        memcpy(f.by.visitor.b, &seq, sizeof seq);
        f.body = (struct usher_span){w->hashes[seq - 1], 32};
        w->facts[seq - 1] = f;
    }
    return (struct usher_batch){first, n, &w->facts[first - 1]};
}

static struct ush_job *next_job(struct world *w)
{
    while (ush_list_empty(&w->jobs)) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    struct ush_job *job = USH_ITEM(w->jobs.next, struct ush_job, at);
    ush_list_del(&job->at);
    return job;
}

static struct ush_job *load_job(void)
{
    struct ush_job *job = ush_job_new(USH_JOB_LOAD);
    job->in.load.fresh_epoch = 7;
    return job;
}

static void open_world(struct world *w)
{
    struct usher_storage *memory = NULL;
    assert_int_equal(usher_memory_open(&memory, w->shelf), 0);
    trouble_init(&w->t, memory);
    assert_int_equal(ush_worker_init(&w->w, &w->t.storage), 0);
    ush_worker_go(&w->w, &w->async);
}

static int setup(void **state)
{
    static struct world w;
    memset(&w, 0, sizeof w);
    ush_list_init(&w.jobs);
    uv_loop_init(&w.loop);
    uv_async_init(&w.loop, &w.async, on_async);
    w.async.data = &w;
    assert_int_equal(usher_shelf_new(&w.shelf), 0);
    open_world(&w);
    *state = &w;
    return 0;
}

static void leave(struct world *w)
{
    ush_worker_quit(&w->w);
    while (!w->seen.ended) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    ush_worker_join(&w->w);
    assert_true(w->t.closed);
    trouble_done(&w->t);
}

static int teardown(void **state)
{
    struct world *w = *state;
    while (!ush_list_empty(&w->jobs)) {
        ush_job_free(next_job(w));
    }
    uv_close((uv_handle_t *) &w->async, NULL);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    usher_shelf_free(w->shelf);
    return 0;
}

static void load(struct world *w)
{
    ush_worker_do(&w->w, load_job());
    struct ush_job *job = next_job(w);
    assert_int_equal(job->why.err, 0);
    assert_int_equal(job->in.load.epoch, 7);
    ush_job_free(job);
}

static void save(struct world *w, uint64_t first, size_t n)
{
    struct usher_batch b = batch(w, first, n);
    w->seen = (struct ush_news){0};
    ush_worker_save(&w->w, &b);
    while (!w->seen.saved && !w->seen.fatal) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
}

/* What the storage holds, read to the end. */
static size_t stored(struct world *w)
{
    struct ush_job *job = ush_job_new(USH_JOB_HISTORY);
    job->in.history.max = 100000;
    ush_worker_do(&w->w, job);
    job = next_job(w);
    assert_int_equal(job->why.err, 0);
    size_t n = job->facts.n;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(job->facts.facts[i].seq, i + 1);
        assert_memory_equal(job->facts.facts[i].body.base, w->hashes[i], 32);
    }
    ush_job_free(job);
    return n;
}

static void a_batch_is_saved(void **state)
{
    struct world *w = *state;
    load(w);
    save(w, 1, 3);
    assert_true(w->seen.saved);
    assert_false(w->seen.lost);
    save(w, 4, 2);
    assert_int_equal(stored(w), 5);
    leave(w);
}

static void a_failed_save_is_tried_again_and_doubles_nothing(void **state)
{
    struct world *w = *state;
    load(w);
    trouble_set(&w->t, &w->t.append_fails, 2);
    save(w, 1, 3);
    assert_true(w->seen.lost);
    assert_true(w->seen.saved);
    assert_int_equal(w->seen.failures, 2);
    assert_int_equal(trouble_get(&w->t, &w->t.appends), 3);
    assert_int_equal(stored(w), 3);
    leave(w);
}

static void a_lost_reply_is_not_a_lost_batch(void **state)
{
    struct world *w = *state;
    load(w);
    trouble_set(&w->t, &w->t.replies_lost, 1);
    save(w, 1, 3);
    assert_true(w->seen.saved);
    assert_false(w->seen.lost);
    assert_int_equal(trouble_get(&w->t, &w->t.appends), 1);
    assert_int_equal(stored(w), 3);
    leave(w);
}

static void mark_is_asked_before_a_doubtful_batch_is_tried_again(void **state)
{
    struct world *w = *state;
    load(w);
    /* It commits, the reply is lost, and nobody can tell for a while. */
    trouble_set(&w->t, &w->t.replies_lost, 1);
    trouble_set(&w->t, &w->t.mark_fails, 2);
    save(w, 1, 3);
    assert_true(w->seen.lost);
    assert_true(w->seen.saved);
    assert_int_equal(trouble_get(&w->t, &w->t.appends), 1);
    assert_int_equal(trouble_get(&w->t, &w->t.marks), 3);
    assert_int_equal(stored(w), 3);
    leave(w);
}

static void another_writer_is_fatal(void **state)
{
    struct world *w = *state;
    load(w);
    trouble_set(&w->t, &w->t.append_err, USHER_EFENCED);
    trouble_set(&w->t, &w->t.append_fails, 1);
    save(w, 1, 3);
    assert_true(w->seen.fatal);
    assert_false(w->seen.saved);
    assert_int_equal(trouble_get(&w->t, &w->t.appends), 1);
    leave(w);
}

static void a_store_that_moved_by_itself_is_fatal(void **state)
{
    struct world *w = *state;
    load(w);
    trouble_set(&w->t, &w->t.append_fails, 1);
    uv_mutex_lock(&w->t.lock);
    w->t.mark_lies = 100;
    uv_mutex_unlock(&w->t.lock);
    save(w, 1, 3);
    assert_true(w->seen.fatal);
    assert_false(w->seen.saved);
    assert_int_equal(trouble_get(&w->t, &w->t.appends), 1);
    leave(w);
}

static void reads_are_served_while_saving_fails(void **state)
{
    struct world *w = *state;
    load(w);
    save(w, 1, 2);
    trouble_set(&w->t, &w->t.append_fails, 1000000);
    struct usher_batch b = batch(w, 3, 2);
    w->seen = (struct ush_news){0};
    ush_worker_save(&w->w, &b);
    while (w->seen.failures < 2) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    assert_int_equal(stored(w), 2);
    assert_false(w->seen.saved);
    leave(w);
}

static void finds_and_fetches_come_back(void **state)
{
    struct world *w = *state;
    load(w);
    save(w, 1, 3);
    struct ush_job *job = ush_job_new(USH_JOB_VISITOR);
    memcpy(job->in.visitor.token_hash, w->hashes[1], 32);
    ush_worker_do(&w->w, job);
    job = next_job(w);
    assert_true(job->visitor_found);
    assert_memory_equal(&job->visitor, &w->facts[1].by.visitor, sizeof job->visitor);
    ush_job_free(job);

    job = ush_job_new(USH_JOB_FIND);
    job->in.find.what.key = (struct usher_span){"k", 1};
    ush_worker_do(&w->w, job);
    job = next_job(w);
    assert_int_equal(job->why.err, 0);
    assert_false(job->found.found);
    ush_job_free(job);

    trouble_set(&w->t, &w->t.reads_fail, 1);
    ush_worker_do(&w->w, ush_job_new(USH_JOB_FETCH));
    job = next_job(w);
    assert_int_equal(job->why.err, USHER_EIO);
    ush_job_free(job);
    leave(w);
}

/* Fill the shelf, so that load has much to tell: live are AGENT facts, one an agent. */
static void fill(struct world *w)
{
    struct usher_batch b = batch(w, 1, FACTS);
    for (size_t i = 0; i < FACTS; i++) {
        w->facts[i].type = USHER_FACT_AGENT;
        w->facts[i].by = (struct usher_by){0};
        snprintf(w->facts[i].agent.s, sizeof w->facts[i].agent.s, "a%zu", i);
    }
    w->seen = (struct ush_news){0};
    ush_worker_save(&w->w, &b);
    while (!w->seen.saved) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
}

static void a_load_comes_in_pieces_in_order_and_not_too_many(void **state)
{
    struct world *w = *state;
    load(w);
    fill(w);
    leave(w);
    w->seen = (struct ush_news){0};
    open_world(w);
    ush_worker_do(&w->w, load_job());
    uint64_t seq = 0;
    bool more = true;
    while (more) {
        struct ush_job *job = next_job(w);
        uint32_t waiting = 0;
        for (const struct ush_list *at = w->jobs.next; at != &w->jobs; at = at->next) {
            waiting++;
        }
        assert_true(waiting <= 4);
        assert_int_equal(job->why.err, 0);
        for (size_t i = 0; i < job->facts.n; i++) {
            assert_int_equal(job->facts.facts[i].seq, ++seq);
        }
        more = job->more;
        if (more) {
            ush_worker_consumed(&w->w);
        } else {
            assert_int_equal(job->in.load.seq, FACTS);
        }
        ush_job_free(job);
    }
    assert_int_equal(seq, FACTS);
    leave(w);
}

static void it_leaves_in_the_middle_of_a_load(void **state)
{
    struct world *w = *state;
    load(w);
    fill(w);
    leave(w);
    w->seen = (struct ush_news){0};
    open_world(w);
    ush_worker_do(&w->w, load_job());
    /* Nobody consumes: the load waits after a few pieces. */
    ush_job_free(next_job(w));
    leave(w);
}

static void it_leaves_without_saving_what_cannot_be_saved(void **state)
{
    struct world *w = *state;
    load(w);
    trouble_set(&w->t, &w->t.append_fails, 1000000);
    struct usher_batch b = batch(w, 1, 2);
    ush_worker_save(&w->w, &b);
    while (w->seen.failures == 0) {
        uv_run(&w->loop, UV_RUN_ONCE);
    }
    leave(w);
    assert_false(w->seen.saved);
}

static void never_let_go_it_does_not_touch_the_storage(void **state)
{
    struct world *w = *state;
    leave(w);
    struct usher_storage *memory = NULL;
    assert_int_equal(usher_memory_open(&memory, w->shelf), 0);
    trouble_init(&w->t, memory);
    assert_int_equal(ush_worker_init(&w->w, &w->t.storage), 0);
    ush_worker_do(&w->w, load_job());
    ush_worker_never(&w->w);
    assert_false(w->t.closed);
    trouble_close(&w->t.storage);
    trouble_done(&w->t);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_batch_is_saved),
        TEST(a_failed_save_is_tried_again_and_doubles_nothing),
        TEST(a_lost_reply_is_not_a_lost_batch),
        TEST(mark_is_asked_before_a_doubtful_batch_is_tried_again),
        TEST(another_writer_is_fatal),
        TEST(a_store_that_moved_by_itself_is_fatal),
        TEST(reads_are_served_while_saving_fails),
        TEST(finds_and_fetches_come_back),
        TEST(a_load_comes_in_pieces_in_order_and_not_too_many),
        TEST(it_leaves_in_the_middle_of_a_load),
        TEST(it_leaves_without_saving_what_cannot_be_saved),
        TEST(never_let_go_it_does_not_touch_the_storage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
