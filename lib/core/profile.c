/* profile.c - agents who are alike, and the free ones of them in each order asked for.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

static uint64_t hash_of(const struct usher *u, const struct ush_profile *p)
{
    struct ush_sip s;
    ush_sip_init(&s, u->table_key);
    ush_sip_add(&s, p->queues, u->queue_words * sizeof *p->queues);
    ush_sip_add(&s, p->tiers, u->cfg.limits.queues);
    ush_sip_add(&s, p->levels, u->cfg.limits.skills);
    ush_sip_add_u64(&s, (uint64_t) p->capacity << 32 | p->weight);
    return ush_sip_end(&s);
}

/* What the profile of such an agent is, in the row behind the last. 0, EINVAL, EFULL. */
static int draft(struct usher *u, const struct usher_agent_set *set, struct ush_profile *p)
{
    uint32_t most = u->cfg.limits.capacity_max;
    p->capacity = set->capacity > 0 ? set->capacity : most < 6 ? most : 6;
    p->weight = set->weight > 0 ? set->weight : 1;
    if (p->capacity > most || p->weight > 1000) {
        return USHER_EINVAL;
    }
    memset(p->queues, 0, u->queue_words * sizeof *p->queues);
    memset(p->tiers, 0, u->cfg.limits.queues);
    memset(p->levels, 0, u->cfg.limits.skills);
    for (size_t i = 0; i < set->n_queues; i++) {
        uint32_t q = ush_find_queue(u, &set->queues[i]);
        if (q == USH_NONE || !u->queues[q].set) {
            return USHER_EINVAL;
        }
        ush_bit_put(p->queues, q, true);
        p->tiers[q] = set->tiers == NULL ? 0 : set->tiers[i];
    }
    int rv = ush_levels_read(u, set->skills, set->n_skills, p->levels);
    p->hash = hash_of(u, p);
    return rv;
}

static bool same(const struct usher *u, const struct ush_profile *a, const struct ush_profile *b)
{
    return a->hash == b->hash && a->capacity == b->capacity && a->weight == b->weight &&
           memcmp(a->queues, b->queues, u->queue_words * sizeof *a->queues) == 0 &&
           memcmp(a->tiers, b->tiers, u->cfg.limits.queues) == 0 &&
           memcmp(a->levels, b->levels, u->cfg.limits.skills) == 0;
}

static uint32_t find(const struct usher *u, const struct ush_profile *like)
{
    for (uint32_t i = 0; i < u->profile_pool.size; i++) {
        if (ush_pool_has(&u->profile_pool, i) && same(u, &u->profiles[i], like)) {
            return i;
        }
    }
    return USH_NONE;
}

static uint32_t make(struct usher *u, const struct ush_profile *like)
{
    uint32_t slot = ush_pool_take(&u->profile_pool);
    struct ush_profile *p = &u->profiles[slot];
    memcpy(p->queues, like->queues, u->queue_words * sizeof *p->queues);
    memcpy(p->tiers, like->tiers, u->cfg.limits.queues);
    memcpy(p->levels, like->levels, u->cfg.limits.skills);
    p->hash = like->hash;
    p->capacity = like->capacity;
    p->weight = like->weight;
    p->agents = 0;
    p->loads = 0;
    for (uint32_t i = 0; i < u->cfg.limits.capacity_max; i++) {
        ush_list_init(&p->by_load[i]);
    }
    for (int i = 0; i < USH_TURNS; i++) {
        ush_rank_init(&p->by_turn[i]);
    }
    ush_classes_tie(u, p);
    return slot;
}

/* Puts the agent into the profile that *set describes. 0, or EINVAL, EFULL: nothing changed. */
int ush_profile_join(struct usher *u, struct ush_agent *a, const struct usher_agent_set *set)
{
    struct ush_profile *like = &u->profiles[u->cfg.limits.profiles];
    uint32_t n_skills = u->n_skills;
    int rv = draft(u, set, like);
    if (rv != 0) {
        u->n_skills = n_skills;
        return rv;
    }
    uint32_t slot = find(u, like);
    bool full = u->profile_pool.used == u->profile_pool.size;
    if (slot == USH_NONE && full &&
        (a->profile == USH_NONE || u->profiles[a->profile].agents > 1)) {
        u->n_skills = n_skills;
        return USHER_EFULL;
    }
    if (slot == USH_NONE || slot != a->profile) {
        ush_profile_leave(u, a);
        slot = slot == USH_NONE ? make(u, like) : slot;
        u->profiles[slot].agents++;
        a->profile = slot;
    }
    return 0;
}

static void take_out(struct usher *u, struct ush_agent *a)
{
    if (ush_list_empty(&a->free)) {
        return;
    }
    struct ush_profile *p = &u->profiles[a->profile];
    struct ush_list *head = a->free.next;
    bool last = head == a->free.prev; /* only the list's head is beside him */
    ush_list_del(&a->free);
    if (last) {
        uint32_t load = (uint32_t) (head - p->by_load);
        p->loads &= ~((uint32_t) 1 << load);
        if (p->loads == 0) {
            ush_bit_put(u->profiles_free, a->profile, false);
        }
    }
    for (int t = 0; t < USH_TURNS; t++) {
        uint32_t slot = USH_SLOT(u, agents, a);
        if (u->turn_nodes[t][slot].count > 0) {
            ush_rank_del(&p->by_turn[t], u->turn_nodes[t], slot);
        }
    }
}

static void put_turn(struct usher *u, struct ush_agent *a, int turn)
{
    ush_rank_add(&u->profiles[a->profile].by_turn[turn], u->turn_nodes[turn],
                 USH_SLOT(u, agents, a), (int64_t) a->turn[turn], a->idle);
}

void ush_profile_put(struct usher *u, struct ush_agent *a, bool free)
{
    take_out(u, a);
    if (!free) {
        return;
    }
    struct ush_profile *p = &u->profiles[a->profile];
    a->idle = ++u->idle;
    ush_list_add_last(&p->by_load[a->load], &a->free);
    p->loads |= (uint32_t) 1 << a->load;
    ush_bit_put(u->profiles_free, a->profile, true);
    for (int t = 0; t < USH_TURNS; t++) {
        if ((u->turns >> t & 1) != 0) {
            put_turn(u, a, t);
        }
    }
}

/* Some queue picks by this turn from now on. */
void ush_profiles_turn(struct usher *u, enum ush_turn turn)
{
    if ((u->turns >> turn & 1) != 0) {
        return;
    }
    u->turns |= 1U << turn;
    for (uint32_t i = 0; i < u->agent_pool.size; i++) {
        if (ush_pool_has(&u->agent_pool, i) && !ush_list_empty(&u->agents[i].free)) {
            put_turn(u, &u->agents[i], (int) turn);
        }
    }
}

void ush_profile_leave(struct usher *u, struct ush_agent *a)
{
    if (a->profile == USH_NONE) {
        return;
    }
    take_out(u, a);
    struct ush_profile *p = &u->profiles[a->profile];
    if (--p->agents == 0) {
        for (uint32_t i = 0; i < u->class_pool.size; i++) {
            if (ush_bit(p->classes, i)) {
                ush_bit_put(u->classes[i].profiles, a->profile, false);
            }
        }
        ush_pool_give(&u->profile_pool, a->profile);
    }
    a->profile = USH_NONE;
}
