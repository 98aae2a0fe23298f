/* path.h - decodes the path of a request, and takes none that could mean two things.
 * SPDX-License-Identifier: MIT */
#ifndef USH_LWS_PATH_H
#define USH_LWS_PATH_H

#include "usher/base.h"

/* Write the decoded path to out, which has room for raw.len bytes. False: not
 * well-formed, not UTF-8, or with a control character, a backslash, an encoded
 * slash, or a segment "." or "..". */
bool ush_lws_path_decode(struct usher_span raw, char *out, size_t *len);

/* Is it whole UTF-8 (RFC 3629)? */
bool ush_lws_utf8(struct usher_span text);
/* Does it end in the middle of a character? For text that is UTF-8 otherwise. */
bool ush_lws_utf8_broken_off(struct usher_span text);

#endif
