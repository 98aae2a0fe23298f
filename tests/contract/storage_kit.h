/* storage_kit.h - facts to store, and a plain array that says what must come back.
 * SPDX-License-Identifier: MIT */
#ifndef USH_CONTRACT_STORAGE_KIT_H
#define USH_CONTRACT_STORAGE_KIT_H

#include "storage.h"

/* Random numbers that a seed repeats. */
struct ush_dice { uint64_t state; };
uint64_t ush_dice(struct ush_dice *dice);
uint32_t ush_dice_below(struct ush_dice *dice, uint32_t n);
/* From USHER_TEST_SEED, or new; prints it. */
struct ush_dice ush_dice_new(const char *test);

/* Everything that was appended, with copies of all texts. */
struct ush_model {
    struct usher_fact *facts;
    char **texts; /* one a fact */
    size_t n, size;
    size_t saved; /* so many are in the storage */
};

/* A fact with the next seq and, if it names a session, the next index of its log. */
struct usher_fact *ush_model_add(struct ush_model *m, const struct usher_fact *fact);
/* What is not saved yet, as one batch. */
struct usher_batch ush_model_batch(const struct ush_model *m);
/* Append that batch to a storage, which must succeed. */
void ush_model_save(struct ush_model *m, struct usher_storage *s);
/* Forget what is not saved. */
void ush_model_undo(struct ush_model *m);
void ush_model_done(struct ush_model *m);

/* Compare everything that a storage can be asked with what the array says. */
void ush_model_check(const struct ush_model *m, struct usher_storage *s, struct ush_dice *dice);
void ush_model_check_load(const struct ush_model *m, struct usher_storage *s, int64_t since_ms);
void ush_model_check_fetch(const struct ush_model *m, struct usher_storage *s,
                           const struct usher_fetch *what);
void ush_model_check_history(const struct ush_model *m, struct usher_storage *s, uint64_t after,
                             uint32_t max);
void ush_model_check_key(const struct ush_model *m, struct usher_storage *s,
                         const struct usher_find *what);
void ush_model_check_visitor(const struct ush_model *m, struct usher_storage *s,
                             const uint8_t token_hash[32]);

/* Add one random thing that may happen at a desk. */
void ush_model_happen(struct ush_model *m, struct ush_dice *dice);

/* Ids and texts for tests. */
struct usher_session_id ush_session_of(uint32_t n);
struct usher_visitor_id ush_visitor_of(uint32_t n);
void ush_token_of(uint32_t n, uint8_t token_hash[32]);
struct usher_agent_id ush_agent_of(const char *name);
struct usher_queue_id ush_queue_of(const char *name);
struct usher_span ush_span(const char *text);

/* Ready-made facts: complete but for seq and index. */
struct usher_fact ush_fact_visitor(uint32_t visitor);
struct usher_fact ush_fact_opened(uint32_t session, uint32_t visitor);
struct usher_fact ush_fact_said(uint32_t session, uint32_t visitor, const char *body);
struct usher_fact ush_fact_whispered(uint32_t session, const char *agent, const char *body);
struct usher_fact ush_fact_joined(uint32_t session, const char *agent);
struct usher_fact ush_fact_closed(uint32_t session, uint32_t visitor, int64_t at_ms);
struct usher_fact ush_fact_reopened(uint32_t session, uint32_t visitor, int64_t at_ms);
struct usher_fact ush_fact_agent(const char *agent, bool ready);
struct usher_fact ush_fact_offered(uint32_t session, const char *agent);

#endif
