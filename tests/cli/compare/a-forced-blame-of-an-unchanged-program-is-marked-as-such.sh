# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
changed_repository
cp old same
printf x >>same # another file of the same code
status measured old same
need_trial_samples run.json
rustscope compare run.json --fail-on none -o plain.json >log 2>&1 || echo "status $?"
rustscope compare run.json --fail-on none --blame all -o all.json >log 2>&1 || echo "status $?"
# Once in twenty runs it may look slower by chance, and then nothing has to be forced.
slower='any(b["verdict"] == "regression" for b in d["benchmarks"])'
value all.json "[b['benchmark'] for b in d['blame_details'] if b['forced'] != ($slower)]"
value plain.json "len(d.get('blame_details', [])) == ($slower)"
# Whoever is listed has a probability, and a place.
value all.json 'all(0 <= b["p_adjusted"] <= 1 for b in d["blame"])'
verdict_complies plain.json all.json
