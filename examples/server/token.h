/* token.h - what an agent gets for his password: a signed statement that lasts 12 hours.
 * SPDX-License-Identifier: MIT
 *
 * Nothing is kept of a token: whoever holds the key can check it, also after a
 * restart. It dies with its time, with the key, and with the password entry
 * that it was made from. Any thread, after sodium_init(). */
#ifndef SERVER_TOKEN_H
#define SERVER_TOKEN_H

#include <usher/base.h>

#define SERVER_KEY_BYTES 32
#define SERVER_TOKEN_MAX 160    /* bytes, with NUL */
#define SERVER_TOKEN_S 43200    /* 12 hours */

/* Write a token for this agent. now_s: seconds since 1970. */
void server_token_make(char out[SERVER_TOKEN_MAX], const uint8_t key[SERVER_KEY_BYTES],
                       const struct usher_agent_id *agent, const uint8_t fingerprint[32],
                       int64_t now_s);

/* Whose token does this claim to be? Nothing is proven yet. EINVAL: it is no
 * token at all. */
int server_token_agent(struct usher_agent_id *out, struct usher_span token);
/* Is it a token that server_token_make() wrote for this agent, still good? */
bool server_token_good(struct usher_span token, const uint8_t key[SERVER_KEY_BYTES],
                       const struct usher_agent_id *agent, const uint8_t fingerprint[32],
                       int64_t now_s);

#endif
