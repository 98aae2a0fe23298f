/* visitor.c - visitors in memory: those with a link or a session.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

/* The visitor with this id, made if he is new. Never without room: one a link and one a session. */
uint32_t ush_visitor_get(struct usher *u, const struct usher_visitor_id *id, const uint8_t hash[32])
{
    uint32_t slot = ush_find_visitor(u, id);
    if (slot != USH_NONE) {
        return slot;
    }
    slot = ush_pool_take(&u->visitor_pool);
    CHECK(slot != USH_NONE);
    struct ush_visitor *v = &u->visitors[slot];
    memset(v, 0, sizeof *v);
    v->id = *id;
    memcpy(v->token_hash, hash, 32);
    v->open = USH_NONE;
    ush_list_init(&v->links);
    ush_list_init(&v->sessions);
    ush_map_put(&u->visitor_map, slot, ush_hash(u, id, sizeof *id));
    ush_map_put(&u->token_map, slot, ush_hash(u, hash, 32));
    return slot;
}

/* Forget him if nothing holds him. */
void ush_visitor_release(struct usher *u, struct ush_visitor *v)
{
    if (v->n_links > 0 || v->n_sessions > 0) {
        return;
    }
    uint32_t slot = USH_SLOT(u, visitors, v);
    ush_map_del(&u->visitor_map, slot);
    ush_map_del(&u->token_map, slot);
    ush_pool_give(&u->visitor_pool, slot);
}
