/* sane.c - can a desk begin with this configuration? Says in words why not.
 * SPDX-License-Identifier: MIT */
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "runtime.h"

int ush_uv_fault(struct usher_fault *why, int err, const char *format, ...)
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

/* The numbers of up to 32 bits stand in a row; behind them may be padding, which nobody fills. */
static bool no_limits(const struct usher_limits *l)
{
    size_t row = offsetof(struct usher_limits, body_max) + sizeof l->body_max;
    _Static_assert(offsetof(struct usher_limits, batch_bytes) + 2 * sizeof(size_t)
                       == sizeof(struct usher_limits), "a limit was added: ask for it here, too");
    return sodium_is_zero((const unsigned char *) l, row) && l->batch_bytes == 0
        && l->recent_bytes == 0;
}

static bool is_untouched(const struct usher_config *core)
{
    _Static_assert(offsetof(struct usher_config, policy) + sizeof(struct usher_policy)
                       == sizeof(struct usher_config), "a field was added: ask for it here, too");
    return no_limits(&core->limits) && sodium_is_zero(core->seed, sizeof core->seed)
        && core->agent_grace_ms == 0 && core->visitor_waiting_ms == 0
        && core->visitor_active_ms == 0 && core->missed_max == 0 && core->place_ms == 0
        && core->board_ms == 0 && core->mem.ctx == NULL && core->mem.resize == NULL
        && core->active_max == 0 && core->window_ms == 0 && core->policy.ctx == NULL
        && core->policy.score == NULL;
}

static bool is_address(const char *text)
{
    struct ush_address address = ush_address_parse((struct usher_span){text, strlen(text)});
    return address.kind != USH_ADDRESS_NAME || strcmp(text, "unix") == 0;
}

/* Each transport is there, serves no desk yet, and is named once. */
static int check_transports(const struct usher_uv_config *cfg, struct usher_fault *why)
{
    for (size_t i = 0; i < cfg->n_transports; i++) {
        if (cfg->transports[i] == NULL) {
            return ush_uv_fault(why, USHER_EINVAL, "transport %zu of %zu is NULL", i + 1,
                                cfg->n_transports);
        }
        if (cfg->transports[i]->desk != NULL) {
            return ush_uv_fault(why, USHER_EINVAL, "transport %zu (%s) serves another desk", i + 1,
                                cfg->transports[i]->ops->name);
        }
        for (size_t before = 0; before < i; before++) {
            if (cfg->transports[before] == cfg->transports[i]) {
                return ush_uv_fault(why, USHER_EINVAL, "transport %zu is transport %zu again",
                                    i + 1, before + 1);
            }
        }
    }
    return 0;
}

int ush_uv_check(const struct usher_uv_config *cfg, struct usher_fault *why)
{
    if (cfg->size < offsetof(struct usher_uv_config, ctx)) {
        return ush_uv_fault(why, USHER_EINVAL, "the configuration's size is not set: "
                                               "begin with usher_uv_config_init()");
    }
    if (cfg->loop == NULL || cfg->storage == NULL) {
        return ush_uv_fault(why, USHER_EINVAL, "a loop and a storage are needed");
    }
    if (cfg->storage->desk != NULL) {
        return ush_uv_fault(why, USHER_EINVAL, "the storage (%s) serves another desk",
                            cfg->storage->ops->name);
    }
    for (size_t i = 0; i < cfg->n_trusted_proxies; i++) {
        if (!is_address(cfg->trusted_proxies[i])) {
            return ush_uv_fault(why, USHER_EINVAL,
                                "trusted proxy \"%.60s\" is no numeric address and not \"unix\"",
                                cfg->trusted_proxies[i]);
        }
    }
    if (cfg->core.size == 0 && !is_untouched(&cfg->core)) {
        return ush_uv_fault(why, USHER_EINVAL, "core is filled, but its size is 0: "
                                               "begin with usher_uv_config_init()");
    }
    return check_transports(cfg, why);
}
