#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the files of the tree say. usage: text.py spdx|words|sizes TREE

spdx:  the first line of each C, TypeScript and Rust source names the licence (in a script the first after #!).
words: nothing in the tree leads to one machine or to a package registry; fixtures are recordings and excepted.
sizes: lists files above 600 and functions above 60 lines: each wants to be two things. A warning, exit status 0.
spdx and words print one line per violation and exit with status 1 if there is one."""
import os
import pathlib
import re
import sys

MAX_FILE_LINES, MAX_FUNCTION_LINES = 600, 60
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
PRUNED = {".git", "build", "node_modules", "target", "__pycache__", "fixtures", "corpus"}
FORBIDDEN = [
    (re.compile(r"(?<![\w.$}/-])/work/"), "an absolute path of one machine"),
    (re.compile(r"(?<![\w.$}/-])/(home|Users)/(?!runner\b|user\b|me\b|you\b)\w+/"), "an absolute path of one machine"),
    (re.compile(r"\b(registry\.(npmjs|yarnpkg)\.\w+|(files\.)?pythonhosted\.org|pypi\.org|(static|index)\.crates\.io(?!-)"
                r"|proxy\.golang\.org|[\w-]+\.pkg\.dev|repo1?\.maven\.\w+)\b"), "the host of a package registry"),
]


def files(tree):
    for directory, folders, names in os.walk(tree):
        folders[:] = sorted(set(folders) - PRUNED)
        for name in sorted(names):
            path = pathlib.Path(directory, name)
            if path.is_file() and not path.is_symlink() and name != ".git":
                yield path, path.relative_to(tree)


def lines_of(path):
    """None for what is not text."""
    data = path.read_bytes()
    if b"\0" in data:
        return None
    return data.decode("utf-8", "replace").splitlines()


def spdx_violations(tree):
    for path, relative in files(tree):
        lines = lines_of(path) or [""]
        if path.suffix in {".c", ".h", ".ts", ".rs"}:
            first = lines[0]
        elif lines[0].startswith("#!") and relative.parts[0] in {"tests", ".ci", "actions", "docker", "gitlab"}:
            first = lines[1] if len(lines) > 1 else ""
        else:
            continue
        if SPDX not in first:
            yield f"{relative}: the first line does not say {SPDX}"


def word_violations(tree):
    for path, relative in files(tree):
        if relative.parts[:2] == ("tests", "lint"):
            continue  # names them to find them
        for number, line in enumerate(lines_of(path) or [], 1):
            for pattern, what in FORBIDDEN:
                found = pattern.search(line)
                if found:
                    yield f"{relative}:{number}: {found.group(0)}: {what}"


def long_functions(lines):
    """A function's body stands between a { and a } in the first column."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start is not None:
            if number - start - 1 > MAX_FUNCTION_LINES:
                yield start, number - start - 1
            start = None


def size_warnings(tree):
    for path, relative in files(tree):
        if path.suffix not in {".c", ".h"}:
            continue
        lines = lines_of(path) or []
        if len(lines) > MAX_FILE_LINES:
            yield f"{relative}: {len(lines)} lines"
        for start, n_lines in long_functions(lines):
            yield f"{relative}:{start}: a function of {n_lines} lines"


def main():
    kind, tree = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    found = list({"spdx": spdx_violations, "words": word_violations, "sizes": size_warnings}[kind](tree))
    for line in found:
        print(line)
    return 1 if found and kind != "sizes" else 0


sys.exit(main())
