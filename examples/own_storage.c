/* own_storage.c - a storage of your own: an append-only file, with a memory storage as its index.
 * SPDX-License-Identifier: MIT
 *
 *   own_storage [LISTEN [LOG]]      as in: own_storage 127.0.0.1:8080 own_storage.log
 *
 * The file: a magic line, the epoch, then one record for each batch: a mark, the
 * length, a checksum, the facts. Whatever is asked is answered from memory, which
 * is filled from the file at the start: for desks whose history fits there. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "usher.h"
#include "usher/plug/lws.h"
#include "usher/plug/memory.h"
#include "usher/uv.h"

#define MAGIC "usher-log-1\n\0\0\0\0"
#define RECORD_MARK UINT64_C(0x1d3c0f8ae5b79642)
enum { MAGIC_BYTES = 16, HEADER_BYTES = 24, RECORD_BYTES = 24, FACT_BYTES = 512, PATH_BYTES = 256 };

struct log {
    struct usher_storage storage; /* first: usher sees only this */
    char path[PATH_BYTES];
    int fd;                       /* -1: not loaded; its flock makes us the owner */
    struct usher_storage *memory; /* NULL: not loaded */
    uint64_t epoch, seq;
    size_t end;                   /* of what is known to be on the disk */
    bool doubt;                   /* an append failed: something may stand behind `end` */
    char *record;                 /* room for one, reused */
    size_t room;
};

static int fail(struct usher_fault *why, int err, const char *what, const char *reason)
{
    why->err = err;
    snprintf(why->text, sizeof why->text, "log: %.90s: %.60s", what, reason);
    return err;
}

/* ---- Facts as bytes. One list of the fields serves both ways. */

struct cursor {
    char *base;
    size_t at, size;
    bool writing, bad; /* bad: it does not fit */
};

static void bytes(struct cursor *c, void *data, size_t len)
{
    c->bad = c->bad || len > c->size - c->at;
    if (c->bad || len == 0) {
        return;
    }
    if (c->writing) {
        memcpy(c->base + c->at, data, len);
    } else {
        memcpy(data, c->base + c->at, len);
    }
    c->at += len;
}

/* Eight bytes, the lowest first, on every machine. */
static uint64_t number(struct cursor *c, uint64_t value)
{
    uint8_t eight[8] = {0};
    for (int i = 0; i < 8; i++) {
        eight[i] = (uint8_t) (value >> 8 * i);
    }
    bytes(c, eight, sizeof eight);
    value = 0;
    for (int i = 0; i < 8; i++) {
        value |= (uint64_t) eight[i] << 8 * i;
    }
    return value;
}

/* When reading, the text stays where it is. */
static void text(struct cursor *c, struct usher_span *span)
{
    span->len = (size_t) number(c, span->len);
    c->bad = c->bad || span->len > c->size - c->at;
    if (c->bad) {
        return;
    }
    if (c->writing && span->len > 0) {
        memcpy(c->base + c->at, span->base, span->len);
    }
    span->base = c->base + c->at;
    c->at += span->len;
}

static void fact(struct cursor *c, struct usher_fact *f)
{
    f->seq = number(c, f->seq);
    f->at_ms = (int64_t) number(c, (uint64_t) f->at_ms);
    f->type = (enum usher_fact_type) number(c, (uint64_t) f->type);
    f->log = (enum usher_log) number(c, (uint64_t) f->log);
    f->cause = (enum usher_cause) number(c, (uint64_t) f->cause);
    bytes(c, &f->session, sizeof f->session);
    f->index = number(c, f->index);
    f->after = number(c, f->after);
    f->by.kind = (enum usher_kind) number(c, (uint64_t) f->by.kind);
    bytes(c, &f->by.visitor, sizeof f->by.visitor);
    bytes(c, &f->by.agent, sizeof f->by.agent);
    text(c, &f->by.name);
    bytes(c, &f->queue, sizeof f->queue);
    bytes(c, &f->agent, sizeof f->agent);
    text(c, &f->agent_name);
    f->number = number(c, f->number);
    f->until_ms = (int64_t) number(c, (uint64_t) f->until_ms);
    f->digest = number(c, f->digest);
    text(c, &f->key);
    text(c, &f->body);
    text(c, &f->email);
}

/* FNV-1a. Every change of a single byte changes it, and it need not resist an enemy: who can
 * write the file can write a checksum. */
static uint64_t checksum(const char *data, size_t len)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; i++) {
        sum = (sum ^ (uint8_t) data[i]) * UINT64_C(0x100000001b3);
    }
    return sum;
}

/* The whole length of the record that begins here, or 0: this is none, or not all of one. */
static size_t record_at(char *base, size_t size)
{
    struct cursor c = {.base = base, .size = size};
    uint64_t mark = number(&c, 0);
    uint64_t len = number(&c, 0);
    uint64_t sum = number(&c, 0);
    if (c.bad || mark != RECORD_MARK || len > size - c.at) {
        return 0;
    }
    return checksum(base + c.at, (size_t) len) == sum ? c.at + (size_t) len : 0;
}

/* Put a batch into l->record; its length, or 0 without memory. */
static size_t make_record(struct log *l, const struct usher_batch *b)
{
    size_t size = RECORD_BYTES;
    for (size_t i = 0; i < b->n; i++) {
        const struct usher_fact *f = &b->facts[i];
        size += FACT_BYTES + f->by.name.len + f->agent_name.len + f->key.len + f->body.len
                + f->email.len;
    }
    if (size > l->room) {
        char *record = realloc(l->record, size);
        if (record == NULL) {
            return 0;
        }
        l->record = record;
        l->room = size;
    }
    struct cursor c = {.base = l->record, .at = RECORD_BYTES, .size = l->room, .writing = true};
    for (size_t i = 0; i < b->n; i++) {
        struct usher_fact f = b->facts[i];
        fact(&c, &f);
    }
    struct cursor head = {.base = l->record, .size = RECORD_BYTES, .writing = true};
    number(&head, RECORD_MARK);
    number(&head, c.at - RECORD_BYTES);
    number(&head, checksum(l->record + RECORD_BYTES, c.at - RECORD_BYTES));
    return c.bad ? 0 : c.at;
}

/* ---- The disk. */

static bool write_at(int fd, const char *data, size_t len, size_t at)
{
    while (len > 0) {
        ssize_t n = pwrite(fd, data, len, (off_t) at);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        size_t done = n < 0 ? 0 : (size_t) n;
        data += done;
        at += done;
        len -= done;
    }
    return true;
}

/* A new name in a folder is on the disk when the folder is. */
static bool sync_folder(const char *path)
{
    char copy[PATH_BYTES];
    snprintf(copy, sizeof copy, "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    close(fd);
    return good;
}

static int make_store(struct log *l, uint64_t epoch, struct usher_fault *why)
{
    char header[HEADER_BYTES] = MAGIC;
    struct cursor c = {.base = header, .at = MAGIC_BYTES, .size = sizeof header, .writing = true};
    number(&c, epoch);
    if (!write_at(l->fd, header, sizeof header, 0) || fsync(l->fd) != 0 || !sync_folder(l->path)) {
        return fail(why, USHER_EIO, l->path, strerror(errno));
    }
    l->epoch = epoch;
    l->end = HEADER_BYTES;
    return 0;
}

static int ignore(void *ctx, const struct usher_fact *f)
{
    (void) ctx;
    return f->seq > 0 ? 0 : USHER_ECORRUPT;
}

/* The facts of one record go to the memory storage, one by one. */
static int take_record(struct log *l, char *base, size_t len, struct usher_fault *why)
{
    struct cursor c = {.base = base, .at = RECORD_BYTES, .size = len};
    int rv = 0;
    while (rv == 0 && c.at < len) {
        struct usher_fact f = {0};
        fact(&c, &f);
        if (c.bad || f.seq != l->seq + 1) {
            return fail(why, USHER_ECORRUPT, l->path, "a record holds no facts that follow");
        }
        struct usher_batch one = {.first = f.seq, .n = 1, .facts = &f};
        rv = l->memory->ops->append(l->memory, &one, why);
        l->seq += rv == 0 ? 1 : 0;
    }
    return rv;
}

/* Read the file, of which `data` holds all. What follows the last whole record is a batch that
 * was being written when the power went: nobody was told of it. But if another record
 * comes after it, the file is damaged, and a storage does not guess. */
static int take_all(struct log *l, char *data, size_t size, struct usher_fault *why)
{
    size_t last = 0;
    size_t at = HEADER_BYTES;
    size_t len = record_at(data + at, size - at);
    while (len > 0) {
        int rv = take_record(l, data + at, len, why);
        if (rv != 0) {
            return rv;
        }
        last = at;
        at += len;
        len = record_at(data + at, size - at);
    }
    for (size_t i = at; i < size; i++) {
        if (record_at(data + i, size - i) > 0) {
            return fail(why, USHER_ECORRUPT, l->path, "there is a damaged record in the middle");
        }
    }
    /* All but the last record was synced before the next one was written. Whether the last one
     * was, only its writer knew: write it once more, then sync. */
    if (!write_at(l->fd, data + last, at - last, last) || ftruncate(l->fd, (off_t) at) != 0
        || fsync(l->fd) != 0) {
        return fail(why, USHER_EIO, l->path, strerror(errno));
    }
    l->end = at;
    return 0;
}

static int open_memory(struct log *l, struct usher_fault *why)
{
    struct usher_load load = {.fresh_epoch = l->epoch, .since_ms = INT64_MAX};
    if (usher_memory_open(&l->memory, NULL) != 0) {
        return fail(why, USHER_EIO, l->path, "out of memory");
    }
    return l->memory->ops->load(l->memory, &load, ignore, NULL, why);
}

static int read_store(struct log *l, size_t size, struct usher_fault *why)
{
    char *data = malloc(size);
    ssize_t got = data == NULL ? -1 : 0;
    for (size_t at = 0; got >= 0 && at < size; at += (size_t) got) {
        got = pread(l->fd, data + at, size - at, (off_t) at);
        got = got == 0 ? -1 : got; /* It shrinks under our hands. */
    }
    int rv = got < 0 ? fail(why, USHER_EIO, l->path, "it cannot be read") : 0;
    if (rv == 0 && (size < HEADER_BYTES || memcmp(data, MAGIC, MAGIC_BYTES) != 0)) {
        rv = fail(why, USHER_ECORRUPT, l->path, "this is no log of usher's");
    }
    if (rv == 0) {
        struct cursor c = {.base = data, .at = MAGIC_BYTES, .size = size};
        l->epoch = number(&c, 0);
        rv = open_memory(l, why);
        rv = rv != 0 ? rv : take_all(l, data, size, why);
    }
    free(data);
    return rv;
}

static void let_go_of_file(struct log *l)
{
    if (l->memory != NULL) {
        l->memory->ops->close(l->memory);
        l->memory = NULL;
    }
    if (l->fd >= 0) {
        close(l->fd); /* The flock goes with it. */
        l->fd = -1;
    }
    l->seq = 0;
}

static int open_store(struct log *l, uint64_t fresh_epoch, struct usher_fault *why)
{
    struct stat file;
    l->fd = open(l->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (l->fd < 0) {
        return fail(why, USHER_EIO, l->path, strerror(errno));
    }
    if (flock(l->fd, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? fail(why, USHER_EFENCED, l->path, "it has an owner")
                                    : fail(why, USHER_EIO, l->path, strerror(errno));
    }
    if (fstat(l->fd, &file) != 0) {
        return fail(why, USHER_EIO, l->path, strerror(errno));
    }
    if (file.st_size > 0) {
        return read_store(l, (size_t) file.st_size, why);
    }
    int rv = make_store(l, fresh_epoch, why);
    return rv != 0 ? rv : open_memory(l, why);
}

/* ---- The slots. */

static struct log *of(struct usher_storage *s)
{
    return (struct log *) (void *) s;
}

static int not_loaded(struct usher_fault *why)
{
    return fail(why, USHER_ESTATE, "not now", "it is not loaded");
}

static int load(struct usher_storage *s, struct usher_load *what, usher_fact_fn each, void *ctx,
                struct usher_fault *why)
{
    struct log *l = of(s);
    if (l->memory == NULL) {
        int rv = open_store(l, what->fresh_epoch, why);
        if (rv != 0) {
            let_go_of_file(l);
            return rv;
        }
    }
    return l->memory->ops->load(l->memory, what, each, ctx, why);
}

/* What a failed append may have left is cut off. All before it has been synced. */
static int mark(struct usher_storage *s, uint64_t *seq, struct usher_fault *why)
{
    struct log *l = of(s);
    if (l->memory == NULL) {
        return not_loaded(why);
    }
    if (l->doubt) {
        if (ftruncate(l->fd, (off_t) l->end) != 0 || fsync(l->fd) != 0) {
            return fail(why, USHER_EIO, l->path, strerror(errno));
        }
        l->doubt = false;
    }
    *seq = l->seq;
    return 0;
}

static int append(struct usher_storage *s, const struct usher_batch *b, struct usher_fault *why)
{
    struct log *l = of(s);
    uint64_t seq = 0;
    int rv = mark(s, &seq, why);
    if (rv != 0) {
        return rv;
    }
    for (size_t i = 0; i <= b->n; i++) {
        if (b->first != seq + 1 || (i < b->n && b->facts[i].seq != b->first + i)) {
            return fail(why, USHER_EINVAL, l->path, "the batch does not continue the history");
        }
    }
    size_t len = make_record(l, b);
    if (len == 0) {
        return fail(why, USHER_EIO, l->path, "out of memory");
    }
    l->doubt = true;
    if (!write_at(l->fd, l->record, len, l->end) || fdatasync(l->fd) != 0) {
        return fail(why, USHER_EIO, l->path, strerror(errno));
    }
    rv = l->memory->ops->append(l->memory, b, why);
    if (rv == 0) {
        l->doubt = false;
        l->end += len;
        l->seq += b->n;
    }
    return rv;
}

static int fetch(struct usher_storage *s, const struct usher_fetch *what, usher_fact_fn each,
                 void *ctx, struct usher_fault *why)
{
    struct usher_storage *m = of(s)->memory;
    return m == NULL ? not_loaded(why) : m->ops->fetch(m, what, each, ctx, why);
}

static int history(struct usher_storage *s, uint64_t after, uint32_t max, usher_fact_fn each,
                   void *ctx, struct usher_fault *why)
{
    struct usher_storage *m = of(s)->memory;
    return m == NULL ? not_loaded(why) : m->ops->history(m, after, max, each, ctx, why);
}

static int find_key(struct usher_storage *s, const struct usher_find *what,
                    struct usher_found *out, struct usher_fault *why)
{
    struct usher_storage *m = of(s)->memory;
    return m == NULL ? not_loaded(why) : m->ops->find_key(m, what, out, why);
}

static int find_visitor(struct usher_storage *s, const uint8_t token_hash[32],
                        struct usher_visitor_id *out, bool *found, struct usher_fault *why)
{
    struct usher_storage *m = of(s)->memory;
    return m == NULL ? not_loaded(why) : m->ops->find_visitor(m, token_hash, out, found, why);
}

static void close_log(struct usher_storage *s)
{
    struct log *l = of(s);
    let_go_of_file(l);
    free(l->record);
    free(l);
}

static const struct usher_storage_ops ops = {
    .size = sizeof ops,
    .name = "log",
    .load = load,
    .mark = mark,
    .append = append,
    .fetch = fetch,
    .history = history,
    .find_key = find_key,
    .find_visitor = find_visitor,
    .close = close_log,
};

static int log_open(struct usher_storage **out, const char *path)
{
    struct log *l = calloc(1, sizeof *l);
    if (l == NULL || strlen(path) >= sizeof l->path) {
        free(l);
        return l == NULL ? USHER_ENOMEM : USHER_EINVAL;
    }
    l->storage.ops = &ops;
    snprintf(l->path, sizeof l->path, "%s", path);
    l->fd = -1;
    *out = &l->storage;
    return 0;
}

/* ---- A desk on it: that of hello.c. */

struct host {
    uv_loop_t loop;
    uv_signal_t interrupt;
    struct usher_transport *web;
    struct usher_uv *desk;
    bool failed;
};

static void who(void *ctx, struct usher_uv *desk, uint64_t ticket, struct usher_span token)
{
    (void) ctx;
    bool ann = token.len == 9 && memcmp(token.base, "ann-token", 9) == 0;
    usher_uv_signed_in(desk, ticket, ann ? "ann" : NULL);
}

static void leave(uv_signal_t *interrupt, int number)
{
    struct host *host = interrupt->data;
    (void) number;
    uv_signal_stop(interrupt);
    usher_uv_stop(host->desk, NULL, NULL);
}

static void started(void *ctx, struct usher_uv *desk, const struct usher_fault *why)
{
    struct host *host = ctx;
    (void) desk;
    if (why->err != 0) {
        fprintf(stderr, "own_storage: %s\n", why->text);
        host->failed = true;
        leave(&host->interrupt, 0);
        return;
    }
    printf("own_storage: the desk is on port %d; Ctrl-C ends it\n", usher_lws_port(host->web));
    fflush(stdout);
}

static int open_desk(struct host *host, const char *listen, const char *path,
                     struct usher_fault *why)
{
    struct usher_lws_config port = {.size = sizeof port, .loop = &host->loop, .listen = listen};
    struct usher_queue_set sales = {.queue = {"sales"}, .name = {"Sales", 5}, .open = true};
    struct usher_agent_set ann = {.agent = {"ann"}, .queues = &sales.queue, .n_queues = 1};
    struct usher_uv_config cfg;
    usher_uv_config_init(&cfg);
    cfg.loop = &host->loop;
    cfg.queues = &sales;
    cfg.n_queues = 1;
    cfg.agents = &ann;
    cfg.n_agents = 1;
    cfg.transports = &host->web;
    cfg.n_transports = 1;
    cfg.who = who;
    cfg.started = started;
    cfg.ctx = host;
    int rv = log_open(&cfg.storage, path);
    rv = rv != 0 ? rv : usher_lws_new(&host->web, &port, why);
    return rv != 0 ? rv : usher_uv_start(&host->desk, &cfg, why);
}

int main(int argc, char **argv)
{
    struct host host = {0};
    struct usher_fault why = {.text = "that path is too long"};
    uv_loop_init(&host.loop);
    uv_signal_init(&host.loop, &host.interrupt);
    host.interrupt.data = &host;
    if (open_desk(&host, argc > 1 ? argv[1] : "127.0.0.1:8080",
                  argc > 2 ? argv[2] : "own_storage.log", &why) != 0) {
        fprintf(stderr, "own_storage: cannot open the desk: %s\n", why.text);
        return 1;
    }
    uv_signal_start(&host.interrupt, leave, SIGINT);
    uv_run(&host.loop, UV_RUN_DEFAULT);
    usher_lws_free(host.web);
    uv_close((uv_handle_t *) &host.interrupt, NULL);
    uv_run(&host.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&host.loop) == 0 && !host.failed ? 0 : 1;
}
