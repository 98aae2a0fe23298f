#!/bin/sh
# hash.sh - G9: the same seeds give the same effects with gcc -O2, clang -O0 and under ASan.
# SPDX-License-Identifier: MIT
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
src="tests/sim/seeds_test.c lib/sim/*.c lib/core/*.c lib/base/*.c"
flags="-std=c11 -D_GNU_SOURCE -Iinclude -g"
# shellcheck disable=SC2086
gcc $flags -O2 -o "$dir/gcc" $src
# shellcheck disable=SC2086
clang $flags -O0 -o "$dir/clang" $src
# shellcheck disable=SC2086
gcc $flags -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -o "$dir/asan" $src
for build in gcc clang asan; do
    USHER_SEEDS=${USHER_SEEDS:-100} USHER_STEPS=${USHER_STEPS:-1000} "$dir/$build" >"$dir/$build.out" ||
        { cat "$dir/$build.out"; exit 1; }
    grep '^# seeds' "$dir/$build.out" | sed "s/^#/# $build:/"
done
if [ "$(grep -h '^# seeds' "$dir"/*.out | sort -u | wc -l)" = 1 ]; then
    echo "ok: the same with all three builds"
else
    echo "not ok: the builds differ"
    exit 1
fi
