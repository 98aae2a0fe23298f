/* key.c - makes the key's file at once and whole, and never trusts one that others can read.
 * SPDX-License-Identifier: MIT */
#include "key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096

static int fail(struct usher_fault *why, int err, const char *path, const char *text)
{
    why->err = err;
    snprintf(why->text, sizeof why->text, "%.100s: %s", path, text);
    return err;
}

static int write_all(int fd, const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return -1;
        }
        bytes += done;
        n -= (size_t)done;
    }
    return fsync(fd);
}

/* The new key is written under a name of its own, then linked to its place,
 * which fails if a key is there: no reader ever sees half of one, and of two
 * servers that start at once both use the same. */
static int make(const char *path, struct usher_fault *why)
{
    char draft[PATH_SIZE + 16];
    uint8_t key[SERVER_KEY_BYTES];
    int rv = 0;
    int fd;

    snprintf(draft, sizeof draft, "%s.%08x", path, (unsigned)randombytes_random());
    fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(why, USHER_EIO, draft, strerror(errno));
    }
    randombytes_buf(key, sizeof key);
    if (write_all(fd, key, sizeof key) != 0) {
        rv = fail(why, USHER_EIO, draft, strerror(errno));
    } else if (link(draft, path) != 0 && errno != EEXIST) {
        rv = fail(why, USHER_EIO, path, strerror(errno));
    }
    sodium_memzero(key, sizeof key);
    close(fd);
    unlink(draft);
    return rv;
}

static int read_key(uint8_t out[SERVER_KEY_BYTES], int fd, const char *path,
                    struct usher_fault *why)
{
    uint8_t bytes[SERVER_KEY_BYTES + 1];
    struct stat st;
    ssize_t n;
    int rv = 0;

    if (fstat(fd, &st) != 0) {
        return fail(why, USHER_EIO, path, strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return fail(why, USHER_EINVAL, path, "not a regular file");
    }
    if ((st.st_mode & 077) != 0) {
        return fail(why, USHER_EINVAL, path,
                    "others may read or write this key; it must have mode 0600");
    }
    do {
        n = read(fd, bytes, sizeof bytes);
    } while (n < 0 && errno == EINTR);
    if (n < 0) {
        rv = fail(why, USHER_EIO, path, strerror(errno));
    } else if (n != SERVER_KEY_BYTES) {
        rv = fail(why, USHER_EINVAL, path,
                  "not a key of 32 bytes; remove it to have a new one made");
    } else {
        memcpy(out, bytes, SERVER_KEY_BYTES);
    }
    sodium_memzero(bytes, sizeof bytes);
    return rv;
}

int server_key_open(uint8_t out[SERVER_KEY_BYTES], const char *store, struct usher_fault *why)
{
    char path[PATH_SIZE];
    int fd, rv;

    if (store == NULL) {
        randombytes_buf(out, SERVER_KEY_BYTES);
        return 0;
    }
    if ((size_t)snprintf(path, sizeof path, "%s.key", store) >= sizeof path) {
        return fail(why, USHER_EINVAL, store, "this path is too long");
    }
    fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT) {
        rv = make(path, why);
        if (rv != 0) {
            return rv;
        }
        fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    }
    if (fd < 0) {
        return fail(why, USHER_EIO, path, strerror(errno));
    }
    rv = read_key(out, fd, path, why);
    close(fd);
    return rv;
}
