#!/bin/sh
# install.sh - what `make install` puts down serves hosts outside of this tree, and `make uninstall` takes all of it away.
# SPDX-License-Identifier: MIT
set -u
. "$(dirname "$0")/tap.inc"
unset MAKEFLAGS MFLAGS MAKELEVEL
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
prefix=$dir/usr
build=${B:-build}
warn="-pedantic -Wall -Wextra -Werror"

# Installing needs DESTDIR to stay out of the .pc files: install below it, then move the result to its place.
make -s install B="$build" PREFIX="$prefix" DESTDIR="$dir/stage" >"$dir/log" 2>&1
tap $? "make install" || cat "$dir/log"
mv "$dir/stage$prefix" "$prefix"
tap_none "$(grep -rl "$dir/stage" "$prefix"/lib/pkgconfig)" "no .pc file names DESTDIR"
PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export PKG_CONFIG_PATH

# $1: compiler and options, $2: source, $3: libraries, $4: options of pkg-config
compile() {
    # shellcheck disable=SC2046,SC2086
    $1 $warn -o "$dir/host" "$2" $(pkg-config --cflags $3) $(pkg-config --libs ${4:-} $3) >"$dir/log" 2>&1
}
# The same, after what it shows: a host that ends by itself.
host() {
    shows=$1
    shift
    compile "$@" && LD_LIBRARY_PATH=$prefix/lib "$dir/host" ${argument:+"$argument"} >"$dir/log" 2>&1
    tap $? "$shows" || sed 's/^/# /' "$dir/log"
}
host "a host of the core alone" "${CC:-cc} -std=c99" tests/install/core.c usher
[ "$(ldd "$dir/host" | grep -cE 'libuv|sqlite|websockets|sodium')" -eq 0 ]
tap $? "it needs no loop, database or socket library"
mkdir "$dir/static"
cp "$prefix"/lib/*.a "$dir/static"
host "a host that links statically" "${CC:-cc} -std=c99" tests/install/core.c usher \
    "--static --define-variable=libdir=$dir/static"
! ldd "$dir/host" | grep -q libusher
tap $? "it needs no shared library of ours"
argument=$dir/desk.db
host "a host with a desk on its loop and a store" "${CC:-cc} -std=c99 -D_GNU_SOURCE" tests/install/desk.c "usher-uv usher-sqlite"
host "the same, with our libraries linked statically" "${CC:-cc} -std=c99 -D_GNU_SOURCE" tests/install/desk.c \
    "usher-uv usher-sqlite" "--static --define-variable=libdir=$dir/static"
! ldd "$dir/host" | grep -q libusher && [ -s "$argument" ]
tap $? "it needs no shared library of ours, and has a store"
argument=
host "the simulator, for hosts that test themselves" "${CC:-cc} -std=c99" tests/install/sim.c usher-sim
host "a host in C++ that uses every library" "${CXX:-c++} -std=c++11" tests/install/every.cpp \
    "usher-uv usher-sqlite usher-lws usher-sim"

compile "${CC:-cc} -std=c11 -D_GNU_SOURCE" examples/hello.c "usher-uv usher-sqlite usher-lws"
tap $? "examples/hello.c compiles with what pkg-config says" || sed 's/^/# /' "$dir/log"
mkfifo "$dir/said"
LD_LIBRARY_PATH=$prefix/lib "$dir/host" 127.0.0.1:0 "$dir/hello.db" >"$dir/said" 2>"$dir/log" &
hello=$!
read -r line <"$dir/said"
kill -INT "$hello"
wait "$hello"
[ $? -eq 0 ] && [ "${line#hello: the desk is on port }" != "$line" ]
tap $? "it opens its desk, and Ctrl-C ends it" || sed 's/^/# /' "$dir/log"

version=$(pkg-config --modversion usher)
so=${version%.*}
for library in usher usher-uv usher-sqlite usher-lws; do
    [ "$(readlink -f "$prefix/lib/lib$library.so")" = "$prefix/lib/lib$library.so.$version" ] &&
        readelf -d "$prefix/lib/lib$library.so" | grep -q "SONAME.*\[lib$library.so.$so\]"
    tap $? "lib$library.so leads to .so.$version, whose soname is .so.$so"
    ! readelf -d "$prefix/lib/lib$library.so" | grep -qE 'RPATH|RUNPATH'
    tap $? "lib$library.so has no path built in"
    readelf -lW "$prefix/lib/lib$library.so" | grep -q GNU_RELRO && readelf -dW "$prefix/lib/lib$library.so" | grep -q 'NOW' &&
        ! readelf -lW "$prefix/lib/lib$library.so" | grep 'GNU_STACK' | grep -q 'RWE'
    tap $? "lib$library.so is hardened: relro, now, no executable stack"
done
[ ! -e "$prefix/lib/libusher-lws.a" ] && [ ! -e "$prefix/lib/libusher-sim.so" ]
tap $? "lws is only shared, sim only static"
"$prefix/bin/usher-server" --version | grep -qF "$version"
tap $? "usher-server runs and says its version"
"$prefix/bin/usher-sim" --version | grep -qF "$version"
tap $? "so does usher-sim"
readelf -hW "$prefix/bin/usher-server" | grep -q 'Type:.*DYN'
tap $? "usher-server can be loaded anywhere"

touch "$prefix/include/usher/other.h" "$prefix/lib/libusher-other.so"
make -s uninstall B="$build" PREFIX="$prefix" >"$dir/log" 2>&1
tap $? "make uninstall" || cat "$dir/log"
tap_none "$(cd "$prefix" && find . ! -type d ! -name 'other.h' ! -name 'libusher-other.so')" "nothing of it is left"
[ -e "$prefix/include/usher/other.h" ] && [ -e "$prefix/lib/libusher-other.so" ]
tap $? "what others put beside it is left alone"
tap_end
