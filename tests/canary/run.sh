#!/bin/sh
# run.sh - plants each bug of this folder in a copy of the sources; the test that its patch names must fail.
# SPDX-License-Identifier: MIT
#
# tests/canary/run.sh [NAME ...]; JOBS is how many at a time (2). A patch that does not apply, does not
# build, or is not noticed is a failure. So is a test that fails without any bug: it would prove nothing.
set -u
root=$(pwd)
jobs=${JOBS:-2}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export USHER_FAILED_MAX=1 # one broken seed is enough
unset MAKEFLAGS MFLAGS MAKELEVEL # of the make that may have called us

names=${*:-$(cd tests/canary && ls -- *.patch | sed 's/\.patch$//')}
test_of() { sed -n 's/^Caught by: //p' "$root/tests/canary/$1.patch"; }

# In a copy: build these tests, which is quick once it has been done.
build() { make -s B=o CFLAGS=-O1 HARD= SAN= WERROR=-w "$@" >build.log 2>&1; }

# What the test said when it failed, in short.
complaint() { grep -aE '^# seed [0-9]+:|^not ok|check failed|\[  ERROR' "$1" | head -1 | cut -c1-110; }

# Plant one bug in the copy that we are in, let its test look, and take it out again.
canary() {
    patch="$root/tests/canary/$1.patch"
    test=$(test_of "$1")
    files=$(sed -n 's|^+++ b/||p' "$patch")
    if [ -z "$test" ] || [ -z "$files" ]; then
        echo "not ok - $1: it names no test, or changes nothing"
    elif ! patch -p1 -s -N -r - --no-backup-if-mismatch -i "$patch" >patch.log 2>&1; then
        echo "not ok - $1: it does not apply any more"
    elif ! build "o/test/$test"; then
        echo "not ok - $1: it does not build"
        sed 's/^/# /' build.log | tail -5
    elif timeout 300 "o/test/$test" >test.log 2>&1; then
        echo "not ok - $1: $test noticed nothing"
    else
        echo "ok - $1: $(complaint test.log)"
    fi
    for file in $files; do
        cp "$root/$file" "$file"
    done
}

mkdir "$dir/1"
tar -cf - --exclude=node_modules Makefile lib include examples tests | tar -xf - -C "$dir/1"
cd "$dir/1" || exit 1
tests=$(for name in $names; do test_of "$name"; done | sort -u)
# shellcheck disable=SC2046
if ! build -j"$jobs" $(echo "$tests" | sed 's|^|o/test/|'); then
    cat build.log
    echo "not ok - the tests build"
    exit 1
fi
for test in $tests; do
    if ! USHER_SEEDS=100 "o/test/$test" >test.log 2>&1; then
        tail -20 test.log
        echo "not ok - $test passes as long as no bug is planted"
        exit 1
    fi
done
for worker in $(seq 2 "$jobs"); do
    cp -a "$dir/1" "$dir/$worker"
done
for worker in $(seq "$jobs"); do
    (cd "$dir/$worker" || exit 1
        echo "$names" | tr ' ' '\n' | awk -v n="$jobs" -v i="$worker" 'NR % n == i % n' |
            while read -r name; do canary "$name"; done) >"$dir/$worker.out" 2>&1 &
done
wait
cat "$dir"/*.out | awk '/^(not )?ok - / { n++; sub(/ok -/, "ok " n " -") } { print } END { print "1.." n }'
caught=$(cat "$dir"/*.out | grep -c '^ok - ')
all=$(echo "$names" | wc -w)
echo "# canaries $all, caught $caught"
if [ "$caught" -ne "$all" ] || [ "$all" -eq 0 ]; then
    exit 1
fi
echo "ok: each of $all canaries was noticed"
