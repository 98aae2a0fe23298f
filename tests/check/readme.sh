#!/bin/sh
# readme.sh - README.md and docs/ say what is so: the example, the files they name, the make targets, the errors.
# SPDX-License-Identifier: MIT
set -u
. "$(dirname "$0")/tap.inc"
cd "${1:-.}" || exit 1
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

awk '/^```c$/ {on = 1; next} /^```$/ {on = 0} on' README.md | cmp - examples/hello.c
tap $? "the example in README.md is examples/hello.c to the letter"

diff -U0 examples/embed/shop.c examples/embed/shop_with_usher.c | sed '1,2d; s/^@@.*/@@/' >"$errors"
[ -s "$errors" ] && awk '/^```diff$/ {on = 1; next} /^```$/ {on = 0} on' README.md | cmp - "$errors"
tap $? "what it shows of examples/embed is the difference to the letter"

bad=
for f in examples/*.c; do
    grep -qF "\`$f\`" README.md || bad="$bad $f"
done
tap_none "$bad" "README.md names every example"

bad=
for doc in README.md docs/*.md; do
    for to in $(grep -ohE '\]\([a-zA-Z0-9_./-]+' "$doc" | cut -c3-); do
        [ -e "$(dirname "$doc")/$to" ] || bad="$bad $doc:$to"
    done
done
tap_none "$bad" "every link of theirs to a file leads to one"

bad=
for f in $(grep -ohE '`(docs|examples|include|lib|tests|pkg-config)/[a-zA-Z0-9_./-]+`' README.md docs/*.md | tr -d '`' | sort -u); do
    [ -e "$f" ] || bad="$bad $f"
done
tap_none "$bad" "every file that they name is there"

bad=
for target in $(grep -ohE '`make [a-z-]+' README.md docs/*.md | cut -d' ' -f2 | sort -u); do
    grep -qE "^$target:" Makefile || bad="$bad $target"
done
tap_none "$bad" "every make target that they name is there"

bad=
for target in $(sed -n '/^\.PHONY:/,/[^\\]$/p' Makefile | sed 's/^\.PHONY://' | tr -d '\\'); do
    [ "$target" = FORCE ] || make -s help | grep -qE "^$target " || bad="$bad $target"
done
tap_none "$bad" "make help lists every target"

# name and value, as the header has them and as the table has them
sed -n 's/^ *USHER_E\([A-Z]*\) = -\([0-9]*\).*/USHER_E\1 \2/p' include/usher/base.h | sort >"$errors"
[ -s "$errors" ]
tap $? "include/usher/base.h has errors"
tap_none "$(sed -n 's/^| `\(USHER_E[A-Z]*\)` | −\([0-9]*\) |.*/\1 \2/p' docs/errors.md | sort | diff "$errors" -)" \
    "docs/errors.md has each of them once, with its value"
tap_end
