/* report.h - what is told at the end: a table, lines for other programs, a page.
 * SPDX-License-Identifier: MIT */
#ifndef WHATIF_REPORT_H
#define WHATIF_REPORT_H

#include "run.h"

#include <stdio.h>

struct sim_report { const char *file; const struct sim_scenario *s; const struct sim_outcome *o; };

void sim_report_text(FILE *out, const struct sim_report *r);
void sim_report_csv(FILE *out, const struct sim_report *r);
void sim_report_html(FILE *out, const struct sim_report *r);
/* How what the scenario expects compares; false: something is more than three errors off. */
bool sim_report_expect(FILE *out, const struct sim_report *r);

/* When a bin begins, by the clock. */
void sim_report_bin(const struct sim_report *r, size_t bin, char *out, size_t size);
/* Is there anything in this row of the table, for any queue, kind or group? */
bool sim_report_worth(const struct sim_report *r, const struct sim_figure *f, enum sim_scope scope);
/* Kinds say something of their own if queues have several, or sessions go on to others. */
bool sim_report_kinds(const struct sim_scenario *s);

/* "12.3 %", "1 234", "0.4561" … with as many digits as its error leaves. */
void sim_value_format(char *out, size_t size, struct sim_value v, enum sim_unit unit);
void sim_error_format(char *out, size_t size, struct sim_value v, enum sim_unit unit);

#endif
