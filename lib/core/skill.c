/* skill.c - skills by number, and what a session needs as text.
 * SPDX-License-Identifier: MIT
 *
 * In facts, needs are text: "priority=2 th=3 returns=1", each part only if it is
 * there, skills in the order of their names. So a store says what was needed,
 * whatever the numbers of skills were then. */
#include "desk.h"

/* Few and short: a scan. */
static uint32_t find(const struct usher *u, const struct usher_skill_id *id)
{
    for (uint32_t i = 0; i < u->n_skills; i++) {
        if (memcmp(&u->skills[i], id, sizeof *id) == 0) {
            return i;
        }
    }
    return USH_NONE;
}

/* The skill's number, made if it is new; USH_NONE: no room. */
static uint32_t get(struct usher *u, const struct usher_skill_id *id)
{
    uint32_t at = find(u, id);
    if (at == USH_NONE && u->n_skills < u->cfg.limits.skills) {
        at = u->n_skills++;
        u->skills[at] = *id;
    }
    return at;
}

static int by_name(const struct usher *u, uint16_t a, uint16_t b)
{
    return memcmp(&u->skills[a], &u->skills[b], sizeof *u->skills);
}

/* Puts a need in its place; the higher level if the skill is there already. */
static uint32_t insert(const struct usher *u, struct ush_need *needs, uint32_t n,
                       struct ush_need add)
{
    uint32_t at = 0;
    while (at < n && by_name(u, needs[at].skill, add.skill) < 0) {
        at++;
    }
    if (at < n && needs[at].skill == add.skill) {
        needs[at].level = add.level > needs[at].level ? add.level : needs[at].level;
        return n;
    }
    memmove(needs + at + 1, needs + at, (n - at) * sizeof *needs);
    needs[at] = add;
    return n + 1;
}

/* The word that the text has for something else is no skill. */
static const struct usher_skill_id priority_word = {"priority"};

static bool is_id(const struct usher_skill_id *id)
{
    return ush_is_id(id->s) && memcmp(id, &priority_word, sizeof *id) != 0;
}

/* What a session needs; the number of needs, or EINVAL. Skills that nobody has heard of are
 * not made here: no agent can have them. */
int ush_needs_read(struct usher *u, const struct usher_skill *skills, size_t n,
                   struct ush_need out[USHER_NEEDS_MAX])
{
    uint32_t count = 0;
    if (n > USHER_NEEDS_MAX) {
        return USHER_EINVAL;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t skill = find(u, &skills[i].id);
        uint32_t level = skills[i].level == 0 ? 1 : skills[i].level;
        if (skill == USH_NONE || level > UINT8_MAX) {
            return USHER_EINVAL;
        }
        count = insert(u, out, count, (struct ush_need){(uint16_t) skill, (uint8_t) level});
    }
    return (int) count;
}

/* The same for a queue, whose skills are made known by it; EINVAL, or EFULL: too many. */
int ush_needs_make(struct usher *u, const struct usher_skill *skills, size_t n,
                   struct ush_need out[USHER_NEEDS_MAX])
{
    uint32_t count = 0;
    if (n > USHER_NEEDS_MAX) {
        return USHER_EINVAL;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t level = skills[i].level == 0 ? 1 : skills[i].level;
        if (!is_id(&skills[i].id) || level > UINT8_MAX) {
            return USHER_EINVAL;
        }
        uint32_t skill = get(u, &skills[i].id);
        if (skill == USH_NONE) {
            return USHER_EFULL;
        }
        count = insert(u, out, count, (struct ush_need){(uint16_t) skill, (uint8_t) level});
    }
    return (int) count;
}

/* These needs, and more of them; the number of needs, or EINVAL: too many. */
int ush_needs_add(const struct usher *u, struct ush_need needs[USHER_NEEDS_MAX], uint32_t n,
                  const struct ush_need *more, uint32_t n_more)
{
    struct ush_need all[2 * USHER_NEEDS_MAX];
    memcpy(all, needs, n * sizeof *needs);
    for (uint32_t i = 0; i < n_more; i++) {
        n = insert(u, all, n, more[i]);
    }
    if (n > USHER_NEEDS_MAX) {
        return USHER_EINVAL;
    }
    memcpy(needs, all, n * sizeof *needs);
    return (int) n;
}

/* An agent's levels, one a skill; EINVAL, or EFULL: too many skills. */
int ush_levels_read(struct usher *u, const struct usher_skill *skills, size_t n, uint8_t *levels)
{
    uint32_t fresh = 0;
    for (size_t i = 0; i < n; i++) {
        if (!is_id(&skills[i].id) || skills[i].level > UINT8_MAX) {
            return USHER_EINVAL;
        }
        fresh += find(u, &skills[i].id) == USH_NONE;
    }
    if (fresh > u->cfg.limits.skills - u->n_skills) {
        return USHER_EFULL;
    }
    for (size_t i = 0; i < n; i++) {
        levels[get(u, &skills[i].id)] = skills[i].level == 0 ? 1 : (uint8_t) skills[i].level;
    }
    return 0;
}

/* A skill that a step names: its number, USH_ANY_SKILL if none is; EINVAL, EFULL. */
int ush_step_skill(struct usher *u, const struct usher_skill_id *id, uint16_t *out)
{
    *out = USH_ANY_SKILL;
    if (id->s[0] == 0) {
        return 0;
    }
    if (!is_id(id)) {
        return USHER_EINVAL;
    }
    uint32_t at = get(u, id);
    *out = (uint16_t) at;
    return at == USH_NONE ? USHER_EFULL : 0;
}

static size_t put(char *out, size_t at, const char *id, uint32_t number)
{
    char digits[10];
    size_t n = 0;
    if (at > 0) {
        out[at++] = ' ';
    }
    struct usher_span text = ush_id_span(id);
    memcpy(out + at, text.base, text.len);
    at += text.len;
    out[at++] = '=';
    do {
        digits[n++] = (char) ('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (n > 0) {
        out[at++] = digits[--n];
    }
    return at;
}

struct usher_span ush_needs_text(const struct usher *u, const struct ush_class *c,
                                 char out[USH_NEEDS_TEXT])
{
    size_t at = 0;
    if (c->priority > 0) {
        at = put(out, at, priority_word.s, c->priority);
    }
    for (uint32_t i = 0; i < c->n_needs; i++) {
        at = put(out, at, u->skills[c->needs[i].skill].s, c->needs[i].level);
    }
    return ush_span(out, at);
}

/* The same as a list; their number. */
size_t ush_needs_list(const struct usher *u, const struct ush_class *c,
                      struct usher_skill out[USHER_NEEDS_MAX])
{
    for (uint32_t i = 0; i < c->n_needs; i++) {
        out[i] = (struct usher_skill){u->skills[c->needs[i].skill], c->needs[i].level};
    }
    return c->n_needs;
}

/* One "name=number" of a text; false: it is none. */
static bool word(struct usher_span *text, struct usher_skill_id *name, uint32_t *number)
{
    const char *s = text->base;
    size_t at = 0;
    size_t n = 0;
    memset(name, 0, sizeof *name);
    while (at < text->len && s[at] != '=' && n < USHER_ID_MAX) {
        name->s[n++] = s[at++];
    }
    if (n == 0 || at == text->len || s[at++] != '=') {
        return false;
    }
    size_t first = at;
    *number = 0;
    while (at < text->len && s[at] >= '0' && s[at] <= '9' && at < first + 4) {
        *number = *number * 10 + (uint32_t) (s[at++] - '0');
    }
    if (at == first || (at < text->len && s[at++] != ' ')) {
        return false;
    }
    *text = ush_span(s + at, text->len - at);
    return true;
}

/* 0, ECORRUPT: not such a text, or EFULL: too many skills. */
int ush_needs_parse(struct usher *u, struct usher_span text, struct ush_need out[USHER_NEEDS_MAX],
                    uint32_t *n, uint32_t *priority)
{
    struct usher_skill_id name;
    uint32_t number;
    *n = 0;
    *priority = 0;
    while (text.len > 0) {
        if (!word(&text, &name, &number) || number == 0 || number > UINT8_MAX) {
            return USHER_ECORRUPT;
        }
        if (memcmp(&name, &priority_word, sizeof name) == 0) {
            *priority = number < USHER_PRIORITIES ? number : USHER_PRIORITIES - 1;
            continue;
        }
        uint32_t skill = get(u, &name);
        if (skill == USH_NONE) {
            return USHER_EFULL;
        }
        if (*n == USHER_NEEDS_MAX) {
            return USHER_ECORRUPT;
        }
        *n = insert(u, out, *n, (struct ush_need){(uint16_t) skill, (uint8_t) number});
    }
    return 0;
}
