# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
command -v gcc >/dev/null || { echo "no gcc is here" >&2; exit 77; }
revisions 100
printf '#include <stdio.h>\nint main(void)\n{\n    return puts(__FILE__) < 0;\n}\n' >app.c
echo 'about the app' >README.md
git add app.c README.md && git commit -qm 'an app in C'
echo 'more about it' >>README.md
echo '/* and more */' >>app.c
git commit -qam 'words alone'
status gate --metric wall --baseline-ref HEAD~1 --build 'gcc -g -o compiled app.c' -- ./compiled >log 2>&1
verdicts rustscope-out/verdict.json
value rustscope-out/session.json 'd["benchmarks"][0]["stop_reason"]'
