#!/bin/sh
# run.sh - runs every test that is built under $B, then the checks and the tests of server and pages; one summary ends it.
# SPDX-License-Identifier: MIT
set -u
B=${B:-build}
export USHER_SERVER="$PWD/$B/bin/usher-server" USHER_SIM="$PWD/$B/bin/usher-sim"
passed=0
failed=

# Its own closing lines are kept; what went before them is shown only if it fails.
run() {
    name=$1
    shift
    mkdir -p "$B/log"
    log="$B/log/$(echo "$name" | tr / _).log"
    if timeout 900 "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
        echo "ok   $name: $(grep -E '^(\[  PASSED|# (tests|pass) |1\.\.|# seeds|# stories|ok: )' "$log" | tail -2 | tr '\n' ' ')"
    else
        failed="$failed $name"
        echo "FAIL $name"
        grep -vE '^\[( RUN|       OK)' "$log" | tail -40
    fi
}

for test in "$B"/test/unit/*_test "$B"/test/contract/*_test "$B"/test/sim/*_test; do
    [ -x "$test" ] && run "${test#"$B"/test/}" "$test"
done
if [ -z "${SAN:-}" ]; then
    for check in tests/check/*.sh; do
        [ -f "$check" ] && run "${check#tests/}" env B="$B" sh "$check"
    done
    [ -f tests/sim/hash.sh ] && run sim/hash.sh sh tests/sim/hash.sh
    run canaries sh tests/canary/run.sh
    [ -f tests/schema/check.mjs ] && run schema node tests/schema/check.mjs
fi
for dir in tests/server tests/whatif tests/attack tests/kill tests/browser; do
    [ "$dir" = tests/browser ] && [ -n "${SAN:-}" ] && continue
    files=$(ls "$dir"/*.test.mjs 2>/dev/null) || continue
    for file in $files; do
        run "${file#tests/}" node --test "$file"
    done
done

echo
echo "# $passed passed, $(echo "$failed" | wc -w) failed"
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
