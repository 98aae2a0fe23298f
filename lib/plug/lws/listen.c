/* listen.c - the listening socket: IPv4, IPv6 or unix, opened and closed by us.
 * SPDX-License-Identifier: MIT
 *
 * libwebsockets aborts the process when a port is in use, so it never listens. */
#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 511
#define UNIX_PREFIX "unix:"
#define UNIX_MODE 0660

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un un;
};

int ush_lws_fault(struct usher_fault *why, int err, const char *format, ...)
{
    if (why != NULL) {
        va_list args;
        why->err = err;
        va_start(args, format);
        vsnprintf(why->text, sizeof why->text, format, args);
        va_end(args);
    }
    return err;
}

static bool read_port(const char *text, uint16_t *port)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits] != '\0') {
        return false;
    }
    unsigned long n = strtoul(text, NULL, 10);
    if (n > UINT16_MAX) {
        return false;
    }
    *port = (uint16_t) n;
    return true;
}

/* "127.0.0.1:8080" or "[::1]:8080"; names are not looked up. */
static bool read_address(struct ush_lws_listen *l, const char *text, union address *address,
                         socklen_t *len)
{
    const char *colon = strrchr(text, ':');
    uint16_t port = 0;
    if (colon == NULL || !read_port(colon + 1, &port)) {
        return false;
    }
    size_t n = (size_t) (colon - text);
    if (n < 3 || n >= sizeof l->host) {
        return false;
    }
    memcpy(l->host, text, n);
    l->host[n] = '\0';
    if (text[0] != '[') {
        address->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
        *len = sizeof address->v4;
        return inet_pton(AF_INET, l->host, &address->v4.sin_addr) == 1;
    }
    if (text[n - 1] != ']') {
        return false;
    }
    char bare[sizeof l->host];
    memcpy(bare, text + 1, n - 2);
    bare[n - 2] = '\0';
    address->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    *len = sizeof address->v6;
    return inet_pton(AF_INET6, bare, &address->v6.sin6_addr) == 1;
}

static bool is_loopback(const union address *address)
{
    if (address->any.sa_family == AF_INET) {
        return ntohl(address->v4.sin_addr.s_addr) >> 24 == 127;
    }
    return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

/* A file that nobody listens on was left behind by a process that died. */
static int clear_stale(const struct ush_lws_listen *l, const union address *address,
                       struct usher_fault *why)
{
    struct stat file;
    if (lstat(l->path, &file) != 0) {
        return errno == ENOENT ? 0
                               : ush_lws_fault(why, USHER_EIO, "%s: %s", l->path, strerror(errno));
    }
    if (!S_ISSOCK(file.st_mode)) {
        return ush_lws_fault(why, USHER_EIO, "%s is there already, and is no socket", l->path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return ush_lws_fault(why, USHER_EIO, "socket: %s", strerror(errno));
    }
    int rv = connect(fd, &address->any, sizeof address->un);
    int err = errno;
    close(fd);
    if (rv == 0 || err != ECONNREFUSED) {
        return ush_lws_fault(why, USHER_EIO, "%s is in use%s%s", l->path,
                             rv == 0 ? "" : ": ", rv == 0 ? "" : strerror(err));
    }
    if (unlink(l->path) != 0 && errno != ENOENT) {
        return ush_lws_fault(why, USHER_EIO, "%s: %s", l->path, strerror(errno));
    }
    return 0;
}

static int open_unix(struct ush_lws_listen *l, const char *path, struct usher_fault *why)
{
    union address address = {.un = {.sun_family = AF_UNIX}};
    struct stat file;
    size_t len = strlen(path);

    if (len == 0 || len >= sizeof l->path) {
        return ush_lws_fault(why, USHER_EINVAL, "the path of a unix socket has 1 to %zu bytes",
                             sizeof l->path - 1);
    }
    memcpy(l->path, path, len + 1);
    memcpy(address.un.sun_path, path, len + 1);
    int rv = clear_stale(l, &address, why);
    if (rv != 0) {
        return rv;
    }
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The file appears closed to all others, and is then opened to its group. */
    if (l->fd < 0 || fchmod(l->fd, S_IRUSR | S_IWUSR) != 0
        || bind(l->fd, &address.any, sizeof address.un) != 0) {
        return ush_lws_fault(why, USHER_EIO, "%s: %s", path, strerror(errno));
    }
    if (chmod(path, UNIX_MODE) != 0 || lstat(path, &file) != 0) {
        return ush_lws_fault(why, USHER_EIO, "%s: %s", path, strerror(errno));
    }
    l->device = file.st_dev;
    l->inode = file.st_ino;
    return 0;
}

static int open_inet(struct ush_lws_listen *l, const char *text, bool anywhere,
                     struct usher_fault *why)
{
    union address address = {0};
    socklen_t len = 0;
    int on = 1;

    if (!read_address(l, text, &address, &len)) {
        return ush_lws_fault(why, USHER_EINVAL,
                             "\"%.60s\" is no ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH", text);
    }
    if (!anywhere && !is_loopback(&address)) {
        return ush_lws_fault(why, USHER_EINVAL,
                             "%.60s is not loopback: without TLS in front, anybody on the way "
                             "can read along", text);
    }
    l->fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (l->fd < 0 || setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || bind(l->fd, &address.any, len) != 0) {
        return ush_lws_fault(why, USHER_EIO, "%.80s: %s", text, strerror(errno));
    }
    if (getsockname(l->fd, &address.any, &len) != 0) {
        return ush_lws_fault(why, USHER_EIO, "%.80s: %s", text, strerror(errno));
    }
    l->port = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    return 0;
}

int ush_lws_listen_open(struct ush_lws_listen *l, const char *text, bool anywhere,
                        struct usher_fault *why)
{
    size_t prefix = strlen(UNIX_PREFIX);
    int rv;

    *l = (struct ush_lws_listen){.fd = -1};
    if (strncmp(text, UNIX_PREFIX, prefix) == 0) {
        rv = open_unix(l, text + prefix, why);
    } else {
        rv = open_inet(l, text, anywhere, why);
    }
    if (rv == 0 && listen(l->fd, BACKLOG) != 0) {
        rv = ush_lws_fault(why, USHER_EIO, "%.80s: %s", text, strerror(errno));
    }
    if (rv != 0) {
        ush_lws_listen_close(l);
    }
    return rv;
}

void ush_lws_listen_close(struct ush_lws_listen *l)
{
    struct stat file;

    if (l->fd < 0) {
        return;
    }
    close(l->fd);
    l->fd = -1;
    if (l->inode != 0 && lstat(l->path, &file) == 0 && file.st_dev == l->device
        && file.st_ino == l->inode) {
        unlink(l->path);
    }
}
