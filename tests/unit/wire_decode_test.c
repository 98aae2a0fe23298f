/* wire_decode_test.c - frames to events: the golden frames, and each limit from both sides.
 * SPDX-License-Identifier: MIT */
#include "wire_kit.h"

#include <cjson/cJSON.h>

#define BODY_MAX 8192
#define SESSION "00112233445566778899aabbccddeeff"

static struct usher_decoder *decoder;
static struct usher_decoded got;

static int setup(void **state)
{
    (void) state;
    return usher_decoder_new(&decoder);
}

static int teardown(void **state)
{
    (void) state;
    usher_decoder_free(decoder);
    usher_decoder_free(NULL);
    return 0;
}

static int decode(enum usher_kind as, const char *frame)
{
    return usher_decode(decoder, as, span_of(frame), BODY_MAX, &got);
}

static bool is(struct usher_span span, const char *text)
{
    return span.len == strlen(text) && (span.len == 0 || memcmp(span.base, text, span.len) == 0);
}

static void good(enum usher_kind as, const char *frame)
{
    if (decode(as, frame) != 0) {
        fail_msg("%.200s: %s", frame, got.text);
    }
}

static void bad(enum usher_kind as, const char *frame, enum usher_why why)
{
    assert_int_equal(decode(as, frame), USHER_EINVAL);
    if (got.why != why) {
        fail_msg("%.200s: %s, %s", frame, usher_why_name(got.why), got.text);
    }
}

/* ------------------------------------------------------------------------- */
/* What was decoded, told as JSON, so that a golden line can be compared. */

static void add_text(cJSON *to, const char *name, struct usher_span span)
{
    if (span.len > 0) {
        char *text = malloc(span.len + 1);
        assert_non_null(text);
        memcpy(text, span.base, span.len);
        text[span.len] = 0;
        cJSON_AddStringToObject(to, name, text);
        free(text);
    }
}

static void add_number(cJSON *to, const char *name, uint64_t n)
{
    cJSON_AddNumberToObject(to, name, (double) n);
}

static void add_session(cJSON *to, struct usher_session_id id)
{
    char text[33];
    usher_session_id_format(id, text);
    cJSON_AddStringToObject(to, "session", text);
}

static cJSON *told_hello(const struct usher_hello *hello)
{
    cJSON *told = cJSON_CreateObject();
    cJSON_AddStringToObject(told, "type", "hello");
    cJSON_AddStringToObject(told, "as", usher_kind_name(hello->as));
    add_text(told, "token", hello->token);
    add_text(told, "locale", hello->locale);
    if (hello->page_url.len > 0 || hello->page_title.len > 0) {
        cJSON *page = cJSON_AddObjectToObject(told, "page");
        add_text(page, "url", hello->page_url);
        add_text(page, "title", hello->page_title);
    }
    if (hello->has_epoch) {
        char epoch[17];
        snprintf(epoch, sizeof epoch, "%016" PRIx64, hello->epoch);
        cJSON_AddStringToObject(told, "epoch", epoch);
    }
    cJSON *have = hello->n_have == 0 ? NULL : cJSON_AddObjectToObject(told, "have");
    for (size_t i = 0; i < hello->n_have; i++) {
        char id[33];
        usher_session_id_format(hello->have[i].session, id);
        cJSON *pair = cJSON_AddArrayToObject(have, id);
        cJSON_AddItemToArray(pair, cJSON_CreateNumber((double) hello->have[i].index[0]));
        cJSON_AddItemToArray(pair, cJSON_CreateNumber((double) hello->have[i].index[1]));
    }
    return told;
}

static void add_needs(cJSON *to, const struct usher_skill *needs, size_t n)
{
    cJSON *object = n == 0 ? NULL : cJSON_AddObjectToObject(to, "needs");
    for (size_t i = 0; i < n; i++) {
        add_number(object, needs[i].id.s, needs[i].level);
    }
}

static const char *told_fields(cJSON *told, const struct usher_event *ev)
{
    switch ((int) ev->type) {
    case USHER_EV_START:
        cJSON_AddStringToObject(told, "queue", ev->as.start.queue.s);
        add_text(told, "name", ev->as.start.name);
        add_text(told, "email", ev->as.start.email);
        add_text(told, "body", ev->as.start.body);
        add_needs(told, ev->as.start.needs, ev->as.start.n_needs);
        return "start";
    case USHER_EV_SAY:
        add_text(told, "body", ev->as.say.body);
        return "say";
    case USHER_EV_WHISPER:
        add_text(told, "body", ev->as.say.body);
        return "whisper";
    case USHER_EV_SEEN:
        add_number(told, "index", ev->as.seen.upto);
        return "seen";
    case USHER_EV_TYPING:
        return "typing";
    case USHER_EV_CLOSE:
        return "close";
    case USHER_EV_REOPEN:
        return "reopen";
    case USHER_EV_MOVE:
        add_text(told, "queue", span_of(ev->as.move.queue.s));
        add_text(told, "agent", span_of(ev->as.move.agent.s));
        return "move";
    case USHER_EV_HISTORY:
        if (ev->as.history.before > 0) {
            add_number(told, "before", ev->as.history.before);
        }
        if (ev->as.history.before_internal > 0) {
            add_number(told, "before_internal", ev->as.history.before_internal);
        }
        if (ev->as.history.limit > 0) {
            add_number(told, "limit", ev->as.history.limit);
        }
        return "history";
    case USHER_EV_READY:
        cJSON_AddBoolToObject(told, "on", ev->as.ready.on);
        add_text(told, "reason", ev->as.ready.reason);
        return "ready";
    case USHER_EV_ACCEPT:
        add_number(told, "offer", ev->as.answer.offer);
        return "accept";
    case USHER_EV_DECLINE:
        add_number(told, "offer", ev->as.answer.offer);
        add_text(told, "reason", ev->as.answer.reason);
        return "decline";
    case USHER_EV_VISIT:
        add_text(told, "url", ev->as.visit.url);
        add_text(told, "title", ev->as.visit.title);
        return "visit";
    case USHER_EV_BOARD:
        cJSON_AddBoolToObject(told, "on", ev->as.board.on);
        return "board";
    case USHER_EV_EXPLAIN:
        return "explain";
    }
    return "?";
}

static cJSON *told(void)
{
    static const struct usher_session_id none = {{0}};
    if (got.is_hello) {
        return told_hello(&got.hello);
    }
    cJSON *object = cJSON_CreateObject();
    if (memcmp(&got.event.session, &none, sizeof none) != 0) {
        add_session(object, got.event.session);
    }
    add_text(object, "key", got.event.key);
    cJSON_AddStringToObject(object, "type", told_fields(object, &got.event));
    return object;
}

/* ------------------------------------------------------------------------- */

static const char *member(const cJSON *line, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(line, name);
    return item == NULL ? NULL : item->valuestring;
}

static enum usher_kind role(const cJSON *line)
{
    const char *as = member(line, "as");
    if (strcmp(as, "nobody") == 0) {
        return USHER_SYSTEM;
    }
    return strcmp(as, "visitor") == 0 ? USHER_VISITOR : USHER_AGENT;
}

/* The same frame, its first name written with an escape: so it takes the other way through the
 * decoder, by the parser's tree, if it is one that needs no tree. */
static const char *with_an_escape(const char *frame)
{
    static char other[300000];
    if (frame[0] != '{' || frame[1] != '"' || frame[2] < 'a' || frame[2] > 'z') {
        return frame;
    }
    snprintf(other, sizeof other, "{\"\\u%04x%s", (unsigned) frame[2], frame + 3);
    return other;
}

static void golden_frames_are_read(void **state)
{
    (void) state;
    struct golden *g = golden_open("client_ok.jsonl");
    while (golden_next(g)) {
        cJSON *line = cJSON_Parse(g->line);
        assert_non_null(line);
        const char *const frames[] = {member(line, "frame"),
                                      with_an_escape(member(line, "frame"))};
        for (int i = 0; i < 2; i++) {
            good(role(line), frames[i]);
            cJSON *seen = told();
            if (!cJSON_Compare(seen, cJSON_GetObjectItemCaseSensitive(line, "want"), true)) {
                char *text = cJSON_PrintUnformatted(seen);
                fail_msg("client_ok.jsonl:%d: %s", g->number, text);
            }
            assert_int_equal(got.event.link.v, 0);
            cJSON_Delete(seen);
        }
        cJSON_Delete(line);
    }
    assert_true(g->number >= 40);
    golden_close(g);
}

static void golden_wrongs_are_refused(void **state)
{
    (void) state;
    struct golden *g = golden_open("client_bad.jsonl");
    while (golden_next(g)) {
        cJSON *line = cJSON_Parse(g->line);
        assert_non_null(line);
        const char *frame = member(line, "frame");
        const char *key = member(line, "key");
        const char *text = member(line, "text");
        bool same = decode(role(line), frame) == USHER_EINVAL &&
                    strcmp(usher_why_name(got.why), member(line, "why")) == 0 &&
                    is(got.key, key == NULL ? "" : key) &&
                    (text == NULL || strcmp(got.text, text) == 0);
        if (!same) {
            fail_msg("client_bad.jsonl:%d: %s, %s, key %.*s", g->number, usher_why_name(got.why),
                     got.text, (int) got.key.len, (const char *) got.key.base);
        }
        assert_int_equal(decode(role(line), with_an_escape(frame)), USHER_EINVAL);
        assert_string_equal(usher_why_name(got.why), member(line, "why"));
        assert_true(is(got.key, key == NULL ? "" : key));
        cJSON_Delete(line);
    }
    assert_true(g->number >= 200);
    golden_close(g);
}

static void every_refusal_says_why_in_short_ascii(void **state)
{
    (void) state;
    struct golden *g = golden_open("client_bad.jsonl");
    while (golden_next(g)) {
        cJSON *line = cJSON_Parse(g->line);
        decode(role(line), member(line, "frame"));
        size_t n = strlen(got.text);
        assert_in_range(n, 5, sizeof got.text - 1);
        for (size_t i = 0; i < n; i++) {
            assert_in_range(got.text[i], 0x20, 0x7E);
        }
        cJSON_Delete(line);
    }
    golden_close(g);
    char long_name[4096];
    memset(long_name, 'n', sizeof long_name);
    memcpy(long_name, "{\"type\":\"typing\",\"", 18);
    memcpy(long_name + 4000, "\":1}", 5);
    bad(USHER_VISITOR, long_name, USHER_BAD_FIELD);
    assert_string_equal(got.text, "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn: unknown field");
}

static void invalid_utf8_is_no_frame(void **state)
{
    (void) state;
    bad(USHER_VISITOR,
        "{\"type\":\"say\",\"key\":\"k1\",\"session\":\"" SESSION "\",\"body\":\"\xC3\x28\"}",
        USHER_BAD_FRAME);
    assert_string_equal(got.text, "byte 78: not UTF-8");
    assert_int_equal(got.key.len, 0);
    bad(USHER_SYSTEM, "{\"type\":\"hello\",\"as\":\"visitor\",\"token\":\"\xED\xA0\x80\"}",
        USHER_BAD_FRAME);
    assert_int_equal(usher_decode(decoder, USHER_VISITOR, (struct usher_span){0}, BODY_MAX, &got),
                     USHER_EINVAL);
    assert_int_equal(got.why, USHER_BAD_FRAME);
    const char zero[] = "{\"type\":\"typing\",\"session\":\"" SESSION "\"}";
    assert_int_equal(usher_decode(decoder, USHER_VISITOR, (struct usher_span){zero, sizeof zero},
                                  BODY_MAX, &got),
                     USHER_EINVAL);
    assert_int_equal(got.why, USHER_BAD_FRAME);
}

/* A say whose body is n bytes, in a frame of at least `frame` bytes. */
static char *say_of(size_t body, size_t frame)
{
    char *text = malloc(body + frame + 256);
    assert_non_null(text);
    size_t at = (size_t) sprintf(text, "{\"type\":\"say\",\"key\":\"k1\",\"session\":\"" SESSION
                                       "\",\"body\":\"");
    memset(text + at, 'b', body);
    at += body;
    at += (size_t) sprintf(text + at, "\"}");
    while (at < frame) {
        text[at++] = ' ';
    }
    text[at] = 0;
    return text;
}

static void body_is_limited_by_the_desk(void **state)
{
    (void) state;
    static const uint32_t maxima[] = {1, 2, 100, 8192, 16000};
    for (size_t i = 0; i < 5; i++) {
        char *frame = say_of(maxima[i], 0);
        assert_int_equal(usher_decode(decoder, USHER_VISITOR, span_of(frame), maxima[i], &got), 0);
        assert_int_equal(got.event.as.say.body.len, maxima[i]);
        free(frame);
        frame = say_of(maxima[i] + 1, 0);
        assert_int_equal(usher_decode(decoder, USHER_VISITOR, span_of(frame), maxima[i], &got),
                         USHER_EINVAL);
        assert_int_equal(got.why, USHER_TOO_LARGE);
        assert_true(is(got.key, "k1"));
        free(frame);
    }
    /* It counts bytes of text, however they were written. */
    char frame[512];
    snprintf(frame, sizeof frame,
             "{\"type\":\"say\",\"session\":\"%s\",\"body\":\"\\u00e9\\n\\ud83d\\ude00\"}",
             SESSION);
    assert_int_equal(usher_decode(decoder, USHER_AGENT, span_of(frame), 7, &got), 0);
    assert_int_equal(usher_decode(decoder, USHER_AGENT, span_of(frame), 6, &got), USHER_EINVAL);
    assert_int_equal(got.why, USHER_TOO_LARGE);
}

static void frame_is_limited_by_the_role(void **state)
{
    (void) state;
    static const struct {
        enum usher_kind as;
        size_t max;
    } roles[] = {{USHER_VISITOR, 16384}, {USHER_AGENT, 65536}};
    for (size_t i = 0; i < 2; i++) {
        char *frame = say_of(10, roles[i].max);
        assert_int_equal(strlen(frame), roles[i].max);
        good(roles[i].as, frame);
        free(frame);
        frame = say_of(10, roles[i].max + 1);
        bad(roles[i].as, frame, USHER_TOO_LARGE);
        assert_int_equal(got.key.len, 0);
        free(frame);
    }
}

/* A whole frame of escaped names: the most that the gate must keep without escapes. */
static void a_frame_full_of_escaped_names_is_judged(void **state)
{
    (void) state;
    char *frame = malloc(USHER_FRAME_MAX + 1);
    assert_non_null(frame);
    size_t at = (size_t) sprintf(frame, "{\"type\":\"say\"");
    for (int i = 0; i < 31; i++) {
        at += (size_t) sprintf(frame + at, ",\"%c", 'A' + i % 26);
        for (int k = 0; k < 320 + i; k++) {
            at += (size_t) sprintf(frame + at, "\\u%04x", 0x800 + k);
        }
        at += (size_t) sprintf(frame + at, "\":1");
    }
    sprintf(frame + at, "}");
    bad(USHER_AGENT, frame, USHER_BAD_FIELD);
    free(frame);
}

static void who_may_give_which_command(void **state)
{
    (void) state;
    static const struct {
        const char *frame;
        bool visitor, agent;
        enum usher_event_type type;
    } commands[] = {
        {"{\"type\":\"start\",\"queue\":\"q\",\"body\":\"x\"}", true, false, USHER_EV_START},
        {"{\"type\":\"say\",\"session\":\"" SESSION "\",\"body\":\"x\"}", true, true, USHER_EV_SAY},
        {"{\"type\":\"whisper\",\"session\":\"" SESSION "\",\"body\":\"x\"}", false, true,
         USHER_EV_WHISPER},
        {"{\"type\":\"seen\",\"session\":\"" SESSION "\",\"index\":1}", true, true, USHER_EV_SEEN},
        {"{\"type\":\"typing\",\"session\":\"" SESSION "\"}", true, true, USHER_EV_TYPING},
        {"{\"type\":\"close\",\"session\":\"" SESSION "\"}", true, true, USHER_EV_CLOSE},
        {"{\"type\":\"reopen\",\"session\":\"" SESSION "\"}", true, true, USHER_EV_REOPEN},
        {"{\"type\":\"move\",\"session\":\"" SESSION "\",\"queue\":\"q\"}", false, true,
         USHER_EV_MOVE},
        {"{\"type\":\"history\",\"session\":\"" SESSION "\"}", true, true, USHER_EV_HISTORY},
        {"{\"type\":\"ready\",\"on\":true}", false, true, USHER_EV_READY},
        {"{\"type\":\"accept\",\"offer\":\"o-1\"}", false, true, USHER_EV_ACCEPT},
        {"{\"type\":\"decline\",\"offer\":\"o-1\"}", false, true, USHER_EV_DECLINE},
    };
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const char *frame = commands[i].frame;
        bad(USHER_SYSTEM, frame, USHER_UNAUTHORIZED);
        bad(USHER_BOT, frame, USHER_UNKNOWN_TYPE);
        for (int agent = 0; agent < 2; agent++) {
            enum usher_kind as = agent == 1 ? USHER_AGENT : USHER_VISITOR;
            if (agent == 1 ? commands[i].agent : commands[i].visitor) {
                good(as, frame);
                assert_int_equal(got.event.type, commands[i].type);
                assert_false(got.is_hello);
                assert_int_equal(got.event.key.len, 0);
            } else {
                bad(as, frame, USHER_UNKNOWN_TYPE);
            }
        }
    }
}

static void ids_are_zero_to_their_end(void **state)
{
    (void) state;
    struct usher_queue_id queue = {"sales"};
    struct usher_agent_id agent = {"bea"};
    good(USHER_AGENT,
         "{\"type\":\"move\",\"session\":\"" SESSION "\",\"queue\":\"a-much-longer-queue-name\"}");
    good(USHER_AGENT, "{\"type\":\"move\",\"session\":\"" SESSION "\",\"queue\":\"sales\"}");
    assert_memory_equal(&got.event.as.move.queue, &queue, sizeof queue);
    assert_int_equal(got.event.as.move.agent.s[0], 0);
    good(USHER_AGENT, "{\"type\":\"move\",\"session\":\"" SESSION "\",\"agent\":\"bea\"}");
    assert_memory_equal(&got.event.as.move.agent, &agent, sizeof agent);
    assert_int_equal(got.event.as.move.queue.s[0], 0);
}

static void nothing_is_left_of_the_frame_before(void **state)
{
    (void) state;
    good(USHER_SYSTEM, "{\"type\":\"hello\",\"as\":\"visitor\",\"token\":\"t\",\"epoch\":"
                       "\"0123456789abcdef\",\"have\":{\"" SESSION
                       "\":1},\"locale\":\"th\",\"page\":{\"url\":\"u\",\"title\":\"t\"}}");
    good(USHER_SYSTEM, "{\"type\":\"hello\",\"as\":\"visitor\"}");
    assert_true(got.is_hello);
    assert_false(got.hello.has_epoch);
    assert_int_equal(got.hello.n_have, 0);
    assert_int_equal(got.hello.token.len + got.hello.locale.len + got.hello.page_url.len +
                         got.hello.page_title.len,
                     0);
    good(USHER_AGENT, "{\"type\":\"ready\",\"key\":\"k1\",\"on\":true,\"reason\":\"r\"}");
    good(USHER_AGENT, "{\"type\":\"ready\",\"on\":false}");
    assert_false(got.is_hello);
    assert_false(got.event.as.ready.on);
    assert_int_equal(got.event.as.ready.reason.len, 0);
    assert_int_equal(got.event.key.len, 0);
    bad(USHER_AGENT, "{\"type\":\"ready\",\"key\":\"k1\"}", USHER_BAD_FIELD);
    bad(USHER_AGENT, "{}", USHER_BAD_FRAME);
    assert_int_equal(got.key.len, 0);
    good(USHER_AGENT, "{\"type\":\"history\",\"session\":\"" SESSION "\"}");
    assert_int_equal(got.why, USHER_WHY_NONE);
    assert_int_equal(got.event.as.history.before, 0);
    assert_int_equal(got.event.as.history.limit, 0);
}

/* A hostile sender may pick any name: none may fit by chance of upper and lower case. */
static void names_are_told_apart_by_case(void **state)
{
    (void) state;
    bad(USHER_VISITOR, "{\"Type\":\"typing\",\"session\":\"" SESSION "\"}", USHER_BAD_FRAME);
    bad(USHER_VISITOR, "{\"type\":\"typing\",\"Session\":\"" SESSION "\"}", USHER_BAD_FIELD);
    assert_string_equal(got.text, "Session: unknown field");
    bad(USHER_VISITOR, "{\"type\":\"typing\",\"session\":\"" SESSION "\",\"KEY\":\"k\"}",
        USHER_BAD_FIELD);
    assert_int_equal(got.key.len, 0);
}

/* How many allocations the parser is still given. */
static int allowance;

static void *scarce(size_t size)
{
    return allowance-- > 0 ? malloc(size) : NULL;
}

static void without_memory_it_is_busy_and_goes_on(void **state)
{
    (void) state;
    cJSON_Hooks few = {scarce, free};
    const char *frame =
        "{\"type\":\"say\",\"key\":\"k1\",\"session\":\"" SESSION "\",\"body\":\"\\u0078\"}";
    int rv = USHER_EINVAL;
    int busy = 0;
    cJSON_InitHooks(&few);
    for (int n = 0; n < 100 && rv != 0; n++) {
        allowance = n;
        rv = decode(USHER_VISITOR, frame);
        if (rv != 0) {
            assert_int_equal(rv, USHER_EINVAL);
            assert_int_equal(got.why, USHER_BUSY);
            busy++;
            assert_int_equal(got.key.len, 0);
        }
    }
    assert_int_equal(rv, 0);
    assert_true(is(got.event.as.say.body, "x"));
    assert_true(busy > 0);
    /* What is plain needs none. */
    allowance = 0;
    good(USHER_VISITOR, "{\"type\":\"say\",\"session\":\"" SESSION "\",\"body\":\"y\"}");
    assert_true(is(got.event.as.say.body, "y"));
    /* Hooks are the test's affair: the library never sets them. */
    usher_decoder_free(decoder);
    cJSON_InitHooks(NULL);
    assert_int_equal(usher_decoder_new(&decoder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_frames_are_read),
        cmocka_unit_test(golden_wrongs_are_refused),
        cmocka_unit_test(every_refusal_says_why_in_short_ascii),
        cmocka_unit_test(invalid_utf8_is_no_frame),
        cmocka_unit_test(body_is_limited_by_the_desk),
        cmocka_unit_test(frame_is_limited_by_the_role),
        cmocka_unit_test(a_frame_full_of_escaped_names_is_judged),
        cmocka_unit_test(who_may_give_which_command),
        cmocka_unit_test(ids_are_zero_to_their_end),
        cmocka_unit_test(nothing_is_left_of_the_frame_before),
        cmocka_unit_test(names_are_told_apart_by_case),
        cmocka_unit_test(without_memory_it_is_busy_and_goes_on),
    };
    return cmocka_run_group_tests_name("wire_decode", tests, setup, teardown);
}
