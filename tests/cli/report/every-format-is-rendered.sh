# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
verdict=$FIXTURES/verdict/valid/complete/input.json
for format in text markdown html json junit codequality openmetrics annotations; do
    status rustscope report --format $format -o out.$format "$verdict"
    rustscope report --format $format "$verdict" | cmp - out.$format && [ -s out.$format ] && echo "$format: the same on stdout"
done
rustscope report "$verdict" | cmp - out.text && echo text is the default
/usr/bin/python3 - <<'END'
import json, xml.dom.minidom
xml.dom.minidom.parse("out.junit")
json.load(open("out.codequality"))
json.load(open("out.json"))
print("well-formed")
END
tail -n 1 out.openmetrics
