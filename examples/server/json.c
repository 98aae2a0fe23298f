/* json.c - reads one JSON document into one block of memory, without recursion.
 * SPDX-License-Identifier: MIT */
#include "json.h"

#include <usher/wire.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const unsigned char *at, *end, *line_start;
    uint32_t line;
    struct server_json *nodes;
    size_t n_nodes, nodes_max;
    char *strings; /* where the next decoded string goes */
    struct server_json *open[SERVER_JSON_DEPTH];
    size_t depth;
    struct server_json_error *why;
};

static int fail(struct reader *r, const char *text)
{
    r->why->line = r->line;
    r->why->column = (uint32_t)(r->at - r->line_start) + 1;
    snprintf(r->why->text, sizeof r->why->text, "%s", text);
    return USHER_EINVAL;
}

static void skip_space(struct reader *r)
{
    while (r->at < r->end &&
           (*r->at == ' ' || *r->at == '\t' || *r->at == '\r' || *r->at == '\n')) {
        if (*r->at == '\n') {
            r->line++;
            r->line_start = r->at + 1;
        }
        r->at++;
    }
}

static bool take(struct reader *r, char c)
{
    skip_space(r);
    if (r->at < r->end && *r->at == (unsigned char)c) {
        r->at++;
        return true;
    }
    return false;
}

/* Four hex digits after \u; -1 if they are not. */
static int32_t read_hex4(struct reader *r)
{
    int32_t v = 0;

    if (r->end - r->at < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        unsigned char c = *r->at++;
        int32_t digit = -1;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if (c >= 'a' && c <= 'f') {
            digit = c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = c - 'A' + 10;
        }
        if (digit < 0) {
            return -1;
        }
        v = v * 16 + digit;
    }
    return v;
}

static void put_utf8(char **out, uint32_t c)
{
    unsigned char b[4];
    size_t n = 0;

    if (c < 0x80) {
        b[n++] = (unsigned char)c;
    } else if (c < 0x800) {
        b[n++] = (unsigned char)(0xc0 | (c >> 6));
        b[n++] = (unsigned char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        b[n++] = (unsigned char)(0xe0 | (c >> 12));
        b[n++] = (unsigned char)(0x80 | ((c >> 6) & 0x3f));
        b[n++] = (unsigned char)(0x80 | (c & 0x3f));
    } else {
        b[n++] = (unsigned char)(0xf0 | (c >> 18));
        b[n++] = (unsigned char)(0x80 | ((c >> 12) & 0x3f));
        b[n++] = (unsigned char)(0x80 | ((c >> 6) & 0x3f));
        b[n++] = (unsigned char)(0x80 | (c & 0x3f));
    }
    memcpy(*out, b, n);
    *out += n;
}

/* What follows \u: one code unit, or a pair of surrogates. */
static int read_unicode(struct reader *r, char **out)
{
    int32_t high = read_hex4(r);
    int32_t low;

    if (high <= 0) {
        return fail(r, high < 0 ? "\\u needs four hex digits" : "U+0000 is not allowed");
    }
    if (high < 0xd800 || high > 0xdfff) {
        put_utf8(out, (uint32_t)high);
        return 0;
    }
    if (high > 0xdbff || r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u') {
        return fail(r, "half a surrogate pair");
    }
    r->at += 2;
    low = read_hex4(r);
    if (low < 0xdc00 || low > 0xdfff) {
        return fail(r, "half a surrogate pair");
    }
    put_utf8(out, 0x10000 + (((uint32_t)high - 0xd800) << 10) + ((uint32_t)low - 0xdc00));
    return 0;
}

static int read_escape(struct reader *r, char **out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    const char *found;

    if (r->at == r->end) {
        return fail(r, "the string does not end");
    }
    if (*r->at == 'u') {
        r->at++;
        return read_unicode(r, out);
    }
    found = memchr(from, *r->at, sizeof from - 1);
    if (found == NULL) {
        return fail(r, "unknown escape");
    }
    r->at++;
    *(*out)++ = to[found - from];
    return 0;
}

/* A string, behind its opening quote. A decoded string with its NUL never
 * takes more room than the quoted one did, so the block cannot overflow. */
static int read_string(struct reader *r, struct usher_span *text)
{
    char *start = r->strings;
    char *out = start;

    for (;;) {
        if (r->at == r->end || *r->at == '\n') {
            return fail(r, "the string does not end");
        }
        if (*r->at < 0x20) {
            return fail(r, "a control byte must be escaped");
        }
        if (*r->at == '"') {
            r->at++;
            break;
        }
        if (*r->at == '\\') {
            r->at++;
            int rv = read_escape(r, &out);
            if (rv != 0) {
                return rv;
            }
            continue;
        }
        *out++ = (char)*r->at++;
    }
    *out = '\0';
    r->strings = out + 1;
    text->base = start;
    text->len = (size_t)(out - start);
    return 0;
}

static bool is_digit(const struct reader *r)
{
    return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

static bool skip_digits(struct reader *r)
{
    if (!is_digit(r)) {
        return false;
    }
    while (is_digit(r)) {
        r->at++;
    }
    return true;
}

static int read_number(struct reader *r, struct server_json *node)
{
    bool whole = true;
    uint64_t v = 0;

    node->type = SERVER_JSON_NUMBER;
    if (*r->at == '-') {
        whole = false;
        r->at++;
    }
    if (r->at + 1 < r->end && r->at[0] == '0' && r->at[1] >= '0' && r->at[1] <= '9') {
        return fail(r, "a number must not begin with 0");
    }
    const unsigned char *digits = r->at;
    if (!skip_digits(r)) {
        return fail(r, "expected a digit");
    }
    for (const unsigned char *p = digits; p < r->at && whole; p++) {
        v = v * 10 + (uint64_t)(*p - '0');
        whole = v <= 9007199254740991u;
    }
    if (r->at < r->end && *r->at == '.') {
        whole = false;
        r->at++;
        if (!skip_digits(r)) {
            return fail(r, "expected a digit");
        }
    }
    if (r->at < r->end && (*r->at == 'e' || *r->at == 'E')) {
        whole = false;
        r->at++;
        if (r->at < r->end && (*r->at == '+' || *r->at == '-')) {
            r->at++;
        }
        if (!skip_digits(r)) {
            return fail(r, "expected a digit");
        }
    }
    node->whole = whole;
    node->number = whole ? v : 0;
    return 0;
}

static int read_word(struct reader *r, struct server_json *node)
{
    static const struct {
        const char *word;
        enum server_json_type type;
    } words[] = {
        {"null", SERVER_JSON_NULL},
        {"false", SERVER_JSON_FALSE},
        {"true", SERVER_JSON_TRUE},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = strlen(words[i].word);
        if ((size_t)(r->end - r->at) >= n && memcmp(r->at, words[i].word, n) == 0) {
            node->type = words[i].type;
            r->at += n;
            return 0;
        }
    }
    return fail(r, "expected a value");
}

/* A value; of an array or object only its beginning, which is then open. */
static int read_value(struct reader *r, struct server_json *node)
{
    skip_space(r);
    if (r->at == r->end) {
        return fail(r, "expected a value");
    }
    if (*r->at == '[' || *r->at == '{') {
        if (r->depth == SERVER_JSON_DEPTH) {
            return fail(r, "too many levels");
        }
        node->type = *r->at == '[' ? SERVER_JSON_ARRAY : SERVER_JSON_OBJECT;
        r->open[r->depth++] = node;
        r->at++;
        return 0;
    }
    if (*r->at == '"') {
        node->type = SERVER_JSON_STRING;
        r->at++;
        return read_string(r, &node->text);
    }
    if (*r->at == '-' || is_digit(r)) {
        return read_number(r, node);
    }
    return read_word(r, node);
}

static int read_name(struct reader *r, const struct server_json *object, struct server_json *node)
{
    struct usher_span name;
    int rv;

    if (!take(r, '"')) {
        return fail(r, "expected a member's name in quotes");
    }
    rv = read_string(r, &name);
    if (rv != 0) {
        return rv;
    }
    node->name = name.base;
    if (object->count == SERVER_JSON_MEMBERS) {
        return fail(r, "too many members");
    }
    if (server_json_member(object, node->name) != NULL) {
        return fail(r, "this member was named before");
    }
    return take(r, ':') ? 0 : fail(r, "expected ':'");
}

/* The next item or member of the innermost open container, or its end. */
static int read_next(struct reader *r)
{
    struct server_json *top = r->open[r->depth - 1];
    bool object = top->type == SERVER_JSON_OBJECT;
    struct server_json *node;

    if (take(r, object ? '}' : ']')) {
        r->depth--;
        return 0;
    }
    if (top->count > 0 && !take(r, ',')) {
        return fail(r, object ? "expected ',' or '}'" : "expected ',' or ']'");
    }
    if (r->n_nodes == r->nodes_max) {
        return fail(r, "expected a value");
    }
    node = &r->nodes[r->n_nodes++];
    if (object) {
        int rv = read_name(r, top, node);
        if (rv != 0) {
            return rv;
        }
    }
    if (top->last == NULL) {
        top->first = node;
    } else {
        top->last->next = node;
    }
    top->last = node;
    top->count++;
    return read_value(r, node);
}

static int read_document(struct reader *r)
{
    int rv = read_value(r, &r->nodes[r->n_nodes++]);

    while (rv == 0 && r->depth > 0) {
        rv = read_next(r);
    }
    if (rv != 0) {
        return rv;
    }
    skip_space(r);
    return r->at == r->end ? 0 : fail(r, "text after the end");
}

/* No document has more values than one, and one for each comma and opening bracket. */
static size_t values_max(const struct reader *r)
{
    size_t n = 1;

    for (const unsigned char *p = r->at; p < r->end; p++) {
        if (*p == ',' || *p == '[' || *p == '{') {
            n++;
        }
    }
    return n;
}

/* The bytes must be UTF-8 without U+0000; if not, say in which line. */
static int check_bytes(struct reader *r)
{
    while (r->at < r->end) {
        const unsigned char *eol = memchr(r->at, '\n', (size_t)(r->end - r->at));
        size_t n = (size_t)((eol == NULL ? r->end : eol + 1) - r->at);
        if (!usher_text_ok((struct usher_span){r->at, n})) {
            return fail(r, "not UTF-8, or U+0000");
        }
        r->at += n;
        r->line += eol != NULL;
        r->line_start = r->at;
    }
    return 0;
}

int server_json_read(struct server_json **out, struct usher_span text,
                     struct server_json_error *why)
{
    const unsigned char *start = text.base;
    struct reader r = {0};
    int rv;

    r.at = r.line_start = start;
    r.end = text.len == 0 ? start : start + text.len;
    r.line = 1;
    r.why = why;
    rv = check_bytes(&r);
    if (rv != 0) {
        return rv;
    }
    r.at = r.line_start = start;
    r.line = 1;
    r.nodes_max = values_max(&r);
    r.nodes = calloc(1, r.nodes_max * sizeof *r.nodes + text.len + 1);
    if (r.nodes == NULL) {
        return USHER_ENOMEM;
    }
    r.strings = (char *)(r.nodes + r.nodes_max);
    rv = read_document(&r);
    if (rv != 0) {
        free(r.nodes);
        return rv;
    }
    *out = r.nodes;
    return 0;
}

void server_json_free(struct server_json *root)
{
    free(root);
}

const struct server_json *server_json_member(const struct server_json *object, const char *name)
{
    for (const struct server_json *m = object->first; m != NULL; m = m->next) {
        if (strcmp(m->name, name) == 0) {
            return m;
        }
    }
    return NULL;
}
