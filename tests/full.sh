#!/bin/sh
# full.sh - the long tests: very many seeds, many kills, the C tests under valgrind; each says how long it took.
# SPDX-License-Identifier: MIT
#
# tests/full.sh [seeds] [kills] [values] [valgrind]; without names all. SEEDS (100 000), KILLS (100).
set -u
B=${B:-build}
SEEDS=${SEEDS:-100000}
KILLS=${KILLS:-100}
export KILLS USHER_SERVER="$PWD/$B/bin/usher-server"
failed=
mkdir -p "$B/log"

# One half on each processor.
seeds() {
    half=$((SEEDS / 2))
    (USHER_SEEDS=$half "$B/test/sim/seeds_test" >"$B/log/seeds_1.log" 2>&1) &
    USHER_SEED=$((half + 1)) USHER_SEEDS=$((SEEDS - half)) "$B/test/sim/seeds_test" >"$B/log/seeds_2.log" 2>&1
    second=$?
    wait $!
    first=$?
    grep -hE '^# seed|^not ok' "$B/log/seeds_1.log" "$B/log/seeds_2.log"
    [ "$first" = 0 ] && [ "$second" = 0 ]
}

kills() {
    node --test tests/kill/kill.test.mjs >"$B/log/kills.log" 2>&1
    rv=$?
    grep -E '^# (kills|messages|answers|fail)' "$B/log/kills.log"
    [ "$rv" = 0 ] || grep -E '^not ok|lost:|doubled:|order:|gap:|load:' "$B/log/kills.log" | head -20
    return $rv
}

# Every scenario whose figures are known exactly, until the standard error of the waits is 1 %, or what
# the scenario itself asks for.
values() {
    rv=0
    for file in examples/whatif/*.json; do
        grep -q '"expect"' "$file" || continue
        if grep -q '"precision"' "$file"; then set --; else set -- --set run.precision=0.01; fi
        "$B/bin/usher-sim" --quiet "$@" --set run.sessions_max=60000000 "$file" >"$B/log/values.log" || {
            echo "$file"
            cat "$B/log/values.log"
            rv=1
        }
    done
    return $rv
}

# These two would take an hour, and run under ASan.
valgrind_each() {
    rv=0
    export USHER_VALGRIND=1
    for test in "$B"/test/unit/*_test "$B"/test/contract/*_test "$B"/test/sim/*_test; do
        case $test in */seeds_test | */sqlite_fault_test) continue ;; esac
        if ! valgrind -q --error-exitcode=99 --leak-check=full --child-silent-after-fork=yes "$test" \
            >"$B/log/valgrind.log" 2>&1; then
            echo "valgrind $test"
            grep -E '^==|FAILED' "$B/log/valgrind.log" | head -40
            rv=1
        fi
    done
    return $rv
}

part() {
    begun=$(date +%s)
    if "$2"; then
        echo "ok   $1: $(($(date +%s) - begun)) s"
    else
        echo "FAIL $1: $(($(date +%s) - begun)) s"
        failed="$failed $1"
    fi
}

for name in ${*:-seeds kills values valgrind}; do
    case $name in
    seeds) part "$SEEDS seeds" seeds ;;
    kills) part "$KILLS kills" kills ;;
    values) part "values of queueing theory" values ;;
    valgrind) part valgrind valgrind_each ;;
    *) echo "there is no part $name" >&2; exit 2 ;;
    esac
done
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
