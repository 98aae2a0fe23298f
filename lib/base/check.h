/* check.h - checks for bugs of the programmer: on in release, they print and abort.
 * SPDX-License-Identifier: MIT */
#ifndef USH_CHECK_H
#define USH_CHECK_H

/* Never returns. Its only definition outside the core is in lib/base/check.c. */
void ush_check_failed(const char *what, const char *file, int line);

#define CHECK(x) ((x) ? (void) 0 : ush_check_failed(#x, __FILE__, __LINE__))

#endif
