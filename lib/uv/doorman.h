/* doorman.h - who may come in, and how much may they do? Pure: time is an argument.
 * SPDX-License-Identifier: MIT
 *
 * Every question answers 0, or EBUSY (too fast, or shut for a while) or EFULL
 * (too many at a time) and then sets *retry_ms. What is refused costs nothing. */
#ifndef USH_DOORMAN_H
#define USH_DOORMAN_H

#include "address.h"
#include "rates.h"

struct ush_doorman {
    struct usher_rates rates;     /* no zeros left */
    struct ush_table addresses;
    struct ush_table people;      /* visitors, agents, tokens, accounts */
    struct ush_bucket accept_all;
    struct ush_list starting;     /* people's records with starts that are not settled */
    struct ush_address *trusted;
    size_t n_trusted;
};

/* links: how many there may be at all. Errors: ENOMEM. */
int ush_doorman_init(struct ush_doorman *d, const struct usher_rates *rates, uint32_t links,
                     const char *const *trusted, size_t n_trusted, const uint8_t key[16]);
void ush_doorman_done(struct ush_doorman *d); /* zeroed memory is fine */

struct ush_address ush_doorman_address(const struct ush_doorman *d, const struct usher_peer *peer);

/* May this address open one more link? */
int ush_doorman_admit(struct ush_doorman *d, const struct ush_address *address, uint64_t now_ms,
                      uint32_t *retry_ms);
/* A link is there: it counts for the record that is returned until it is given back. EFULL. */
int ush_doorman_link_up(struct ush_doorman *d, const struct ush_address *address, uint64_t now_ms,
                        struct ush_record **out);
void ush_doorman_link_down(struct ush_record *address);

/* May this token (its SHA-256) say hello? */
int ush_doorman_hello(struct ush_doorman *d, const uint8_t token_hash[32], uint64_t now_ms,
                      uint32_t *retry_ms);
/* May this address try an agent's token? */
int ush_doorman_sign_in(const struct ush_record *address, uint64_t now_ms, uint32_t *retry_ms);
/* The token was wrong. */
void ush_doorman_sign_in_failed(struct ush_doorman *d, struct ush_record *address, uint64_t now_ms);

/* May this visitor or agent, from this address, give this command now? */
int ush_doorman_visitor(struct ush_doorman *d, struct ush_record *address,
                        const struct usher_visitor_id *visitor, uint64_t now_ms,
                        uint32_t *retry_ms);
/* And may he start a session? If so, it is taken from him and his address, and given back by the
 * next ush_doorman_settle() unless ush_doorman_started() has told of the session before. The key
 * that was let in last is let in again: it opens no second session. */
int ush_doorman_start(struct ush_doorman *d, struct ush_record *address,
                      const struct usher_visitor_id *visitor, struct usher_span key,
                      uint64_t now_ms, uint32_t *retry_ms);
/* A start that was let in, and had to wait, goes on: what was given back meanwhile is taken
 * again. */
void ush_doorman_start_goes_on(struct ush_doorman *d, struct ush_record *address,
                               const struct usher_visitor_id *visitor, uint64_t now_ms);
void ush_doorman_started(struct ush_doorman *d, const struct usher_visitor_id *visitor,
                         uint64_t now_ms);
void ush_doorman_settle(struct ush_doorman *d);
int ush_doorman_agent(struct ush_doorman *d, const struct usher_agent_id *agent, uint64_t now_ms,
                      uint32_t *retry_ms);

/* Passwords (usher/uv.h). */
int ush_doorman_login(struct ush_doorman *d, const struct ush_address *address,
                      struct usher_span account, uint64_t now_ms, uint32_t *retry_ms);
void ush_doorman_login_failed(struct ush_doorman *d, const struct ush_address *address,
                              struct usher_span account, uint64_t now_ms);

#endif
