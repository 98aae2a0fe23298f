/* usher/version.h - which usher this is.
 * SPDX-License-Identifier: MIT */
#ifndef USHER_VERSION_H
#define USHER_VERSION_H

#include "base.h"

#define USHER_VERSION_MAJOR 0
#define USHER_VERSION_MINOR 1
#define USHER_VERSION_PATCH 0
#define USHER_VERSION_STRING "0.1.0"

/* Before 1.0 the soname carries the minor version: the ABI may change with it. */

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library that is linked, "0.1.0". Static text. Any thread. */
USHER_API const char *usher_version(void);

#ifdef __cplusplus
}
#endif
#endif
