/* login.c - checks passwords off the loop, a few at a time, as often as the doorman lets.
 * SPDX-License-Identifier: MIT
 *
 *     request -> well-formed? -> doorman -> waiting -> doorman -> working -> doorman -> answer
 *
 * The doorman is asked again before and after the work, because failures of
 * other attempts came in meanwhile: however many passwords are sent at once, no
 * more are judged than if they had been sent one by one. */
#include "login.h"

#include "http.h"
#include "login_body.h"
#include "password.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORKING_MAX 2   /* each takes 64 MiB and one core */
#define WAITING_MAX 128 /* about five seconds of work */

struct server_login_job {
    uv_work_t work;
    struct server *server;
    struct usher_lws_request *req; /* NULL: it is gone */
    struct server_login_job *next;
    char address[64];
    struct server_login_body body;
    size_t agent;     /* in config->agents; SIZE_MAX: nobody */
    const struct server_secret *secret; /* to check against; NULL: there is none */
    bool right;
};

/* All errors look alike: {"error":CODE}, and what a person may be told. */
static void refuse(struct server *s, struct usher_lws_request *req, int status, const char *code,
                   const char *text, uint32_t retry_ms)
{
    char body[160];
    char retry[40] = "";
    int n;

    if (retry_ms > 0) {
        snprintf(retry, sizeof retry, "Retry-After: %u\r\n",
                 (unsigned)(retry_ms / 1000 + (retry_ms % 1000 > 0)));
        n = snprintf(body, sizeof body, "{\"error\":\"%s\",\"text\":\"%s\",\"retry_ms\":%u}\n",
                     code, text, (unsigned)retry_ms);
    } else {
        n = snprintf(body, sizeof body, "{\"error\":\"%s\",\"text\":\"%s\"}\n", code, text);
    }
    const struct server_answer answer = {
        .status = status, .type = "application/json", .headers = retry, .body = {body, (size_t)n}};
    server_http_answer(s, req, &answer);
}

static void log_login(const struct server_login_job *job, enum usher_level level,
                      const char *result)
{
    struct server_log_line line;

    server_log_begin(&line, &job->server->log, level, "login");
    server_log_word(&line, "result", result);
    /* What was typed as a name may well be a password: only known names are kept. */
    if (job->agent != SIZE_MAX) {
        server_log_word(&line, "agent", job->body.agent.s);
    }
    server_log_word(&line, "address", job->address);
    server_log_end(&line);
}

/* The account that failures are counted for. Names that cannot be share one. */
static const char *account(const struct server_login_job *job)
{
    return job->body.agent.s[0] != '\0' ? job->body.agent.s : "?";
}

static void end(struct server_login_job *job)
{
    if (job->req != NULL) {
        job->req->user = NULL;
    }
    sodium_memzero(&job->body, sizeof job->body);
    free(job);
}

/* Does the doorman let him try now? If not, that is answered. */
static bool let(struct server_login_job *job)
{
    struct server *s = job->server;
    uint32_t retry_ms = 0;

    if (usher_uv_login_try(s->rt, job->address, account(job), &retry_ms) == 0) {
        return true;
    }
    s->counts.logins_locked++;
    log_login(job, USHER_DEBUG, "refused");
    if (job->req != NULL) {
        refuse(s, job->req, 429, "locked", "too many wrong passwords; try again later",
               retry_ms > 0 ? retry_ms : 1000);
        job->req = NULL;
    }
    return false;
}

static void answer_token(struct server_login_job *job)
{
    struct server *s = job->server;
    const struct server_config *c = s->config;
    char token[SERVER_TOKEN_MAX];
    char body[SERVER_TOKEN_MAX + 32];

    server_token_make(token, s->login.key, &c->agents[job->agent].agent,
                      c->secrets[job->agent].fingerprint, (int64_t)time(NULL));
    int n = snprintf(body, sizeof body, "{\"token\":\"%s\"}\n", token);
    const struct server_answer answer = {
        .status = 200, .type = "application/json", .body = {body, (size_t)n}};
    server_http_answer(s, job->req, &answer);
    job->req = NULL;
    sodium_memzero(token, sizeof token);
    sodium_memzero(body, sizeof body);
}

/* Also when the request is gone: hanging up must not make a wrong password cheaper. */
static void judge(struct server_login_job *job)
{
    struct server *s = job->server;
    uint32_t retry_ms = 0;

    if (s->rt == NULL || !let(job)) {
        return;
    }
    if (job->right) {
        s->counts.logins_right++;
        log_login(job, USHER_INFO, "right");
        if (job->req != NULL) {
            answer_token(job);
        }
        return;
    }
    usher_uv_login_failed(s->rt, job->address, account(job));
    s->counts.logins_wrong++;
    log_login(job, USHER_WARN, "wrong");
    /* Said once, when the door shuts: who goes on knocking must not fill the disk. */
    if (usher_uv_login_try(s->rt, job->address, account(job), &retry_ms) != 0) {
        log_login(job, USHER_WARN, "locked");
    }
    if (job->req != NULL) {
        refuse(s, job->req, 401, "wrong", "wrong agent or password", 0);
        job->req = NULL;
    }
}

/* A demo's password stands in the clear: hashed here, so that always a hash is judged. */
static bool is_right(const struct server_secret *secret, struct usher_span password)
{
    char fresh[SERVER_HASH_MAX];

    if (secret->password.len == 0) {
        return server_password_right(secret->hash, password);
    }
    return server_password_hash(fresh, secret->password, true) == 0 &&
           server_password_right(fresh, password);
}

static void work(uv_work_t *work_req)
{
    struct server_login_job *job = work_req->data;
    const struct usher_span password = {job->body.password, job->body.password_len};

    job->right = job->secret != NULL && is_right(job->secret, password) && job->agent != SIZE_MAX;
}

static void take_up(struct server *s);

static void worked(uv_work_t *work_req, int status)
{
    struct server_login_job *job = work_req->data;
    struct server *s = job->server;

    s->login.working--;
    if (status == 0) {
        judge(job);
    }
    end(job);
    take_up(s);
}

/* Begin as much of what waits as may be worked on at once. */
static void take_up(struct server *s)
{
    while (s->login.first != NULL && s->login.working < WORKING_MAX) {
        struct server_login_job *job = s->login.first;
        s->login.first = job->next;
        s->login.waiting--;
        /* Nobody waits for it and nothing was judged yet. */
        if (job->req == NULL || s->rt == NULL || !let(job)) {
            end(job);
            continue;
        }
        job->work.data = job;
        s->login.working++;
        /* It fails only for want of a callback, which is there. */
        (void)uv_queue_work(&s->loop, &job->work, work, worked);
    }
}

static void put_last(struct server *s, struct server_login_job *job)
{
    job->req->user = job;
    job->next = NULL;
    if (s->login.first == NULL) {
        s->login.first = job;
    } else {
        s->login.last->next = job;
    }
    s->login.last = job;
    s->login.waiting++;
}

/* Everything that is answered before a password is looked at. */
static bool acceptable(struct server *s, struct usher_lws_request *req)
{
    static const char post[] = "POST";

    if (req->method.len != 4 || memcmp(req->method.base, post, 4) != 0) {
        server_http_text(s, req, 405, "Allow: POST\r\n", "method not allowed\n");
        return false;
    }
    if (!req->origin_ok) {
        refuse(s, req, 403, "origin", "this origin may not sign in here", 0);
        return false;
    }
    if (!s->ready || s->stopping) {
        refuse(s, req, 503, "busy", "not open; try again", 1000);
        return false;
    }
    return true;
}

void server_login_request(struct server *s, struct usher_lws_request *req)
{
    struct server_login_job *job;
    int rv;

    if (!acceptable(s, req)) {
        return;
    }
    job = calloc(1, sizeof *job);
    if (job == NULL || s->login.waiting == WAITING_MAX) {
        free(job);
        refuse(s, req, 503, "busy", "too many are signing in; try again", 1000);
        return;
    }
    /* The body is judged, not its Content-Type: the exact Origin is what keeps other sites out. */
    rv = server_login_body_read(&job->body, req->body);
    if (rv != 0) {
        free(job);
        s->counts.logins_malformed++;
        refuse(s, req, 400, "malformed", "send {agent, password} as JSON, at most 1024 bytes", 0);
        return;
    }
    job->server = s;
    job->req = req;
    usher_uv_address(s->rt, &req->peer, job->address);
    job->agent = server_config_agent(
        s->config, (struct usher_span){job->body.agent.s, strlen(job->body.agent.s)});
    if (!let(job)) {
        end(job);
        return;
    }
    /* Nobody's password costs what the first agent's does, so that time tells no names. */
    job->secret = s->config->n_agents == 0
                      ? NULL
                      : &s->config->secrets[job->agent == SIZE_MAX ? 0 : job->agent];
    put_last(s, job);
    take_up(s);
}

void server_login_gone(struct usher_lws_request *req)
{
    struct server_login_job *job = req->user;

    if (job != NULL) {
        job->req = NULL;
    }
}

void server_login_stop(struct server *s)
{
    while (s->login.first != NULL) {
        struct server_login_job *job = s->login.first;
        s->login.first = job->next;
        if (job->req != NULL) {
            refuse(s, job->req, 503, "busy", "the server stops", 1000);
            job->req = NULL;
        }
        end(job);
    }
    s->login.waiting = 0;
}

void server_login_who(void *ctx, struct usher_uv *rt, uint64_t ticket, struct usher_span token)
{
    struct server *s = ctx;
    const struct server_config *c = s->config;
    struct usher_agent_id id;
    size_t agent = SIZE_MAX;

    if (s->ready && server_token_agent(&id, token) == 0) {
        agent = server_config_agent(c, (struct usher_span){id.s, strlen(id.s)});
    }
    bool good = agent != SIZE_MAX &&
                server_token_good(token, s->login.key, &c->agents[agent].agent,
                                  c->secrets[agent].fingerprint, (int64_t)time(NULL));
    int rv = usher_uv_signed_in(rt, ticket, good ? c->agents[agent].agent.s : NULL);
    if (rv != 0) {
        server_log_say(&s->log, USHER_ERROR, "signed_in", usher_strerror(rv));
    }
}
