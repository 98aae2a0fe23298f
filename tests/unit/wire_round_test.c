/* wire_round_test.c - texts come back byte for byte through both halves of the codec.
 * SPDX-License-Identifier: MIT */
#include "wire_kit.h"

#include <cjson/cJSON.h>

static const struct usher_session_id session = {{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                                 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF}};
static char out[262144];

/* Any text but U+0000, of characters of all sizes and many that need care. */
static size_t random_text(struct chance *c, char *to, size_t size)
{
    static const char *const pieces[] = {"a",
                                         "plain words ",
                                         "\"",
                                         "\\",
                                         "/",
                                         "\r\n",
                                         "\t",
                                         "\x01",
                                         "\x1F",
                                         "\x7F",
                                         "\xC2\x80",
                                         "\xC3\xA9",
                                         "\xE0\xB8\xAA",
                                         "\xE2\x80\xA8",
                                         "\xE2\x80\xAE",
                                         "\xEF\xBB\xBF",
                                         "\xEF\xBF\xBE",
                                         "\xEF\xBF\xBF",
                                         "\xF0\x9F\x98\x80",
                                         "\xF4\x8F\xBF\xBF",
                                         "</script>",
                                         "\\u0000",
                                         "\b\f"};
    size_t want = 1 + chance_below(c, 300);
    size_t at = 0;
    while (at < want) {
        const char *piece = pieces[chance_below(c, sizeof pieces / sizeof pieces[0])];
        at += (size_t) snprintf(to + at, size - at, "%s", piece);
    }
    return at;
}

static void a_body_comes_back_byte_for_byte(void **state)
{
    (void) state;
    struct chance c = chance_new("bodies");
    for (int i = 0; i < 50000; i++) {
        char body[1024], key[1024];
        size_t n = random_text(&c, body, sizeof body);
        random_text(&c, key, sizeof key);
        const struct usher_fact fact = {.type = USHER_FACT_SAID,
                                        .log = USHER_LOG_PUBLIC,
                                        .session = session,
                                        .index = 1,
                                        .by = {.kind = USHER_AGENT, .agent = {"bea"}},
                                        .body = {body, n},
                                        .key = span_of(key)};
        const struct usher_effect fx = {.type = USHER_DO_FACT, .as.fact = {&fact, true}};
        size_t len = 0;
        assert_int_equal(usher_encode(&fx, (struct usher_span){0}, out, sizeof out, &len), 0);
        assert_null(memchr(out, '\n', len));
        cJSON *told = cJSON_ParseWithLength(out, len);
        assert_non_null(told);
        assert_string_equal(cJSON_GetObjectItemCaseSensitive(told, "body")->valuestring, body);
        assert_string_equal(cJSON_GetObjectItemCaseSensitive(told, "key")->valuestring, key);
        cJSON_Delete(told);
    }
}

/* What a visitor says and what is told of it: the same bytes, through both halves of the codec. */
static void what_is_said_is_what_is_told(void **state)
{
    (void) state;
    struct chance c = chance_new("echoes");
    struct usher_decoder *decoder = NULL;
    static struct usher_decoded got;
    assert_int_equal(usher_decoder_new(&decoder), 0);
    for (int i = 0; i < 20000; i++) {
        char body[1024];
        char frame[8192];
        random_text(&c, body, sizeof body);
        cJSON *say = cJSON_CreateObject();
        cJSON_AddStringToObject(say, "type", "say");
        cJSON_AddStringToObject(say, "session", "00112233445566778899aabbccddeeff");
        cJSON_AddStringToObject(say, "body", body);
        assert_true(cJSON_PrintPreallocated(say, frame, sizeof frame, 0));
        cJSON_Delete(say);
        assert_int_equal(usher_decode(decoder, USHER_VISITOR, span_of(frame), 8192, &got), 0);
        assert_int_equal(got.event.as.say.body.len, strlen(body));
        assert_memory_equal(got.event.as.say.body.base, body, strlen(body));
        assert_memory_equal(&got.event.session, &session, sizeof session);
    }
    usher_decoder_free(decoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_comes_back_byte_for_byte),
        cmocka_unit_test(what_is_said_is_what_is_told),
    };
    return cmocka_run_group_tests_name("wire_round", tests, NULL, NULL);
}
