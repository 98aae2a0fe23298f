/* A small shop on libuv: an HTTP server that gives pages to visitors, and orders to its staff.
 * SPDX-License-Identifier: MIT
 *
 *   shop            [PORT [FOLDER]]
 *   shop_with_usher [PORT [FOLDER [CHAT [DATABASE]]]]      the same with chat, on a port of its own
 *
 * `diff shop.c shop_with_usher.c` shows all that it takes. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <uv.h>

#include "usher/plug/lws.h"
#include "usher/plug/sqlite.h"
#include "usher/uv.h"

enum { HEAD_BYTES = 8192, PAGE_BYTES = 65536, CALLERS_MAX = 1000, IDLE_MS = 15000, BACKLOG = 128 };

/* Who works here. A real shop has this in its database. */
struct staff { const char *id, *key; };
enum { STAFF = 2 };
static const struct staff staff[STAFF] = {{"ann", "ann-7f3c19"}, {"bob", "bob-20d4e8"}};

/* The files of the folder that are pages. */
static const struct kind { const char *end, *type; } kinds[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css"},
    {".js", "text/javascript"},
};

struct shop {
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_signal_t interrupt;
    const struct staff *staff;
    const char *folder;
    char address[48]; /* of its pages, as browsers write it: an origin */
    struct caller *callers;
    unsigned n_callers;
};

/* One connection of somebody who looks at the shop. */
struct caller {
    struct caller *prev, *next;
    struct shop *shop;
    uv_tcp_t tcp;
    uv_shutdown_t shut;
    uv_timer_t idle;
    bool last;                 /* after the answer that is under way it ends */
    size_t len;
    char head[HEAD_BYTES + 1]; /* what has come of a request; requests may follow at once */
};

struct answer { uv_write_t write; char bytes[]; };

/* As long for a wrong key as for a right one. */
static bool same(const char *a, const char *b, size_t len)
{
    unsigned char differ = 0;
    for (size_t i = 0; i < len; i++) {
        differ |= (unsigned char) (a[i] ^ b[i]);
    }
    return differ == 0;
}

static const struct staff *staff_of_key(const struct shop *shop, const char *key, size_t len)
{
    const struct staff *found = NULL;
    for (size_t i = 0; i < STAFF; i++) {
        const struct staff *one = &shop->staff[i];
        if (len == strlen(one->key) && same(key, one->key, len)) {
            found = one;
        }
    }
    return found;
}

static void on_idle_closed(uv_handle_t *idle)
{
    struct caller *c = idle->data;
    *(c->prev == NULL ? &c->shop->callers : &c->prev->next) = c->next;
    if (c->next != NULL) {
        c->next->prev = c->prev;
    }
    c->shop->n_callers--;
    free(c);
}

static void on_tcp_closed(uv_handle_t *tcp)
{
    struct caller *c = tcp->data;
    uv_close((uv_handle_t *) &c->idle, on_idle_closed);
}

static void hang_up(struct caller *c)
{
    if (!uv_is_closing((uv_handle_t *) &c->tcp)) {
        uv_close((uv_handle_t *) &c->tcp, on_tcp_closed);
    }
}

static void on_idle(uv_timer_t *idle)
{
    hang_up(idle->data);
}

static void on_answered(uv_write_t *write, int status)
{
    struct caller *c = write->data;
    free((struct answer *) (void *) write); /* `write` is its first member. */
    if (status != 0) {
        hang_up(c);
    } else if (c->last) {
        /* Who closes while something is unread takes the answer back: wait for the other side. */
        c->len = 0;
        uv_shutdown(&c->shut, (uv_stream_t *) &c->tcp, NULL);
    }
}

static void answer(struct caller *c, const char *status, const char *type, const char *body,
                   size_t len, bool with_body)
{
    char head[512];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                     "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n%s\r\n",
                     status, type, len, c->last ? "Connection: close\r\n" : "");
    size_t body_len = with_body ? len : 0;
    struct answer *a = malloc(sizeof *a + (size_t) n + body_len);
    if (a == NULL) {
        hang_up(c);
        return;
    }
    memcpy(a->bytes, head, (size_t) n);
    memcpy(a->bytes + n, body, body_len);
    a->write.data = c;
    uv_buf_t buf = uv_buf_init(a->bytes, (unsigned) n + (unsigned) body_len);
    if (uv_write(&a->write, (uv_stream_t *) &c->tcp, &buf, 1, on_answered) != 0) {
        free(a);
        hang_up(c);
    }
    uv_timer_start(&c->idle, on_idle, IDLE_MS, 0);
}

static void refuse(struct caller *c, const char *status)
{
    c->last = true;
    answer(c, status, "text/plain", status, strlen(status), true);
}

/* A name of small letters and one of our ends: nothing else is a page, so no way leads out. */
static const char *type_of(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz");
    for (size_t i = 0; len > 0 && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(name + len, kinds[i].end) == 0) {
            return kinds[i].type;
        }
    }
    return NULL;
}

static void give_page(struct caller *c, const char *name, bool with_body)
{
    static char body[PAGE_BYTES]; /* One at a time: answer() copies. */
    const char *type = type_of(name);
    char path[512];
    snprintf(path, sizeof path, "%s/%s", c->shop->folder, name);
    int fd = type == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, body, sizeof body);
    if (fd >= 0) {
        close(fd);
    }
    if (n < 0) {
        refuse(c, "404 Not Found");
    } else {
        answer(c, "200 OK", type, body, (size_t) n, with_body);
    }
}

/* The value of a header in a head whose lines are NUL-terminated; NULL if it is not there. */
static const char *header(const char *line, const char *end, const char *name)
{
    size_t len = strlen(name);
    for (; line < end; line += strlen(line) + 2) {
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            return line + len + 1 + strspn(line + len + 1, " \t");
        }
    }
    return NULL;
}

static bool is_staff(const struct shop *shop, const char *authorization)
{
    static const char bearer[] = "Bearer ";
    size_t skip = sizeof bearer - 1;
    return authorization != NULL && strncmp(authorization, bearer, skip) == 0
           && staff_of_key(shop, authorization + skip, strlen(authorization + skip)) != NULL;
}

/* One request: `head` holds its lines, each NUL-terminated, up to `end`. */
static void serve(struct caller *c, char *head, const char *end)
{
    char *target = strchr(head, ' ');
    char *version = target == NULL ? NULL : strchr(target + 1, ' ');
    const char *fields = head + strlen(head) + 2;
    if (version == NULL || strncmp(version, " HTTP/1.", 8) != 0
        || header(fields, end, "Transfer-Encoding") != NULL) {
        refuse(c, "400 Bad Request");
        return;
    }
    *target++ = *version++ = '\0';
    target[strcspn(target, "?")] = '\0';
    const char *connection = header(fields, end, "Connection");
    const char *length = header(fields, end, "Content-Length");
    c->last = strcmp(version, "HTTP/1.1") != 0
              || (connection != NULL && strcasecmp(connection, "close") == 0);
    bool is_head = strcmp(head, "HEAD") == 0;
    if (length != NULL && strcmp(length, "0") != 0) {
        refuse(c, "413 Content Too Large");
    } else if (!is_head && strcmp(head, "GET") != 0) {
        refuse(c, "405 Method Not Allowed");
    } else if (!c->last && header(fields, end, "Host") == NULL) {
        refuse(c, "400 Bad Request");
    } else if (strcmp(target, "/orders.html") == 0
               && !is_staff(c->shop, header(fields, end, "Authorization"))) {
        refuse(c, "401 Unauthorized");
    } else {
        give_page(c, strcmp(target, "/") == 0 ? "index.html" : target + 1, !is_head);
    }
}

/* Every whole request that has come. */
static void serve_all(struct caller *c)
{
    char *end = strstr(c->head, "\r\n\r\n");
    while (end != NULL && !c->last) {
        for (char *at = c->head; at <= end; at++) {
            *at = *at == '\r' && at[1] == '\n' ? '\0' : *at;
        }
        serve(c, c->head, end);
        c->len -= (size_t) (end + 4 - c->head);
        memmove(c->head, end + 4, c->len + 1);
        end = strstr(c->head, "\r\n\r\n");
    }
    if (!c->last && c->len == HEAD_BYTES) {
        refuse(c, "431 Request Header Fields Too Large");
        c->len = 0; /* room to read, and forget, the rest */
    }
}

static void on_room(uv_handle_t *tcp, size_t suggested, uv_buf_t *buf)
{
    struct caller *c = tcp->data;
    (void) suggested;
    *buf = uv_buf_init(c->head + c->len, (unsigned) (HEAD_BYTES - c->len));
}

static void on_read(uv_stream_t *tcp, ssize_t n, const uv_buf_t *buf)
{
    struct caller *c = tcp->data;
    (void) buf;
    if (n < 0) {
        hang_up(c);
    } else if (c->last) {
        c->len = 0; /* It talks on after its last request: nobody listens. */
    } else {
        c->len += (size_t) n;
        c->head[c->len] = '\0';
        serve_all(c);
    }
}

static void on_caller(uv_stream_t *listener, int status)
{
    struct shop *shop = listener->data;
    struct caller *c = status == 0 ? calloc(1, sizeof *c) : NULL;
    if (c == NULL) {
        return;
    }
    uv_tcp_init(&shop->loop, &c->tcp);
    uv_timer_init(&shop->loop, &c->idle);
    c->tcp.data = c->idle.data = c;
    c->shop = shop;
    c->next = shop->callers;
    if (c->next != NULL) {
        c->next->prev = c;
    }
    shop->callers = c;
    shop->n_callers++;
    if (uv_accept(listener, (uv_stream_t *) &c->tcp) != 0 || shop->n_callers > CALLERS_MAX
        || uv_read_start((uv_stream_t *) &c->tcp, on_room, on_read) != 0) {
        hang_up(c);
    }
    uv_timer_start(&c->idle, on_idle, IDLE_MS, 0);
}

static void on_interrupt(uv_signal_t *interrupt, int number)
{
    struct shop *shop = interrupt->data;
    (void) number;
    uv_close((uv_handle_t *) &shop->interrupt, NULL);
    uv_close((uv_handle_t *) &shop->listener, NULL);
    for (struct caller *c = shop->callers; c != NULL; c = c->next) {
        hang_up(c);
    }
    uv_stop(&shop->loop);
}

/* Open on 127.0.0.1; port 0 takes any free one. */
static int open_shop(struct shop *shop, int port)
{
    struct sockaddr_in address;
    int size = sizeof address;
    uv_loop_init(&shop->loop);
    uv_signal_init(&shop->loop, &shop->interrupt);
    uv_tcp_init(&shop->loop, &shop->listener);
    shop->interrupt.data = shop->listener.data = shop;
    uv_ip4_addr("127.0.0.1", port, &address);
    int rv = uv_tcp_bind(&shop->listener, (const struct sockaddr *) &address, 0);
    rv = rv != 0 ? rv : uv_listen((uv_stream_t *) &shop->listener, BACKLOG, on_caller);
    rv = rv != 0 ? rv : uv_signal_start(&shop->interrupt, on_interrupt, SIGINT);
    rv = rv != 0 ? rv : uv_tcp_getsockname(&shop->listener, (struct sockaddr *) &address, &size);
    const uint8_t *p = (const uint8_t *) &address.sin_port;
    snprintf(shop->address, sizeof shop->address, "http://127.0.0.1:%d", p[0] << 8 | p[1]);
    return rv;
}

static void who(void *shop, struct usher_uv *desk, uint64_t ticket, struct usher_span key)
{
    const struct staff *one = staff_of_key(shop, key.base, key.len);
    usher_uv_signed_in(desk, ticket, one == NULL ? NULL : one->id);
}

int main(int argc, char **argv)
{
    static struct shop shop;
    shop.staff = staff;
    shop.folder = argc > 2 ? argv[2] : "examples/embed/pages";
    int rv = open_shop(&shop, argc > 1 ? (int) strtol(argv[1], NULL, 10) : 8000);
    if (rv != 0) {
        fprintf(stderr, "shop: cannot open: %s\n", uv_strerror(rv));
        return 1;
    }
    struct usher_queue_set sales = {.queue = {"sales"}, .name = {"Sales", 5}, .open = true};
    struct usher_agent_set agents[STAFF];
    for (size_t i = 0; i < STAFF; i++) {
        agents[i] = (struct usher_agent_set){.queues = &sales.queue, .n_queues = 1};
        snprintf(agents[i].agent.s, sizeof agents[i].agent.s, "%s", staff[i].id);
    }
    struct usher_lws_config port = {.size = sizeof port, .loop = &shop.loop, .n_origins = 1,
        .origins = &(const char *){shop.address}, .listen = argc > 3 ? argv[3] : "127.0.0.1:8081"};
    struct usher_transport *chat = NULL;
    struct usher_uv_config cfg = {.size = sizeof cfg, .loop = &shop.loop, .ctx = &shop, .who = who,
        .queues = &sales, .n_queues = 1, .agents = agents, .n_agents = STAFF,
        .transports = &chat, .n_transports = 1, .log = usher_uv_log_stderr};
    struct usher_uv *desk = NULL;
    struct usher_fault why = {.text = "that is no name of a database"};
    if (usher_sqlite_open(&cfg.storage, argc > 4 ? argv[4] : "shop.db") != 0
        || usher_lws_new(&chat, &port, &why) != 0 || usher_uv_start(&desk, &cfg, &why) != 0) {
        fprintf(stderr, "shop: cannot open the chat: %s\n", why.text);
        return 1;
    }
    printf("shop: open at %s; Ctrl-C closes it\n", shop.address);
    fflush(stdout);
    uv_run(&shop.loop, UV_RUN_DEFAULT);
    usher_uv_stop(desk, NULL, NULL);
    uv_run(&shop.loop, UV_RUN_DEFAULT); /* What was closed goes now. */
    usher_lws_free(chat);
    return uv_loop_close(&shop.loop) == 0 ? 0 : 1;
}
