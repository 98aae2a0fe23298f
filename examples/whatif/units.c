/* units.c - numbers with units, in both directions.
 * SPDX-License-Identifier: MIT */
#include "units.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct unit {
    const char *name;
    double ms;
} units[] = {
    {"ms", SIM_MS}, {"s", SIM_SECOND}, {"m", SIM_MINUTE}, {"h", SIM_HOUR}, {"d", SIM_DAY},
};

/* A decimal number without sign: strtod would also take "inf", "0x1" and " 1". */
static bool take_number(const char **text, double *out)
{
    size_t n = strspn(*text, "0123456789.");
    char digits[32];
    char *end = NULL;

    if (n == 0 || n >= sizeof digits) {
        return false;
    }
    memcpy(digits, *text, n);
    digits[n] = '\0';
    *out = strtod(digits, &end);
    *text += n;
    return *end == '\0' && end != digits;
}

/* The longest name first, so that "ms" is not read as "m". */
static const struct unit *take_unit(const char **text)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        size_t n = strlen(units[i].name);
        if (strncmp(*text, units[i].name, n) == 0) {
            *text += n;
            return &units[i];
        }
    }
    return NULL;
}

bool sim_duration(const char *text, double *ms)
{
    double sum = 0;

    if (strcmp(text, "0") == 0) {
        *ms = 0;
        return true;
    }
    do {
        double n = 0;
        if (!take_number(&text, &n)) {
            return false;
        }
        const struct unit *unit = take_unit(&text);
        if (unit == NULL) {
            return false;
        }
        sum += n * unit->ms;
        text += strspn(text, " ");
    } while (*text != '\0');
    *ms = sum;
    return true;
}

bool sim_rate(const char *text, double *per_ms)
{
    double n = 0;
    double each = 1;

    if (!take_number(&text, &n)) {
        return false;
    }
    if (*text == '\0' && n == 0) {
        *per_ms = 0;
        return true;
    }
    if (*text++ != '/') {
        return false;
    }
    if (*text >= '0' && *text <= '9' && !take_number(&text, &each)) {
        return false;
    }
    const struct unit *unit = take_unit(&text);
    if (unit == NULL || *text != '\0' || each <= 0) {
        return false;
    }
    *per_ms = n / (each * unit->ms);
    return true;
}

bool sim_time_of_day(const char *text, double *ms)
{
    static const double worth[] = {SIM_HOUR, SIM_MINUTE, SIM_SECOND};
    const char *at = text;
    double sum = 0;

    if (strchr(text, ':') == NULL) {
        return sim_duration(text, ms);
    }
    for (size_t i = 0; i < 3; i++) {
        double n = 0;
        if (strspn(at, "0123456789") == 0 || !take_number(&at, &n) || (i > 0 && n >= 60)) {
            return false;
        }
        sum += n * worth[i];
        if (*at == '\0') {
            *ms = sum;
            return i > 0 && sum <= SIM_DAY;
        }
        if (*at++ != ':') {
            return false;
        }
    }
    return false;
}

void sim_duration_format(double ms, char *out, size_t size)
{
    static const struct unit down[] = {
        {"d", SIM_DAY}, {"h", SIM_HOUR}, {"m", SIM_MINUTE}, {"s", SIM_SECOND}};

    for (size_t i = 0; i < 4; i++) {
        double whole = floor(ms / down[i].ms);
        double rest = ms - whole * down[i].ms;
        if (whole < 1) {
            continue;
        }
        if (i == 3 || rest < down[i + 1].ms) {
            snprintf(out, size, "%.6g%s", ms / down[i].ms, down[i].name);
        } else {
            snprintf(out, size, "%.0f%s %.4g%s", whole, down[i].name, rest / down[i + 1].ms,
                     down[i + 1].name);
        }
        return;
    }
    snprintf(out, size, "%.4gms", ms);
}

void sim_clock_format(double ms, char *out, size_t size)
{
    unsigned minutes = (unsigned) floor(ms / SIM_MINUTE + 1e-6);
    unsigned days = minutes / 1440;
    unsigned seconds = (unsigned) floor((ms - minutes * SIM_MINUTE) / SIM_SECOND + 1e-6);
    char tail[16] = "";
    char late[16] = "";

    if (seconds > 0) {
        snprintf(tail, sizeof tail, ":%02u", seconds % 60);
    }
    if (days > 0) {
        snprintf(late, sizeof late, "+%ud", days);
    }
    snprintf(out, size, "%02u:%02u%s%s", minutes / 60 % 24, minutes % 60, tail, late);
}
