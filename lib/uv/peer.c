/* peer.c - the runtime's side of each live link, found by its id.
 * SPDX-License-Identifier: MIT */
#include "peer.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "../base/check.h"

/* An id is (number << SLOT_BITS | slot): it rises, is never used twice, and
 * leads to its slot without a search. */
#define SLOT_BITS 24
#define SLOT_MASK ((UINT64_C(1) << SLOT_BITS) - 1)

/* Frames that wait, of all links: nobody can fill the memory with them. */
#define KEPT_BYTES_MAX (16u * 1024 * 1024)

int ush_peers_init(struct ush_peers *all, uint32_t n)
{
    *all = (struct ush_peers){0};
    if (n == 0 || n > SLOT_MASK) {
        return USHER_EINVAL;
    }
    all->slots = calloc(n, sizeof *all->slots);
    all->words = calloc(ush_pool_words(n), sizeof *all->words);
    if (all->slots == NULL || all->words == NULL) {
        ush_peers_done(all);
        return USHER_ENOMEM;
    }
    ush_pool_init(&all->pool, all->words, n);
    return 0;
}

void ush_peers_done(struct ush_peers *all)
{
    for (uint32_t i = 0; all->slots != NULL && i < all->pool.size; i++) {
        if (all->slots[i] != NULL) {
            ush_peers_del(all, all->slots[i]);
        }
    }
    free(all->slots);
    free(all->words);
    *all = (struct ush_peers){0};
}

struct ush_peer *ush_peers_add(struct ush_peers *all)
{
    uint32_t slot = ush_pool_take(&all->pool);
    if (slot == USH_NONE) {
        return NULL;
    }
    struct ush_peer *link = calloc(1, sizeof *link);
    if (link == NULL) {
        ush_pool_give(&all->pool, slot);
        return NULL;
    }
    all->last++;
    link->id = all->last << SLOT_BITS | slot;
    ush_list_init(&link->frames);
    all->slots[slot] = link;
    return link;
}

void ush_peers_del(struct ush_peers *all, struct ush_peer *link)
{
    uint32_t slot = (uint32_t) (link->id & SLOT_MASK);
    CHECK(all->slots[slot] == link);
    ush_list_del(&link->hello);
    ush_list_del(&link->stall);
    ush_list_del(&link->dropping);
    ush_peer_forget_all(all, link);
    ush_peer_wipe_token(link);
    free(link->texts);
    all->slots[slot] = NULL;
    ush_pool_give(&all->pool, slot);
    free(link);
}

static struct ush_peer *at_slot(const struct ush_peers *all, uint64_t id)
{
    uint64_t slot = id & SLOT_MASK;
    return slot < all->pool.size ? all->slots[slot] : NULL;
}

struct ush_peer *ush_peers_find(const struct ush_peers *all, uint64_t id)
{
    struct ush_peer *link = at_slot(all, id);
    return link != NULL && link->id == id ? link : NULL;
}

uint64_t ush_peers_ticket(struct ush_peers *all, const struct ush_peer *link)
{
    all->last++;
    return all->last << SLOT_BITS | (link->id & SLOT_MASK);
}

struct ush_peer *ush_peers_find_ticket(const struct ush_peers *all, uint64_t ticket)
{
    struct ush_peer *link = at_slot(all, ticket);
    return link != NULL && ticket != 0 && link->ticket == ticket ? link : NULL;
}

int ush_peer_keep(struct ush_peers *all, struct ush_peer *link, struct usher_span message,
                  bool first, struct ush_frame **out)
{
    if (all->kept_bytes + message.len > KEPT_BYTES_MAX) {
        return USHER_ENOMEM;
    }
    struct ush_frame *frame = malloc(sizeof *frame + message.len);
    if (frame == NULL) {
        return USHER_ENOMEM;
    }
    *frame = (struct ush_frame){.len = message.len};
    if (message.len > 0) {
        memcpy(frame->bytes, message.base, message.len);
    }
    if (first) {
        ush_list_add_first(&link->frames, &frame->at);
    } else {
        ush_list_add_last(&link->frames, &frame->at);
    }
    link->n_frames++;
    all->kept_bytes += message.len;
    *out = frame;
    return 0;
}

struct ush_frame *ush_peer_first(const struct ush_peer *link)
{
    return link->n_frames == 0 ? NULL : USH_ITEM(link->frames.next, struct ush_frame, at);
}

struct ush_frame *ush_peer_take_first(struct ush_peer *link)
{
    struct ush_frame *frame = ush_peer_first(link);
    if (frame != NULL) {
        ush_list_del(&frame->at);
        link->n_frames--;
    }
    return frame;
}

void ush_peer_forget_all(struct ush_peers *all, struct ush_peer *link)
{
    while (link->n_frames > 0) {
        ush_frame_free(all, ush_peer_take_first(link));
    }
}

void ush_frame_free(struct ush_peers *all, struct ush_frame *frame)
{
    if (frame != NULL) {
        all->kept_bytes -= frame->len;
        sodium_memzero(frame->bytes, frame->len); /* A hello holds a token. */
        free(frame);
    }
}

void ush_peer_wipe_token(struct ush_peer *link)
{
    if (link->token != NULL) {
        sodium_memzero(link->token, USH_TOKEN_LEN + 1);
        free(link->token);
        link->token = NULL;
    }
}
