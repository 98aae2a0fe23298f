/* facts.c - facts copied whole, so that one thread may hand them to another.
 * SPDX-License-Identifier: MIT */
#include "facts.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 16384

struct ush_chunk {
    struct ush_chunk *next;
    size_t used, size;
    char bytes[];
};

/* Room for a fact's texts in one piece; chunks never move, so spans may point there. */
static char *texts_room(struct ush_facts *all, size_t len)
{
    struct ush_chunk *chunk = all->chunks;
    if (chunk == NULL || chunk->size - chunk->used < len) {
        size_t size = len > CHUNK_BYTES ? len : CHUNK_BYTES;
        chunk = malloc(sizeof *chunk + size);
        if (chunk == NULL) {
            return NULL;
        }
        *chunk = (struct ush_chunk){.next = all->chunks, .size = size};
        all->chunks = chunk;
    }
    char *at = chunk->bytes + chunk->used;
    chunk->used += len;
    return at;
}

static int more_facts(struct ush_facts *all)
{
    size_t room = all->room == 0 ? 16 : 2 * all->room;
    struct usher_fact *facts = realloc(all->facts, room * sizeof *facts);
    if (facts == NULL) {
        return USHER_ENOMEM;
    }
    all->facts = facts;
    all->room = room;
    return 0;
}

int ush_facts_add(struct ush_facts *all, const struct usher_fact *f)
{
    if (all->n == all->room && more_facts(all) != 0) {
        return USHER_ENOMEM;
    }
    struct usher_fact copy = *f;
    struct usher_span *texts[] = {&copy.by.name, &copy.agent_name, &copy.key, &copy.body,
                                  &copy.email};
    size_t len = 0;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        len += texts[i]->len;
    }
    char *at = len == 0 ? NULL : texts_room(all, len);
    if (at == NULL && len > 0) {
        return USHER_ENOMEM;
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i]->len > 0) {
            memcpy(at, texts[i]->base, texts[i]->len);
            texts[i]->base = at;
            at += texts[i]->len;
        }
    }
    all->facts[all->n++] = copy;
    all->bytes += len;
    return 0;
}

void ush_facts_done(struct ush_facts *all)
{
    while (all->chunks != NULL) {
        struct ush_chunk *next = all->chunks->next;
        free(all->chunks);
        all->chunks = next;
    }
    free(all->facts);
    *all = (struct ush_facts){0};
}
