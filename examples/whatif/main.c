/* main.c - usher-sim: plays a scenario through the core and tells what would have happened.
 * SPDX-License-Identifier: MIT */
#include "compare.h"
#include "learn.h"
#include "merge.h"
#include "options.h"
#include "report.h"
#include "set.h"

#include <usher/version.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES (64u * 1024 * 1024)

enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_USAGE = 2, EXIT_OFF = 3 };

static int complain(const char *text)
{
    fprintf(stderr, "usher-sim: %s\n", text);
    return EXIT_BAD;
}

/* All of it, with a NUL behind its end; NULL: errno says why. */
static char *read_all(FILE *in)
{
    size_t room = 65536, n = 0;
    char *text = malloc(room);

    while (text != NULL && room <= FILE_MAX_BYTES) {
        size_t got = fread(text + n, 1, room - n - 1, in);
        n += got;
        if (got == 0) {
            text[n] = '\0';
            return ferror(in) ? (free(text), NULL) : text;
        }
        if (n + 1 == room) {
            room *= 2;
            char *more = realloc(text, room);
            if (more == NULL) {
                free(text);
            }
            text = more;
        }
    }
    free(text);
    errno = ENOMEM;
    return NULL;
}

static char *read_file(const char *name)
{
    FILE *in = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");
    char *text = in != NULL ? read_all(in) : NULL;
    int error = errno;

    if (in != NULL && in != stdin) {
        fclose(in);
    }
    errno = error;
    return text;
}

/* A document; NULL: what is wrong has been said. */
static cJSON *parse_file(const char *name)
{
    struct sim_reader r = {.file = name};
    char *text = read_file(name);
    char why[200];

    if (text == NULL) {
        snprintf(why, sizeof why, "%.120s: %.60s", name, strerror(errno));
        complain(why);
        return NULL;
    }
    cJSON *json = sim_reader_parse(&r, text);
    free(text);
    if (json == NULL) {
        complain(r.why);
    }
    return json;
}

static int take_config(cJSON *json, const char *name)
{
    cJSON *config = parse_file(name);
    char why[200];

    if (config == NULL) {
        return EXIT_BAD;
    }
    int rv = sim_merge(json, config);
    cJSON_Delete(config);
    if (rv == 0) {
        return EXIT_GOOD;
    }
    snprintf(why, sizeof why, "%.120s: %s", name,
             rv == USHER_ENOMEM ? "out of memory" : "is no configuration with queues and agents");
    return complain(why);
}

/* The scenario with all that --config and --set change in it. */
static cJSON *read_json(const struct sim_options *o)
{
    cJSON *json = parse_file(o->file);
    char why[200];

    if (json != NULL && o->config != NULL && take_config(json, o->config) != EXIT_GOOD) {
        cJSON_Delete(json);
        return NULL;
    }
    for (size_t i = 0; json != NULL && i < o->n_changes; i++) {
        if (sim_set(json, o->changes[i], why, sizeof why) != 0) {
            complain(why);
            cJSON_Delete(json);
            return NULL;
        }
    }
    return json;
}

static int write_file(const char *name, const struct sim_report *r,
                      void (*write)(FILE *out, const struct sim_report *r))
{
    FILE *out = strcmp(name, "-") == 0 ? stdout : fopen(name, "w");
    char why[200];

    if (out != NULL) {
        write(out, r);
    }
    if (out == NULL || ferror(out) || (out != stdout && fclose(out) != 0)) {
        snprintf(why, sizeof why, "%.120s: %.60s", name, strerror(errno));
        return complain(why);
    }
    return EXIT_GOOD;
}

static int run(const struct sim_options *o, const struct sim_scenario *s)
{
    struct sim_outcome outcome;
    char why[SIM_WHY_MAX];
    int status = EXIT_GOOD;

    if (sim_run(&outcome, s, why) != 0) {
        return complain(why);
    }
    struct sim_report r = {o->file, s, &outcome};
    if (!o->quiet) {
        sim_report_text(stdout, &r);
    }
    if (s->n_expect > 0 && !sim_report_expect(stdout, &r)) {
        status = EXIT_OFF;
    }
    if (o->csv != NULL && write_file(o->csv, &r, sim_report_csv) != 0) {
        status = EXIT_BAD;
    }
    if (o->html != NULL && write_file(o->html, &r, sim_report_html) != 0) {
        status = EXIT_BAD;
    }
    sim_outcome_done(&outcome);
    return status;
}

int main(int argc, char **argv)
{
    struct sim_options o;
    struct sim_scenario s;
    char why[SIM_WHY_MAX];
    int status = EXIT_GOOD;

    if (sim_options_read(&o, argc, argv, why) != 0) {
        fprintf(stderr, "usher-sim: %s\n%s", why, sim_usage);
        return EXIT_USAGE;
    }
    if (o.help || o.version) {
        fputs(o.help ? sim_usage : "usher-sim " USHER_VERSION_STRING "\n", stdout);
        return EXIT_GOOD;
    }
    if (o.history != NULL) {
        return sim_learn(stdout, o.history, o.day, why, sizeof why) == 0 ? EXIT_GOOD
                                                                         : complain(why);
    }
    cJSON *json = read_json(&o);
    if (json == NULL) {
        return EXIT_BAD;
    }
    if (o.compare != NULL) {
        status = sim_compare(&o, json);
        cJSON_Delete(json);
        return status;
    }
    if (sim_scenario_read(&s, json, o.file, why) != 0) {
        return complain(why);
    }
    status = o.check ? EXIT_GOOD : run(&o, &s);
    sim_scenario_done(&s);
    return status;
}
