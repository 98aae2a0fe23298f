/* password.c - hashes and checks agents' passwords with libsodium's argon2id.
 * SPDX-License-Identifier: MIT */
#include "password.h"

#include <usher/wire.h>

#include <sodium.h>
#include <string.h>
#include <termios.h>

_Static_assert(SERVER_HASH_MAX >= crypto_pwhash_STRBYTES, "an argon2id string must fit");

/* What OWASP's password storage advice calls the least: 19 MiB, two passes. */
#define DEMO_OPS 2u
#define DEMO_MEMORY (19u << 20)

bool server_password_ok(struct usher_span password)
{
    const unsigned char *p = password.base;

    if (password.len == 0 || password.len > SERVER_PASSWORD_MAX) {
        return false;
    }
    for (size_t i = 0; i < password.len; i++) {
        if (p[i] <= ' ' || p[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

bool server_password_hash_ok(const char *hash)
{
    return strlen(hash) < SERVER_HASH_MAX &&
           strncmp(hash, crypto_pwhash_argon2id_STRPREFIX,
                   strlen(crypto_pwhash_argon2id_STRPREFIX)) == 0 &&
           crypto_pwhash_argon2id_str_needs_rehash(hash, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                   crypto_pwhash_MEMLIMIT_INTERACTIVE) != -1;
}

int server_password_hash(char out[SERVER_HASH_MAX], struct usher_span password, bool demo)
{
    unsigned long long ops = demo ? DEMO_OPS : crypto_pwhash_OPSLIMIT_INTERACTIVE;
    size_t memory = demo ? DEMO_MEMORY : crypto_pwhash_MEMLIMIT_INTERACTIVE;
    int rv = crypto_pwhash_str_alg(out, password.base, password.len, ops, memory,
                                   crypto_pwhash_ALG_ARGON2ID13);

    return rv == 0 ? 0 : USHER_ENOMEM;
}

bool server_password_right(const char *hash, struct usher_span password)
{
    return crypto_pwhash_argon2id_str_verify(hash, password.base, password.len) == 0;
}

void server_password_fingerprint(uint8_t out[32], bool clear, struct usher_span entry)
{
    crypto_hash_sha256_state state;
    const unsigned char kind = clear ? 'p' : 'h';

    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &kind, 1);
    crypto_hash_sha256_update(&state, entry.base, entry.len);
    crypto_hash_sha256_final(&state, out);
}

/* One line without its end; more than `size` bytes are counted but not kept. */
static size_t read_line(FILE *in, char *line, size_t size)
{
    size_t n = 0;
    int c = getc(in);

    while (c != EOF && c != '\n') {
        if (n < size) {
            line[n] = (char)c;
        }
        n++;
        c = getc(in);
    }
    return n <= size && n > 0 && c == '\n' && line[n - 1] == '\r' ? n - 1 : n;
}

/* At a terminal: ask, and do not show what is typed. */
static size_t ask_line(FILE *in, char *line, size_t size)
{
    struct termios before, quiet;
    size_t n;

    if (tcgetattr(fileno(in), &before) != 0) {
        return read_line(in, line, size);
    }
    quiet = before;
    quiet.c_lflag &= (tcflag_t)~ECHO;
    fputs("Password: ", stderr);
    tcsetattr(fileno(in), TCSAFLUSH, &quiet);
    n = read_line(in, line, size);
    tcsetattr(fileno(in), TCSAFLUSH, &before);
    fputs("\n", stderr);
    return n;
}

int server_password_command(FILE *in, FILE *out, const char **why)
{
    char line[SERVER_PASSWORD_MAX + 1]; /* room for the '\r' of a line end */
    char hash[SERVER_HASH_MAX];
    size_t n = ask_line(in, line, sizeof line);
    int rv;

    if (ferror(in)) {
        *why = "cannot read the password";
        rv = USHER_EIO;
    } else if (n == 0 || n > SERVER_PASSWORD_MAX || !usher_text_ok((struct usher_span){line, n})) {
        *why = "a password is one line of 1 to 512 bytes of UTF-8";
        rv = USHER_EINVAL;
    } else {
        rv = server_password_hash(hash, (struct usher_span){line, n}, false);
        *why = "not enough memory to hash a password";
    }
    sodium_memzero(line, sizeof line);
    if (rv == 0 && (fprintf(out, "%s\n", hash) < 0 || fflush(out) != 0)) {
        *why = "cannot write the hash";
        rv = USHER_EIO;
    }
    return rv;
}
