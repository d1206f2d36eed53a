# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
changed_repository
status measured old new
need_trial_samples run.json
status rustscope compare run.json -o verdict.json >log 2>&1
verdicts verdict.json
first='d["blame"][0]'
value verdict.json "[${first}[name] for name in ('function', 'file', 'line', 'crate', 'is_changed', 'benchmark')]"
value verdict.json "${first}['delta_ns'] > 0 and ${first}['p_adjusted'] < 0.02 and ${first}['share_of_slowdown_pct'] > 60"
value verdict.json '"render" in [b["function"] for b in d["blame"][:1]]'
grep -q '^work is slower.*critical' log && sed -n 's|.*in \(parse\) (.*: \(src.work.c\).*|\1 \2|p' log
# With a link to the line of that revision.
rustscope report --format markdown verdict.json >report.md
grep -c "https://github.com/owner/work/blob/$(git rev-parse HEAD)/src/work.c#L5" report.md
grep -c secret report.md run.json verdict.json
complies run.json
verdict_complies verdict.json

echo a diff of the same change, of another place, of another file, and none
git diff HEAD~1 >same.diff
sed 's/^@@ .* @@.*/@@ -17,7 +17,7 @@/' same.diff >elsewhere.diff
sed 's|src/work.c|src/other.c|' same.diff >other.diff
: >empty.diff
for file in same elsewhere other empty; do
    status rustscope compare run.json --diff $file.diff -o marked.json >log 2>&1
    value marked.json "[${first}['function'], ${first}['is_changed']]"
done
printf -- '--- a/src/work.c\n+++ b/src/work.c\n@@ -9,x +9 @@\n' >broken.diff
status rustscope compare run.json --diff broken.diff -o never.json
status rustscope compare run.json --diff missing.diff -o never.json
head -c 5000 /dev/zero >zeros.diff
status rustscope compare run.json --diff zeros.diff -o never.json
ls never.json 2>/dev/null

echo no blame
status rustscope compare run.json --blame none -o none.json >log 2>&1
value none.json '[d.get("blame", []), d.get("blame_details", [])]'
grep -c parse log
verdict_complies none.json
status rustscope compare run.json --blame some
