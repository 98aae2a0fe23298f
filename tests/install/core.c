/* core.c - a host that uses nothing but the core: it makes a desk and has it audited.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "usher.h"

int main(void)
{
    struct usher_config cfg;
    struct usher *desk = NULL;
    struct usher_fault why = {0};
    if (strcmp(usher_version(), USHER_VERSION_STRING) != 0) {
        fprintf(stderr, "linked with %s, compiled with %s\n", usher_version(),
                USHER_VERSION_STRING);
        return 1;
    }
    usher_config_init(&cfg);
    int rv = usher_new(&desk, &cfg);
    if (rv != 0) {
        fprintf(stderr, "usher_new: %s\n", usher_strerror(rv));
        return 1;
    }
    rv = usher_audit(desk, &why);
    usher_free(desk);
    puts(rv == 0 ? "core: sound" : "core: broken");
    return rv == 0 ? 0 : 1;
}
