/* usher/plug/memory.h - a storage in memory: for tests, and for desks that may forget.
 * SPDX-License-Identifier: MIT */
#ifndef USHER_PLUG_MEMORY_H
#define USHER_PLUG_MEMORY_H
#include "../storage.h"
#ifdef __cplusplus
extern "C" {
#endif
/* What a memory storage keeps lives in a *shelf*, so that a desk can be closed
 * and opened again on the same facts, as a file can. Errors: ENOMEM. Any thread,
 * one at a time. */
struct usher_shelf;
USHER_API int usher_shelf_new(struct usher_shelf **out);
USHER_API void usher_shelf_free(struct usher_shelf *shelf); /* NULL is fine; no storage may be open on it */
/* Open a storage on a shelf (borrowed until close), or on one of its own (NULL)
 * that goes with it. A shelf has one storage at a time: load says EFENCED. */
USHER_API int usher_memory_open(struct usher_storage **out, struct usher_shelf *shelf);
#ifdef __cplusplus
}
#endif
#endif
