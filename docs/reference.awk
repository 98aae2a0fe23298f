# reference.awk - makes an HTML page of each public header and an index of all names; complains of what has no comment.
# SPDX-License-Identifier: MIT
#
#   awk -v out=FOLDER -v version=0.1.0 -f docs/reference.awk include/usher.h include/usher/*.h …
#
# A header is taken in blocks that blank lines part. A comment that begins a line
# is prose for what follows it; everything else is shown as it stands. A name is
# explained if such a comment stands before it in its block, or one is beside it
# or (for structs and enums) within it.

function escaped(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}

# Every name that we know becomes a way to it.
function linked(text,    done, word) {
    text = escaped(text)
    done = ""
    while (match(text, /(usher|USHER)_[A-Za-z0-9_]+/)) {
        word = substr(text, RSTART, RLENGTH)
        done = done substr(text, 1, RSTART - 1)
        done = done (word in page ? "<a href=\"" page[word] "#" word "\">" word "</a>" : word)
        text = substr(text, RSTART + RLENGTH)
    }
    return done text
}

# The names that a line of code declares or defines.
function names_of(line,    code, n, i, part) {
    n_found = 0
    code = line
    gsub(/\/\*.*(\*\/|$)/, "", code)
    if (line ~ /^#define USHER_API/ || line ~ /_H$/) return
    if (match(line, /^#define (usher|USHER)_[A-Za-z0-9_]+/)) found[++n_found] = substr(line, 9, RLENGTH - 8)
    else if (match(code, /usher_[a-z0-9_]+\(/) && code ~ /^USHER_API/) found[++n_found] = substr(code, RSTART, RLENGTH - 1)
    else if (match(code, /^(struct|enum) usher_[a-z0-9_]+( \{|;)/)) {
        part = substr(code, RSTART, RLENGTH)
        sub(/^(struct|enum) /, "", part)
        sub(/[ ;{]+$/, "", part)
        found[++n_found] = part
    } else if (match(code, /^typedef .*\(\*usher_[a-z0-9_]+\)/)) {
        part = substr(code, RSTART, RLENGTH)
        sub(/^.*\(\*/, "", part)
        sub(/\)$/, "", part)
        found[++n_found] = part
    } else if (code ~ /^    (USHER_[A-Z0-9_]+( = [^,]*)?,? *)+$/) {
        n = split(code, part_of, /[^A-Z0-9_]+/)
        for (i = 1; i <= n; i++) if (part_of[i] ~ /^USHER_/) found[++n_found] = part_of[i]
    }
}

function is_frame(line) {
    return line ~ /^#(ifndef|ifdef|endif|include|undef)/ || line ~ /^#define USHER_[A-Z_]*_H$/ \
        || line ~ /^#define USHER_API/ || line ~ /^extern "C" \{/ || line ~ /^}$/
}

function head(to, title) {
    print "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">" \
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">" \
        "<title>" title "</title><link rel=\"stylesheet\" href=\"reference.css\"></head><body>\n" \
        "<nav><a href=\"index.html\">usher " version "</a></nav>\n<main>" >to
}

# A comment as paragraphs; a line that is indented by more than one space stands as it is.
function prose(text, to,    n, i, lines, open) {
    n = split(text, lines, "\n")
    open = 0
    for (i = 1; i <= n; i++) {
        if (lines[i] == "") { if (open) print "</p>" >to; open = 0; continue }
        if (!open) { print "<p>" >to; open = 1 }
        print linked(lines[i]) >to
    }
    if (open) print "</p>" >to
}

function end_code(to) {
    if (code_text != "") print "<pre>" code_text "</pre>" >to
    code_text = ""
}

# One line of code of a block: marks its names, and asks whether they are explained.
function code_line(file, line, to,    i, j, explained, depth_before) {
    names_of(line)
    for (i = 1; i <= n_found; i++) {
        if (!(found[i] in marked)) print "<a id=\"" found[i] "\"></a>" >to
        marked[found[i]] = 1
        explained = explained_block || line ~ /\/\*/
        if (!explained && line ~ /\{$/) want[found[i]] = file
        else if (!explained && found[i] !~ /^USHER_/ && line !~ /^struct [a-z_0-9]+;/) missing[found[i]] = file
    }
    if (line ~ /\/\*/) for (j in want) delete want[j]
    if (line ~ /^};/) for (j in want) { missing[j] = want[j]; delete want[j] }
    code_text = code_text (code_text == "" ? "" : "\n") linked(line)
}

function make_page(f,    to, i, line, file, text, in_comment, first, title) {
    file = files[f]
    title = file
    sub(/^include\//, "", title)
    to = out "/" page_of[f]
    head(to, title)
    print "<h1>" title "</h1>" >to
    first = 1
    code_text = text = ""
    explained_block = in_comment = 0
    for (i = 1; i <= count[f]; i++) {
        line = source[f, i]
        if (in_comment || line ~ /^\/\*/) {
            in_comment = line !~ /\*\/$/
            gsub(/^ ?\/?\*+ ?| *\*\/$/, "", line)
            if (line ~ /^SPDX/) line = ""
            if (first) sub(/^usher[a-z\/]*\.h - /, "", line)
            text = text line "\n"
            if (!in_comment) {
                end_code(to)
                prose(text, to)
                text = ""
                explained_block = !first
                first = 0
            }
        } else if (line == "") {
            if (code_text != "" && depth == 0) { end_code(to); explained_block = 0; print "<hr>" >to }
            else if (code_text != "") code_text = code_text "\n"
        } else if (!is_frame(line) || depth > 0) {
            code_line(file, line, to)
            depth += gsub(/\{/, "{", line) - gsub(/}/, "}", line)
        }
    }
    end_code(to)
    print "</main></body></html>" >to
    close(to)
}

function make_index(    to, f, i, n, name, sorted, j, t) {
    to = out "/index.html"
    head(to, "usher " version ": reference")
    print "<h1>usher " version "</h1><h2>Headers</h2><ul>" >to
    for (f = 1; f <= n_files; f++) {
        t = source[f, 1]
        sub(/^\/\* /, "", t)
        sub(/ \*\/$/, "", t)
        sub(/ - /, "</a> - ", t)
        print "<li><a href=\"" page_of[f] "\">" t "</li>" >to
    }
    print "</ul><h2>Names</h2><ul class=\"names\">" >to
    n = 0
    for (name in page) sorted[++n] = name
    for (i = 2; i <= n; i++) {
        name = sorted[i]
        for (j = i - 1; j > 0 && sorted[j] > name; j--) sorted[j + 1] = sorted[j]
        sorted[j + 1] = name
    }
    for (i = 1; i <= n; i++) print "<li><a href=\"" page[sorted[i]] "#" sorted[i] "\">" sorted[i] "</a></li>" >to
    print "</ul></main></body></html>" >to
    close(to)
    to = out "/reference.css"
    print ":root { color-scheme: light dark; font: 1rem/1.55 system-ui, sans-serif }\n" \
        "body { margin: 0 } nav { padding: .75rem 1.5rem; border-bottom: 1px solid #8884 }\n" \
        "main { max-width: 60rem; margin: 0 auto; padding: 1rem 1.5rem 6rem }\n" \
        "pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid #8884; border-radius: .5rem;" \
        " font: .85rem/1.5 ui-monospace, monospace }\n" \
        "p { margin: 1rem 0 .5rem; max-width: 44rem } hr { border: 0; margin: 2rem 0 0 }\n" \
        "a { color: light-dark(#0b5d6b, #7cc7d6); text-decoration-thickness: 1px }\n" \
        ".names { columns: 18rem; list-style: none; padding: 0; font-family: ui-monospace, monospace }" >to
    close(to)
}

FNR == 1 {
    files[++n_files] = FILENAME
    page_of[n_files] = FILENAME
    sub(/^include\//, "", page_of[n_files])
    sub(/\.h$/, ".html", page_of[n_files])
    gsub(/\//, "-", page_of[n_files])
}
{
    source[n_files, FNR] = $0
    count[n_files] = FNR
    names_of($0)
    # A struct may be named before it is defined: where it is defined is its place.
    for (i = 1; i <= n_found; i++) if (!(found[i] in page) || $0 ~ /\{/) page[found[i]] = page_of[n_files]
}
END {
    for (f = 1; f <= n_files; f++) make_page(f)
    make_index()
    bad = 0
    for (name in page) if (!(name in marked)) { print "not shown: " name; bad = 1 }
    for (name in missing) { print missing[name] ": no comment explains " name; bad = 1 }
    exit bad
}
