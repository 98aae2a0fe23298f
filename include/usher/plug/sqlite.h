/* usher/plug/sqlite.h - a storage in one SQLite file (WAL, synchronous=FULL).
 * SPDX-License-Identifier: MIT */
#ifndef USHER_PLUG_SQLITE_H
#define USHER_PLUG_SQLITE_H
#include "../storage.h"
#ifdef __cplusplus
extern "C" {
#endif
/* Name a store; the file is opened (and made, mode 0600) by load, on the storage
 * thread. The schema is documented in docs/storage-sqlite.md and may be read with
 * the sqlite3 shell while the desk runs. PATH.lock beside it is flock'ed by the
 * owner. Errors: EINVAL, ENOMEM. */
USHER_API int usher_sqlite_open(struct usher_storage **out, const char *path);
#ifdef __cplusplus
}
#endif
#endif
