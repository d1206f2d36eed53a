#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scores verdicts against the truth: was the injected culprit blamed first, and was an innocent blamed beside it?

usage: score.py TRUTH FOLDER      verdicts FOLDER/PROGRAM.REGRESSION.N.json; regression "none": blame forced open on
                                  a program against itself
       score.py TRUTH --list      program, regression and kind, one a line
       score.py TRUTH --one VERDICT PROGRAM REGRESSION
                                  one verdict: says what was blamed; exit status 1 unless all of it is right
Exit status 1: a claim of the last lines is missed. Bounds are exact (Clopper and Pearson 1934), one-sided, at 95 %.
"""
import collections
import json
import math
import os
import re
import sys

MIN_FIRST_PCT, MAX_INNOCENT_PCT, MAX_UNCHANGED_PCT = 95, 5, 5


class Truth:
    """Regressions by (program, regression): kind, expression of the site, expression of what else grows."""

    def __init__(self, path):
        self.cases, words = {}, {}
        for line in open(path):
            fields = line.split()
            if not fields or line.startswith("#"):
                continue
            if fields[0] == "let":
                words[fields[1]] = fields[2]
                continue
            program, regression, kind, site, also = fields
            site, also = (
                None if text == "-" else re.compile(re.sub(r"\{(heap|grow|mutex)\}", lambda m: words[m[1]], text))
                for text in (site, also)
            )
            self.cases[program, regression] = (kind, site, also)

    def place(self, case, entry):
        """What a function that was blamed is: "site", "also" or "innocent"."""
        text = f"{entry['function']} @{entry.get('file') or entry.get('binary') or ''}"
        _, site, also = self.cases[case]
        if site.search(text):
            return "site"
        return "also" if also is not None and also.search(text) else "innocent"


def guilty(verdict):
    """Functions called guilty, most of the slowdown first, as the file has them."""
    return [entry for entry in verdict.get("blame", []) if entry["kind"] in ("slower", "new")]


def callers(verdict):
    """The same of functions with all that they call."""
    details = verdict.get("blame_details", [])
    return [entry for one in details for entry in one.get("callers", []) if entry["kind"] in ("slower", "new")]


def flagged(verdict):
    return any(row.get("verdict") == "regression" for row in verdict.get("benchmarks", []))


def bound(seen, n, upper):
    """The exact one-sided 95 % bound of a share of which `seen` of `n` were seen."""
    if n == 0 or seen == (n if upper else 0):
        return float("nan") if n == 0 else float(upper)
    low, high = 0.0, 1.0
    for _ in range(60):
        p = (low + high) / 2
        counts = range(seen + 1) if upper else range(seen, n + 1)
        tail = math.fsum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in counts)
        if upper:
            low, high = (p, high) if tail > 0.05 else (low, p)
        else:
            low, high = (low, p) if tail > 0.05 else (p, high)
    return low


Score = collections.namedtuple("Score", "flagged first site_first site_named innocents")


def score(truth, case, verdict):
    named = guilty(verdict)
    places = [truth.place(case, entry) for entry in named]
    paths = [truth.place(case, entry) for entry in callers(verdict)]
    return Score(
        flagged(verdict),
        bool(places) and places[0] != "innocent",
        bool(places) and places[0] == "site",
        "site" in places or "site" in paths,
        [entry["function"] for entry, place in zip(named, places) if place == "innocent"],
    )


def read(path):
    with open(path) as file:
        return json.load(file)


def describe(entry):
    return f"{entry['share_of_slowdown_pct']:.0f} % p {entry['p_adjusted']:.2g} {entry['function']}"


def one(truth, path, program, regression):
    verdict = read(path)
    named = guilty(verdict)
    said = "; ".join(describe(entry) for entry in named[:4]) or "nobody"
    if regression == "none":
        print("blamed:", said)
        return not named
    found = score(truth, (program, regression), verdict)
    print("blamed:", said, *(["-- innocent: " + ", ".join(found.innocents)] if found.innocents else []))
    return found.first and not found.innocents


def claim(what, seen, n, limit_pct, at_least):
    share = 100 * seen / n if n else float("nan")
    is_met = n > 0 and (share >= limit_pct if at_least else share <= limit_pct)
    side = "above" if at_least else "below"
    print(
        f"{'ok' if is_met else 'MISSED'} {what}: {seen} of {n}, {share:.1f} % (truly {side} "
        f"{100 * bound(seen, n, not at_least):.1f} %; to reach: {'>=' if at_least else '<='} {limit_pct} %)"
    )
    return is_met


def summary(truth, folder):
    by_case, unchanged, blamed_in_vain = collections.defaultdict(list), collections.Counter(), collections.Counter()
    examples = []
    for name in sorted(os.listdir(folder)):
        match = re.fullmatch(r"(\w+)\.(\w+)\.(\d+)\.json", name)
        if not match:
            continue
        program, regression = match[1], match[2]
        verdict = read(os.path.join(folder, name))
        if regression == "none":
            unchanged[program] += 1
            blamed_in_vain[program] += bool(guilty(verdict))
            examples += [f"{name}: {describe(entry)}" for entry in guilty(verdict)]
        elif (program, regression) in truth.cases:
            found = score(truth, (program, regression), verdict)
            by_case[program, regression].append(found)
            examples += [f"{name}: innocent {text}" for text in found.innocents]
            if not found.first:
                examples.append(f"{name}: first {describe(guilty(verdict)[0]) if guilty(verdict) else 'nobody'}")
    print(f"{'program':9} {'regression':11} {'kind':7} {'runs':>4} {'red':>4} {'first':>5} {'site first':>10} "
          f"{'site named':>10} {'innocents':>9}")
    for (program, regression), found in sorted(by_case.items()):
        sums = [sum(map(bool, column)) for column in zip(*found)]
        print(f"{program:9} {regression:11} {truth.cases[program, regression][0]:7} {len(found):4} {sums[0]:4} "
              f"{sums[1]:5} {sums[2]:10} {sums[3]:10} {sums[4]:9}")
    for program, n in sorted(unchanged.items()):
        print(f"{program:9} {'unchanged':11} {'':7} {n:4} {'':4} {'':5} {'':10} {'':10} {blamed_in_vain[program]:9}")
    for text in examples[:40]:
        print("  ", text)
    runs = [found for case in by_case.values() for found in case]
    n = len(runs)
    good = True
    if n:
        good &= claim("the injected culprit is blamed first", sum(run.first for run in runs), n, MIN_FIRST_PCT, True)
        good &= claim("an innocent is blamed beside it", sum(bool(run.innocents) for run in runs), n, MAX_INNOCENT_PCT, False)
    if unchanged:
        good &= claim("somebody is blamed in an unchanged program", sum(blamed_in_vain.values()),
                      sum(unchanged.values()), MAX_UNCHANGED_PCT, False)
    return good and bool(n or unchanged)


def main():
    truth = Truth(sys.argv[1])
    if sys.argv[2] == "--list":
        for (program, regression), (kind, _, _) in truth.cases.items():
            print(program, regression, kind)
        return 0
    if sys.argv[2] == "--one":
        return 0 if one(truth, *sys.argv[3:6]) else 1
    return 0 if summary(truth, sys.argv[2]) else 1


if __name__ == "__main__":
    sys.exit(main())
