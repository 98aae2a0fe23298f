/* server_pages_test.c - which page a path means, when it is the same one, and the figures' text.
 * SPDX-License-Identifier: MIT */
#include "../../examples/server/metrics.h"
#include "../../examples/server/options.h"
#include "../../examples/server/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct server_file files[] = {
    {"/a.js", "t", "\"e1\"", NULL, 0},
    {"/console/index.html", "t", "\"e2\"", NULL, 0},
    {"/index.html", "t", "\"e3\"", NULL, 0},
    {"/widget.js", "t", "\"e4\"", NULL, 0},
    {"/widget/panel.js", "t", "\"e5\"", NULL, 0},
    {NULL, NULL, NULL, NULL, 0},
};

static enum server_page_result find(const char *path, const struct server_file **out)
{
    *out = NULL;
    return server_page_find(files, 5, (struct usher_span){path, strlen(path)}, out);
}

static void paths_find_their_files(void **state)
{
    static const struct {
        const char *path;
        const char *etag;
    } good[] = {
        {"/", "\"e3\""},          {"/index.html", "\"e3\""}, {"/console/", "\"e2\""},
        {"/widget.js", "\"e4\""}, {"/a.js", "\"e1\""},       {"/widget/panel.js", "\"e5\""},
    };
    static const char *const none[] = {
        "",   "index.html", "/nothing", "/console/x", "/widget/", "/a.js/",
        "//", "/console//", "/../a.js", "/A.js",      "/widget",
    };
    const struct server_file *file;
    char long_path[4096];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(find(good[i].path, &file), SERVER_PAGE_FILE);
        assert_string_equal(file->etag, good[i].etag);
    }
    assert_int_equal(find("/console", &file), SERVER_PAGE_DIRECTORY);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        if (find(none[i], &file) != SERVER_PAGE_NONE) {
            fail_msg("%s", none[i]);
        }
    }
    memset(long_path, '/', sizeof long_path);
    assert_int_equal(
        server_page_find(files, 5, (struct usher_span){long_path, sizeof long_path}, &file),
        SERVER_PAGE_NONE);
    assert_int_equal(server_page_find(files, 5, (struct usher_span){"/a.js\0x", 7}, &file),
                     SERVER_PAGE_NONE);
}

static void an_etag_is_found_in_its_list(void **state)
{
    static const char *const same[] = {"\"e1\"", "W/\"e1\"", "\"x\", \"e1\"",
                                       "\"x\" ,W/\"e1\", \"y\"", "*"};
    static const char *const other[] = {"", "\"e2\"", "e1", "\"e1", "\"xe1\"", "**", ",", "W/"};

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_true(server_page_same(&files[0], (struct usher_span){same[i], strlen(same[i])}));
    }
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        assert_false(server_page_same(&files[0], (struct usher_span){other[i], strlen(other[i])}));
    }
}

static void figures_fit_at_their_largest(void **state)
{
    static char text[SERVER_METRICS_MAX];
    struct usher_uv_stats stats;
    struct server_counts counts;

    (void)state;
    memset(&stats, 0xff, sizeof stats);
    memset(&counts, 0xff, sizeof counts);
    stats.open = stats.core.degraded = stats.core.loaded = true;
    size_t len = server_metrics_write(text, &stats, &counts);
    assert_true(len < SERVER_METRICS_MAX - 1);
    assert_int_equal(strlen(text), len);
    assert_int_equal(text[len - 1], '\n');
}

/* Each line is a comment or a sample of the family that the comment above names. */
static void figures_are_prometheus_text(void **state)
{
    static char text[SERVER_METRICS_MAX];
    struct usher_uv_stats stats = {.open = true, .frames_in = 5, .batch_us = 1500000};
    struct server_counts counts = {.logins_wrong = 3};

    (void)state;
    stats.core.links = 7;
    stats.core.links_visitor = 4;
    stats.core.links_agent = 2;
    server_metrics_write(text, &stats, &counts);
    assert_non_null(strstr(text, "\nusher_open 1\n"));
    assert_non_null(strstr(text, "\nusher_links{as=\"nobody\"} 1\n"));
    assert_non_null(strstr(text, "\nusher_frames_total{way=\"in\"} 5\n"));
    assert_non_null(strstr(text, "\nusher_batch_seconds_total 1.500000\n"));
    assert_non_null(strstr(text, "\nusher_logins_total{answer=\"wrong\"} 3\n"));
    const char *family = "";
    size_t n = 0;
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        if (strncmp(line, "# HELP ", 7) == 0) {
            family = line + 7;
            n = strcspn(family, " ");
        } else if (strncmp(line, "# TYPE ", 7) == 0) {
            bool total = n > 6 && strncmp(family + n - 6, "_total", 6) == 0;
            const char *type = total ? " counter\n" : " gauge\n";
            assert_memory_equal(line + 7, family, n);
            assert_memory_equal(line + 7 + n, type, strlen(type));
        } else {
            assert_memory_equal(line, family, n);
            assert_true(line[n] == ' ' || line[n] == '{');
        }
    }
}

static void options_are_read_and_mistakes_named(void **state)
{
    char name[] = "usher-server", config[] = "--config", file[] = "x.json",
         listen[] = "--listen=[::1]:0";
    char check[] = "--check", bogus[] = "--chek", valued[] = "--check=1", empty[] = "--store=";
    struct server_options o;
    char why[128];
    char *good[] = {name, config, file, listen, check};
    char *unknown[] = {name, bogus};
    char *flag[] = {name, valued};
    char *missing[] = {name, config};
    char *nothing[] = {name, empty};
    char *twice[] = {name, listen, listen};
    char *stray[] = {name, file};

    (void)state;
    assert_int_equal(server_options_read(&o, 5, good, why), 0);
    assert_string_equal(o.config, "x.json");
    assert_string_equal(o.listen, "[::1]:0");
    assert_true(o.check);
    assert_null(o.store);
    assert_int_equal(server_options_read(&o, 2, unknown, why), USHER_EINVAL);
    assert_string_equal(why, "unknown option --chek");
    assert_int_equal(server_options_read(&o, 2, flag, why), USHER_EINVAL);
    assert_string_equal(why, "--check takes no value");
    assert_int_equal(server_options_read(&o, 2, missing, why), USHER_EINVAL);
    assert_string_equal(why, "--config needs a value");
    assert_int_equal(server_options_read(&o, 2, nothing, why), USHER_EINVAL);
    assert_string_equal(why, "--store needs a value");
    assert_int_equal(server_options_read(&o, 3, twice, why), USHER_EINVAL);
    assert_string_equal(why, "--listen is given twice");
    assert_int_equal(server_options_read(&o, 2, stray, why), USHER_EINVAL);
    assert_int_equal(server_options_read(&o, 1, good, why), 0);
    assert_null(o.config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_find_their_files),
        cmocka_unit_test(an_etag_is_found_in_its_list),
        cmocka_unit_test(figures_fit_at_their_largest),
        cmocka_unit_test(figures_are_prometheus_text),
        cmocka_unit_test(options_are_read_and_mistakes_named),
    };

    return cmocka_run_group_tests_name("server_pages", tests, NULL, NULL);
}
