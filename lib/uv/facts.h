/* facts.h - facts copied whole, so that one thread may hand them to another.
 * SPDX-License-Identifier: MIT */
#ifndef USH_FACTS_H
#define USH_FACTS_H

#include "usher/fact.h"

struct ush_chunk;

/* Zeroed: none. */
struct ush_facts {
    struct usher_fact *facts;
    size_t n, room;
    size_t bytes;             /* of texts */
    struct ush_chunk *chunks; /* where the texts are; newest first */
};

/* Errors: ENOMEM; nothing was added. */
int ush_facts_add(struct ush_facts *all, const struct usher_fact *f);
void ush_facts_done(struct ush_facts *all);

#endif
