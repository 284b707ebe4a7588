#!/bin/sh
# The figures of the architecture: how much code there is and where, and how far each family reaches beyond its own files.
# Usage: scripts/figures.sh [CHECKOUT]     (`git worktree add ../before COMMIT` makes a checkout to compare with)
set -e
cd "${1:-.}"
[ -d Sources ] || { echo "$PWD has no folder Sources" >&2; exit 66; }

# Paths and line counts of all code: "12 Sources/Format/DType.swift".
counts() {
    find Sources -type f \( -name '*.swift' -o -name '*.c' -o -name '*.h' -o -name '*.inc' \) |
        LC_ALL=C sort | while read -r file; do awk -v name="$file" 'END { print NR, name }' "$file"; done
}

counts | awk '
    {
        split($2, path, "/")
        target = path[2]
        if (!(target in files)) order[++targets] = target
        files[target]++
        if ($2 ~ /\.swift$/) swift[target] += $1; else c[target] += $1
        if ($1 > 400) long[++longs] = $0
    }
    function row(name, count, inSwift, inC) { printf "%-16s %6d %8d %6d %8d\n", name, count, inSwift, inC, inSwift + inC }
    END {
        printf "%-16s %6s %8s %6s %8s\n", "lines of Sources", "files", "Swift", "C", "all"
        for (i = 1; i <= targets; i++) {
            name = order[i]
            row(name, files[name], swift[name], c[name])
            count += files[name]; inSwift += swift[name]; inC += c[name]
        }
        row("all", count, inSwift, inC)
        printf "\nfiles over 400 lines: %d\n", longs
        for (i = 1; i <= longs; i++) print "  " long[i]
    }'

# A file is a family's own when its path says so.
family() {
    echo
    grep -rlE "(^|[^A-Za-z0-9_])$1[A-Z]" Sources --include='*.swift' | LC_ALL=C sort | grep -vi "$1" |
        awk -v name="$1" '{ line[NR] = $0 } END {
            printf "files outside %s that name its types: %d\n", name, NR
            for (i = 1; i <= NR; i++) print "  " line[i]
        }'
}
family Bart
family VQGAN
family CLIP
