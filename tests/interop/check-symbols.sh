#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Functions and lines at thousands of addresses, as we tell them, beside what addr2line, llvm-symbolizer and gdb tell of
# the same addresses of the same files: chains of inlined functions are compared whole, function by function in mangled
# names, and file and line of every one of them. The tools differ among themselves: counted is at how many addresses we
# say what at least one of them says; the rest is printed. What differs is for the most part known:
# - llvm-symbolizer takes the name of the outermost function from the symbol table, where the linker's alias may be another
#   (__GI_fopen, or one of several functions that were found to be the same code), and addr2line does where DWARF has no
#   mangled name: gcc writes none for instantiations over a local type, such as a lambda's;
# - addr2line of binutils 2.40 takes some files of DWARF 5 for others (the main file, where a table has it twice), and
#   calls some inlined functions that have no mangled name after the function around them;
# - gdb tells lines of the innermost function alone, keeps no line where the next instruction begins a statement, and
#   demangles what it tells of C++.
# Files and tools that are not there are skipped.
# usage: tests/interop/check-symbols.sh [ADDRESSES]      (BUILD: build/release)
set -u
n_addresses=${1:-2000}
here=$(cd "$(dirname "$0")/../.." && pwd)
build=${BUILD:-$here/build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bench=$build/tests/bench/bench_symbols
[ -x "$bench" ] || make -C "$here" --no-print-directory MODE="$(basename "$build")" "${bench#"$here/"}" >"$work/log" 2>&1 ||
    { tail -3 "$work/log" && exit 1; }

n_tools=0
for tool in addr2line llvm-symbolizer gdb; do
    if command -v $tool >/dev/null; then n_tools=$((n_tools + 1)); else echo "SKIP: no $tool to ask"; fi
done
[ $n_tools -gt 0 ] || exit 77

cat >"$work/gdb.py" <<'PYTHON'
# Chains by gdb's own reading of the file: the blocks around an address, and the line table.
import gdb
with open("addresses") as addresses, open("gdb.out", "w") as out:
    for text in addresses:
        pc = int(text, 16)
        out.write(f"{pc:#x}\n")
        place = gdb.find_pc_line(pc)
        at = (place.symtab.fullname() if place.symtab else "", place.line)
        block = gdb.block_for_pc(pc)
        while block is not None and block.function is None and block.superblock is not None:
            block = block.superblock
        while block is not None and block.function is not None:
            out.write(f"{block.function.linkage_name}\t{at[0]}:{at[1]}\n")
            at = ("", 0)  # gdb's Python does not tell lines of inlined calls
            block = block.superblock
            while block is not None and block.function is None:
                block = block.superblock
PYTHON

cat >"$work/compare.py" <<'PYTHON'
# usage: compare.py LABEL LEAST_PCT.  Prints "ok" or "not ok" with shares, then what differs from every tool.
import posixpath, re, sys

label, least = sys.argv[1], float(sys.argv[2])


def place(text):
    text = re.sub(r" \(discriminator \d+\)", "", text)
    match = re.match(r"(.*?):(\d+|\?)(?::\d+)?$", text)
    path, line = match.groups() if match else (text, "0")
    path = "" if path.startswith("??") else posixpath.normpath(path) if path else ""
    return path, 0 if line == "?" else int(line)


def name_of(name):
    # The outermost function is called by the symbol table in llvm-symbolizer: with what the compiler puts behind names
    # of parts and of copies of functions. Without a mangled name, tools put different scopes before the name.
    name = re.sub(r"(\.(part|constprop|isra|cold|llvm|lto_priv|localalias)(\.\d+)*)+$", "", name)
    if name.startswith(("_Z", "_R")):
        return name
    depth = begin = 0
    for i, c in enumerate(name):  # the last part, seen from outside of all <> and ()
        depth += (c in "<(") - (c in ">)")
        if depth == 0 and name.startswith("::", i):
            begin = i + 2
    return re.sub(r"(?<!operator)[<(].*", "", name[begin:])


def ours():
    chains, at = {}, None
    for line in open("ours.out"):
        fields = line.rstrip("\n").split("\t")
        if len(fields) == 1:
            at = chains.setdefault(int(fields[0], 16), [])
        else:
            at.append((name_of(fields[1] or fields[2]), *place(fields[3])))
    return chains


def binutils(path):
    chains, at, name = {}, None, None
    for line in open(path, errors="replace"):
        line = line.rstrip("\n")
        if re.fullmatch(r"0x[0-9a-f]+", line):
            at, name = chains.setdefault(int(line, 16), []), None
        elif line and name is None:
            name = line
        elif line:
            at.append((name_of(name), *place(line)))
            name = None
    return chains


def gdb(path):
    chains, at = {}, None
    for line in open(path, errors="replace"):
        fields = line.rstrip("\n").split("\t")
        if len(fields) == 1:
            at = chains.setdefault(int(fields[0], 16), [])
        else:
            at.append((name_of(fields[0]), *place(fields[1])))
    return chains


def names(chain):
    return [entry[0] for entry in chain]


def lines(chain):
    return [(posixpath.basename(path), line) for _, path, line in chain]


mine, tools = ours(), {}
for tool, read in (("addr2line", binutils), ("llvm-symbolizer", binutils), ("gdb", gdb)):
    try:
        tools[tool] = read(tool + ".out")
    except FileNotFoundError:
        pass
n, shares, lonely = len(mine), {t: [0, 0] for t in tools}, []
n_names = n_lines = n_most = 0
for address, chain in mine.items():
    by_name = by_line = 0
    n_say_line = 0
    for tool, chains in tools.items():
        other = chains.get(address, [])
        has_names = names(other) == names(chain)
        if tool == "gdb":  # tells the innermost line alone
            has_lines = lines(other)[:1] == lines(chain)[:1] or chain[0][2] == 0
        else:
            has_lines = lines(other) == lines(chain)
        by_name += has_names
        by_line += has_lines
        shares[tool][0] += has_names
        shares[tool][1] += has_lines
    n_names += by_name > 0
    n_lines += by_line > 0
    n_most += by_name * 2 > len(tools) and by_line * 2 > len(tools)
    if not (by_name and by_line):
        lonely.append(address)
pct = lambda part: 100 * part / n if n else 0
reached = n > 0 and pct(n_names) >= least and pct(n_lines) >= least
print(f"{'ok' if reached else 'not ok'} {label}: {n} addresses, {sum(len(c) for c in mine.values()) / max(n, 1):.2f} functions each; "
      f"chains as one tool at least {pct(n_names):.2f} %, lines {pct(n_lines):.2f} %; as most tools {pct(n_most):.2f} %")
print("    " + ", ".join(f"{t} {pct(a):.2f} % chains {pct(b):.2f} % lines" for t, (a, b) in shares.items()))
for address in lonely[:3]:
    print(f"    {address:#x}")
    for who, chains in (("ours", mine), *tools.items()):
        print(f"      {who}: " + " <- ".join(f"{a} {b}:{c}" for a, b, c in chains.get(address, [])))
PYTHON

n_failed=0
look() { # label least-pct file
    local label=$1 least=$2 file=$3
    if ! "$bench" --pick "$n_addresses" "$file" >"$work/addresses" 2>/dev/null || [ ! -s "$work/addresses" ]; then
        echo "SKIP: $label: no DWARF"
        return
    fi
    rm -f "$work"/*.out
    "$bench" --chains "$file" <"$work/addresses" >"$work/ours.out" || { echo "not ok $label: chains" && n_failed=$((n_failed + 1)) && return; }
    ! command -v addr2line >/dev/null || timeout 120 addr2line -aif -e "$file" <"$work/addresses" >"$work/addr2line.out" || rm -f "$work/addr2line.out"
    ! command -v llvm-symbolizer >/dev/null ||
        timeout 120 llvm-symbolizer --addresses --no-demangle --output-style=GNU -i -f -e "$file" <"$work/addresses" \
            >"$work/llvm-symbolizer.out" 2>/dev/null || rm -f "$work/llvm-symbolizer.out"
    ! command -v gdb >/dev/null ||
        (cd "$work" && timeout 120 gdb -nx -batch -iex 'set auto-load off' -iex 'set debuginfod enabled off' -x gdb.py "$file" >/dev/null 2>&1) ||
        rm -f "$work/gdb.out"
    (cd "$work" && /usr/bin/python3 compare.py "$label" "$least") >"$work/verdict"
    cat "$work/verdict"
    ! grep -q '^not ok' "$work/verdict" || n_failed=$((n_failed + 1))
}

if [ "$(basename "$build")" = asan ] || [ "$(basename "$build")" = tsan ]; then
    n_addresses=300
fi
look 'rustscope itself (gcc, C)' 99.5 "$build/rustscope"
if command -v rustc >/dev/null; then
    for source in "$here"/tests/programs/*.rs; do
        program=$work/$(basename "${source%.rs}")
        if MAKEFLAGS='' rustc --edition 2021 -O -g -o "$program" "$source" >"$work/log" 2>&1; then
            look "$(basename "$source") (rustc -O -g)" 99 "$program"
        else
            echo "SKIP: $(basename "$source"): rustc cannot"
        fi
    done
    if MAKEFLAGS='' rustc --edition 2021 -O -g -o "$work/logstat" "$here/examples/logstat/src/main.rs" >"$work/log" 2>&1; then
        look 'examples/logstat (rustc -O -g)' 99 "$work/logstat"
    else
        echo "SKIP: examples/logstat: rustc cannot"
    fi
else
    echo "SKIP: no rustc"
fi
for compiler in g++ clang++; do
    if command -v $compiler >/dev/null; then
        cat >"$work/sorts.cc" <<'CPP'
#include <algorithm>
#include <map>
#include <string>
#include <vector>
int main(int n, char **v)
{
    std::map<std::string, std::vector<int>> m;
    for (int i = 0; i < n * 100; i++) m[std::to_string(i % 7) + v[0]].push_back(i * 7919 % 101);
    for (auto &e : m) std::sort(e.second.begin(), e.second.end(), [](int a, int b) { return a > b; });
    return m.begin()->second[0] == 3;
}
CPP
        for version in 4 5; do
            $compiler -O2 -gdwarf-$version -o "$work/sorts" "$work/sorts.cc" 2>"$work/log" &&
                look "C++ templates ($compiler, DWARF $version)" 99 "$work/sorts"
        done
    else
        echo "SKIP: no $compiler"
    fi
done
if command -v cargo >/dev/null; then
    look 'cargo' 99 "$(rustup which cargo 2>/dev/null || command -v cargo)"
else
    echo "SKIP: no cargo"
fi
libc=$(readlink -f /lib/x86_64-linux-gnu/libc.so.6)
build_id=$(readelf -n "$libc" 2>/dev/null | awk '/Build ID/ { print $3 }')
debug=/usr/lib/debug/.build-id/${build_id:0:2}/${build_id:2}.debug
if [ -n "$build_id" ] && [ -r "$debug" ]; then
    look 'libc.so.6 (libc6-dbg)' 99 "$debug"
else
    echo "SKIP: no debug file of the C library (libc6-dbg)"
fi
[ $n_failed = 0 ]
