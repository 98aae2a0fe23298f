/* find.c - who is meant by an id, and how he signs.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

uint64_t ush_hash(const struct usher *u, const void *data, size_t len)
{
    struct ush_sip s;
    ush_sip_init(&s, u->table_key);
    ush_sip_add(&s, data, len);
    return ush_sip_end(&s);
}

uint32_t ush_find_queue(const struct usher *u, const struct usher_queue_id *id)
{
    uint32_t at = ush_map_first(&u->queue_map, ush_hash(u, id, sizeof *id));
    while (at != USH_NONE && memcmp(&u->queues[at].id, id, sizeof *id) != 0) {
        at = ush_map_next(&u->queue_map, at);
    }
    return at;
}

uint32_t ush_find_agent(const struct usher *u, const struct usher_agent_id *id)
{
    uint32_t at = ush_map_first(&u->agent_map, ush_hash(u, id, sizeof *id));
    while (at != USH_NONE && memcmp(&u->agents[at].id, id, sizeof *id) != 0) {
        at = ush_map_next(&u->agent_map, at);
    }
    return at;
}

uint32_t ush_find_visitor(const struct usher *u, const struct usher_visitor_id *id)
{
    uint32_t at = ush_map_first(&u->visitor_map, ush_hash(u, id, sizeof *id));
    while (at != USH_NONE && memcmp(&u->visitors[at].id, id, sizeof *id) != 0) {
        at = ush_map_next(&u->visitor_map, at);
    }
    return at;
}

uint32_t ush_find_token(const struct usher *u, const uint8_t hash[32])
{
    uint32_t at = ush_map_first(&u->token_map, ush_hash(u, hash, 32));
    while (at != USH_NONE && memcmp(u->visitors[at].token_hash, hash, 32) != 0) {
        at = ush_map_next(&u->token_map, at);
    }
    return at;
}

uint32_t ush_find_session(const struct usher *u, const struct usher_session_id *id)
{
    uint32_t at = ush_map_first(&u->session_map, ush_hash(u, id, sizeof *id));
    while (at != USH_NONE && memcmp(&u->sessions[at].id, id, sizeof *id) != 0) {
        at = ush_map_next(&u->session_map, at);
    }
    return at;
}

uint32_t ush_find_link(const struct usher *u, struct usher_link_id id)
{
    uint32_t at = ush_map_first(&u->link_map, ush_hash(u, &id, sizeof id));
    while (at != USH_NONE && u->links[at].id.v != id.v) {
        at = ush_map_next(&u->link_map, at);
    }
    return at;
}

bool usher_find_visitor(const struct usher *u, const uint8_t token_hash[32],
                        struct usher_visitor_id *out)
{
    uint32_t at = ush_find_token(u, token_hash);
    if (at == USH_NONE) {
        return false;
    }
    *out = u->visitors[at].id;
    return true;
}

/* 1 to 31 of a-z 0-9 . _ -, and zeros to the end. */
bool ush_is_id(const char *s)
{
    size_t n = 0;
    while (n < USHER_ID_MAX && ((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= '0' && s[n] <= '9') ||
                                s[n] == '.' || s[n] == '_' || s[n] == '-')) {
        n++;
    }
    bool some = n > 0;
    while (n <= USHER_ID_MAX && s[n] == 0) {
        n++;
    }
    return some && n == USHER_ID_MAX + 1;
}

struct usher_span ush_id_span(const char *s)
{
    const char *end = memchr(s, 0, USHER_ID_MAX + 1);
    CHECK(end != NULL);
    return ush_span(s, (size_t) (end - s));
}

struct usher_by ush_by_system(void)
{
    struct usher_by by;
    memset(&by, 0, sizeof by);
    return by;
}

struct usher_by ush_by_visitor(const struct usher *u, const struct ush_session *s)
{
    const struct ush_form *form = &u->forms[USH_SLOT(u, sessions, s)];
    struct usher_by by = ush_by_system();
    by.kind = USHER_VISITOR;
    by.visitor = u->visitors[s->visitor].id;
    by.name = ush_span(form->name, form->name_len);
    return by;
}

struct usher_by ush_by_agent(const struct ush_agent *a)
{
    struct usher_by by = ush_by_system();
    by.kind = USHER_AGENT;
    by.agent = a->id;
    by.name = ush_span(a->name, a->name_len);
    return by;
}

/* The person on this link, as he signs in this session. */
struct usher_by ush_by_link(const struct usher *u, const struct ush_link *l,
                            const struct ush_session *s)
{
    return l->as == USHER_VISITOR ? ush_by_visitor(u, s) : ush_by_agent(&u->agents[l->person]);
}
