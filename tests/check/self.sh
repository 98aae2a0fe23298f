#!/bin/sh
# self.sh - the checks can fail: each passes a good sample and finds every fault that is planted in it.
# SPDX-License-Identifier: MIT
set -u
. "$(dirname "$0")/tap.inc"
here=$(cd "$(dirname "$0")" && pwd)
root=$(pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
HEAD='/* a.c - a sample.\n * SPDX-License-Identifier: MIT */\n'

# A small tree in which all is well.
sample() {
    rm -rf "$dir/s"
    mkdir -p "$dir/s/lib/base" "$dir/s/lib/core" "$dir/s/lib/wire" "$dir/s/lib/uv" "$dir/s/lib/plug/memory" \
        "$dir/s/include/usher/plug" "$dir/s/examples/server" "$dir/s/tests/unit" "$dir/s/docs"
    cd "$dir/s" || exit 1
    printf "$HEAD"'int ush_b(void);\nint ush_b(void)\n{\n    return 1;\n}\n' >lib/base/b.c
    printf "$HEAD"'#include "../base/b.h"\n' >lib/core/memory.c
    printf "$HEAD" >lib/base/b.h
    printf "$HEAD"'int ush_a(void);\nint ush_a(void)\n{\n    return 2;\n}\n' >lib/core/a.c
    printf "$HEAD"'int usher_a(int);\n' >include/usher/a.h
    cp include/usher/a.h include/usher/plug/p.h
}

# $1: check, $2: 0 if the sample is good, $3: what is wrong in it
judge() {
    sh "$here/$1.sh" "$dir/s" >"$dir/out" 2>&1
    found=$?
    if [ "$2" = 0 ]; then [ "$found" = 0 ]; else [ "$found" = 1 ] && grep -q '^not ok' "$dir/out"; fi
    tap $? "$1: $3" || sed 's/^/# /' "$dir/out"
    cd "$root" || exit 1
}
good() { sample; judge "$1" 0 "a good sample passes"; }
# $1: check, $2: what is planted, $3: where, $4: the text
plant() { sample; printf "$HEAD$4" >"$3"; judge "$1" 1 "$2 is found"; }

good layers
plant layers "the core including the runtime" lib/core/c.c '#include "../uv/runtime.h"\n'
plant layers "base including the core" lib/base/c.c '#include "../core/desk.h"\n'
plant layers "wire including a storage's header" lib/wire/c.c '#include "usher/storage.h"\n'
plant layers "a plug-in including lib/base" lib/plug/memory/c.c '#include "../../base/b.h"\n'
plant layers "a storage including the runtime's header" lib/plug/memory/c.c '#include "usher/uv.h"\n'
plant layers "an example including lib" examples/c.c '#include "../lib/base/b.h"\n'
plant layers "the core including libuv" lib/core/c.c '#include <uv.h>\n'
plant layers "the core including a clock" lib/core/c.c '#include <time.h>\n'

good purity
plant purity "a clock in the core" lib/core/c.c 'long time(long *);\nlong ush_c(void);\nlong ush_c(void)\n{\n    return time(0);\n}\n'
plant purity "an allocation in the core" lib/core/c.c 'void *malloc(unsigned long);\nvoid *ush_c(void);\nvoid *ush_c(void)\n{\n    return malloc(1);\n}\n'
plant purity "the allocator outside of memory.c" lib/core/c.c 'void ush_libc_resize(void);\nvoid ush_c(void);\nvoid ush_c(void)\n{\n    ush_libc_resize();\n}\n'
plant purity "a global variable" lib/base/c.c 'int ush_c;\nint ush_d = 1;\n'
plant purity "a static variable" lib/base/c.c 'int ush_c(void);\nint ush_c(void)\n{\n    static int n;\n    return n++;\n}\n'

good headers
plant headers "a header that needs another" include/usher/c.h 'size_t usher_c(void);\n'
plant headers "a word of C++" include/usher/c.h 'int usher_c(int class);\n'
plant headers "a header for C11 only" include/usher/c.h '_Noreturn void usher_c(void);\nstruct usher_c { struct { int a; }; };\n'

good tidy
plant tidy "a banned call" lib/core/c.c 'int f(char *s)\n{\n    return atoi(s);\n}\n'
plant tidy "a left-over" tests/unit/c.c '/* TO''DO: more */\n'
plant tidy "a wide line" lib/core/c.c "/* $(printf '%0110d' 0) */\n"
WIDE=/dev/null
export WIDE
plant tidy "a wide line, with no exception listed," lib/core/c.c "/* $(printf '%0110d' 0) */\n"
unset WIDE
plant tidy "a tab" lib/core/c.c 'int\tx;\n'
plant tidy "a long function" lib/core/c.c "void f(void)\n{\n$(seq -s '\n' 1 71 | sed 's/[0-9][0-9]*/    ;/g')\n}\n"
plant tidy "a long file" lib/core/c.c "$(seq -s '\n' 1 601 | sed 's/[0-9][0-9]*/;/g')\n"
HEAD=
plant tidy "a file without its job and licence" lib/core/c.c 'int x;\n'
plant tidy "a script without licence" tests/unit/c.mjs '// c.mjs - a sample.\n'
HEAD='/* a.c - a sample.\n * SPDX-License-Identifier: MIT */\n'

# $1: what is planted, $2: what changes README.md, docs or the example of the copy
readme() {
    rm -rf "$dir/s"
    mkdir -p "$dir/s"
    cp -r README.md LICENSE Makefile docs examples "$dir/s"
    cd "$dir/s" || exit 1
    ln -s "$root/lib" "$root/include" "$root/tests" "$root/pkg-config" .
    eval "$2"
}
readme x ':'
judge readme 0 "a good sample passes"
readme x 'echo "/* more */" >>examples/hello.c'
judge readme 1 "another example than in README.md is found"
readme x 'echo "/* more */" >>examples/embed/shop_with_usher.c'
judge readme 1 "another embedding than in README.md is found"
readme x 'cp examples/hello.c examples/other.c'
judge readme 1 "an example that README.md does not name is found"
readme x 'echo "[this](nothing.md)" >>docs/errors.md'
judge readme 1 "a link that leads nowhere is found"
readme x 'echo "see \`docs/nothing.md\`" >>docs/errors.md'
judge readme 1 "a file that is not there is found"
readme x 'echo "\`make nothing\`" >>README.md'
judge readme 1 "a make target that is not there is found"
readme x 'sed -i "/USHER_EINVAL/d" docs/errors.md'
judge readme 1 "an error without a description is found"
readme x 'sed -i "s/^help:.*/help:/" Makefile'
judge readme 1 "a target that help does not list is found"

# $1: 0 if good, $2: what is planted, $3: what changes a copy of the page and of what it names
guarantees() {
    rm -rf "$dir/s"
    mkdir -p "$dir/s"
    tar -cf - --exclude=node_modules docs/guarantees.md tests lib/sim | tar -xf - -C "$dir/s"
    cd "$dir/s" || exit 1
    eval "$3"
    judge guarantees "$1" "$2"
}
guarantees 0 "a good sample passes" ':'
guarantees 1 "a promise that is left out is found" 'sed -i "/^### P3/d" docs/guarantees.md'
guarantees 1 "a promise without a canary is found" 'sed -i "/effect_of_an_address/d" docs/guarantees.md; rm tests/canary/effect_of_an_address.patch'
guarantees 1 "a promise without a test is found" 'sed -i "/lib.sim.nonsense/d" docs/guarantees.md'
guarantees 1 "a story that is not there is found" 'rm tests/story/place.txt tests/story/storage_down.txt'
guarantees 1 "a test by another name is found" 'sed -i "s/a_full_link_hinders_no_other/another/" tests/contract/transport.c'
guarantees 1 "a test that is not listed is found" 'echo "# G9" >>tests/story/taken.txt'
guarantees 1 "a canary without a test is found" 'sed -i "/^Caught by/d" tests/canary/two_batches_out.patch'

# $1: 0 if good, $2: what is planted, $3: C source of a library
exports() {
    rm -rf "$dir/x"
    mkdir -p "$dir/x/build/lib" "$dir/x/lists" "$dir/x/include/usher/plug"
    printf '#define USHER_API\nUSHER_API int usher_a(void);\n' >"$dir/x/include/usher/a.h"
    cp "$dir/x/include/usher/a.h" "$dir/x/include/usher/plug/a.h"
    echo usher_a >"$dir/x/lists/libusher.txt"
    printf '%s' "$3" >"$dir/x/a.c"
    ${CC:-cc} -shared -fPIC -fvisibility=hidden -o "$dir/x/build/lib/libusher.so" "$dir/x/a.c" &&
        ${CC:-cc} -c -o "$dir/x/a.o" "$dir/x/a.c" && ar rcs "$dir/x/build/lib/libusher.a" "$dir/x/a.o" || exit 1
    B="$dir/x/build" LISTS="$dir/x/lists" INCLUDE="$dir/x/include" sh "$here/exports.sh" >"$dir/out" 2>&1
    found=$?
    [ "$found" = "$1" ] && { [ "$1" = 0 ] || grep -q '^not ok' "$dir/out"; }
    tap $? "exports: $2"
}
show='__attribute__((visibility("default")))'
exports 0 "a good sample passes" "$show int usher_a(void) { return 1; }"
exports 1 "a symbol too many is found" "$show int usher_a(void) { return 1; } $show int usher_b(void) { return 1; }"
exports 1 "a symbol that is missing is found" "int usher_a(void) { return 1; }"
exports 1 "a global without our prefix is found" "$show int usher_a(void) { return 1; } int helper(void) { return 1; }"

if sh "$here/format.sh" | grep -q SKIP; then
    tap 0 "format: # SKIP clang-format 14 is not here"
else
    mkdir -p "$dir/f"
    cp .clang-format "$dir/f"
    printf 'int f(void)\n{\n    return 1;\n}\n' >"$dir/f/a.c"
    HELD="$dir/f" sh "$here/format.sh" >/dev/null
    tap $? "format: a good sample passes"
    printf 'int f(void) {\n  return 1; }\n' >"$dir/f/a.c"
    ! HELD="$dir/f" sh "$here/format.sh" >/dev/null
    tap $? "format: another layout is found"
fi
tap_end
