/* memory.c - takes all memory of a core at once, from its limits.
 * SPDX-License-Identifier: MIT */
#include "desk.h"

/* Walks the layout; with base NULL it only adds up. */
struct carver {
    char *base;
    size_t used;
};

static void *carve(struct carver *c, size_t n, size_t each)
{
    size_t at = (c->used + 15) & ~(size_t) 15;
    c->used = at + n * each;
    return c->base == NULL ? NULL : (void *) (c->base + at);
}

static void carve_pool(struct carver *c, struct ush_pool *p, uint32_t n)
{
    uint64_t *words = carve(c, ush_pool_words(n), sizeof *words);
    if (words != NULL) {
        ush_pool_init(p, words, n);
    }
}

static void carve_map(struct carver *c, struct ush_map *m, uint32_t n)
{
    uint32_t *heads = carve(c, ush_map_heads(n), sizeof *heads);
    struct ush_map_node *nodes = carve(c, n, sizeof *nodes);
    if (heads != NULL) {
        ush_map_init(m, heads, nodes, n);
    }
}

static void carve_page(struct carver *c, struct ush_page *p, const struct usher_limits *l)
{
    p->facts = carve(c, l->batch_facts, sizeof *p->facts);
    p->sessions = carve(c, l->batch_facts, sizeof *p->sessions);
    p->gens = carve(c, l->batch_facts, sizeof *p->gens);
    p->bytes = carve(c, l->batch_bytes, 1);
}

static void carve_people(struct usher *u, struct carver *c, const struct usher_limits *l)
{
    uint32_t visitors = l->links + l->sessions;
    u->queues = carve(c, l->queues, sizeof *u->queues);
    u->agents = carve(c, l->agents, sizeof *u->agents);
    struct ush_wrap *wraps = carve(c, (size_t) l->agents * l->capacity_max, sizeof *wraps);
    u->visitors = carve(c, visitors, sizeof *u->visitors);
    for (uint32_t i = 0; c->base != NULL && i < l->agents; i++) {
        u->agents[i].wraps = wraps + (size_t) i * l->capacity_max;
    }
    carve_pool(c, &u->agent_pool, l->agents);
    carve_pool(c, &u->visitor_pool, visitors);
    carve_map(c, &u->queue_map, l->queues);
    carve_map(c, &u->agent_map, l->agents);
    carve_map(c, &u->visitor_map, visitors);
    carve_map(c, &u->token_map, visitors);
}

/* One profile more than the limit: the draft of the next one (profile.c). */
static void carve_profiles(struct usher *u, struct carver *c, const struct usher_limits *l)
{
    size_t n = (size_t) l->profiles + 1;
    u->profiles = carve(c, n, sizeof *u->profiles);
    u->profiles_free = carve(c, u->profile_words, sizeof *u->profiles_free);
    uint64_t *queues = carve(c, n * u->queue_words, sizeof *queues);
    uint64_t *classes = carve(c, n * u->class_words, sizeof *classes);
    uint8_t *tiers = carve(c, n * l->queues, 1);
    uint8_t *levels = carve(c, n * l->skills, 1);
    struct ush_list *lists = carve(c, n * l->capacity_max, sizeof *lists);
    for (uint32_t i = 0; c->base != NULL && i < n; i++) {
        u->profiles[i].queues = queues + (size_t) i * u->queue_words;
        u->profiles[i].classes = classes + (size_t) i * u->class_words;
        u->profiles[i].tiers = tiers + (size_t) i * l->queues;
        u->profiles[i].levels = levels + (size_t) i * l->skills;
        u->profiles[i].by_load = lists + (size_t) i * l->capacity_max;
    }
    for (int t = 0; t < USH_TURNS; t++) {
        u->turn_nodes[t] = carve(c, l->agents, sizeof *u->turn_nodes[t]);
    }
    carve_pool(c, &u->profile_pool, l->profiles);
}

static void carve_routing(struct usher *u, struct carver *c, const struct usher_limits *l)
{
    u->queue_words = (l->queues + 63) / 64;
    u->profile_words = (l->profiles + 63) / 64;
    u->class_words = (l->classes + 63) / 64;
    u->skills = carve(c, l->skills, sizeof *u->skills);
    u->shown = carve(c, l->queues, sizeof *u->shown);
    u->classes = carve(c, l->classes, sizeof *u->classes);
    u->classes_waiting = carve(c, u->class_words, sizeof *u->classes_waiting);
    uint64_t *profiles = carve(c, (size_t) l->classes * u->profile_words, sizeof *profiles);
    u->edges = carve(c, (size_t) l->classes * l->profiles, sizeof *u->edges);
    for (uint32_t i = 0; c->base != NULL && i < l->classes; i++) {
        u->classes[i].profiles = profiles + (size_t) i * u->profile_words;
    }
    carve_pool(c, &u->class_pool, l->classes);
    carve_map(c, &u->class_map, l->classes);
    carve_profiles(u, c, l);
}

static void carve_sessions(struct usher *u, struct carver *c, const struct usher_limits *l)
{
    uint32_t keys = l->keys + l->agents * USH_AGENT_KEYS_MAX;
    u->sessions = carve(c, l->sessions, sizeof *u->sessions);
    u->forms = carve(c, l->sessions, sizeof *u->forms);
    u->ranks = carve(c, l->sessions, sizeof *u->ranks);
    u->keys = carve(c, keys, sizeof *u->keys);
    carve_pool(c, &u->session_pool, l->sessions);
    carve_pool(c, &u->key_pool, keys);
    carve_map(c, &u->session_map, l->sessions);
    carve_map(c, &u->key_map, keys);
    uint32_t timers = 4 * l->sessions + 4 * l->agents + l->boards + l->classes;
    struct ush_timer **items = carve(c, (size_t) timers + 1, sizeof(void *));
    if (items != NULL) {
        ush_heap_init(&u->timers, items, timers);
    }
}

static void carve_links(struct usher *u, struct carver *c, const struct usher_limits *l)
{
    u->attached_agent = 2 * l->capacity_max + 8;
    uint64_t agent_links = (uint64_t) l->agents * l->links_agent;
    agent_links = agent_links < l->links ? agent_links : l->links;
    uint32_t attached =
        l->links * USH_VISITOR_ATTACHED + (uint32_t) agent_links * u->attached_agent;
    u->links = carve(c, l->links, sizeof *u->links);
    u->finds = carve(c, l->links, sizeof *u->finds);
    u->histories = carve(c, l->links, sizeof *u->histories);
    u->attached = carve(c, attached, sizeof *u->attached);
    u->answers = carve(c, l->answers, sizeof *u->answers);
    carve_pool(c, &u->link_pool, l->links);
    carve_pool(c, &u->attached_pool, attached);
    carve_pool(c, &u->answer_pool, l->answers);
    carve_map(c, &u->link_map, l->links);
    u->hello_queues = carve(c, l->queues, sizeof *u->hello_queues);
    u->hello_agents = carve(c, l->agents, sizeof *u->hello_agents);
    u->hello_sessions =
        carve(c, u->attached_agent > USHER_HAVE_MAX ? u->attached_agent : USHER_HAVE_MAX,
              sizeof *u->hello_sessions);
}

static void carve_boards(struct usher *u, struct carver *c, const struct usher_limits *l)
{
    u->board_words = (l->queues + l->agents + 63) / 64;
    u->boards = carve(c, l->boards, sizeof *u->boards);
    uint64_t *rows = carve(c, (size_t) l->boards * u->board_words, sizeof *rows);
    u->board_queues = carve(c, USH_BOARD_ROWS, sizeof *u->board_queues);
    u->board_agents = carve(c, USH_BOARD_ROWS, sizeof *u->board_agents);
    carve_pool(c, &u->board_pool, l->boards);
    for (uint32_t i = 0; c->base != NULL && i < l->boards; i++) {
        u->boards[i].rows = rows + (size_t) i * u->board_words;
    }
}

static size_t lay_out(struct usher *u, char *base)
{
    const struct usher_limits *l = &u->cfg.limits;
    struct carver c = {base, sizeof *u};
    carve_people(u, &c, l);
    carve_routing(u, &c, l);
    carve_sessions(u, &c, l);
    carve_links(u, &c, l);
    carve_boards(u, &c, l);
    carve_page(&c, &u->pages[0], l);
    carve_page(&c, &u->pages[1], l);
    u->ring.size = l->recent_bytes;
    u->ring.base = carve(&c, l->recent_bytes, 1);
    u->fetched.size = USHER_HISTORY_MAX;
    u->fetched.facts = carve(&c, u->fetched.size, sizeof *u->fetched.facts);
    u->fetched.bytes_size = 262144 + (size_t) l->body_max + USH_SMALL * (size_t) USHER_HISTORY_MAX;
    u->fetched.bytes = carve(&c, u->fetched.bytes_size, 1);
    return c.used;
}

static void default_u32(uint32_t *n, uint32_t otherwise)
{
    *n = *n == 0 ? otherwise : *n;
}

static bool complete(struct usher_config *cfg)
{
    struct usher_limits *l = &cfg->limits;
    default_u32(&l->links, 10000);
    default_u32(&l->sessions, 20000);
    default_u32(&l->agents, 256);
    default_u32(&l->queues, 64);
    default_u32(&l->skills, 64);
    default_u32(&l->classes, 256);
    default_u32(&l->profiles, l->agents);
    default_u32(&l->keys, 200000);
    default_u32(&l->answers, 65536);
    default_u32(&l->capacity_max, 16);
    default_u32(&l->links_visitor, 8);
    default_u32(&l->links_agent, 5);
    default_u32(&l->boards, 16);
    default_u32(&l->batch_facts, 1024);
    default_u32(&l->body_max, 8192);
    l->batch_bytes = l->batch_bytes == 0 ? 1048576 : l->batch_bytes;
    l->recent_bytes = l->recent_bytes == 0 ? 8388608 : l->recent_bytes;
    l->recent_bytes &= ~(size_t) 15;
    default_u32(&cfg->agent_grace_ms, 120000);
    default_u32(&cfg->visitor_waiting_ms, 300000);
    default_u32(&cfg->visitor_active_ms, 1800000);
    default_u32(&cfg->missed_max, 2);
    default_u32(&cfg->place_ms, 15000);
    default_u32(&cfg->board_ms, 1000);
    cfg->window_ms = cfg->window_ms == 0 ? 86400000 : cfg->window_ms;
    if (cfg->window_ms < 1000) {
        return false;
    }
    uint32_t many = 50000000;
    size_t fact_max = sizeof(struct ush_recent) + l->body_max + USH_SMALL;
    return l->links <= many && l->sessions <= many && l->agents <= 1000000 && l->queues <= 65536 &&
           l->skills <= 1024 && l->classes <= 65536 && l->profiles <= 1000000 && l->keys <= many &&
           l->answers <= many && l->capacity_max <= 32 && l->links_visitor <= 64 &&
           l->links_agent <= 64 && l->boards <= 1024 && l->batch_facts >= 16 &&
           l->batch_facts <= 1000000 && l->body_max <= 1048576 &&
           l->batch_bytes >= 4 * (l->body_max + (size_t) USH_SMALL) &&
           l->recent_bytes >= 4 * fact_max;
}

void usher_config_default(struct usher_config *cfg, size_t size)
{
    memset(cfg, 0, size);
    cfg->size = size;
}

/* The caller's configuration with every default filled in. */
static bool read_config(struct usher_config *to, const struct usher_config *from)
{
    if (from == NULL || from->size < sizeof from->size || from->size > sizeof *from) {
        return false;
    }
    memset(to, 0, sizeof *to);
    memcpy(to, from, from->size);
    to->size = sizeof *to;
    return complete(to);
}

size_t usher_footprint(const struct usher_config *cfg)
{
    struct usher plan;
    memset(&plan, 0, sizeof plan);
    return read_config(&plan.cfg, cfg) ? lay_out(&plan, NULL) : 0;
}

static void init_lists(struct usher *u)
{
    struct ush_list *lists[] = {&u->ready, &u->gated,  &u->dropped,     &u->finding,     &u->asking,
                                &u->want,  &u->closed, &u->todo_agents, &u->todo_classes};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        ush_list_init(lists[i]);
    }
}

int usher_new(struct usher **out, const struct usher_config *cfg)
{
    struct usher plan;
    memset(&plan, 0, sizeof plan);
    if (out == NULL || !read_config(&plan.cfg, cfg)) {
        return USHER_EINVAL;
    }
    if (plan.cfg.mem.resize == NULL) {
        plan.cfg.mem.resize = ush_libc_resize;
    }
    size_t size = lay_out(&plan, NULL);
    struct usher *u = plan.cfg.mem.resize(plan.cfg.mem.ctx, NULL, 0, size);
    if (u == NULL) {
        return USHER_ENOMEM;
    }
    u->cfg = plan.cfg;
    u->size = size;
    lay_out(u, (char *) u);
    u->table_key = ush_sip_key(u->cfg.seed);
    memcpy(&u->chance_state, u->cfg.seed, sizeof u->chance_state);
    u->fetched.attached = u->fetched.link = USH_NONE;
    u->ring.head = u->ring.tail = u->ring.size; /* position 0 means nothing */
    init_lists(u);
    *out = u;
    return 0;
}

void usher_free(struct usher *u)
{
    if (u != NULL) {
        u->cfg.mem.resize(u->cfg.mem.ctx, u, u->size, 0);
    }
}
