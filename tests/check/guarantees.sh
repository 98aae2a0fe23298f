#!/bin/sh
# guarantees.sh - docs/guarantees.md: each promise has tests that exist, and a canary that shows that they can fail.
# SPDX-License-Identifier: MIT
set -u
. "$(dirname "$0")/tap.inc"
cd "${1:-.}" || exit 1
page=docs/guarantees.md
all="P1 P2 P3 P4 P5 P6 P7 G1 G2 G3 G4 G5 G6 G7 G8 G9 G10 G11 G12"
held=$(mktemp)
trap 'rm -f "$held"' EXIT

# One line for each that holds: the guarantee, its kind, the file, and the name in it.
awk '
/^### / { id = $2 }
/^## / { id = "" }
/^- / && id != "" {
    path = $3
    gsub(/[`:]/, "", path)
    name = ""
    if (match($0, /`: `.*`$/)) name = substr($0, RSTART + 4, RLENGTH - 5)
    print id "|" $2 "|" path "|" name
}' "$page" >"$held"

tap_none "$(grep '^### ' "$page" | cut -d' ' -f2 | sort | tr '\n' ' ' |
    grep -vxF "$(echo "$all" | tr ' ' '\n' | sort | tr '\n' ' ')")" "each guarantee stands there once"
tap_none "$(grep '^- ' "$page" | grep -vE '^- (test|judge) `[^`]+`: `[^`].*`$|^- (story|canary) `[^`]+`$')" \
    "each line says what it is: test, judge, story or canary"

bad=
gaps=
for id in $all; do
    grep "^$id|" "$held" | grep -vq '|canary|' || gaps="$gaps $id(test)"
    grep "^$id|" "$held" | grep -q '|canary|' || gaps="$gaps $id(canary)"
    named=
    for file in $(grep "^$id|" "$held" | grep -v '|canary|' | cut -d'|' -f3); do
        grep -qw "$id" "$file" 2>/dev/null && named=yes
    done
    [ -n "$named" ] || gaps="$gaps $id(nobody_says_so)"
done
tap_none "$gaps" "each is held by a test, a story or the judge, which names it, and has a canary"

while IFS='|' read -r id kind file name; do
    case $kind:$file in
    test:tests/* | story:tests/story/*.txt | judge:lib/sim/*.c) ;;
    canary:tests/canary/*.patch) grep -qw "$id" "$file" 2>/dev/null || bad="$bad $id:$file(does_not_name_it)" ;;
    *) bad="$bad $id:$file(is_no_$kind)" ;;
    esac
    if [ ! -f "$file" ]; then
        bad="$bad $id:$file(is_not_there)"
    elif [ -n "$name" ] && ! grep -qF -- "$name" "$file"; then
        bad="$bad $id:$file(has_no_$name)"
    fi
done <"$held"
tap_none "$bad" "all of these exist"

bad=
for file in tests/story/*.txt tests/sim/* tests/kill/*.mjs tests/unit/*.c tests/contract/*.c tests/canary/*.patch; do
    [ -f "$file" ] || continue
    for id in $(grep -owE '(P[1-7]|G([1-9]|1[0-2]))' "$file" | sort -u); do
        grep -q "^$id|[a-z]*|$file|" "$held" || bad="$bad $file($id)"
    done
done
tap_none "$bad" "whoever names one is listed under it"

tap_none "$(for patch in tests/canary/*.patch; do
    grep -q '^Caught by: [a-z]*/[a-z_0-9]*_test$' "$patch" || echo "$patch"
    sed -n 's|^Caught by: \(.*\)|tests/\1.c|p' "$patch" | xargs -r ls -d >/dev/null || echo "$patch"
done 2>&1)" "each canary names the test that notices it"
for id in $all; do
    echo "# $id: $(grep "^$id|" "$held" | cut -d'|' -f2 | sort | uniq -c | awk '{ printf "%s %s  ", $1, $2 }')"
done
tap_end
