/* address.c - tells listen addresses, numeric addresses and origins apart; no look-ups.
 * SPDX-License-Identifier: MIT */
#include "address.h"

#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>

static bool port_ok(const char *s, uint32_t least)
{
    uint32_t port = 0;

    if (*s == '\0' || (s[0] == '0' && s[1] != '\0')) {
        return false;
    }
    for (; *s != '\0'; s++) {
        if (*s < '0' || *s > '9') {
            return false;
        }
        port = port * 10 + (uint32_t)(*s - '0');
        if (port > 65535) {
            return false;
        }
    }
    return port >= least;
}

static enum server_reach reach(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, address, &v4) == 1) {
        return ntohl(v4.s_addr) >> 24 == 127 ? SERVER_REACH_LOOPBACK : SERVER_REACH_NETWORK;
    }
    if (inet_pton(AF_INET6, address, &v6) == 1) {
        bool mapped = IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127;
        return IN6_IS_ADDR_LOOPBACK(&v6) || mapped ? SERVER_REACH_LOOPBACK : SERVER_REACH_NETWORK;
    }
    return SERVER_REACH_NONE;
}

enum server_reach server_address_listen(const char *listen)
{
    char address[INET6_ADDRSTRLEN];
    const char *start = listen;
    const char *end;

    if (strncmp(listen, "unix:", 5) == 0) {
        return listen[5] != '\0' ? SERVER_REACH_UNIX : SERVER_REACH_NONE;
    }
    if (*listen == '[') {
        start = listen + 1;
        end = strstr(listen, "]:");
        if (end == NULL || !port_ok(end + 2, 0)) {
            return SERVER_REACH_NONE;
        }
    } else {
        end = strchr(listen, ':');
        if (end == NULL || !port_ok(end + 1, 0)) {
            return SERVER_REACH_NONE;
        }
    }
    if ((size_t)(end - start) >= sizeof address) {
        return SERVER_REACH_NONE;
    }
    memcpy(address, start, (size_t)(end - start));
    address[end - start] = '\0';
    /* Brackets are for IPv6 and for nothing else. */
    if ((strchr(address, ':') != NULL) != (*listen == '[')) {
        return SERVER_REACH_NONE;
    }
    return reach(address);
}

bool server_address_proxy(const char *proxy)
{
    return strcmp(proxy, "unix") == 0 || reach(proxy) != SERVER_REACH_NONE;
}

bool server_address_local(const char *address)
{
    return strcmp(address, "unix") == 0 || reach(address) == SERVER_REACH_LOOPBACK;
}

bool server_address_origin(const char *origin)
{
    size_t scheme = strncmp(origin, "https://", 8) == 0  ? 8
                    : strncmp(origin, "http://", 7) == 0 ? 7
                                                         : 0;
    const char *host = origin + scheme;
    size_t n;

    if (scheme == 0 || strlen(origin) > 255) {
        return false;
    }
    if (*host == '[') {
        char address[INET6_ADDRSTRLEN];
        n = strcspn(host + 1, "]");
        if (n >= sizeof address || host[1 + n] != ']') {
            return false;
        }
        memcpy(address, host + 1, n);
        address[n] = '\0';
        n += 2;
        if (strchr(address, ':') == NULL || reach(address) == SERVER_REACH_NONE) {
            return false;
        }
    } else {
        n = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-");
        if (n == 0) {
            return false;
        }
    }
    return host[n] == '\0' || (host[n] == ':' && port_ok(host + n + 1, 1));
}
