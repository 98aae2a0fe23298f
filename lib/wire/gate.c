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

#include "bytes.h"
#include "utf8.h"

#define NUMBER_MAX UINT64_C(9007199254740991)
#define NUMBER_DIGITS 16

enum state { KEY_OR_END, KEY, VALUE_OR_END, VALUE, AFTER, END };

static bool wrong(struct ush_gate *g, const char *why)
{
    g->why = why;
    return false;
}

static void skip_space(struct ush_gate *g)
{
    while (g->at < g->end && (*g->at == ' ' || *g->at == '\t' || *g->at == '\n' || *g->at == '\r')) {
        g->at++;
    }
}

/* The four hex digits of an escape that begins at s; false if they are not there. */
static bool hex4(const uint8_t *s, const uint8_t *end, uint32_t *out)
{
    uint32_t value = 0;
    if (end - s < 6 || s[0] != '\\' || s[1] != 'u') {
        return false;
    }
    for (int i = 2; i < 6; i++) {
        uint8_t lower = (uint8_t) (s[i] | 0x20);
        if (s[i] >= '0' && s[i] <= '9') {
            value = value << 4 | (uint32_t) (s[i] - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            value = value << 4 | (uint32_t) (lower - 'a' + 10);
        } else {
            return false;
        }
    }
    *out = value;
    return true;
}

/* An escape \uXXXX, or the two of a pair, at g->at: past it. */
static bool unicode_escape(struct ush_gate *g, uint32_t *out)
{
    uint32_t high;
    if (!hex4(g->at, g->end, &high)) {
        return wrong(g, "bad escape");
    }
    if (high == 0) {
        return wrong(g, "U+0000");
    }
    *out = high;
    if (high < 0xD800 || high > 0xDFFF) {
        g->at += 6;
        return true;
    }
    uint32_t low;
    if (high > 0xDBFF || !hex4(g->at + 6, g->end, &low) || low < 0xDC00 || low > 0xDFFF) {
        return wrong(g, "lone surrogate");
    }
    *out = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    g->at += 12;
    return true;
}

/* The escape at g->at: past it, and the character that it means. */
static bool escape(struct ush_gate *g, uint32_t *out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    uint8_t letter = g->end - g->at < 2 ? 0 : g->at[1];
    if (letter == 'u') {
        return unicode_escape(g, out);
    }
    const char *found = letter == 0 ? NULL : strchr(letters, letter);
    if (found == NULL) {
        return wrong(g, "bad escape");
    }
    *out = (uint8_t) meanings[found - letters];
    g->at += 2;
    return true;
}

/* Past all that is plain ASCII. */
static void skip_plain(struct ush_gate *g)
{
    const uint8_t *s = g->at;
    while (g->end - s >= 8 && !ush_word_high(ush_word(s)) && !ush_word_special(ush_word(s))) {
        s += 8;
    }
    while (s < g->end && *s >= 0x20 && *s < 0x80 && *s != '"' && *s != '\\') {
        s++;
    }
    g->at = s;
}

/* Past the characters that are not ASCII. */
static bool skip_high(struct ush_gate *g)
{
    const uint8_t *s = g->at;
    size_t n = 1;
    while (s < g->end && *s >= 0x80 && n > 0) {
        uint32_t c;
        n = ush_utf8_next(s, (size_t) (g->end - s), &c);
        s += n;
    }
    g->at = s;
    return n > 0 || wrong(g, "not UTF-8");
}

/* A string whose opening mark is at g->at: past it, and what stands between its marks. */
static bool string(struct ush_gate *g, struct ush_gate_key *out, bool *escaped)
{
    const uint8_t *start = ++g->at;
    *escaped = false;
    for (bool ok = true; ok;) {
        uint32_t c;
        skip_plain(g);
        if (g->at == g->end) {
            return wrong(g, "ends within a string");
        }
        if (*g->at == '"') {
            *out = (struct ush_gate_key){start, (size_t) (g->at++ - start)};
            return true;
        }
        if (*g->at < 0x20) {
            return wrong(g, "control character");
        }
        *escaped = *escaped || *g->at == '\\';
        ok = *g->at == '\\' ? escape(g, &c) : skip_high(g);
    }
    return false;
}

/* A key that was found well-formed, without its escapes: never longer than with them. */
static struct ush_gate_key unescape(struct ush_gate *g, struct ush_gate_key key)
{
    const uint8_t *back = g->at;
    uint8_t *to = g->plain + g->n_plain;
    size_t n = 0;
    g->at = key.base;
    while (g->at < key.base + key.len) {
        uint32_t c;
        if (*g->at != '\\') {
            to[n++] = *g->at++;
        } else if (escape(g, &c)) {
            n += ush_utf8_put(c, to + n);
        }
    }
    g->at = back;
    g->n_plain += n;
    return (struct ush_gate_key){to, n};
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
        return wrong(g, "a name must stand here");
    }
    if (level->count == level->max) {
        return wrong(g, "too many names in an object");
    }
    if (!string(g, &name, &escaped)) {
        return false;
    }
    if (escaped) {
        name = unescape(g, name);
    }
    for (uint32_t i = level->first_key; i < g->n_keys; i++) {
        if (same(&g->keys[i], &name)) {
            return wrong(g, "a name comes twice");
        }
    }
    g->keys[g->n_keys++] = name;
    level->count++;
    skip_space(g);
    if (g->at == g->end || *g->at != ':') {
        return wrong(g, "a colon must stand here");
    }
    g->at++;
    return true;
}

/* Only canonical whole numbers: what every reader reads alike. */
static bool number(struct ush_gate *g)
{
    bool negative = *g->at == '-';
    if (!negative && (*g->at < '0' || *g->at > '9')) {
        return wrong(g, "not a value");
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
        return wrong(g, "not a whole number as it must be written");
    }
    g->at = s;
    return true;
}

static bool literal(struct ush_gate *g, const char *word, size_t len)
{
    if ((size_t) (g->end - g->at) < len || memcmp(g->at, word, len) != 0) {
        return wrong(g, "not a value");
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
        return wrong(g, "too deep");
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

/* A value begins at g->at: past it, or into it. */
static bool value(struct ush_gate *g, enum state *state)
{
    struct ush_gate_level *level = &g->levels[g->depth - 1];
    struct ush_gate_key text;
    bool escaped;
    if (!level->object && level->count++ == level->max) {
        return wrong(g, "too many items in an array");
    }
    *state = AFTER;
    switch (*g->at) {
    case '"': return string(g, &text, &escaped);
    case '{': *state = KEY_OR_END; return open(g, true);
    case '[': *state = VALUE_OR_END; return open(g, false);
    case 't': return literal(g, "true", 4);
    case 'f': return literal(g, "false", 5);
    case 'n': return literal(g, "null", 4);
    default: return number(g);
    }
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
        return wrong(g, "a comma or an end must stand here");
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
    return wrong(g, "more than one document");
}

static bool document(struct ush_gate *g)
{
    enum state state = KEY_OR_END;
    skip_space(g);
    if (g->at == g->end || *g->at != '{') {
        return wrong(g, "not an object");
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
    return state == END || wrong(g, "ends too early");
}

bool ush_gate_pass(struct ush_gate *g, const uint8_t *text, size_t len, const char **why, size_t *at)
{
    g->at = text;
    g->end = text + len;
    g->why = NULL;
    g->depth = 0;
    g->n_keys = 0;
    g->n_plain = 0;
    bool ok = document(g);
    *why = g->why;
    *at = (size_t) (g->at - text);
    return ok;
}
