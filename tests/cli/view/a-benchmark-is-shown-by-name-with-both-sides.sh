# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
compiled old
compiled new -DN_STEPS=150000
compiled other -Dslow_part=other_part -Dquick_part=small_part
cat >rustscope.yml <<'END_OF_CONFIGURATION'
version: 1
launches: 1
seed: 7
benchmarks:
  - name: first
    baseline: {command: ./old 400}
    current: {command: ./new 400}
  - name: second
    baseline: {command: ./other 300}
    current: {command: ./old 300}
END_OF_CONFIGURATION
status rustscope bench-run -q -n 4 --allow-undecided --blame-samples 0 -c rustscope.yml -o run.json 2>said
value run.json '"samples" in d["benchmarks"][0]["trials"]' | grep -q True || { echo "no trial can be sampled here" >&2; exit 77; }
# Which functions are in the list and the tree; without a name, of the first benchmark.
functions() { grep -o '\(slow\|other\)_part$' "$1" | sort -u | tr '\n' ' '; echo "in $1"; }
rustscope view run.json >unnamed
rustscope view -b first run.json >of-first
rustscope view -b second run.json >of-second
functions of-first
functions of-second
cmp unnamed of-first && echo the first is taken
# A tree of two sides has a column for each.
tree of-first | head -n 1
status rustscope view -b second --html page.html run.json
grep -c 'other_part' page.html >count && [ "$(cat count)" -gt 0 ] && echo in the page
status rustscope view -b third run.json
complies run.json
