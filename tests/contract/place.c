/* place.c - a folder of a test's own, and a file in it.
 * SPDX-License-Identifier: MIT */
#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool ush_place_make(struct place *place, const char *file)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(place->folder, sizeof place->folder, "%.40s/usher-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    if (mkdtemp(place->folder) == NULL) {
        perror("mkdtemp");
        return false;
    }
    snprintf(place->path, sizeof place->path, "%s/%s", place->folder, file);
    return true;
}

void ush_place_done(const struct place *place)
{
    rmdir(place->folder);
}
