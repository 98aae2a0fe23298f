/* pages.h - finds the embedded page that a path means.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_PAGES_H
#define SERVER_PAGES_H

#include "embedded.h"

#include <usher/base.h>

enum server_page_result { SERVER_PAGE_NONE, SERVER_PAGE_FILE, SERVER_PAGE_DIRECTORY };

/* FILE: *out is it ("/" and "/x/" mean their index.html). DIRECTORY: "/x", where
 * "/x/" is what should have been asked for. */
enum server_page_result server_page_find(const struct server_file *files, size_t n,
                                         struct usher_span path, const struct server_file **out);
/* Does an If-None-Match header name this ETag? */
bool server_page_same(const struct server_file *file, struct usher_span if_none_match);

#endif
