#!/bin/sh
# tidy.sh - sizes, banned calls, first lines: the parts of the style that a machine can see.
# SPDX-License-Identifier: MIT
set -u
root=${1:-.}
cd "$root" || exit 1
bad=0
say() { echo "$1"; bad=1; }
files=$(find lib include examples tests -name '*.[ch]' -not -path '*/node_modules/*' 2>/dev/null)
for f in $files; do
    [ "$(wc -l <"$f")" -le 600 ] || say "$f: more than 600 lines"
    head -1 "$f" | grep -q '^/\* ' || say "$f: line 1 does not say its job"
    head -3 "$f" | grep -q 'SPDX-License-Identifier: MIT' || say "$f: no licence line"
    case $f in lib/*) most=110 ;; *) most=150 ;; esac
    awk -v f="$f" -v m="$most" 'length($0) > m {print f ":" NR ": longer than " m; bad = 1} END {exit bad}' "$f" || bad=1
    awk -v f="$f" '/^\{/ {start = NR} /^\}/ {if (start && NR - start > 71) {print f ":" start ": a function of more than 70 lines"; bad = 1} start = 0} END {exit bad}' "$f" || bad=1
done
# shellcheck disable=SC2086
prod=$(find lib include examples -name "*.[ch]" 2>/dev/null)
# shellcheck disable=SC2086
hits=$(grep -nE "\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|sscanf|alloca|rand)\(" $prod /dev/null)
[ -z "$hits" ] || say "banned calls: $hits"
# shellcheck disable=SC2086
hits=$(grep -nE '\b(TODO|FIXME|XXX|HACK)\b' $files /dev/null)
[ -z "$hits" ] || say "left-overs: $hits"
[ "$bad" = 0 ] && echo "ok: tidy"
exit "$bad"
