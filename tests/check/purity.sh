#!/bin/sh
# purity.sh - core and base need nothing but mem* and the check handler.
# SPDX-License-Identifier: MIT
set -u
B=${B:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for f in lib/base/*.c lib/core/*.c; do
    [ "$f" = lib/base/check.c ] && continue
    ${CC:-cc} -std=c11 -O1 -Iinclude -c "$f" -o "$dir/$(echo "$f" | tr / _).o" || exit 1
done
ld -r -o "$dir/all.o" "$dir"/*.o || exit 1
bad=$(nm -u "$dir/all.o" | awk '{print $2}' |
    grep -vE '^(mem(cpy|cmp|set|move|chr)|ush_check_failed|ush_libc_resize|_GLOBAL_OFFSET_TABLE_)$')
[ -z "$bad" ] || { echo "the core needs: $bad"; exit 1; }
# Only usher_new may use the allocator.
for f in lib/core/*.c; do
    case $f in */memory.c) continue ;; esac
    nm -u "$dir/$(echo "$f" | tr / _).o" | grep -q ush_libc_resize && { echo "$f allocates"; exit 1; }
done
echo "ok: purity"
