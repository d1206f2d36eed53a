# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
compiled app
rustscope record -r 997 -o app.json -- ./app 2000 2>err || echo "status $?"
status rustscope view app.json >text 2>err
cat err
sed -n 1p text
grep -o 'samples have a name' text
# mix has nearly all of the own time; in the tree callers stand above what they call.
sed -n 2p text | grep -o ' mix$'
tree text | grep -o ' all$\| main$\| slow_part$' | head -n 3
rustscope view -n 1 app.json | sed -n '/crate  function/,/^$/p' | grep -c '%  '
rustscope view --min 50 app.json >large
tree large | grep -c ' quick_part$'
tree large | grep -c ' slow_part$'
status rustscope view --html app.html app.json
/usr/bin/python3 - <<'END_OF_LOOK'
import html.parser
text = open("app.html").read()
print([word in text for word in ("slow_part", "quick_part", "recording")], text.lstrip()[:15].lower())
class Loads(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs):
        for name, what in attrs:
            if name in ("src", "href") and what and not what.startswith(("#", "data:")):
                print(tag, name, what)
Loads().feed(text)
END_OF_LOOK
rustscope view --html - app.json >other.html
cmp app.html other.html && echo the same
