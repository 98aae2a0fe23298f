/* say.h - the one message of the bench, as visitors and agents say it and as relays pass it on.
 * SPDX-License-Identifier: MIT
 *
 *     {"type":"say","session":"<32>","key":"<32>","body":"<120>"}
 *
 * A relay is told the pair by the first digits of `session`; usher by all of
 * them. The body begins with the message's slot, by which it is known again. */
#ifndef BENCH_SAY_H
#define BENCH_SAY_H

#define SAY_HEAD "{\"type\":\"say\",\"session\":\""
#define SAID_HEAD "{\"type\":\"said\",\"session\":\""
#define SAY_KEY "\",\"key\":\""
#define SAY_BODY "\",\"body\":\""
#define SAY_TAIL "\"}"

enum {
    SAY_ID = 32,    /* of a session, and of a key */
    SAY_PAIR = 8,   /* hex digits that name the pair to a relay */
    SAY_TEXT = 120, /* of a body */
    SAY_SESSION_AT = sizeof SAY_HEAD - 1,
    SAID_SESSION_AT = sizeof SAID_HEAD - 1,
    SAY_KEY_AT = SAY_SESSION_AT + SAY_ID + sizeof SAY_KEY - 1,
    SAY_BODY_AT = SAY_KEY_AT + SAY_ID + sizeof SAY_BODY - 1,
    SAY_TAIL_LEN = sizeof SAY_TAIL - 1,
    SAY_LEN = SAY_BODY_AT + SAY_TEXT + SAY_TAIL_LEN
};

/* To a relay: "hello v FIRST COUNT" or "hello a FIRST COUNT", the pairs of this
 * link; it answers "hello". */

#endif
