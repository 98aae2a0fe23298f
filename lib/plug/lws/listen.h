/* listen.h - the listening socket: IPv4, IPv6 or unix, opened and closed by us.
 * SPDX-License-Identifier: MIT */
#ifndef USH_LWS_LISTEN_H
#define USH_LWS_LISTEN_H

#include <sys/types.h>
#include <sys/un.h>

#include "usher/base.h"

struct ush_lws_listen {
    int fd;         /* -1: closed */
    int port;       /* 0: a unix socket */
    char host[64];  /* as it was configured, an IPv6 address in its brackets */
    char path[sizeof ((struct sockaddr_un *) 0)->sun_path]; /* of a unix socket */
    dev_t device;   /* which file that is */
    ino_t inode;
};

/* `text` as in usher_lws_config.listen. Unless `anywhere`, only a loopback
 * address or a unix socket. Errors: EINVAL, EIO; *why says it. */
int ush_lws_listen_open(struct ush_lws_listen *l, const char *text, bool anywhere,
                        struct usher_fault *why);
/* Also takes the file of a unix socket away, if it is still ours. Twice is fine. */
void ush_lws_listen_close(struct ush_lws_listen *l);

/* Write the fault (why may be NULL) and return err. */
int ush_lws_fault(struct usher_fault *why, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
