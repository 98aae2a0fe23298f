/* fields.h - reads the members of a JSON object by a table of fields.
 * SPDX-License-Identifier: MIT */
#ifndef USH_FIELDS_H
#define USH_FIELDS_H

#include <cjson/cJSON.h>

#include "usher/wire.h"

/* What a reader works on. */
struct ush_reading {
    struct usher_decoded *out;
    uint32_t body_max;
    struct usher_skill *needs; /* room for USHER_NEEDS_MAX, which lives as long as what is read */
};

/* One field. Its reader writes into r->out and says whether the item keeps the
 * rule; it may refuse by ush_field_refuse() itself, where there is more to say. A field
 * without a reader was read already. */
struct ush_field {
    const char *name;
    unsigned bit; /* so that fields make sets: must and may */
    bool (*read)(struct ush_reading *r, const cJSON *item);
    const char *rule; /* in words, for who broke it */
};

struct ush_fields {
    const struct ush_field *list;
    size_t n;
    const char *prefix; /* of the names in a refusal: "form." */
};

/* Read every member of `object`: all fields of `must`, and none but those and
 * `may`. 0, or EINVAL and r->out->why and text. */
int ush_fields_read(struct ush_reading *r, const cJSON *object, const struct ush_fields *of,
                    unsigned must, unsigned may);

/* Refuse: why, and the text "<prefix><name>: <rule>", cut, in ASCII. Always EINVAL. */
int ush_field_refuse(struct usher_decoded *out, enum usher_why why, const char *prefix,
                     const char *name, const char *rule);

/* The member with exactly this name, or NULL. */
const cJSON *ush_member(const cJSON *object, const char *name);
/* A string's bytes; false if it is none. */
bool ush_text(const cJSON *item, struct usher_span *out);
/* A whole number from min to max; false if it is none. */
bool ush_number(const cJSON *item, uint64_t min, uint64_t max, uint64_t *out);

/* The largest number that every JSON reader keeps whole. */
#define USH_NUMBER_MAX UINT64_C(9007199254740991)

#endif
