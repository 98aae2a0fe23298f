/* core_oracle.h - who may have which session, and who must: the plain definitions.
 * SPDX-License-Identifier: MIT */
#ifndef USH_TEST_CORE_ORACLE_H
#define USH_TEST_CORE_ORACLE_H

#include "core_hall.h"

enum { ORACLE_SESSIONS = 20, ORACLE_WRAPS = 64 };

/* May this agent have this session now? MAYBE where the headers leave it open. */
enum verdict { NO, MAYBE, YES };

struct oracle_wrap {
    int64_t until_ms;
    uint32_t cost;
    bool sure; /* false: before a restart */
};

struct oracle_agent {
    int64_t load_ms;             /* when his load changed last */
    uint64_t step;               /* in which something about him changed last */
    int64_t here_ms;             /* when he came, went ready, or was set anew last */
    uint64_t offer_seq, own_seq; /* of the last session offered to him, and had by him */
    struct oracle_wrap wraps[ORACLE_WRAPS];
    unsigned n_wraps;
};

struct oracle_session {
    struct usher_skill needs[USHER_NEEDS_MAX];
    size_t n_needs;
    unsigned overs; /* offers declined or missed since it was last had */
    int64_t not_ms[HALL_AGENTS],
        maybe_ms[HALL_AGENTS]; /* who shall not have it, may not have it, till then */
    int first;                 /* who is asked before others; NOBODY */
    bool named;                /* somebody moved it to him: queues and skills do not count */
    int64_t hold_ms;           /* it waits for him alone till then */
    bool hold_sure;
    bool was_had;       /* it ended with an agent */
    uint64_t over_step; /* in which an offer of it ended last */
    bool was_offered;   /* since its place was told */
    int64_t place_ms;   /* since when what was told of its place is not so; NOBODY: it is */
};

struct oracle {
    struct hall *h;
    struct oracle_agent agents[HALL_AGENTS];
    struct oracle_session sessions[ORACLE_SESSIONS];
    uint64_t seed;
    uint64_t set_step; /* in which a queue was set, or a place under a limit came free, last */
    bool drained[8];   /* queues that kept agents free, once */
    bool strict;       /* compare what is left out otherwise, see where it is used */
    bool trace;        /* every fact is printed */
    /* How often something was seen that could have been wrong. */
    unsigned n_given, n_orders, n_picks, n_ties, n_gates, n_places, n_holds, n_exclusions;
};

/* Listens to the hall from now on. Fails with a text that names the seed. */
void oracle_watch(struct oracle *o, struct hall *h, uint64_t seed);
/* Tell it what cannot be seen in facts. */
void oracle_needs(struct oracle *o, int s, const struct usher_skill *needs, size_t n);
void oracle_agent_changed(struct oracle *o, int agent);
void oracle_queue_changed(struct oracle *o, unsigned q);
void oracle_restarting(struct oracle *o);

/* Parts of it. */
const struct usher_queue_set *oracle_queue(const struct oracle *o, const char *id);
uint32_t oracle_cost(const struct oracle *o, int s);
enum verdict oracle_may(const struct oracle *o, int s, int agent);
/* Could he have it, if he were here and free? */
bool oracle_able(const struct oracle *o, int s, int agent);
/* Does the first of two waiting sessions go before the second? */
bool oracle_before(const struct oracle *o, int s, int than);
/* Is b surely a better choice than a for this session? */
bool oracle_better(struct oracle *o, int s, int b, int a);
uint32_t oracle_load(const struct oracle *o, int agent, bool most);
uint32_t oracle_capacity(const struct oracle *o, int agent);
void oracle_tell(const struct oracle *o);
void oracle_tell_fact(const struct oracle *o, const struct usher_fact *f);
int64_t oracle_now(const struct oracle *o);

#endif
