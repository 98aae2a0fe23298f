/* core_oracle.c - who may, in which order, and who is chosen: the headers taken literally.
 * SPDX-License-Identifier: MIT */
#include "core_oracle.h"

int64_t oracle_now(const struct oracle *o)
{
    return (int64_t) o->h->now.mono_ms;
}

const struct usher_queue_set *oracle_queue(const struct oracle *o, const char *id)
{
    for (unsigned i = 0; i < o->h->n_queues; i++) {
        if (strcmp(o->h->queues[i].queue.s, id) == 0) {
            return &o->h->queues[i];
        }
    }
    fail_msg("seed %llu: no queue %s", (unsigned long long) o->seed, id);
    return NULL;
}

static const struct usher_queue_set *queue_of(const struct oracle *o, int s)
{
    return oracle_queue(o, o->h->sessions[s].queue);
}

uint32_t oracle_cost(const struct oracle *o, int s)
{
    uint32_t cost = queue_of(o, s)->cost;
    return cost != 0 ? cost : 1;
}

uint32_t oracle_capacity(const struct oracle *o, int agent)
{
    uint32_t capacity = o->h->sets[agent].capacity;
    return capacity != 0 ? capacity : 6;
}

uint32_t oracle_load(const struct oracle *o, int agent, bool most)
{
    uint32_t load = 0;
    for (int s = 0; s < ORACLE_SESSIONS; s++) {
        const struct hall_session *hs = &o->h->sessions[s];
        if (hs->state == USHER_STATE_ACTIVE && hs->owner == agent) {
            load += oracle_cost(o, s);
        } else if (hs->state == USHER_STATE_OFFERED && hall_is_offered(o->h, s, agent)) {
            load += oracle_cost(o, s);
        }
    }
    const struct oracle_agent *a = &o->agents[agent];
    for (unsigned i = 0; i < a->n_wraps; i++) {
        if (a->wraps[i].until_ms > oracle_now(o) && (most || a->wraps[i].sure)) {
            load += a->wraps[i].cost;
        }
    }
    return load;
}

static int64_t age_of(const struct oracle *o, int s)
{
    return oracle_now(o) - o->h->sessions[s].came_ms;
}

/* What is left of a need, by the steps that are due. */
static uint32_t need_left(const struct oracle *o, int s, const struct usher_skill *need)
{
    const struct usher_queue_set *q = queue_of(o, s);
    uint32_t level = need->level;
    for (size_t i = 0; i < q->n_steps; i++) {
        const struct usher_step_set *st = &q->steps[i];
        bool named = st->skill.s[0] == 0 || strcmp(st->skill.s, need->id.s) == 0;
        if (age_of(o, s) >= st->after_ms && named) {
            if (st->kind == USHER_STEP_DROP) {
                level = 0;
            } else if (st->kind == USHER_STEP_LOWER) {
                level = level > st->by ? level - st->by : 0;
            }
        }
    }
    return level;
}

static uint32_t level_of(const struct oracle *o, int agent, const struct usher_skill_id *id)
{
    const struct usher_agent_set *set = &o->h->sets[agent];
    for (size_t i = 0; i < set->n_skills; i++) {
        if (strcmp(set->skills[i].id.s, id->s) == 0) {
            return set->skills[i].level;
        }
    }
    return 0;
}

static int place_in(const struct oracle *o, int agent, const char *queue)
{
    const struct usher_agent_set *set = &o->h->sets[agent];
    for (size_t i = 0; i < set->n_queues; i++) {
        if (strcmp(set->queues[i].s, queue) == 0) {
            return (int) i;
        }
    }
    return -1;
}

static bool serves(const struct oracle *o, int s, int agent)
{
    const struct usher_queue_set *q = queue_of(o, s);
    bool does = place_in(o, agent, q->queue.s) >= 0;
    for (size_t i = 0; i < q->n_steps; i++) {
        does =
            does || (q->steps[i].kind == USHER_STEP_WIDEN && age_of(o, s) >= q->steps[i].after_ms &&
                     place_in(o, agent, q->steps[i].queue.s) >= 0);
    }
    return does;
}

static bool skilled(const struct oracle *o, int s, int agent)
{
    const struct oracle_session *os = &o->sessions[s];
    for (size_t i = 0; i < os->n_needs; i++) {
        if (level_of(o, agent, &os->needs[i].id) < need_left(o, s, &os->needs[i])) {
            return false;
        }
    }
    return true;
}

static bool limits_full(const struct oracle *o, int s)
{
    const struct usher_queue_set *q = queue_of(o, s);
    uint32_t of_queue = 0, of_desk = 0;
    for (int i = 0; i < ORACLE_SESSIONS; i++) {
        const struct hall_session *other = &o->h->sessions[i];
        if (other->state == USHER_STATE_OFFERED || other->state == USHER_STATE_ACTIVE) {
            of_desk++;
            of_queue += strcmp(other->queue, q->queue.s) == 0;
        }
    }
    return (q->active_max != 0 && of_queue >= q->active_max) ||
           (o->h->cfg.active_max != 0 && of_desk >= o->h->cfg.active_max);
}

static bool present(const struct oracle *o, int agent)
{
    return o->h->agents[agent].ready && o->h->agents[agent].link != 0;
}

/* Somebody with a heavy session in mind may be kept free for it. */
static bool may_be_kept(const struct oracle *o, int s, int agent)
{
    for (int i = 0; i < ORACLE_SESSIONS; i++) {
        if (i == s || o->h->sessions[i].state != USHER_STATE_WAITING) {
            continue;
        }
        const struct usher_queue_set *q = queue_of(o, i);
        /* Who was kept stays kept, even if his queue keeps nobody any more. */
        bool keeps = (q->drain_ms != 0 && age_of(o, i) >= q->drain_ms) ||
                     (!o->strict && o->drained[q - o->h->queues]);
        if (keeps && oracle_cost(o, i) > 1 && serves(o, i, agent) &&
            oracle_cost(o, i) <= oracle_capacity(o, agent)) {
            return true;
        }
    }
    return false;
}

bool oracle_able(const struct oracle *o, int s, int agent)
{
    return serves(o, s, agent) && skilled(o, s, agent) &&
           oracle_cost(o, s) <= oracle_capacity(o, agent);
}

static enum verdict hold_says(const struct oracle *o, int s, int agent)
{
    const struct oracle_session *os = &o->sessions[s];
    if (os->first == NOBODY || os->first == agent || oracle_now(o) >= os->hold_ms) {
        return YES;
    }
    /* With a fan-out others are asked beside him, as it is now. */
    if (!os->hold_sure || !oracle_able(o, s, os->first) ||
        (!o->strict && queue_of(o, s)->fanout > 1)) {
        return MAYBE;
    }
    return present(o, os->first) ? NO : YES;
}

/* One offer at a time: an agent who is asked is not asked again before he has answered. */
static bool is_asked(const struct oracle *o, int agent)
{
    bool is = false;
    for (int s = 0; s < ORACLE_SESSIONS; s++) {
        is = is ||
             (o->h->sessions[s].state == USHER_STATE_OFFERED && hall_is_offered(o->h, s, agent));
    }
    return is;
}

enum verdict oracle_may(const struct oracle *o, int s, int agent)
{
    if (o->h->sessions[s].state != USHER_STATE_WAITING) {
        return NO;
    }
    const struct usher_queue_set *q = queue_of(o, s);
    const struct oracle_session *os = &o->sessions[s];
    uint32_t cost = oracle_cost(o, s), capacity = oracle_capacity(o, agent);
    bool named = os->named && os->first == agent;
    /* Who was kept for it stays kept, whatever is set meanwhile, as it is now. */
    bool kept = !o->strict && cost > 1 && o->drained[q - o->h->queues];
    bool suits = serves(o, s, agent) && skilled(o, s, agent);
    bool fits = named || kept || suits;
    if ((q->offering == USHER_OFFERING_MANUAL && !named) || !present(o, agent) || !fits ||
        (q->offering == USHER_OFFERING_ASK && is_asked(o, agent)) ||
        oracle_load(o, agent, false) + cost > capacity || (!named && limits_full(o, s)) ||
        oracle_now(o) < os->not_ms[agent] || hold_says(o, s, agent) == NO) {
        return NO;
    }
    if (is_asked(o, agent) || !suits || named || oracle_now(o) < os->maybe_ms[agent] ||
        oracle_load(o, agent, true) + cost > capacity || !q->open || may_be_kept(o, s, agent) ||
        hold_says(o, s, agent) == MAYBE) {
        return MAYBE;
    }
    return YES;
}

static int64_t urgency(const struct oracle *o, int s)
{
    const struct usher_queue_set *q = queue_of(o, s);
    int64_t age = age_of(o, s);
    int64_t by = q->order_ms[o->h->sessions[s].priority];
    switch (q->order) {
    case USHER_ORDER_HEAD_START:
        return (age + by) * 1000;
    case USHER_ORDER_DEADLINE:
        return (age - by) * 1000;
    case USHER_ORDER_SLOPE:
        return age * (by != 0 ? by : 1000);
    case USHER_ORDER_FIFO:
    case USHER_ORDER_STRICT:
        break;
    }
    return age * 1000;
}

bool oracle_before(const struct oracle *o, int s, int than)
{
    const struct hall_session *a = &o->h->sessions[s], *b = &o->h->sessions[than];
    uint32_t level_a = queue_of(o, s)->order == USHER_ORDER_STRICT ? a->priority : 0;
    uint32_t level_b = queue_of(o, than)->order == USHER_ORDER_STRICT ? b->priority : 0;
    if (level_a != level_b) {
        return level_a > level_b;
    }
    if (urgency(o, s) != urgency(o, than)) {
        return urgency(o, s) > urgency(o, than);
    }
    return a->came_ms != b->came_ms ? a->came_ms < b->came_ms : a->came_seq < b->came_seq;
}

/* Negative: b is better; positive: a is; 0: equal, or not known. */
static int by_load(const struct oracle *o, int b, int a)
{
    uint64_t load_b = (uint64_t) oracle_load(o, b, true) * oracle_capacity(o, a);
    uint64_t load_a = (uint64_t) oracle_load(o, a, true) * oracle_capacity(o, b);
    if (oracle_load(o, a, false) != oracle_load(o, a, true) ||
        oracle_load(o, b, false) != oracle_load(o, b, true)) {
        return 1;
    }
    return load_b < load_a ? -1 : load_b > load_a;
}

static int by_skill(const struct oracle *o, int s, int b, int a)
{
    const struct oracle_session *os = &o->sessions[s];
    int64_t all = 0, left = 0;
    for (size_t i = 0; i < os->n_needs; i++) {
        int64_t more =
            (int64_t) level_of(o, b, &os->needs[i].id) - (int64_t) level_of(o, a, &os->needs[i].id);
        all += more;
        left += need_left(o, s, &os->needs[i]) > 0 ? more : 0;
    }
    if (all > 0 && left > 0) {
        return -1;
    }
    return all == 0 && left == 0 ? by_load(o, b, a) : 1;
}

static int by_turn(const struct oracle *o, int b, int a)
{
    const struct oracle_agent *ob = &o->agents[b], *oa = &o->agents[a];
    if (ob->offer_seq < oa->offer_seq && ob->own_seq < oa->own_seq) {
        return -1;
    }
    return ob->offer_seq == oa->offer_seq && ob->own_seq == oa->own_seq ? 0 : 1;
}

static int by_policy(const struct oracle *o, int b, int a)
{
    struct usher_candidate cb = {.tier = 0}, ca = {.tier = 0};
    strcpy(cb.agent.s, hall_name(b));
    strcpy(ca.agent.s, hall_name(a));
    int64_t more = o->h->cfg.policy.score(NULL, &cb) - o->h->cfg.policy.score(NULL, &ca);
    return more > 0 ? -1 : more < 0;
}

static int by_pick(const struct oracle *o, int s, int b, int a)
{
    switch (queue_of(o, s)->pick) {
    case USHER_PICK_LEAST_LOADED:
        return by_load(o, b, a);
    case USHER_PICK_LONGEST_IDLE:
        return 0;
    case USHER_PICK_ROUND_ROBIN:
        return by_turn(o, b, a);
    case USHER_PICK_MOST_SKILLED:
        return by_skill(o, s, b, a);
    case USHER_PICK_PACK:
        return by_load(o, a, b);
    case USHER_PICK_POLICY:
        return by_policy(o, b, a);
    case USHER_PICK_FEWEST:
    case USHER_PICK_RANDOM:
        break;
    }
    return 1;
}

/* When his load changed last, the ends of wrap-ups among it. */
static int64_t changed_ms(const struct oracle *o, int agent)
{
    const struct oracle_agent *a = &o->agents[agent];
    int64_t last = a->load_ms;
    for (unsigned i = 0; i < a->n_wraps; i++) {
        if (a->wraps[i].until_ms <= oracle_now(o) && a->wraps[i].until_ms > last) {
            last = a->wraps[i].until_ms;
        }
    }
    return last;
}

bool oracle_better(struct oracle *o, int s, int b, int a)
{
    const char *queue = o->h->sessions[s].queue;
    int in_b = place_in(o, b, queue), in_a = place_in(o, a, queue);
    if (in_b < 0 || in_a < 0) {
        return false; /* by a step: the headers do not say which tier that is */
    }
    const uint8_t *tiers_b = o->h->sets[b].tiers, *tiers_a = o->h->sets[a].tiers;
    int tier_b = tiers_b != NULL ? tiers_b[in_b] : 0, tier_a = tiers_a != NULL ? tiers_a[in_a] : 0;
    o->n_picks++;
    if (tier_b != tier_a) {
        return tier_b < tier_a;
    }
    int sign = by_pick(o, s, b, a);
    if (sign != 0) {
        return sign < 0;
    }
    o->n_ties++;
    return changed_ms(o, b) < changed_ms(o, a) && o->agents[b].here_ms < changed_ms(o, a);
}
