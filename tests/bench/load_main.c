/* load_main.c - loads servers in turn, round after round, and prints one JSON line a measurement.
 * SPDX-License-Identifier: MIT
 *
 *   load [--pairs N] [--windows 1,16] [--rounds N] [--warm MS] [--ms MS] [--tokens FILE]
 *        [--queue ID] NAME:PORT:PID...
 *   load --idle LINKS NAME:PORT:PID
 *
 * A target named "usher" is spoken to in usher.v1, any other as a relay (say.h). With
 * --idle the links say hello, a line is printed, and all stays so until standard input ends. */
#include "load.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TARGETS_MAX = 8, WINDOWS_MAX = 8, TOKENS_MAX = 256 };
#define MS 1000000u
#define IDLE_MS 20
#define DRAIN_NS 20000000000u

struct options {
    unsigned pairs, rounds, warm_ms, ms, idle;
    unsigned windows[WINDOWS_MAX];
    unsigned n_windows;
    const char *tokens, *queue;
};

/* What all cores have done since the machine started, ours included. */
static uint64_t busy_ns(void)
{
    unsigned long long user, nice, system, idle, wait, irq, soft, steal;
    FILE *file = fopen("/proc/stat", "r");

    if (file == NULL || fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice,
                               &system, &idle, &wait, &irq, &soft, &steal) != 8) {
        load_die("/proc/stat cannot be read");
    }
    fclose(file);
    unsigned long long ticks = user + nice + system + irq + soft + steal;
    return ticks * (1000000000u / (unsigned long long) sysconf(_SC_CLK_TCK));
}

static void count_now(const struct load_target *t, struct load_count *out)
{
    *out = t->count;
    out->at_ns = load_clock(CLOCK_MONOTONIC);
    out->cpu_ns = load_clock(t->clock);
    out->load_ns = load_clock(CLOCK_PROCESS_CPUTIME_ID);
    out->busy_ns = busy_ns();
}

static void go_on(struct load_target *t, unsigned ms)
{
    uint64_t end = load_clock(CLOCK_MONOTONIC) + (uint64_t) ms * MS;

    while (load_clock(CLOCK_MONOTONIC) < end) {
        load_turn(t, end);
    }
}

static void print_round(const struct load_target *t, unsigned round, const struct load_count *from,
                        const struct load_count *to)
{
    double n = (double) (to->messages - from->messages);
    double s = (double) (to->at_ns - from->at_ns) / 1e9;
    double cpu_s = (double) (to->cpu_ns - from->cpu_ns) / 1e9;
    double load_s = (double) (to->load_ns - from->load_ns) / 1e9;
    double others_s = (double) (to->busy_ns - from->busy_ns) / 1e9 - cpu_s - load_s;

    printf("{\"target\":\"%s\",\"pairs\":%u,\"window\":%u,\"round\":%u,\"messages\":%.0f,"
           "\"rate\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"cpu_us\":%.3f,\"cpu_busy\":%.3f,"
           "\"load_busy\":%.3f,\"others_busy\":%.3f,\"bytes_in\":%.1f,\"bytes_out\":%.1f}\n",
           t->name, t->n_pairs, t->window, round, n, n / s, load_quantile(t, 0.5),
           load_quantile(t, 0.99), cpu_s * 1e6 / n, cpu_s / s, load_s / s,
           others_s > 0 ? others_s / s : 0, (double) (to->bytes_out - from->bytes_out) / n,
           (double) (to->bytes_in - from->bytes_in) / n);
    fflush(stdout);
}

static void run_round(struct load_target *t, const struct options *o, unsigned window,
                      unsigned round)
{
    struct load_count from, to;

    load_talk_begin(t, window);
    go_on(t, o->warm_ms);
    memset(t->latency, 0, sizeof t->latency);
    count_now(t, &from);
    /* A disk that others keep busy may hold everything up for longer than a round. */
    do {
        go_on(t, o->ms);
        count_now(t, &to);
    } while (to.messages == from.messages && to.at_ns - from.at_ns < DRAIN_NS);
    if (to.messages == from.messages) {
        load_die("%s: no message came through", t->name);
    }
    print_round(t, round, &from, &to);
    t->talking = false;
    uint64_t end = to.at_ns + DRAIN_NS;
    while (t->under_way > 0) {
        if (load_clock(CLOCK_MONOTONIC) > end) {
            load_die("%s: %u messages were not told", t->name, t->under_way);
        }
        load_turn(t, end);
    }
}

static void read_target(struct load_target *t, char *text)
{
    char *port = strchr(text, ':');
    char *pid = port != NULL ? strchr(port + 1, ':') : NULL;

    if (pid == NULL) {
        load_die("NAME:PORT:PID, not %s", text);
    }
    *port = *pid = '\0';
    t->name = text;
    t->usher = strcmp(text, "usher") == 0;
    t->port = (int) strtol(port + 1, NULL, 10);
    if (clock_getcpuclockid((pid_t) strtol(pid + 1, NULL, 10), &t->clock) != 0) {
        load_die("no process %s", pid + 1);
    }
}

/* One token a line. */
static unsigned read_tokens(const char *path, char *tokens[TOKENS_MAX])
{
    unsigned n = 0;
    size_t size = 0;
    FILE *file = path != NULL ? fopen(path, "r") : NULL;

    if (file == NULL) {
        return 0;
    }
    while (n < TOKENS_MAX) {
        tokens[n] = NULL;
        size = 0;
        if (getline(&tokens[n], &size, file) <= 0) {
            free(tokens[n]);
            break;
        }
        tokens[n][strcspn(tokens[n], "\n")] = '\0';
        n++;
    }
    fclose(file);
    return n;
}

static unsigned read_windows(unsigned windows[WINDOWS_MAX], const char *text)
{
    unsigned n = 0;
    char *end = NULL;

    for (const char *at = text; n < WINDOWS_MAX; at = end + 1) {
        windows[n] = (unsigned) strtoul(at, &end, 10);
        if (windows[n] == 0 || windows[n] > LOAD_WINDOW_MAX) {
            load_die("a window is 1 to %d", LOAD_WINDOW_MAX);
        }
        n++;
        if (*end != ',') {
            break;
        }
    }
    return n;
}

/* The arguments that are no options are moved to the front; how many they are. */
static int read_options(struct options *o, int argc, char **argv)
{
    int n = 0;
    struct {
        const char *name;
        unsigned *number;
        const char **text;
    } known[] = {
        {"--pairs", &o->pairs, NULL},  {"--rounds", &o->rounds, NULL},
        {"--warm", &o->warm_ms, NULL}, {"--ms", &o->ms, NULL},
        {"--idle", &o->idle, NULL},    {"--tokens", NULL, &o->tokens},
        {"--queue", NULL, &o->queue},
    };

    for (int i = 1; i < argc; i++) {
        bool taken = false;
        if (strcmp(argv[i], "--windows") == 0 && i + 1 < argc) {
            o->n_windows = read_windows(o->windows, argv[++i]);
            continue;
        }
        for (size_t k = 0; k < sizeof known / sizeof known[0] && i + 1 < argc; k++) {
            if (strcmp(argv[i], known[k].name) != 0) {
                continue;
            }
            taken = true;
            i++;
            if (known[k].number != NULL) {
                *known[k].number = (unsigned) strtoul(argv[i], NULL, 10);
            } else {
                *known[k].text = argv[i];
            }
            break;
        }
        if (!taken) {
            argv[n++] = argv[i];
        }
    }
    return n;
}

static void be_idle(struct load_target *t, unsigned links)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

    load_setup_idle(t, links);
    printf("{\"target\":\"%s\",\"links\":%u}\n", t->name, links);
    fflush(stdout);
    while (poll(&input, 1, 0) == 0) { /* pings are answered meanwhile */
        go_on(t, IDLE_MS);
    }
}

int main(int argc, char **argv)
{
    struct options o = {.pairs = 50,
                        .rounds = 5,
                        .warm_ms = 300,
                        .ms = 1000,
                        .windows = {1, 16},
                        .n_windows = 2,
                        .queue = "sales"};
    struct load_target *targets = calloc(TARGETS_MAX, sizeof *targets);
    char *tokens[TOKENS_MAX];
    struct rlimit files;

    int n = read_options(&o, argc, argv);
    if (targets == NULL || n < 1 || n > TARGETS_MAX || o.pairs == 0) {
        load_die("see load_main.c for how it is called");
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    unsigned n_tokens = read_tokens(o.tokens, tokens);
    for (int i = 0; i < n; i++) {
        read_target(&targets[i], argv[i]);
        if (o.idle == 0) {
            load_setup(&targets[i], o.pairs, tokens, n_tokens, o.queue);
        }
    }
    if (o.idle > 0) {
        be_idle(&targets[0], o.idle);
    }
    for (unsigned round = 1; round <= o.rounds && o.idle == 0; round++) {
        for (unsigned w = 0; w < o.n_windows; w++) {
            for (int i = 0; i < n; i++) {
                run_round(&targets[i], &o, o.windows[w], round);
            }
        }
    }
    exit(0); /* what the targets hold goes with the process */
}
