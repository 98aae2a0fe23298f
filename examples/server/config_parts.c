/* config_parts.c - what queues and agents of a configuration have in common, above all skills.
 * SPDX-License-Identifier: MIT */
#include "config_parts.h"

#include <usher/wire.h>

#include <stdio.h>
#include <string.h>

#define LEVEL_MAX 255

const char server_config_id_rule[] = "must be 1 to 31 of a-z 0-9 . _ -, not";

void server_config_count(struct server_reader *r, uint32_t count, uint32_t most, const char *limit)
{
    char text[96];

    if (count > most) {
        snprintf(text, sizeof text, "%u are too many: limits.%s is %u", (unsigned)count, limit,
                 (unsigned)most);
        server_reader_fail(r, text, NULL);
    }
}

void server_config_name(struct server_reader *r, struct usher_span name)
{
    if (!r->failed && name.base != NULL && !usher_name_ok(name)) {
        server_config_fail(
            r, "name", "must be at most 80 characters without control or direction marks, not",
            &name);
    }
}

void server_config_fail(struct server_reader *r, const char *key, const char *message,
                        const struct usher_span *quoted)
{
    size_t mark = server_reader_enter(r, key);

    server_reader_fail(r, message, quoted);
    server_reader_leave(r, mark);
}

void server_config_twice(struct server_reader *r, const char *list, size_t index,
                         const struct usher_span *id)
{
    char text[64];

    snprintf(text, sizeof text, "%s[%zu] already has the id", list, index);
    server_config_fail(r, "id", text, id);
}

size_t server_config_queue(const struct server_config *c, struct usher_span id)
{
    for (size_t i = 0; i < c->n_queues; i++) {
        const char *known = c->queues[i].queue.s;
        if (strlen(known) == id.len && memcmp(known, id.base, id.len) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

size_t server_config_sum(const struct server_json *list, const char *name)
{
    size_t n = 0;

    for (const struct server_json *item = list->first; item != NULL; item = item->next) {
        const struct server_json *of = NULL;
        if (item->type == SERVER_JSON_OBJECT) {
            of = server_json_member(item, name);
        }
        n += of != NULL ? of->count : 0;
    }
    return n;
}

static void read_skill(struct server_reader *r, const struct server_json *json,
                       struct usher_skill *out)
{
    struct usher_span id = {json->name, strlen(json->name)};

    if (usher_skill_id_parse(id, &out->id) != 0) {
        server_reader_fail(r, "a skill's name must be 1 to 31 of a-z 0-9 . _ -", NULL);
    } else if (strcmp(json->name, "priority") == 0) {
        server_reader_fail(r, "no skill can have this name", NULL);
    } else if (server_reader_number(r, json, 1, LEVEL_MAX)) {
        out->level = (uint32_t)json->number;
    }
}

size_t server_config_skills(struct server_reader *r, const char *name,
                            const struct server_json *json, struct usher_skill *out)
{
    size_t n = 0;

    if (json == NULL) {
        return 0;
    }
    size_t mark = server_reader_enter(r, name);
    for (const struct server_json *m = json->first; m != NULL && !r->failed; m = m->next) {
        size_t member_mark = server_reader_enter(r, m->name);
        read_skill(r, m, &out[n++]);
        server_reader_leave(r, member_mark);
    }
    server_reader_leave(r, mark);
    return n;
}
