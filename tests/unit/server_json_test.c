/* server_json_test.c - what the example server's JSON reader takes, and what it refuses and where.
 * SPDX-License-Identifier: MIT */
#include "../../examples/server/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static int read_text(struct server_json **out, const char *text, struct server_json_error *why)
{
    return server_json_read(out, (struct usher_span){text, strlen(text)}, why);
}

static void values_come_back_as_written(void **state)
{
    struct server_json_error why;
    struct server_json *root = NULL;

    (void)state;
    assert_int_equal(read_text(&root,
                               " {\"a\":[1, 0 ,9007199254740991,1.5,-3,1e3,9007199254740992],"
                               "\"b\":{\"\":null,\"t\":true,\"f\":false},\"s\":\"\"}\r\n\t",
                               &why),
                     0);
    assert_int_equal(root->type, SERVER_JSON_OBJECT);
    assert_int_equal(root->count, 3);
    const struct server_json *a = server_json_member(root, "a");
    static const struct {
        bool whole;
        uint64_t number;
    } wanted[] = {
        {true, 1},  {true, 0},  {true, 9007199254740991u}, {false, 0}, {false, 0},
        {false, 0}, {false, 0},
    };
    assert_int_equal(a->count, 7);
    size_t i = 0;
    for (const struct server_json *item = a->first; item != NULL; item = item->next, i++) {
        assert_int_equal(item->type, SERVER_JSON_NUMBER);
        assert_int_equal(item->whole, wanted[i].whole);
        assert_true(item->number == wanted[i].number);
        assert_null(item->name);
    }
    const struct server_json *b = server_json_member(root, "b");
    assert_int_equal(server_json_member(b, "")->type, SERVER_JSON_NULL);
    assert_int_equal(server_json_member(b, "t")->type, SERVER_JSON_TRUE);
    assert_int_equal(server_json_member(b, "f")->type, SERVER_JSON_FALSE);
    assert_int_equal(server_json_member(root, "s")->text.len, 0);
    assert_null(server_json_member(root, "A"));
    server_json_free(root);
}

static void strings_are_decoded(void **state)
{
    struct server_json_error why;
    struct server_json *root = NULL;
    const char want[] = "\"\\/\b\f\n\r\t\xc3\xa9\xe0\xb8\x81\xf0\x9f\x98\x80\xf0\x9f\x98\x80";

    (void)state;
    assert_int_equal(
        read_text(&root,
                  "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u0e01\\ud83d\\ude00\xf0\x9f\x98\x80\"]",
                  &why),
        0);
    assert_int_equal(root->first->text.len, sizeof want - 1);
    assert_string_equal((const char *)root->first->text.base, want);
    server_json_free(root);
}

static void what_is_not_json_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "[",
        "]",
        "{]",
        "[}",
        "[1,]",
        "[,1]",
        "{\"a\":1,}",
        "{\"a\"}",
        "{\"a\" 1}",
        "{a:1}",
        "{1:1}",
        "[1 2]",
        "1 2",
        "{} {}",
        "[]x",
        "nul",
        "nulll",
        "True",
        "'a'",
        "\"a",
        "\"a\n\"",
        "\"\t\"",
        "\"\x01\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u00zz\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\\ud800x\"",
        "\"\\",
        "01",
        "-",
        "-01",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x10",
        "NaN",
        "\"\xff\"",
        "\"\xc0\xaf\"",
        "\"\xed\xa0\x80\"",
        "\xef\xbb\xbf{}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "[[[[[[[[[1]]]]]]]]]",
        "/* */ 1",
        "[1,2",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct server_json_error why = {0, 0, ""};
        struct server_json *root = NULL;
        int rv = read_text(&root, bad[i], &why);
        if (rv != USHER_EINVAL) {
            fail_msg("%s was not refused", bad[i]);
        }
        assert_null(root);
        assert_true(why.line >= 1 && why.column >= 1 && why.text[0] != '\0');
    }
}

static void a_zero_byte_is_refused(void **state)
{
    struct server_json_error why;
    struct server_json *root = NULL;

    (void)state;
    assert_int_equal(server_json_read(&root, (struct usher_span){"[1]\0", 4}, &why), USHER_EINVAL);
    assert_int_equal(server_json_read(&root, (struct usher_span){"[\"\0\"]", 5}, &why),
                     USHER_EINVAL);
}

static void errors_say_where(void **state)
{
    struct server_json_error why;
    struct server_json *root = NULL;

    (void)state;
    assert_int_equal(read_text(&root, "{\n  \"a\": 1,\n  \"b\" 2\n}", &why), USHER_EINVAL);
    assert_int_equal(why.line, 3);
    assert_int_equal(why.column, 7);
    assert_string_equal(why.text, "expected ':'");
    assert_int_equal(read_text(&root, "{\n\n\"a\": \"\xff\"}", &why), USHER_EINVAL);
    assert_int_equal(why.line, 3);
    assert_int_equal(read_text(&root, "{\"a\": 1,\n \"a\": 2}", &why), USHER_EINVAL);
    assert_int_equal(why.line, 2);
    assert_string_equal(why.text, "this member was named before");
}

static void eight_levels_are_enough(void **state)
{
    struct server_json_error why;
    struct server_json *root = NULL;

    (void)state;
    assert_int_equal(read_text(&root, "[[[[[[[[1]]]]]]]]", &why), 0);
    server_json_free(root);
    assert_int_equal(read_text(&root, "[[[[[[[[[]]]]]]]]]", &why), USHER_EINVAL);
    assert_string_equal(why.text, "too many levels");
}

static void members_are_limited(void **state)
{
    char text[2048] = "{";
    struct server_json_error why;
    struct server_json *root = NULL;
    size_t used = 1;

    (void)state;
    for (int i = 0; i < SERVER_JSON_MEMBERS; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\"k%d\":%d", i > 0 ? "," : "",
                                 i, i);
    }
    snprintf(text + used, sizeof text - used, "}");
    assert_int_equal(read_text(&root, text, &why), 0);
    assert_int_equal(root->count, SERVER_JSON_MEMBERS);
    server_json_free(root);
    snprintf(text + used, sizeof text - used, ",\"more\":1}");
    assert_int_equal(read_text(&root, text, &why), USHER_EINVAL);
}

/* Whatever the bytes, the answer is a tree or an error, and memory is left whole
 * (which the sanitizers and valgrind watch). */
static void any_bytes_are_survived(void **state)
{
    static const char start[] = "{\"a\":[1,true,\"\\ud83d\\ude00\",null],\"b\":{\"c\":-1.5e3}}";
    uint64_t seed = 88172645463325252u;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 20000; round++) {
        char text[sizeof start];
        memcpy(text, start, sizeof start);
        for (int k = 0; k < 3; k++) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            text[(seed >> 8) % (sizeof text - 1)] = (seed & 1) ? (char)(seed >> 40)
                                                               : start[(seed >> 48) % 40];
        }
        struct server_json_error why;
        struct server_json *root = NULL;
        size_t len = (seed >> 20) % sizeof text;
        if (server_json_read(&root, (struct usher_span){text, len}, &why) == 0) {
            assert_non_null(root);
            server_json_free(root);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back_as_written),
        cmocka_unit_test(strings_are_decoded),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(a_zero_byte_is_refused),
        cmocka_unit_test(errors_say_where),
        cmocka_unit_test(eight_levels_are_enough),
        cmocka_unit_test(members_are_limited),
        cmocka_unit_test(any_bytes_are_survived),
    };

    return cmocka_run_group_tests_name("server_json", tests, NULL, NULL);
}
