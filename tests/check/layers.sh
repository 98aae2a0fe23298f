#!/bin/sh
# layers.sh - the dependency picture of docs/architecture.md, held by the #include lines.
# SPDX-License-Identifier: MIT
set -u
root=${1:-.}
bad=0

# $1: files, $2: a pattern of includes (after the quote) that they may not have
forbid() {
    # shellcheck disable=SC2086
    hits=$(cd "$root" && grep -nE "^#include \"($2)" $1 /dev/null 2>/dev/null)
    [ -z "$hits" ] || { echo "$hits"; bad=1; }
}

forbid "lib/base/*.[ch]" "(\.\./)+(core|wire|uv|sim|plug|include)"
forbid "lib/core/*.[ch]" "(\.\./)+(wire|uv|sim|plug)|.*usher/(uv|plug|storage|transport|sim)"
forbid "lib/wire/*.[ch]" "(\.\./)+(core|uv|sim|plug)|.*usher/(uv|plug|storage|transport|sim)"
forbid "lib/uv/*.[ch]" "(\.\./)+(core|wire|sim|plug)|.*usher/(plug|sim)"
forbid "lib/sim/*.[ch]" "(\.\./)+(core|wire|uv|plug)|.*usher/uv"
forbid "lib/plug/*/*.[ch]" "(\.\./)+(core|wire|uv|sim)"
forbid "lib/plug/memory/*.[ch] lib/plug/sqlite/*.[ch]" ".*usher/(uv|transport|core)"
forbid "examples/*.[ch] examples/server/*.[ch]" "(\.\./)+lib"
[ "$bad" = 0 ] && echo "ok: layers"
exit "$bad"
