/* options.c - reads "--name value" and "--name=value", each at most once.
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <usher/base.h>

#include <stdio.h>
#include <string.h>

const char server_usage[] =
    "usage: usher-server [options]\n"
    "  --config FILE       the configuration (default: the demo's, which is built in)\n"
    "  --listen ADDR:PORT  listen here, whatever the configuration says; port 0: any\n"
    "  --store URL         memory: or sqlite:PATH, whatever the configuration says\n"
    "  --check             test the configuration and exit: 0 good, 1 not\n"
    "  --hash-password     read a password from standard input, print its hash and exit\n"
    "  --version, --help\n";

/* One option; it takes a value or sets a flag. */
struct option {
    const char *name;
    const char **value;
    bool *flag;
};

static int take(const struct option *o, const char *joined, int *i, int argc, char *const *argv,
                char why[128])
{
    if (o->flag != NULL) {
        if (joined != NULL) {
            snprintf(why, 128, "%s takes no value", o->name);
            return USHER_EINVAL;
        }
        *o->flag = true;
        return 0;
    }
    if (*o->value != NULL) {
        snprintf(why, 128, "%s is given twice", o->name);
        return USHER_EINVAL;
    }
    if (joined == NULL && *i + 1 < argc) {
        joined = argv[++*i];
    }
    if (joined == NULL || *joined == '\0') {
        snprintf(why, 128, "%s needs a value", o->name);
        return USHER_EINVAL;
    }
    *o->value = joined;
    return 0;
}

int server_options_read(struct server_options *out, int argc, char *const *argv, char why[128])
{
    struct server_options read = {0};
    const struct option options[] = {
        {"--config", &read.config, NULL},
        {"--listen", &read.listen, NULL},
        {"--store", &read.store, NULL},
        {"--check", NULL, &read.check},
        {"--hash-password", NULL, &read.hash_password},
        {"--help", NULL, &read.help},
        {"--version", NULL, &read.version},
    };

    for (int i = 1; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');
        size_t n = equals != NULL ? (size_t)(equals - argv[i]) : strlen(argv[i]);
        const struct option *found = NULL;
        for (size_t k = 0; k < sizeof options / sizeof options[0]; k++) {
            if (strlen(options[k].name) == n && memcmp(options[k].name, argv[i], n) == 0) {
                found = &options[k];
            }
        }
        if (found == NULL) {
            snprintf(why, 128, "unknown option %.60s", argv[i]);
            return USHER_EINVAL;
        }
        int rv = take(found, equals != NULL ? equals + 1 : NULL, &i, argc, argv, why);
        if (rv != 0) {
            return rv;
        }
    }
    *out = read;
    return 0;
}
