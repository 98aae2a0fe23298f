/* wire_utf8_test.c - which bytes are text, which text is a name, and how ids are written.
 * SPDX-License-Identifier: MIT */
#include "wire_kit.h"

#include "../../lib/wire/utf8.h"

/* Unicode 15, table 3-7, written out: the ranges of each byte of each form. */
static const struct form {
    size_t n;
    uint8_t range[4][2];
} forms[] = {
    {1, {{0x00, 0x7F}}},
    {2, {{0xC2, 0xDF}, {0x80, 0xBF}}},
    {3, {{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}}},
    {3, {{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {3, {{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}}},
    {3, {{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {4, {{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {4, {{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}}},
    {4, {{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}}},
};

static size_t by_table(const uint8_t *s, size_t len)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t n = 0;
        while (n < forms[i].n && n < len && s[n] >= forms[i].range[n][0] &&
               s[n] <= forms[i].range[n][1]) {
            n++;
        }
        if (n == forms[i].n) {
            return n;
        }
    }
    return 0;
}

static void same_as_table(const uint8_t *s, size_t len)
{
    uint32_t c;
    size_t n = ush_utf8_next(s, len, &c);
    if (n != by_table(s, len)) {
        fail_msg("%02x %02x %02x %02x, %zu bytes: %zu", s[0], s[1], s[2], s[3], len, n);
    }
}

static void every_beginning_is_judged_as_by_the_table(void **state)
{
    (void) state;
    for (uint32_t bytes = 0; bytes < 0x1000000; bytes++) {
        uint8_t s[4] = {(uint8_t) (bytes >> 16), (uint8_t) (bytes >> 8), (uint8_t) bytes, 0x80};
        same_as_table(s, 4);
        if (s[2] == 0x80 || s[2] == 0xBF) {
            same_as_table(s, 1);
            same_as_table(s, 2);
            same_as_table(s, 3);
        }
        if (s[0] >= 0xF0) {
            s[3] = 0xC0;
            same_as_table(s, 4);
            s[3] = 0x7F;
            same_as_table(s, 4);
        }
    }
}

static void every_character_survives_both_ways(void **state)
{
    (void) state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        uint8_t s[4];
        uint32_t back = 0;
        if (c >= 0xD800 && c <= 0xDFFF) {
            continue;
        }
        size_t n = ush_utf8_put(c, s);
        assert_int_equal(ush_utf8_next(s, n, &back), n);
        assert_int_equal(back, c);
        assert_int_equal(usher_text_ok((struct usher_span){s, n}), c != 0);
    }
}

/* Eight bytes are looked at together: a bad one must be found in any place. */
static void a_bad_byte_is_found_in_every_place(void **state)
{
    (void) state;
    static const uint8_t bad[] = {0x00, 0x80, 0xBF, 0xC0, 0xC1, 0xC2, 0xE0, 0xED, 0xF0, 0xF5, 0xFF};
    char text[24];
    for (size_t at = 0; at < sizeof text; at++) {
        for (size_t i = 0; i < sizeof bad; i++) {
            memset(text, 'a', sizeof text);
            assert_true(usher_text_ok((struct usher_span){text, sizeof text}));
            text[at] = (char) bad[i];
            assert_false(usher_text_ok((struct usher_span){text, sizeof text}));
        }
    }
}

static void text_may_hold_anything_but_zero(void **state)
{
    (void) state;
    static const char *const texts[] = {
        "",
        "plain",
        "a\r\n\tb\x01\x1F\x7F",
        "\"\\\"",
        "\xE2\x80\xAE"
        "back",
        "\xEF\xBF\xBE\xEF\xBF\xBF"
        "non-characters",
        "\xF4\x8F\xBF\xBF",
        "\xEF\xBB\xBF"
        "mark",
        "\xE0\xB8\xAA\xE0\xB8\xA7\xE0\xB8\xB1\xE0\xB8\xAA\xE0\xB8\x94\xE0\xB8\xB5"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_true(usher_text_ok(span_of(texts[i])));
    }
    assert_true(usher_text_ok((struct usher_span){0}));
    assert_false(usher_text_ok((struct usher_span){"a\0b", 3}));
}

/* `chars` times the same character. */
static bool name_of(const char *one, size_t chars)
{
    char name[512];
    size_t n = strlen(one);
    for (size_t i = 0; i < chars; i++) {
        memcpy(name + i * n, one, n);
    }
    return usher_name_ok((struct usher_span){name, chars * n});
}

static void a_name_has_at_most_80_characters_of_any_size(void **state)
{
    (void) state;
    static const char *const ones[] = {"a", "\xC3\xA9", "\xE0\xB8\xAA", "\xF0\x9F\x98\x80"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(name_of(ones[i], 80));
        assert_false(name_of(ones[i], 81));
    }
    assert_true(usher_name_ok((struct usher_span){0}));
    assert_false(usher_name_ok(span_of("cut \xE0\xB8")));
}

static void a_name_has_no_control_or_direction_marks(void **state)
{
    (void) state;
    static const uint32_t bad[][2] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x61C, 0x61C},
                                      {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};
    for (uint32_t c = 0; c <= 0xFFFF; c++) {
        bool allowed = true;
        uint8_t s[4];
        if (c >= 0xD800 && c <= 0xDFFF) {
            continue;
        }
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            allowed = allowed && (c < bad[i][0] || c > bad[i][1]);
        }
        struct usher_span name = {s, ush_utf8_put(c, s)};
        assert_int_equal(usher_name_ok(name), allowed);
    }
}

static void names_of_agents_and_queues_keep_to_their_alphabet(void **state)
{
    (void) state;
    struct usher_agent_id agent;
    struct usher_queue_id queue;
    memset(&agent, 0xFF, sizeof agent);
    memset(&queue, 0xFF, sizeof queue);
    assert_int_equal(usher_agent_id_parse(span_of("ann.b_c-9"), &agent), 0);
    assert_int_equal(usher_queue_id_parse(span_of("ann.b_c-9"), &queue), 0);
    struct usher_skill_id skill;
    memset(&skill, 0xFF, sizeof skill);
    assert_int_equal(usher_skill_id_parse(span_of("ann.b_c-9"), &skill), 0);
    assert_memory_equal(&skill, &queue, sizeof skill);
    struct usher_agent_id want = {"ann.b_c-9"};
    assert_memory_equal(&agent, &want, sizeof want);
    assert_memory_equal(&queue, &want, sizeof want);
    assert_int_equal(usher_agent_id_parse(span_of("abcdefghijklmnopqrstuvwxyz01234"), &agent), 0);
    assert_string_equal(agent.s, "abcdefghijklmnopqrstuvwxyz01234");
    const struct usher_agent_id before = agent;
    assert_int_equal(usher_agent_id_parse(span_of("abcdefghijklmnopqrstuvwxyz012345"), &agent),
                     USHER_EINVAL);
    assert_int_equal(usher_agent_id_parse(span_of(""), &agent), USHER_EINVAL);
    for (int c = 0; c < 256; c++) {
        const char text[] = {'a', (char) c};
        bool good = c != 0 && strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", c) != NULL;
        struct usher_queue_id one;
        assert_int_equal(usher_queue_id_parse((struct usher_span){text, 2}, &one),
                         good ? 0 : USHER_EINVAL);
    }
    assert_memory_equal(&agent, &before, sizeof agent);
}

static void random_ids_are_32_lower_case_digits(void **state)
{
    (void) state;
    const char *text = "00ff102030405060708090a0b0c0d0ef";
    struct usher_session_id id = {{0}};
    char back[33];
    assert_int_equal(usher_session_id_parse(span_of(text), &id), 0);
    assert_int_equal(id.b[1], 0xFF);
    assert_int_equal(id.b[15], 0xEF);
    usher_session_id_format(id, back);
    assert_string_equal(back, text);
    struct usher_visitor_id visitor;
    memcpy(&visitor, &id, sizeof visitor);
    usher_visitor_id_format(visitor, back);
    assert_string_equal(back, text);
    const struct usher_session_id before = id;
    static const char *const bad[] = {"",
                                      "00ff102030405060708090a0b0c0d0e",
                                      "00ff102030405060708090a0b0c0d0ef0",
                                      "00FF102030405060708090a0b0c0d0ef",
                                      "00ff102030405060708090a0b0c0d0eg",
                                      "/0ff102030405060708090a0b0c0d0ef",
                                      "00ff102030405060 08090a0b0c0d0ef"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(usher_session_id_parse(span_of(bad[i]), &id), USHER_EINVAL);
    }
    assert_memory_equal(&id, &before, sizeof id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_beginning_is_judged_as_by_the_table),
        cmocka_unit_test(every_character_survives_both_ways),
        cmocka_unit_test(a_bad_byte_is_found_in_every_place),
        cmocka_unit_test(text_may_hold_anything_but_zero),
        cmocka_unit_test(a_name_has_at_most_80_characters_of_any_size),
        cmocka_unit_test(a_name_has_no_control_or_direction_marks),
        cmocka_unit_test(names_of_agents_and_queues_keep_to_their_alphabet),
        cmocka_unit_test(random_ids_are_32_lower_case_digits),
    };
    return cmocka_run_group_tests_name("wire_utf8", tests, NULL, NULL);
}
