#!/bin/sh
# canary.sh - plants one bug at a time in a copy of the core; the simulator must find each.
# SPDX-License-Identifier: MIT
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
flags="-std=c11 -D_GNU_SOURCE -Iinclude -O1"
mkdir -p "$dir/lib" "$dir/o"
cp -r lib/base lib/core "$dir/lib/"
ln -s "$PWD/include" "$dir/include"
for f in lib/base/*.c lib/core/*.c lib/sim/*.c tests/sim/seeds_test.c; do
    echo "$f"
done | xargs -P2 -I{} sh -c 'cc '"$flags"' -c {} -o '"$dir"'/o/$(echo {} | tr / _).o'
missed=0
n=0

# canary NAME FILE SED: what it breaks, where, and how.
canary() {
    n=$((n + 1))
    mutant="$dir/lib/core/$2.c"
    sed "$3" "lib/core/$2.c" >"$mutant"
    if cmp -s "$mutant" "lib/core/$2.c"; then
        echo "not ok $n - $1: the line to break is not there any more"
        missed=1
        return
    fi
    object="$dir/o/lib_core_$2.c.o"
    cp "$object" "$dir/kept.o"
    # shellcheck disable=SC2086
    (cd "$dir" && cc $flags -w -c "lib/core/$2.c" -o "$object")
    cc -o "$dir/run" "$dir"/o/*.o
    if found=$(USHER_SEEDS=${USHER_SEEDS:-1000} "$dir/run" 2>&1); then
        echo "not ok $n - $1: nobody noticed"
        missed=1
    else
        echo "ok $n - $1: $(echo "$found" | grep -m1 -E '^# seed |CHECK|failed' | cut -c1-110)"
    fi
    cp "$dir/kept.o" "$object"
    cp "lib/core/$2.c" "$mutant"
}

canary "told before it is durable" pump 's/if (a->need > u->durable) {/if (false) {/'
canary "keys are forgotten" key 's/uint32_t at = ush_map_first(&u->key_map, hash);/uint32_t at = USH_NONE;/'
canary "a key may say something else" key 's/if (k->digest != digest) {/if (false) {/'
canary "resume leaves one out" attach 's/have->index\[log\] + 1 : 1/have->index[log] + 2 : 1/'
canary "cursors of another store count" attach 's/have != NULL \&\& same_epoch \&\&/have != NULL \&\&/'
canary "an offer never expires" offer 's/u->now.mono_ms + q->offer_ms)/u->now.mono_ms + 86400000)/'
canary "two batches are out" journal 's/if (u->out || p->n == 0) {/if (p->n == 0) {/'
canary "visitors see the internal log" pump 's/int logs = l->as == USHER_VISITOR ? 1 : 2;/int logs = 2;/'
canary "a slot does not come back" session 's/^    a->load--;$//'
canary "one offer too many" agent 's/a->offer == USH_NONE \&\& a->load < p->capacity/a->load < p->capacity/'
canary "the youngest goes first" match 's/a->enq != b->enq ? a->enq < b->enq/a->enq != b->enq ? a->enq > b->enq/'
canary "the busiest is asked first" match 's/x != y ? x < y/x != y ? x > y/'
canary "a restart forgets ages" restore 's/(age > 0 ? age : 0)/0/'
canary "a closed session may be spoken in" talk 's/if (s->state == USHER_STATE_CLOSED) {/if (false) {/'
canary "missing offers has no end" offer 's/if (a->missed >= u->cfg.missed_max \&\& a->ready) {/if (false) {/'
canary "no grace for an agent" agent 's/a->lost_at + u->cfg.agent_grace_ms/a->lost_at/'
canary "a full link is told more" link 's/if (l->full || l->dropping || (!l->gated/if (l->dropping || (!l->gated/'
canary "keys are shown to others" pump 's/return memcmp(&f->by.agent, &u->agents.*/return true;/'
canary "a place is one off" pump 's/n->as.place.place = 1 + /n->as.place.place = 2 + /'
canary "who declined is asked again" offer 's/ush_agent_exclude(u, a, s, back_off(s));//'
canary "a lost agent keeps his offer" agent 's/^    if (a->offer != USH_NONE) {$/    if (false) {/'
canary "a reopened session keeps its age" command 's/ush_session_queue(u, s, s->queue, true);/ush_session_queue(u, s, s->queue, false);/'
canary "a queue takes more than it may" command 's/if (u->queues\[queue\].waiting >= u->queues\[queue\].waiting_max) {/if (false) {/'
canary "seen is written each time" talk 's/bool soon = s->seen/bool soon = false \&\& s->seen/'
canary "an agent sees a session before his joining is durable" pump 's/if (t->need > u->durable) {/if (false) {/'
echo "1..$n"
exit "$missed"
