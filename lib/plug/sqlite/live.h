/* live.h - which sessions a load is about: a set of ids, asked for once a fact.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_LIVE_H
#define USH_SQLITE_LIVE_H

#include "db.h"

struct ush_live_id {
    uint8_t b[16];
    bool used;
};

struct ush_live {
    struct ush_live_id *ids; /* open addressing; a power of two, at most half full */
    size_t size, n;
    uint64_t first; /* the first seq of any of them; UINT64_MAX: there is none */
};

/* All sessions that are open, or were closed at or after this wall time. */
int ush_live_read(struct ush_live *live, struct ush_sqlite *s, int64_t since_ms,
                  struct usher_fault *why);
bool ush_live_has(const struct ush_live *live, const void *id, size_t len);
void ush_live_free(struct ush_live *live);

#endif
