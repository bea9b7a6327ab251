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
    # No terminal is there, so nothing is coloured.
    "$program" "$@" >"$out/$name.txt" 2>&1 || true
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
sample gave_up run red/gave_up.rhai
sample during run red/during.rhai

# What is parked needs a system that is still there when it is resumed.
rm -rf .scenario
"$program" demo --port 0 >demo.txt 2>&1 &
demo=$!
trap 'kill "$demo"; rm -rf "$project"' EXIT
until grep -q http demo.txt; do sleep 0.1; done
SCENARIO_BASE_URL=$(grep -o 'http://127[0-9.:]*' demo.txt | head -1)
export SCENARIO_BASE_URL

sample prepare run --phase prepare scenarios/export.rhai
sample runs runs
sleep 1
sample resume resume --phase validate
sample manual run --max-wait 200ms people/alarm.rhai
"$program" abandon >/dev/null 2>&1
rm -rf .scenario
"$program" run --max-wait 200ms people/order.rhai >/dev/null 2>&1 || true
sample runs_signal runs
sample signal signal latest approved --data '{"by": "grace"}'
sed -i 's/state.amount = 9000/state.amount = 12000/' people/order.rhai
sample edited resume

# Two who go on with the same run.
cat >slow.rhai <<'SCRIPT'
scenario("Slow", [phase("prepare", || log("done")), phase("validate", #{ ready: || false }, || {})]);
SCRIPT
"$program" run --phase prepare slow.rhai >/dev/null 2>&1 || true
"$program" resume --json >first.txt 2>&1 &
first=$!
until grep -qs scenario_resumed first.txt; do sleep 0.1; done
sample second resume latest
kill -INT "$first"
wait "$first" || true
