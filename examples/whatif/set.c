/* set.c - finds a value by its path and puts another one there.
 * SPDX-License-Identifier: MIT */
#include "set.h"

#include <usher/base.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 128

/* An item of a list: by its id, or by its number. */
static cJSON *item_of(cJSON *list, const char *name)
{
    char *end = NULL;
    long number = strtol(name, &end, 10);

    for (cJSON *item = list->child; item != NULL; item = item->next) {
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "id");
        if (cJSON_IsString(id) && strcmp(id->valuestring, name) == 0) {
            return item;
        }
    }
    return *end == '\0' && end != name && number >= 0 && number < cJSON_GetArraySize(list)
               ? cJSON_GetArrayItem(list, (int) number)
               : NULL;
}

static cJSON *child_of(cJSON *at, const char *name)
{
    return cJSON_IsArray(at)    ? item_of(at, name)
           : cJSON_IsObject(at) ? cJSON_GetObjectItemCaseSensitive(at, name)
                                : NULL;
}

static cJSON *value_of(const char *text)
{
    cJSON *value = cJSON_ParseWithOpts(text, NULL, 1);

    return value != NULL ? value : cJSON_CreateString(text);
}

/* `value` now belongs to the tree, or is gone. */
static int put(cJSON *parent, const char *name, cJSON *value)
{
    cJSON *old = child_of(parent, name);
    bool done = old != NULL ? cJSON_ReplaceItemViaPointer(parent, old, value)
                            : cJSON_IsObject(parent) && cJSON_AddItemToObject(parent, name, value);

    if (!done) {
        cJSON_Delete(value);
        return USHER_EINVAL;
    }
    return 0;
}

/* A member that is replaced by its pointer loses its name. */
static int put_named(cJSON *parent, const char *name, cJSON *value)
{
    if (value == NULL) {
        return USHER_EINVAL;
    }
    if (cJSON_IsObject(parent) && cJSON_HasObjectItem(parent, name)) {
        if (!cJSON_ReplaceItemInObjectCaseSensitive(parent, name, value)) {
            cJSON_Delete(value);
            return USHER_EINVAL;
        }
        return 0;
    }
    return put(parent, name, value);
}

int sim_set(cJSON *root, const char *change, char *why, size_t size)
{
    const char *equals = strchr(change, '=');
    const char *at = change;
    cJSON *parent = root;
    char name[NAME_MAX_BYTES];

    while (equals != NULL) {
        size_t n = strcspn(at, ".=[]");
        if (n == 0 || n >= sizeof name) {
            break;
        }
        memcpy(name, at, n);
        name[n] = '\0';
        at += n;
        at += *at == ']';
        if (at == equals) {
            if (put_named(parent, name, value_of(equals + 1)) == 0) {
                return 0;
            }
            break;
        }
        at++;
        cJSON *next = child_of(parent, name);
        if (next == NULL && cJSON_IsObject(parent)) {
            next = cJSON_AddObjectToObject(parent, name);
        }
        if (next == NULL) {
            break;
        }
        parent = next;
    }
    snprintf(why, size, "--set %.100s: %s", change,
             equals == NULL ? "must be PATH=VALUE" : "there is no such place");
    return USHER_EINVAL;
}
