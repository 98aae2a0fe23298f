#!/bin/sh
# exports.sh - a shared library shows what its list in exports/ names, and our prefix is on every global. --write renews the lists.
# SPDX-License-Identifier: MIT
set -u
here=$(dirname "$0")
. "$here/tap.inc"
lists=${LISTS:-$here/exports}
include=${INCLUDE:-include}
lib=${B:-build}/lib
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
LC_ALL=C
export LC_ALL

grep -hoE '\busher_[a-z0-9_]+\(' "$include"/usher/*.h "$include"/usher/plug/*.h | tr -d '(' | sort -u >"$dir/declared"
for so in "$lib"/*.so; do
    name=$(basename "$so" .so)
    nm -D --defined-only "$so" | awk '{print $3}' | sort -u >"$dir/$name"
    [ "${1:-}" = --write ] && cp "$dir/$name" "$lists/$name.txt"
    diff "$lists/$name.txt" "$dir/$name" >"$dir/diff" 2>&1
    tap_none "$(cat "$dir/diff")" "$name shows what exports/$name.txt names"
    tap_none "$(comm -13 "$dir/declared" "$dir/$name")" "$name shows nothing that no header declares"
done
cat "$lists"/*.txt | sort >"$dir/all"
tap_none "$(uniq -d "$dir/all")" "no name is shown by two libraries"
grep -hE '^USHER_API' "$include"/usher/*.h "$include"/usher/plug/*.h | grep -oE '\busher_[a-z0-9_]+\(' | tr -d '(' |
    grep -v '^usher_sim_' | sort -u >"$dir/api"
tap_none "$(comm -23 "$dir/api" "$dir/all")" "what headers declare is in a library"
for a in "$lib"/*.a; do
    tap_none "$(nm --defined-only -g "$a" 2>/dev/null | awk 'NF == 3 {print $3}' | grep -vE '^(usher|ush)_')" \
        "every global of $(basename "$a") has our prefix"
done
tap_end
