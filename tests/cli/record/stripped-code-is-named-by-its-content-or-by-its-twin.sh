# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
compiled whole
strip -o app whole
mkdir twins && mv whole twins/any-name
status rustscope record -r 997 -o app.json -- ./app 1000 2>said
named app.json
synthetic='{(f["name"], f["source"]) for f in d["functions"] if d["profile"]["modules"][f["module"]]["path"].endswith("/app") and f["total_ns"] > 3e7}'
value app.json "{source for name, source in $synthetic}, len($synthetic) >= 2"
value app.json 'd["sampling_diagnostics"]["n_by_source"]["unwind"] > 0.7 * d["sampling_diagnostics"]["n_raw_samples"]'
# The same code has the same name, wherever it lies.
cp -r app copy
status rustscope record -r 997 -o copy.json -- ./copy 1000 2>said
value app.json "$synthetic" >one
sed -i 's|/app|/copy|' one
value copy.json "$(echo "$synthetic" | sed 's|/app|/copy|')" >other
/usr/bin/python3 -c 'one, other = (eval(open(name).read()) for name in ("one", "other")); print(len(one & other) >= 2)'
status rustscope record -r 997 --symbols twins -o named.json -- ./app 1000 2>said
named named.json
value named.json '{f["line"] for f in d["functions"] if f["name"] == "slow_part"} == {'"$(line_of 'void slow_part')"'}'
complies app.json named.json
