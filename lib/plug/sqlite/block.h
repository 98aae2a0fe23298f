/* block.h - which facts may be a session's, or have a key: three numbers for each fact.
 * SPDX-License-Identifier: MIT
 *
 * The history is cut into blocks of 1,024 seqs. A block that is full has a row in the table
 * `block`; the last one is kept in memory, and read from its facts when the file is opened.
 * So nothing is sorted when facts are written, and a reader looks through every block that
 * may hold what he wants, some microseconds each. The numbers only say which facts are out of
 * the question: what remains is looked at.
 *
 *     block: seq >> 10     n: seq & 1023
 *     sessions[n]   from the id of its session
 *     places[n]     its index, and a bit for the internal log
 *     keys[n]       from its author and its key
 *
 * Each has 32 bits, the lowest byte first. They are on disk: never change them. */
#ifndef USH_SQLITE_BLOCK_H
#define USH_SQLITE_BLOCK_H

#include "db.h"

/* Seqs, ascending. */
struct ush_hits {
    size_t n;
    uint64_t seqs[USH_BLOCK_FACTS];
};

uint64_t ush_block_of(uint64_t seq);

/* Know the last block, when s->mark is known. */
int ush_block_read_last(struct ush_sqlite *s, struct usher_fault *why);
/* A fact is being written, after all before it. A result of SQLite. */
int ush_block_add(struct ush_sqlite *s, const struct usher_fact *fact);

/* What may be in what->log of what->session, with what->after < index < what->before. */
int ush_block_find_session(struct ush_sqlite *s, uint64_t block, const struct usher_fetch *what,
                           struct ush_hits *out, struct usher_fault *why);
/* What may have this key of this person. */
int ush_block_find_key(struct ush_sqlite *s, uint64_t block, const struct usher_find *what,
                       struct ush_hits *out, struct usher_fault *why);

#endif
