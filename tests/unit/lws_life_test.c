/* lws_life_test.c - bound, started, full, out of descriptors, stopped: and nothing is left.
 * SPDX-License-Identifier: MIT */
#include "lws_world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void open_link(struct lws_world *w, struct lws_peer *p)
{
    lws_peer_open(p, w);
    assert_int_equal(lws_peer_upgrade(p), 101);
}

static int try_listen(const char *listen, bool insecure, bool tls, struct usher_fault *why)
{
    struct usher_lws_config cfg;
    struct usher_transport *t = NULL;
    uv_loop_t loop;

    assert_int_equal(uv_loop_init(&loop), 0);
    usher_lws_config_init(&cfg);
    cfg.loop = &loop;
    cfg.listen = listen;
    cfg.insecure = insecure;
    cfg.tls_in_front = tls;
    int rv = usher_lws_new(&t, &cfg, why);
    usher_lws_free(t);
    assert_int_equal(uv_loop_close(&loop), 0);
    return rv;
}

static void only_loopback_is_listened_on_without_tls(void **state)
{
    static const char *const bad[] = {"", "8080", ":8080", "localhost:8080", "127.0.0.1",
                                      "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                                      "127.0.0.1:80x", "::1:8080", "[::1]8080", "[127.0.0.1]:0",
                                      "127.0.0:0", "unix:", "[::1:0", "[]:0"};
    struct usher_fault why = {0};

    (void) state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(try_listen(bad[i], true, true, &why), USHER_EINVAL);
    }
    assert_int_equal(try_listen("0.0.0.0:0", false, false, &why), USHER_EINVAL);
    assert_int_equal(why.err, USHER_EINVAL);
    assert_non_null(strstr(why.text, "loopback"));
    assert_int_equal(try_listen("[::]:0", false, false, &why), USHER_EINVAL);
    assert_int_equal(try_listen("0.0.0.0:0", true, false, &why), 0);
    assert_int_equal(try_listen("0.0.0.0:0", false, true, &why), 0);
    assert_int_equal(try_listen("127.1.2.3:0", false, false, &why), 0);
}

static void a_port_in_use_is_an_error_and_no_abort(void **state)
{
    struct lws_world w;
    struct usher_fault why = {0};
    char listen[32];

    (void) state;
    lws_world_start(&w);
    snprintf(listen, sizeof listen, "127.0.0.1:%d", w.port);
    assert_int_equal(try_listen(listen, false, false, &why), USHER_EIO);
    assert_non_null(strstr(why.text, "in use"));
    lws_world_stop(&w, 1012);
    assert_int_equal(try_listen(listen, false, false, &why), 0); /* It is free again. */
}

static void bad_settings_are_refused(void **state)
{
    static const char *const nobody[] = {"nobody"};
    struct usher_lws_config cfg;
    struct usher_transport *t = NULL;
    struct lws_world w;

    (void) state;
    lws_world_config(&w, &cfg);
    cfg.path = "usher";
    assert_int_equal(usher_lws_new(&t, &cfg, NULL), USHER_EINVAL);
    lws_world_config(&w, &cfg);
    cfg.loop = NULL;
    assert_int_equal(usher_lws_new(&t, &cfg, NULL), USHER_EINVAL);
    lws_world_config(&w, &cfg);
    cfg.send_soft = 10;
    cfg.send_hard = 9;
    assert_int_equal(usher_lws_new(&t, &cfg, NULL), USHER_EINVAL);
    lws_world_config(&w, &cfg);
    cfg.trusted_proxies = nobody;
    cfg.n_trusted_proxies = 1;
    assert_int_equal(usher_lws_new(&t, &cfg, NULL), USHER_EINVAL);
    assert_null(t);
    usher_lws_free(NULL);
}

static void a_unix_socket_is_for_its_group_and_goes_with_us(void **state)
{
    struct usher_lws_config cfg;
    struct usher_fault why = {0};
    struct lws_world w;
    struct lws_peer p;
    struct stat file;
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    const char *tmp = getenv("TMPDIR");
    char folder[64], listen[128];

    (void) state;
    snprintf(folder, sizeof folder, "%.40s/usher-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    assert_non_null(mkdtemp(folder));
    snprintf(listen, sizeof listen, "unix:%s/socket", folder);
    snprintf(un.sun_path, sizeof un.sun_path, "%.100s", listen + 5);

    /* Somebody died and left his file behind. */
    int stale = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(stale, (struct sockaddr *) &un, sizeof un), 0);
    close(stale);

    static const char *const origins[] = {"http://127.0.0.1:0"};
    lws_world_config(&w, &cfg);
    cfg.listen = listen;
    cfg.origins = origins;
    cfg.n_origins = 1;
    lws_world_open(&w, &cfg);
    assert_int_equal(w.port, 0);
    assert_int_equal(lstat(listen + 5, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0660);
    open_link(&w, &p);
    assert_string_equal(w.address, "unix");
    lws_peer_close(&p);
    assert_int_equal(try_listen(listen, false, false, &why), USHER_EIO); /* It is not stale. */
    assert_non_null(strstr(why.text, "in use"));
    lws_world_stop(&w, 1012);
    assert_int_equal(lstat(listen + 5, &file), -1);

    int other = open(listen + 5, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(other >= 0);
    close(other);
    assert_int_equal(try_listen(listen, false, false, &why), USHER_EIO); /* Not ours to remove. */
    assert_int_equal(unlink(listen + 5), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void ipv6_is_an_address_like_others(void **state)
{
    struct usher_fault why = {0};
    int rv = try_listen("[::1]:0", false, false, &why);

    (void) state;
    if (rv != 0) { /* Some machines have none. */
        assert_int_equal(rv, USHER_EIO);
        assert_non_null(strstr(why.text, "[::1]:0: "));
    }
}

static int status_of_new(struct lws_world *w, struct lws_peer *p)
{
    char head[1024];
    lws_peer_open(p, w);
    lws_peer_send(p, head, lws_peer_handshake(p, head, sizeof head));
    lws_peer_read(p);
    return p->len > 12 ? atoi(p->in + 9) : 0;
}

static void an_address_has_its_share_and_no_more(void **state)
{
    struct usher_lws_config cfg;
    struct lws_world w;
    struct lws_peer p[3], over;

    (void) state;
    lws_world_config(&w, &cfg);
    cfg.connections_address = 3;
    lws_world_open(&w, &cfg);
    open_link(&w, &p[0]);
    open_link(&w, &p[1]);
    lws_peer_open(&p[2], &w); /* Has not even asked yet. */
    lws_world_turn(&w, -1, 0);
    int status = status_of_new(&w, &over);
    assert_true(status == 503 || (status == 0 && over.end));
    lws_peer_close(&over);
    lws_peer_close(&p[0]);
    lws_world_until(&w, &w.downs, 1);
    lws_world_turn(&w, -1, 0);
    assert_int_equal(status_of_new(&w, &p[0]), 101);
    for (int i = 0; i < 3; i++) {
        lws_peer_close(&p[i]);
    }
    lws_world_stop(&w, 1012);
}

static void a_trusted_proxy_is_many_but_the_whole_is_capped(void **state)
{
    static const char *const proxies[] = {"::ffff:127.0.0.1", "2001:db8::1"};
    struct usher_lws_config cfg;
    struct lws_world w;
    struct lws_peer p[5], over;

    (void) state;
    lws_world_config(&w, &cfg);
    cfg.connections_address = 1;
    cfg.connections = 5;
    cfg.trusted_proxies = proxies;
    cfg.n_trusted_proxies = 2;
    lws_world_open(&w, &cfg);
    for (int i = 0; i < 5; i++) {
        open_link(&w, &p[i]);
    }
    int status = status_of_new(&w, &over);
    assert_true(status == 503 || (status == 0 && over.end));
    lws_peer_close(&over);
    for (int i = 0; i < 5; i++) {
        lws_peer_close(&p[i]);
    }
    lws_world_stop(&w, 1012);
}

static void stop_closes_all_with_its_code(void **state)
{
    enum { LINKS = 20 };
    struct lws_world w;
    struct lws_peer p[LINKS], half, silent;

    (void) state;
    lws_world_start(&w);
    for (int i = 0; i < LINKS; i++) {
        open_link(&w, &p[i]);
        assert_int_equal(lws_world_send(&w, w.last, "bye", 3), 0);
    }
    lws_peer_open(&half, &w);
    lws_peer_text(&half, "GET /usher HTTP/1.1\r\nHost: a\r\n");
    lws_peer_open(&silent, &w);
    lws_world_turn(&w, -1, 0);
    w.transport->ops->stop(w.transport, 1012, NULL, NULL);
    for (int i = 0; i < LINKS; i++) {
        struct lws_frame frame = {0};
        assert_true(lws_peer_next(&p[i], &frame));
        assert_string_equal(frame.bytes, "bye");
        assert_int_equal(lws_peer_close_code(&p[i]), 1012);
    }
    lws_world_until(&w, &w.downs, LINKS);
    for (int i = 1; i <= LINKS; i++) {
        assert_int_equal(w.codes[i], 1012);
    }
    for (int i = 0; i < LINKS; i++) {
        lws_peer_close(&p[i]);
    }
    lws_peer_close(&half);
    lws_peer_close(&silent);
    while (uv_run(&w.loop, UV_RUN_ONCE) != 0) {
    }
    usher_lws_free(w.transport);
    assert_int_equal(uv_loop_close(&w.loop), 0);
}

static void stop_does_not_wait_for_the_deaf(void **state)
{
    struct usher_lws_config cfg;
    struct lws_world w;
    struct lws_peer deaf, mute;
    char *text = calloc(1, 1 << 20);

    (void) state;
    assert_non_null(text);
    lws_world_config(&w, &cfg);
    cfg.stop_ms = 50;
    lws_world_open(&w, &cfg);
    open_link(&w, &deaf);
    open_link(&w, &mute); /* Will not answer the close frame. */
    memset(text, 'x', 1 << 20);
    assert_int_equal(lws_world_send(&w, 1, text, 1 << 20), USHER_EFULL);
    lws_world_stop(&w, 1012);
    assert_int_equal(w.codes[1], 1012);
    assert_int_equal(w.codes[2], 1012);
    free(text);
    lws_peer_close(&deaf);
    lws_peer_close(&mute);
}

static void stop_may_come_at_any_moment_of_a_handshake(void **state)
{
    char head[1024];

    (void) state;
    for (size_t sent = 0; sent < 300; sent += 23) {
        struct lws_world w;
        struct lws_peer p;
        lws_world_start(&w);
        lws_peer_open(&p, &w);
        size_t len = lws_peer_handshake(&p, head, sizeof head);
        lws_peer_send(&p, head, sent < len ? sent : len);
        for (size_t turns = sent % 4; turns > 0; turns--) {
            uv_run(&w.loop, UV_RUN_NOWAIT);
        }
        lws_peer_send(&p, head + sent, sent < len ? len - sent : 0);
        lws_world_stop(&w, 1012);
        lws_peer_close(&p);
    }
}

static void on_done(void *ctx)
{
    uint32_t *done = ctx;
    *done += 1;
}

static void a_transport_may_be_stopped_before_it_was_started(void **state)
{
    struct usher_lws_config cfg;
    struct usher_transport *t = NULL;
    struct lws_world w;
    uint32_t done = 0;

    (void) state;
    lws_world_config(&w, &cfg);
    assert_int_equal(uv_loop_init(&w.loop), 0);
    assert_int_equal(usher_lws_new(&t, &cfg, NULL), 0);
    t->ops->stop(t, 1012, on_done, &done);
    assert_int_equal(done, 0);
    assert_int_equal(uv_run(&w.loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(done, 1);
    usher_lws_free(t);
    assert_int_equal(uv_loop_close(&w.loop), 0);
}

static void a_start_without_descriptors_fails_and_can_be_stopped(void **state)
{
    struct usher_lws_config cfg;
    struct usher_transport *t = NULL;
    struct usher_transport_host host = {0};
    struct usher_fault why = {0};
    struct rlimit all, few;
    struct lws_world w;
    uint32_t done = 0;

    (void) state;
    lws_world_config(&w, &cfg);
    assert_int_equal(uv_loop_init(&w.loop), 0);
    assert_int_equal(usher_lws_new(&t, &cfg, NULL), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
    few = all;
    few.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_int_equal(t->ops->start(t, &host, &why), USHER_EIO);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
    assert_non_null(strstr(why.text, "descriptors"));
    t->ops->stop(t, 1012, on_done, &done);
    assert_int_equal(uv_run(&w.loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(done, 1);
    usher_lws_free(t);
    assert_int_equal(uv_loop_close(&w.loop), 0);
}

/* Highest descriptor in use. */
static int top_fd(void)
{
    int fd = dup(0);
    close(fd);
    return fd;
}

static void without_descriptors_it_waits_and_goes_on(void **state)
{
    struct rlimit all, few;
    struct lws_world w;
    struct lws_peer calm, p;
    struct lws_frame frame = {0};

    (void) state;
    if (lws_world_valgrind()) {
        skip(); /* It has descriptors of its own. */
    }
    lws_world_start(&w);
    w.echo = true;
    open_link(&w, &calm);
    lws_peer_open(&p, &w);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &all), 0);
    few = all;
    few.rlim_cur = (rlim_t) top_fd();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    uint32_t lines = w.log_lines;
    lws_world_until(&w, &w.log_lines, lines + 1);
    lws_peer_frame(&calm, true, 1, "still", 5);
    assert_true(lws_peer_next(&calm, &frame));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &all), 0);
    assert_int_equal(lws_peer_upgrade(&p), 101);
    lws_peer_close(&calm);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void stop_from_input(void *ctx, struct usher_link_id link, struct usher_span message)
{
    struct lws_world *w = ctx;
    (void) link;
    (void) message;
    w->inputs++;
    if (w->inputs == 1) {
        assert_int_equal(lws_world_send(w, 2, "farewell", 8), 0);
        w->transport->ops->drop(w->transport, w->conns[2], 4409);
        w->transport->ops->stop(w->transport, 1012, on_done, &w->dones);
    }
}

static void a_host_may_stop_from_inside_an_input(void **state)
{
    struct lws_world w;
    struct lws_peer one, two;
    struct lws_frame frame = {0};

    (void) state;
    lws_world_start(&w);
    w.host.input = stop_from_input;
    open_link(&w, &one);
    open_link(&w, &two);
    lws_peer_frame(&one, true, 1, "a", 1);
    lws_peer_frame(&one, true, 1, "b", 1);
    assert_int_equal(lws_peer_close_code(&one), 1012);
    assert_true(lws_peer_next(&two, &frame));
    assert_string_equal(frame.bytes, "farewell");
    assert_int_equal(lws_peer_close_code(&two), 4409);
    lws_world_until(&w, &w.dones, 1);
    assert_int_equal(w.codes[1], 1012);
    assert_int_equal(w.codes[2], 4409);
    lws_peer_close(&one);
    lws_peer_close(&two);
    usher_lws_free(w.transport);
    assert_int_equal(uv_run(&w.loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&w.loop), 0);
}

static void free_in_done(void *ctx)
{
    struct lws_world *w = ctx;
    usher_lws_free(w->transport);
    w->dones++;
}

static void a_transport_may_be_freed_in_its_done(void **state)
{
    struct lws_world w;
    struct lws_peer p;

    (void) state;
    lws_world_start(&w);
    open_link(&w, &p);
    w.transport->ops->stop(w.transport, 1012, free_in_done, &w);
    lws_world_until(&w, &w.dones, 1);
    lws_peer_close(&p);
    assert_int_equal(uv_run(&w.loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&w.loop), 0);
}

static void two_transports_share_a_loop(void **state)
{
    struct usher_lws_config cfg;
    struct usher_transport *other = NULL;
    struct lws_world w;
    struct lws_peer p;
    uint32_t done = 0;

    (void) state;
    lws_world_start(&w);
    usher_lws_config_init(&cfg);
    cfg.loop = &w.loop;
    cfg.listen = "127.0.0.1:0";
    assert_int_equal(usher_lws_new(&other, &cfg, NULL), 0);
    assert_int_equal(other->ops->start(other, &w.host, NULL), 0);
    other->ops->stop(other, 1012, on_done, &done);
    open_link(&w, &p);
    while (done == 0) {
        lws_world_turn(&w, -1, 0);
    }
    usher_lws_free(other);
    lws_peer_frame(&p, true, 1, "a", 1);
    lws_world_until(&w, &w.inputs, 1);
    lws_peer_close(&p);
    lws_world_stop(&w, 1012);
}

static void the_hosts_signals_stay_his(void **state)
{
    struct sigaction before, after;
    struct lws_world w;

    (void) state;
    signal(SIGPIPE, SIG_DFL);
    assert_int_equal(sigaction(SIGPIPE, NULL, &before), 0);
    lws_world_start(&w);
    assert_int_equal(sigaction(SIGPIPE, NULL, &after), 0);
    assert_ptr_equal(after.sa_handler, before.sa_handler);
    lws_world_stop(&w, 1012);
}

static long resident_kb(void)
{
    long pages = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld %ld", &pages, &resident), 2);
    fclose(f);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void a_wave(struct lws_world *w, int n)
{
    struct lws_peer *p = calloc((size_t) n, sizeof *p);
    uint32_t downs = w->downs;
    char *text = calloc(1, 60000);

    assert_non_null(p);
    assert_non_null(text);
    memset(text, 'x', 60000);
    for (int i = 0; i < n; i++) {
        open_link(w, &p[i]);
        lws_peer_frame(&p[i], false, 1, text, 60000); /* The buffer stays with the link. */
    }
    for (int i = 0; i < n; i++) {
        lws_peer_close(&p[i]);
    }
    lws_world_until(w, &w->downs, downs + (uint32_t) n);
    free(p);
    free(text);
    malloc_trim(0);
}

static void memory_comes_back(void **state)
{
    struct usher_lws_config cfg;
    struct lws_world w;

    (void) state;
#ifdef __SANITIZE_ADDRESS__
    skip(); /* It keeps what was freed for a while. */
#endif
    if (lws_world_valgrind()) {
        skip(); /* So does it. */
    }
    lws_world_config(&w, &cfg);
    cfg.connections_address = 300;
    lws_world_open(&w, &cfg);
    a_wave(&w, 200);
    long level = resident_kb();
    for (int i = 0; i < 5; i++) {
        a_wave(&w, 200);
    }
    long grown = resident_kb() - level;
    printf("# %ld kB more after 1,000 links\n", grown);
    assert_true(grown < 2048);
    lws_world_stop(&w, 1012);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_loopback_is_listened_on_without_tls),
        cmocka_unit_test(a_port_in_use_is_an_error_and_no_abort),
        cmocka_unit_test(bad_settings_are_refused),
        cmocka_unit_test(a_unix_socket_is_for_its_group_and_goes_with_us),
        cmocka_unit_test(ipv6_is_an_address_like_others),
        cmocka_unit_test(an_address_has_its_share_and_no_more),
        cmocka_unit_test(a_trusted_proxy_is_many_but_the_whole_is_capped),
        cmocka_unit_test(stop_closes_all_with_its_code),
        cmocka_unit_test(stop_does_not_wait_for_the_deaf),
        cmocka_unit_test(stop_may_come_at_any_moment_of_a_handshake),
        cmocka_unit_test(a_transport_may_be_stopped_before_it_was_started),
        cmocka_unit_test(a_start_without_descriptors_fails_and_can_be_stopped),
        cmocka_unit_test(without_descriptors_it_waits_and_goes_on),
        cmocka_unit_test(a_host_may_stop_from_inside_an_input),
        cmocka_unit_test(a_transport_may_be_freed_in_its_done),
        cmocka_unit_test(two_transports_share_a_loop),
        cmocka_unit_test(the_hosts_signals_stay_his),
        cmocka_unit_test(memory_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
