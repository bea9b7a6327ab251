#!/usr/bin/env bash
# Writes the terminal output of the five suites that the book quotes: bash docs/stories.sh target/release/scenario
set -euo pipefail
program=$(realpath "${1:?the program}")
cd "$(dirname "$0")/.."
store=.scenario/stories

for suite in two_phase trial platform automation workers; do
    rm -rf "$store"
    # No terminal is there, so nothing is coloured.
    "$program" run "scenarios/$suite" --store "$store" >"docs/src/samples/story_$suite.txt" 2>&1
done
rm -rf "$store"
