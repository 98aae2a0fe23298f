/* usher/wire.h - usher.v1 frames to events, effects to usher.v1 frames.
 * SPDX-License-Identifier: MIT
 *
 * docs/protocol.md is the protocol. Pure functions: no clock, no socket. A
 * decoder uses malloc through cJSON; the encoder writes where it is told. */
#ifndef USHER_WIRE_H
#define USHER_WIRE_H

#include "base.h"
#include "effect.h"
#include "event.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The WebSocket subprotocol. */
#define USHER_SUBPROTOCOL "usher.v1"
/* Largest frame from a visitor, and from anybody. */
#define USHER_FRAME_VISITOR 16384
#define USHER_FRAME_MAX 65536

/* A hello, decoded. Spans live until the next usher_decode() with the same decoder. */
struct usher_hello {
    enum usher_kind as;         /* VISITOR or AGENT */
    struct usher_span token;    /* empty: none given */
    bool has_epoch;
    uint64_t epoch;
    struct usher_span locale, page_url, page_title; /* checked, not kept (yet) */
    struct usher_have have[USHER_HAVE_MAX]; size_t n_have;
};

/* What a frame turned out to be. */
struct usher_decoded {
    bool is_hello;
    struct usher_hello hello;   /* if is_hello */
    struct usher_event event;   /* else: type, key, session and as; link and START's session are the caller's to fill */
    /* after an error */
    enum usher_why why;         /* BAD_FRAME: not a well-formed frame at all; else the field, the type, the size; BUSY: no memory */
    struct usher_span key;      /* of the refused command, if it could be read */
    char text[120];             /* what was wrong, in words; ASCII */
};

struct usher_decoder;
/* Errors: ENOMEM. */
USHER_API int usher_decoder_new(struct usher_decoder **out);
USHER_API void usher_decoder_free(struct usher_decoder *d); /* NULL is fine */

/* Decode one frame from a link that speaks `as` (SYSTEM: not signed in yet, so
 * only a hello will do). 0, or EINVAL and out->why, key, text. Everything in
 * *out is borrowed until the next call or free. */
USHER_API int usher_decode(struct usher_decoder *d, enum usher_kind as, struct usher_span frame,
                           uint32_t body_max, struct usher_decoded *out);

/* Is this text that may stand in a frame: UTF-8 without U+0000? Any thread. */
USHER_API bool usher_text_ok(struct usher_span text);
/* Is this a name: ≤ 80 characters, no control or direction marks? Any thread. */
USHER_API bool usher_name_ok(struct usher_span name);
/* Parse an id of an agent, a queue or a skill. EINVAL unless 1 to 31 of a-z 0-9 . _ - . Any thread. */
USHER_API int usher_agent_id_parse(struct usher_span text, struct usher_agent_id *out);
USHER_API int usher_queue_id_parse(struct usher_span text, struct usher_queue_id *out);
USHER_API int usher_skill_id_parse(struct usher_span text, struct usher_skill_id *out);
/* 32 lower-case hex digits, both ways; out of format has 33 bytes. Any thread. */
USHER_API int usher_session_id_parse(struct usher_span text, struct usher_session_id *out);
USHER_API void usher_session_id_format(struct usher_session_id id, char out[33]);
USHER_API void usher_visitor_id_format(struct usher_visitor_id id, char out[33]);

/* Write one effect (FACT or NOTE) as one JSON object, without a newline. `token`
 * stands in a visitor's HELLO note (else ignored). On success *len is the number
 * of bytes written. EFULL: cap is too small, nothing is promised about out.
 * EINVAL: not a fact or note that may be shown to a link. Any object but a HELLO
 * (long lists) or HISTORY note fits in USHER_ENCODE_MAX(body_max) bytes. */
USHER_API int usher_encode(const struct usher_effect *fx, struct usher_span token, char *out, size_t cap,
                           size_t *len);
#define USHER_ENCODE_MAX(body_max) (6 * (size_t)(body_max) + 65536)

/* {"type":"bye","retry_ms":N}: the server is about to close the link. */
USHER_API int usher_encode_bye(uint32_t retry_ms, char *out, size_t cap, size_t *len);

#ifdef __cplusplus
}
#endif
#endif
