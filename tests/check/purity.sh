#!/bin/sh
# purity.sh - core and base, without hardening or sanitizers, call nothing but mem* and the check handler.
# SPDX-License-Identifier: MIT
set -u
. "$(dirname "$0")/tap.inc"
cd "${1:-.}" || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

failed=
for f in lib/base/*.c lib/core/*.c; do
    # The handler itself prints and aborts, and is the default allocator: it stands outside.
    [ "$f" = lib/base/check.c ] && continue
    ${CC:-cc} -std=c11 -O2 -U_FORTIFY_SOURCE -fno-stack-protector -Iinclude -c "$f" \
        -o "$dir/$(echo "$f" | tr / _).o" || failed="$failed $f"
done
tap_none "$failed" "core and base compile alone"
ld -r -o "$dir/all.o" "$dir"/*.o
tap $? "core and base link with nothing else"
tap_none "$(nm -u "$dir/all.o" | awk '{print $2}' |
    grep -vE '^(mem(cpy|cmp|set|move|chr)|ush_check_failed|ush_libc_resize|_GLOBAL_OFFSET_TABLE_)$')" \
    "what they need from outside is mem*, the check handler and the allocator"
allocates=
for o in "$dir"/lib_*.o; do
    case $o in */lib_core_memory.c.o) continue ;; esac
    nm -u "$o" | grep -q ush_libc_resize && allocates="$allocates ${o##*/}"
done
tap_none "$allocates" "only memory.c knows the allocator"
# Data that can change would be state outside of struct usher.
tap_none "$(nm "$dir/all.o" | awk '$2 ~ /^[bBdDC]$/ && $3 !~ /^\.L/ {print $3}')" "there are no variables outside of functions"
tap_end
