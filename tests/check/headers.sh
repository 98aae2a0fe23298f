#!/bin/sh
# headers.sh - each public header compiles alone as C99, C11 and C++11.
# SPDX-License-Identifier: MIT
set -u
. "$(dirname "$0")/tap.inc"
cd "${1:-.}" || exit 1
warn="-pedantic -Wall -Wextra -Werror -fsyntax-only"
uv=$(pkg-config --cflags libuv 2>/dev/null)
for h in include/*.h include/usher/*.h include/usher/plug/*.h; do
    [ -e "$h" ] || continue
    bad=
    # shellcheck disable=SC2086
    for std in c99 c11; do
        ${CC:-cc} -std=$std $warn $uv -x c "$h" || bad="$bad $std"
    done
    # shellcheck disable=SC2086
    ${CXX:-c++} -std=c++11 $warn $uv -x c++ "$h" || bad="$bad c++11"
    tap_none "$bad" "$h compiles alone"
done
tap_end
