/* check.h - checks for bugs of the programmer, on in release; and all that the core takes from
 * libc. SPDX-License-Identifier: MIT */
#ifndef USH_CHECK_H
#define USH_CHECK_H

#include <stddef.h>

/* Both are defined in lib/base/check.c, which is no part of the pure core. */

/* Prints and aborts. */
void ush_check_failed(const char *what, const char *file, int line);
/* The allocator of hosts that bring none (struct usher_mem). */
void *ush_libc_resize(void *ctx, void *ptr, size_t old_size, size_t new_size);

#define CHECK(x) ((x) ? (void) 0 : ush_check_failed(#x, __FILE__, __LINE__))

#endif
