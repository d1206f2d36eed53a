#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds a program with about 300 MB of debug information, of C++ templates: three units, two by gcc and one by clang,
# are compiled with -O2 -g to assembler text, and that is assembled again and again with another namespace of the same
# length in every name. So types, functions and strings of all units differ, as they do in a large program, and it takes
# two minutes of two processors instead of half an hour. What the units share are instantiations of std:: alone, which
# the linker throws away but for one and leaves the entries of at dead addresses, as it does in every program.
# usage: tests/bench/large-program.sh OUTPUT [COPIES]     (kept where it is there already)
set -eu
output=$(realpath -m "$1") n_copies=${2:-16}
[ ! -s "$output" ] || exit 0
work=$(mktemp -d "$(dirname "$output")/large.XXXXXX")
trap 'rm -rf "$work"' EXIT

cat >"$work/unit.h" <<'CPP'
#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>
namespace NS {
template <int N> struct Key {
    int a;
    long b;
    std::string s;
    bool operator<(const Key &o) const { return a < o.a || (a == o.a && s < o.s); }
};
template <int N> long work(long n)
{
    std::map<Key<N>, std::vector<Key<N>>> m;
    std::unordered_map<std::string, std::unique_ptr<Key<N>>> u;
    std::vector<Key<N>> v;
    for (long i = 0; i < n; i++) {
        Key<N> k{(int)(i * N % 17), i, std::to_string(i)};
        m[k].push_back(k);
        u[k.s] = std::make_unique<Key<N>>(k);
        v.push_back(std::move(k));
    }
    std::sort(v.begin(), v.end());
    std::stable_sort(v.begin(), v.end(), [](const Key<N> &x, const Key<N> &y) { return x.b * N < y.b; });
    v.erase(std::remove_if(v.begin(), v.end(), [n](const Key<N> &x) { return x.b == n - N; }), v.end());
    return std::accumulate(v.begin(), v.end(), 0L, [&](long s, const Key<N> &x) {
        return s + x.a + (long)m[x].size() + (long)u.count(x.s);
    });
}
}
CPP

unit() { # namespace first last
    echo '#include "unit.h"'
    echo 'namespace NS { long run(long n) { long s = 0;'
    for ((i = $2; i <= $3; i++)); do echo "s += work<$i>(n);"; done
    echo 'return s; } }'
}
unit uA000 1 12 >"$work/A.cc"
unit uC000 13 24 >"$work/C.cc"
cp "$work/A.cc" "$work/B.cc"
cd "$work"
clang='clang++'
command -v clang++ >/dev/null || clang=g++
compile() { "$2" -O2 -g -DNS="u${1}000" -S "$1.cc" -o "$1.s"; }
compile B $clang &
compile A g++ && compile C g++
wait $!

one() { # A 7: assembles the unit with a number of its own
    local name
    name=$(printf 'u%s%03d' "$1" "$2")
    # the assembler of binutils does not know two directives of clang that do not matter here
    sed -e "s/u${1}000/$name/g" -e '/^[[:space:]]*\.addrsig/d' -e "s/\"$1\.cc\"/\"$name.cc\"/" "$1.s" | as -o "$name.o" -
}
export -f one
# shellcheck disable=SC2016 # for the inner shell
for ((i = 1; i <= n_copies; i++)); do printf '%s\n' "A $i" "B $i" "C $i"; done |
    xargs -r -P 2 -L 1 bash -c 'one "$1" "$2"' _
{
    for object in u*.o; do echo "namespace ${object%.o} { long run(long); }"; done
    echo 'int main(int n, char **) { long s = 0;'
    for object in u*.o; do echo "s += ${object%.o}::run(n);"; done
    echo 'return s == 1; }'
} >main.cc
g++ -g -o program main.cc u*.o
mv program "$output"
