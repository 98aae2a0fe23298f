/* uv_trouble.c - a storage that does what another does, except where a test wants trouble.
 * SPDX-License-Identifier: MIT */
#include "uv_trouble.h"

static struct trouble *trouble_of(struct usher_storage *s)
{
    return (struct trouble *) (void *) s;
}

static int trouble_fault(const struct trouble *t, struct usher_fault *why, int err)
{
    if (!t->mute) {
        *why = (struct usher_fault){.err = err};
        snprintf(why->text, sizeof why->text, "trouble");
    }
    return err;
}

/* Count one of *left down; true if there was one. */
static bool trouble_due(struct trouble *t, int *left)
{
    uv_mutex_lock(&t->lock);
    bool due = *left > 0;
    *left -= due ? 1 : 0;
    uv_mutex_unlock(&t->lock);
    return due;
}

static void trouble_wait(struct trouble *t, const bool *while_true)
{
    uv_mutex_lock(&t->lock);
    t->hanging++;
    while (*while_true) {
        uv_cond_wait(&t->wake, &t->lock);
    }
    t->hanging--;
    uv_mutex_unlock(&t->lock);
}

static int trouble_load(struct usher_storage *s, struct usher_load *load,
                        usher_fact_fn each, void *ctx, struct usher_fault *why)
{
    struct trouble *t = trouble_of(s);
    trouble_wait(t, &t->load_hangs);
    if (trouble_due(t, &t->load_fails)) {
        return trouble_fault(t, why, USHER_EIO);
    }
    if (trouble_due(t, &t->load_lies)) {
        struct usher_fact never = {.seq = 0, .type = USHER_FACT_SAID, .log = USHER_LOG_PUBLIC};
        int rv = each(ctx, &never);
        return rv != 0 ? rv : t->real->ops->load(t->real, load, each, ctx, why);
    }
    return t->real->ops->load(t->real, load, each, ctx, why);
}

static int trouble_mark(struct usher_storage *s, uint64_t *seq, struct usher_fault *why)
{
    struct trouble *t = trouble_of(s);
    uv_mutex_lock(&t->lock);
    t->marks++;
    uint64_t lie = t->mark_lies;
    uv_mutex_unlock(&t->lock);
    if (trouble_due(t, &t->mark_fails)) {
        return trouble_fault(t, why, USHER_EIO);
    }
    int rv = t->real->ops->mark(t->real, seq, why);
    *seq = lie != 0 ? lie : *seq;
    return rv;
}

static int trouble_append(struct usher_storage *s, const struct usher_batch *b,
                          struct usher_fault *why)
{
    struct trouble *t = trouble_of(s);
    trouble_wait(t, &t->hang);
    uv_mutex_lock(&t->lock);
    t->appends++;
    int err = t->append_err != 0 ? t->append_err : USHER_EIO;
    uv_mutex_unlock(&t->lock);
    if (trouble_due(t, &t->append_fails)) {
        return trouble_fault(t, why, err);
    }
    int rv = t->real->ops->append(t->real, b, why);
    if (rv == 0 && trouble_due(t, &t->replies_lost)) {
        return trouble_fault(t, why, USHER_EIO);
    }
    return rv;
}

static int trouble_fetch(struct usher_storage *s, const struct usher_fetch *what,
                         usher_fact_fn each, void *ctx, struct usher_fault *why)
{
    struct trouble *t = trouble_of(s);
    return trouble_due(t, &t->reads_fail) ? trouble_fault(t, why, USHER_EIO)
                                          : t->real->ops->fetch(t->real, what, each, ctx, why);
}

static int trouble_history(struct usher_storage *s, uint64_t after, uint32_t max,
                           usher_fact_fn each, void *ctx, struct usher_fault *why)
{
    struct trouble *t = trouble_of(s);
    return trouble_due(t, &t->reads_fail)
               ? trouble_fault(t, why, USHER_EIO)
               : t->real->ops->history(t->real, after, max, each, ctx, why);
}

static int trouble_find_key(struct usher_storage *s, const struct usher_find *what,
                            struct usher_found *out, struct usher_fault *why)
{
    struct trouble *t = trouble_of(s);
    return trouble_due(t, &t->reads_fail) ? trouble_fault(t, why, USHER_EIO)
                                          : t->real->ops->find_key(t->real, what, out, why);
}

static int trouble_find_visitor(struct usher_storage *s, const uint8_t token_hash[32],
                                struct usher_visitor_id *out, bool *found,
                                struct usher_fault *why)
{
    struct trouble *t = trouble_of(s);
    return trouble_due(t, &t->reads_fail)
               ? trouble_fault(t, why, USHER_EIO)
               : t->real->ops->find_visitor(t->real, token_hash, out, found, why);
}

void trouble_close(struct usher_storage *s)
{
    struct trouble *t = trouble_of(s);
    t->real->ops->close(t->real);
    uv_mutex_lock(&t->lock);
    t->closed = true;
    uv_mutex_unlock(&t->lock);
}

static const struct usher_storage_ops trouble_ops = {
    .size = sizeof trouble_ops,
    .name = "trouble",
    .load = trouble_load,
    .mark = trouble_mark,
    .append = trouble_append,
    .fetch = trouble_fetch,
    .history = trouble_history,
    .find_key = trouble_find_key,
    .find_visitor = trouble_find_visitor,
    .close = trouble_close,
};

void trouble_init(struct trouble *t, struct usher_storage *real)
{
    *t = (struct trouble){.storage = {.ops = &trouble_ops}, .real = real};
    uv_mutex_init(&t->lock);
    uv_cond_init(&t->wake);
}

void trouble_done(struct trouble *t)
{
    uv_cond_destroy(&t->wake);
    uv_mutex_destroy(&t->lock);
}

void trouble_set(struct trouble *t, int *what, int value)
{
    uv_mutex_lock(&t->lock);
    *what = value;
    uv_mutex_unlock(&t->lock);
}

int trouble_get(struct trouble *t, const int *what)
{
    uv_mutex_lock(&t->lock);
    int value = *what;
    uv_mutex_unlock(&t->lock);
    return value;
}

void trouble_hang(struct trouble *t, bool *what, bool on)
{
    uv_mutex_lock(&t->lock);
    *what = on;
    uv_cond_broadcast(&t->wake);
    uv_mutex_unlock(&t->lock);
}
