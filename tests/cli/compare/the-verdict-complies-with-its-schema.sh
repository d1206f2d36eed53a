# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || { echo "python3-jsonschema is not installed" >&2; exit 77; }
worker old 100
worker new 130
collect old new
rustscope compare run.json -o verdict.json >log 2>&1
tree=$FIXTURES/..
"$tree/tests/lib/validate-json" "$tree/src/format/verdict.schema.json" verdict.json && echo verdict complies
"$tree/tests/lib/validate-json" "$tree/src/format/session.schema.json" run.json && echo session complies
