# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
compiled app
status rustscope record -r 997 -o app.json -- ./app 2000 2>said
grep -o 'slow_part$\|mix$' said | head -n 1
named app.json
cat >look.py <<'END_OF_LOOK'
import json, sys
d = json.load(open("app.json"))
profile, functions = d["profile"], {f["name"]: f for f in d["functions"]}
mine = [functions[name] for name in ("main", "slow_part", "quick_part", "mix")]
print([(f["line"], f["inline"], f["crate_kind"], f["file"].endswith("/parts.c")) for f in mine])
total = sum(profile["samples"]["weight_ns"])
print(0.7 < functions["slow_part"]["total_ns"] / total < 1, 0.02 < functions["quick_part"]["total_ns"] / total < 0.25)
# Where the samples of mix were, in lines of the source; and what called it there.
lines = profile["lines"]
index = d["functions"].index(functions["mix"])
at = {line for function, line in zip(lines["function"], lines["line"]) if function == index}
print(at <= set(range(int(sys.argv[1]), int(sys.argv[1]) + 6)), len(at) > 0)
diagnostics = d["sampling_diagnostics"]
n = diagnostics["n_raw_samples"]
print(diagnostics["n_by_source"]["dwarf"] / n > 0.7, diagnostics["n_symbolized_samples"] / n > 0.9)
print(sum(diagnostics["n_by_source"].values()) + sum(diagnostics["n_unnamed"].values()) == n)
END_OF_LOOK
/usr/bin/python3 look.py "$(line_of 'mix(unsigned long x')" >looked
sed "1s/($(line_of 'int main('),/(of main,/; 1s/($(line_of 'void slow_part'),/(of slow_part,/
    1s/($(line_of 'void quick_part'),/(of quick_part,/; 1s/($(line_of 'mix(unsigned'),/(of mix,/" looked
complies app.json
