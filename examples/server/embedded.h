/* embedded.h - the web pages and the demo configuration, as embed.sh puts them into the binary.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_EMBEDDED_H
#define SERVER_EMBEDDED_H

#include <stddef.h>

struct server_file {
    const char *path; /* "/console/index.html" */
    const char *type; /* its media type */
    const char *etag; /* with its quotes */
    const unsigned char *bytes;
    size_t len;
};

extern const struct server_file server_files[]; /* sorted by path (bytes); a NULL path ends it */
extern const size_t server_files_n;
extern const unsigned char server_demo[];       /* demo.json */
extern const size_t server_demo_len;

#endif
