/* storage_example_test.c - the storage of examples/own_storage.c keeps the contract, torn or not.
 * SPDX-License-Identifier: MIT
 *
 * The example is one file with a main of its own; here that is a function like any other. */
int example_main(int argc, char **argv);
#define main example_main
#include "../../examples/own_storage.c"
#undef main

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "place.h"
#include "storage_desk.h"

static void wipe(void *ctx)
{
    const struct place *place = ctx;
    unlink(place->path);
}

static int open_log(void *ctx, struct usher_storage **out)
{
    const struct place *place = ctx;
    return log_open(out, place->path);
}

static struct place place_of(const struct ush_desk *d)
{
    return *(const struct place *) d->maker->ctx;
}

static size_t read_file(const char *path, char *to, size_t size)
{
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, to, size);
    assert_true(n >= 0);
    close(fd);
    return (size_t) n;
}

static void write_file(const char *path, const char *from, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, from, size), (ssize_t) size);
    close(fd);
}

static int load_says(struct ush_desk *d, uint64_t *seq)
{
    struct usher_load what = {.fresh_epoch = 99};
    struct usher_fault why = {0};
    size_t n = 0;
    ush_desk_open(d);
    int rv = d->s->ops->load(d->s, &what, ush_count, &n, &why);
    assert_int_equal(why.err, rv);
    *seq = what.seq;
    ush_desk_close(d);
    return rv;
}

static void every_torn_end_is_cut_off_and_no_more(void **state)
{
    struct ush_desk *d = *state;
    static char whole[65536], now[65536];
    const struct place place = place_of(d);
    ush_desk_fill(d);
    ush_desk_close(d);
    const uint64_t first = d->model.saved;
    const size_t before = read_file(place.path, whole, sizeof whole);
    ush_desk_load(d, 99);
    ush_desk_add(d, ush_fact_said(1, 1, "the last"));
    ush_model_save(&d->model, d->s);
    ush_desk_close(d);
    const size_t size = read_file(place.path, whole, sizeof whole);
    for (size_t cut = before; cut <= size; cut++) {
        uint64_t seq = 0;
        write_file(place.path, whole, cut);
        assert_int_equal(load_says(d, &seq), 0);
        assert_int_equal(seq, cut == size ? first + 1 : first);
        assert_int_equal(read_file(place.path, now, sizeof now), cut == size ? size : before);
    }
}

static void damage_in_the_middle_is_refused_and_left_alone(void **state)
{
    struct ush_desk *d = *state;
    static char whole[65536], now[65536];
    const struct place place = place_of(d);
    ush_desk_fill(d);
    ush_desk_close(d);
    const size_t end = read_file(place.path, whole, sizeof whole);
    ush_desk_load(d, 99);
    ush_desk_add(d, ush_fact_said(1, 1, "the last"));
    ush_model_save(&d->model, d->s);
    ush_desk_close(d);
    const size_t size = read_file(place.path, whole, sizeof whole);
    for (size_t at = HEADER_BYTES; at < end; at += 7) {
        uint64_t seq = 0;
        whole[at] ^= 4;
        write_file(place.path, whole, size);
        assert_int_equal(load_says(d, &seq), USHER_ECORRUPT);
        assert_int_equal(read_file(place.path, now, sizeof now), size);
        assert_memory_equal(now, whole, size);
        whole[at] ^= 4;
    }
}

static void a_file_of_somebody_else_is_refused_and_left_alone(void **state)
{
    static const char *const others[] = {"x", "usher-log-2\n\0\0\0\0 and so on", "SQLite format 3"};
    struct ush_desk *d = *state;
    const struct place place = place_of(d);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char now[64];
        uint64_t seq = 0;
        const size_t size = i == 0 ? 1 : 24;
        char other[24] = {0};
        memcpy(other, others[i], i == 0 ? 1 : 15);
        write_file(place.path, other, size);
        assert_int_equal(load_says(d, &seq), USHER_ECORRUPT);
        assert_int_equal(read_file(place.path, now, sizeof now), size);
        assert_memory_equal(now, other, size);
    }
}

/* The disk is full: nothing is there, and later all is. */
static void what_could_not_be_written_is_not_there(void **state)
{
    struct ush_desk *d = *state;
    ush_desk_fill(d);
    struct log *l = of(d->s);
    const int good = l->fd;
    ush_desk_add(d, ush_fact_said(1, 1, "later"));
    const struct usher_batch batch = ush_model_batch(&d->model);
    struct usher_fault why = {0};
    uint64_t seq = 0;
    l->fd = open("/dev/full", O_RDWR);
    assert_int_equal(d->s->ops->append(d->s, &batch, &why), USHER_EIO);
    close(l->fd);
    l->fd = good;
    /* Half of it may have got as far as the file. */
    assert_int_equal(pwrite(good, l->record, 40, (off_t) l->end), 40);
    assert_int_equal(d->s->ops->mark(d->s, &seq, &why), 0);
    assert_int_equal(seq, d->model.saved);
    assert_int_equal(lseek(good, 0, SEEK_END), (off_t) l->end);
    ush_model_save(&d->model, d->s);
    ush_desk_reopen(d);
    struct ush_dice dice = {1};
    ush_model_check(&d->model, d->s, &dice);
}

#define TEST(name) \
    cmocka_unit_test_prestate_setup_teardown(name, ush_desk_setup, ush_desk_teardown, &desk)

int main(void)
{
    struct place place;
    if (!ush_place_make(&place, "desk.log")) {
        return 1;
    }
    const struct ush_storage_maker maker = {
        .name = "log", .ctx = &place, .wipe = wipe, .open = open_log};
    struct ush_desk desk = {.maker = &maker};
    const struct CMUnitTest tests[] = {
        TEST(every_torn_end_is_cut_off_and_no_more),
        TEST(damage_in_the_middle_is_refused_and_left_alone),
        TEST(a_file_of_somebody_else_is_refused_and_left_alone),
        TEST(what_could_not_be_written_is_not_there),
    };
    int failed = ush_contract_storage(maker);
    failed += cmocka_run_group_tests_name("log, its file", tests, NULL, NULL);
    wipe(&place);
    ush_place_done(&place);
    return failed;
}
