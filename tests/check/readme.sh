#!/bin/sh
# readme.sh - the example in README.md is examples/hello.c to the letter; every file that README and docs name is there.
# SPDX-License-Identifier: MIT
set -u
awk '/^```c$/ {on = 1; next} /^```$/ {on = 0} on' README.md | cmp - examples/hello.c || exit 1
for f in $(grep -ohE '`(docs|examples|include|lib|tests)/[a-z0-9_./-]+`' README.md docs/*.md | tr -d '`' | sort -u); do
    [ -e "$f" ] || { echo "named, but not there: $f"; exit 1; }
done
echo "ok: readme"
