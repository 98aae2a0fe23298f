/* options.c - reads "--name value" and "--name=value"; --set as often as you like.
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <usher/base.h>

#include <stdio.h>
#include <string.h>

const char sim_usage[] =
    "usage: usher-sim [options] SCENARIO.json     (- reads standard input)\n"
    "       usher-sim --history sqlite:PATH --day YYYY-MM-DD\n"
    "  --config FILE        take the queues, and agents by their ids, from a server's "
    "configuration\n"
    "  --set PATH=VALUE     change the scenario first, such as agents.day.count=12\n"
    "  --compare PATH=LIST  run once for each value: 8,10,12 or 8..12; print one line each\n"
    "  --csv FILE           every figure with its error, a line each (- writes standard output)\n"
    "  --html FILE          a page with tables and charts that needs nothing else\n"
    "  --history STORE      print a scenario of what a desk has recorded in its store\n"
    "  --day YYYY-MM-DD     on this day, by local time\n"
    "  --check              read the scenario and exit: 0 good, 1 not\n"
    "  --quiet              no tables; what is expected is still compared\n"
    "  --version, --help\n"
    "Exit status: 0 done, 1 the scenario or the run is bad, 2 the command line is, 3 a value that\n"
    "the scenario expects is more than three standard errors off.\n";

/* One option; it takes a value or sets a flag. `set` is the one that may come again. */
struct option {
    const char *name;
    const char **value;
    bool *flag;
    bool set;
};

static int take(struct sim_options *to, const struct option *o, const char *joined, int *i,
                int argc, char *const *argv, char why[160])
{
    if (o->flag != NULL) {
        if (joined != NULL) {
            snprintf(why, 160, "%s takes no value", o->name);
            return USHER_EINVAL;
        }
        *o->flag = true;
        return 0;
    }
    if (joined == NULL && *i + 1 < argc) {
        joined = argv[++*i];
    }
    if (joined == NULL || *joined == '\0') {
        snprintf(why, 160, "%s needs a value", o->name);
        return USHER_EINVAL;
    }
    if (o->set) {
        if (to->n_changes == SIM_CHANGES_MAX) {
            snprintf(why, 160, "more than %d times --set", SIM_CHANGES_MAX);
            return USHER_EINVAL;
        }
        to->changes[to->n_changes++] = joined;
        return 0;
    }
    if (*o->value != NULL) {
        snprintf(why, 160, "%s is given twice", o->name);
        return USHER_EINVAL;
    }
    *o->value = joined;
    return 0;
}

static int take_file(struct sim_options *to, const char *arg, char why[160])
{
    if (to->file != NULL) {
        snprintf(why, 160, "one scenario at a time, not also %.100s", arg);
        return USHER_EINVAL;
    }
    to->file = arg;
    return 0;
}

int sim_options_read(struct sim_options *out, int argc, char *const *argv, char why[160])
{
    struct sim_options read = {0};
    const struct option options[] = {
        {"--set", NULL, NULL, true},
        {"--compare", &read.compare, NULL, false},
        {"--config", &read.config, NULL, false},
        {"--csv", &read.csv, NULL, false},
        {"--html", &read.html, NULL, false},
        {"--history", &read.history, NULL, false},
        {"--day", &read.day, NULL, false},
        {"--check", NULL, &read.check, false},
        {"--quiet", NULL, &read.quiet, false},
        {"--help", NULL, &read.help, false},
        {"--version", NULL, &read.version, false},
    };
    int rv = 0;

    for (int i = 1; i < argc && rv == 0; i++) {
        const char *equals = strchr(argv[i], '=');
        size_t n = equals != NULL ? (size_t) (equals - argv[i]) : strlen(argv[i]);
        const struct option *found = NULL;
        if (strncmp(argv[i], "--", 2) != 0) {
            rv = take_file(&read, argv[i], why);
            continue;
        }
        for (size_t k = 0; k < sizeof options / sizeof options[0]; k++) {
            if (strlen(options[k].name) == n && memcmp(options[k].name, argv[i], n) == 0) {
                found = &options[k];
            }
        }
        if (found == NULL) {
            snprintf(why, 160, "unknown option %.60s", argv[i]);
            return USHER_EINVAL;
        }
        rv = take(&read, found, equals != NULL ? equals + 1 : NULL, &i, argc, argv, why);
    }
    if (rv == 0 && (read.history != NULL) != (read.day != NULL)) {
        snprintf(why, 160, "--history and --day go together");
        return USHER_EINVAL;
    }
    if (rv == 0 && read.history != NULL && read.file != NULL) {
        snprintf(why, 160, "--history makes a scenario, and reads none");
        return USHER_EINVAL;
    }
    if (rv == 0 && read.file == NULL && read.history == NULL && !read.help && !read.version) {
        snprintf(why, 160, "which scenario?");
        rv = USHER_EINVAL;
    }
    *out = read;
    return rv;
}
