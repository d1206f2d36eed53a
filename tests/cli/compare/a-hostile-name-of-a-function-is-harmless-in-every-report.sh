# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
command -v objcopy >/dev/null || { echo "no objcopy is here" >&2; exit 77; }
changed_repository
bell=$(printf '\007')
escape=$(printf '\033')
hostile="$escape]0;owned$bell</script><img src=x onerror=alert(1)>|\`x\`[y](javascript:z)
::error::injected$(printf '\342\200\256')"
for program in old new; do
    objcopy --redefine-sym "parse=$hostile" $program || { echo "objcopy cannot do it" >&2; exit 77; }
done
status measured old new --no-inlines
need_trial_samples run.json
status rustscope compare run.json -o verdict.json >text 2>err
value verdict.json '"img src" in d["blame"][0]["function"]'
verdict_complies verdict.json
for format in markdown html annotations codequality junit openmetrics; do
    rustscope report --format "$format" verdict.json >"as-$format" 2>>err || echo "$format: status $?"
done
for report in text err as-markdown as-html as-annotations as-codequality as-junit as-openmetrics; do
    LC_ALL=C grep -c "[$bell$escape]\|$(printf '\342\200\256')" $report | sed "s/^/raw in $report: /" | grep -v ': 0'
    grep -c '^::error::injected' $report | sed "s/^/commands in $report: /" | grep -v ': 0'
done
grep -c '<img' as-html as-junit
grep -c '<img\|](javascript' as-markdown
grep -q '&#60;img src' as-markdown && echo it is there, as text
/usr/bin/python3 - <<'END_OF_LOOK'
import json, xml.dom.minidom
json.load(open("as-codequality"))
xml.dom.minidom.parse("as-junit")
text = open("as-html").read()
print(text.count("<script") == text.count("</script"))
END_OF_LOOK
