/* usher.h - everything a host that embeds usher needs, in one include.
 * SPDX-License-Identifier: MIT
 *
 * How to read these headers. Above each function stands what it does; then,
 * where it is not obvious: who owns what, how long a pointer lives, which
 * errors can come back, and which thread may call. "Loop thread" is the thread
 * that runs the host's loop; "any thread" means any.
 *
 * The words (design: docs/architecture.md). A *desk* is one shop's chat
 * service. A *link* is one live connection. A *session* is one conversation of
 * one *visitor*, waiting in a *queue* or held by an *agent*, to whom it came as
 * an *offer*. A *fact* is for good, a *note* is for now.
 */
#ifndef USHER_H
#define USHER_H

#include "usher/base.h"
#include "usher/core.h"
#include "usher/effect.h"
#include "usher/event.h"
#include "usher/fact.h"
#include "usher/storage.h"
#include "usher/transport.h"
#include "usher/version.h"
#include "usher/wire.h"

#endif
