#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many functions of stripped code have the same name in another build, when their code is the same there.

usage: stable.py MIN_PCT SESSION_A PROGRAM_A SESSION_B PROGRAM_B      the programs as they were before they were stripped
The truth comes from the unstripped programs: which function an address is in, and, from objdump, whether its code is
the same up to where things lie. Exit status 1: fewer than MIN_PCT per cent, or too few functions to tell.
"""
import bisect
import collections
import json
import os
import re
import subprocess
import sys

MIN_FUNCTIONS = 8


def without_hash(name):
    return re.sub(r"17h[0-9a-f]{16}E", "", name)


def text_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(program):
    """Functions by start: (start, end, name). What has one code under two names, or one name for two codes (a generic
    function's hash tells them apart), is left out."""
    found = collections.defaultdict(list)
    for line in text_of("nm", "-S", "--defined-only", program).splitlines():
        fields = line.split()
        if len(fields) == 4 and fields[2] in "tTwW":
            found[int(fields[0], 16)].append((int(fields[1], 16), without_hash(fields[3])))
    times = collections.Counter(name for names in found.values() for _, name in names)
    return sorted((start, start + names[0][0], names[0][1]) for start, names in found.items()
                  if len(names) == 1 and times[names[0][1]] == 1)


def code(program):
    """name -> instructions, with every reference to something elsewhere made the same."""
    functions, lines, own = {}, [], ""
    for line in text_of("objdump", "-d", "--no-show-raw-insn", program).splitlines():
        head = re.match(r"([0-9a-f]+) <(.*)>:$", line)
        if head:
            own, lines = head[2], []
            functions[without_hash(own)] = lines
        elif line.startswith(" ") and "\t" in line:
            body = re.sub(r"\s+#.*", "", line.split("\t", 1)[1])
            body = re.sub(r"-?0x[0-9a-f]+\(%rip\)", "HERE", body)
            inside = re.search(r"[0-9a-f]+ <" + re.escape(own) + r"(\+0x[0-9a-f]+)?>", body)
            body = re.sub(r"[0-9a-f]+ <.*>", inside[1] or "+0" if inside else "ELSEWHERE", body)
            lines.append(re.sub(r"\s+", " ", body))
    return {name: tuple(body) for name, body in functions.items()}


def names_seen(path, program):
    """Function of the unstripped program -> names that the session gives it."""
    session = json.load(open(path))
    profile, known = session["profile"], symbols(program)
    starts = [start for start, _, _ in known]
    frames, lines, at, seen = profile["frames"], profile["lines"]["function"], 0, collections.defaultdict(set)
    base = os.path.basename(path).split(".")[0]
    for module, address, n_lines in zip(frames["module"], frames["address"], frames["n_lines"]):
        own = lines[at:at + n_lines]
        at += n_lines
        if not own or os.path.basename(profile["modules"][module].get("path") or "") != base:
            continue
        value = int(address, 16) if isinstance(address, str) else address
        place = bisect.bisect_right(starts, value) - 1
        if place >= 0 and value < known[place][1]:
            seen[known[place][2]].add(session["functions"][own[-1]]["name"])
    return seen


def main():
    least, a, program_a, b, program_b = float(sys.argv[1]), *sys.argv[2:6]
    seen_a, seen_b, code_a, code_b = names_seen(a, program_a), names_seen(b, program_b), code(program_a), code(program_b)
    both = [name for name in seen_a if name in seen_b and code_a.get(name) and code_a.get(name) == code_b.get(name)]
    stable = [name for name in both if seen_a[name] == seen_b[name] and len(seen_a[name]) == 1]
    share = 100 * len(stable) / len(both) if both else 0
    changed = len([name for name in seen_a if name in seen_b]) - len(both)
    print(f"{len(stable)} of {len(both)} functions with the same code in both builds have the same name, {share:.1f} % "
          f"({changed} seen in both have changed)")
    for name in both:
        if name not in stable:
            print("   ", name, sorted(seen_a[name]), sorted(seen_b[name]))
    return int(len(both) < MIN_FUNCTIONS or share < least)


if __name__ == "__main__":
    sys.exit(main())
