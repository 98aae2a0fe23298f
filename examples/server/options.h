/* options.h - the command line of usher-server.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_OPTIONS_H
#define SERVER_OPTIONS_H

#include <stdbool.h>

struct server_options {
    const char *config, *listen, *store; /* NULL: not given; borrowed from argv */
    bool check, hash_password, help, version;
};

extern const char server_usage[];

/* Errors: EINVAL; why (at least 128 bytes) says it. */
int server_options_read(struct server_options *out, int argc, char *const *argv, char why[128]);

#endif
