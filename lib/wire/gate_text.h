/* gate_text.h - the gate's strings: UTF-8, escapes that mean one character, no U+0000.
 * SPDX-License-Identifier: MIT */
#ifndef USH_GATE_TEXT_H
#define USH_GATE_TEXT_H

#include "gate.h"

/* Remember what is wrong. Always false. */
bool ush_gate_wrong(struct ush_gate *g, const char *why);
/* A string whose opening mark is at g->at: past it, and what stands between its
 * marks. False if it breaks a rule. */
bool ush_gate_string(struct ush_gate *g, struct ush_gate_key *out, bool *escaped);
/* A string that was found well-formed, without its escapes, in g->plain: it is
 * never longer than with them. */
struct ush_gate_key ush_gate_unescape(struct ush_gate *g, struct ush_gate_key key);

#endif
