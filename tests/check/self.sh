#!/bin/sh
# self.sh - the checks can fail: each is run on a planted bad sample.
# SPDX-License-Identifier: MIT
set -u
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/lib/core" "$dir/lib/base" "$dir/include" "$dir/examples" "$dir/tests"
printf '/* a.c - bad. */\n#include "../uv/runtime.h"\n' >"$dir/lib/core/a.c"
sh "$here/layers.sh" "$dir" >/dev/null && { echo "layers.sh missed it"; exit 1; }
printf 'int x;\n' >"$dir/lib/core/a.c"
sh "$here/tidy.sh" "$dir" >/dev/null && { echo "tidy.sh missed a first line"; exit 1; }
printf '/* a.c - bad.\n * SPDX-License-Identifier: MIT */\nint f(char *s) { return atoi(s); }\n' >"$dir/lib/core/a.c"
sh "$here/tidy.sh" "$dir" >/dev/null && { echo "tidy.sh missed a banned call"; exit 1; }
mkdir -p "$dir/p/lib/base" "$dir/p/lib/core" "$dir/p/include"
printf 'int time(int *); int f(void) { return time(0); }\n' >"$dir/p/lib/core/a.c"
printf 'int g;\n' >"$dir/p/lib/base/b.c"
(cd "$dir/p" && sh "$here/purity.sh" >/dev/null 2>&1) && { echo "purity.sh missed a clock"; exit 1; }
echo "ok: the checks can fail"
