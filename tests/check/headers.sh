#!/bin/sh
# headers.sh - each public header compiles alone as C99, C11 and C++11.
# SPDX-License-Identifier: MIT
set -u
for h in include/*.h include/usher/*.h include/usher/plug/*.h; do
    for std in c99 c11; do
        ${CC:-cc} -std=$std -pedantic -Wall -Wextra -Werror -fsyntax-only -x c "$h" || exit 1
    done
    if command -v g++ >/dev/null; then
        g++ -std=c++11 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c++ "$h" || exit 1
    fi
done
echo "ok: headers"
