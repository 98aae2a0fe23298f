/* server_config_test.c - the configuration: what it becomes, and each mistake's exact message.
 * SPDX-License-Identifier: MIT */
#include "../../examples/server/address.h"
#include "../../examples/server/config.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define HASH                                                             \
    "$argon2id$v=19$m=19456,t=2,p=1$5wyNrZZLuknRv7oaQ9OB+Q$5cTsS1hveG4+" \
    "oNja22IDxy18sUEgOpWZ7lkL59XP3BA"
#define QUEUES "\"queues\":[{\"id\":\"sales\"},{\"id\":\"returns\"}]"
#define ANN "{\"id\":\"ann\",\"password\":\"pw-ann\",\"queues\":[\"sales\"]}"
#define DEMO(rest) "{\"demo\":true," QUEUES ",\"agents\":[" ANN "]" rest "}"
#define REAL(rest)                                                                                \
    "{" QUEUES ",\"agents\":[{\"id\":\"ann\",\"password_hash\":\"" HASH "\",\"queues\":[]}]" rest \
    "}"
#define AGENTS(list) "{\"demo\":true," QUEUES ",\"agents\":[" list "]}"

static int read_over(struct server_config **out, const char *text, const char *listen,
                     const char *store, char why[SERVER_WHY_MAX])
{
    const struct server_config_over over = {listen, store};

    return server_config_read(out, "demo.json", (struct usher_span){text, strlen(text)}, &over,
                              why);
}

static struct server_config *good(const char *text)
{
    struct server_config *c = NULL;
    char why[SERVER_WHY_MAX] = "";

    if (read_over(&c, text, NULL, NULL, why) != 0) {
        fail_msg("%s", why);
    }
    return c;
}

static void bad(const char *text, const char *message)
{
    struct server_config *c = NULL;
    char why[SERVER_WHY_MAX] = "";

    assert_int_equal(read_over(&c, text, NULL, NULL, why), USHER_EINVAL);
    assert_null(c);
    assert_string_equal(why, message);
}

static void the_demo_configuration_is_good(void **state)
{
    struct server_config *c = NULL;
    char why[SERVER_WHY_MAX] = "";
    const struct server_config_over over = {NULL, NULL};

    (void)state;
    if (server_config_load(&c, "examples/server/demo.json", &over, why) != 0) {
        fail_msg("%s", why);
    }
    assert_true(c->demo);
    assert_int_equal(server_address_listen(c->listen), SERVER_REACH_LOOPBACK);
    assert_int_equal(c->n_queues, 2);
    assert_string_equal(c->queues[0].queue.s, "sales");
    assert_string_equal(c->queues[1].queue.s, "returns");
    static const char *const ids[] = {"ann", "bea", "cyd", "sue"};
    assert_int_equal(c->n_agents, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(c->agents[i].agent.s, ids[i]);
        assert_int_equal(c->agents[i].supervisor, i == 3);
    }
    assert_string_equal(c->agents[0].queues[0].s, "sales");
    assert_string_equal(c->agents[1].queues[0].s, "sales");
    assert_string_equal(c->agents[2].queues[0].s, "returns");
    /* The defaults of usher are the demo's. */
    static const struct usher_limits none;
    static const struct usher_rates no_rates;
    assert_memory_equal(&c->core.limits, &none, sizeof none);
    assert_memory_equal(&c->rates, &no_rates, sizeof no_rates);
    server_config_free(c);
}

static void what_is_left_out_has_a_default(void **state)
{
    struct server_config *c = good(REAL(""));

    (void)state;
    assert_false(c->demo);
    assert_false(c->insecure);
    assert_string_equal(c->listen, "127.0.0.1:8080");
    assert_string_equal(c->store, "sqlite:usher.db");
    assert_int_equal(c->level, USHER_INFO);
    assert_true(c->queues[0].open);
    assert_int_equal(c->agents[0].n_queues, 0);
    server_config_free(c);
}

static void everything_that_is_named_is_taken(void **state)
{
    struct server_config *c = good(
        "{\"demo\":true,\"listen\":\"[::1]:0\",\"store\":\"memory:\",\"insecure\":false,"
        "\"tls_in_front\":false,\"trusted_proxies\":[\"127.0.0.1\",\"::1\",\"unix\"],"
        "\"origins\":[\"https://shop.example\",\"http://10.0.0.7:8080\",\"http://[::1]:81\"],"
        "\"queues\":[{\"id\":\"q-1\",\"name\":\"One\",\"open\":false,\"offer_s\":5,\"waiting_max\":"
        "7,"
        "\"reopen_s\":60}],"
        "\"agents\":[{\"id\":\"a.b_c-9\",\"name\":\"\xe0\xb8\x81\",\"password\":\"x\",\"queues\":["
        "\"q-1\"],"
        "\"capacity\":3,\"supervisor\":true}],"
        "\"limits\":{\"links\":11,\"capacity_max\":3,\"recent_bytes\":65536},"
        "\"timers\":{\"agent_grace_s\":1,\"missed_max\":5},"
        "\"rates\":{\"links_address\":9,\"visitor_say\":{\"burst\":4,\"refill_ms\":50},\"hello_"
        "ms\":100},"
        "\"log\":{\"level\":\"debug\"}}");

    (void)state;
    assert_string_equal(c->listen, "[::1]:0");
    assert_string_equal(c->store, "memory:");
    assert_int_equal(c->n_trusted_proxies, 3);
    assert_string_equal(c->trusted_proxies[2], "unix");
    assert_int_equal(c->n_origins, 3);
    assert_string_equal(c->origins[0], "https://shop.example");
    assert_false(c->queues[0].open);
    assert_int_equal(c->queues[0].offer_ms, 5000);
    assert_int_equal(c->queues[0].waiting_max, 7);
    assert_int_equal(c->queues[0].reopen_ms, 60000);
    assert_int_equal(c->queues[0].name.len, 3);
    assert_int_equal(c->agents[0].capacity, 3);
    assert_true(c->agents[0].supervisor);
    assert_string_equal(c->agents[0].queues[0].s, "q-1");
    assert_int_equal(c->core.limits.links, 11);
    assert_int_equal(c->core.limits.recent_bytes, 65536);
    assert_int_equal(c->core.agent_grace_ms, 1000);
    assert_int_equal(c->core.missed_max, 5);
    assert_int_equal(c->rates.links_address, 9);
    assert_int_equal(c->rates.visitor_say.burst, 4);
    assert_int_equal(c->rates.visitor_say.refill_ms, 50);
    assert_int_equal(c->rates.hello_ms, 100);
    assert_int_equal(c->level, USHER_DEBUG);
    assert_int_equal(server_config_agent(c, (struct usher_span){"a.b_c-9", 7}), 0);
    assert_true(server_config_agent(c, (struct usher_span){"a.b_c-", 6}) == SIZE_MAX);
    server_config_free(c);
}

static void mistakes_in_the_file_are_found_by_line(void **state)
{
    (void)state;
    bad("{\n  \"demo\": yes\n}", "demo.json:2:11: expected a value");
    bad("{\"demo\":true,\n\"demo\":true}", "demo.json:2:7: this member was named before");
    bad("", "demo.json:1:1: expected a value");
    bad("[]", "demo.json: must be an object");
}

static void mistakes_are_found_by_path(void **state)
{
    (void)state;
    bad("{\"agents\":[]}", "demo.json: queues: is missing");
    bad("{" QUEUES "}", "demo.json: agents: is missing");
    bad("{\"queues\":[],\"agents\":[]}", "demo.json: queues: a desk needs at least one queue");
    bad(DEMO(",\"color\":1"), "demo.json: color: unknown key");
    bad(DEMO(",\"insecure\":1"), "demo.json: insecure: must be true or false");
    bad(DEMO(",\"listen\":8080"), "demo.json: listen: must be a string");
    bad(DEMO(",\"listen\":\"\""), "demo.json: listen: must not be empty");
    bad(DEMO(",\"origins\":\"*\""), "demo.json: origins: must be an array");
    bad(DEMO(",\"log\":[]"), "demo.json: log: must be an object");
    bad(DEMO(",\"log\":{\"level\":\"loud\"}"),
        "demo.json: log.level: must be debug, info, warn or error, not \"loud\"");
    bad(DEMO(",\"store\":\"postgres://x\""),
        "demo.json: store: must be memory: or sqlite:PATH, not \"postgres://x\"");
    bad(DEMO(",\"store\":\"sqlite:\""),
        "demo.json: store: must be memory: or sqlite:PATH, not \"sqlite:\"");
    bad(DEMO(",\"limits\":{\"links\":0}"),
        "demo.json: limits.links: must be a whole number from 1 to 1000000");
    bad(DEMO(",\"limits\":{\"links\":1.5}"),
        "demo.json: limits.links: must be a whole number from 1 to 1000000");
    bad(DEMO(",\"limits\":{\"links\":\"1\"}"), "demo.json: limits.links: must be a whole number");
    bad(DEMO(",\"limits\":{\"link\":1}"), "demo.json: limits.link: unknown key");
    bad(DEMO(",\"timers\":{\"agent_grace_s\":86401}"),
        "demo.json: timers.agent_grace_s: must be a whole number from 1 to 86400");
    bad(DEMO(",\"rates\":{\"hello\":5}"), "demo.json: rates.hello: must be an object");
    bad(DEMO(",\"rates\":{\"hello\":{\"burst\":5}}"),
        "demo.json: rates.hello.refill_ms: is missing");
    bad(DEMO(",\"rates\":{\"hello\":{\"burst\":5,\"refill_ms\":-1}}"),
        "demo.json: rates.hello.refill_ms: must be a whole number from 1 to 86400000");
    bad(DEMO(",\"origins\":[\"https://shop.example/\"]"),
        "demo.json: origins[0]: must be as a browser sends it, such as https://shop.example, not "
        "\"https://shop.example/\"");
    bad(DEMO(",\"origins\":[\"http://a\",\"http://a\"]"),
        "demo.json: origins[1]: is named twice: \"http://a\"");
    bad(DEMO(",\"trusted_proxies\":[\"proxy.example\"]"),
        "demo.json: trusted_proxies[0]: must be a numeric address or unix, not \"proxy.example\"");
}

static void mistakes_in_queues_are_found(void **state)
{
    (void)state;
    bad("{\"queues\":[1],\"agents\":[]}", "demo.json: queues[0]: must be an object");
    bad("{\"queues\":[{}],\"agents\":[]}", "demo.json: queues[0].id: is missing");
    bad("{\"queues\":[{\"id\":\"Sales\"}],\"agents\":[]}",
        "demo.json: queues[0].id: must be 1 to 31 of a-z 0-9 . _ -, not \"Sales\"");
    bad("{\"queues\":[{\"id\":\"a\"},{\"id\":\"a\"}],\"agents\":[]}",
        "demo.json: queues[1].id: queues[0] already has the id \"a\"");
    bad("{\"queues\":[{\"id\":\"a\",\"offer_s\":0}],\"agents\":[]}",
        "demo.json: queues[0].offer_s: must be a whole number from 1 to 3600");
    bad("{\"queues\":[{\"id\":\"a\",\"opened\":true}],\"agents\":[]}",
        "demo.json: queues[0].opened: unknown key");
    bad("{\"queues\":[{\"id\":\"a\",\"name\":\"x\\ny\"}],\"agents\":[]}",
        "demo.json: queues[0].name: must be at most 80 characters without control or direction "
        "marks, "
        "not \"x?y\"");
    bad("{\"queues\":[{\"id\":\"a\"},{\"id\":\"b\"}],\"agents\":[],\"limits\":{\"queues\":1}}",
        "demo.json: queues: 2 are too many: limits.queues is 1");
}

static void mistakes_in_agents_are_found(void **state)
{
    (void)state;
    bad(AGENTS(ANN "," ANN), "demo.json: agents[1].id: agents[0] already has the id \"ann\"");
    bad(AGENTS("{\"id\":\"a\",\"password\":\"x\"}"), "demo.json: agents[0].queues: is missing");
    bad(AGENTS(ANN ",{\"id\":\"b\",\"password\":\"x\",\"queues\":[]},"
                   "{\"id\":\"c\",\"password\":\"x\",\"queues\":[\"retuns\"]}"),
        "demo.json: agents[2].queues[0]: no such queue \"retuns\"");
    bad(AGENTS("{\"id\":\"a\",\"password\":\"x\",\"queues\":[\"sales\",\"sales\"]}"),
        "demo.json: agents[0].queues[1]: is named twice: \"sales\"");
    bad(AGENTS("{\"id\":\"a\",\"password\":\"x\",\"queues\":[1]}"),
        "demo.json: agents[0].queues[0]: must be a string");
    bad(AGENTS("{\"id\":\"a\",\"password\":\"x\",\"queues\":[],\"capacity\":17}"),
        "demo.json: agents[0].capacity: must be a whole number from 1 to 16");
    bad(AGENTS("{\"id\":\"a\",\"password\":\"x y\",\"queues\":[]}"),
        "demo.json: agents[0].password: must be at most 512 bytes without white space");
    bad(AGENTS("{\"id\":\"a\",\"queues\":[]}"), "demo.json: agents[0].password: is missing");
    bad(AGENTS("{\"id\":\"a\",\"password_hash\":\"" HASH "\",\"queues\":[]}"),
        "demo.json: agents[0].password_hash: demo mode takes \"password\" only");
    bad("{" QUEUES ",\"agents\":[" ANN "]}",
        "demo.json: agents[0].password: outside demo mode only \"password_hash\" is taken");
    bad("{" QUEUES ",\"agents\":[{\"id\":\"a\",\"queues\":[],\"password_hash\":\"secret\"}]}",
        "demo.json: agents[0].password_hash: must be an argon2id string, as usher-server "
        "--hash-password "
        "makes it");
    bad("{" QUEUES ",\"agents\":[{\"id\":\"a\",\"queues\":[]}]}",
        "demo.json: agents[0].password_hash: is missing");
}

static void nothing_secret_leaves_this_machine(void **state)
{
    (void)state;
    bad(DEMO(",\"listen\":\"0.0.0.0:8080\""),
        "demo.json: listen: demo mode is for a loopback address only, not \"0.0.0.0:8080\"");
    bad(DEMO(",\"listen\":\"0.0.0.0:8080\",\"insecure\":true"),
        "demo.json: listen: demo mode is for a loopback address only, not \"0.0.0.0:8080\"");
    bad(DEMO(",\"listen\":\"unix:/run/x\""),
        "demo.json: listen: demo mode is for a loopback address only, not \"unix:/run/x\"");
    bad(DEMO(",\"tls_in_front\":true"),
        "demo.json: tls_in_front: demo mode is for this machine only");
    bad(REAL(",\"listen\":\"[::]:80\""), "demo.json: listen: not a loopback address; set "
                                         "tls_in_front, or insecure to go without TLS: "
                                         "\"[::]:80\"");
    server_config_free(good(REAL(",\"listen\":\"0.0.0.0:80\",\"insecure\":true")));
    server_config_free(good(REAL(",\"listen\":\"0.0.0.0:80\",\"tls_in_front\":true")));
    server_config_free(good(REAL(",\"listen\":\"unix:/run/usher.sock\"")));
}

static void the_command_line_wins(void **state)
{
    struct server_config *c = NULL;
    char why[SERVER_WHY_MAX] = "";

    (void)state;
    assert_int_equal(read_over(&c, DEMO(",\"listen\":\"0.0.0.0:1\",\"store\":\"x\""), "127.0.0.2:0",
                               "sqlite:/a b", why),
                     0);
    assert_string_equal(c->listen, "127.0.0.2:0");
    assert_string_equal(server_config_store_path(c->store), "/a b");
    server_config_free(c);
    c = NULL;
    assert_int_equal(read_over(&c, DEMO(""), "0.0.0.0:0", NULL, why), USHER_EINVAL);
    assert_string_equal(why,
                        "--listen: demo mode is for a loopback address only, not \"0.0.0.0:0\"");
    assert_int_equal(read_over(&c, DEMO(""), "shop:80", NULL, why), USHER_EINVAL);
    assert_non_null(strstr(why, "--listen: must be ADDRESS:PORT"));
    assert_int_equal(read_over(&c, DEMO(""), NULL, "mysql:", why), USHER_EINVAL);
    assert_string_equal(why, "--store: must be memory: or sqlite:PATH, not \"mysql:\"");
    assert_null(server_config_store_path("memory:"));
}

static void a_file_that_is_not_there_is_named(void **state)
{
    struct server_config *c = NULL;
    char why[SERVER_WHY_MAX] = "";
    const struct server_config_over over = {NULL, NULL};

    (void)state;
    assert_int_equal(server_config_load(&c, "/nonexistent/x.json", &over, why), USHER_EIO);
    assert_string_equal(why, "/nonexistent/x.json: No such file or directory");
    assert_int_equal(server_config_load(&c, "/", &over, why), USHER_EIO);
}

/* Tokens must die with the password entry that they were made from, and only then. */
static void a_fingerprint_follows_the_entry(void **state)
{
    struct server_config *a = good(DEMO(""));
    struct server_config *b = good(DEMO(",\"store\":\"memory:\""));
    struct server_config *c = good(AGENTS("{\"id\":\"ann\",\"password\":\"other\",\"queues\":[]}"));

    (void)state;
    assert_memory_equal(a->secrets[0].fingerprint, b->secrets[0].fingerprint, 32);
    assert_memory_not_equal(a->secrets[0].fingerprint, c->secrets[0].fingerprint, 32);
    server_config_free(a);
    server_config_free(b);
    server_config_free(c);
}

static void addresses_are_told_apart(void **state)
{
    static const struct {
        const char *listen;
        enum server_reach reach;
    } cases[] = {
        {"127.0.0.1:0", SERVER_REACH_LOOPBACK},
        {"127.9.9.9:65535", SERVER_REACH_LOOPBACK},
        {"[::1]:80", SERVER_REACH_LOOPBACK},
        {"[::ffff:127.0.0.1]:80", SERVER_REACH_LOOPBACK},
        {"0.0.0.0:80", SERVER_REACH_NETWORK},
        {"[::]:80", SERVER_REACH_NETWORK},
        {"10.0.0.1:80", SERVER_REACH_NETWORK},
        {"unix:/x", SERVER_REACH_UNIX},
        {"unix:", SERVER_REACH_NONE},
        {"", SERVER_REACH_NONE},
        {"localhost:80", SERVER_REACH_NONE},
        {"127.0.0.1", SERVER_REACH_NONE},
        {"127.0.0.1:", SERVER_REACH_NONE},
        {"127.0.0.1:65536", SERVER_REACH_NONE},
        {"127.0.0.1:080", SERVER_REACH_NONE},
        {"127.0.0.1:8x", SERVER_REACH_NONE},
        {"127.1:80", SERVER_REACH_NONE},
        {"::1:80", SERVER_REACH_NONE},
        {"[127.0.0.1]:80", SERVER_REACH_NONE},
        {"[::1]80", SERVER_REACH_NONE},
        {":80", SERVER_REACH_NONE},
        {"99999999999999999999999999999999999999999999999999:80", SERVER_REACH_NONE},
    };
    static const char *const no_origins[] = {
        "*",
        "null",
        "",
        "shop.example",
        "ftp://a",
        "https://",
        "https://a/",
        "https://a:0",
        "https://a:",
        "https://A",
        "https://a b",
        "https://u@a",
        "https://[::1",
        "https://[zz]",
        "https://a?x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (server_address_listen(cases[i].listen) != cases[i].reach) {
            fail_msg("%s", cases[i].listen);
        }
    }
    for (size_t i = 0; i < sizeof no_origins / sizeof no_origins[0]; i++) {
        if (server_address_origin(no_origins[i])) {
            fail_msg("%s", no_origins[i]);
        }
    }
    assert_true(server_address_local("127.0.0.1"));
    assert_true(server_address_local("::1"));
    assert_true(server_address_local("unix"));
    assert_false(server_address_local("10.0.0.1"));
    assert_false(server_address_local(""));
}

static int start(void **state)
{
    (void)state;
    return sodium_init() < 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_demo_configuration_is_good),
        cmocka_unit_test(what_is_left_out_has_a_default),
        cmocka_unit_test(everything_that_is_named_is_taken),
        cmocka_unit_test(mistakes_in_the_file_are_found_by_line),
        cmocka_unit_test(mistakes_are_found_by_path),
        cmocka_unit_test(mistakes_in_queues_are_found),
        cmocka_unit_test(mistakes_in_agents_are_found),
        cmocka_unit_test(nothing_secret_leaves_this_machine),
        cmocka_unit_test(the_command_line_wins),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(a_fingerprint_follows_the_entry),
        cmocka_unit_test(addresses_are_told_apart),
    };

    return cmocka_run_group_tests_name("server_config", tests, start, NULL);
}
