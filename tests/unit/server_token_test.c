/* server_token_test.c - agents' tokens, their key's file, and passwords.
 * SPDX-License-Identifier: MIT */
#include "../../examples/server/key.h"
#include "../../examples/server/login_body.h"
#include "../../examples/server/password.h"
#include "../../examples/server/token.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define NOW 1790000000

static const uint8_t key[SERVER_KEY_BYTES] = {1, 2, 3};
static const struct usher_agent_id ann = {"ann"};
static const struct usher_agent_id bea = {"bea"};
static const uint8_t entry[32] = {7};

static struct usher_span span(const char *text)
{
    return (struct usher_span){text, strlen(text)};
}

static void a_token_is_good_for_twelve_hours(void **state)
{
    char token[SERVER_TOKEN_MAX];
    struct usher_agent_id who;

    (void)state;
    server_token_make(token, key, &ann, entry, NOW);
    assert_int_equal(server_token_agent(&who, span(token)), 0);
    assert_string_equal(who.s, "ann");
    assert_true(server_token_good(span(token), key, &ann, entry, NOW));
    assert_true(server_token_good(span(token), key, &ann, entry, NOW + SERVER_TOKEN_S - 1));
    assert_false(server_token_good(span(token), key, &ann, entry, NOW + SERVER_TOKEN_S));
    /* A clock set back a little does no harm; a token from the future is none. */
    assert_true(server_token_good(span(token), key, &ann, entry, NOW - 300));
    assert_false(server_token_good(span(token), key, &ann, entry, NOW - 301));
}

static void a_token_is_for_one_agent_key_and_password(void **state)
{
    static const uint8_t other[32] = {9};
    char token[SERVER_TOKEN_MAX];

    (void)state;
    server_token_make(token, key, &ann, entry, NOW);
    assert_false(server_token_good(span(token), key, &bea, entry, NOW));
    assert_false(server_token_good(span(token), other, &ann, entry, NOW));
    assert_false(server_token_good(span(token), key, &ann, other, NOW));
}

static void no_character_of_a_token_can_be_changed(void **state)
{
    char token[SERVER_TOKEN_MAX];

    (void)state;
    server_token_make(token, key, &ann, entry, NOW);
    size_t len = strlen(token);
    for (size_t i = 0; i < len; i++) {
        static const char others[] = "Ab9-_.=\x80 ";
        for (size_t k = 0; k < sizeof others; k++) {
            char changed[SERVER_TOKEN_MAX];
            memcpy(changed, token, sizeof changed);
            changed[i] = others[k];
            if (changed[i] != token[i]) {
                assert_false(
                    server_token_good((struct usher_span){changed, len}, key, &ann, entry, NOW));
            }
        }
        assert_false(server_token_good((struct usher_span){token, i}, key, &ann, entry, NOW));
    }
    struct usher_agent_id who;
    assert_int_equal(server_token_agent(&who, span("")), USHER_EINVAL);
    assert_int_equal(server_token_agent(&who, (struct usher_span){NULL, 0}), USHER_EINVAL);
    assert_int_equal(server_token_agent(&who, span("usher_agent_")), USHER_EINVAL);
    assert_int_equal(server_token_agent(&who, span("ann")), USHER_EINVAL);
}

struct place {
    char dir[64], store[96], key_file[96];
};

static void place_open(struct place *p)
{
    snprintf(p->dir, sizeof p->dir, "/tmp/usher-key-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    snprintf(p->store, sizeof p->store, "%s/desk.db", p->dir);
    snprintf(p->key_file, sizeof p->key_file, "%s/desk.db.key", p->dir);
}

static void place_close(struct place *p)
{
    unlink(p->key_file);
    /* Nothing else was left behind. */
    assert_int_equal(rmdir(p->dir), 0);
}

static void the_key_is_kept_in_a_private_file(void **state)
{
    struct place p;
    struct usher_fault why;
    struct stat st;
    uint8_t a[SERVER_KEY_BYTES], b[SERVER_KEY_BYTES];

    (void)state;
    place_open(&p);
    assert_int_equal(server_key_open(a, p.store, &why), 0);
    assert_int_equal(stat(p.key_file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, SERVER_KEY_BYTES);
    assert_int_equal(server_key_open(b, p.store, &why), 0);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(chmod(p.key_file, 0640), 0);
    assert_int_equal(server_key_open(b, p.store, &why), USHER_EINVAL);
    assert_non_null(strstr(why.text, "0600"));
    place_close(&p);
}

static void what_is_no_key_is_refused_and_left_alone(void **state)
{
    static const size_t sizes[] = {0, 31, 33};
    struct place p;
    struct usher_fault why;
    struct stat st;
    uint8_t out[SERVER_KEY_BYTES];

    (void)state;
    place_open(&p);
    for (size_t i = 0; i < 3; i++) {
        int fd = open(p.key_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        assert_int_equal(write(fd, key, sizes[i] < 32 ? sizes[i] : 32) +
                             (sizes[i] > 32 ? write(fd, key, 1) : 0),
                         sizes[i]);
        close(fd);
        assert_int_equal(server_key_open(out, p.store, &why), USHER_EINVAL);
        assert_int_equal(stat(p.key_file, &st), 0);
        assert_int_equal(st.st_size, sizes[i]);
    }
    unlink(p.key_file);
    assert_int_equal(symlink("/dev/zero", p.key_file), 0);
    assert_int_equal(server_key_open(out, p.store, &why), USHER_EIO);
    place_close(&p);
    assert_int_equal(server_key_open(out, "/nonexistent/desk.db", &why), USHER_EIO);
}

static void a_store_in_memory_has_a_fresh_key(void **state)
{
    struct usher_fault why;
    uint8_t a[SERVER_KEY_BYTES], b[SERVER_KEY_BYTES];

    (void)state;
    assert_int_equal(server_key_open(a, NULL, &why), 0);
    assert_int_equal(server_key_open(b, NULL, &why), 0);
    assert_memory_not_equal(a, b, sizeof a);
}

static void a_password_is_right_or_wrong(void **state)
{
    char hash[SERVER_HASH_MAX];

    (void)state;
    assert_int_equal(server_password_hash(hash, span("correct horse"), true), 0);
    assert_true(server_password_hash_ok(hash));
    assert_true(server_password_right(hash, span("correct horse")));
    assert_false(server_password_right(hash, span("correct horsf")));
    assert_false(server_password_right(hash, span("")));
    assert_false(server_password_hash_ok("secret"));
    assert_false(server_password_hash_ok("$argon2id$"));
    assert_false(server_password_hash_ok("$argon2i$v=19$m=8192,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                         "5wyNrZZLuknRv7oaQ9OB+Q5cTsS1hveG4+oNja22IDw"));
}

static void the_command_hashes_one_line(void **state)
{
    static const struct {
        const char *in, *password;
    } cases[] = {
        {"hunter2\n", "hunter2"},
        {"hunter2", "hunter2"},
        {"hunter2\r\n", "hunter2"},
        {" a b \nrest\n", " a b "},
    };
    static const char *const bad[] = {"\n", "\r\n", "\nx\n", "\xff\n"};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char in[64], out[256] = "";
        const char *why = NULL;
        snprintf(in, sizeof in, "%s", cases[i].in);
        FILE *from = fmemopen(in, strlen(in), "r");
        FILE *to = fmemopen(out, sizeof out, "w");
        assert_int_equal(server_password_command(from, to, &why), 0);
        fclose(from);
        fclose(to);
        assert_int_equal(out[strlen(out) - 1], '\n');
        out[strlen(out) - 1] = '\0';
        assert_true(server_password_right(out, span(cases[i].password)));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char in[8];
        const char *why = NULL;
        snprintf(in, sizeof in, "%s", bad[i]);
        FILE *from = fmemopen(in, strlen(in), "r");
        assert_int_equal(server_password_command(from, stdout, &why), USHER_EINVAL);
        assert_non_null(why);
        fclose(from);
    }
}

static void a_login_is_two_strings_and_nothing_else(void **state)
{
    static const char *const bad[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"agent\":\"ann\"}",
        "{\"password\":\"x\"}",
        "{\"agent\":1,\"password\":\"x\"}",
        "{\"agent\":\"ann\",\"password\":null}",
        "{\"agent\":\"ann\",\"password\":\"x\",\"more\":1}",
        "{\"agent\":\"ann\",\"password\":\"x\",\"agent\":\"bea\"}",
        "{\"Agent\":\"ann\",\"password\":\"x\"}",
        "{\"agent\":\"ann\",\"password\":\"\\u0000\"}",
        "{\"agent\":\"ann\",\"password\":\"\xff\"}",
        "{\"agent\":\"ann\",\"password\":\"x\"}{}",
        "{\"agent\":\"ann\",\"password\":{\"$ne\":null}}",
        "agent=ann&password=x",
    };
    struct server_login_body body;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (server_login_body_read(&body, span(bad[i])) != USHER_EINVAL) {
            fail_msg("%s was not refused", bad[i]);
        }
    }
    assert_int_equal(
        server_login_body_read(&body, span(" {\"password\":\"p w\",\"agent\":\"ann\"} ")), 0);
    assert_string_equal(body.agent.s, "ann");
    assert_int_equal(body.password_len, 3);
    assert_memory_equal(body.password, "p w", 3);
    /* Well-formed, but nobody's name. */
    assert_int_equal(
        server_login_body_read(&body, span("{\"agent\":\"ANN'--\",\"password\":\"\"}")), 0);
    assert_int_equal(body.agent.s[0], '\0');
    char long_body[SERVER_LOGIN_BODY_MAX + 2];
    memset(long_body, ' ', sizeof long_body);
    memcpy(long_body, "{\"agent\":\"a\",\"password\":\"b\"}", 28);
    assert_int_equal(
        server_login_body_read(&body, (struct usher_span){long_body, SERVER_LOGIN_BODY_MAX}), 0);
    assert_int_equal(
        server_login_body_read(&body, (struct usher_span){long_body, SERVER_LOGIN_BODY_MAX + 1}),
        USHER_EINVAL);
}

static int start(void **state)
{
    (void)state;
    return sodium_init() < 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_good_for_twelve_hours),
        cmocka_unit_test(a_token_is_for_one_agent_key_and_password),
        cmocka_unit_test(no_character_of_a_token_can_be_changed),
        cmocka_unit_test(the_key_is_kept_in_a_private_file),
        cmocka_unit_test(what_is_no_key_is_refused_and_left_alone),
        cmocka_unit_test(a_store_in_memory_has_a_fresh_key),
        cmocka_unit_test(a_password_is_right_or_wrong),
        cmocka_unit_test(the_command_hashes_one_line),
        cmocka_unit_test(a_login_is_two_strings_and_nothing_else),
    };

    return cmocka_run_group_tests_name("server_token", tests, start, NULL);
}
