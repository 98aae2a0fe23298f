/* config_read.h - reads typed values out of a JSON document and says exactly where one is wrong.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_CONFIG_READ_H
#define SERVER_CONFIG_READ_H

#include "config.h"
#include "json.h"

/* Where in the document we are, as "agents[2].queues[0]". The first error is
 * kept; whoever reads on after it changes nothing. */
struct server_reader {
    const char *file;
    char path[200];
    size_t path_len;
    bool failed;
    char *why; /* SERVER_WHY_MAX bytes */
};

enum server_key_kind {
    SERVER_KEY_NUMBER,  /* uint32_t */
    SERVER_KEY_SECONDS, /* uint32_t, kept in milliseconds */
    SERVER_KEY_BYTES,   /* size_t */
    SERVER_KEY_BOOL,    /* bool */
    SERVER_KEY_TEXT,    /* struct usher_span; not empty */
    SERVER_KEY_ARRAY, SERVER_KEY_OBJECT /* const struct server_json *, for the caller to walk */
};

/* A key that an object may have. What is not there leaves its target alone. */
struct server_key {
    const char *name;
    enum server_key_kind kind;
    bool required;
    uint64_t least, most; /* of numbers */
    union { uint32_t *number; size_t *bytes; bool *yes; struct usher_span *text;
            const struct server_json **json; } out;
};

/* Go to a member or an item, and back by what was returned. */
size_t server_reader_enter(struct server_reader *r, const char *name);
size_t server_reader_enter_item(struct server_reader *r, size_t index);
void server_reader_leave(struct server_reader *r, size_t mark);

/* Keep an error about where we are: `message`, then `quoted`, if it is not
 * NULL, in quotes. */
void server_reader_fail(struct server_reader *r, const char *message,
                        const struct usher_span *quoted);

/* Zeroed memory for n things (at least one), or NULL, which is an error too. The
 * caller frees it. */
void *server_reader_alloc(struct server_reader *r, size_t n, size_t size);

/* Is it of this type? If not, that is the error. */
bool server_reader_type(struct server_reader *r, const struct server_json *value,
                        enum server_json_type type);

/* Is it a whole number from `least` to `most`? If not, that is the error. */
bool server_reader_number(struct server_reader *r, const struct server_json *value, uint64_t least,
                          uint64_t most);

/* Read an object: each member must be one of the keys, each required key must be there. */
void server_reader_object(struct server_reader *r, const struct server_json *object,
                          const struct server_key *keys, size_t n_keys);

#endif
