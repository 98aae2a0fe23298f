/* check.c - what the core takes from libc: a way to abort, and an allocator.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

void ush_check_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "usher: check failed: %s (%s:%d)\n", what, file, line);
    abort();
}

void *ush_libc_resize(void *ctx, void *ptr, size_t old_size, size_t new_size)
{
    (void) ctx;
    (void) old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return ptr == NULL ? calloc(1, new_size) : realloc(ptr, new_size);
}
