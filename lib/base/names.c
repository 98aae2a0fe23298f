/* names.c - the words for what the public headers number: facts, causes, kinds, refusals, errors.
 * SPDX-License-Identifier: MIT */
#include "usher/effect.h"
#include "usher/event.h"
#include "usher/fact.h"
#include "usher/version.h"

const char *usher_fact_name(enum usher_fact_type type)
{
    switch (type) {
    case USHER_FACT_OPENED:
        return "opened";
    case USHER_FACT_JOINED:
        return "joined";
    case USHER_FACT_LEFT:
        return "left";
    case USHER_FACT_SAID:
        return "said";
    case USHER_FACT_SEEN:
        return "seen";
    case USHER_FACT_MOVED:
        return "moved";
    case USHER_FACT_CLOSED:
        return "closed";
    case USHER_FACT_REOPENED:
        return "reopened";
    case USHER_FACT_WHISPERED:
        return "whispered";
    case USHER_FACT_VISITED:
        return "visited";
    case USHER_FACT_ESCALATED:
        return "escalated";
    case USHER_FACT_VISITOR:
        return "visitor";
    case USHER_FACT_AGENT:
        return "agent";
    case USHER_FACT_OFFERED:
        return "offered";
    case USHER_FACT_OFFER_OVER:
        return "offer_over";
    }
    return "?";
}

const char *usher_cause_name(enum usher_cause cause)
{
    switch (cause) {
    case USHER_CAUSE_NONE:
        return "";
    case USHER_CAUSE_ASKED:
        return "asked";
    case USHER_CAUSE_MISSED:
        return "missed";
    case USHER_CAUSE_DECLINED:
        return "declined";
    case USHER_CAUSE_LOST:
        return "lost";
    case USHER_CAUSE_ABANDONED:
        return "abandoned";
    case USHER_CAUSE_GONE:
        return "gone";
    case USHER_CAUSE_RESTART:
        return "restart";
    case USHER_CAUSE_NOT_READY:
        return "not_ready";
    case USHER_CAUSE_WAITED:
        return "waited";
    case USHER_CAUSE_TAKEN:
        return "taken";
    }
    return "?";
}

const char *usher_kind_name(enum usher_kind kind)
{
    switch (kind) {
    case USHER_SYSTEM:
        return "system";
    case USHER_VISITOR:
        return "visitor";
    case USHER_AGENT:
        return "agent";
    case USHER_BOT:
        return "bot";
    }
    return "?";
}

const char *usher_why_name(enum usher_why why)
{
    switch (why) {
    case USHER_WHY_NONE:
        return "";
    case USHER_BAD_FRAME:
        return "bad_frame";
    case USHER_BAD_FIELD:
        return "bad_field";
    case USHER_UNKNOWN_TYPE:
        return "unknown_type";
    case USHER_UNAUTHORIZED:
        return "unauthorized";
    case USHER_UNKNOWN:
        return "unknown";
    case USHER_TOO_LARGE:
        return "too_large";
    case USHER_TOO_FAST:
        return "too_fast";
    case USHER_FULL:
        return "full";
    case USHER_CLOSED:
        return "closed";
    case USHER_KEY_CONFLICT:
        return "key_conflict";
    case USHER_BUSY:
        return "busy";
    case USHER_OFFER_GONE:
        return "offer_over";
    case USHER_TAKEN:
        return "taken";
    case USHER_DEGRADED:
        return "degraded";
    }
    return "?";
}

const char *usher_obstacle_name(enum usher_obstacle obstacle)
{
    static const char names[][20] = {
        [USHER_CAN] = "can",
        [USHER_IS_OFFERED] = "is_offered",
        [USHER_NOT_READY] = "not_ready",
        [USHER_NOT_HERE] = "not_here",
        [USHER_OTHER_QUEUE] = "other_queue",
        [USHER_LACKS_SKILL] = "lacks_skill",
        [USHER_TOO_EARLY] = "too_early",
        [USHER_IS_KEPT] = "is_kept",
        [USHER_HELD_FOR_ANOTHER] = "held_for_another",
        [USHER_HAS_OFFER] = "has_offer",
        [USHER_KEEPS_FREE] = "keeps_free",
        [USHER_NO_CAPACITY] = "no_capacity",
    };
    return (size_t) obstacle < sizeof names / sizeof *names ? names[obstacle] : "?";
}

const char *usher_hindrance_name(enum usher_hindrance hindrance)
{
    static const char names[][20] = {[USHER_NOTHING] = "",
                                     [USHER_BY_HAND] = "manual",
                                     [USHER_QUEUE_FULL] = "queue_full",
                                     [USHER_DESK_FULL] = "desk_full"};
    return (size_t) hindrance < sizeof names / sizeof *names ? names[hindrance] : "?";
}

const char *usher_strerror(int err)
{
    switch (err) {
    case USHER_OK:
        return "OK: no error";
    case USHER_ENOMEM:
        return "ENOMEM: out of memory";
    case USHER_EINVAL:
        return "EINVAL: the caller broke the contract";
    case USHER_EFULL:
        return "EFULL: a limit was reached";
    case USHER_ESTATE:
        return "ESTATE: not now: not started, stopping, or already done";
    case USHER_EIO:
        return "EIO: storage or transport failed";
    case USHER_ECORRUPT:
        return "ECORRUPT: stored bytes or state are not what they must be";
    case USHER_EFENCED:
        return "EFENCED: another writer owns this desk";
    case USHER_EWAIT:
        return "EWAIT: a look-up is out; step the same event again";
    case USHER_EBUSY:
        return "EBUSY: too fast; try again later";
    }
    return "?: not an error of usher";
}

const char *usher_version(void)
{
    return USHER_VERSION_STRING;
}
