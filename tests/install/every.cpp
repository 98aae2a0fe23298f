/* every.cpp - a host in C++ that includes every header and calls into every library.
 * SPDX-License-Identifier: MIT */
#include <cstdio>

#include "usher.h"
#include "usher/plug/local.h"
#include "usher/plug/lws.h"
#include "usher/plug/memory.h"
#include "usher/plug/sqlite.h"
#include "usher/sim.h"
#include "usher/uv.h"

int main()
{
    usher_lws_config lws;
    usher_uv_config desk;
    usher_storage *storage = nullptr;
    usher_lws_config_init(&lws);
    usher_uv_config_init(&desk);
    /* Nothing is opened yet: this only names the store. */
    int rv = usher_sqlite_open(&storage, "never-opened.db");
    if (rv == 0) {
        storage->ops->close(storage);
        rv = usher_memory_open(&storage, nullptr);
    }
    if (rv == 0) {
        storage->ops->close(storage);
    }
    usher_local_free(nullptr);
    std::printf("every: %s\n", rv == 0 ? usher_version() : usher_strerror(rv));
    return rv == 0 ? 0 : 1;
}
