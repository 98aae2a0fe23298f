/* relay.c - the pairs of a relay, and its port.
 * SPDX-License-Identifier: MIT */
#include "relay.h"

#include "say.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

bool relay_hello(struct relay *r, void *link, const char *frame, size_t len)
{
    static const char word[] = "hello ";
    char text[64];
    char *at = NULL;

    if (len < sizeof word + 1 || len >= sizeof text || memcmp(frame, word, sizeof word - 1) != 0) {
        return false;
    }
    memcpy(text, frame, len);
    text[len] = '\0';
    unsigned side = text[sizeof word - 1] == 'a';
    unsigned long first = strtoul(text + sizeof word, &at, 10);
    unsigned long count = strtoul(at, NULL, 10);
    for (unsigned long i = first; i < first + count && i < RELAY_PAIRS; i++) {
        r->link[i][side] = link;
    }
    return true;
}

void *relay_peer(const struct relay *r, const void *link, const char *frame, size_t len)
{
    unsigned pair = 0;

    if (len < SAY_SESSION_AT + SAY_PAIR) {
        return NULL;
    }
    for (unsigned i = 0; i < SAY_PAIR; i++) {
        unsigned char digit = (unsigned char) frame[SAY_SESSION_AT + i];
        pair = pair << 4 | (digit <= '9' ? digit - (unsigned) '0' : digit - 'a' + 10u);
    }
    if (pair >= RELAY_PAIRS) {
        return NULL;
    }
    return r->link[pair][r->link[pair][0] == link];
}

int relay_listen(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (const struct sockaddr *) &at, len) != 0 || listen(fd, 511) != 0 ||
        getsockname(fd, (struct sockaddr *) &at, &len) != 0) {
        perror("relay");
        exit(1);
    }
    printf("listening on http://127.0.0.1:%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}
