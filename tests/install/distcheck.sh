#!/bin/sh
# distcheck.sh - a source tarball is whole: elsewhere it builds, passes the quick tests, installs and leaves nothing behind.
# SPDX-License-Identifier: MIT
#
#   distcheck.sh VERSION TARBALL
set -u
version=${1:?usage: distcheck.sh VERSION TARBALL}
tarball=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
. "$(dirname "$0")/../check/tap.inc"
# What was asked of the make that called us is not meant for the one in the tarball.
unset MAKEFLAGS MFLAGS MAKELEVEL CFLAGS CPPFLAGS LDFLAGS PREFIX LIBDIR DESTDIR
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export B="$dir/build"
export USHER_SERVER="$B/bin/usher-server"

# $1: what it shows; the rest is run, and what it says is seen only if it fails.
step() {
    shows=$1
    shift
    "$@" >"$dir/log" 2>&1
    tap $? "$shows" || tail -40 "$dir/log" | sed 's/^/# /'
}
everything_in() { find "$1" -mindepth 1 \( -type f -printf '%P %s\n' -o -printf '%P\n' \) | LC_ALL=C sort; }

tar -xzf "$tarball" -C "$dir" && cd "$dir/usher-$version"
tap $? "the tarball unpacks to usher-$version/" || exit 1
everything_in . >"$dir/before"
tap_none "$(find . \( -name .git -o -name build -o -name node_modules \) -print)" "it holds nothing that was made"

step "it builds, with its C tests, outside of its folder" make -j"$(nproc)" everything tests
slow='*/sqlite_fault_test */lws_time_test'
for test in "$B"/test/*/*_test; do
    case " $slow " in *"*/$(basename "$test") "*) continue ;; esac
    step "${test#"$B"/test/}" env USHER_SEEDS=20 timeout 300 "$test"
done
for check in layers purity exports headers tidy format readme install; do
    step "check/$check.sh" timeout 300 sh "tests/check/$check.sh"
done
step "server/start.test.mjs" timeout 300 node --test tests/server/start.test.mjs

under="PREFIX=/usr LIBDIR=/usr/lib/somewhere DESTDIR=$dir/root"
# shellcheck disable=SC2086
step "make install" make install $under
[ -x "$dir/root/usr/bin/usher-server" ] && [ -f "$dir/root/usr/lib/somewhere/libusher.so.$version" ] &&
    [ -f "$dir/root/usr/include/usher.h" ]
tap $? "programs, libraries and headers are where they were wanted"
# shellcheck disable=SC2086
step "make uninstall" make uninstall $under
tap_none "$(find "$dir/root" ! -type d)" "nothing of it is left"

everything_in . >"$dir/after"
tap_none "$(diff "$dir/before" "$dir/after")" "nothing in the unpacked folder was changed"
step "the tarball can be made again from what it holds" make dist
cmp -s "$tarball" "$B/usher-$version.tar.gz"
tap $? "and is the same to the byte"
tap_end
