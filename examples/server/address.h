/* address.h - what a listen address, a proxy's address or an origin may look like.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_ADDRESS_H
#define SERVER_ADDRESS_H

#include <stdbool.h>

enum server_reach {
    SERVER_REACH_NONE,     /* not an address at all */
    SERVER_REACH_LOOPBACK, /* this machine only */
    SERVER_REACH_UNIX,     /* this machine only, for a proxy */
    SERVER_REACH_NETWORK
};

/* Who can reach "127.0.0.1:8080", "[::1]:0" or "unix:/run/usher.sock"? */
enum server_reach server_address_listen(const char *listen);
/* A numeric address, or "unix". */
bool server_address_proxy(const char *proxy);
/* An origin as a browser sends it: "https://shop.example", "http://10.0.0.7:8080". */
bool server_address_origin(const char *origin);
/* A numeric address of this machine, or "unix". */
bool server_address_local(const char *address);

#endif
