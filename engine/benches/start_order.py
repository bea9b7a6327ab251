#!/usr/bin/env python3
"""Writes engine/start.order, the functions that a short run passes through, for the linker to put side by side.

    python3 engine/benches/start_order.py [PROGRAM]

Needs valgrind, nm and an optimised program, target/release/scenario if no other is named. It may be in order already.
"""

import os
import re
import subprocess
import sys
import tempfile
from bisect import bisect_left
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAD = """\
# Functions that a short run passes through, by their symbols; `*` is what compilers add to tell instances apart.
# Made by engine/benches/start_order.py, read by engine/build.rs. What is missing or stale costs memory, nothing else.
"""

# A pattern that also means more than this, of which so little is used, stays where it is.
STRAY_BYTES = 60_000
USED_SHARE = 0.1


def executed(program):
    """The addresses of the instructions that are executed by one file with one request and one claim."""
    with tempfile.TemporaryDirectory() as place:
        Path(place, "one.rhai").write_text('assert http.get("/health").status == 200;\n')
        demo = subprocess.Popen([program, "demo", "--port", "0"], stdout=subprocess.PIPE, text=True)
        try:
            address = demo.stdout.readline().strip().rstrip("/")
            profile = Path(place, "profile")
            watch = ["valgrind", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={profile}"]
            env = {key: value for key, value in os.environ.items() if key != "CI"}
            run = [program, "run", "one.rhai", "--base-url", address, "--quiet"]
            subprocess.run(watch + run, cwd=place, env=env, check=True, stderr=subprocess.DEVNULL)
        finally:
            demo.kill()
            demo.wait()
        return addresses(profile.read_text())


def addresses(profile):
    """Lines of costs begin with an address, whole or as a distance from the one before."""
    found, at = set(), 0
    for whole, sign, distance in re.findall(r"^(?:0x([0-9a-f]+)|([+-])(\d+)|\*) ", profile, re.MULTILINE):
        if whole:
            at = int(whole, 16)
        elif sign:
            at += int(sign + distance)
        found.add(at)
    return found


def pattern(symbol):
    """A symbol without the hashes in it, which change with each compiler and each dependency."""
    symbol = re.sub(r"\.llvm\.\d+", "*", symbol)
    symbol = re.sub(r"17h[0-9a-f]{16}E", "17h*E", symbol)
    return re.sub(r"Cs[0-9A-Za-z]{8,14}_", "Cs*_", symbol)


def main():
    program = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/scenario").resolve()
    listed = subprocess.run(["nm", "-nS", "--defined-only", program], capture_output=True, text=True, check=True)
    entries = (line.split() for line in listed.stdout.splitlines())
    functions = [(int(at, 16), int(size, 16), symbol) for at, size, kind, symbol in
                 (entry for entry in entries if len(entry) == 4) if kind in "tTwW"]
    touched = sorted(executed(program))
    used, whole = Counter(), Counter()
    for at, size, symbol in functions:
        whole[pattern(symbol)] += size
        if bisect_left(touched, at) < bisect_left(touched, at + size):
            used[pattern(symbol)] += size
    kept = [
        each
        for each in used
        if whole[each] - used[each] <= STRAY_BYTES or used[each] >= USED_SHARE * whole[each]
    ]
    # Close together first, as they are; then those that bring more and more along.
    kept.sort(key=lambda each: min(0, used[each] / whole[each] - 0.5), reverse=True)
    (ROOT / "engine/start.order").write_text(HEAD + "".join(f"{each}\n" for each in kept))
    print(f"{len(kept)} patterns, {sum(used.values())} bytes used of {sum(whole[each] for each in kept)}")


main()
