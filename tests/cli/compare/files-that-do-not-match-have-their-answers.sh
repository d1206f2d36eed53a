# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
edit() { # FROM TO STATEMENT
    /usr/bin/python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
b = d["benchmarks"]
exec(sys.argv[3])
json.dump(d, open(sys.argv[2], "w"))' "$@"
}
judged() {
    rm -f verdict.json
    echo "$1:"
    shift
    status rustscope compare --allow-unpaired "$@" -o verdict.json >log
    verdicts verdict.json
}
worker old 100
rustscope bench-run -q -n 8 --metric work --name job --launches 1 -o base.json -- ./old
edit base.json other-name.json 'b[0]["name"] = "another"'
judged 'one new, one missing' base.json other-name.json
judged 'missing is to fail' --on-missing fail base.json other-name.json
judged 'new is to fail' --on-missing-baseline fail base.json other-name.json
edit base.json other-machine.json 'd["machine"]["fingerprint"] = "0" * 64'
judged 'another machine' base.json other-machine.json
edit base.json other-unit.json 'b[0]["trials"]["metrics"]["work"]["unit"] = "pieces"'
judged 'another unit' base.json other-unit.json
edit base.json negative.json 'b[0]["trials"]["metrics"]["work"]["values"][3] = -1'
judged 'a negative value' base.json negative.json
judged 'no variance, no change' base.json base.json
