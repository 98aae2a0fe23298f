/* wire_encode_test.c - effects to frames: golden objects byte for byte, and limits.
 * SPDX-License-Identifier: MIT */
#include "wire_kit.h"

#include "usher/version.h"

#define AT INT64_C(1790000000123)

static const struct usher_session_id session = {{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                                 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF}};
static const struct usher_session_id session2 = {{0xFF, 0xEE, 0xDD, 0xCC, 0xBB, 0xAA, 0x99, 0x88,
                                                  0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00}};

#define SPAN(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }

static const struct usher_by ann = {.kind = USHER_VISITOR, .visitor = {{1}}, .name = SPAN("Ann")};
static const struct usher_by nameless = {.kind = USHER_VISITOR, .visitor = {{1}}};
static const struct usher_by bea = {.kind = USHER_AGENT, .agent = {"bea"}, .name = SPAN("Bea B.")};
static const struct usher_by bea_by_id = {.kind = USHER_AGENT, .agent = {"bea"}};
static const struct usher_by faq = {.kind = USHER_BOT, .agent = {"faq"}, .name = SPAN("FAQ")};
static const struct usher_by desk = {.kind = USHER_SYSTEM};

static struct golden *golden;
static char out[262144];

/* ------------------------------------------------------------------------- */
/* One effect, one golden line. */

static void golden_is(const struct usher_effect *fx)
{
    size_t len = 0;
    assert_true(golden_next(golden));
    assert_int_equal(usher_encode(fx, span_of("uv_0123"), out, sizeof out, &len), 0);
    if (len != golden->len || memcmp(out, golden->line, len) != 0) {
        fail_msg("server.jsonl:%d:\n%s\n%.*s", golden->number, golden->line, (int) len, out);
    }
    /* Exactly as much room as it takes is enough, and one byte less is not. */
    char *tight = malloc(len);
    assert_non_null(tight);
    size_t again = 0;
    assert_int_equal(usher_encode(fx, span_of("uv_0123"), tight, len, &again), 0);
    assert_int_equal(again, len);
    assert_memory_equal(tight, out, len);
    for (size_t cap = len < 200 ? 0 : len - 200; cap < len; cap++) {
        assert_int_equal(usher_encode(fx, span_of("uv_0123"), tight, cap, &again), USHER_EFULL);
    }
    free(tight);
}

static void fact_is(struct usher_fact fact, bool own)
{
    fact.at_ms = AT;
    fact.seq = 77;
    fact.session = session;
    fact.log = fact.log == 0 ? USHER_LOG_PUBLIC : fact.log;
    const struct usher_effect fx = {.type = USHER_DO_FACT, .as.fact = {&fact, own}};
    golden_is(&fx);
}

static void note_is(struct usher_note note)
{
    const struct usher_effect fx = {.type = USHER_DO_NOTE, .as.note = note};
    golden_is(&fx);
}

/* How a session begins, and what is said in it. */
static void golden_talk(void)
{
    const struct usher_queue_id sales = {"sales"};
    const struct usher_span email = SPAN("ann@shop.example");
    const struct usher_span k1 = SPAN("k1");
    fact_is((struct usher_fact){.type = USHER_FACT_OPENED,
                                .index = 1,
                                .by = ann,
                                .queue = sales,
                                .email = email,
                                .key = k1},
            true);
    /* A key is shown to its owner only. */
    fact_is(
        (struct usher_fact){
            .type = USHER_FACT_OPENED, .index = 1, .by = nameless, .queue = sales, .key = k1},
        false);
    fact_is(
        (struct usher_fact){
            .type = USHER_FACT_OPENED, .index = 1, .by = nameless, .queue = sales, .email = email},
        true);
    fact_is((struct usher_fact){.type = USHER_FACT_OPENED, .index = 1, .by = ann, .queue = sales},
            true);
    fact_is(
        (struct usher_fact){
            .type = USHER_FACT_SAID, .index = 2, .by = ann, .body = SPAN("Is it blue?")},
        false);
    fact_is((struct usher_fact){.type = USHER_FACT_SAID,
                                .index = UINT64_C(9007199254740991),
                                .by = bea,
                                .key = SPAN("cl\xC3\xA9 \"1\""),
                                .body = SPAN("Yes.\r\n\tIt is blue: \"#00f\" \\ \x01\x1F\b\f/")},
            true);
    fact_is((struct usher_fact){.type = USHER_FACT_SAID,
                                .index = 4,
                                .by = faq,
                                .body = SPAN(
                                    "\xE0\xB8\xAA\xE0\xB8\xA7\xE0\xB8\xB1\xE0\xB8\xAA\xE0\xB8\x94"
                                    "\xE0\xB8\xB5 \xF0\x9F\x98\x80")},
            false);
    fact_is((struct usher_fact){.type = USHER_FACT_SAID, .index = 5, .by = desk, .body = SPAN("x")},
            false);
    fact_is((struct usher_fact){.type = USHER_FACT_WHISPERED,
                                .log = USHER_LOG_INTERNAL,
                                .index = 1,
                                .after = 4,
                                .by = bea,
                                .key = SPAN("w1"),
                                .body = SPAN("VIP")},
            true);
    fact_is((struct usher_fact){.type = USHER_FACT_WHISPERED,
                                .log = USHER_LOG_INTERNAL,
                                .index = 2,
                                .by = bea,
                                .key = SPAN("w2"),
                                .body = SPAN("not mine")},
            false);
    fact_is((struct usher_fact){.type = USHER_FACT_SEEN, .index = 6, .by = ann, .number = 5},
            false);
    fact_is(
        (struct usher_fact){
            .type = USHER_FACT_SEEN, .index = 7, .by = bea, .number = 6, .key = SPAN("s1")},
        true);
    fact_is(
        (struct usher_fact){.type = USHER_FACT_JOINED, .index = 3, .by = bea, .key = SPAN("a1")},
        true);
}

/* Who holds the session, and how it comes and goes. */
static void golden_changes(void)
{
    const struct usher_queue_id sales = {"sales"};
    const struct usher_queue_id returns = {"returns"};
    fact_is((struct usher_fact){.type = USHER_FACT_JOINED, .index = 3, .by = bea_by_id}, false);
    fact_is((struct usher_fact){.type = USHER_FACT_LEFT,
                                .index = 8,
                                .by = desk,
                                .agent = {"bea"},
                                .agent_name = SPAN("Bea B."),
                                .cause = USHER_CAUSE_LOST,
                                .queue = sales},
            false);
    fact_is(
        (struct usher_fact){
            .type = USHER_FACT_MOVED, .index = 9, .by = bea, .queue = returns, .key = SPAN("m1")},
        true);
    fact_is((struct usher_fact){.type = USHER_FACT_MOVED,
                                .index = 9,
                                .by = bea,
                                .queue = sales,
                                .agent = {"cyd"},
                                .agent_name = SPAN("Cyd")},
            false);
    fact_is((struct usher_fact){.type = USHER_FACT_MOVED,
                                .index = 9,
                                .by = desk,
                                .queue = returns,
                                .cause = USHER_CAUSE_WAITED},
            false);
    fact_is((struct usher_fact){.type = USHER_FACT_ESCALATED,
                                .index = 9,
                                .by = desk,
                                .queue = sales,
                                .number = 5,
                                .cause = USHER_CAUSE_WAITED},
            false);
    fact_is((struct usher_fact){.type = USHER_FACT_CLOSED,
                                .index = 10,
                                .by = ann,
                                .cause = USHER_CAUSE_ASKED,
                                .key = SPAN("c1")},
            true);
    fact_is(
        (struct usher_fact){
            .type = USHER_FACT_CLOSED, .index = 10, .by = desk, .cause = USHER_CAUSE_ABANDONED},
        false);
    fact_is(
        (struct usher_fact){
            .type = USHER_FACT_CLOSED, .index = 10, .by = desk, .cause = USHER_CAUSE_WAITED},
        false);
    fact_is(
        (struct usher_fact){
            .type = USHER_FACT_REOPENED, .index = 11, .by = ann, .queue = sales, .key = SPAN("r1")},
        true);
    fact_is((struct usher_fact){.type = USHER_FACT_VISITED,
                                .log = USHER_LOG_INTERNAL,
                                .index = 3,
                                .after = 2,
                                .by = ann,
                                .key = SPAN("v1"),
                                .body = SPAN("https://shop.example/mug\nMug \"blue\"")},
            false);
    fact_is((struct usher_fact){.type = USHER_FACT_VISITED,
                                .log = USHER_LOG_INTERNAL,
                                .index = 4,
                                .after = 2,
                                .by = ann,
                                .body = SPAN("https://shop.example/")},
            false);
}

static const struct usher_hello_queue queues[] = {{{"sales"}, SPAN("Sales & more"), true, false},
                                                  {{"returns"}, {0}, false, false}};
static const struct usher_hello_agent agents[] = {{{"bea"}, SPAN("Bea B.")}, {{"cyd"}, {0}}};

static void golden_hellos(void)
{
    const struct usher_hello_session sessions[] = {
        {session, USHER_STATE_ACTIVE, {9, 2}, {"sales"}},
        {session2, USHER_STATE_CLOSED, {4, 0}, {"returns"}}};
    const struct usher_hello_session waiting[] = {
        {session, USHER_STATE_WAITING, {1, 0}, {"sales"}},
        {session2, USHER_STATE_OFFERED, {2, 1}, {"sales"}}};
    struct usher_note n = {.type = USHER_NOTE_HELLO};
    n.as.hello.as = USHER_VISITOR;
    for (size_t i = 0; i < 16; i++) {
        n.as.hello.visitor.b[i] = (uint8_t) (0xA0 + i);
    }
    n.as.hello.epoch = UINT64_C(0x0123456789ABCDEF);
    n.as.hello.now_ms = AT;
    n.as.hello.body_max = 8192;
    n.as.hello.queues = queues;
    n.as.hello.n_queues = 2;
    n.as.hello.sessions = sessions;
    n.as.hello.n_sessions = 2;
    note_is(n);
    struct usher_note empty = n;
    empty.as.hello.epoch = 1;
    empty.as.hello.body_max = 100;
    empty.as.hello.n_queues = 0;
    empty.as.hello.n_sessions = 0;
    note_is(empty);
    n.as.hello.as = USHER_AGENT;
    n.as.hello.agent = bea.agent;
    n.as.hello.name = bea.name;
    n.as.hello.capacity = 6;
    n.as.hello.epoch = UINT64_MAX;
    n.as.hello.n_own = 1;
    n.as.hello.agents = agents;
    n.as.hello.n_agents = 2;
    note_is(n);
    n.as.hello.name = (struct usher_span){0};
    n.as.hello.supervisor = true;
    n.as.hello.ready = true;
    n.as.hello.capacity = 1;
    n.as.hello.n_queues = 0;
    n.as.hello.n_own = 0;
    n.as.hello.n_agents = 0;
    n.as.hello.sessions = waiting;
    note_is(n);
}

static void golden_offers(void)
{
    struct usher_note n = {.type = USHER_NOTE_OFFER, .session = session};
    n.as.offer.number = 17;
    n.as.offer.until_ms = AT + 20000;
    n.as.offer.queue = (struct usher_queue_id){"sales"};
    n.as.offer.name = ann.name;
    n.as.offer.email = span_of("ann@shop.example");
    n.as.offer.cost = 1;
    note_is(n);
    struct usher_note blank = n;
    blank.as.offer.number = UINT64_C(9007199254740991);
    blank.as.offer.name = (struct usher_span){0};
    blank.as.offer.email = (struct usher_span){0};
    blank.as.offer.cost = 2;
    note_is(blank);
    static const struct usher_skill needs[] = {{{"en"}, 1}, {{"returns-desk"}, 255}};
    struct usher_note urgent = n;
    urgent.as.offer.priority = 7;
    note_is(urgent);
    urgent.as.offer.needs = needs;
    urgent.as.offer.n_needs = 2;
    note_is(urgent);
    static const enum usher_cause causes[] = {
        USHER_CAUSE_NONE, USHER_CAUSE_MISSED,  USHER_CAUSE_DECLINED, USHER_CAUSE_LOST,
        USHER_CAUSE_GONE, USHER_CAUSE_RESTART, USHER_CAUSE_NOT_READY, USHER_CAUSE_TAKEN};
    n.type = USHER_NOTE_OFFER_OVER;
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        n.as.offer.cause = causes[i];
        note_is(n);
    }
}

static void agent_is(bool ready, enum usher_cause cause, const char *reason)
{
    struct usher_note n = {.type = USHER_NOTE_AGENT};
    n.as.agent.ready = ready;
    n.as.agent.cause = cause;
    n.as.agent.reason = span_of(reason);
    note_is(n);
}

static void golden_news(void)
{
    struct usher_note n = {.type = USHER_NOTE_TYPING, .session = session, .by = ann};
    note_is(n);
    n.by = bea;
    note_is(n);
    struct usher_note presence = {.type = USHER_NOTE_PRESENCE, .session = session, .by = ann};
    presence.as.presence.here = true;
    note_is(presence);
    presence.by = bea;
    presence.as.presence.here = false;
    note_is(presence);
    agent_is(true, USHER_CAUSE_NONE, "");
    agent_is(false, USHER_CAUSE_ASKED, "Lunch");
    agent_is(false, USHER_CAUSE_MISSED, "");
    agent_is(false, USHER_CAUSE_LOST, "");
}

static void done_is(const char *key, uint64_t was, enum usher_log log)
{
    struct usher_note n = {.type = USHER_NOTE_DONE, .key = span_of(key), .session = session};
    n.as.done.was = was;
    n.as.done.log = log;
    note_is(n);
}

static void refused_is(const char *key, enum usher_why why, const char *text, uint32_t retry_ms)
{
    struct usher_note n = {.type = USHER_NOTE_REFUSED, .key = span_of(key), .session = session};
    n.as.refused.why = why;
    n.as.refused.text = text;
    n.as.refused.retry_ms = retry_ms;
    note_is(n);
}

static void golden_answers(void)
{
    static const enum usher_why final[] = {USHER_BAD_FIELD, USHER_UNKNOWN_TYPE, USHER_UNAUTHORIZED,
                                           USHER_UNKNOWN,   USHER_TOO_LARGE,    USHER_FULL,
                                           USHER_CLOSED,    USHER_KEY_CONFLICT, USHER_OFFER_GONE};
    /* Without a session fact, no session is told; and only `taken` says which. */
    done_is("r1", 0, USHER_LOG_PUBLIC);
    done_is("k1", 2, USHER_LOG_PUBLIC);
    done_is("w1", 1, USHER_LOG_INTERNAL);
    refused_is("k2", USHER_TOO_FAST, "too fast", 1000);
    refused_is("", USHER_BAD_FRAME, "not a well-formed frame", 0);
    refused_is("k1", USHER_TAKEN, "a session is open", 0);
    for (size_t i = 0; i < sizeof final / sizeof final[0]; i++) {
        refused_is("k1", final[i], "", 0);
    }
    refused_is("k1", USHER_BUSY, NULL, 5000);
    refused_is("k1", USHER_DEGRADED, NULL, 5000);
}

static void golden_rest(void)
{
    struct usher_note reset = {.type = USHER_NOTE_RESET, .session = session};
    reset.as.reset.log = USHER_LOG_PUBLIC;
    reset.as.reset.head = 9000;
    reset.as.reset.first = 4001;
    note_is(reset);
    reset.as.reset.log = USHER_LOG_INTERNAL;
    reset.as.reset.head = 2;
    reset.as.reset.first = 1;
    note_is(reset);
    struct usher_note degraded = {.type = USHER_NOTE_DEGRADED};
    degraded.as.degraded.on = true;
    note_is(degraded);
    degraded.as.degraded.on = false;
    note_is(degraded);
    const struct usher_fact facts[] = {{.type = USHER_FACT_SAID,
                                        .log = USHER_LOG_PUBLIC,
                                        .session = session,
                                        .index = 2,
                                        .at_ms = AT,
                                        .by = ann,
                                        .key = SPAN("k1"),
                                        .body = SPAN("Is it blue?")},
                                       {.type = USHER_FACT_WHISPERED,
                                        .log = USHER_LOG_INTERNAL,
                                        .session = session,
                                        .index = 1,
                                        .after = 4,
                                        .at_ms = AT,
                                        .by = bea,
                                        .key = SPAN("w1"),
                                        .body = SPAN("VIP")}};
    struct usher_note history = {.type = USHER_NOTE_HISTORY, .session = session};
    note_is(history);
    history.key = span_of("h1");
    history.as.history.facts = facts;
    history.as.history.n = 2;
    history.as.history.more = true;
    note_is(history);
}

static void golden_board(void)
{
    const struct usher_board_queue rows[] = {
        {{"sales"}, SPAN("Sales & more"), true, 2, 3, 4, AT}, {.queue = {"returns"}}};
    const struct usher_board_agent people[] = {
        {{"bea"}, SPAN("Bea B."), true, false, USHER_CAUSE_MISSED, 1, 6},
        {.agent = {"cyd"}, .capacity = 1}};
    struct usher_note n = {.type = USHER_NOTE_BOARD};
    note_is(n);
    n.as.board.queues = rows;
    n.as.board.n_queues = 2;
    n.as.board.agents = people;
    n.as.board.n_agents = 2;
    note_is(n);
}

static void golden_explained(void)
{
    const struct usher_explained people[] = {{{"bea"}, USHER_CAN, 0, 1, 6},
                                             {{"cyd"}, USHER_TOO_EARLY, 30000, 0, 1}};
    struct usher_note n = {.type = USHER_NOTE_EXPLAINED, .session = session};
    n.as.explained.of = (struct usher_explanation){.state = USHER_STATE_OFFERED,
                                                   .queue = {"sales"},
                                                   .waited_ms = 7,
                                                   .next_ms = USHER_NEVER};
    note_is(n);
    n.key = (struct usher_span) SPAN("e1");
    n.as.explained.of = (struct usher_explanation){.state = USHER_STATE_WAITING,
                                                   .queue = {"sales"},
                                                   .priority = 2,
                                                   .place = 3,
                                                   .waited_ms = 61000,
                                                   .hindrance = USHER_QUEUE_FULL,
                                                   .next_ms = 30000,
                                                   .n_can = 1,
                                                   .n_agents = 2};
    n.as.explained.agents = people;
    n.as.explained.n_agents = 2;
    note_is(n);
    struct usher_note place = {.type = USHER_NOTE_PLACE, .session = session};
    place.as.place.place = 1;
    place.as.place.known = true;
    place.as.place.low_ms = 1200;
    place.as.place.high_ms = 9000;
    note_is(place);
}

static void every_effect_is_written_as_its_golden_line(void **state)
{
    (void) state;
    size_t len = 0;
    golden = golden_open("server.jsonl");
    golden_talk();
    golden_changes();
    golden_hellos();
    struct usher_note place = {.type = USHER_NOTE_PLACE, .session = session};
    place.as.place.place = 3;
    note_is(place);
    golden_offers();
    golden_news();
    golden_answers();
    golden_rest();
    golden_board();
    golden_explained();
    assert_true(golden_next(golden));
    assert_int_equal(usher_encode_bye(500, out, sizeof out, &len), 0);
    assert_int_equal(len, golden->len);
    assert_memory_equal(out, golden->line, len);
    for (size_t cap = 0; cap < golden->len; cap++) {
        assert_int_equal(usher_encode_bye(500, out, cap, &len), USHER_EFULL);
    }
    assert_false(golden_next(golden));
    golden_close(golden);
}

/* ------------------------------------------------------------------------- */

static void the_desks_own_facts_are_never_shown(void **state)
{
    (void) state;
    static const enum usher_fact_type own[] = {USHER_FACT_VISITOR, USHER_FACT_AGENT,
                                               USHER_FACT_OFFERED, USHER_FACT_OFFER_OVER};
    size_t len = 0;
    for (size_t i = 0; i < 4; i++) {
        const struct usher_fact fact = {.type = own[i], .log = USHER_LOG_DESK, .session = session};
        const struct usher_effect fx = {.type = USHER_DO_FACT, .as.fact = {&fact, false}};
        assert_int_equal(usher_encode(&fx, (struct usher_span){0}, out, sizeof out, &len),
                         USHER_EINVAL);
        struct usher_effect history = {.type = USHER_DO_NOTE,
                                       .as.note = {.type = USHER_NOTE_HISTORY}};
        history.as.note.as.history.facts = &fact;
        history.as.note.as.history.n = 1;
        assert_int_equal(usher_encode(&history, (struct usher_span){0}, out, sizeof out, &len),
                         USHER_EINVAL);
    }
}

static void only_facts_and_notes_are_written(void **state)
{
    (void) state;
    static const enum usher_effect_type others[] = {USHER_DO_DROP, USHER_DO_PERSIST, USHER_DO_FETCH,
                                                    USHER_DO_FIND};
    size_t len = 0;
    for (size_t i = 0; i < 4; i++) {
        const struct usher_effect fx = {.type = others[i]};
        assert_int_equal(usher_encode(&fx, (struct usher_span){0}, out, sizeof out, &len),
                         USHER_EINVAL);
    }
    struct usher_effect hello = {.type = USHER_DO_NOTE, .as.note = {.type = USHER_NOTE_HELLO}};
    assert_int_equal(usher_encode(&hello, (struct usher_span){0}, out, sizeof out, &len),
                     USHER_EINVAL);
    const struct usher_hello_session none = {.session = session};
    hello.as.note.as.hello.as = USHER_AGENT;
    hello.as.note.as.hello.sessions = &none;
    hello.as.note.as.hello.n_sessions = 1;
    assert_int_equal(usher_encode(&hello, (struct usher_span){0}, out, sizeof out, &len),
                     USHER_EINVAL);
}

static void a_token_is_told_to_visitors_only(void **state)
{
    (void) state;
    size_t len = 0;
    struct usher_effect fx = {.type = USHER_DO_NOTE, .as.note = {.type = USHER_NOTE_HELLO}};
    fx.as.note.as.hello.as = USHER_AGENT;
    assert_int_equal(usher_encode(&fx, span_of("secret"), out, sizeof out - 1, &len), 0);
    out[len] = 0;
    assert_null(strstr(out, "secret"));
    fx.as.note.as.hello.as = USHER_VISITOR;
    assert_int_equal(usher_encode(&fx, span_of("secret"), out, sizeof out - 1, &len), 0);
    out[len] = 0;
    assert_non_null(strstr(out, "\"token\":\"secret\""));
}

/* The largest fact there is: every text full of what takes six bytes. */
static void the_largest_fact_fits(void **state)
{
    (void) state;
    static char body[8192], name[USHER_NAME_MAX], key[USHER_KEY_MAX];
    memset(body, 1, sizeof body);
    memset(name, 1, sizeof name);
    memset(key, 1, sizeof key);
    const struct usher_fact fact = {.type = USHER_FACT_SAID,
                                    .log = USHER_LOG_INTERNAL,
                                    .session = session,
                                    .index = UINT64_MAX,
                                    .after = UINT64_MAX,
                                    .at_ms = INT64_MIN,
                                    .by = {.kind = USHER_AGENT,
                                           .agent = {"abcdefghijklmnopqrstuvwxyz01234"},
                                           .name = {name, sizeof name}},
                                    .key = {key, sizeof key},
                                    .body = {body, sizeof body}};
    const struct usher_effect fx = {.type = USHER_DO_FACT, .as.fact = {&fact, true}};
    size_t len = 0;
    assert_true(USHER_ENCODE_MAX(8192) <= sizeof out);
    assert_int_equal(usher_encode(&fx, (struct usher_span){0}, out, USHER_ENCODE_MAX(8192), &len),
                     0);
    assert_true(len > 6 * (8192 + USHER_NAME_MAX + USHER_KEY_MAX));
    out[len] = 0;
    assert_non_null(strstr(out, "\"index\":18446744073709551615,\"after\":18446744073709551615,"
                                "\"at\":-9223372036854775808,"));
}

static void names_are_those_of_the_protocol(void **state)
{
    (void) state;
    assert_string_equal(usher_fact_name(USHER_FACT_OFFER_OVER), "offer_over");
    assert_string_equal(usher_fact_name(USHER_FACT_VISITOR), "visitor");
    assert_string_equal(usher_fact_name(USHER_FACT_AGENT), "agent");
    assert_string_equal(usher_fact_name(USHER_FACT_OFFERED), "offered");
    assert_string_equal(usher_fact_name((enum usher_fact_type) 0), "?");
    assert_string_equal(usher_cause_name(USHER_CAUSE_NONE), "");
    assert_string_equal(usher_why_name(USHER_WHY_NONE), "");
    assert_string_equal(usher_version(), USHER_VERSION_STRING);
    for (int err = 0; err >= USHER_EBUSY; err--) {
        assert_true(strlen(usher_strerror(err)) > 6);
        assert_string_not_equal(usher_strerror(err), usher_strerror(1));
    }
    assert_string_equal(usher_strerror(USHER_EBUSY - 1), usher_strerror(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_effect_is_written_as_its_golden_line),
        cmocka_unit_test(the_desks_own_facts_are_never_shown),
        cmocka_unit_test(only_facts_and_notes_are_written),
        cmocka_unit_test(a_token_is_told_to_visitors_only),
        cmocka_unit_test(the_largest_fact_fits),
        cmocka_unit_test(names_are_those_of_the_protocol),
    };
    return cmocka_run_group_tests_name("wire_encode", tests, NULL, NULL);
}
