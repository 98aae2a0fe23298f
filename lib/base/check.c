/* check.c - what happens when a check fails: say which, and abort.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>

void ush_check_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "usher: check failed: %s (%s:%d)\n", what, file, line);
    abort();
}
