/* save.c - the storage worker in virtual time: batches, fetches and look-ups, well or badly.
 * SPDX-License-Identifier: MIT
 *
 *      taken ---> try ---> saved ------------------------------> PERSISTED
 *                  ^ \---> failed, not saved ---> STORAGE_LOST, later again
 *                  |  \--> failed, yet saved ---> mark says so -> PERSISTED
 *                  +------------ or mark fails, too: STORAGE_LOST, later mark again */
#include <stdlib.h>
#include <string.h>

#include "../base/check.h"
#include "world.h"

void ush_save_begin(struct ush_world *w, const struct usher_batch *b)
{
    CHECK(!w->saving.out);
    w->saving.out = true;
    w->saving.doubt = w->saving.committed = false;
    w->saving.batch = *b;
}

static void note_durable(struct ush_world *w)
{
    for (uint64_t seq = w->durable + 1; seq <= w->store.n; seq++) {
        const struct usher_fact *f = ush_store_at(&w->store, seq);
        struct ush_pictured_session *s = ush_picture_session(&w->picture, &f->session);
        if (f->log != USHER_LOG_DESK && s != NULL) {
            s->durable[f->log == USHER_LOG_INTERNAL ? 1 : 0] = f->index;
        }
    }
    w->durable = w->store.n;
}

static void persisted(struct ush_world *w)
{
    struct usher_event ev = {.type = USHER_EV_PERSISTED};
    const struct usher_batch batch = w->saving.batch;
    ev.as.persisted.upto = batch.first + batch.n - 1;
    w->saving.out = w->saving.lost = false;
    w->judge.sealed.n = 0; /* the core may use its memory anew */
    note_durable(w);
    if (ush_world_step(w, &ev, USH_NONE) != 0) {
        ush_fail(w, "PERSISTED %llu was refused", (unsigned long long) ev.as.persisted.upto);
    }
}

static void lost(struct ush_world *w)
{
    struct usher_event ev = {.type = USHER_EV_STORAGE_LOST};
    w->saving.lost = true;
    if (ush_world_step(w, &ev, USH_NONE) != 0) {
        ush_fail(w, "STORAGE_LOST was refused");
    }
}

static bool fails(struct ush_world *w, uint32_t odds)
{
    return !w->calm && ush_rand_odds(&w->rand, odds);
}

void ush_save_try(struct ush_world *w)
{
    struct ush_saving *s = &w->saving;
    CHECK(s->out);
    if (s->doubt && fails(w, w->odds.save_fails)) {
        lost(w); /* mark failed again */
        return;
    }
    if (s->doubt && s->committed) {
        persisted(w);
        return;
    }
    s->doubt = false;
    bool reply_lost = fails(w, w->odds.reply_lost);
    if (!reply_lost && fails(w, w->odds.save_fails)) {
        s->doubt = true;
        lost(w);
        return;
    }
    ush_store_append(&w->store, &s->batch);
    if (!reply_lost) {
        persisted(w);
        return;
    }
    USH_SOMETIMES(w, USHER_SIM_LOST_REPLY);
    if (ush_rand_odds(&w->rand, 5000)) {
        persisted(w); /* mark tells at once that it was saved after all */
    } else {
        s->doubt = s->committed = true;
        lost(w);
    }
}

void ush_save_fetch(struct ush_world *w, bool failed)
{
    struct usher_event ev = {.type = USHER_EV_FETCHED};
    struct usher_fact facts[USHER_HISTORY_MAX];
    uint64_t seqs[USHER_HISTORY_MAX];
    CHECK(w->saving.fetch_out);
    size_t n = ush_store_fetch(&w->store, &w->saving.fetch, seqs, USHER_HISTORY_MAX);
    for (size_t i = 0; i < n; i++) {
        facts[i] = *ush_store_at(&w->store, seqs[i]);
    }
    w->saving.fetch_out = false;
    ev.as.fetched.ticket = w->saving.fetch.ticket;
    ev.as.fetched.facts = facts;
    ev.as.fetched.n = failed ? 0 : n;
    ev.as.fetched.failed = failed;
    if (!failed) {
        USH_SOMETIMES(w, USHER_SIM_FETCH);
    }
    if (ush_world_step(w, &ev, USH_NONE) != 0) {
        ush_fail(w, "FETCHED was refused");
    }
}

void ush_save_find(struct ush_world *w, uint64_t link, bool failed)
{
    struct usher_event ev = {.type = USHER_EV_FOUND};
    struct ush_sim_link *l = &w->links[link];
    char text[USH_KEY_TEXT];
    CHECK(l->find_out);
    struct usher_found found =
        ush_store_find_key(&w->store, &l->find_by, ush_key_text(l->find_key, text));
    l->find_out = false;
    ev.as.found.ticket = l->find_ticket;
    ev.as.found.found = !failed && found.found;
    ev.as.found.failed = failed;
    ev.as.found.session = found.session;
    ev.as.found.log = found.log;
    ev.as.found.index = found.index;
    ev.as.found.digest = found.digest;
    USH_SOMETIMES(w, USHER_SIM_FIND);
    if (ush_world_step(w, &ev, USH_NONE) != 0) {
        ush_fail(w, "FOUND was refused");
    } else if (w->links[link].at == USH_LINK_IN) {
        w->saving.find_failed = failed;
        ush_sim_link_try_again(w, link);
        w->saving.find_failed = false;
    }
}

/* One piece of a load. Texts that a storage may leave out are left out by chance. */
static int step_piece(struct ush_world *w, const uint64_t *seqs, size_t n, bool more)
{
    struct usher_event ev = {.type = USHER_EV_LOADED};
    struct usher_fact *facts = calloc(n + 1, sizeof *facts);
    CHECK(facts != NULL);
    for (size_t i = 0; i < n; i++) {
        facts[i] = *ush_store_at(&w->store, seqs[i]);
        bool text = facts[i].type != USHER_FACT_VISITOR && facts[i].type != USHER_FACT_OPENED;
        if (ush_rand_odds(&w->rand, 5000) && text) {
            facts[i].body.len = 0;
            facts[i].agent_name.len = 0;
        }
    }
    ev.as.loaded.facts = facts;
    ev.as.loaded.n = n;
    ev.as.loaded.more = more;
    ev.as.loaded.epoch = w->store.epoch;
    ev.as.loaded.seq = w->store.n;
    int rv = ush_world_step(w, &ev, USH_NONE);
    free(facts);
    return rv;
}

int ush_save_load(struct ush_world *w, int64_t since_ms)
{
    uint64_t *seqs;
    size_t n = ush_store_live(&w->store, since_ms, &seqs);
    size_t told = 0;
    int rv = 0;
    do {
        size_t piece = n - told;
        if (piece > 1) {
            piece = ush_rand_between(&w->rand, 1, (uint32_t) piece);
        }
        rv = step_piece(w, seqs + told, piece, told + piece < n);
        told += piece;
    } while (rv == 0 && told < n);
    free(seqs);
    return rv;
}
