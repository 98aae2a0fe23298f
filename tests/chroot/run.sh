#!/bin/sh
# run.sh - on a bare Debian 12 both commands of README.md work, and the packages come and go without a trace.
# SPDX-License-Identifier: MIT
#
# It needs root, a network, and port 8080 for itself. The bare system stays in $B/chroot for the next time;
# USHER_MIRROR says where it comes from if this machine's apt does not know.
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" != 0 ]; then
    echo "tests/chroot/run.sh needs root: sudo make check-full" >&2
    exit 1
fi
if [ -z "${USHER_INSIDE:-}" ]; then
    sh tests/setup.sh test || exit 1
    sh tests/setup.sh chroot || exit 1
    USHER_INSIDE=1 exec unshare --mount --pid --fork --kill-child --propagation private sh "$0" "$@"
fi
mount -t proc proc /proc
unset MAKEFLAGS MFLAGS MAKELEVEL
. tests/check/tap.inc
. tests/chroot/bare.inc
. tests/chroot/packages.inc
PATH=$PWD/build/node/bin:$PATH

place=$(mkdir -p "${B:-build}/chroot" && cd "${B:-build}/chroot" && pwd)
root=$place/copy
origin=http://127.0.0.1:8080
trap 'bare_drop "$root"' EXIT
mkfifo -m 600 "$place/said.$$" && exec 3<>"$place/said.$$" && rm "$place/said.$$"

as() { bare_as "$root" "$@"; }
# $1: what it shows, $2: who, $3: command. What it says is in $place/log, and seen only if it fails.
step() {
    as "$2" "$3" >"$place/log" 2>&1
    tap $? "$1" && return
    tail -40 "$place/log" | sed 's/^/# /'
    return 1
}
silent() {
    as "$2" "$3" >"$place/log" 2>&1 && [ ! -s "$place/log" ]
    tap $? "$1" || tail -40 "$place/log" | sed 's/^/# /'
}

# Reads fd 3 until a line holds $1, or says that what writes there has ended; keeps all of it in $place/said.
await() {
    while read -r line <&3; do
        echo "$line" >>"$place/said"
        case $line in
            *"$1"*) return 0 ;;
            'it ended with '*) tail -20 "$place/said" | sed 's/^/# /'; return 1 ;;
        esac
    done
}
# Starts a server, and waits until it says that it listens. $1: who, $2: command, which ends in "exec"
start() {
    : >"$place/said"
    { limit=1800 as "$1" "$2" 2>"$place/errors"; echo "it ended with $?"; } >&3 &
    starter=$!
    await 'usher-server: listening on ' || { tail -20 "$place/errors" | sed 's/^/# /'; return 1; }
}
# Only our own processes are seen here.
stop() {
    kill -"$1" "$(pidof usher-server)"
    await 'it ended with 0'
    tap $? "SIG$1 ends it, with exit status 0"
    wait "$starter"
}
# $1: agent, $2: password
talk() {
    timeout 60 node tests/chroot/talk.mjs "$origin" "$1" "$2" >"$place/log" 2>&1
    tap $? "$1 signs in, a visitor and $1 talk" || sed 's/^/# /' "$place/log"
}
# What README.md asks for, and the tree as a clone has it. $1: more packages, $2: whose tree, $3: his home
machine() {
    bare_copy "$place/bare" "$root"
    as root "apt-get update && apt-get install -y --no-install-recommends make $1" >"$place/log" 2>&1
    tap $? "a bare Debian 12 with make" || { tail -5 "$place/log"; return 1; }
    [ "$2" = root ] || as root "useradd --create-home --shell /bin/sh $2" >"$place/log" 2>&1
    mkdir "$root$3/usher"
    sh pkg-config/sources.sh | tar -c -T - | tar -x -C "$root$3/usher"
    chroot "$root" chown -R "$2:$2" "$3/usher"
}
may_sudo() {
    as root 'echo "pat ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/pat
        echo "Defaults env_keep += \"http_proxy https_proxy no_proxy\"" >>/etc/sudoers.d/pat'
}
demo_runs() {
    begun=$(date +%s)
    start "$1" 'cd usher && exec make run'
    tap $? "make run, as $1: it listens after $(($(date +%s) - begun)) s" || return
    grep -q 'apt-get install .*libuv1-dev' "$place/said"
    tap $? "it showed what it installs"
    talk ann "$(sed -n 's/^ann //p' "$place/said")"
    stop INT
}

plain_user() {
    machine sudo pat /home/pat || return
    for target in run test all; do
        ! as pat "cd usher && make $target" >"$place/log" 2>&1 &&
            grep -q '^  apt-get update .*apt-get install .*libuv1-dev' "$place/log" &&
            grep -q '^Run that as root' "$place/log"
        tap $? "a user who may not install is told the command by make $target" || cat "$place/log"
    done
    may_sudo
    demo_runs pat || return
    silent "when nothing is missing, set-up is silent" pat 'cd usher && make setup-build'
    step "make -j4, from nothing" pat 'cd usher && make clean && make -j4 && test -x build/bin/usher-server'
    step "make -j4 lib, from nothing, leaves nothing out" pat \
        'cd usher && make clean && make -j4 lib >out && ! grep "left out" out && rm out'
    step "make help" pat 'cd usher && make help | grep "^test "'
    begun=$(date +%s)
    step "make test, as a plain user" pat 'cd usher && make test'
    sed -n 's/^# [0-9]* passed/&/p' "$place/log" | sed "s/\$/, after $(($(date +%s) - begun)) s/"
    silent "set-up is silent then, too" pat 'cd usher && make setup-test'
}

root_user() {
    machine '' root /root && demo_runs root
}

bare_make "$place/bare"
tap $? "debootstrap" || exit 1
for stage in ${*:-plain_user root_user package_build package_server package_dev package_unit}; do
    echo "# $stage"
    $stage
done
tap_end
