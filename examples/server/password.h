/* password.h - agents' passwords: argon2id strings, and what they are checked against.
 * SPDX-License-Identifier: MIT
 *
 * Any thread, after sodium_init(). */
#ifndef SERVER_PASSWORD_H
#define SERVER_PASSWORD_H

#include "config.h"

#include <stdio.h>

/* May this be a demo agent's password: 1 to SERVER_PASSWORD_MAX bytes, no white
 * space or control byte (it is printed behind the agent's id)? */
bool server_password_ok(struct usher_span password);
/* Is this a well-formed argon2id string? */
bool server_password_hash_ok(const char *hash);

/* Make an argon2id string. `demo` costs less time and memory: those passwords
 * are no secret. Errors: ENOMEM. */
int server_password_hash(char out[SERVER_HASH_MAX], struct usher_span password, bool demo);
/* Is it the password of this string? Takes as long as the string says. */
bool server_password_right(const char *hash, struct usher_span password);

/* SHA-256 of a configured password (in the clear, or its string). */
void server_password_fingerprint(uint8_t out[32], bool clear, struct usher_span entry);

/* Read one line from `in` and write its argon2id string to `out`: --hash-password.
 * Errors: EINVAL, ENOMEM, EIO; *why is a static text. */
int server_password_command(FILE *in, FILE *out, const char **why);

#endif
