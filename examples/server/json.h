/* json.h - a small strict JSON reader that remembers where everything stood.
 * SPDX-License-Identifier: MIT
 *
 * It reads the configuration and the body of a login. It refuses what lenient
 * readers let pass: bytes that are not UTF-8, U+0000, lone surrogates, duplicate
 * members, more than one document, and more than 8 levels. */
#ifndef SERVER_JSON_H
#define SERVER_JSON_H

#include <usher/base.h>

#define SERVER_JSON_DEPTH 8     /* levels of arrays and objects */
#define SERVER_JSON_MEMBERS 64  /* members of one object */

enum server_json_type {
    SERVER_JSON_NULL, SERVER_JSON_FALSE, SERVER_JSON_TRUE, SERVER_JSON_NUMBER, SERVER_JSON_STRING,
    SERVER_JSON_ARRAY, SERVER_JSON_OBJECT
};

struct server_json {
    enum server_json_type type;
    bool whole;               /* NUMBER: written as a canonical whole number from 0 to 2^53-1 */
    uint32_t count;           /* items or members */
    uint64_t number;          /* its value, if whole */
    const char *name;         /* of a member, NUL-terminated; NULL for items and the root */
    struct usher_span text;   /* STRING: decoded, and NUL-terminated behind its end */
    struct server_json *first, *last, *next; /* children; the next sibling */
};

struct server_json_error { uint32_t line, column; char text[80]; };

/* Read one document. Spans and names live until it is freed. Errors: EINVAL
 * (*why says what and where), ENOMEM. */
int server_json_read(struct server_json **out, struct usher_span text,
                     struct server_json_error *why);
void server_json_free(struct server_json *root); /* only the root; NULL is fine */

/* The member of this name, or NULL. */
const struct server_json *server_json_member(const struct server_json *object, const char *name);

#endif
