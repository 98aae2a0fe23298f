/* relay_store.h - the durable relay's storage: rows in one SQLite file, a batch a commit.
 * SPDX-License-Identifier: MIT */
#ifndef RELAY_STORE_H
#define RELAY_STORE_H

#include <stddef.h>

struct relay_store;

/* WAL, synchronous=FULL, as lib/plug/sqlite sets it. Ends the program if it cannot. */
struct relay_store *relay_store_open(const char *path);
void relay_store_begin(struct relay_store *s);
void relay_store_put(struct relay_store *s, const char *frame, size_t len);
/* All of them are on the disk when it returns. */
void relay_store_commit(struct relay_store *s);

#endif
