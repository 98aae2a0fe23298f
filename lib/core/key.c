/* key.c - one key, one effect (P2): the keys of sessions in memory.
 * SPDX-License-Identifier: MIT
 *
 * A key is known by a 64-bit keyed hash of person and key; what the command said
 * is known by a digest, keyed by the store's epoch so that it outlives a restart. */
#include "desk.h"

uint64_t ush_key_hash(const struct usher *u, enum usher_kind kind, const void *id,
                      struct usher_span key)
{
    struct ush_sip s;
    ush_sip_init(&s, u->table_key);
    ush_sip_add_u64(&s, kind);
    ush_sip_add(&s, id,
                kind == USHER_VISITOR ? sizeof(struct usher_visitor_id)
                                      : sizeof(struct usher_agent_id));
    ush_sip_add(&s, key.base, key.len);
    return ush_sip_end(&s);
}

/* The key of the person on this link. */
static uint64_t link_key(const struct usher *u, const struct ush_link *l, struct usher_span key)
{
    return l->as == USHER_VISITOR ? ush_key_hash(u, USHER_VISITOR, &u->visitors[l->person].id, key)
                                  : ush_key_hash(u, USHER_AGENT, &u->agents[l->person].id, key);
}

static void add_span(struct ush_sip *s, struct usher_span span)
{
    ush_sip_add_u64(s, span.len);
    ush_sip_add(s, span.base, span.len);
}

/* In whatever order they are named; none leave no trace. */
static void add_needs(const struct usher *u, struct ush_sip *to, const struct usher_event *ev)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < ev->as.start.n_needs; i++) {
        struct ush_sip s;
        ush_sip_init(&s, u->digest_key);
        ush_sip_add(&s, &ev->as.start.needs[i].id, sizeof ev->as.start.needs[i].id);
        ush_sip_add_u64(&s, ev->as.start.needs[i].level);
        sum += ush_sip_end(&s);
    }
    if (ev->as.start.n_needs > 0) {
        ush_sip_add_u64(to, sum);
    }
}

/* What a keyed command says, in 64 bits; never 0. */
static uint64_t digest_of(const struct usher *u, const struct usher_event *ev)
{
    struct ush_sip s;
    ush_sip_init(&s, u->digest_key);
    ush_sip_add_u64(&s, ev->type);
    if (ev->type != USHER_EV_START) {
        ush_sip_add(&s, &ev->session, sizeof ev->session);
    }
    if (ev->type == USHER_EV_START) {
        ush_sip_add(&s, &ev->as.start.queue, sizeof ev->as.start.queue);
        add_span(&s, ev->as.start.name);
        add_span(&s, ev->as.start.email);
        add_span(&s, ev->as.start.body);
        add_needs(u, &s, ev);
    } else if (ev->type == USHER_EV_SAY || ev->type == USHER_EV_WHISPER) {
        add_span(&s, ev->as.say.body);
    } else if (ev->type == USHER_EV_VISIT) {
        add_span(&s, ev->as.visit.url);
        add_span(&s, ev->as.visit.title);
    } else if (ev->type == USHER_EV_SEEN) {
        ush_sip_add_u64(&s, ev->as.seen.upto);
    } else if (ev->type == USHER_EV_MOVE) {
        ush_sip_add(&s, &ev->as.move.queue, sizeof ev->as.move.queue);
        ush_sip_add(&s, &ev->as.move.agent, sizeof ev->as.move.agent);
    } else if (ev->type == USHER_EV_READY) {
        ush_sip_add_u64(&s, ev->as.ready.on);
        add_span(&s, ev->as.ready.reason);
    } else if (ev->type == USHER_EV_ACCEPT || ev->type == USHER_EV_DECLINE) {
        ush_sip_add_u64(&s, ev->as.answer.offer);
        add_span(&s, ev->as.answer.reason);
    }
    uint64_t digest = ush_sip_end(&s);
    return digest == 0 ? 1 : digest;
}

/* Makes room by forgetting closed sessions, the first closed first. */
bool ush_key_room(struct usher *u)
{
    while (u->key_pool.used == u->key_pool.size) {
        if (!ush_evict_oldest(u)) {
            return false;
        }
    }
    return true;
}

void ush_key_add(struct usher *u, uint64_t hash, struct ush_session *s, struct ush_agent *a,
                 const struct usher_fact *f)
{
    if (s == NULL && a->n_keys == USH_AGENT_KEYS_MAX) {
        struct ush_key *oldest = USH_ITEM(a->keys.next, struct ush_key, of);
        uint32_t at = USH_SLOT(u, keys, oldest);
        ush_list_del(&oldest->of);
        ush_map_del(&u->key_map, at);
        ush_pool_give(&u->key_pool, at);
        a->n_keys--;
    }
    uint32_t slot = ush_pool_take(&u->key_pool);
    CHECK(slot != USH_NONE);
    u->keys[slot] = (struct ush_key){.digest = f->digest,
                                     .seq = f->seq,
                                     .index = s == NULL ? 0 : f->index,
                                     .session = s == NULL ? USH_NONE : USH_SLOT(u, sessions, s),
                                     .log = f->log};
    ush_map_put(&u->key_map, slot, hash);
    ush_list_add_last(s == NULL ? &a->keys : &s->keys, &u->keys[slot].of);
    if (s == NULL) {
        a->n_keys++;
    }
}

void ush_keys_forget(struct usher *u, struct ush_list *of)
{
    while (!ush_list_empty(of)) {
        struct ush_key *k = USH_ITEM(of->next, struct ush_key, of);
        uint32_t slot = USH_SLOT(u, keys, k);
        ush_list_del(&k->of);
        ush_map_del(&u->key_map, slot);
        ush_pool_give(&u->key_pool, slot);
    }
}

/* May a key that is not in memory have been used before, as only the storage knows? */
static bool elsewhere(const struct usher *u, const struct ush_link *l, const struct usher_event *ev)
{
    if (l->as == USHER_VISITOR && !u->visitors[l->person].past) {
        return false;
    }
    if (ev->type == USHER_EV_ACCEPT || ev->type == USHER_EV_DECLINE) {
        /* What answers a live offer is new. */
        const struct ush_agent *a = &u->agents[l->person];
        return a->offer == USH_NONE || a->offer_number != ev->as.answer.offer;
    }
    /* The session of START is new, READY names none. */
    return ev->type != USHER_EV_BOARD && ev->type != USHER_EV_EXPLAIN &&
           ush_find_session(u, &ev->session) == USH_NONE;
}

static void answer_found(struct usher *u, struct ush_link *l, const struct usher_event *ev)
{
    if (l->find->digest != u->key.digest) {
        ush_refuse(u, l, ev, USHER_KEY_CONFLICT, "this key was used for something else", NULL);
        return;
    }
    struct ush_session past;
    memset(&past, 0, sizeof past);
    past.id = l->find->session;
    ush_done(u, l, ev->key, l->find->index == 0 ? NULL : &past, l->find->index, l->find->log, 0);
}

/* Has this keyed command had its effect already? Then it is answered. *rv is
 * EWAIT if the storage must be asked first. */
bool ush_key_answered(struct usher *u, struct ush_link *l, const struct usher_event *ev, int *rv)
{
    u->key.hash = link_key(u, l, ev->key);
    u->key.digest = digest_of(u, ev);
    uint32_t at = ush_map_first(&u->key_map, u->key.hash);
    if (at != USH_NONE) {
        const struct ush_key *k = &u->keys[at];
        if (l->find_state == USH_FIND_KNOWN) {
            l->find_state = USH_FIND_NONE; /* it is older than what is known here */
        }
        if (k->digest != u->key.digest) {
            ush_refuse(u, l, ev, USHER_KEY_CONFLICT, "this key was used for something else", NULL);
        } else {
            ush_done(u, l, ev->key, k->session == USH_NONE ? NULL : &u->sessions[k->session],
                     k->index, k->log, k->seq);
        }
        return true;
    }
    if (!elsewhere(u, l, ev)) {
        return false;
    }
    *rv = ush_find_wanted(u, l, ev, u->key.hash);
    if (*rv != 0) {
        return true;
    }
    bool found = l->find->found;
    bool failed = l->find->failed;
    l->find_state = USH_FIND_NONE;
    if (failed) {
        ush_refuse_busy(u, l, ev);
    } else if (found) {
        answer_found(u, l, ev);
    }
    return failed || found;
}
