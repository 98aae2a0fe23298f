#!/bin/sh
# tidy.sh - sizes, first lines, banned calls and left-overs: the parts of the style that a machine can see.
# SPDX-License-Identifier: MIT
set -u
. "$(dirname "$0")/tap.inc"
LC_ALL=C
export LC_ALL
found=$(mktemp)
trap 'rm -f "$found"' EXIT
# Files that are wider still, one a line; the list should only become shorter.
wide=${WIDE:-$(cd "$(dirname "$0")" && pwd)/wide.txt}
cd "${1:-.}" || exit 1

c=$(find lib include examples tests -name '*.[ch]' -not -path '*/node_modules/*' 2>/dev/null | sort)
rest=$(find examples tests .ci \( -name '*.sh' -o -name '*.inc' -o -name '*.mjs' -o -name '*.js' -o -name '*.css' \) \
    -not -path '*/node_modules/*' 2>/dev/null | sort)
[ -n "$c" ]
tap $? "there are files to look at"

# shellcheck disable=SC2086
awk '
FNR == 1 {
    start = 0
    if ($0 !~ /^\/\* [^ ]/) print "first " FILENAME ": line 1 does not say its job"
}
FNR <= 3 && /SPDX-License-Identifier: MIT/ { licensed[FILENAME] = 1 }
FNR == 601 { print "file " FILENAME ": more than 600 lines" }
{
    text = $0
    gsub(/[\200-\277]/, "", text) # A character of several bytes is one column.
    # Public headers are set as tables, and those may be wider.
    if (length(text) > (FILENAME ~ /^include\// ? 132 : 100)) print "line " FILENAME ":" FNR ": " length(text) " columns"
    if (/\t/) print "line " FILENAME ":" FNR ": a tab"
    if (/[ \t]$/) print "line " FILENAME ":" FNR ": ends in white space"
}
/^\{/ { start = FNR }
/^\}/ {
    if (start && FNR - start - 1 > 70) print "function " FILENAME ":" start ": " FNR - start - 1 " lines"
    start = 0
}
FILENAME !~ /^tests\// && /(^|[^a-z_0-9])(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|sscanf|alloca|rand)[ ]*\(/ {
    print "banned " FILENAME ":" FNR ": " $0
}
/(^|[^A-Za-z_])(TODO|FIXME|XXX|HACK)([^A-Za-z_]|$)/ { print "left " FILENAME ":" FNR ": " $0 }
END {
    for (i = 1; i < ARGC; i++)
        if (!licensed[ARGV[i]] && ARGV[i] != "/dev/null") print "licence " ARGV[i] ": no SPDX line in the first three"
}' $c /dev/null >"$found"
of() { grep "^$1 " "$found" | cut -d' ' -f2-; }
tap_none "$(of first)" "line 1 of a C file says its job"
tap_none "$(of licence)" "the licence stands in the first three lines"
tap_none "$(of file)" "no file has more than 600 lines"
tap_none "$(of function)" "no function has more than 70 lines"
tap_none "$(of line | awk -F: -v list="$wide" 'BEGIN {while ((getline f <list) > 0) wide[f]} !($1 in wide)')" \
    "no line is wider than 100 columns, has a tab or ends in white space"
tap_none "$(of banned)" "no banned call"
tap_none "$(of left)" "no left-over marks"
bad=
for f in $rest; do
    head -3 "$f" | grep -q 'SPDX-License-Identifier: MIT' || bad="$bad $f"
done
tap_none "$bad" "scripts and pages carry the licence too"
tap_end
