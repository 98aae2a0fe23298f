/* units.h - reads times, rates and times of day as people write them.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_UNITS_H
#define WHATIF_UNITS_H

#include <stdbool.h>
#include <stddef.h>

#define SIM_MS 1.0
#define SIM_SECOND 1000.0
#define SIM_MINUTE 60000.0
#define SIM_HOUR 3600000.0
#define SIM_DAY 86400000.0

/* "90s", "1.5h", "1h30m", "250ms", "0": milliseconds. */
bool sim_duration(const char *text, double *ms);
/* "200/h", "0.5/m", "1/250s", "0": how many in a millisecond. */
bool sim_rate(const char *text, double *per_ms);
/* "09:30", "17:30:15", "24:00", or a duration since midnight. */
bool sim_time_of_day(const char *text, double *ms);
/* For people: "1h 30m", "12.5s". */
void sim_duration_format(double ms, char *out, size_t size);
/* A time of day: "09:30", with "+2d" behind it if it is days later. */
void sim_clock_format(double ms, char *out, size_t size);

#endif
