#!/bin/sh
# sources.sh - names the files that a release is made of, one a line: what git tracks or, without git, all but what was made.
# SPDX-License-Identifier: MIT
set -eu
cd "$(dirname "$0")/.."

if [ -e .git ] && command -v git >/dev/null 2>&1; then
    # A tracked file that was just deleted is no part of the release.
    git ls-files | while IFS= read -r file; do
        [ ! -e "$file" ] || echo "$file"
    done
else
    find . \( -path ./.git -o -path ./build -o -name node_modules \) -prune -o -type f -print | sed 's|^\./||'
fi | LC_ALL=C sort
