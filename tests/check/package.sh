#!/bin/sh
# package.sh - what is released agrees with itself: versions, needs, the manual page, the packaged service and its configuration.
# SPDX-License-Identifier: MIT
set -u
. "$(dirname "$0")/tap.inc"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
server=${USHER_SERVER:-${B:-build}/bin/usher-server}
simulator=${USHER_SIM:-${B:-build}/bin/usher-sim}
debian=pkg-config/debian

version=$(sed -n 's/.*USHER_VERSION_STRING "\(.*\)"/\1/p' include/usher/version.h)
head -1 "$debian/changelog" | grep -q "^usher ($version-"
tap $? "the packages' version is the library's, $version"
for part in MAJOR MINOR PATCH; do sed -n "s/.*USHER_VERSION_$part //p" include/usher/version.h; done |
    paste -sd. | grep -qxF "$version"
tap $? "its three numbers are the version"
grep -q "^## $version" CHANGELOG.md
tap $? "CHANGELOG.md has a part about it"

for name in $(sed -n '/^Build-Depends/,/^[A-Z]/p' "$debian/control" | grep -oE 'lib[a-z0-9-]+'); do echo "$name"; done |
    sort >"$dir/packaged"
sed -n '/^needs()/,/^LIST/p' tests/setup.sh | grep -oE '^lib[a-z0-9-]+' | grep -vx libc6-dev | sort >"$dir/needed"
[ -s "$dir/needed" ]
tap_none "$(diff "$dir/needed" "$dir/packaged")" "packages are built with what set-up installs"

"$server" --help | grep -oE -- '--[a-z-]+' | sort -u >"$dir/options"
sed 's/\\-/-/g' docs/usher-server.1 | grep -oE -- '--[a-z-]+' | sort -u >"$dir/manual"
[ -s "$dir/options" ]
tap_none "$(diff "$dir/options" "$dir/manual")" "the manual page names the options that there are"

"$simulator" --help | grep -oE -- '--[a-z-]+' | sort -u >"$dir/options"
sed 's/\\-/-/g' docs/usher-sim.1 | grep -oE -- '--[a-z-]+' | sort -u >"$dir/manual"
[ -s "$dir/options" ]
tap_none "$(diff "$dir/options" "$dir/manual")" "so does that of usher-sim"

"$server" --check --config "$debian/usher.json" >"$dir/log" 2>&1
tap $? "the packaged configuration is good" || cat "$dir/log"
tap_none "$(grep -nE 'demo|password|insecure|tls_in_front' "$debian/usher.json")" "it is no demo and knows no password"
grep -q '"listen": "127.0.0.1:' "$debian/usher.json"
tap $? "it listens on this machine only"

if command -v systemd-analyze >/dev/null 2>&1; then
    # What the unit names need not be installed here.
    sed "s|^ExecStart=/usr/bin/usher-server|ExecStart=$(realpath "$server")|; /^Documentation/d" \
        "$debian/usher-server.service" >"$dir/usher-server.service"
    tap_none "$(systemd-analyze verify "$dir/usher-server.service" 2>&1 | grep usher-server)" "systemd understands every line of the unit"
    systemd-analyze security --offline=true --threshold=20 "$dir/usher-server.service" >"$dir/log" 2>&1
    tap $? "and finds it exposed by 2.0 of 10 at most" || tail -1 "$dir/log"
else
    tap 0 "# SKIP systemd-analyze is not here"
fi

# Another folder, where git knows nothing, and files are newer and for their owner alone.
sh pkg-config/sources.sh >"$dir/sources"
mkdir "$dir/copy"
tar -c -T "$dir/sources" | tar -xm -C "$dir/copy"
chmod -R go= "$dir/copy"
export SOURCE_DATE_EPOCH=1
sh pkg-config/dist.sh "$version" "$dir/one.tar.gz" >/dev/null
sh "$dir/copy/pkg-config/dist.sh" "$version" "$dir/two.tar.gz" >/dev/null
cmp -s "$dir/one.tar.gz" "$dir/two.tar.gz"
tap $? "a tarball is the same wherever it is made"
tar -tzf "$dir/one.tar.gz" | sed "s|^usher-$version/||" >"$dir/packed"
tap_none "$(diff "$dir/sources" "$dir/packed"; grep -E 'node_modules|^build/|^\.git/' "$dir/packed")" "it holds each source file and nothing that was made"
tap_end
