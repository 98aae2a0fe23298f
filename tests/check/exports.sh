#!/bin/sh
# exports.sh - a shared library shows what its headers declare and nothing else; every global has our prefix.
# SPDX-License-Identifier: MIT
set -u
B=${B:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
grep -hoE '\busher_[a-z0-9_]+\(' include/usher/*.h include/usher/plug/*.h | tr -d '(' | sort -u >"$dir/declared"
for so in "$B"/lib/*.so; do
    nm -D --defined-only "$so" | awk '{print $3}' | sort -u >"$dir/shown"
    grep -vxF -f "$dir/declared" "$dir/shown" && { echo "$so shows what no header declares"; exit 1; }
    cat "$dir/shown" >>"$dir/all"
done
grep -hE 'USHER_API' include/usher/*.h include/usher/plug/*.h | grep -oE '\busher_[a-z0-9_]+\(' | tr -d '(' | sort -u |
    grep -vE '^usher_sim' >"$dir/api"
sort -u "$dir/all" >"$dir/all.sorted"
missing=$(comm -23 "$dir/api" "$dir/all.sorted")
[ -z "$missing" ] || { echo "declared, but in no library: $missing"; exit 1; }
for a in "$B"/lib/*.a; do
    bad=$(nm --defined-only -g "$a" 2>/dev/null | awk 'NF == 3 {print $3}' | grep -vE '^(usher_|ush_)')
    [ -z "$bad" ] || { echo "$a: globals without prefix: $bad"; exit 1; }
done
echo "ok: exports"
