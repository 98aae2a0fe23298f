/* pages.c - looks paths up in the sorted table of embedded files; knows no file system.
 * SPDX-License-Identifier: MIT */
#include "pages.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX_LEN 200

static const struct server_file *find(const struct server_file *files, size_t n, const char *path)
{
    size_t low = 0;
    size_t high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(path, files[middle].path);
        if (order == 0) {
            return &files[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

enum server_page_result server_page_find(const struct server_file *files, size_t n,
                                         struct usher_span path, const struct server_file **out)
{
    char name[PATH_MAX_LEN + sizeof "/index.html"];
    const char *bytes = path.base;

    if (path.len == 0 || path.len > PATH_MAX_LEN || bytes[0] != '/' ||
        memchr(bytes, '\0', path.len) != NULL) {
        return SERVER_PAGE_NONE;
    }
    bool slash = bytes[path.len - 1] == '/';
    snprintf(name, sizeof name, "%.*s%s", (int)path.len, bytes, slash ? "index.html" : "");
    *out = find(files, n, name);
    if (*out != NULL) {
        return SERVER_PAGE_FILE;
    }
    if (slash) {
        return SERVER_PAGE_NONE;
    }
    snprintf(name, sizeof name, "%.*s/index.html", (int)path.len, bytes);
    return find(files, n, name) != NULL ? SERVER_PAGE_DIRECTORY : SERVER_PAGE_NONE;
}

bool server_page_same(const struct server_file *file, struct usher_span if_none_match)
{
    const char *p = if_none_match.base;
    const char *end = p + if_none_match.len;
    size_t etag = strlen(file->etag);

    while (p < end) {
        while (p < end && (*p == ' ' || *p == '\t' || *p == ',')) {
            p++;
        }
        if (end - p == 1 && *p == '*') {
            return true;
        }
        if (end - p > 2 && p[0] == 'W' && p[1] == '/') {
            p += 2; /* weak comparison, RFC 9110 section 13.1.2 */
        }
        if ((size_t)(end - p) >= etag && memcmp(p, file->etag, etag) == 0) {
            return true;
        }
        const char *comma = memchr(p, ',', (size_t)(end - p));
        p = comma != NULL ? comma + 1 : end;
    }
    return false;
}
