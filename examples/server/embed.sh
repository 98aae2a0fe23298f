#!/bin/sh
# embed.sh - writes the web pages and demo.json as C tables: embed.sh WEB_DIR DEMO_JSON >OUT.c
# SPDX-License-Identifier: MIT
set -eu
LC_ALL=C
export LC_ALL

web=${1:?usage: embed.sh WEB_DIR DEMO_JSON}
demo=${2:?usage: embed.sh WEB_DIR DEMO_JSON}

media_type()
{
    case $1 in
        *.html) echo 'text/html; charset=utf-8' ;;
        *.js | *.mjs) echo 'text/javascript; charset=utf-8' ;;
        *.css) echo 'text/css; charset=utf-8' ;;
        *.json) echo 'application/json' ;;
        *.webmanifest) echo 'application/manifest+json' ;;
        *.svg) echo 'image/svg+xml' ;;
        *.png) echo 'image/png' ;;
        *.jpg | *.jpeg) echo 'image/jpeg' ;;
        *.webp) echo 'image/webp' ;;
        *.ico) echo 'image/x-icon' ;;
        *.woff2) echo 'font/woff2' ;;
        *.mp3) echo 'audio/mpeg' ;;
        *.txt) echo 'text/plain; charset=utf-8' ;;
        *) echo "embed.sh: $1: unknown kind of file" >&2; return 1 ;;
    esac
}

# What is sent: scripts without indentation and comments, which only their readers need. The line
# with the licence stays where each page begins.
sent()
{
    case $1 in
        */widget.js | */console.js | */shop.js) keep=2b ;;
        *) keep= ;;
    esac
    case $1 in
        *.js) sed -e "$keep" -e '/^ *\/\//d' -e 's/^ *//' -e 's/  *\/\/ [^"`'\'']*$//' -e '/^$/d' "$1" ;;
        *) cat "$1" ;;
    esac
}

# An empty file would be an empty initializer, which C does not have; hence the 0 behind.
bytes()
{
    sent "$1" | od -An -v -tx1 | sed 's/ \(..\)/0x\1,/g'
    echo '0'
}

files=$(cd "$web" && find . -type f ! -name '*.md' ! -name '*.test.*' ! -name '.*' | sort)

echo '/* pages.c - the web pages and the demo configuration; made by examples/server/embed.sh.'
echo ' * SPDX-License-Identifier: MIT */'
echo '#include "embedded.h"'
i=0
for file in $files; do
    printf '\n/* %s */\nstatic const unsigned char file_%d[] = {\n' "$file" $i
    bytes "$web/$file"
    echo '};'
    i=$((i + 1))
done
printf '\nconst struct server_file server_files[] = {\n'
i=0
for file in $files; do
    type=$(media_type "$file")
    sum=$(sent "$web/$file" | sha256sum | cut -c1-32)
    printf '    {"%s", "%s", "\\"%s\\"", file_%d, sizeof file_%d - 1},\n' \
        "${file#.}" "$type" "$sum" $i $i
    i=$((i + 1))
done
echo '    {NULL, NULL, NULL, NULL, 0},'
echo '};'
printf 'const size_t server_files_n = %d;\n\n' $i
echo 'const unsigned char server_demo[] = {'
bytes "$demo"
echo '};'
echo 'const size_t server_demo_len = sizeof server_demo - 1;'
