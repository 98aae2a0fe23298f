/* wire_main.c - measures gate, decoder and encoder on one message, beside cJSON's parse and print.
 * SPDX-License-Identifier: MIT
 *
 *   wire ROUNDS TURNS
 *
 * Two messages: one whose frame has 120 bytes, and one whose text has. One JSON line a
 * round and message: ns for decoding (with the gate), for encoding its fact, and for cJSON. */
#include "rounds.h"
#include "usher.h"
#include "usher/wire.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION "00112233445566778899aabbccddeeff"
#define KEY "6f1ed002ab5595859014ebf0951522d9"
#define TEXT                                                                                       \
    "Do you still have the blue vase, and would it be here by Friday? It is a present; "           \
    "thank you for looking it up, dear Ann!"

_Static_assert(sizeof TEXT == 121, "120 bytes");

struct message {
    const char *name, *frame;
};

static const struct message messages[] = {
    {"frame120", "{\"type\":\"say\",\"session\":\"" SESSION "\",\"key\":\"6f1ed002ab55\","
                 "\"body\":\"Is the blue one still for sale\"}"},
    {"text120",
     "{\"type\":\"say\",\"session\":\"" SESSION "\",\"key\":\"" KEY "\",\"body\":\"" TEXT "\"}"},
};

static void need(bool good, const char *what)
{
    if (!good) {
        fprintf(stderr, "wire: %s\n", what);
        exit(1);
    }
}

static double time_decode(struct usher_decoder *d, struct usher_span frame,
                          struct usher_decoded *out, unsigned turns)
{
    uint64_t from = rounds_ns();

    for (unsigned i = 0; i < turns; i++) {
        need(usher_decode(d, USHER_VISITOR, frame, 8192, out) == 0, "it is not decoded");
    }
    return (double) (rounds_ns() - from) / turns;
}

/* The fact that the message becomes, as its sender is told. */
static double time_encode(const struct usher_decoded *said, unsigned turns)
{
    const struct usher_event *ev = &said->event;
    struct usher_fact fact = {.seq = 123456,
                              .at_ms = 1790000000123,
                              .type = USHER_FACT_SAID,
                              .log = USHER_LOG_PUBLIC,
                              .session = ev->session,
                              .index = 1234,
                              .by = {.kind = USHER_VISITOR},
                              .key = ev->key,
                              .body = ev->as.say.body};
    struct usher_effect fx = {.type = USHER_DO_FACT, .as.fact = {.fact = &fact, .own = true}};
    struct usher_span none = {NULL, 0};
    size_t size = USHER_ENCODE_MAX(8192);
    char *out = malloc(size);
    size_t len = 0;

    need(out != NULL, "no memory");
    uint64_t from = rounds_ns();
    for (unsigned i = 0; i < turns; i++) {
        need(usher_encode(&fx, none, out, size, &len) == 0, "it is not encoded");
    }
    double ns = (double) (rounds_ns() - from) / turns;
    free(out);
    return ns;
}

static double time_cjson(struct usher_span frame, unsigned turns)
{
    uint64_t from = rounds_ns();

    for (unsigned i = 0; i < turns; i++) {
        cJSON *json = cJSON_ParseWithLength(frame.base, frame.len);
        char *text = cJSON_PrintUnformatted(json);
        need(text != NULL, "cJSON fails");
        cJSON_free(text);
        cJSON_Delete(json);
    }
    return (double) (rounds_ns() - from) / turns;
}

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned) strtoul(argv[1], NULL, 10) : 5;
    unsigned turns = argc > 2 ? (unsigned) strtoul(argv[2], NULL, 10) : 200000;
    struct usher_decoder *d = NULL;
    struct usher_decoded out;

    need(usher_decoder_new(&d) == 0, "no memory");
    for (unsigned round = 1; round <= rounds; round++) {
        for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
            const struct message *m = &messages[i];
            struct usher_span frame = {m->frame, strlen(m->frame)};
            double cjson_ns = time_cjson(frame, turns / 4);
            double decode_ns = time_decode(d, frame, &out, turns);
            double encode_ns = time_encode(&out, turns);
            printf("{\"round\":%u,\"message\":\"%s\",\"bytes\":%zu,\"decode_ns\":%.1f,"
                   "\"encode_ns\":%.1f,\"cjson_ns\":%.1f}\n",
                   round, m->name, frame.len, decode_ns, encode_ns, cjson_ns);
        }
        fflush(stdout);
    }
    usher_decoder_free(d);
    return 0;
}
