/* doorman.c - who may come in, and how much may they do? Pure: time is an argument.
 * SPDX-License-Identifier: MIT */
#include "doorman.h"

#include <stdlib.h>
#include <string.h>

/* Records of each table: at least so many, and two for each link. */
#define RECORDS_MIN 16384
/* When there are too many links, say when one may be gone. */
#define RETRY_FULL_MS 5000
/* How long an address is shut out after too many wrong tokens. */
#define SHUT_MS (15 * 60 * 1000)

static void rate_default(struct usher_rate *rate, uint32_t burst, uint32_t refill_ms)
{
    if (rate->burst == 0) {
        *rate = (struct usher_rate){burst, refill_ms};
    }
}

static void number_default(uint32_t *n, uint32_t value)
{
    if (*n == 0) {
        *n = value;
    }
}

static void defaults(struct usher_rates *r)
{
    number_default(&r->links_address, 50);
    rate_default(&r->accept, 50, 50);
    rate_default(&r->accept_all, 500, 2);
    rate_default(&r->visitor_say, 10, 1000);
    number_default(&r->visitor_minute, 100);
    number_default(&r->visitor_day, 2000);
    rate_default(&r->visitor_start, 3, 600 * 1000);
    rate_default(&r->address_start, 30, 120 * 1000);
    rate_default(&r->address_say, 300, 200);
    rate_default(&r->agent_say, 30, 200);
    rate_default(&r->hello, 5, 5000);
    number_default(&r->signin_failures, 10);
    number_default(&r->login_failures_address, 5);
    number_default(&r->login_failures_account, 10);
    number_default(&r->hello_ms, 10 * 1000);
    number_default(&r->stall_ms, 60 * 1000);
}

int ush_doorman_init(struct ush_doorman *d, const struct usher_rates *rates, uint32_t links,
                     const char *const *trusted, size_t n_trusted, const uint8_t key[16])
{
    *d = (struct ush_doorman){.rates = *rates, .n_trusted = n_trusted};
    defaults(&d->rates);
    ush_list_init(&d->starting);
    uint32_t records = links > RECORDS_MIN / 2 ? 2 * links : RECORDS_MIN;
    d->trusted = calloc(n_trusted + 1, sizeof *d->trusted);
    if (d->trusted == NULL || ush_table_init(&d->addresses, records, key) != 0
        || ush_table_init(&d->people, records, key) != 0) {
        ush_doorman_done(d);
        return USHER_ENOMEM;
    }
    for (size_t i = 0; i < n_trusted; i++) {
        struct usher_span text = {trusted[i], strlen(trusted[i])};
        d->trusted[i] = ush_address_parse(text);
    }
    return 0;
}

void ush_doorman_done(struct ush_doorman *d)
{
    free(d->trusted);
    ush_table_done(&d->addresses);
    ush_table_done(&d->people);
    *d = (struct ush_doorman){0};
}

struct ush_address ush_doorman_address(const struct ush_doorman *d, const struct usher_peer *peer)
{
    return ush_address_of(peer, d->trusted, d->n_trusted);
}

static struct ush_record *record_of(struct ush_doorman *d, const struct ush_address *address,
                                    uint64_t now_ms)
{
    struct ush_address net = ush_address_net(address);
    return ush_table_get(&d->addresses, 'a', &net, sizeof net, now_ms);
}

int ush_doorman_admit(struct ush_doorman *d, const struct ush_address *address, uint64_t now_ms,
                      uint32_t *retry_ms)
{
    struct ush_record *r = record_of(d, address, now_ms);
    if (r->links >= d->rates.links_address) {
        *retry_ms = RETRY_FULL_MS;
        return USHER_EFULL;
    }
    struct ush_bucket *own = &r->bucket[USH_RATE_ACCEPT];
    if (!ush_bucket_has(own, d->rates.accept, now_ms, retry_ms)
        || !ush_bucket_has(&d->accept_all, d->rates.accept_all, now_ms, retry_ms)) {
        return USHER_EBUSY;
    }
    ush_bucket_take(own, d->rates.accept, now_ms);
    ush_bucket_take(&d->accept_all, d->rates.accept_all, now_ms);
    return 0;
}

int ush_doorman_link_up(struct ush_doorman *d, const struct ush_address *address, uint64_t now_ms,
                        struct ush_record **out)
{
    struct ush_record *r = record_of(d, address, now_ms);
    if (r->links >= d->rates.links_address) {
        return USHER_EFULL;
    }
    r->links++;
    *out = r;
    return 0;
}

void ush_doorman_link_down(struct ush_record *address)
{
    address->links--;
}

int ush_doorman_hello(struct ush_doorman *d, const uint8_t token_hash[32], uint64_t now_ms,
                      uint32_t *retry_ms)
{
    struct ush_record *r = ush_table_get(&d->people, 't', token_hash, 32, now_ms);
    if (!ush_bucket_has(&r->bucket[USH_RATE_HELLO], d->rates.hello, now_ms, retry_ms)) {
        return USHER_EBUSY;
    }
    ush_bucket_take(&r->bucket[USH_RATE_HELLO], d->rates.hello, now_ms);
    return 0;
}

int ush_doorman_sign_in(const struct ush_record *address, uint64_t now_ms, uint32_t *retry_ms)
{
    if (address->shut_until_ms <= now_ms) {
        return 0;
    }
    *retry_ms = (uint32_t) (address->shut_until_ms - now_ms);
    return USHER_EBUSY;
}

void ush_doorman_sign_in_failed(struct ush_doorman *d, struct ush_record *address, uint64_t now_ms)
{
    struct ush_count *c = &address->count[USH_COUNT_SIGNIN];
    ush_count_add(c, ush_stretch_ms[USH_COUNT_SIGNIN], now_ms);
    if (c->n >= d->rates.signin_failures) {
        *c = (struct ush_count){0};
        address->shut_until_ms = now_ms + SHUT_MS;
    }
}

/* A visitor's own part of the question; *retry_ms is set if not. */
static bool visitor_may(const struct ush_doorman *d, const struct ush_record *r, uint64_t now_ms,
                        uint32_t *retry_ms)
{
    return ush_bucket_has(&r->bucket[USH_RATE_SAY], d->rates.visitor_say, now_ms, retry_ms)
        && ush_count_below(&r->count[USH_COUNT_MINUTE], d->rates.visitor_minute,
                           ush_stretch_ms[USH_COUNT_MINUTE], now_ms, retry_ms)
        && ush_count_below(&r->count[USH_COUNT_DAY], d->rates.visitor_day,
                           ush_stretch_ms[USH_COUNT_DAY], now_ms, retry_ms);
}

int ush_doorman_visitor(struct ush_doorman *d, struct ush_record *address,
                        const struct usher_visitor_id *visitor, uint64_t now_ms,
                        uint32_t *retry_ms)
{
    struct ush_record *r = ush_table_get(&d->people, 'v', visitor, sizeof *visitor, now_ms);
    if (!visitor_may(d, r, now_ms, retry_ms)
        || !ush_bucket_has(&address->bucket[USH_RATE_SAY], d->rates.address_say, now_ms,
                           retry_ms)) {
        return USHER_EBUSY;
    }
    ush_bucket_take(&r->bucket[USH_RATE_SAY], d->rates.visitor_say, now_ms);
    ush_count_add(&r->count[USH_COUNT_MINUTE], ush_stretch_ms[USH_COUNT_MINUTE], now_ms);
    ush_count_add(&r->count[USH_COUNT_DAY], ush_stretch_ms[USH_COUNT_DAY], now_ms);
    ush_bucket_take(&address->bucket[USH_RATE_SAY], d->rates.address_say, now_ms);
    return 0;
}

static void take_start(struct ush_doorman *d, struct ush_record *r, struct ush_record *address,
                       uint64_t now_ms)
{
    ush_bucket_take(&r->bucket[USH_RATE_START], d->rates.visitor_start, now_ms);
    ush_bucket_take(&address->bucket[USH_RATE_START], d->rates.address_start, now_ms);
    if (r->starts == 0) {
        ush_list_add_last(&d->starting, &r->starting);
    }
    r->starts++;
    r->start_from = address;
}

int ush_doorman_start(struct ush_doorman *d, struct ush_record *address,
                      const struct usher_visitor_id *visitor, struct usher_span key,
                      uint64_t now_ms, uint32_t *retry_ms)
{
    struct ush_record *r = ush_table_get(&d->people, 'v', visitor, sizeof *visitor, now_ms);
    const struct ush_bucket *own = &r->bucket[USH_RATE_START];
    const struct ush_bucket *shared = &address->bucket[USH_RATE_START];
    uint64_t hash = key.len == 0 ? 0 : ush_table_hash(&d->people, 'k', key.base, key.len);
    /* Not so of the common record, which is many visitors: each could bring the same key. */
    bool again = hash != 0 && hash == r->start_key && r != &d->people.common;
    if ((!again && !ush_bucket_has(own, d->rates.visitor_start, now_ms, retry_ms))
        || !ush_bucket_has(shared, d->rates.address_start, now_ms, retry_ms)) {
        return USHER_EBUSY;
    }
    take_start(d, r, address, now_ms);
    r->start_key = hash;
    return 0;
}

void ush_doorman_start_goes_on(struct ush_doorman *d, struct ush_record *address,
                               const struct usher_visitor_id *visitor, uint64_t now_ms)
{
    struct ush_record *r = ush_table_get(&d->people, 'v', visitor, sizeof *visitor, now_ms);
    if (r->starts == 0) {
        take_start(d, r, address, now_ms);
    }
}

void ush_doorman_started(struct ush_doorman *d, const struct usher_visitor_id *visitor,
                         uint64_t now_ms)
{
    struct ush_record *r = ush_table_get(&d->people, 'v', visitor, sizeof *visitor, now_ms);
    r->starts -= r->starts > 0 ? 1 : 0;
}

void ush_doorman_settle(struct ush_doorman *d)
{
    while (!ush_list_empty(&d->starting)) {
        struct ush_record *r = USH_ITEM(d->starting.next, struct ush_record, starting);
        for (; r->starts > 0; r->starts--) {
            ush_bucket_give(&r->bucket[USH_RATE_START], d->rates.visitor_start);
            ush_bucket_give(&r->start_from->bucket[USH_RATE_START], d->rates.address_start);
        }
        ush_list_del(&r->starting);
    }
}

int ush_doorman_agent(struct ush_doorman *d, const struct usher_agent_id *agent, uint64_t now_ms,
                      uint32_t *retry_ms)
{
    struct ush_record *r = ush_table_get(&d->people, 'g', agent, sizeof *agent, now_ms);
    if (!ush_bucket_has(&r->bucket[USH_RATE_SAY], d->rates.agent_say, now_ms, retry_ms)) {
        return USHER_EBUSY;
    }
    ush_bucket_take(&r->bucket[USH_RATE_SAY], d->rates.agent_say, now_ms);
    return 0;
}

int ush_doorman_login(struct ush_doorman *d, const struct ush_address *address,
                      struct usher_span account, uint64_t now_ms, uint32_t *retry_ms)
{
    struct ush_address net = ush_address_net(address);
    const struct ush_record *from = ush_table_look(&d->addresses, 'a', &net, sizeof net);
    const struct ush_record *of = ush_table_look(&d->people, 'p', account.base, account.len);
    if (from != NULL
        && !ush_count_below(&from->count[USH_COUNT_LOGIN_ADDRESS], d->rates.login_failures_address,
                            ush_stretch_ms[USH_COUNT_LOGIN_ADDRESS], now_ms, retry_ms)) {
        return USHER_EBUSY;
    }
    if (of != NULL
        && !ush_count_below(&of->count[USH_COUNT_LOGIN_ACCOUNT], d->rates.login_failures_account,
                            ush_stretch_ms[USH_COUNT_LOGIN_ACCOUNT], now_ms, retry_ms)) {
        return USHER_EBUSY;
    }
    return 0;
}

void ush_doorman_login_failed(struct ush_doorman *d, const struct ush_address *address,
                              struct usher_span account, uint64_t now_ms)
{
    struct ush_record *from = record_of(d, address, now_ms);
    ush_count_add(&from->count[USH_COUNT_LOGIN_ADDRESS], ush_stretch_ms[USH_COUNT_LOGIN_ADDRESS],
                  now_ms);
    struct ush_record *of = ush_table_get(&d->people, 'p', account.base, account.len, now_ms);
    ush_count_add(&of->count[USH_COUNT_LOGIN_ACCOUNT], ush_stretch_ms[USH_COUNT_LOGIN_ACCOUNT],
                  now_ms);
}
