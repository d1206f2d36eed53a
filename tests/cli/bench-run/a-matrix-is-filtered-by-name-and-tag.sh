# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
matrix
names() { value "$1" '[b["name"] for b in d["benchmarks"]]'; }
status rustscope bench-run -q -c rustscope.yml -o all.json
names all.json
status rustscope bench-run -q -c rustscope.yml -o filtered.json --filter 'parse-*'
names filtered.json
status rustscope bench-run -q -c rustscope.yml -o tagged.json --tag slow
names tagged.json
status rustscope bench-run -q -c rustscope.yml -o none.json --filter nothing
value filtered.json '"family of " + str(d["gate"]["n_family"])'
status rustscope compare all.json -o verdict.json >log
verdicts verdict.json
