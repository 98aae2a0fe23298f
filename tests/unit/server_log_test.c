/* server_log_test.c - log lines: well-formed, plain ASCII, bounded, and without secrets.
 * SPDX-License-Identifier: MIT */
#include "../../examples/server/json.h"
#include "../../examples/server/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct sink {
    struct server_log log;
    int read_fd;
    char text[SERVER_LOG_LINE * 2];
    size_t len;
};

static void sink_open(struct sink *s, enum usher_level level)
{
    int fds[2];

    assert_int_equal(pipe(fds), 0);
    s->read_fd = fds[0];
    s->log.fd = fds[1];
    s->log.level = level;
    s->log.dropped = 0;
}

/* All that was written until now. */
static void sink_close(struct sink *s)
{
    ssize_t n;

    close(s->log.fd);
    s->len = 0;
    while ((n = read(s->read_fd, s->text + s->len, sizeof s->text - 1 - s->len)) > 0) {
        s->len += (size_t)n;
    }
    s->text[s->len] = '\0';
    close(s->read_fd);
}

/* One line, one JSON object, printable ASCII only. */
static struct server_json *parse(const struct sink *s)
{
    struct server_json_error why;
    struct server_json *root = NULL;

    assert_true(s->len > 0 && s->len <= SERVER_LOG_LINE);
    assert_int_equal(s->text[s->len - 1], '\n');
    for (size_t i = 0; i + 1 < s->len; i++) {
        assert_true(s->text[i] >= 0x20 && s->text[i] < 0x7f);
    }
    assert_int_equal(server_json_read(&root, (struct usher_span){s->text, s->len}, &why), 0);
    return root;
}

static const char *member(const struct server_json *root, const char *name)
{
    const struct server_json *m = server_json_member(root, name);

    assert_non_null(m);
    return m->text.base;
}

static void a_line_says_when_what_and_how_bad(void **state)
{
    struct sink s;
    struct server_log_line line;

    (void)state;
    sink_open(&s, USHER_INFO);
    server_log_begin(&line, &s.log, USHER_WARN, "login");
    server_log_word(&line, "agent", "ann");
    server_log_number(&line, "retry_ms", 1234);
    server_log_end(&line);
    sink_close(&s);
    struct server_json *root = parse(&s);
    assert_string_equal(member(root, "level"), "warn");
    assert_string_equal(member(root, "event"), "login");
    assert_string_equal(member(root, "agent"), "ann");
    assert_true(server_json_member(root, "retry_ms")->number == 1234);
    assert_int_equal(strlen(member(root, "at")), strlen("2026-01-01T00:00:00.000Z"));
    server_json_free(root);
}

static void what_is_below_the_level_is_not_written(void **state)
{
    struct sink s;

    (void)state;
    sink_open(&s, USHER_WARN);
    server_log_say(&s.log, USHER_INFO, "quiet", "text");
    server_log_say(&s.log, USHER_DEBUG, "quiet", "text");
    sink_close(&s);
    assert_int_equal(s.len, 0);
}

static void any_text_comes_through_escaped(void **state)
{
    static const char text[] =
        "\"\\\n\r\t\x1b[31m\x7f \xe0\xb8\x81 \xf0\x9f\x98\x80 \xc2\x85 \xff\xc0\xaf";
    static const char want[] = "\"\\\n\r\t\x1b[31m\x7f \xe0\xb8\x81 \xf0\x9f\x98\x80 \xc2\x85 "
                               "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd";
    struct sink s;

    (void)state;
    sink_open(&s, USHER_DEBUG);
    server_log_say(&s.log, USHER_INFO, "test", text);
    sink_close(&s);
    struct server_json *root = parse(&s);
    assert_string_equal(member(root, "text"), want);
    server_json_free(root);
}

static void a_token_is_masked(void **state)
{
    static const char secret[] = "usher_agent_AWFubgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_9";
    struct sink s;
    char text[128];

    (void)state;
    snprintf(text, sizeof text, "token=%s end 0123456789abcdef0123456789abcdef", secret);
    sink_open(&s, USHER_DEBUG);
    server_log_say(&s.log, USHER_INFO, "test", text);
    sink_close(&s);
    struct server_json *root = parse(&s);
    assert_string_equal(member(root, "text"), "token=*** end 0123456789abcdef0123456789abcdef");
    server_json_free(root);
}

/* A full pipe: lines are left out, nobody waits, and the next line says how many. */
static void a_log_that_nobody_reads_never_blocks(void **state)
{
    struct sink s;
    char first[SERVER_LOG_LINE];
    int lines = 0;

    (void)state;
    sink_open(&s, USHER_DEBUG);
    while (s.log.dropped < 3) {
        server_log_say(&s.log, USHER_INFO, "flood", "nobody reads this");
        lines++;
    }
    assert_true(lines > 100);
    while (lines > 3) {
        ssize_t n = read(s.read_fd, first, sizeof first);
        assert_true(n > 0);
        for (ssize_t i = 0; i < n; i++) {
            lines -= first[i] == '\n';
        }
    }
    server_log_say(&s.log, USHER_INFO, "again", "");
    assert_int_equal(s.log.dropped, 0);
    sink_close(&s);
    struct server_json *root = parse(&s);
    assert_true(server_json_member(root, "dropped")->number == 3);
    server_json_free(root);
}

static void a_long_line_is_cut_and_stays_json(void **state)
{
    (void)state;
    /* Every length around the end of the line, of characters that take 1, 6 and 12 bytes. */
    static const char *const fill[] = {"x ", "\x01", "\xf0\x9f\x98\x80"};
    for (size_t kind = 0; kind < 3; kind++) {
        for (size_t len = 3900; len < 4200; len += 7) {
            struct sink s;
            struct server_log_line line;
            char text[4300];
            for (size_t i = 0; i < len; i++) {
                text[i] = fill[kind][i % strlen(fill[kind])];
            }
            sink_open(&s, USHER_DEBUG);
            server_log_begin(&line, &s.log, USHER_INFO, "long");
            server_log_text(&line, "text", (struct usher_span){text, len});
            server_log_word(&line, "behind", "it");
            server_log_number(&line, "number", 7);
            server_log_end(&line);
            sink_close(&s);
            struct server_json *root = parse(&s);
            bool whole = server_json_member(root, "number") != NULL;
            assert_int_equal(whole, server_json_member(root, "cut") == NULL);
            server_json_free(root);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_says_when_what_and_how_bad),
        cmocka_unit_test(what_is_below_the_level_is_not_written),
        cmocka_unit_test(any_text_comes_through_escaped),
        cmocka_unit_test(a_token_is_masked),
        cmocka_unit_test(a_log_that_nobody_reads_never_blocks),
        cmocka_unit_test(a_long_line_is_cut_and_stays_json),
    };

    return cmocka_run_group_tests_name("server_log", tests, NULL, NULL);
}
