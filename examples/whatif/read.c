/* read.c - typed reading of a scenario, driven by tables of keys.
 * SPDX-License-Identifier: MIT */
#include "read.h"

#include "units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUOTED_MAX 60 /* bytes of a wrong text that a message repeats */

/* Append to the path; what does not fit (an unknown key may be of any length) is cut. */
static size_t enter(struct sim_reader *r, int n)
{
    size_t mark = r->path_len;
    size_t room = sizeof r->path - mark - 1;

    r->path_len += (size_t) n < room ? (size_t) n : room;
    return mark;
}

size_t sim_reader_enter(struct sim_reader *r, const char *name)
{
    return enter(r, snprintf(r->path + r->path_len, sizeof r->path - r->path_len, "%s%s",
                             r->path_len > 0 ? "." : "", name));
}

size_t sim_reader_enter_item(struct sim_reader *r, size_t index)
{
    return enter(r, snprintf(r->path + r->path_len, sizeof r->path - r->path_len, "[%zu]", index));
}

void sim_reader_leave(struct sim_reader *r, size_t mark)
{
    r->path_len = mark;
    r->path[mark] = '\0';
}

/* Make a text fit for one line of a terminal. */
static void clean(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char) *text < 0x20 || *text == 0x7f) {
            *text = '?';
        }
    }
}

void sim_reader_fail(struct sim_reader *r, const char *message, const char *quoted)
{
    const char *colon = r->path_len > 0 ? ": " : "";

    if (r->failed) {
        return;
    }
    r->failed = true;
    if (quoted == NULL) {
        snprintf(r->why, sizeof r->why, "%s%s%s: %s", r->file, colon, r->path, message);
    } else {
        size_t n = strlen(quoted);
        size_t shown = n < QUOTED_MAX ? n : QUOTED_MAX;
        while (shown < n && shown > 0 && ((unsigned char) quoted[shown] & 0xc0) == 0x80) {
            shown--; /* no half characters */
        }
        snprintf(r->why, sizeof r->why, "%s%s%s: %s \"%.*s\"", r->file, colon, r->path, message,
                 (int) shown, quoted);
    }
    clean(r->why);
}

void sim_reader_fail_at(struct sim_reader *r, const char *name, const char *message,
                        const char *quoted)
{
    size_t mark = sim_reader_enter(r, name);

    sim_reader_fail(r, message, quoted);
    sim_reader_leave(r, mark);
}

void *sim_reader_alloc(struct sim_reader *r, size_t n, size_t size)
{
    void *p = calloc(n == 0 ? 1 : n, size);

    if (p == NULL) {
        sim_reader_fail(r, "out of memory", NULL);
    }
    return p;
}

cJSON *sim_reader_parse(struct sim_reader *r, const char *text)
{
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithOpts(text, &end, 1);

    if (root == NULL) {
        unsigned line = 1;
        const char *start = text;
        for (const char *at = text; at < end; at++) {
            if (*at == '\n') {
                line++;
                start = at + 1;
            }
        }
        char place[80];
        snprintf(place, sizeof place, "not JSON at line %u, column %u", line,
                 (unsigned) (end - start) + 1);
        sim_reader_fail(r, place, NULL);
    }
    return root;
}

/* A bound as the reader of the message would write it. */
static void format_bound(char *out, size_t size, enum sim_key_type type, double value)
{
    bool time = type == SIM_KEY_DURATION || type == SIM_KEY_SECONDS || type == SIM_KEY_CLOCK;

    if (time) {
        sim_duration_format(value, out, size);
    } else {
        snprintf(out, size, "%.15g", value);
    }
}

/* Is it a number of this key's kind within its bounds? If not, that is the error. */
static bool check(struct sim_reader *r, const struct sim_key *key, double value)
{
    bool whole = key->type == SIM_KEY_COUNT || key->type == SIM_KEY_WHOLE;
    double most = key->most != 0 ? key->most : key->type == SIM_KEY_COUNT ? 4294967295.0 : 9e15;
    bool inside = value >= key->least && value <= most;

    if (inside && (!whole || floor(value) == value)) {
        return true;
    }
    char least[40], top[40], text[160];
    format_bound(least, sizeof least, key->type, key->least);
    format_bound(top, sizeof top, key->type, most);
    if (key->most != 0) {
        snprintf(text, sizeof text, "must be %sfrom %s to %s", whole ? "a whole number " : "",
                 least, top);
    } else {
        snprintf(text, sizeof text, "must be %s%s or more", whole ? "a whole number, " : "", least);
    }
    sim_reader_fail(r, text, NULL);
    return false;
}

static void read_number(struct sim_reader *r, const cJSON *value, const struct sim_key *key)
{
    if (!cJSON_IsNumber(value)) {
        sim_reader_fail(r, "must be a number", NULL);
    } else if (check(r, key, value->valuedouble)) {
        if (key->type == SIM_KEY_COUNT) {
            *key->out.count = (uint32_t) value->valuedouble;
        } else if (key->type == SIM_KEY_WHOLE) {
            *key->out.whole = (uint64_t) value->valuedouble;
        } else {
            *key->out.number = value->valuedouble;
        }
    }
}

/* A number in a text with its unit. */
static void read_united(struct sim_reader *r, const cJSON *value, const struct sim_key *key)
{
    static const char time[] = "must be a time with its unit, such as \"90s\", \"3m\" or \"1h30m\"";
    static const char clock[] = "must be a time of day, such as \"09:30\"";
    static const char rate[] = "must be a rate, such as \"200/h\", \"8/m\" or \"1/250s\"";
    double got = 0;
    bool ok = false;

    if (cJSON_IsNumber(value)) {
        got = value->valuedouble * SIM_SECOND;
        ok = key->type == SIM_KEY_SECONDS || got == 0;
    } else if (cJSON_IsString(value)) {
        ok = key->type == SIM_KEY_RATE    ? sim_rate(value->valuestring, &got)
             : key->type == SIM_KEY_CLOCK ? sim_time_of_day(value->valuestring, &got)
                                          : sim_duration(value->valuestring, &got);
    }
    if (!ok) {
        sim_reader_fail(r,
                        key->type == SIM_KEY_RATE    ? rate
                        : key->type == SIM_KEY_CLOCK ? clock
                                                     : time,
                        NULL);
    } else if (check(r, key, got)) {
        *key->out.number = got;
    }
}

void sim_reader_value(struct sim_reader *r, const cJSON *value, const struct sim_key *key)
{
    switch (key->type) {
    case SIM_KEY_COUNT:
    case SIM_KEY_WHOLE:
    case SIM_KEY_NUMBER:
        read_number(r, value, key);
        break;
    case SIM_KEY_DURATION:
    case SIM_KEY_SECONDS:
    case SIM_KEY_CLOCK:
    case SIM_KEY_RATE:
        read_united(r, value, key);
        break;
    case SIM_KEY_BOOL:
        if (cJSON_IsBool(value)) {
            *key->out.yes = cJSON_IsTrue(value);
        } else {
            sim_reader_fail(r, "must be true or false", NULL);
        }
        break;
    case SIM_KEY_TEXT:
        if (cJSON_IsString(value) && value->valuestring[0] != '\0') {
            *key->out.text = value->valuestring;
        } else {
            sim_reader_fail(r, "must be a text that is not empty", NULL);
        }
        break;
    case SIM_KEY_ARRAY:
        if (sim_reader_list(r, value)) {
            *key->out.json = value;
        }
        break;
    case SIM_KEY_OBJECT:
        if (cJSON_IsObject(value)) {
            *key->out.json = value;
        } else {
            sim_reader_fail(r, "must be an object", NULL);
        }
        break;
    case SIM_KEY_ANY:
        *key->out.json = value;
        break;
    }
}

bool sim_reader_list(struct sim_reader *r, const cJSON *value)
{
    if (!cJSON_IsArray(value)) {
        sim_reader_fail(r, "must be a list", NULL);
    } else if (value->child == NULL) {
        sim_reader_fail(r, "must not be empty", NULL);
    }
    return !r->failed;
}

static const struct sim_key *find_key(const struct sim_key *keys, size_t n_keys, const char *name)
{
    for (size_t i = 0; i < n_keys; i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return &keys[i];
        }
    }
    return NULL;
}

/* cJSON keeps both of two members with one name, and finds only the first. */
static bool is_second(const cJSON *object, const cJSON *member)
{
    return cJSON_GetObjectItemCaseSensitive(object, member->string) != member;
}

void sim_reader_object(struct sim_reader *r, const cJSON *object, const struct sim_key *keys,
                       size_t n_keys)
{
    if (!cJSON_IsObject(object)) {
        sim_reader_fail(r, "must be an object", NULL);
        return;
    }
    for (const cJSON *m = object->child; m != NULL && !r->failed; m = m->next) {
        const struct sim_key *key = find_key(keys, n_keys, m->string);
        size_t mark = sim_reader_enter(r, m->string);
        if (key == NULL) {
            sim_reader_fail(r, "unknown key", NULL);
        } else if (is_second(object, m)) {
            sim_reader_fail(r, "is there twice", NULL);
        } else {
            sim_reader_value(r, m, key);
        }
        sim_reader_leave(r, mark);
    }
    for (size_t i = 0; i < n_keys && !r->failed; i++) {
        if (keys[i].required && cJSON_GetObjectItemCaseSensitive(object, keys[i].name) == NULL) {
            sim_reader_fail_at(r, keys[i].name, "is missing", NULL);
        }
    }
}
