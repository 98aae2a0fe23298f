/* wire_gate_test.c - what the gate lets in: each rule from both sides, and a second opinion.
 * SPDX-License-Identifier: MIT */
#include "wire_kit.h"

#include <cjson/cJSON.h>

#include "../../lib/wire/gate.h"
#include "wire_judge.h"

static struct ush_gate gate;

/* Ask the gate, from a copy of just that size: a sanitizer sees every byte read too far. */
static const char *refusal(const void *text, size_t len)
{
    const char *why = "not asked";
    size_t at;
    uint8_t *copy = malloc(len + (len == 0 ? 1 : 0));
    assert_non_null(copy);
    memcpy(copy, text, len);
    bool ok = ush_gate_pass(&gate, copy, len, &why, &at);
    assert_int_equal(ok, why == NULL);
    assert_true(at <= len);
    free(copy);
    return why;
}

static void passes(const char *text)
{
    const char *why = refusal(text, strlen(text));
    if (why != NULL) {
        fail_msg("%s: %s", text, why);
    }
    assert_true(judge_passes(text, strlen(text)));
}

static void refused_bytes(const char *text, size_t len, const char *want)
{
    const char *why = refusal(text, len);
    if (why == NULL || strcmp(why, want) != 0) {
        fail_msg("%.*s: %s", (int) len, text, why == NULL ? "passed" : why);
    }
    assert_false(judge_passes(text, len));
}

static void refused(const char *text, const char *want)
{
    refused_bytes(text, strlen(text), want);
}

static void one_object_and_nothing_else(void **state)
{
    (void) state;
    passes("{}");
    passes("{\"type\":\"say\"}");
    passes(" \t\r\n{ \"a\" : [ 1 , true , false , null , \"x\" , { } , [ ] ] , \"b\" : { \"c\" : 2 "
           "} } \n");
    refused("", "not an object");
    refused(" ", "not an object");
    refused("[]", "not an object");
    refused("1", "not an object");
    refused("\"type\"", "not an object");
    refused("null", "not an object");
    refused("\xEF\xBB\xBF{}", "not an object");
    refused("{}{}", "more than one document");
    refused("{} {}", "more than one document");
    refused("{},", "more than one document");
    refused("{}x", "more than one document");
    refused("{}\xC2\xA0", "more than one document");
    refused("{}\f", "more than one document");
    refused_bytes("{}\0", 3, "more than one document");
}

static void grammar_is_strict(void **state)
{
    (void) state;
    refused("{", "ends too early");
    refused("{\"a\"", "a colon must stand here");
    refused("{\"a\":", "ends too early");
    refused("{\"a\":1", "ends too early");
    refused("{\"a\":1,", "ends too early");
    refused("{\"a\":[", "ends too early");
    refused("{\"a\":\"", "ends within a string");
    refused("{\"a", "ends within a string");
    refused("{,}", "a name must stand here");
    refused("{\"a\":1,}", "a name must stand here");
    refused("{\"a\":1,,\"b\":2}", "a name must stand here");
    refused("{a:1}", "a name must stand here");
    refused("{'a':1}", "a name must stand here");
    refused("{1:1}", "a name must stand here");
    refused("{\"a\" 1}", "a colon must stand here");
    refused("{\"a\"::1}", "not a value");
    refused("{\"a\":}", "not a value");
    refused("{\"a\":[1,]}", "not a value");
    refused("{\"a\":[,1]}", "not a value");
    refused("{\"a\":[1 2]}", "a comma or an end must stand here");
    refused("{\"a\":1 \"b\":2}", "a comma or an end must stand here");
    refused("{\"a\":[1}", "a comma or an end must stand here");
    refused("{\"a\":{\"b\":1]}", "a comma or an end must stand here");
    refused("{]", "a name must stand here");
    refused("{\"a\":True}", "not a value");
    refused("{\"a\":tru}", "not a value");
    refused("{\"a\":nul", "not a value");
    refused("{\"a\":nullx}", "a comma or an end must stand here");
    refused("{\"a\":NaN}", "not a value");
    refused("{\"a\":Infinity}", "not a value");
    refused("{\"a\":undefined}", "not a value");
    refused("{/**/}", "a name must stand here");
    refused("{\"a\":1}//", "more than one document");
}

static void numbers_are_whole_and_written_one_way(void **state)
{
    (void) state;
    static const char *const good[] = {
        "0", "1", "9", "10", "9007199254740991", "-1", "-9007199254740991"};
    static const char *const bad[] = {"-",
                                      "-0",
                                      "00",
                                      "01",
                                      "-01",
                                      "1.0",
                                      "0.5",
                                      "1e3",
                                      "1E3",
                                      "1e+3",
                                      "0e0",
                                      "9007199254740992",
                                      "1.",
                                      "-9007199254740992",
                                      "9007199254740993",
                                      "10000000000000000",
                                      "99999999999999999999999999999999999999"};
    char text[80];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(text, sizeof text, "{\"n\":%s}", good[i]);
        passes(text);
        snprintf(text, sizeof text, "{\"n\":[%s]}", good[i]);
        passes(text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, "{\"n\":%s}", bad[i]);
        refused(text, "not a whole number as it must be written");
    }
    refused("{\"n\":+1}", "not a value");
    refused("{\"n\":.5}", "not a value");
    refused("{\"n\":0x10}", "a comma or an end must stand here");
    refused("{\"n\":1 0}", "a comma or an end must stand here");
    refused("{\"n\":12", "ends too early");
}

static void escapes_mean_characters(void **state)
{
    (void) state;
    passes("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u00e9\\uFFFF\\uAbCd\"}");
    passes("{\"a\":\"\\ud83d\\uDE00\\udbff\\udfff\\ud800\\udc00\"}");
    refused("{\"a\":\"\\x\"}", "bad escape");
    refused("{\"a\":\"\\'\"}", "bad escape");
    refused("{\"a\":\"\\N\"}", "bad escape");
    refused("{\"a\":\"\\U0041\"}", "bad escape");
    refused("{\"a\":\"\\u\"}", "bad escape");
    refused("{\"a\":\"\\u12\"}", "bad escape");
    refused("{\"a\":\"\\u123\"}", "bad escape");
    refused("{\"a\":\"\\u00g0\"}", "bad escape");
    refused("{\"a\":\"\\u+041\"}", "bad escape");
    refused("{\"a\":\"\\u00", "bad escape");
    refused("{\"a\":\"\\", "bad escape");
    refused_bytes("{\"a\":\"\\\0\"}", 10, "bad escape");
    refused("{\"a\":\"\\u0000\"}", "U+0000");
    refused("{\"\\u0000\":1}", "U+0000");
    refused("{\"a\":\"\\ud800\"}", "lone surrogate");
    refused("{\"a\":\"\\udfff\"}", "lone surrogate");
    refused("{\"a\":\"\\ud800\\ud800\"}", "lone surrogate");
    refused("{\"a\":\"\\udc00\\ud800\"}", "lone surrogate");
    refused("{\"a\":\"\\ud800x\"}", "lone surrogate");
    refused("{\"a\":\"\\ud83d\\u0041\"}", "lone surrogate");
    refused("{\"a\":\"\\ud83d\\n\"}", "lone surrogate");
    refused("{\"a\":\"\\ud83d\\ude0\"}", "lone surrogate");
}

/* Eight bytes are looked at together: so every byte, in every place. */
static void every_byte_in_every_place_of_a_string(void **state)
{
    (void) state;
    static const char *const open = "{\"a\":\"";
    for (size_t place = 0; place < 20; place++) {
        for (int c = 0; c < 256; c++) {
            char text[64];
            int n = snprintf(text, sizeof text, "%s%.20s\"}", open, "aaaaaaaaaaaaaaaaaaaa");
            text[strlen(open) + place] = (char) c;
            bool want = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
            assert_int_equal(refusal(text, (size_t) n) == NULL, want);
            assert_int_equal(judge_passes(text, (size_t) n), want);
        }
    }
}

static void strings_are_utf8(void **state)
{
    (void) state;
    static const char *const bad[] = {"\x80",
                                      "\xBF",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC2",
                                      "\xC2\x41",
                                      "\xE0\x80\x80",
                                      "\xE0\x9F\xBF",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xE2\x82",
                                      "\xF0\x80\x80\x80",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xF0\x9F\x98",
                                      "\xFE",
                                      "\xFF",
                                      "\xC2\x80\x80"};
    char text[64];
    passes("{\"\xC3\xA9\":"
           "\"\xE0\xB8\xAA\xF0\x9F\x98\x80\xEF\xBF\xBF\xEF\xBF\xBE\xF4\x8F\xBF\xBF\xC2\x80\"}");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, "{\"a\":\"%s\"}", bad[i]);
        refused(text, "not UTF-8");
        snprintf(text, sizeof text, "{\"%s\":1}", bad[i]);
        refused(text, "not UTF-8");
        snprintf(text, sizeof text, "{\"a\":\"12345678%s12345678\"}", bad[i]);
        refused(text, "not UTF-8");
    }
    refused("{\"a\":\"\xE2\x82", "not UTF-8");
}

static void a_name_comes_once_however_it_is_written(void **state)
{
    (void) state;
    passes("{\"a\":1,\"A\":2,\"aa\":3,\"\":4}");
    passes("{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}],\"c\":{\"a\":2}}");
    passes("{\"\\u0061\":1,\"\\u0062\":2}");
    refused("{\"a\":1,\"a\":2}", "a name comes twice");
    refused("{\"\":1,\"\":2}", "a name comes twice");
    refused("{\"type\":\"say\",\"\\u0074ype\":\"x\"}", "a name comes twice");
    refused("{\"\\u0074ype\":\"say\",\"type\":\"x\"}", "a name comes twice");
    refused("{\"\\u0074ype\":1,\"t\\u0079pe\":2}", "a name comes twice");
    refused("{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}", "a name comes twice");
    refused("{\"\\u00e9\":1,\"\xC3\xA9\":2}", "a name comes twice");
    refused("{\"\\u0E2A\":1,\"\xE0\xB8\xAA\":2}", "a name comes twice");
    refused("{\"\\/\":1,\"/\":2}", "a name comes twice");
    refused("{\"\\n\":1,\"\\u000A\":2}", "a name comes twice");
    refused("{\"x\":{\"a\":{\"b\":1},\"a\":2}}", "a name comes twice");
    refused("{\"x\":[{\"a\":1,\"a\":2}]}", "a name comes twice");
    refused("{\"x\":{\"y\":{}},\"z\":1,\"x\":2}", "a name comes twice");
}

/* An object of n names, written to out. */
static size_t many_names(char *out, const char *before, size_t n, const char *after)
{
    size_t at = (size_t) sprintf(out, "%s{", before);
    for (size_t i = 0; i < n; i++) {
        at += (size_t) sprintf(out + at, "%s\"k%zu\":%zu", i == 0 ? "" : ",", i, i);
    }
    return at + (size_t) sprintf(out + at, "}%s", after);
}

static void objects_have_at_most_32_names_but_have(void **state)
{
    (void) state;
    static const struct {
        const char *before, *after;
        size_t max;
    } places[] = {
        {"", "", 32},
        {"{\"x\":", "}", 32},
        {"{\"have\":", "}", 64},
        {"{\"h\\u0061ve\":", "}", 64},
        {"{\"type\":\"hello\",\"have\":", ",\"as\":\"visitor\"}", 64},
        {"{\"Have\":", "}", 32},
        {"{\"x\":{\"have\":", "}}", 32},
        {"{\"have\":{\"have\":", "}}", 32},
        {"{\"have\":[", "]}", 32},
        {"{\"have\":1,\"x\":", "}", 32},
    };
    char text[2048];
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        many_names(text, places[i].before, places[i].max, places[i].after);
        passes(text);
        many_names(text, places[i].before, places[i].max + 1, places[i].after);
        refused(text, "too many names in an object");
    }
}

static void arrays_have_at_most_64_items(void **state)
{
    (void) state;
    static const char *const items[] = {"0", "\"\"", "[]", "{}", "null"};
    for (size_t kind = 0; kind < 5; kind++) {
        for (size_t n = 64; n <= 65; n++) {
            char text[512] = "{\"have\":[";
            for (size_t i = 0; i < n; i++) {
                strcat(text, i == 0 ? "" : ",");
                strcat(text, items[kind]);
            }
            strcat(text, "]}");
            if (n == 64) {
                passes(text);
            } else {
                refused(text, "too many items in an array");
            }
        }
    }
}

/* Objects, or arrays in one object, `depth` deep. */
static void nest(char *out, bool objects, int depth)
{
    out[0] = 0;
    for (int i = 0; i < depth; i++) {
        strcat(out, i == 0 || objects ? "{\"a\":" : "[");
    }
    strcat(out, "1");
    for (int i = depth - 1; i >= 0; i--) {
        strcat(out, i == 0 || objects ? "}" : "]");
    }
}

static void nothing_is_deeper_than_8(void **state)
{
    (void) state;
    char text[8192];
    for (int objects = 0; objects < 2; objects++) {
        nest(text, objects, 8);
        passes(text);
        nest(text, objects, 9);
        refused(text, "too deep");
        nest(text, objects, 1000);
        refused(text, "too deep");
    }
    passes("{\"a\":[[[[[[]]]]]],\"b\":[[[[[[[7]]]]]]],\"c\":{\"d\":[]}}");
}

/* The most that the gate's tables must hold: full objects in one another, and `have`. */
static void the_fullest_frame_passes(void **state)
{
    (void) state;
    char text[8192] = "";
    for (int depth = 0; depth < 8; depth++) {
        char name[64];
        strcat(text, "{");
        for (int i = 0; i < (depth == 1 ? 63 : 31); i++) {
            snprintf(name, sizeof name, "\"\\u006b%d\":%d,", i, i);
            strcat(text, name);
        }
        strcat(text, depth == 0 ? "\"have\":" : "\"x\":");
    }
    strcat(text, "1}}}}}}}}");
    passes(text);
}

static const char *const seeds[] = {
    "{\"type\":\"say\",\"key\":\"k1\",\"session\":\"00112233445566778899aabbccddeeff\",\"body\":"
    "\"Is it \\u00e9 \\ud83d\\ude00?\"}",
    "{\"type\":\"hello\",\"as\":\"agent\",\"have\":{\"a\":[1,2],\"b\":[3,4]},\"epoch\":"
    "\"0123456789abcdef\"}",
    " {\"a\" : [true, false, null, -7, 9007199254740991, {\"b\":{}}], "
    "\"\\u0061b\":\"\xE0\xB8\xAA\\n\", \"ac\":[[[]]]} ",
    "{\"type\":\"history\",\"session\":\"\",\"before\":10,\"limit\":100,\"x\":{\"a\":1,\"b\":{"
    "\"a\":2}}}",
};

/* Change, insert, delete, double or cut a few bytes. */
static size_t mutate(struct chance *c, char *text, size_t len, size_t size)
{
    static const char spice[] =
        "\"\\{}[]:,0123456789eE+-. \t\n\rtruefalsnulabud/\x80\xC3\xA9\xED\xA0\xF0\x9F\x1F";
    for (uint32_t times = 1 + chance_below(c, 3); times > 0 && len > 1 && len + 40 < size;
         times--) {
        size_t at = chance_below(c, (uint32_t) len);
        char one = spice[chance_below(c, sizeof spice - 1)];
        size_t n = 1 + chance_below(c, 12);
        n = n > len - at ? len - at : n;
        switch (chance_below(c, 6)) {
        case 0:
            text[at] = one;
            break;
        case 1:
            text[at] = (char) chance_below(c, 256);
            break;
        case 2:
            memmove(text + at + 1, text + at, len - at);
            text[at] = one;
            len++;
            break;
        case 3:
            memmove(text + at, text + at + n, len - at - n);
            len -= n;
            break;
        case 4:
            memmove(text + at + n, text + at, len - at);
            len += n;
            break;
        default:
            len = chance_below(c, 8) == 0 ? at : len;
            break;
        }
    }
    return len;
}

/* What has passed must be one document to the parser, with every name once. */
static void parser_agrees(const char *text, size_t len)
{
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(text, len, &end, 0);
    assert_non_null(root);
    assert_true(cJSON_IsObject(root));
    while (end < text + len && strchr(" \t\r\n", *end) != NULL) {
        end++;
    }
    assert_ptr_equal(end, text + len);
    for (const cJSON *one = root->child; one != NULL; one = one->next) {
        for (const cJSON *other = one->next; other != NULL; other = other->next) {
            assert_string_not_equal(one->string, other->string);
        }
    }
    cJSON_Delete(root);
}

static void mutants_are_judged_alike_by_gate_parser_and_second_opinion(void **state)
{
    (void) state;
    struct chance c = chance_new("mutants");
    uint32_t passed = 0;
    for (uint32_t i = 0; i < 300000; i++) {
        char text[1024];
        const char *seed = seeds[chance_below(&c, sizeof seeds / sizeof seeds[0])];
        size_t len = strlen(seed);
        memcpy(text, seed, len);
        len = mutate(&c, text, len, sizeof text);
        bool ok = refusal(text, len) == NULL;
        if (ok != judge_passes(text, len)) {
            fail_msg("mutant %u, gate says %d: %.*s", i, ok, (int) len, text);
        }
        if (ok) {
            passed++;
            parser_agrees(text, len);
        }
    }
    /* Both outcomes must be common, else this test sees nothing. */
    assert_in_range(passed, 15000, 200000);
}

static void no_beginning_of_a_frame_is_a_frame(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        size_t last = (size_t) (strrchr(seeds[i], '}') - seeds[i]);
        assert_null(refusal(seeds[i], last + 1));
        for (size_t cut = 0; cut <= last; cut++) {
            assert_non_null(refusal(seeds[i], cut));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_object_and_nothing_else),
        cmocka_unit_test(grammar_is_strict),
        cmocka_unit_test(numbers_are_whole_and_written_one_way),
        cmocka_unit_test(escapes_mean_characters),
        cmocka_unit_test(every_byte_in_every_place_of_a_string),
        cmocka_unit_test(strings_are_utf8),
        cmocka_unit_test(a_name_comes_once_however_it_is_written),
        cmocka_unit_test(objects_have_at_most_32_names_but_have),
        cmocka_unit_test(arrays_have_at_most_64_items),
        cmocka_unit_test(nothing_is_deeper_than_8),
        cmocka_unit_test(the_fullest_frame_passes),
        cmocka_unit_test(mutants_are_judged_alike_by_gate_parser_and_second_opinion),
        cmocka_unit_test(no_beginning_of_a_frame_is_a_frame),
    };
    return cmocka_run_group_tests_name("wire_gate", tests, NULL, NULL);
}
