/* config_read.c - typed reading of a configuration, driven by tables of keys.
 * SPDX-License-Identifier: MIT */
#include "config_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUOTED_MAX 60 /* bytes of a wrong text that a message repeats */

/* Append to the path; what does not fit (an unknown key may be of any length) is cut. */
static size_t enter(struct server_reader *r, int n)
{
    size_t mark = r->path_len;
    size_t room = sizeof r->path - mark - 1;

    r->path_len += (size_t)n < room ? (size_t)n : room;
    return mark;
}

size_t server_reader_enter(struct server_reader *r, const char *name)
{
    return enter(r, snprintf(r->path + r->path_len, sizeof r->path - r->path_len, "%s%s",
                             r->path_len > 0 ? "." : "", name));
}

size_t server_reader_enter_item(struct server_reader *r, size_t index)
{
    return enter(r, snprintf(r->path + r->path_len, sizeof r->path - r->path_len, "[%zu]", index));
}

void server_reader_leave(struct server_reader *r, size_t mark)
{
    r->path_len = mark;
    r->path[mark] = '\0';
}

/* Make a text fit for one line of a terminal. */
static void clean(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            *text = '?';
        }
    }
}

void server_reader_fail(struct server_reader *r, const char *message,
                        const struct usher_span *quoted)
{
    const char *colon = r->path_len > 0 ? ": " : "";

    if (r->failed) {
        return;
    }
    r->failed = true;
    if (quoted == NULL) {
        snprintf(r->why, SERVER_WHY_MAX, "%s%s%s: %s", r->file, colon, r->path, message);
    } else {
        const unsigned char *bytes = quoted->base;
        size_t n = quoted->len < QUOTED_MAX ? quoted->len : QUOTED_MAX;
        while (n < quoted->len && n > 0 && (bytes[n] & 0xc0) == 0x80) {
            n--; /* no half characters */
        }
        snprintf(r->why, SERVER_WHY_MAX, "%s%s%s: %s \"%.*s\"", r->file, colon, r->path, message,
                 (int)n, (const char *)bytes);
    }
    clean(r->why);
}

void *server_reader_alloc(struct server_reader *r, size_t n, size_t size)
{
    void *p = calloc(n == 0 ? 1 : n, size);

    if (p == NULL) {
        server_reader_fail(r, "out of memory", NULL);
    }
    return p;
}

bool server_reader_type(struct server_reader *r, const struct server_json *value,
                        enum server_json_type type)
{
    static const char *const wanted[] = {
        "must be null",           "must be true or false", "must be true or false",
        "must be a whole number", "must be a string",      "must be an array",
        "must be an object",
    };

    if (value->type == type) {
        return true;
    }
    server_reader_fail(r, wanted[type], NULL);
    return false;
}

bool server_reader_number(struct server_reader *r, const struct server_json *value, uint64_t least,
                          uint64_t most)
{
    char text[96];

    if (!server_reader_type(r, value, SERVER_JSON_NUMBER)) {
        return false;
    }
    if (value->whole && value->number >= least && value->number <= most) {
        return true;
    }
    snprintf(text, sizeof text, "must be a whole number from %" PRIu64 " to %" PRIu64, least, most);
    server_reader_fail(r, text, NULL);
    return false;
}

static void read_number(struct server_reader *r, const struct server_json *value,
                        const struct server_key *key)
{
    if (!server_reader_number(r, value, key->least, key->most)) {
        return;
    }
    switch (key->kind) {
    case SERVER_KEY_NUMBER:
        *key->out.number = (uint32_t)value->number;
        break;
    case SERVER_KEY_SECONDS:
        *key->out.number = (uint32_t)value->number * 1000;
        break;
    case SERVER_KEY_BYTES:
        *key->out.bytes = (size_t)value->number;
        break;
    case SERVER_KEY_BOOL:
    case SERVER_KEY_TEXT:
    case SERVER_KEY_ARRAY:
    case SERVER_KEY_OBJECT:
        break;
    }
}

static void read_key(struct server_reader *r, const struct server_json *value,
                     const struct server_key *key)
{
    switch (key->kind) {
    case SERVER_KEY_NUMBER:
    case SERVER_KEY_SECONDS:
    case SERVER_KEY_BYTES:
        read_number(r, value, key);
        break;
    case SERVER_KEY_BOOL:
        if (value->type == SERVER_JSON_TRUE || server_reader_type(r, value, SERVER_JSON_FALSE)) {
            *key->out.yes = value->type == SERVER_JSON_TRUE;
        }
        break;
    case SERVER_KEY_TEXT:
        if (server_reader_type(r, value, SERVER_JSON_STRING)) {
            *key->out.text = value->text;
            if (value->text.len == 0) {
                server_reader_fail(r, "must not be empty", NULL);
            }
        }
        break;
    case SERVER_KEY_ARRAY:
    case SERVER_KEY_OBJECT:
        if (server_reader_type(
                r, value, key->kind == SERVER_KEY_ARRAY ? SERVER_JSON_ARRAY : SERVER_JSON_OBJECT)) {
            *key->out.json = value;
        }
        break;
    }
}

static const struct server_key *find_key(const struct server_key *keys, size_t n_keys,
                                         const char *name)
{
    for (size_t i = 0; i < n_keys; i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return &keys[i];
        }
    }
    return NULL;
}

void server_reader_object(struct server_reader *r, const struct server_json *object,
                          const struct server_key *keys, size_t n_keys)
{
    if (!server_reader_type(r, object, SERVER_JSON_OBJECT)) {
        return;
    }
    for (const struct server_json *m = object->first; m != NULL && !r->failed; m = m->next) {
        const struct server_key *key = find_key(keys, n_keys, m->name);
        size_t mark = server_reader_enter(r, m->name);
        if (key == NULL) {
            server_reader_fail(r, "unknown key", NULL);
        } else {
            read_key(r, m, key);
        }
        server_reader_leave(r, mark);
    }
    for (size_t i = 0; i < n_keys && !r->failed; i++) {
        if (keys[i].required && server_json_member(object, keys[i].name) == NULL) {
            size_t mark = server_reader_enter(r, keys[i].name);
            server_reader_fail(r, "is missing", NULL);
            server_reader_leave(r, mark);
        }
    }
}
