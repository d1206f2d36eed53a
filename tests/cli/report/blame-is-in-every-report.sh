# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
/usr/bin/python3 - "$FIXTURES/verdict/valid" <<'END'
import json, sys
verdict = json.load(open(sys.argv[1] + "/complete/input.json"))
blamed = json.load(open(sys.argv[1] + "/blame/input.json"))
verdict["blame"], verdict["blame_details"] = blamed["blame"], blamed["blame_details"]
verdict["revisions"]["current"]["repository"] = "https://github.com/owner/logstat"
json.dump(verdict, open("verdict.json", "w"))
END
rustscope report verdict.json | sed -n '/^blame/,/^  By crate/p'
rustscope report --format markdown verdict.json | grep '^| `logstat'
rustscope report --format html verdict.json | grep -c 'class="flame"'
rustscope report --format annotations verdict.json | grep -o 'file=.*,line=[0-9]*'
rustscope report --format codequality verdict.json | grep -A 4 src/parse.rs
rustscope report --format json verdict.json | /usr/bin/python3 -c 'import json, sys; print(len(json.load(sys.stdin)["blame"]))'
