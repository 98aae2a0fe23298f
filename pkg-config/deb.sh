#!/bin/sh
# deb.sh - builds the Debian packages from a source tarball: deb.sh VERSION TARBALL OUT
# SPDX-License-Identifier: MIT
set -eu
version=${1:?usage: deb.sh VERSION TARBALL OUT}
tarball=${2:?usage: deb.sh VERSION TARBALL OUT}
out=${3:?usage: deb.sh VERSION TARBALL OUT}
# What was asked of the make that called us is not meant for the one in the package.
unset MAKEFLAGS MFLAGS MAKELEVEL B CFLAGS CPPFLAGS LDFLAGS PREFIX LIBDIR DESTDIR || true

rm -rf "$out"
mkdir -p "$out"
tar -xzf "$tarball" -C "$out"
cd "$out/usher-$version"
cp -r pkg-config/debian debian
packaged=$(dpkg-parsechangelog -S Version)
if [ "${packaged%-*}" != "$version" ]; then
    echo "pkg-config/debian/changelog is about $packaged, include/usher/version.h about $version" >&2
    exit 1
fi
if ! dpkg-buildpackage --build=binary --no-sign -j"$(nproc)" >../build.log 2>&1; then
    tail -40 ../build.log >&2
    echo "deb.sh: the packages could not be built; all of it is in $out/build.log" >&2
    exit 1
fi
cd ..
rm -rf "usher-$version"
if command -v lintian >/dev/null 2>&1; then
    lintian --fail-on error --allow-root \
        --suppress-tags bad-distribution-in-changes-file,initial-upload-closes-no-bugs ./*.changes
fi
ls -- "$PWD"/*.deb
