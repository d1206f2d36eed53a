#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the truth is true: callgrind counts the instructions of every function in both builds of each regression.

usage: oracle.py TRUTH FOLDER [PROGRAM/REGRESSION...]      programs are built in FOLDER
For each: both builds print the same; the functions that the truth calls guilty hold MIN_GUILTY_PCT of what grew; no
innocent holds more than MAX_INNOCENT_PCT of it; and the site itself grew. One line "ok ..." or "not ok ..." each.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from score import Truth  # noqa: E402

MIN_GUILTY_PCT, MAX_INNOCENT_PCT = 95, 2.5
HERE = os.path.dirname(os.path.abspath(__file__))


def arguments(program, folder):
    return {"interp": ["1000"], "index": ["300"], "logstat": ["report", "--json", f"{folder}/small.log"]}[program]


def build(folder, program, regression):
    path = f"{folder}/{program}-{regression}"
    if not os.path.exists(path):
        done = subprocess.run([f"{HERE}/build.sh", path, program, regression, "symbols"], capture_output=True, text=True)
        if done.returncode:
            print(done.stdout + done.stderr)
            sys.exit(done.returncode)
    return path


def instructions(folder, program, regression, kept={}):
    """Instructions by function, and what the program printed."""
    key = program, regression
    if key in kept:
        return kept[key]
    path, out = build(folder, program, regression), f"{folder}/callgrind"
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", path, *arguments(program, folder)],
        check=True, capture_output=True,
    )
    text = subprocess.run(["callgrind_annotate", "--threshold=100", out], check=True, capture_output=True, text=True)
    sums = {}
    for line in text.stdout.splitlines():
        match = re.match(r"\s*([\d,]+)\s+\([^)]*\)\s+[^:]+:(.*?)(?: \[[^\]]*\])?$", line)
        if match:
            name = re.sub(r"::h[0-9a-f]{16}\b|'\d+$|@@.*", "", match[2])
            sums[name] = sums.get(name, 0) + int(match[1].replace(",", ""))
    kept[key] = sums, done.stdout
    return kept[key]


def judge(truth, folder, case):
    program, regression = case
    (before, said_before), (after, said_after) = (instructions(folder, program, name) for name in ("none", regression))
    grown = {name: after.get(name, 0) - before.get(name, 0) for name in before | after}
    places = {name: truth.place(case, {"function": name}) for name in grown}
    total = sum(n for n in grown.values() if n > 0)
    guilty = sum(n for name, n in grown.items() if n > 0 and places[name] != "innocent")
    site = sum(n for name, n in grown.items() if places[name] == "site")
    worst = max(((n, name) for name, n in grown.items() if places[name] == "innocent"), default=(0, "nobody"))
    share = (100 * worst[0] / total) if total else 0
    net = 100 * sum(grown.values()) / sum(before.values())
    good = (said_before == said_after and total > 0 and site > 0 and 100 * guilty >= MIN_GUILTY_PCT * total
            and share <= MAX_INNOCENT_PCT)
    print(f"{'ok' if good else 'not ok'} the_truth_of_{program}_{regression}_is_true: {net:+.0f} % instructions, "
          f"{100 * guilty / total if total else 0:.1f} % of the growth in the guilty, {100 * site / total if total else 0:.1f} % "
          f"in the site, at most {share:.1f} % in an innocent ({worst[1]})"
          + ("" if said_before == said_after else "; the two builds print different things"))
    return good


def main():
    truth, folder = Truth(sys.argv[1]), sys.argv[2]
    wanted = [tuple(text.split("/")) for text in sys.argv[3:]] or list(truth.cases)
    if any(program == "logstat" for program, _ in wanted):
        with open(f"{folder}/small.log", "wb") as log:
            whole = subprocess.run([build(folder, "logstat", "none"), "gen", "--mb", "1"], check=True, capture_output=True)
            log.write(whole.stdout[:200000])
    return 0 if all([judge(truth, folder, case) for case in wanted]) else 1


if __name__ == "__main__":
    sys.exit(main())
