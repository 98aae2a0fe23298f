/* fuzz_decode.c - any bytes as a frame: gate and second opinion agree, bodies come back.
 * SPDX-License-Identifier: MIT
 *
 * libFuzzer: clang -fsanitize=fuzzer,address,undefined; corpus in tests/fuzz/decode.
 * The first byte chooses who speaks, the rest is the frame. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/wire_judge.h"
#include "usher/wire.h"

#define BODY_MAX 8192
#define ENOUGH (USHER_ENCODE_MAX(BODY_MAX))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct usher_decoder *decoder;
static struct usher_decoded got;

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}

static void text_within(struct usher_span text, size_t max, const char *what)
{
    must(text.len <= max && usher_text_ok(text), what);
}

/* Written as a fact and parsed again, the body is the same. */
static void comes_back(struct usher_span body)
{
    static char out[ENOUGH];
    const struct usher_fact fact = {.type = USHER_FACT_SAID,
                                    .log = USHER_LOG_PUBLIC,
                                    .session = got.event.session,
                                    .index = 1,
                                    .by = {.kind = USHER_VISITOR},
                                    .body = body,
                                    .key = got.event.key};
    const struct usher_effect fx = {.type = USHER_DO_FACT, .as.fact = {&fact, true}};
    size_t len = 0;
    must(usher_encode(&fx, (struct usher_span){0}, out, sizeof out, &len) == 0, "encode");
    must(judge_passes(out, len), "what is written is a frame");
    cJSON *told = cJSON_ParseWithLength(out, len);
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(told, "body"));
    must(text != NULL && strlen(text) == body.len && memcmp(text, body.base, body.len) == 0,
         "body");
    cJSON_Delete(told);
}

static void command_holds(const struct usher_event *ev)
{
    text_within(ev->key, USHER_KEY_MAX, "key");
    switch ((int) ev->type) {
    case USHER_EV_START:
        must(ev->as.start.queue.s[0] != 0, "queue");
        must(usher_name_ok(ev->as.start.name), "name");
        text_within(ev->as.start.email, USHER_EMAIL_MAX, "email");
        comes_back(ev->as.start.body);
        break;
    case USHER_EV_SAY:
    case USHER_EV_WHISPER:
        comes_back(ev->as.say.body);
        break;
    case USHER_EV_READY:
        text_within(ev->as.ready.reason, USHER_REASON_MAX, "reason");
        break;
    case USHER_EV_HISTORY:
        must(ev->as.history.limit <= USHER_HISTORY_MAX, "limit");
        break;
    case USHER_EV_ACCEPT:
    case USHER_EV_DECLINE:
        must(ev->as.answer.offer > 0, "offer");
        text_within(ev->as.answer.reason, USHER_REASON_MAX, "reason");
        break;
    case USHER_EV_MOVE:
        must((ev->as.move.queue.s[0] != 0) != (ev->as.move.agent.s[0] != 0), "queue or agent");
        break;
    case USHER_EV_VISIT:
        must(ev->as.visit.url.len > 0, "url");
        text_within(ev->as.visit.url, USHER_URL_MAX, "url");
        text_within(ev->as.visit.title, USHER_TITLE_MAX, "title");
        break;
    case USHER_EV_BOARD:
    case USHER_EV_SEEN:
    case USHER_EV_TYPING:
    case USHER_EV_CLOSE:
    case USHER_EV_REOPEN:
        break;
    default:
        must(false, "a command's type");
    }
}

static void hello_holds(const struct usher_hello *hello)
{
    must(hello->as == USHER_VISITOR || hello->as == USHER_AGENT, "as");
    must(hello->n_have <= USHER_HAVE_MAX, "have");
    text_within(hello->token, USHER_FRAME_MAX, "token");
    text_within(hello->locale, USHER_FRAME_MAX, "locale");
    text_within(hello->page_url, USHER_FRAME_MAX, "url");
    text_within(hello->page_title, USHER_FRAME_MAX, "title");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum usher_kind roles[] = {USHER_SYSTEM, USHER_VISITOR, USHER_AGENT};
    if (size == 0 || size > USHER_FRAME_MAX) {
        return 0;
    }
    if (decoder == NULL) {
        must(usher_decoder_new(&decoder) == 0, "memory");
    }
    enum usher_kind as = roles[data[0] % 3];
    const struct usher_span frame = {data + 1, size - 1};
    int rv = usher_decode(decoder, as, frame, BODY_MAX, &got);
    must(rv == 0 || rv == USHER_EINVAL, "0 or EINVAL");
    must((rv == 0) == (got.why == USHER_WHY_NONE), "why");
    must(got.why != USHER_BUSY, "what has passed the gate can be parsed");
    text_within(got.key, USHER_KEY_MAX, "key");
    if (frame.len <= USHER_FRAME_VISITOR) {
        bool no_type = got.why == USHER_BAD_FRAME && strcmp(got.text, "type: must be text") == 0;
        must(judge_passes(frame.base, frame.len) == (got.why != USHER_BAD_FRAME || no_type),
             "gate");
    }
    if (rv == 0 && got.is_hello) {
        must(as == USHER_SYSTEM, "hello comes first");
        hello_holds(&got.hello);
    } else if (rv == 0) {
        must(as != USHER_SYSTEM, "hello comes first");
        command_holds(&got.event);
    }
    return 0;
}
