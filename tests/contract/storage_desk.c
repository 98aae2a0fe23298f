/* storage_desk.c - what the tests of the contract of storages share: a storage and its model.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "storage_desk.h"

int ush_count(void *ctx, const struct usher_fact *fact)
{
    size_t *n = ctx;
    assert_true(fact->seq > 0);
    *n += 1;
    return 0;
}

void ush_desk_open(struct ush_desk *d)
{
    assert_int_equal(d->maker->open(d->maker->ctx, &d->s), 0);
    assert_true(d->s->ops->size >= sizeof(struct usher_storage_ops));
    assert_non_null(d->s->ops->name);
}

uint64_t ush_desk_load(struct ush_desk *d, uint64_t fresh_epoch)
{
    struct usher_load load = {.fresh_epoch = fresh_epoch};
    struct usher_fault why;
    size_t n = 0;
    ush_desk_open(d);
    assert_int_equal(d->s->ops->load(d->s, &load, ush_count, &n, &why), 0);
    assert_int_equal(load.seq, d->model.saved);
    return load.epoch;
}

void ush_desk_close(struct ush_desk *d)
{
    d->s->ops->close(d->s);
    d->s = NULL;
}

void ush_desk_reopen(struct ush_desk *d)
{
    ush_desk_close(d);
    ush_desk_load(d, 99);
}

int ush_desk_setup(void **state)
{
    struct ush_desk *d = *state;
    d->maker->wipe(d->maker->ctx);
    d->model = (struct ush_model){0};
    d->s = NULL;
    return 0;
}

int ush_desk_teardown(void **state)
{
    struct ush_desk *d = *state;
    if (d->s != NULL) {
        ush_desk_close(d);
    }
    ush_model_done(&d->model);
    return 0;
}

void ush_desk_add(struct ush_desk *d, struct usher_fact fact)
{
    ush_model_add(&d->model, &fact);
}

uint64_t ush_desk_mark(struct ush_desk *d)
{
    uint64_t seq = UINT64_MAX;
    struct usher_fault why;
    assert_int_equal(d->s->ops->mark(d->s, &seq, &why), 0);
    return seq;
}

/* Ann's session 1 with ten things said, and whispers after 2 and 4. */
void ush_desk_fill(struct ush_desk *d)
{
    static const char *const said[] = {"one",   "two three", "four",  "",    "five six seven",
                                       "eight", "nine",      "ten--", "11 ", "twelve"};
    ush_desk_load(d, 7);
    ush_desk_add(d, ush_fact_visitor(1));
    ush_desk_add(d, ush_fact_opened(1, 1));
    for (int i = 0; i < 10; i++) {
        ush_desk_add(d, ush_fact_said(1, 1, said[i]));
        if (i == 0 || i == 2) {
            ush_desk_add(d, ush_fact_whispered(1, "bea", "psst"));
            ush_desk_add(d, ush_fact_whispered(1, "bea", "look"));
        }
    }
    ush_model_save(&d->model, d->s);
}

void ush_desk_refused(struct ush_desk *d, struct usher_batch batch)
{
    struct usher_fault why = {0};
    const uint64_t before = d->model.saved;
    assert_int_equal(d->s->ops->append(d->s, &batch, &why), USHER_EINVAL);
    assert_int_equal(why.err, USHER_EINVAL);
    assert_true(why.text[0] != '\0');
    assert_int_equal(ush_desk_mark(d), before);
}
