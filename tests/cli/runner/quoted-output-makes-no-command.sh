# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
# shellcheck source=tests/cli/hostile.sh
. "$CASE_DIR/../hostile.sh"
export GITHUB_ACTIONS=true
worker old 100
hostile new 3
status rustscope bench-run --baseline ./old --current ./new --metric work --launches 1 --name '##[error]::job' --seed 7 \
    -o run.json 2>log
status rustscope compare run.json -o verdict.json >compare.out 2>compare.err
echo "errors: $(commands log compare.out compare.err)"
grep -q "taken in a line" log && echo it was shown
for format in text markdown html junit codequality openmetrics json; do
    rustscope report --format $format verdict.json >printed
    echo "$format: $(commands printed)"
done
rustscope report --format json verdict.json >again.json
value again.json 'd == json.load(open("verdict.json"))'
echo "annotations: $(rustscope report --format annotations verdict.json >printed && commands printed | cut -d'|' -f1,2)"
printf 'gate:\n  threshold: ten\n  "::error::x\\n##[error]y": 1\n' >rustscope.yml
status rustscope bench-run -c rustscope.yml 2>log
status rustscope compare '
::error::taken##[error]' 2>>log
status rustscope '##[error]x' 2>>log
echo "usage: $(commands log)"
