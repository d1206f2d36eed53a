# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
command -v objcopy >/dev/null || { echo "no objcopy is here" >&2; exit 77; }
compiled plain
bell=$(printf '\007')
escape=$(printf '\033')
hostile="$escape]0;owned$bell${escape}[31m</script><img src=x onerror=alert(1)>|\`x\`|&amp;$(printf '\342\200\256')"
objcopy --redefine-sym "slow_part=$hostile" plain app || { echo "objcopy cannot do it" >&2; exit 77; }
# The escapes and the change of direction, as bytes.
raw() { LC_ALL=C grep -c "[$bell$escape]\|$(printf '\342\200\256')" "$1"; }
status rustscope record -r 997 --no-inlines -o app.json -- ./app 2000 2>said
grep -c 'img src=x' said
raw said
value app.json 'any("\x1b]0;owned" in f["name"] or "img src" in f["name"] for f in d["functions"])'
complies app.json
status rustscope view app.json >text
grep -c 'img src=x' text
raw text
status rustscope view --html app.html app.json
raw app.html
grep -c '<img' app.html
# The page has its own scripts and no other end of one.
/usr/bin/python3 -c 'text = open("app.html").read(); print(text.count("<script") == text.count("</script"))'
