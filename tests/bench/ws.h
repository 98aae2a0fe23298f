/* ws.h - just enough of RFC 6455 for a load generator and for a relay.
 * SPDX-License-Identifier: MIT */
#ifndef BENCH_WS_H
#define BENCH_WS_H

#include <stdbool.h>
#include <stddef.h>

enum { WS_TEXT = 1, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10, WS_HEAD_MAX = 14, WS_MASK = 4 };

struct ws_frame {
    int opcode;
    char *payload; /* unmasked, where it was read */
    size_t len;
    size_t size; /* with its head */
};

/* Is a whole frame here? 1: yes; 0: more must be read; -1: nothing that we speak. */
int ws_parse(char *bytes, size_t n, struct ws_frame *out);

/* Write the head of a frame that is whole. With a mask the caller masks the payload. */
size_t ws_head(char out[WS_HEAD_MAX], int opcode, size_t len, const unsigned char *mask);

/* XOR the payload with the mask; `at` is the place of its first byte in the frame's payload. */
void ws_mask(char *bytes, size_t n, const unsigned char mask[WS_MASK], size_t at);

/* The value of Sec-WebSocket-Accept for a request's head, NUL-terminated; false if it names no key.
 */
bool ws_accept(const char *head, char out[32]);

#endif
