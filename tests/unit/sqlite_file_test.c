/* sqlite_file_test.c - whose file it is: made for its owner's eyes, owned once, refused untouched.
 * SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1 /* fork, symlink */

#include "sqlite_place.h"

#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DAMAGES = 200 };

static struct ush_place place;

static int setup(void **state)
{
    (void) state;
    ush_place_make(&place);
    return 0;
}

static int teardown(void **state)
{
    (void) state;
    ush_place_remove(&place);
    return 0;
}

static void in_place(char path[128], const char *name)
{
    snprintf(path, 128, "%s/%s", place.folder, name);
}

static void sql(const char *path, const char *text)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void write_file(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

struct bytes { unsigned char *base; size_t n; };

static struct bytes read_file(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    struct bytes bytes = {malloc((size_t) st.st_size + 1), (size_t) st.st_size};
    FILE *file = fopen(path, "rb");
    assert_non_null(bytes.base);
    assert_non_null(file);
    assert_int_equal(fread(bytes.base, 1, bytes.n, file), bytes.n);
    fclose(file);
    return bytes;
}

static size_t files_in_place(void)
{
    size_t n = 0;
    DIR *folder = opendir(place.folder);
    assert_non_null(folder);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        n += entry->d_name[0] != '.';
    }
    closedir(folder);
    return n;
}

/* Load says ECORRUPT, in words, and not a byte nor a date of the file is another. */
static void refused_untouched(const char *words)
{
    struct stat before, after;
    const struct bytes old = read_file(place.path);
    assert_int_equal(stat(place.path, &before), 0);
    struct usher_storage *s = ush_store_open(place.path);
    struct usher_fault why = {0};
    assert_int_equal(ush_store_load(s, &why), USHER_ECORRUPT);
    assert_int_equal(why.err, USHER_ECORRUPT);
    assert_non_null(strstr(why.text, words));
    assert_int_equal(ush_store_load(s, &why), USHER_ECORRUPT);
    s->ops->close(s);
    const struct bytes new = read_file(place.path);
    assert_int_equal(stat(place.path, &after), 0);
    assert_int_equal(new.n, old.n);
    assert_memory_equal(new.base, old.base, old.n);
    assert_int_equal(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
    assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
    assert_int_equal(after.st_mode, before.st_mode);
    free(old.base);
    free(new.base);
}

static void a_new_store_is_for_its_owner_only(void **state)
{
    (void) state;
    struct usher_fault why = {0};
    struct usher_storage *s = ush_store_open(place.path);
    assert_int_equal(files_in_place(), 0); /* nothing is made before load */
    assert_int_equal(ush_store_load(s, &why), 0);
    assert_int_equal(ush_store_append(s, 1, 10, &why), 0);
    static const char *const names[] = {"desk.db", "desk.db-wal", "desk.db-shm", "desk.db.lock"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        struct stat st;
        in_place(path, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    s->ops->close(s);
    assert_int_equal(files_in_place(), 2); /* the log went into the file; the lock file stays */
}

static void an_empty_file_becomes_a_store(void **state)
{
    (void) state;
    struct usher_fault why = {0};
    write_file(place.path, "", 0);
    struct usher_storage *s = ush_store_loaded(place.path);
    assert_int_equal(ush_store_append(s, 1, 3, &why), 0);
    s->ops->close(s);
    ush_place_empty(&place);
    sql(place.path, "PRAGMA journal_mode = DELETE; VACUUM"); /* a database without tables */
    s = ush_store_loaded(place.path);
    assert_int_equal(ush_store_append(s, 1, 3, &why), 0);
    assert_int_equal(ush_store_verify(s), 3);
    s->ops->close(s);
}

static void another_programs_database_is_refused_untouched(void **state)
{
    (void) state;
    sql(place.path, "CREATE TABLE invoice (n INTEGER); INSERT INTO invoice VALUES (1)");
    refused_untouched("another program");
    assert_int_equal(files_in_place(), 1); /* not even a lock file beside it */
    ush_place_empty(&place);
    sql(place.path, "PRAGMA journal_mode = WAL; PRAGMA application_id = 252006674;"
                    "CREATE TABLE fossil (n INTEGER)");
    refused_untouched("another program");
    assert_int_equal(files_in_place(), 1);
    ush_place_empty(&place);
    sql(place.path, "PRAGMA user_version = 1; VACUUM"); /* no tables, but somebody numbered it */
    refused_untouched("another program");
}

static void tables_in_a_foreign_log_are_seen(void **state)
{
    (void) state;
    /* Its file has no tables yet: they are in the log only, as after a crash. */
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(place.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode = WAL; CREATE TABLE invoice (n)", NULL,
                                  NULL, NULL),
                     SQLITE_OK);
    refused_untouched("another program");
    assert_int_equal(sqlite3_exec(db, "SELECT n FROM invoice", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void a_newer_store_is_refused_untouched(void **state)
{
    (void) state;
    struct usher_fault why = {0};
    struct usher_storage *s = ush_store_loaded(place.path);
    assert_int_equal(ush_store_append(s, 1, 5, &why), 0);
    s->ops->close(s);
    sql(place.path, "PRAGMA user_version = 3");
    refused_untouched("newer");
    /* The same when the number is in the log only. */
    sql(place.path, "PRAGMA user_version = 2");
    s = ush_store_loaded(place.path);
    assert_int_equal(ush_store_verify(s), 5);
    s->ops->close(s);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(place.path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 9", NULL, NULL, NULL), SQLITE_OK);
    refused_untouched("newer");
    sqlite3_close(db);
}

static void a_store_from_before_the_first_release_is_refused(void **state)
{
    (void) state;
    struct usher_storage *s = ush_store_loaded(place.path);
    s->ops->close(s);
    sql(place.path, "PRAGMA user_version = 1");
    refused_untouched("before the first release");
}

static void what_is_no_database_is_refused_untouched(void **state)
{
    (void) state;
    static unsigned char noise[5000];
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = (unsigned char) (i * 31);
    }
    write_file(place.path, noise, sizeof noise);
    refused_untouched("not a SQLite database");
    write_file(place.path, "hello\n", 6);
    refused_untouched("not a SQLite database");
    write_file(place.path, "SQLite format 3", 16);
    refused_untouched("not a SQLite database");
    struct usher_storage *s = ush_store_open(place.folder);
    struct usher_fault why = {0};
    assert_int_equal(ush_store_load(s, &why), USHER_ECORRUPT);
    s->ops->close(s);
}

static void a_truncated_store_is_refused_untouched(void **state)
{
    (void) state;
    struct usher_fault why = {0};
    struct usher_storage *s = ush_store_loaded(place.path);
    for (uint64_t i = 0; i < 20; i++) {
        assert_int_equal(ush_store_append(s, 1 + 50 * i, 50, &why), 0);
    }
    s->ops->close(s);
    const struct bytes whole = read_file(place.path);
    assert_true(whole.n > 100000);
    static const size_t ends[] = {50, 100, 108, 512, 1024, 4096, 8192, 65536, 100000};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        write_file(place.path, whole.base, ends[i]);
        refused_untouched("");
    }
    write_file(place.path, whole.base, whole.n - 4096);
    refused_untouched("");
    write_file(place.path, whole.base, whole.n);
    s = ush_store_loaded(place.path);
    assert_int_equal(ush_store_verify(s), 1000);
    s->ops->close(s);
    free(whole.base);
}

static void a_store_without_its_tables_is_refused(void **state)
{
    (void) state;
    struct usher_storage *s = ush_store_loaded(place.path);
    s->ops->close(s);
    sql(place.path, "DROP TABLE block");
    refused_untouched("block");
}

static void a_row_that_is_no_fact_is_said_to_be_damage(void **state)
{
    (void) state;
    static const char *const damages[] = {
        "UPDATE fact SET type = 99 WHERE seq = 3",         "UPDATE fact SET log = 0 WHERE seq = 3",
        "UPDATE fact SET cause = 70 WHERE seq = 3",        "UPDATE fact SET by_kind = -1",
        "UPDATE fact SET session = x'0102' WHERE seq > 2", "UPDATE fact SET by_visitor = 'me'",
        "UPDATE fact SET queue = hex(zeroblob(16))",
        "UPDATE fact SET agent = hex(zeroblob(99))",
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct usher_fault why = {0};
        ush_place_empty(&place);
        struct usher_storage *s = ush_store_loaded(place.path);
        assert_int_equal(ush_store_append(s, 1, 5, &why), 0);
        sql(place.path, damages[i]);
        assert_int_equal(s->ops->history(s, 0, 10, ush_each_ignore, NULL, &why), USHER_ECORRUPT);
        assert_non_null(strstr(why.text, "no fact"));
        s->ops->close(s);
    }
}

/* Everything that can be asked of a damaged store gets an answer, if only an error. */
static void ask_everything(struct usher_storage *s)
{
    struct usher_fault why = {0};
    struct usher_visitor_id visitor;
    struct usher_found at;
    char text[32];
    bool found = false;
    const struct usher_fact fact = ush_fact_of(90, text);
    const struct usher_find find = {.by = fact.by, .key = fact.key};
    struct usher_fetch what = {.session = fact.session,
                               .log = USHER_LOG_PUBLIC,
                               .before = UINT64_MAX,
                               .facts_max = 1000,
                               .bytes_max = 100000};
    if (ush_store_load(s, &why) != 0) {
        assert_true(why.err == USHER_ECORRUPT || why.err == USHER_EIO);
        assert_true(why.text[0] != '\0');
        return;
    }
    s->ops->history(s, 0, UINT32_MAX, ush_each_ignore, NULL, &why);
    s->ops->fetch(s, &what, ush_each_ignore, NULL, &why);
    what.internal = true;
    s->ops->fetch(s, &what, ush_each_ignore, NULL, &why);
    s->ops->find_key(s, &find, &at, &why);
    s->ops->find_visitor(s, (const uint8_t *) text, &visitor, &found, &why);
}

static void no_damage_makes_it_crash_or_hang(void **state)
{
    (void) state;
    const char *given = getenv("USHER_TEST_SEED");
    uint64_t dice = given != NULL ? strtoull(given, NULL, 0) : (uint64_t) time(NULL);
    struct usher_fault why = {0};
    printf("no_damage_makes_it_crash_or_hang: USHER_TEST_SEED=0x%llx\n", (unsigned long long) dice);
    fflush(stdout);
    struct usher_storage *s = ush_store_loaded(place.path);
    for (uint64_t i = 0; i < 4; i++) {
        assert_int_equal(ush_store_append(s, 1 + 50 * i, 50, &why), 0);
    }
    s->ops->close(s);
    const struct bytes whole = read_file(place.path);
    unsigned char *damaged = malloc(whole.n);
    assert_non_null(damaged);
    for (int i = 0; i < DAMAGES; i++) {
        memcpy(damaged, whole.base, whole.n);
        for (int j = 0; j < 1 + i % 8; j++) {
            dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            damaged[(dice >> 33) % whole.n] = (unsigned char) (dice >> 20);
        }
        ush_place_empty(&place);
        write_file(place.path, damaged, whole.n);
        s = ush_store_open(place.path);
        ask_everything(s);
        s->ops->close(s);
    }
    free(damaged);
    free(whole.base);
}

static void more_facts_than_fit_are_not_believed(void **state)
{
    (void) state;
    struct usher_fault why = {0};
    struct usher_storage *s = ush_store_loaded(place.path);
    assert_int_equal(ush_store_append(s, 1, 5, &why), 0);
    s->ops->close(s);
    sql(place.path, "UPDATE fact SET seq = 1 << 60 WHERE seq = 5");
    refused_untouched("more facts than fit");
}

static void a_path_is_a_path_however_it_looks(void **state)
{
    (void) state;
    static const char *const names[] = {"a b?c#d%41.db", "file:x?mode=memory", ":memory:",
                                        "\xe0\xb8\x81.db", "it's \"quoted\".db"};
    char old[1024];
    struct usher_fault why = {0};
    assert_non_null(getcwd(old, sizeof old));
    assert_int_equal(chdir(place.folder), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct usher_storage *s = ush_store_loaded(names[i]);
        assert_int_equal(ush_store_append(s, 1, 3, &why), 0);
        s->ops->close(s);
        assert_int_equal(access(names[i], F_OK), 0);
        s = ush_store_loaded(names[i]);
        assert_int_equal(ush_store_verify(s), 3);
        s->ops->close(s);
    }
    assert_int_equal(chdir(old), 0);
}

static void bad_paths_are_refused(void **state)
{
    (void) state;
    struct usher_storage *s = NULL;
    assert_int_equal(usher_sqlite_open(&s, ""), USHER_EINVAL);
    assert_int_equal(usher_sqlite_open(&s, NULL), USHER_EINVAL);
    assert_int_equal(usher_sqlite_open(&s, "folder/"), USHER_EINVAL);
    char path[128];
    in_place(path, "no/such/desk.db");
    struct usher_fault why = {0};
    s = ush_store_open(path);
    assert_int_equal(ush_store_load(s, &why), USHER_EIO);
    assert_non_null(strstr(why.text, "No such file"));
    s->ops->close(s);
}

static void a_link_leads_to_the_same_lock(void **state)
{
    (void) state;
    char path[128];
    in_place(path, "link.db");
    struct usher_storage *first = ush_store_loaded(place.path);
    assert_int_equal(symlink("desk.db", path), 0);
    struct usher_storage *second = ush_store_open(path);
    struct usher_fault why = {0};
    assert_int_equal(ush_store_load(second, &why), USHER_EFENCED);
    second->ops->close(second);
    first->ops->close(first);
}

/* The lock of a process ends with it, however it ends. */
static void another_process_is_fenced_until_the_first_is_gone(void **state)
{
    (void) state;
    int ready[2], done[2];
    char byte = 'x';
    struct usher_fault why = {0};
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(done), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct usher_storage *s = NULL;
        struct usher_load load = {.fresh_epoch = 77};
        close(done[1]);
        int rv = usher_sqlite_open(&s, place.path);
        if (rv == 0) {
            rv = s->ops->load(s, &load, ush_each_ignore, NULL, &why);
        }
        byte = rv == 0 ? 'y' : 'n';
        if (write(ready[1], &byte, 1) != 1 || read(done[0], &byte, 1) != 0) {
            _exit(1);
        }
        _exit(0); /* never: it is killed before */
    }
    close(done[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    struct usher_storage *s = ush_store_open(place.path);
    assert_int_equal(ush_store_load(s, &why), USHER_EFENCED);
    assert_int_equal(why.err, USHER_EFENCED);
    assert_int_equal(kill(child, SIGKILL), 0); /* as in a crash: without close */
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(ush_store_load(s, &why), 0);
    assert_int_equal(ush_store_append(s, 1, 2, &why), 0);
    s->ops->close(s);
    close(ready[0]);
    close(ready[1]);
    close(done[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_new_store_is_for_its_owner_only),
        TEST(an_empty_file_becomes_a_store),
        TEST(another_programs_database_is_refused_untouched),
        TEST(tables_in_a_foreign_log_are_seen),
        TEST(a_newer_store_is_refused_untouched),
        TEST(a_store_from_before_the_first_release_is_refused),
        TEST(what_is_no_database_is_refused_untouched),
        TEST(a_truncated_store_is_refused_untouched),
        TEST(a_store_without_its_tables_is_refused),
        TEST(a_row_that_is_no_fact_is_said_to_be_damage),
        TEST(no_damage_makes_it_crash_or_hang),
        TEST(more_facts_than_fit_are_not_believed),
        TEST(a_path_is_a_path_however_it_looks),
        TEST(bad_paths_are_refused),
        TEST(a_link_leads_to_the_same_lock),
        TEST(another_process_is_fenced_until_the_first_is_gone),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
