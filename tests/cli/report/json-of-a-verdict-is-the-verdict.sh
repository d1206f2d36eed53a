# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
verdict=$FIXTURES/verdict/valid/unknown-keys-everywhere/input.json
rustscope report --format json -o one.json "$verdict"
rustscope report --format json -o two.json one.json
cmp one.json two.json && echo stable
/usr/bin/python3 - "$verdict" <<'END'
import json, sys
def keys(d):
    return {k for k in d} | {k for v in d.values() for k in keys(v)} if isinstance(d, dict) else \
        {k for v in d for k in keys(v)} if isinstance(d, list) else set()
print("lost:", sorted(keys(json.load(open(sys.argv[1]))) - keys(json.load(open("one.json")))))
END
