/* read.h - reads typed values out of a JSON document and says exactly where one is wrong.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_READ_H
#define WHATIF_READ_H

#include <cjson/cJSON.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_WHY_MAX 400

/* Where in the document we are, as "kinds[2].handling". The first error is
 * kept; whoever reads on after it changes nothing. */
struct sim_reader {
    const char *file;
    char path[200];
    size_t path_len;
    bool failed;
    char why[SIM_WHY_MAX];
};

enum sim_key_type {
    SIM_KEY_COUNT,    /* uint32_t: a whole number */
    SIM_KEY_WHOLE,    /* uint64_t: a whole number up to 2^53 */
    SIM_KEY_NUMBER,   /* double */
    SIM_KEY_DURATION, /* double, in ms */
    SIM_KEY_SECONDS,  /* double, in ms: a number of seconds as the server has it, or a duration */
    SIM_KEY_CLOCK,    /* double, in ms: a time of day */
    SIM_KEY_RATE,     /* double, in 1/ms */
    SIM_KEY_BOOL,     /* bool */
    SIM_KEY_TEXT,     /* const char *: not empty; lives as long as the document */
    SIM_KEY_ARRAY, SIM_KEY_OBJECT, SIM_KEY_ANY /* const cJSON *, for the caller to walk */
};

/* A key that an object may have. What is not there leaves its target alone.
 * least and most bound numbers, and times in ms; both 0: no bounds but not below 0. */
struct sim_key {
    const char *name;
    enum sim_key_type type;
    bool required;
    double least, most;
    union { uint32_t *count; uint64_t *whole; double *number; bool *yes; const char **text;
            const cJSON **json; } out;
};

/* Read a document; NULL: the error is kept. The caller deletes it. */
cJSON *sim_reader_parse(struct sim_reader *r, const char *text);

/* Go to a member or an item, and back by what was returned. */
size_t sim_reader_enter(struct sim_reader *r, const char *name);
size_t sim_reader_enter_item(struct sim_reader *r, size_t index);
void sim_reader_leave(struct sim_reader *r, size_t mark);

/* Keep an error about where we are: `message`, then `quoted`, if it is not NULL, in quotes. */
void sim_reader_fail(struct sim_reader *r, const char *message, const char *quoted);
/* The same about a member of where we are. */
void sim_reader_fail_at(struct sim_reader *r, const char *name, const char *message,
                        const char *quoted);

/* Zeroed memory for n things (at least one), or NULL, which is an error too. The caller's. */
void *sim_reader_alloc(struct sim_reader *r, size_t n, size_t size);

/* Read an object: each member must be one of the keys, each required key must be there. */
void sim_reader_object(struct sim_reader *r, const cJSON *object, const struct sim_key *keys,
                       size_t n_keys);
/* Read one value as if it were a member with this key. */
void sim_reader_value(struct sim_reader *r, const cJSON *value, const struct sim_key *key);
/* Is it an array of at least one thing? */
bool sim_reader_list(struct sim_reader *r, const cJSON *value);

#endif
