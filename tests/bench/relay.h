/* relay.h - what both relays do with a frame: who is told what a pair says.
 * SPDX-License-Identifier: MIT
 *
 * A link says first which pairs are its own ("hello v FIRST COUNT"); every frame
 * after that names its pair (say.h) and goes back to its sender and on to the other side. */
#ifndef RELAY_H
#define RELAY_H

#include <stdbool.h>
#include <stddef.h>

enum { RELAY_PAIRS = 4096 };

struct relay {
    void *link[RELAY_PAIRS][2]; /* 0: the visitor's, 1: the agent's */
};

/* Does this frame say hello? Then the link is entered. */
bool relay_hello(struct relay *r, void *link, const char *frame, size_t len);
/* Who is the other side of the pair that this frame names? NULL: nobody yet. */
void *relay_peer(const struct relay *r, const void *link, const char *frame, size_t len);
/* Listen on a free port of 127.0.0.1, and print it. */
int relay_listen(void);

#endif
