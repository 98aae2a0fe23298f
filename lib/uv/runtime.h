/* runtime.h - what the files of the runtime share: the desk's state on the loop.
 * SPDX-License-Identifier: MIT
 *
 *   open.c    load, configure, start transports     stop.c   the way back
 *   report.c  what transports report                input.c  frames in
 *   signin.c  who is this?                          turn.c   effects out
 *   saving.c  what the storage thread reports       tell.c   facts to the host
 *   clock.c   everything that is due at a time      host.c   what the host asks for
 *   reason.c  why a queue or agent cannot be set    sane.c   why a desk cannot begin
 *
 * One rule holds them together: events are stepped as they come, effects are
 * taken in ush_uv_turn() only, once a loop turn, and nothing that the host calls
 * from inside a callback touches the core before the turn has come. */
#ifndef USH_RUNTIME_H
#define USH_RUNTIME_H

#include <uv.h>

#include "doorman.h"
#include "peer.h"
#include "usher/uv.h"
#include "usher/wire.h"
#include "worker.h"

enum ush_phase {
    USH_LOADING,  /* the storage is read */
    USH_OPEN,
    USH_FAILED,   /* could not be opened: waits for its stop */
    USH_FENCED,   /* another writer owns the desk: waits for its stop */
    USH_STOPPING  /* saves what is open, and lets go */
};

/* Texts to one link that leave in one message. */
struct ush_letter { uint64_t link; size_t from, to; };

#define USH_LETTERS_MAX 1024

/* What is written in a turn and not sent yet. */
struct ush_out {
    char *buf;
    size_t len, size;
    size_t n_letters;
    struct ush_letter letters[USH_LETTERS_MAX]; /* each from where the one before ends, or later */
};

/* A copy of a QUEUE_SET or AGENT_SET event, or the answer to a who(): something
 * that the host said and that is done later. */
struct ush_call {
    struct ush_list at;
    struct usher_event ev;         /* type 0: an answer */
    uint64_t ticket;
    struct usher_agent_id agent;   /* of the answer; none: nobody */
    _Alignas(uint64_t) char bytes[]; /* its arrays and texts */
};

struct usher_uv {
    struct usher_uv_config cfg;    /* its arrays are not kept: see below */
    enum ush_phase phase;
    struct usher *core;
    struct usher_decoder *decoder;
    struct usher_decoded decoded;  /* of the frame being looked at */
    struct ush_worker worker;
    struct ush_doorman doorman;
    struct usher_transport_host host;
    struct usher_transport **transports;
    size_t n_transports;
    uint64_t epoch;
    uint32_t body_max;

    uv_async_t async;              /* the worker, or a host's call, has news */
    uv_prepare_t prepare;          /* the turn's last moments before the loop sleeps … */
    uv_check_t check;              /* … and right after it woke */
    uv_timer_t timer;
    uint64_t armed_ms;             /* for when; USHER_NEVER: not */
    unsigned handles;              /* not closed yet */

    struct ush_peers links;
    struct ush_list hellos;        /* links not signed in, by time */
    struct ush_list stalled;       /* full links, by time */
    struct ush_list dropping;      /* links to drop at the end of the turn */
    uint32_t lookups;              /* visitors asked for at the storage */

    bool dirty;                    /* something was stepped since the last turn */
    uint32_t inside;               /* callbacks of the host that run now */
    struct ush_list pieces;        /* jobs: of a load whose epoch is not known yet */
    int64_t since_ms;              /* sessions closed before are not loaded */
    bool too_much;                 /* the core has no room for this load: it will be done again */
    struct ush_list settings;      /* calls: the configuration, until it is applied */
    struct ush_list calls;         /* made from inside callbacks */
    struct usher_agent_id *agents; /* those that are set */
    struct usher_queue_id *queues;
    size_t n_agents, n_queues;
    struct ush_out out;
    uint32_t full_news;            /* links with full_news */

    bool batch_told;               /* a batch is durable: the next turn tells it, and seals none */
    bool polls_first;              /* no turn before the loop has polled */
    bool saving, lost;             /* a batch is out; its saving fails */
    struct usher_batch batch;
    uint64_t saving_ms;            /* since when */
    uint64_t saving_slow_ms;       /* longer than this counts as failing */

    uint64_t told, durable;        /* last seq that the host was told; that there is */
    bool telling;                  /* a read for it is out */
    uint64_t tell_retry_ms;        /* it failed; again at */

    bool stop_asked, quit, ended;  /* by the host; said to the worker; said by the worker */
    void (*stopped)(void *ctx);
    void *stopped_ctx;
    uint64_t stop_ms;              /* when to give up saving */
    size_t transports_left;        /* not stopped yet */

    struct usher_uv_stats stats;
};

/* runtime.c */
uint64_t ush_uv_mono(const struct usher_uv *rt);
struct usher_now ush_uv_now(const struct usher_uv *rt);
/* Step, and see to it that a turn follows. */
int ush_uv_step(struct usher_uv *rt, const struct usher_event *ev);
/* A turn will come, even if this is not called from the loop. */
void ush_uv_wake(struct usher_uv *rt);
void ush_uv_log(struct usher_uv *rt, enum usher_level level, const char *line);
void ush_uv_tell_saving(struct usher_uv *rt, int err, const char *text);
void ush_uv_free(struct usher_uv *rt);
/* A job for the worker; NULL after it was said to be out of memory. */
struct ush_job *ush_uv_new_job(struct usher_uv *rt, enum ush_job_type type);

/* open.c */
int ush_uv_open(struct usher_uv *rt);
/* True if the job was kept. */
bool ush_uv_loaded(struct usher_uv *rt, struct ush_job *job);

/* report.c */
struct usher_transport_host ush_uv_reports(struct usher_uv *rt);
/* Drop a link at the end of this turn, after what was said to it. */
void ush_uv_drop(struct usher_uv *rt, struct ush_peer *link, int code);

/* input.c */
void ush_uv_input(struct usher_uv *rt, struct ush_peer *link, struct usher_span message);
/* The link's first kept frame may go on, and so those behind it. */
void ush_uv_go_on(struct usher_uv *rt, struct ush_peer *link);
void ush_uv_refuse(struct usher_uv *rt, struct ush_peer *link, enum usher_why why,
                   uint32_t retry_ms, struct usher_span key, const char *text);
void ush_uv_refuse_fast(struct usher_uv *rt, struct ush_peer *link, uint32_t retry_ms,
                        struct usher_span key);

/* signin.c: a hello that was decoded into rt->decoded. */
void ush_uv_hello(struct usher_uv *rt, struct ush_peer *link, struct usher_span message);
void ush_uv_visitor_found(struct usher_uv *rt, const struct ush_job *job);
void ush_uv_signed_in(struct usher_uv *rt, uint64_t ticket, const struct usher_agent_id *agent);

/* turn.c */
void ush_uv_turn(struct usher_uv *rt);
/* A link takes nothing more for now. */
void ush_uv_link_full(struct usher_uv *rt, struct ush_peer *link);

/* saving.c */
void ush_uv_news(struct usher_uv *rt);
void ush_uv_save(struct usher_uv *rt, const struct usher_batch *batch);
void ush_uv_fetch(struct usher_uv *rt, const struct usher_fetch *what);
void ush_uv_find(struct usher_uv *rt, uint64_t link, const struct usher_find *what);
/* Saving takes too long, or has failed: say so once. */
void ush_uv_lost(struct usher_uv *rt, const struct usher_fault *why);

/* tell.c */
void ush_uv_tell_begin(struct usher_uv *rt, uint64_t seq);
void ush_uv_tell_batch(struct usher_uv *rt, const struct usher_batch *batch);
void ush_uv_tell_more(struct usher_uv *rt);
void ush_uv_told(struct usher_uv *rt, struct ush_job *job);

/* clock.c */
void ush_uv_clock(struct usher_uv *rt);
void ush_uv_arm(struct usher_uv *rt);

/* host.c */
struct ush_call *ush_uv_call_new(const struct usher_event *ev);
/* Step a QUEUE_SET or AGENT_SET. *why (NULL is fine) says what is wrong with it. */
int ush_uv_set(struct usher_uv *rt, const struct usher_event *ev, struct usher_fault *why);
bool ush_uv_queue_is_set(const struct usher_uv *rt, const struct usher_queue_id *queue);
void ush_uv_calls(struct usher_uv *rt);
void ush_uv_call_free(struct ush_call *call);
void ush_uv_calls_free(struct ush_list *calls);

/* sane.c */
/* Write the fault (why may be NULL) and return err. */
int ush_uv_fault(struct usher_fault *why, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Can a desk begin with this? 0, or EINVAL and *why. */
int ush_uv_check(const struct usher_uv_config *cfg, struct usher_fault *why);
/* reason.c: why the core did not take this QUEUE_SET or AGENT_SET. */
void ush_uv_reason(const struct usher_uv *rt, const struct usher_event *ev, int err,
                   struct usher_fault *why);

/* stop.c */
/* All of them, started or not; transports_left counts down. Once in a desk's life. */
void ush_uv_stop_transports(struct usher_uv *rt);
void ush_uv_stop_begin(struct usher_uv *rt);
/* Go as far as possible. */
void ush_uv_stop_more(struct usher_uv *rt);

#endif
