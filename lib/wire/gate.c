/* gate.c - the strict door before the JSON parser: one bounded pass, no recursion.
 * SPDX-License-Identifier: MIT
 *
 *            {            key :           value
 *   START --------> KEY --------> VALUE ---------> AFTER --} or ]--> AFTER, or END
 *                    ^              ^                |
 *                    +---- , -------+------- , ------+
 *
 * A parser alone lets too much through: truncating \u0000, trailing garbage,
 * names that come twice, numbers that are rounded. What leaves this door has one
 * meaning, and a size that is known. */
#include "gate.h"

#include <string.h>

#include "gate_text.h"

#define NUMBER_MAX UINT64_C(9007199254740991)
#define NUMBER_DIGITS 16

enum state { KEY_OR_END, KEY, VALUE_OR_END, VALUE, AFTER, END };

static void skip_space(struct ush_gate *g)
{
    while (g->at < g->end &&
           (*g->at == ' ' || *g->at == '\t' || *g->at == '\n' || *g->at == '\r')) {
        g->at++;
    }
}

static bool same(const struct ush_gate_key *a, const struct ush_gate_key *b)
{
    return a->len == b->len && memcmp(a->base, b->base, a->len) == 0;
}

/* A key and its colon: past them, and the key remembered. */
static bool key(struct ush_gate *g)
{
    struct ush_gate_level *level = &g->levels[g->depth - 1];
    struct ush_gate_key name;
    bool escaped;
    if (g->at == g->end || *g->at != '"') {
        return ush_gate_wrong(g, "a name must stand here");
    }
    if (level->count == level->max) {
        return ush_gate_wrong(g, "too many names in an object");
    }
    if (!ush_gate_string(g, &name, &escaped)) {
        return false;
    }
    if (escaped) {
        name = ush_gate_unescape(g, name);
    }
    for (uint32_t i = level->first_key; i < g->n_keys; i++) {
        if (same(&g->keys[i], &name)) {
            return ush_gate_wrong(g, "a name comes twice");
        }
    }
    if (g->depth == 1) {
        g->members[level->count].name = name;
        g->flat = g->flat && !escaped;
    }
    g->keys[g->n_keys++] = name;
    level->count++;
    skip_space(g);
    if (g->at == g->end || *g->at != ':') {
        return ush_gate_wrong(g, "a colon must stand here");
    }
    g->at++;
    return true;
}

/* Only canonical whole numbers: what every reader reads alike. */
static bool number(struct ush_gate *g)
{
    bool negative = *g->at == '-';
    if (!negative && (*g->at < '0' || *g->at > '9')) {
        return ush_gate_wrong(g, "not a value");
    }
    const uint8_t *first = g->at + (negative ? 1 : 0);
    const uint8_t *s = first;
    uint64_t value = 0;
    while (s < g->end && s - first <= NUMBER_DIGITS && *s >= '0' && *s <= '9') {
        value = value * 10 + (uint64_t) (*s++ - '0');
    }
    bool zero = s > first && *first == '0';
    bool canonical = s > first && (!zero || (s - first == 1 && !negative));
    bool more = s < g->end && (*s == '.' || *s == 'e' || *s == 'E');
    if (!canonical || more || s - first > NUMBER_DIGITS || value > NUMBER_MAX) {
        return ush_gate_wrong(g, "not a whole number as it must be written");
    }
    g->at = s;
    return true;
}

static bool literal(struct ush_gate *g, const char *word, size_t len)
{
    if ((size_t) (g->end - g->at) < len || memcmp(g->at, word, len) != 0) {
        return ush_gate_wrong(g, "not a value");
    }
    g->at += len;
    return true;
}

/* Is the object that opens here the value of `have` in the outermost one? */
static bool is_have(const struct ush_gate *g)
{
    static const struct ush_gate_key have = {(const uint8_t *) "have", 4};
    return g->depth == 1 && same(&g->keys[g->n_keys - 1], &have);
}

static bool open(struct ush_gate *g, bool object)
{
    if (g->depth == USH_DEPTH_MAX) {
        return ush_gate_wrong(g, "too deep");
    }
    uint32_t keys_max = is_have(g) ? USHER_HAVE_MAX : USH_KEYS_MAX;
    g->levels[g->depth++] = (struct ush_gate_level){
        .object = object, .max = object ? keys_max : USH_ITEMS_MAX, .first_key = g->n_keys};
    g->at++;
    return true;
}

static enum state close(struct ush_gate *g)
{
    g->n_keys = g->levels[--g->depth].first_key;
    g->at++;
    return g->depth == 0 ? END : AFTER;
}

/* A value that is no string begins at g->at: past it, or into it. */
static bool other_value(struct ush_gate *g, enum state *state)
{
    switch (*g->at) {
    case '{':
        *state = KEY_OR_END;
        return open(g, true);
    case '[':
        *state = VALUE_OR_END;
        return open(g, false);
    case 't':
        return literal(g, "true", 4);
    case 'f':
        return literal(g, "false", 5);
    case 'n':
        return literal(g, "null", 4);
    default:
        return number(g);
    }
}

/* A value begins at g->at: past it, or into it. */
static bool value(struct ush_gate *g, enum state *state)
{
    struct ush_gate_level *level = &g->levels[g->depth - 1];
    struct ush_gate_key text;
    bool escaped;
    if (!level->object && level->count++ == level->max) {
        return ush_gate_wrong(g, "too many items in an array");
    }
    *state = AFTER;
    if (*g->at != '"') {
        g->flat = false;
        return other_value(g, state);
    }
    if (!ush_gate_string(g, &text, &escaped)) {
        return false;
    }
    if (g->depth == 1) {
        g->members[level->count - 1].text = text;
        g->flat = g->flat && !escaped;
    }
    return true;
}

/* What follows a value: a comma, or the end of what holds it. */
static bool after(struct ush_gate *g, enum state *state)
{
    bool object = g->levels[g->depth - 1].object;
    if (*g->at == (object ? '}' : ']')) {
        *state = close(g);
        return true;
    }
    if (*g->at != ',') {
        return ush_gate_wrong(g, "a comma or an end must stand here");
    }
    g->at++;
    *state = object ? KEY : VALUE;
    return true;
}

static bool next(struct ush_gate *g, enum state *state)
{
    switch (*state) {
    case KEY_OR_END:
        if (*g->at == '}') {
            *state = close(g);
            return true;
        }
        *state = VALUE;
        return key(g);
    case KEY:
        *state = VALUE;
        return key(g);
    case VALUE_OR_END:
        if (*g->at == ']') {
            *state = close(g);
            return true;
        }
        return value(g, state);
    case VALUE:
        return value(g, state);
    case AFTER:
        return after(g, state);
    case END:
        break;
    }
    return ush_gate_wrong(g, "more than one document");
}

static bool document(struct ush_gate *g)
{
    enum state state = KEY_OR_END;
    skip_space(g);
    if (g->at == g->end || *g->at != '{') {
        return ush_gate_wrong(g, "not an object");
    }
    g->levels[0] = (struct ush_gate_level){.object = true, .max = USH_KEYS_MAX};
    g->depth = 1;
    g->at++;
    skip_space(g);
    while (g->at < g->end) {
        if (!next(g, &state)) {
            return false;
        }
        skip_space(g);
    }
    return state == END || ush_gate_wrong(g, "ends too early");
}

bool ush_gate_pass(struct ush_gate *g, const uint8_t *text, size_t len, const char **why,
                   size_t *at)
{
    g->at = text;
    g->end = text + len;
    g->why = NULL;
    g->depth = 0;
    g->n_keys = 0;
    g->flat = true;
    g->n_plain = 0;
    bool ok = document(g);
    *why = g->why;
    *at = (size_t) (g->at - text);
    return ok;
}
