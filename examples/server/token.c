/* token.c - makes and checks agents' tokens with HMAC-SHA-256.
 * SPDX-License-Identifier: MIT
 *
 *     "usher_agent_" + base64url of:
 *     | version 1 | agent, zero-filled 32 | issued 8 | expires 8 | HMAC 32 |
 *
 * All parts have a fixed length, so no two statements share their bytes. Times
 * are seconds since 1970, big end first. The HMAC covers the label, what stands
 * before it, and the fingerprint of the agent's password entry, which is not
 * in the token. */
#include "token.h"

#include <sodium.h>
#include <string.h>

#define PREFIX "usher_agent_"
#define PREFIX_LEN (sizeof PREFIX - 1)
#define LABEL "usher-server agent token"
#define VERSION 1
/* A clock that was set back a little must not lock out who has just signed in. */
#define SKEW_S 300

enum {
    AT_AGENT = 1,
    AT_ISSUED = AT_AGENT + 32,
    AT_EXPIRES = AT_ISSUED + 8,
    AT_MAC = AT_EXPIRES + 8,
    SIZE = AT_MAC + 32
};

_Static_assert(sizeof(struct usher_agent_id) == 32, "the layout above");
_Static_assert(crypto_auth_hmacsha256_BYTES == 32, "the layout above");
_Static_assert(PREFIX_LEN +
                       sodium_base64_ENCODED_LEN(SIZE, sodium_base64_VARIANT_URLSAFE_NO_PADDING) <=
                   SERVER_TOKEN_MAX,
               "a token must fit");

static void put64(uint8_t *out, uint64_t v)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(v >> (56 - 8 * i));
    }
}

static uint64_t get64(const uint8_t *in)
{
    uint64_t v = 0;

    for (int i = 0; i < 8; i++) {
        v = v << 8 | in[i];
    }
    return v;
}

static void sign(uint8_t out[32], const uint8_t key[SERVER_KEY_BYTES], const uint8_t *statement,
                 const uint8_t fingerprint[32])
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, key, SERVER_KEY_BYTES);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)LABEL, sizeof LABEL);
    crypto_auth_hmacsha256_update(&state, statement, AT_MAC);
    crypto_auth_hmacsha256_update(&state, fingerprint, 32);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

void server_token_make(char out[SERVER_TOKEN_MAX], const uint8_t key[SERVER_KEY_BYTES],
                       const struct usher_agent_id *agent, const uint8_t fingerprint[32],
                       int64_t now_s)
{
    uint8_t bytes[SIZE];

    bytes[0] = VERSION;
    memcpy(bytes + AT_AGENT, agent->s, 32);
    put64(bytes + AT_ISSUED, (uint64_t)now_s);
    put64(bytes + AT_EXPIRES, (uint64_t)now_s + SERVER_TOKEN_S);
    sign(bytes + AT_MAC, key, bytes, fingerprint);
    memcpy(out, PREFIX, PREFIX_LEN);
    sodium_bin2base64(out + PREFIX_LEN, SERVER_TOKEN_MAX - PREFIX_LEN, bytes, SIZE,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

static bool decode(uint8_t bytes[SIZE], struct usher_span token)
{
    size_t n = 0;
    const char *text = token.base;

    if (token.len <= PREFIX_LEN || token.len >= SERVER_TOKEN_MAX ||
        memcmp(text, PREFIX, PREFIX_LEN) != 0) {
        return false;
    }
    /* libsodium's decoder takes any byte above 127 for a '_'. */
    for (size_t i = PREFIX_LEN; i < token.len; i++) {
        if ((unsigned char)text[i] > 127) {
            return false;
        }
    }
    return sodium_base642bin(bytes, SIZE, text + PREFIX_LEN, token.len - PREFIX_LEN, NULL, &n, NULL,
                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
           n == SIZE && bytes[0] == VERSION;
}

int server_token_agent(struct usher_agent_id *out, struct usher_span token)
{
    uint8_t bytes[SIZE];

    if (!decode(bytes, token) || bytes[AT_AGENT + 31] != 0) {
        return USHER_EINVAL;
    }
    memcpy(out->s, bytes + AT_AGENT, 32);
    return 0;
}

bool server_token_good(struct usher_span token, const uint8_t key[SERVER_KEY_BYTES],
                       const struct usher_agent_id *agent, const uint8_t fingerprint[32],
                       int64_t now_s)
{
    uint8_t bytes[SIZE];
    uint8_t mac[32];

    if (!decode(bytes, token)) {
        return false;
    }
    sign(mac, key, bytes, fingerprint);
    if (sodium_memcmp(mac, bytes + AT_MAC, 32) != 0) {
        return false;
    }
    uint64_t issued = get64(bytes + AT_ISSUED);
    uint64_t expires = get64(bytes + AT_EXPIRES);
    uint64_t now = (uint64_t)now_s;
    return memcmp(agent->s, bytes + AT_AGENT, 32) == 0 && now < expires && issued <= now + SKEW_S;
}
