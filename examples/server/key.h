/* key.h - the key that signs agents' tokens: a 0600 file beside the store, or one for this process.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_KEY_H
#define SERVER_KEY_H

#include "token.h"

/* Read the key from STORE.key, making the file if there is none. `store` NULL: a
 * fresh key, for a store in memory. Errors: EIO, EINVAL (a file that others may
 * read, or that holds no key); *why says it. */
int server_key_open(uint8_t out[SERVER_KEY_BYTES], const char *store, struct usher_fault *why);

#endif
