/* uv_stop_test.c - a desk may be stopped at any time, and leaves nothing behind.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "usher/plug/lws.h"
#include "uv_world.h"

static int setup(void **state)
{
    static struct world w;
    world_init(&w);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    world_done(*state);
    return 0;
}

static void before_the_loop_has_run(void **state)
{
    struct world *w = *state;
    world_begin(w);
    world_stop(w);
    assert_false(w->started);
}

static void while_the_storage_is_loading(void **state)
{
    struct world *w = *state;
    w->load_hangs = true;
    world_begin(w);
    while (trouble_get(&w->t, &w->t.hanging) == 0) {
        uv_run(&w->loop, UV_RUN_NOWAIT);
    }
    usher_uv_stop(w->rt, world_stopped, w);
    world_settle(w);
    assert_false(w->stopped);
    trouble_hang(&w->t, &w->t.load_hangs, false);
    world_until(w, &w->stopped);
    assert_false(w->started);
    world_clear(w);
}

static void after_the_storage_could_not_be_loaded(void **state)
{
    struct world *w = *state;
    w->load_fails = 1;
    world_begin(w);
    world_until(w, &w->started);
    assert_int_equal(w->start_fault.err, USHER_EIO);
    assert_string_equal(w->start_fault.text, "trouble");
    world_stop(w);
}

static void after_nonsense_was_loaded(void **state)
{
    struct world *w = *state;
    w->load_lies = 1;
    world_begin(w);
    world_until(w, &w->started);
    assert_int_equal(w->start_fault.err, USHER_ECORRUPT);
    assert_non_null(strstr(w->start_fault.text, "does not make sense"));
    world_stop(w);
}

static void after_a_storage_with_an_owner_was_refused(void **state)
{
    struct world *w = *state;
    struct usher_storage *owner = NULL;
    struct usher_load load = {.fresh_epoch = 1};
    struct usher_fault why;
    assert_int_equal(usher_memory_open(&owner, w->shelf), 0);
    assert_int_equal(owner->ops->load(owner, &load, NULL, NULL, &why), 0);
    world_begin(w);
    world_until(w, &w->started);
    assert_int_equal(w->start_fault.err, USHER_EFENCED);
    world_stop(w);
    owner->ops->close(owner);
}

static void after_the_configuration_was_refused(void **state)
{
    struct world *w = *state;
    const struct usher_queue_id unknown = {"elsewhere"};
    w->agents[1].queues = &unknown;
    world_begin(w);
    world_until(w, &w->started);
    assert_int_equal(w->start_fault.err, USHER_EINVAL);
    assert_non_null(strstr(w->start_fault.text, "agent bea"));
    world_stop(w);
}

/* A transport that browsers reach, beside the local one. */
static struct usher_transport *add_port(struct world *w)
{
    struct usher_lws_config cfg;
    usher_lws_config_init(&cfg);
    cfg.loop = &w->loop;
    cfg.listen = "127.0.0.1:0";
    assert_int_equal(usher_lws_new(&w->transports[1], &cfg, NULL), 0);
    w->cfg.n_transports = 2;
    return w->transports[1];
}

/* 0, or errno. */
static int try_connect(int port, int *fd)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t) port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(*fd >= 0);
    return connect(*fd, (struct sockaddr *) &to, sizeof to) == 0 ? 0 : errno;
}

/* Run the loop until the other side has closed this connection. */
static void wait_for_the_end(struct world *w, int fd)
{
    char byte;
    ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);
    while (n < 0 && errno == EAGAIN) {
        assert_int_not_equal(uv_run(&w->loop, UV_RUN_ONCE), 0);
        n = recv(fd, &byte, 1, MSG_DONTWAIT);
    }
    assert_true(n <= 0);
    close(fd);
}

static void a_desk_that_cannot_be_opened_lets_go_of_its_port(void **state)
{
    struct world *w = *state;
    struct usher_transport *web = add_port(w);
    int early, late;
    w->load_fails = 1;
    world_begin(w);
    assert_int_equal(try_connect(usher_lws_port(web), &early), 0);
    world_until(w, &w->started);
    assert_int_equal(w->start_fault.err, USHER_EIO);
    /* The host does nothing about it, and yet nobody waits in vain. */
    wait_for_the_end(w, early);
    assert_int_equal(try_connect(usher_lws_port(web), &late), ECONNREFUSED);
    close(late);
    world_stop(w);
    usher_lws_free(web);
}

static void a_stop_while_loading_lets_go_of_the_port(void **state)
{
    struct world *w = *state;
    struct usher_transport *web = add_port(w);
    int late;
    world_begin(w);
    world_stop(w);
    assert_int_equal(try_connect(usher_lws_port(web), &late), ECONNREFUSED);
    close(late);
    usher_lws_free(web);
}

/* A transport whose start fails. */
struct broken { struct usher_transport transport; uv_loop_t *loop; bool stopped; };

static int broken_start(struct usher_transport *t, const struct usher_transport_host *host,
                        struct usher_fault *why)
{
    (void) t;
    (void) host;
    why->err = USHER_EIO;
    strcpy(why->text, "address in use");
    return USHER_EIO;
}

static int broken_send(struct usher_transport *t, void *conn, struct usher_span message)
{
    (void) t;
    (void) conn;
    (void) message;
    return USHER_ESTATE;
}

static void broken_drop(struct usher_transport *t, void *conn, int code)
{
    (void) t;
    (void) conn;
    (void) code;
}

static void broken_stop(struct usher_transport *t, int code, void (*done)(void *ctx), void *ctx)
{
    struct broken *b = (struct broken *) (void *) t;
    assert_int_equal(code, 1012);
    b->stopped = true;
    done(ctx); /* at once: there is nothing to wait for */
}

static const struct usher_transport_ops broken_ops = {
    sizeof broken_ops, "broken", broken_start, broken_send, broken_drop, broken_stop,
};

static void after_a_transport_could_not_be_started(void **state)
{
    struct world *w = *state;
    struct broken b = {.transport = {.ops = &broken_ops}};
    struct person p;
    w->transports[1] = &b.transport;
    w->cfg.n_transports = 2;
    world_begin(w);
    world_until(w, &w->started);
    assert_int_equal(w->start_fault.err, USHER_EIO);
    assert_string_equal(w->start_fault.text, "address in use");
    /* The transport that did start is stopped, too, and takes nobody. */
    assert_int_equal(person_try(w, &p, NULL), USHER_ESTATE);
    world_stop(w);
    assert_true(b.stopped);
}

static void stop_now(struct world *w)
{
    usher_uv_stop(w->rt, world_stopped, w);
}

static void from_inside_started(void **state)
{
    struct world *w = *state;
    w->on_started = stop_now;
    world_begin(w);
    world_until(w, &w->stopped);
    assert_int_equal(w->start_fault.err, 0);
    world_clear(w);
}

static void from_inside_a_failed_started(void **state)
{
    struct world *w = *state;
    w->on_started = stop_now;
    w->load_fails = 1;
    world_begin(w);
    world_until(w, &w->stopped);
    assert_int_equal(w->start_fault.err, USHER_EIO);
    world_clear(w);
}

static void stop_at_first(struct world *w, const struct usher_fact *f)
{
    if (f->seq == 1) {
        stop_now(w);
    }
}

static void from_inside_tell(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64];
    w->on_tell = stop_at_first;
    world_open(w);
    visitor_in(w, &p, NULL, token);
    person_send(&p, "{\"type\":\"start\",\"queue\":\"sales\",\"body\":\"hello\"}");
    world_until(w, &w->stopped);
    assert_true(w->n_told > 0);
    assert_true(p.closed);
    world_clear(w);
    person_done(&p);
}

static void without_transports_and_callbacks(void **state)
{
    struct world *w = *state;
    struct usher_uv_config cfg = {.size = sizeof cfg, .loop = &w->loop}; /* core.size is 0 */
    struct usher_uv *rt = NULL;
    assert_int_equal(usher_memory_open(&cfg.storage, NULL), 0);
    assert_int_equal(usher_uv_start(&rt, &cfg, NULL), 0);
    world_settle(w);
    usher_uv_stop(rt, world_stopped, w);
    world_until(w, &w->stopped);
}

static void done_may_be_nobody(void **state)
{
    struct world *w = *state;
    world_open(w);
    usher_uv_stop(w->rt, NULL, NULL);
    while (uv_run(&w->loop, UV_RUN_ONCE) != 0) {
        assert_true(uv_loop_alive(&w->loop));
    }
    world_clear(w);
}

static void what_was_accepted_is_saved_first(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40], same[64];
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    person_wait(&p, "\"said\"", NULL);
    trouble_hang(&w->t, &w->t.hang, true);
    person_say(&p, session, "k1", "in the batch that is out");
    world_settle(w);
    person_say(&p, session, "k2", "in the batch that is open");
    world_settle(w);
    usher_uv_stop(w->rt, world_stopped, w);
    person_wait(&p, "\"bye\"", NULL);
    person_wait_closed(&p, 1012);
    assert_false(w->stopped);
    trouble_hang(&w->t, &w->t.hang, false);
    world_until(w, &w->stopped);
    world_clear(w);
    person_done(&p);

    world_open(w);
    visitor_in(w, &p, token, same);
    person_wait(&p, "\"said\"", "in the batch that is out");
    person_wait(&p, "\"said\"", "in the batch that is open");
    person_done(&p);
    world_stop(w);
}

static void what_cannot_be_saved_does_not_hold_it_for_ever(void **state)
{
    struct world *w = *state;
    struct person p;
    char token[64], session[40], same[64];
    w->cfg.stop_ms = 50;
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_start(&p, "s1", session);
    person_wait(&p, "\"said\"", NULL);
    trouble_set(&w->t, &w->t.append_fails, 1000000);
    person_say(&p, session, "k1", "never saved");
    person_wait(&p, "\"degraded\"", NULL);
    world_stop(w);
    assert_non_null(strstr(w->log, "without saving"));
    assert_int_equal(person_count(&p, "\"k1\""), 0);
    person_done(&p);

    world_open(w);
    visitor_in(w, &p, token, same);
    person_wait(&p, "\"said\"", "hello");
    assert_int_equal(person_count(&p, "never saved"), 0);
    person_done(&p);
    world_stop(w);
}

static void links_that_do_not_read_do_not_hold_it(void **state)
{
    struct world *w = *state;
    struct person p, q;
    char token[64], session[40], same[64];
    world_open(w);
    visitor_in(w, &p, NULL, token);
    visitor_in(w, &q, token, same);
    usher_local_pause(q.l, true);
    visitor_start(&p, "s1", session);
    world_stop(w);
    assert_int_equal(p.code, 1012);
    assert_int_equal(q.code, 1012);
    person_done(&p);
    person_done(&q);
}

/* This configuration is refused, and the reason has this part. */
static void check_refused(struct world *w, const char *part)
{
    struct usher_uv *rt = NULL;
    struct usher_fault why = {0};
    assert_int_equal(usher_uv_start(&rt, &w->cfg, &why), USHER_EINVAL);
    assert_int_equal(usher_uv_start(&rt, &w->cfg, NULL), USHER_EINVAL);
    assert_null(rt);
    assert_int_equal(why.err, USHER_EINVAL);
    if (strstr(why.text, part) == NULL) {
        fail_msg("\"%s\" does not say %s", why.text, part);
    }
}

static void nothing_is_taken_over_by_a_start_that_fails(void **state)
{
    struct world *w = *state;
    const char *proxies[] = {"unix", "192.0.2.1", "nonsense"};
    struct usher_storage *memory = NULL;
    assert_int_equal(usher_memory_open(&memory, w->shelf), 0);
    check_refused(w, "storage");
    w->cfg.storage = memory;
    w->cfg.loop = NULL;
    check_refused(w, "loop");
    w->cfg.loop = &w->loop;
    check_refused(w, "transport 1"); /* There is none. */
    w->cfg.n_transports = 0;
    w->cfg.trusted_proxies = proxies;
    w->cfg.n_trusted_proxies = 3;
    check_refused(w, "\"nonsense\"");
    w->cfg.n_trusted_proxies = 2;
    w->cfg.core.limits.links = UINT32_MAX;
    check_refused(w, "limit");
    w->cfg.size = 0;
    check_refused(w, "usher_uv_config_init");
    /* The storage is still the test's. */
    memory->ops->close(memory);
}

static void limits_without_the_size_of_the_core_are_not_passed_over(void **state)
{
    struct world *w = *state;
    struct usher_storage *memory = NULL;
    assert_int_equal(usher_memory_open(&memory, w->shelf), 0);
    w->cfg.storage = memory;
    w->cfg.n_transports = 0;
    w->cfg.core = (struct usher_config){.limits.queues = 1};
    check_refused(w, "core");
    w->cfg.core = (struct usher_config){.board_ms = 1};
    check_refused(w, "core");
    w->cfg.core = (struct usher_config){.seed = {0, 1}};
    check_refused(w, "core");
    w->cfg.core = (struct usher_config){.limits.batch_bytes = 1 << 20};
    check_refused(w, "core");
    w->cfg.core = (struct usher_config){.window_ms = 1};
    check_refused(w, "core");
    memory->ops->close(memory);
}

static void a_storage_and_a_transport_serve_one_desk(void **state)
{
    struct world *w = *state;
    struct usher_storage *memory = NULL;
    world_open(w);
    check_refused(w, "storage");
    assert_int_equal(usher_memory_open(&memory, NULL), 0);
    w->cfg.storage = memory;
    check_refused(w, "transport 1");
    w->cfg.storage = &w->t.storage;
    world_stop(w);
    /* What is free again may serve again; but not twice. */
    assert_int_equal(usher_local_new(&w->local, &w->loop), 0);
    w->transports[0] = w->transports[1] = w->local;
    w->cfg.n_transports = 2;
    w->cfg.storage = memory;
    check_refused(w, "again");
    usher_local_free(w->local);
    memory->ops->close(memory);
    w->cfg.n_transports = 1;
}

static void a_transport_that_was_stopped_may_serve_another_desk(void **state)
{
    struct world *w = *state;
    world_open(w);
    usher_uv_stop(w->rt, world_stopped, w);
    world_until(w, &w->stopped);
    struct usher_storage *memory = NULL;
    assert_int_equal(usher_memory_open(&memory, NULL), 0);
    w->cfg.storage = memory;
    w->started = w->stopped = false;
    assert_int_equal(usher_uv_start(&w->rt, &w->cfg, NULL), 0);
    world_until(w, &w->started);
    assert_int_equal(w->start_fault.err, 0);
    usher_uv_stop(w->rt, world_stopped, w);
    world_until(w, &w->stopped);
    world_clear(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(before_the_loop_has_run),
        TEST(while_the_storage_is_loading),
        TEST(after_the_storage_could_not_be_loaded),
        TEST(after_nonsense_was_loaded),
        TEST(after_a_storage_with_an_owner_was_refused),
        TEST(after_the_configuration_was_refused),
        TEST(after_a_transport_could_not_be_started),
        TEST(from_inside_started),
        TEST(from_inside_a_failed_started),
        TEST(from_inside_tell),
        TEST(without_transports_and_callbacks),
        TEST(done_may_be_nobody),
        TEST(what_was_accepted_is_saved_first),
        TEST(what_cannot_be_saved_does_not_hold_it_for_ever),
        TEST(links_that_do_not_read_do_not_hold_it),
        TEST(a_desk_that_cannot_be_opened_lets_go_of_its_port),
        TEST(a_stop_while_loading_lets_go_of_the_port),
        TEST(nothing_is_taken_over_by_a_start_that_fails),
        TEST(limits_without_the_size_of_the_core_are_not_passed_over),
        TEST(a_storage_and_a_transport_serve_one_desk),
        TEST(a_transport_that_was_stopped_may_serve_another_desk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
