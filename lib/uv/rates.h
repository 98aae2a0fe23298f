/* rates.h - who did how much lately: one bounded table for addresses, visitors, agents, accounts.
 * SPDX-License-Identifier: MIT
 *
 * A record is found by a keyed hash. When the table is full, a record that says
 * nothing any more (all buckets full, no live link) is reused; if there is none,
 * newcomers share one common record. So nobody can get rid of his own record by
 * pushing others in. */
#ifndef USH_RATES_H
#define USH_RATES_H

#include "../base/list.h"
#include "../base/map.h"
#include "../base/sip.h"
#include "bucket.h"

enum { USH_RATE_ACCEPT, USH_RATE_SAY, USH_RATE_START, USH_RATE_HELLO, USH_RATE_BUCKETS };
enum {
    USH_COUNT_MINUTE, USH_COUNT_DAY,               /* commands of a visitor */
    USH_COUNT_SIGNIN,                              /* wrong tokens of an address */
    USH_COUNT_LOGIN_ADDRESS, USH_COUNT_LOGIN_ACCOUNT, /* wrong passwords */
    USH_COUNTS
};

/* How long each count looks back. */
extern const uint32_t ush_stretch_ms[USH_COUNTS];

struct ush_record {
    struct ush_list used;  /* in the table's list, longest unused first */
    uint64_t hash;
    uint64_t shut_until_ms; /* too many wrong tokens */
    uint32_t links;         /* live ones; such a record is never reused */
    /* Of a visitor: starts that were let in, and of which it is not known yet whether they open a
     * session. Such a record is never reused. */
    struct ush_list starting;
    uint32_t starts;
    uint64_t start_key;            /* of the last one, hashed; 0: it had none */
    struct ush_record *start_from; /* the address that it came from */
    struct ush_bucket bucket[USH_RATE_BUCKETS];
    struct ush_count count[USH_COUNTS];
};

struct ush_table {
    struct ush_record *records;
    struct ush_map map;
    struct ush_list used;      /* all records in use, longest unused first */
    uint32_t n, size;
    struct ush_record common;  /* shared by those for whom there is no room */
    struct ush_sip_key key;
};

/* Errors: ENOMEM. */
int ush_table_init(struct ush_table *t, uint32_t size, const uint8_t key[16]);
void ush_table_done(struct ush_table *t); /* zeroed memory is fine */

/* The record of a name within a kind ('a' address, 'v' visitor …); never NULL.
 * It stays until the next call. */
struct ush_record *ush_table_get(struct ush_table *t, char kind, const void *name, size_t len,
                                 uint64_t now_ms);
/* A keyed hash of any bytes, never 0. */
uint64_t ush_table_hash(const struct ush_table *t, char kind, const void *name, size_t len);
/* The record, if there is one already; NULL, or the common one if the table is full. */
struct ush_record *ush_table_look(struct ush_table *t, char kind, const void *name, size_t len);

#endif
