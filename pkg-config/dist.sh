#!/bin/sh
# dist.sh - packs a source tarball, from the same tree the same bytes: dist.sh VERSION TARBALL
# SPDX-License-Identifier: MIT
set -eu
version=${1:?usage: dist.sh VERSION TARBALL}
mkdir -p "$(dirname "${2:?usage: dist.sh VERSION TARBALL}")"
tarball=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
cd "$(dirname "$0")/.."

# All files get the time of the last commit; an unpacked tarball has it on every file.
if [ -e .git ]; then
    time=$(git log -1 --format=%ct 2>/dev/null) || time=
fi
time=${SOURCE_DATE_EPOCH:-${time:-$(stat -c %Y LICENSE)}}

sh pkg-config/sources.sh >"$tarball.list"
tar --create --file="$tarball.tar" --format=ustar --files-from="$tarball.list" \
    --transform="s|^|usher-$version/|" --mode=u=rwX,go=rX --mtime="@$time" \
    --owner=0 --group=0 --numeric-owner
gzip -9n <"$tarball.tar" >"$tarball.part"
rm "$tarball.list" "$tarball.tar"
mv "$tarball.part" "$tarball"
echo "$tarball"
