#!/usr/bin/env bash
# Writes the terminal output of the five suites that the book quotes: bash docs/stories.sh target/release/scenario [SUITE…]
set -euo pipefail
program=$(realpath "${1:?the program}")
shift
cd "$(dirname "$0")/.."
store=.scenario/stories
[ $# -gt 0 ] || set -- two_phase trial platform automation workers

for suite in "$@"; do
    rm -rf "$store"
    picture=docs/src/samples/story_$suite.txt
    # No terminal is there, so nothing is coloured.
    "$program" run "scenarios/$suite" --store "$store" >"$picture" 2>&1
    # Of a long list its beginning and its end tell enough.
    lines=$(wc -l <"$picture")
    if [ "$lines" -gt 60 ]; then
        { head -n 28 "$picture"; echo "…"; tail -n 30 "$picture"; } >"$picture.short"
        mv "$picture.short" "$picture"
    fi
done
rm -rf "$store"
