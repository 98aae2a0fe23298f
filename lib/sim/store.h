/* store.h - the model of a durable store: facts in order, kept whole, read as storage.h says.
 * SPDX-License-Identifier: MIT */
#ifndef USH_STORE_H
#define USH_STORE_H

#include "usher/storage.h"

struct ush_text;

struct ush_store {
    uint64_t epoch;
    uint64_t n;               /* facts; the last one's seq */
    struct usher_fact *facts; /* facts[i] has seq i + 1 */
    size_t room;
    struct ush_text *texts;
};

/* Sessions and visitors of a simulated world are numbered: their ids begin with
 * the number, so that tables by number need no look-up. The rest is random. */
uint32_t ush_number_of(const void *id);

void ush_store_init(struct ush_store *s, uint64_t epoch);
void ush_store_done(struct ush_store *s);

/* NULL if there is no such fact. */
const struct usher_fact *ush_store_at(const struct ush_store *s, uint64_t seq);
/* The batch must continue the history. */
void ush_store_append(struct ush_store *s, const struct usher_batch *b);
/* As after a restore from an old copy: what came after seq is lost. */
void ush_store_go_back(struct ush_store *s, uint64_t seq);

/* What a load tells: the facts, in order, by their places; *seqs is the caller's to free. */
size_t ush_store_live(const struct ush_store *s, int64_t since_ms, uint64_t **seqs);
/* What a fetch brings: seqs in order, as many as fit, at most `room`. */
size_t ush_store_fetch(const struct ush_store *s, const struct usher_fetch *what, uint64_t *seqs,
                       size_t room);
struct usher_found ush_store_find_key(const struct ush_store *s, const struct usher_by *by,
                                      struct usher_span key);
/* NULL if nobody has this token. */
const struct usher_fact *ush_store_find_visitor(const struct ush_store *s,
                                                const uint8_t token_hash[32]);

/* Equal in every field and every byte of text. */
bool ush_same_fact(const struct usher_fact *a, const struct usher_fact *b);
bool ush_same_span(struct usher_span a, struct usher_span b);
size_t ush_texts_len(const struct usher_fact *f);
/* An item more fits; what is new is zero. Out of memory ends the program. */
void *ush_grow(void *items, size_t n, size_t *room, size_t each);

#endif
