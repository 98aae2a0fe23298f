/* log.h - one JSON object a line on a file descriptor: no control bytes, no tokens, at most 4 KiB.
 * SPDX-License-Identifier: MIT */
#ifndef SERVER_LOG_H
#define SERVER_LOG_H

#include <usher/base.h>

#define SERVER_LOG_LINE 4096 /* bytes in a line, with its newline */

struct server_log {
    int fd;
    enum usher_level level;
    uint32_t dropped; /* lines that nobody took, since the last one that was written */
};

/* A line being written. What does not fit is left out, a whole member at a time
 * or the tail of a value, and the line says "cut":true. */
struct server_log_line {
    struct server_log *log;
    bool on, cut;
    size_t used;
    char text[SERVER_LOG_LINE];
};

/* Begin a line about `event`; below the log's level nothing will be written. */
void server_log_begin(struct server_log_line *line, struct server_log *log,
                      enum usher_level level, const char *event);
void server_log_text(struct server_log_line *line, const char *name, struct usher_span value);
void server_log_word(struct server_log_line *line, const char *name, const char *value);
void server_log_number(struct server_log_line *line, const char *name, uint64_t value);
void server_log_end(struct server_log_line *line);

/* A whole line of event and one text. */
void server_log_say(struct server_log *log, enum usher_level level, const char *event,
                    const char *text);

#endif
