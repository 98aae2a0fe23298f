/* append.h - writes a batch of facts in one transaction.
 * SPDX-License-Identifier: MIT */
#ifndef USH_SQLITE_APPEND_H
#define USH_SQLITE_APPEND_H

#include "db.h"

/* As usher_storage_ops says. After an EIO the connection is closed, unless the
 * file was only busy: then nothing was begun. */
int ush_sqlite_append(struct ush_sqlite *s, const struct usher_batch *batch,
                      struct usher_fault *why);

#endif
