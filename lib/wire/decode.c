/* decode.c - one frame in: through the gate, through the parser, into an event or a hello.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "flat.h"
#include "gate.h"
#include "hello.h"

struct usher_decoder {
    cJSON *frame;  /* of the last call: what it handed out points in here */
    cJSON *secret; /* its token, which is wiped before it is freed */
    struct ush_flat flat;
    struct usher_skill needs[USHER_NEEDS_MAX];
    struct ush_gate gate;
};

int usher_decoder_new(struct usher_decoder **out)
{
    struct usher_decoder *d = malloc(sizeof *d);
    if (d == NULL) {
        return USHER_ENOMEM;
    }
    d->frame = NULL;
    d->secret = NULL;
    *out = d;
    return 0;
}

static void forget(struct usher_decoder *d)
{
    if (d->secret != NULL) {
        memset(d->secret->valuestring, 0, strlen(d->secret->valuestring));
    }
    if (d->frame != &d->flat.object) {
        cJSON_Delete(d->frame);
    }
    d->frame = NULL;
    d->secret = NULL;
}

void usher_decoder_free(struct usher_decoder *d)
{
    if (d != NULL) {
        forget(d);
        free(d);
    }
}

static void reset(struct usher_decoded *out)
{
    out->is_hello = false;
    out->event = (struct usher_event){0};
    out->why = USHER_WHY_NONE;
    out->key = (struct usher_span){0};
    out->text[0] = 0;
}

/* A frame that is none: the text says at which byte. */
static int refuse_frame(struct usher_decoded *out, const char *why, size_t at)
{
    char digits[24] = {0};
    char *first = digits + sizeof digits - 1;
    do {
        *--first = (char) ('0' + at % 10);
        at /= 10;
    } while (at > 0);
    return ush_field_refuse(out, USHER_BAD_FRAME, "byte ", first, why);
}

/* From bytes to an object that has passed the gate. */
static int parse(struct usher_decoder *d, enum usher_kind as, struct usher_span frame,
                 struct usher_decoded *out)
{
    size_t max = as == USHER_VISITOR ? USHER_FRAME_VISITOR : USHER_FRAME_MAX;
    const char *why;
    size_t at;
    if (frame.len == 0) {
        return refuse_frame(out, "nothing", 0);
    }
    if (frame.len > max) {
        return ush_field_refuse(out, USHER_TOO_LARGE, "", "frame", "too large");
    }
    if (!ush_gate_pass(&d->gate, frame.base, frame.len, &why, &at)) {
        return refuse_frame(out, why, at);
    }
    d->frame = d->gate.flat ? ush_flat_make(&d->flat, &d->gate, frame)
                            : cJSON_ParseWithLength(frame.base, frame.len);
    if (d->frame == NULL) {
        /* What has passed the gate is JSON: only memory can be short. */
        return ush_field_refuse(out, USHER_BUSY, "", "", "out of memory");
    }
    return 0;
}

/* 1 to 64 bytes of text, or no key at all; else false. */
static bool read_key(const cJSON *item, struct usher_span *out)
{
    struct usher_span key = {0};
    if (item != NULL && (!ush_text(item, &key) || key.len == 0 || key.len > USHER_KEY_MAX)) {
        return false;
    }
    *out = key;
    return true;
}

static int read_hello(struct usher_decoder *d, struct ush_reading *r)
{
    cJSON *token = cJSON_GetObjectItemCaseSensitive(d->frame, "token");
    d->secret = cJSON_IsString(token) ? token : NULL;
    r->out->hello = (struct usher_hello){0};
    return ush_hello_read(r, d->frame);
}

static int read_command(struct usher_decoder *d, struct ush_reading *r, enum usher_kind as,
                        const char *type, bool key_ok)
{
    if (strcmp(type, "hello") == 0) {
        return ush_field_refuse(r->out, USHER_BAD_FIELD, "", "type", "hello is said only once");
    }
    if (!key_ok) {
        return ush_field_refuse(r->out, USHER_BAD_FIELD, "", "key",
                                "must be 1 to 64 bytes of text");
    }
    r->out->event.key = r->out->key;
    return ush_command_read(r, as, type, d->frame);
}

int usher_decode(struct usher_decoder *d, enum usher_kind as, struct usher_span frame,
                 uint32_t body_max, struct usher_decoded *out)
{
    struct ush_reading r = {out, body_max, d->needs};
    forget(d);
    reset(out);
    int rv = parse(d, as, frame, out);
    if (rv != 0) {
        return rv;
    }
    /* The key first: a refusal for whatever else is wrong must carry it. */
    bool key_ok = read_key(ush_member(d->frame, "key"), &out->key);
    const cJSON *type = ush_member(d->frame, "type");
    if (!cJSON_IsString(type)) {
        return ush_field_refuse(out, USHER_BAD_FRAME, "", "type", "must be text");
    }
    if (as != USHER_SYSTEM) {
        return read_command(d, &r, as, type->valuestring, key_ok);
    }
    if (strcmp(type->valuestring, "hello") != 0) {
        return ush_field_refuse(out, USHER_UNAUTHORIZED, "", "", "say hello first");
    }
    return read_hello(d, &r);
}
