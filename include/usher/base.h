/* usher/base.h - the words that every other header uses.
 * SPDX-License-Identifier: MIT */
#ifndef USHER_BASE_H
#define USHER_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef USHER_API
#define USHER_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Every fallible function returns 0 or one of these. They are never renumbered,
 * and each is described once, in docs/errors.md. */
enum usher_err {
    USHER_OK = 0,
    USHER_ENOMEM = -1,   /* the allocator said no; only *_new, *_open, *_start say this */
    USHER_EINVAL = -2,   /* the caller broke the contract; nothing changed */
    USHER_EFULL = -3,    /* a limit was reached; nothing changed (but see transport.h, send) */
    USHER_ESTATE = -4,   /* not now: not started, stopping, or already done */
    USHER_EIO = -5,      /* storage or transport failed; the struct usher_fault says why */
    USHER_ECORRUPT = -6, /* stored bytes do not decode, or a checked invariant is broken */
    USHER_EFENCED = -7,  /* another writer owns this desk */
    USHER_EWAIT = -8,    /* a look-up is out; step the same event again after FOUND */
    USHER_EBUSY = -9     /* too fast; try again later */
};

/* The name and meaning of an error in a few words. Static text. Any thread. */
USHER_API const char *usher_strerror(int err);

/* Ids are one-field structs so that the compiler refuses a session where an
 * agent is meant. All zero is "none". */
struct usher_link_id { uint64_t v; };          /* one live connection; the host numbers them, never again */
struct usher_session_id { uint8_t b[16]; };    /* random; on the wire 32 lower-case hex digits */
struct usher_visitor_id { uint8_t b[16]; };    /* random; the same form */

/* Agents and queues are named by the shop: 1 to 31 of a-z 0-9 . _ -, NUL-terminated,
 * zero-filled to the end (so that equal ids are equal bytes). */
#define USHER_ID_MAX 31
struct usher_agent_id { char s[USHER_ID_MAX + 1]; };
struct usher_queue_id { char s[USHER_ID_MAX + 1]; };
struct usher_skill_id { char s[USHER_ID_MAX + 1]; }; /* named by the shop, in the same form */

/* Borrowed bytes. Whoever hands out a span says how long it stays valid. */
struct usher_span { const void *base; size_t len; };

/* The core never reads a clock. mono_ms drives deadlines, wall_ms (since 1970) stamps records. */
struct usher_now { uint64_t mono_ms; int64_t wall_ms; };
#define USHER_NEVER UINT64_MAX

/* One function allocates, grows and frees: new_size 0 frees, ptr NULL allocates.
 * old_size is always the size last asked for. Fresh memory must be zero. */
struct usher_mem {
    void *ctx;
    void *(*resize)(void *ctx, void *ptr, size_t old_size, size_t new_size);
};

/* Why a plug-in failed, in words for a log line. */
struct usher_fault { int err; char text[160]; };

/* How loud a log line is. */
enum usher_level { USHER_DEBUG = 0, USHER_INFO = 1, USHER_WARN = 2, USHER_ERROR = 3 };

/* Limits of the protocol (docs/protocol.md), in bytes unless said. */
#define USHER_KEY_MAX 64
#define USHER_NAME_MAX 320    /* 80 characters of up to 4 bytes */
#define USHER_EMAIL_MAX 254
#define USHER_REASON_MAX 80
#define USHER_URL_MAX 2048     /* of a page that was looked at */
#define USHER_TITLE_MAX 800    /* 200 characters of up to 4 bytes */
#define USHER_HAVE_MAX 64     /* sessions that one hello may name */
#define USHER_HISTORY_MAX 100 /* facts in one history note */

/* Limits of routing (docs/routing.md). */
#define USHER_NEEDS_MAX 8      /* skills that one session needs */
#define USHER_PRIORITIES 8     /* 0, the usual one, to 7, the most urgent */
#define USHER_STEPS_MAX 8      /* of one queue, by waiting time */
#define USHER_FANOUT_MAX 8     /* agents who are offered one session at a time */

#ifdef __cplusplus
}
#endif
#endif
