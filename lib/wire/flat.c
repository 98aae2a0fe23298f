/* flat.c - an object of nothing but plain texts, as cJSON would give it, without memory of its own.
 * SPDX-License-Identifier: MIT
 *
 *     {"type":"say","body":"Hello"}      the frame, copied
 *       ^   0        ^    0             a zero byte takes the place of each quotation mark behind
 */
#include "flat.h"

#include <string.h>

static char *end_text(struct ush_flat *f, const struct ush_gate_key *text, struct usher_span frame)
{
    const uint8_t *first = frame.base;
    char *own = f->bytes + (text->base - first);
    own[text->len] = 0;
    return own;
}

cJSON *ush_flat_make(struct ush_flat *f, const struct ush_gate *g, struct usher_span frame)
{
    const uint32_t n = g->levels[0].count;
    memcpy(f->bytes, frame.base, frame.len);
    f->object = (cJSON){.child = n > 0 ? f->items : NULL, .type = cJSON_Object};
    for (uint32_t i = 0; i < n; i++) {
        f->items[i] = (cJSON){.next = i + 1 < n ? &f->items[i + 1] : NULL,
                              .prev = &f->items[i > 0 ? i - 1 : n - 1],
                              .type = cJSON_String,
                              .valuestring = end_text(f, &g->members[i].text, frame),
                              .string = end_text(f, &g->members[i].name, frame)};
    }
    return &f->object;
}
