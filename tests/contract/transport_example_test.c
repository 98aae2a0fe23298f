/* transport_example_test.c - the transport of examples/own_transport.c keeps the contract.
 * SPDX-License-Identifier: MIT
 *
 * The example is one file with a main of its own; here that is a function like any other. */
int example_main(int argc, char **argv);
#define main example_main
#include "../../examples/own_transport.c"
#undef main

#include <unistd.h>

#include "place.h"
#include "transport.h"

/* The far end: reads lines, and knows a code by its being a number. */
struct end {
    uv_pipe_t pipe;
    uv_connect_t connect;
    struct ush_far *far;
    char *got;
    size_t len;
    bool paused;
    int code;
};

static int make(void *ctx, uv_loop_t *loop, struct usher_transport **out)
{
    const struct place *place = ctx;
    return lines_new(out, loop, place->path);
}

static void free_it(void *ctx, struct usher_transport *t)
{
    (void) ctx;
    lines_free(t);
}

static void on_end_closed(uv_handle_t *pipe)
{
    struct end *end = pipe->data;
    struct ush_far *far = end->far;
    int code = end->code;
    free(end->got);
    free(end);
    ush_far_closed(far, code);
}

static void end_is_over(struct end *end)
{
    if (!uv_is_closing((uv_handle_t *) &end->pipe)) {
        uv_close((uv_handle_t *) &end->pipe, on_end_closed);
    }
}

static void on_end_room(uv_handle_t *pipe, size_t suggested, uv_buf_t *buf)
{
    struct end *end = pipe->data;
    char *more = realloc(end->got, end->len + suggested);
    end->got = more == NULL ? end->got : more;
    *buf = uv_buf_init(more == NULL ? NULL : end->got + end->len, (unsigned) suggested);
}

static void on_end_read(uv_stream_t *pipe, ssize_t n, const uv_buf_t *buf)
{
    struct end *end = pipe->data;
    (void) buf;
    if (n < 0) {
        end_is_over(end);
        return;
    }
    end->len += (size_t) n;
    char *line = end->got;
    char *newline = memchr(line, '\n', end->len);
    while (newline != NULL) {
        size_t len = (size_t) (newline - line);
        *newline = '\0';
        if (is_code(line, len)) {
            end->code = (int) strtol(line, NULL, 10);
        } else {
            ush_far_message(end->far, (struct usher_span){line, len});
        }
        line = newline + 1;
        newline = memchr(line, '\n', end->len - (size_t) (line - end->got));
    }
    end->len -= (size_t) (line - end->got);
    memmove(end->got, line, end->len);
}

static void on_end_connected(uv_connect_t *connect, int status)
{
    struct end *end = connect->handle->data;
    if (status != 0) {
        end_is_over(end);
    } else if (!end->paused) {
        uv_read_start(connect->handle, on_end_room, on_end_read);
    }
}

static int open_far(void *ctx, struct usher_transport *t, struct ush_far *far)
{
    const struct place *place = ctx;
    struct end *end = calloc(1, sizeof *end);
    if (end == NULL) {
        return USHER_ENOMEM;
    }
    end->far = far;
    end->code = CUT;
    far->end = end;
    uv_pipe_init(of(t)->loop, &end->pipe, 0);
    end->pipe.data = end;
    uv_pipe_connect(&end->connect, &end->pipe, place->path, on_end_connected);
    return 0;
}

static void on_end_written(uv_write_t *write, int status)
{
    (void) status;
    free(write->data);
    free(write);
}

static void far_send(void *ctx, struct ush_far *far, struct usher_span message)
{
    (void) ctx;
    struct end *end = far->end;
    uv_write_t *write = malloc(sizeof *write);
    char *text = malloc(message.len + 1);
    if (write == NULL || text == NULL) {
        abort();
    }
    memcpy(text, message.base, message.len);
    text[message.len] = '\n';
    write->data = text;
    uv_buf_t buf = uv_buf_init(text, (unsigned) message.len + 1);
    if (uv_write(write, (uv_stream_t *) &end->pipe, &buf, 1, on_end_written) != 0) {
        abort();
    }
}

static void far_pause(void *ctx, struct ush_far *far, bool on)
{
    (void) ctx;
    if (far->closed) {
        return;
    }
    struct end *end = far->end;
    end->paused = on;
    if (on) {
        uv_read_stop((uv_stream_t *) &end->pipe);
    } else {
        uv_read_start((uv_stream_t *) &end->pipe, on_end_room, on_end_read);
    }
}

static void far_close(void *ctx, struct ush_far *far, int code)
{
    char number[16];
    int len = snprintf(number, sizeof number, "%d", code);
    far_send(ctx, far, (struct usher_span){number, (size_t) len});
}

int main(void)
{
    struct place place;
    if (!ush_place_make(&place, "sock")) {
        return 1;
    }
    struct ush_transport_kit kit = {
        .name = "lines",
        .address = "unix",
        .ctx = &place,
        .make = make,
        .free = free_it,
        .open = open_far,
        .send = far_send,
        .pause = far_pause,
        .close = far_close,
    };
    const int failed = ush_contract_transport(kit);
    ush_place_done(&place);
    return failed;
}
