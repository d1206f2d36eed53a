#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may include what. usage: includes.py floors|rooms TREE

floors: an include points to its own directory or to a lower floor, never up, never sideways; stats/ includes itself alone.
rooms:  each library is used by the directories that are named for it, and by no other.
Prints one line per violation; exit status 1 if there is one. Tests may include everything."""
import pathlib
import re
import sys

FLOORS = {
    "src/cmd": 4,
    "src/report": 3, "src/format": 3, "src/remote": 3, "src/trial": 3, "src/serve": 3,
    "src/capture": 2, "src/symbol": 2, "src/analyze": 2,
    "src/elf": 1, "src/model": 1, "stats": 1,
    "src/base": 0,
}
MAIN_FLOOR = 5  # src/main.c alone

# (what the header's name begins with, the rooms of that library)
ROOMS = [
    ("gsl/", {"stats"}),
    ("jansson", {"src/format", "src/report", "src/remote"}),
    ("yaml.h", {"src/trial"}),
    ("curl/", {"src/remote"}),
    ("elfutils/debuginfod.h", {"src/symbol"}),
    ("elfutils/", {"src/elf", "src/symbol", "src/capture"}),
    ("libelf.h", {"src/elf", "src/symbol", "src/capture"}),
    ("gelf.h", {"src/elf", "src/symbol", "src/capture"}),
    ("dwarf.h", {"src/elf", "src/symbol", "src/capture"}),
    ("libunwind", {"src/capture"}),
    ("protobuf-c/", {"src/format", "src/remote"}),
    ("zlib.h", {"src/format", "src/remote"}),
    ("lzma.h", {"src/symbol"}),
    ("libiberty/", {"src/symbol"}),
    ("demangle.h", {"src/symbol"}),
    ("Zydis/", {"src/symbol"}),
    ("microhttpd.h", {"src/serve"}),
]
# Ground floor everywhere: GLib and what the C library and the kernel bring. stats/ gets no other.
STATS_MAY_USE = re.compile(r"(glib|gio|gsl/|(sys/)?[a-z0-9_]+\.h$)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def sources(tree):
    for top in ("src", "stats"):
        for path in sorted((tree / top).rglob("*.[ch]")):
            yield path, path.relative_to(tree)


def room_of(relative):
    """The directory of the floor map that a file of the tree lies in; its deepest folders belong to it too."""
    parts = relative.parts
    return parts[0] if parts[0] == "stats" else "/".join(parts[:2])


def floor_of(room):
    return MAIN_FLOOR if room == "src/main.c" else FLOORS.get(room)


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1), found.group(2)


def target_room(tree, path, name):
    """The room that an include with quotes leads to; None when there is no such file."""
    for base in (path.parent, tree / "src", tree):
        target = (base / name).resolve()
        if target.is_file() and target.is_relative_to(tree):
            return room_of(target.relative_to(tree))
    return None


def floor_violations(tree):
    for path, relative in sources(tree):
        room = room_of(relative)
        floor = floor_of(room)
        if floor is None:
            yield f"{relative}: {room} is on no floor; the map is in tests/lint/includes.py"
            continue
        for number, quote, name in includes(path):
            where = f"{relative}:{number}: {name}"
            if quote == "<":
                if room == "stats" and not STATS_MAY_USE.match(name):
                    yield f"{where}: stats/ knows GSL and GLib only"
                continue
            if name.endswith(".pb-c.h"):  # generated under build/
                continue
            other = target_room(tree, path, name)
            if other is None:
                yield f"{where}: no such file in the tree"
            elif other == room:
                continue
            elif room == "stats":
                yield f"{where}: stats/ includes itself only"
            elif floor_of(other) is None:
                yield f"{where}: {other} is on no floor"
            elif floor_of(other) == floor:
                yield f"{where}: sideways, {room} and {other} are both on floor {floor}"
            elif floor_of(other) > floor:
                yield f"{where}: up, from floor {floor} to floor {floor_of(other)}"


def room_violations(tree):
    for path, relative in sources(tree):
        room = room_of(relative)
        for number, _, name in includes(path):
            allowed = next((rooms for prefix, rooms in ROOMS if name.startswith(prefix)), None)
            if allowed is not None and room not in allowed:
                yield f"{relative}:{number}: {name} belongs to {', '.join(sorted(allowed))}"


def main():
    kind, tree = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    violations = list({"floors": floor_violations, "rooms": room_violations}[kind](tree))
    for violation in violations:
        print(violation)
    return 1 if violations else 0


sys.exit(main())
