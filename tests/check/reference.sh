#!/bin/sh
# reference.sh - the reference of the headers has every public name, and every one is explained by a comment.
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.inc"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
LC_ALL=C
export LC_ALL

# $1: folder of pages, and headers
make_reference() {
    out=$1
    shift
    mkdir -p "$out"
    awk -v out="$out" -v version=0 -f docs/reference.awk "$@"
}
headers="include/usher.h include/usher/*.h include/usher/plug/*.h"
# shellcheck disable=SC2086
tap_none "$(make_reference "$dir/all" $headers)" "every public name is shown, and explained by a comment"

# Found by other means than the generator's own.
# shellcheck disable=SC2086
{
    grep -hoE '^(struct|enum) usher_[a-z0-9_]+ \{' $headers | cut -d' ' -f2
    grep -hoE '\busher_[a-z0-9_]+\(' $headers | tr -d '('
    cat "$here"/exports/*.txt
    grep -hoE '^#define (USHER|usher)_[A-Za-z0-9_]+' $headers | cut -d' ' -f2 | grep -vE '_H$|^USHER_API$'
    grep -hoE '^    USHER_[A-Z_]+' $headers | tr -d ' '
} | sort -u >"$dir/names"
cat "$dir"/all/usher*.html | grep -oE 'id="[A-Za-z0-9_]+"' | cut -d'"' -f2 | sort >"$dir/ids"
[ "$(wc -l <"$dir/names")" -gt 200 ]
tap $? "there are names to look for"
tap_none "$(sort -u "$dir/ids" | comm -23 "$dir/names" -)" "each of them has its place"
tap_none "$(uniq -d "$dir/ids")" "and only one"
bad=
for way in $(cat "$dir"/all/*.html | grep -oE 'href="[^"]+"' | cut -d'"' -f2 | sort -u); do
    page=$dir/all/${way%%#*}
    { [ -e "$page" ] && case $way in *'#'*) grep -q "id=\"${way#*#}\"" "$page" ;; esac; } || bad="$bad $way"
done
tap_none "$bad" "every link leads somewhere"

# $1: 0 if it is good, $2: what it shows, $3: a header after its first comment
plant() {
    printf '/* usher/x.h - a sample.\n * SPDX-License-Identifier: MIT */\n\n%b' "$3" >"$dir/x.h"
    make_reference "$dir/x" "$dir/x.h" >"$dir/said"
    found=$?
    [ "$found" -eq "$1" ] && { [ "$1" -eq 0 ] || grep -q 'no comment explains' "$dir/said"; }
    tap $? "$2"
}
plant 0 "a good header passes" '/* Does x. */\nUSHER_API int usher_x(int);\n'
plant 0 "a comment beside it will do" 'USHER_API int usher_x(int); /* does x */\n'
plant 1 "a function without a comment is found" 'USHER_API int usher_x(int);\n'
plant 1 "so is one after a blank line" '/* Does x. */\nUSHER_API int usher_x(int);\n\nUSHER_API int usher_y(int);\n'
plant 1 "so is a struct" 'struct usher_x {\n    int a;\n};\n'
tap_end
