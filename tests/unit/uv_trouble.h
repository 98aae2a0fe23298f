/* uv_trouble.h - a storage that does what another does, except where a test wants trouble.
 * SPDX-License-Identifier: MIT */
#ifndef UV_TROUBLE_H
#define UV_TROUBLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "usher/storage.h"

struct trouble {
    struct usher_storage storage; /* first: the ops take it for the whole */
    struct usher_storage *real;
    uv_mutex_t lock;
    uv_cond_t wake;
    /* what to do wrong; under the lock */
    int append_fails;       /* so many times, without effect */
    int append_err;         /* with this error (EIO) */
    int replies_lost;       /* so many appends commit, but say that they failed */
    int mark_fails;         /* so many times */
    uint64_t mark_lies;     /* mark says this instead; 0: the truth */
    int reads_fail;         /* fetch, history and finds, so many times */
    int load_fails;
    int load_lies;          /* so many times, load tells a fact that cannot be */
    bool mute;              /* it says nothing in words */
    bool hang;              /* appends wait until this is false again */
    bool load_hangs;
    /* what happened */
    int appends, marks, hanging;
    bool closed;
};

void trouble_close(struct usher_storage *s);
/* `real` is closed with it; the memory stays the test's. */
void trouble_init(struct trouble *t, struct usher_storage *real);
void trouble_done(struct trouble *t);
/* Change, or look at, what is under the lock. */
void trouble_set(struct trouble *t, int *what, int value);
int trouble_get(struct trouble *t, const int *what);
void trouble_hang(struct trouble *t, bool *what, bool on);

#endif
