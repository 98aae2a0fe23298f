/* client.c - devices: what they hold of each session, and an outbox of keyed commands.
 * SPDX-License-Identifier: MIT
 *
 * A device behaves as docs/protocol.md says: it names what it holds when it comes
 * back, repeats what was not answered, in order, and checks every index itself. */
#include <string.h>

#include "world.h"

struct ush_held *ush_client_held(struct ush_device *d, uint32_t session)
{
    for (size_t i = 0; i < d->n_held; i++) {
        if (d->held[i].session == session) {
            return &d->held[i];
        }
    }
    return NULL;
}

static struct ush_held *hold(struct ush_device *d, uint32_t session)
{
    struct ush_held *h = ush_client_held(d, session);
    if (h != NULL) {
        return h;
    }
    d->held = ush_grow(d->held, d->n_held, &d->held_room, sizeof *d->held);
    h = &d->held[d->n_held++];
    *h = (struct ush_held){.session = session};
    return h;
}

void ush_client_connected(struct ush_world *w, uint32_t device)
{
    struct ush_device *d = &w->devices[device];
    d->greeted = false;
    for (size_t i = 0; i < w->n_devices; i++) {
        if (i != device && w->devices[i].person == d->person && w->devices[i].greeted &&
            w->devices[i].link != 0) {
            USH_SOMETIMES(w, USHER_SIM_TWO_LINKS);
            break;
        }
    }
}

void ush_client_lost(struct ush_world *w, uint32_t device)
{
    struct ush_device *d = &w->devices[device];
    d->greeted = false;
    for (size_t i = 0; i < d->n_outbox; i++) {
        w->commands[d->outbox[i]].sent = false;
        w->commands[d->outbox[i]].retry_at = 0;
    }
}

static void send(struct ush_world *w, uint32_t command)
{
    w->commands[command].sent = true;
    ush_sim_link_send(w, command);
}

void ush_client_retry(struct ush_world *w, uint32_t device)
{
    const struct ush_device *d = &w->devices[device];
    for (size_t i = 0; d->greeted && i < d->n_outbox; i++) {
        const struct ush_command *c = &w->commands[d->outbox[i]];
        if (!c->sent && c->retry_at <= w->now.mono_ms) {
            send(w, d->outbox[i]);
        }
    }
}

uint32_t ush_client_want(struct ush_world *w, const struct ush_command *c, bool keyed)
{
    struct ush_device *d = &w->devices[c->device];
    uint32_t number = (uint32_t) w->n_commands;
    w->commands = ush_grow(w->commands, w->n_commands, &w->commands_room, sizeof *w->commands);
    w->commands[w->n_commands++] = *c;
    if (keyed && c->key == USH_NONE) {
        w->keys = ush_grow(w->keys, w->n_keys, &w->keys_room, sizeof *w->keys);
        w->keys[w->n_keys] = (struct ush_used_key){.person = d->person};
        w->commands[number].key = (uint32_t) w->n_keys++;
    }
    if (keyed) {
        d->outbox = ush_grow(d->outbox, d->n_outbox, &d->outbox_room, sizeof *d->outbox);
        d->outbox[d->n_outbox++] = number;
    }
    if (d->greeted) {
        send(w, number);
    }
    return number;
}

static void settle(struct ush_world *w, struct ush_device *d, size_t at)
{
    struct ush_command *c = &w->commands[d->outbox[at]];
    c->answered = true;
    d->last_key = c->key;
    if (w->keys[c->key].before_crash) {
        USH_SOMETIMES(w, USHER_SIM_RETRY_AFTER_CRASH);
    }
    d->n_outbox--;
    memmove(d->outbox + at, d->outbox + at + 1, (d->n_outbox - at) * sizeof *d->outbox);
}

/* The first unanswered command of this device with this key, that it sent over this link. */
static bool waiting(struct ush_world *w, const struct ush_device *d, uint32_t key, size_t *at)
{
    for (size_t i = 0; key != USH_NONE && i < d->n_outbox; i++) {
        const struct ush_command *c = &w->commands[d->outbox[i]];
        if (c->key == key && c->sent) {
            *at = i;
            return true;
        }
    }
    return false;
}

static void answered(struct ush_world *w, struct ush_device *d, uint32_t key)
{
    size_t at;
    if (waiting(w, d, key, &at)) {
        settle(w, d, at);
    }
}

static void refused(struct ush_world *w, struct ush_device *d, const struct ush_told *t)
{
    size_t at;
    if (!waiting(w, d, t->key, &at)) {
        return;
    }
    struct ush_command *c = &w->commands[d->outbox[at]];
    if (t->retry_ms > 0) {
        c->sent = false;
        c->retry_at = w->now.mono_ms + t->retry_ms;
    } else {
        settle(w, d, at);
    }
}

/* G1, from where it matters: a device sees no gap and no repeat, over all its links. */
static void fact(struct ush_world *w, uint32_t device, const struct ush_told *t)
{
    struct ush_device *d = &w->devices[device];
    struct ush_held *h = hold(d, t->session);
    int log = t->log == USHER_LOG_INTERNAL ? 1 : 0;
    bool agent = w->persons[d->person].kind == USHER_AGENT;
    if (h->ended && log == 0 && t->index == 1) {
        /* He has it again: all of it comes anew. Or, if nothing of the public log was held (after
         * a reset), the other log goes on: only its next index can tell. */
        h->anew = true;
        h->index[1] = h->index[0] > 0 ? 0 : h->index[1];
        h->index[0] = 0;
        h->ended = false;
    } else if (h->anew && log == 1) {
        h->index[1] = t->index == 1 ? 0 : h->index[1];
        h->anew = false;
    }
    if (t->index != h->index[log] + 1) {
        ush_fail(w, "G1: device %u holds %llu of session %u (log %d) and was shown %llu", device,
                 (unsigned long long) h->index[log], t->session, log,
                 (unsigned long long) t->index);
        return;
    }
    h->index[log] = t->index;
    h->closed = t->fact == USHER_FACT_CLOSED || (h->closed && t->fact != USHER_FACT_REOPENED);
    h->ended = h->ended || (agent && (t->fact == USHER_FACT_CLOSED || t->fact == USHER_FACT_LEFT ||
                                      t->fact == USHER_FACT_MOVED));
    answered(w, d, t->key);
}

static void hello(struct ush_world *w, uint32_t device, const struct ush_told *t)
{
    struct ush_device *d = &w->devices[device];
    bool other_epoch = d->has_epoch && d->epoch != t->epoch;
    for (size_t i = d->n_held; i-- > 0;) {
        bool listed = false;
        for (size_t k = 0; k < t->n_sessions; k++) {
            listed = listed || t->sessions[k] == d->held[i].session;
        }
        if (!listed) {
            d->held[i] = d->held[--d->n_held];
        } else if (other_epoch) {
            d->held[i].index[0] = d->held[i].index[1] = 0;
        }
        if (listed && w->persons[d->person].kind == USHER_AGENT) {
            d->held[i].ended = true; /* it may have left him and come again meanwhile */
        }
    }
    d->has_epoch = true;
    d->epoch = t->epoch;
    d->greeted = true;
    d->ready = t->on;
    d->n_offers = 0;
    ush_client_retry(w, device);
}

static void offer(struct ush_device *d, const struct ush_told *t)
{
    for (uint32_t i = 0; i < d->n_offers; i++) {
        if (d->offers[i].number == t->index) {
            d->offers[i].live = t->note == USHER_NOTE_OFFER;
            return;
        }
    }
    if (d->n_offers == USH_OFFERS_KEPT) {
        memmove(d->offers, d->offers + 1, sizeof d->offers - sizeof *d->offers);
        d->n_offers--;
    }
    d->offers[d->n_offers++] =
        (struct ush_offered){t->index, t->session, t->note == USHER_NOTE_OFFER};
}

static void note(struct ush_world *w, uint32_t device, const struct ush_told *t)
{
    struct ush_device *d = &w->devices[device];
    if (t->note == USHER_NOTE_HELLO) {
        hello(w, device, t);
    } else if (t->note == USHER_NOTE_OFFER || t->note == USHER_NOTE_OFFER_OVER) {
        offer(d, t);
    } else if (t->note == USHER_NOTE_DONE || t->note == USHER_NOTE_HISTORY) {
        answered(w, d, t->key);
    } else if (t->note == USHER_NOTE_REFUSED) {
        refused(w, d, t);
    } else if (t->note == USHER_NOTE_RESET) {
        hold(d, t->session)->index[t->log == USHER_LOG_INTERNAL ? 1 : 0] = t->index - 1;
    } else if (t->note == USHER_NOTE_AGENT) {
        d->ready = t->on;
    }
}

void ush_client_hear(struct ush_world *w, uint32_t device, const struct ush_told *t)
{
    if (t->is_fact) {
        fact(w, device, t);
    } else {
        note(w, device, t);
    }
}
