#!/bin/sh
# setup.sh - installs what building (build) or testing (test) needs; silent when nothing is missing.
# SPDX-License-Identifier: MIT
set -eu

# A package and a probe that needs no package database.
build="gcc:gcc make:make pkg-config:pkg-config"
libs="libuv1-dev:libuv libcjson-dev:libcjson libwebsockets-dev:libwebsockets libsqlite3-dev:sqlite3 libsodium-dev:libsodium libssl-dev:libcrypto"
missing=
for pair in $build; do
    command -v "${pair#*:}" >/dev/null 2>&1 || missing="$missing ${pair%%:*}"
done
for pair in $libs; do
    pkg-config --exists "${pair#*:}" 2>/dev/null || missing="$missing ${pair%%:*}"
done
# libwebsockets loads its libuv part at run time, so nothing else would notice that it is missing.
[ -n "$(find /usr/lib -name 'libwebsockets-evlib_uv.so*' 2>/dev/null | head -1)" ] ||
    missing="$missing libwebsockets-evlib-uv"
if [ "${1:-build}" = test ]; then
    pkg-config --exists cmocka 2>/dev/null || missing="$missing libcmocka-dev"
    for pair in clang:clang valgrind:valgrind sqlite3:sqlite3 nodejs:node npm:npm chromium:chromium python3:python3; do
        command -v "${pair#*:}" >/dev/null 2>&1 || missing="$missing ${pair%%:*}"
    done
fi

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "usher needs (Debian's names; install what your system calls them):$missing" >&2
        exit 1
    fi
    command="apt-get install -y --no-install-recommends$missing"
    echo "usher needs:$missing"
    echo "  $command"
    if [ "$(id -u)" = 0 ]; then
        root=
    elif sudo -n true 2>/dev/null; then
        root=sudo
    else
        echo "Run that as root, then try again." >&2
        exit 1
    fi
    $root env DEBIAN_FRONTEND=noninteractive apt-get update -q >/dev/null
    # shellcheck disable=SC2086
    $root env DEBIAN_FRONTEND=noninteractive $command
fi

[ "${1:-build}" = test ] || exit 0
for dir in tests/schema tests/browser tests/kill; do
    if [ -f "$dir/package-lock.json" ] && [ ! "$dir/node_modules/.package-lock.json" -nt "$dir/package-lock.json" ]; then
        (cd "$dir" && npm ci --no-audit --no-fund --silent && touch node_modules/.package-lock.json)
    fi
done
