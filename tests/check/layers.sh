#!/bin/sh
# layers.sh - the dependency picture of docs/architecture.md, held by the #include lines.
# SPDX-License-Identifier: MIT
set -u
. "$(dirname "$0")/tap.inc"
cd "${1:-.}" || exit 1
LC_ALL=C
export LC_ALL

files=$(find lib include examples -name '*.[ch]' 2>/dev/null | sort)
# shellcheck disable=SC2086
bad=$(awk '
BEGIN {
    plain = "include/usher/(base|fact|event|effect|version)[.]h$"
    may["lib/base"] = "^(lib/base/|" plain ")"
    may["lib/core"] = "^(lib/(base|core)/|include/usher/(core|policy)[.]h$|" plain ")"
    may["lib/wire"] = "^(lib/(base|wire)/|include/usher/(core|policy|wire)[.]h$|" plain ")"
    may["lib/uv"] = "^(lib/(base|uv)/|include/usher/(core|policy|wire|uv|storage|transport)[.]h$|" plain ")"
    may["lib/sim"] = "^(lib/(base|sim)/|include/usher/(core|policy|wire|storage|sim)[.]h$|" plain ")"
    may["examples"] = may["examples/embed"] = "^include/"
    may["examples/server"] = "^(examples/server/|include/)"
    may["examples/whatif"] = "^(examples/whatif/|include/)"
    may["include"] = may["include/usher"] = may["include/usher/plug"] = "^include/"
    # Which folders know a library of other people.
    knows["uv.h"] = "^(lib/uv|lib/plug/(lws|local)|include/usher(/plug)?|examples(/(server|embed))?)$"
    knows["cjson/cJSON.h"] = "^(lib/wire|lib/sim|examples/(server|whatif))$"
    knows["sodium.h"] = "^(lib/uv|examples/server)$"
    knows["sqlite3.h"] = "^lib/plug/sqlite$"
    knows["libwebsockets.h"] = "^lib/plug/lws$"
}
function folder(path) { sub("/[^/]*$", "", path); return path }
function plain_path(path,    n, i, part, out, depth) {
    n = split(path, part, "/")
    depth = 0
    for (i = 1; i <= n; i++) {
        if (part[i] == "..") depth--
        else if (part[i] != ".") out[++depth] = part[i]
    }
    path = out[1]
    for (i = 2; i <= depth; i++) path = path "/" out[i]
    return path
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    here = folder(FILENAME)
    name = $0
    sub(/^[^"]*"/, "", name)
    sub(/".*/, "", name)
    to = name ~ /^usher(\/|[.]h$)/ ? "include/" name : plain_path(here "/" name)
    rule = may[here]
    if (here ~ "^lib/plug/[^/]+$") rule = "^(" here "/|include/usher/)"
    ok = rule != "" && to ~ rule
    # The runtime is for those who run on a loop: itself, lws, local, and hosts.
    if (to == "include/usher/uv.h" && here !~ knows["uv.h"]) ok = 0
    if (here ~ "^lib/plug/" && to ~ "^include/usher/plug/" && to != "include/usher/plug/" substr(here, 10) ".h") ok = 0
    if (!ok) print FILENAME ":" FNR ": may not include " to
}
/^[ \t]*#[ \t]*include[ \t]*</ {
    here = folder(FILENAME)
    name = $0
    sub(/^[^<]*</, "", name)
    sub(/>.*/, "", name)
    if (name in knows && here !~ knows[name]) print FILENAME ":" FNR ": may not include <" name ">"
    if (here ~ "^lib/(base|core|wire)$" && !(name in knows) && name !~ "^(stdbool|stddef|stdint|limits|inttypes|string|stdio|stdlib)[.]h$")
        print FILENAME ":" FNR ": plain C11 has no <" name ">"
}' $files /dev/null)
[ -n "$files" ]
tap $? "there are files to look at"
tap_none "$bad" "every #include points where it may"
tap_end
