/* login_body.c - the strict reading of a login's body.
 * SPDX-License-Identifier: MIT */
#include "login_body.h"

#include "json.h"

#include <usher/wire.h>

#include <string.h>

static int take(struct server_login_body *out, const struct server_json *root)
{
    const struct server_json *agent, *password;

    if (root->type != SERVER_JSON_OBJECT || root->count != 2) {
        return USHER_EINVAL;
    }
    agent = server_json_member(root, "agent");
    password = server_json_member(root, "password");
    if (agent == NULL || password == NULL || agent->type != SERVER_JSON_STRING ||
        password->type != SERVER_JSON_STRING) {
        return USHER_EINVAL;
    }
    memset(out, 0, sizeof *out);
    if (usher_agent_id_parse(agent->text, &out->agent) != 0) {
        /* Well-formed all the same: it is nobody's name, and answered as such. */
        memset(&out->agent, 0, sizeof out->agent);
    }
    memcpy(out->password, password->text.base, password->text.len);
    out->password_len = password->text.len;
    return 0;
}

int server_login_body_read(struct server_login_body *out, struct usher_span body)
{
    struct server_json_error why;
    struct server_json *root = NULL;
    int rv;

    if (body.len == 0 || body.len > SERVER_LOGIN_BODY_MAX) {
        return USHER_EINVAL;
    }
    rv = server_json_read(&root, body, &why);
    if (rv != 0) {
        return rv;
    }
    rv = take(out, root);
    server_json_free(root);
    return rv;
}
