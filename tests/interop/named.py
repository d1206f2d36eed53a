#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What share of a session's samples has a name, and what share at least a function.

usage: named.py SESSION MIN_NAMED_PCT MIN_FUNCTION_PCT [--crates EXPRESSION] [--source NAME]...
--crates: a crate that the expression matches whole has one of the ten functions with most own time, the kernel's left
out.
--source: at least one sample got its name from there ("debug_file", "unwind", ...); "kernel" is asked for only where
the sampler saw the kernel.
Exit status 1: less than asked for. Samples without any frame count as unnamed.
"""
import argparse
import json
import re
import sys


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("session")
    parser.add_argument("min_named_pct", type=float)
    parser.add_argument("min_function_pct", type=float)
    parser.add_argument("--crates")
    parser.add_argument("--source", action="append", default=[])
    parser.add_argument("--min-samples", type=int, default=20)
    options = parser.parse_args()
    session = json.load(open(options.session))
    found = session["sampling_diagnostics"]
    by_source = {name: n for name, n in found["n_by_source"].items() if n and name != "none"}
    unnamed = {name: n for name, n in found["n_unnamed"].items() if n}
    n_functions, n = sum(by_source.values()), sum(by_source.values()) + sum(unnamed.values())
    n_named = n_functions - by_source.get("unwind", 0)
    if n < options.min_samples:
        print(f"only {n} samples")
        return 1
    named_pct, function_pct = 100 * n_named / n, 100 * n_functions / n
    own = [function for function in session["functions"] if function.get("crate_kind") != "kernel"]
    top = sorted(own, key=lambda function: -function["self_ns"])[:10]
    crates = [function.get("crate_name") or "" for function in top]
    print(f"{n} samples, {named_pct:.2f} % named, {function_pct:.2f} % a function ("
          + ", ".join(f"{k} {v}" for k, v in {**by_source, **unnamed}.items())
          + f"), crates on top: {', '.join(dict.fromkeys(filter(None, crates))) or 'none'}")
    missing = [source for source in options.source
               if source not in by_source and (source != "kernel" or found["sees_kernel"])]
    if missing:
        print("no name came from:", ", ".join(missing))
    crate_is_there = not options.crates or any(re.fullmatch(options.crates, crate) for crate in crates)
    if not crate_is_there:
        print(f"no function on top is of {options.crates}: {[function['name'] for function in top]}")
    return int(named_pct < options.min_named_pct or function_pct < options.min_function_pct
               or bool(missing) or not crate_is_there)


if __name__ == "__main__":
    sys.exit(main())
