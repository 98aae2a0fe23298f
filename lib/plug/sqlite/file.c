/* file.c - the file under a SQLite storage: its name, its owner's lock, and a first look.
 * SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE 1 /* flock, realpath, strdup */

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Places in the header of a SQLite file (sqlite.org/fileformat2.html). */
enum {
    HEADER_VERSION = 60,
    HEADER_APPLICATION = 68,
    HEADER_SIZE = 100,
    SCHEMA_LEAF = 13, /* the schema table's page when it is small: type, then the count of rows */
    LOOK_SIZE = 108
};

static const char magic[16] = "SQLite format 3";

static int fail(struct usher_fault *why, const char *what)
{
    return ush_sqlite_fail(why, USHER_EIO, what, strerror(errno));
}

/* The folder of an absolute or relative path, on the heap. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return strdup(".");
    }
    return slash == path ? strdup("/") : strndup(path, (size_t) (slash - path));
}

static char *join(const char *head, const char *separator, const char *tail)
{
    const size_t size = strlen(head) + strlen(separator) + strlen(tail) + 1;
    char *joined = malloc(size);
    if (joined != NULL) {
        snprintf(joined, size, "%s%s%s", head, separator, tail);
    }
    return joined;
}

int ush_file_resolve(struct ush_sqlite *s, struct usher_fault *why)
{
    if (s->path != NULL) {
        return 0;
    }
    s->path = realpath(s->given, NULL);
    if (s->path != NULL) {
        return 0;
    }
    if (errno != ENOENT) {
        return fail(why, s->given);
    }
    char *folder = folder_of(s->given);
    char *real = folder == NULL ? NULL : realpath(folder, NULL);
    free(folder);
    if (real == NULL) {
        return fail(why, s->given);
    }
    const char *slash = strrchr(s->given, '/');
    s->path = join(real, "/", slash == NULL ? s->given : slash + 1);
    free(real);
    return s->path == NULL ? fail(why, s->given) : 0;
}

/* "file:PATH?immutable=1", with everything escaped that a URI could take for itself. */
static char *uri_of(const char *path)
{
    static const char head[] = "file:", tail[] = "?immutable=1", digits[] = "0123456789abcdef";
    char *uri = malloc(sizeof head + 3 * strlen(path) + sizeof tail);
    if (uri == NULL) {
        return NULL;
    }
    memcpy(uri, head, sizeof head);
    char *to = uri + sizeof head - 1;
    for (const char *from = path; *from != '\0'; from++) {
        const unsigned char c = (unsigned char) *from;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            strchr("/._-~", c) != NULL) {
            *to++ = *from;
        } else {
            *to++ = '%';
            *to++ = digits[c >> 4];
            *to++ = digits[c & 15];
        }
    }
    memcpy(to, tail, sizeof tail);
    return uri;
}

/* Reads through SQLite: a descriptor of our own on a file that this process has
 * open elsewhere would, when closed, drop the locks of that other connection. */
static int read_head(sqlite3 *db, unsigned char head[LOOK_SIZE], sqlite3_int64 *size)
{
    sqlite3_file *file = NULL;
    int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (file == NULL || file->pMethods == NULL) {
        return SQLITE_CANTOPEN;
    }
    rc = file->pMethods->xFileSize(file, size);
    if (rc != SQLITE_OK) {
        return rc;
    }
    memset(head, 0, LOOK_SIZE);
    rc = file->pMethods->xRead(file, head, LOOK_SIZE, 0);
    return rc == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : rc;
}

static unsigned long number_at(const unsigned char *bytes)
{
    return (unsigned long) bytes[0] << 24 | (unsigned long) bytes[1] << 16 |
           (unsigned long) bytes[2] << 8 | bytes[3];
}

static int judge(const char *path, const unsigned char *head, sqlite3_int64 size, int version,
                 struct usher_fault *why)
{
    if (size == 0) {
        return 0;
    }
    if (memcmp(head, magic, sizeof magic) != 0 || size < LOOK_SIZE) {
        return ush_sqlite_fail(why, USHER_ECORRUPT, path, "not a SQLite database");
    }
    const unsigned long theirs = number_at(head + HEADER_VERSION);
    const unsigned long application = number_at(head + HEADER_APPLICATION);
    if (application == USH_SQLITE_APPLICATION) {
        return theirs <= (unsigned long) version
                   ? 0
                   : ush_sqlite_fail(why, USHER_ECORRUPT, path, "made by a newer usher");
    }
    const unsigned char *page = head + HEADER_SIZE;
    if (application == 0 && theirs == 0 && page[0] == SCHEMA_LEAF && page[3] == 0 &&
        page[4] == 0) {
        return 0; /* A database without tables: somebody's `sqlite3 shop.db ""`. */
    }
    return ush_sqlite_fail(why, USHER_ECORRUPT, path, "a database of another program");
}

int ush_file_look(const char *path, int version, struct usher_fault *why)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return errno == ENOENT ? 0 : fail(why, path);
    }
    if (!S_ISREG(st.st_mode)) {
        return ush_sqlite_fail(why, USHER_ECORRUPT, path, "not a regular file");
    }
    char *uri = uri_of(path);
    if (uri == NULL) {
        return fail(why, path);
    }
    sqlite3 *db = NULL;
    unsigned char head[LOOK_SIZE];
    sqlite3_int64 size = 0;
    int rc = sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
    free(uri);
    if (rc == SQLITE_OK) {
        rc = read_head(db, head, &size);
    }
    int rv = rc == SQLITE_OK ? judge(path, head, size, version, why)
                             : ush_sqlite_fail(why, USHER_EIO, path, sqlite3_errstr(rc));
    sqlite3_close(db);
    return rv;
}

int ush_file_lock(struct ush_sqlite *s, struct usher_fault *why)
{
    if (s->lock_fd >= 0) {
        return 0;
    }
    char *path = join(s->path, "", ".lock");
    if (path == NULL) {
        return fail(why, s->path);
    }
    int rv = 0;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        rv = fail(why, path);
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        rv = errno == EWOULDBLOCK
                 ? ush_sqlite_fail(why, USHER_EFENCED, s->path, "another owner holds its lock")
                 : fail(why, path);
        close(fd);
    } else {
        s->lock_fd = fd;
    }
    free(path);
    return rv;
}

void ush_file_unlock(struct ush_sqlite *s)
{
    /* The lock file stays: who removes one may remove it from under the next owner. */
    if (s->lock_fd >= 0) {
        close(s->lock_fd);
        s->lock_fd = -1;
    }
}

int ush_file_make(const char *path, struct usher_fault *why)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return errno == EEXIST ? 0 : fail(why, path);
    }
    close(fd);
    return ush_file_sync_folder(path, why);
}

int ush_file_sync_folder(const char *path, struct usher_fault *why)
{
    char *folder = folder_of(path);
    int fd = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0) {
        return fail(why, path);
    }
    int rv = fsync(fd) == 0 ? 0 : fail(why, path);
    close(fd);
    return rv;
}
