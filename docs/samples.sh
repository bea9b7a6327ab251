#!/usr/bin/env bash
# Writes the terminal output that the book and the README quote: bash docs/samples.sh target/release/scenario
# What it runs stands in docs/samples/, so that every picture is of something that really ran.
set -euo pipefail
program=$(realpath "${1:?the program}")
here=$(realpath "$(dirname "$0")")
out="$here/src/samples"
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
mkdir -p "$out"
cp -r "$here"/samples/. "$project"
cd "$project"

# sample NAME ARGS…: standard output and error of a run, whatever its exit code.
sample() {
    local name=$1
    shift
    "$program" "$@" --color never >"$out/$name.txt" 2>&1 || true
    # A picture needs no empty lines at its end.
    sed -i -e :a -e '/^\n*$/{$d;N;ba' -e '}' "$out/$name.txt"
}

sample health run scenarios/health.rhai
sample health_red run red/health.rhai
sample check check red/typo.rhai
sample verify run red/verify.rhai
sample match run red/match.rhai
sample wait run red/wait.rhai
sample plan plan --tags "smoke and not slow" scenarios
sample explain config --explain --profile staging --env GREETING=hello
sample green run scenarios/export.rhai scenarios/login.rhai
sample red run red/export.rhai scenarios/login.rhai
sample readme run red/signup.rhai scenarios/export.rhai
