/* fields.c - reads the members of a JSON object by a table of fields.
 * SPDX-License-Identifier: MIT */
#include "fields.h"

#include <string.h>

/* A strange name is quoted no further than this. */
#define QUOTE_MAX 40

/* Append at most `max` characters of s; what is no printable ASCII becomes '?'. */
static size_t append(char *text, size_t size, size_t at, const char *s, size_t max)
{
    for (size_t i = 0; s[i] != 0 && i < max && at + 1 < size; i++) {
        text[at++] = s[i] >= 0x20 && s[i] < 0x7F ? s[i] : '?';
    }
    text[at] = 0;
    return at;
}

int ush_field_refuse(struct usher_decoded *out, enum usher_why why, const char *prefix,
                     const char *name, const char *rule)
{
    const size_t size = sizeof out->text;
    size_t at = append(out->text, size, 0, prefix, QUOTE_MAX);
    at = append(out->text, size, at, name, QUOTE_MAX);
    at = append(out->text, size, at, at > 0 ? ": " : "", size);
    append(out->text, size, at, rule, size);
    out->why = why;
    return USHER_EINVAL;
}

const cJSON *ush_member(const cJSON *object, const char *name)
{
    const cJSON *item = object->child;
    while (item != NULL && strcmp(item->string, name) != 0) {
        item = item->next;
    }
    return item;
}

bool ush_text(const cJSON *item, struct usher_span *out)
{
    if (!cJSON_IsString(item)) {
        return false;
    }
    *out = (struct usher_span){item->valuestring, strlen(item->valuestring)};
    return true;
}

bool ush_number(const cJSON *item, uint64_t min, uint64_t max, uint64_t *out)
{
    /* The gate let only whole numbers of at most 2^53-1 through: no rounding here. */
    if (!cJSON_IsNumber(item) || item->valuedouble < 0) {
        return false;
    }
    uint64_t value = (uint64_t) item->valuedouble;
    if (value < min || value > max) {
        return false;
    }
    *out = value;
    return true;
}

static const struct ush_field *find(const struct ush_fields *of, const char *name)
{
    for (size_t i = 0; i < of->n; i++) {
        if (of->list[i].name[0] == name[0] && strcmp(of->list[i].name, name) == 0) {
            return &of->list[i];
        }
    }
    return NULL;
}

static int missing(struct ush_reading *r, const struct ush_fields *of, unsigned bits)
{
    size_t i = 0;
    while (i + 1 < of->n && (of->list[i].bit & bits) == 0) {
        i++;
    }
    return ush_field_refuse(r->out, USHER_BAD_FIELD, of->prefix, of->list[i].name, "missing");
}

int ush_fields_read(struct ush_reading *r, const cJSON *object, const struct ush_fields *of,
                    unsigned must, unsigned may)
{
    unsigned seen = 0;
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        const struct ush_field *field = find(of, item->string);
        if (field == NULL || (field->bit & (must | may)) == 0) {
            return ush_field_refuse(r->out, USHER_BAD_FIELD, of->prefix, item->string,
                                    "unknown field");
        }
        seen |= field->bit;
        if (field->read == NULL || field->read(r, item)) {
            continue;
        }
        if (r->out->why == USHER_WHY_NONE) {
            ush_field_refuse(r->out, USHER_BAD_FIELD, of->prefix, field->name, field->rule);
        }
        return USHER_EINVAL;
    }
    return (must & ~seen) == 0 ? 0 : missing(r, of, must & ~seen);
}
