/* hello.c - reads a hello: who wants to come in, and what he holds already.
 * SPDX-License-Identifier: MIT */
#include "hello.h"

#include <string.h>

#include "ids.h"

#define EPOCH_BYTES 8

enum {
    TYPE = 1 << 0,
    AS = 1 << 1,
    TOKEN = 1 << 2,
    LOCALE = 1 << 3,
    PAGE = 1 << 4,
    EPOCH = 1 << 5,
    HAVE = 1 << 6
};

static bool read_token(struct ush_reading *r, const cJSON *item)
{
    return ush_text(item, &r->out->hello.token);
}

static bool read_locale(struct ush_reading *r, const cJSON *item)
{
    return ush_text(item, &r->out->hello.locale);
}

static bool read_page_url(struct ush_reading *r, const cJSON *item)
{
    return ush_text(item, &r->out->hello.page_url);
}

static bool read_page_title(struct ush_reading *r, const cJSON *item)
{
    return ush_text(item, &r->out->hello.page_title);
}

static bool read_page(struct ush_reading *r, const cJSON *item)
{
    static const struct ush_field list[] = {
        {"url", 1, read_page_url, "must be text"},
        {"title", 2, read_page_title, "must be text"},
    };
    static const struct ush_fields page = {list, sizeof list / sizeof list[0], "page."};
    return cJSON_IsObject(item) && ush_fields_read(r, item, &page, 0, 1 | 2) == 0;
}

static bool read_epoch(struct ush_reading *r, const cJSON *item)
{
    struct usher_span text;
    uint8_t bytes[EPOCH_BYTES];
    if (!ush_text(item, &text) || !ush_hex_get(text, bytes, sizeof bytes)) {
        return false;
    }
    uint64_t epoch = 0;
    for (size_t i = 0; i < sizeof bytes; i++) {
        epoch = epoch << 8 | bytes[i];
    }
    r->out->hello.has_epoch = true;
    r->out->hello.epoch = epoch;
    return true;
}

/* A visitor holds the public log only; an agent both. */
static bool read_cursors(enum usher_kind as, const cJSON *item, uint64_t index[2])
{
    index[1] = 0;
    if (as == USHER_VISITOR) {
        return ush_number(item, 0, USH_NUMBER_MAX, &index[0]);
    }
    const cJSON *public_log = cJSON_IsArray(item) ? item->child : NULL;
    const cJSON *internal_log = public_log == NULL ? NULL : public_log->next;
    if (internal_log == NULL || internal_log->next != NULL) {
        return false;
    }
    return ush_number(public_log, 0, USH_NUMBER_MAX, &index[0]) &&
           ush_number(internal_log, 0, USH_NUMBER_MAX, &index[1]);
}

static bool read_have(struct ush_reading *r, const cJSON *item)
{
    struct usher_hello *hello = &r->out->hello;
    if (!cJSON_IsObject(item)) {
        return false;
    }
    for (const cJSON *one = item->child; one != NULL; one = one->next) {
        struct usher_have *have = &hello->have[hello->n_have];
        struct usher_span id = {one->string, strlen(one->string)};
        /* The gate counted them: at most USHER_HAVE_MAX. */
        if (usher_session_id_parse(id, &have->session) != 0 ||
            !read_cursors(hello->as, one, have->index)) {
            return false;
        }
        hello->n_have++;
    }
    return true;
}

static const struct ush_field field_list[] = {
    {"type", TYPE, NULL, ""},
    {"as", AS, NULL, ""},
    {"token", TOKEN, read_token, "must be text"},
    {"locale", LOCALE, read_locale, "must be text"},
    {"page", PAGE, read_page, "must be an object"},
    {"epoch", EPOCH, read_epoch, "must be 16 lower-case hex digits"},
    {"have", HAVE, read_have, "must be n (visitor) or [n,n] (agent) for each session"},
};

static const struct ush_fields fields = {field_list, sizeof field_list / sizeof field_list[0], ""};

static bool read_as(const cJSON *item, enum usher_kind *out)
{
    if (!cJSON_IsString(item)) {
        return false;
    }
    bool visitor = strcmp(item->valuestring, "visitor") == 0;
    *out = visitor ? USHER_VISITOR : USHER_AGENT;
    return visitor || strcmp(item->valuestring, "agent") == 0;
}

int ush_hello_read(struct ush_reading *r, const cJSON *object)
{
    struct usher_hello *hello = &r->out->hello;
    r->out->is_hello = true;
    if (!read_as(ush_member(object, "as"), &hello->as)) {
        return ush_field_refuse(r->out, USHER_BAD_FIELD, "", "as", "must be visitor or agent");
    }
    if (hello->as == USHER_VISITOR) {
        return ush_fields_read(r, object, &fields, TYPE | AS, TOKEN | LOCALE | PAGE | EPOCH | HAVE);
    }
    return ush_fields_read(r, object, &fields, TYPE | AS | TOKEN, EPOCH | HAVE);
}
