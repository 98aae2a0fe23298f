/* fetch.h - reads the facts of one session, block by block.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_FETCH_H
#define USH_SQLITE_FETCH_H

#include "db.h"

/* As usher_storage_ops says; the connection must be up. */
int ush_sqlite_fetch(struct ush_sqlite *s, const struct usher_fetch *what, usher_fact_fn each,
                     void *ctx, struct usher_fault *why);

#endif
