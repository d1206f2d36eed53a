# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 150
: >out
: >summary
status env -u GITHUB_TOKEN GITHUB_ACTIONS=true GITHUB_OUTPUT="$PWD/out" GITHUB_STEP_SUMMARY="$PWD/summary" GITHUB_REPOSITORY=o/r \
    GITHUB_SHA="$(printf '%040d' 1)" GITHUB_EVENT_NAME=schedule INPUT_FAIL-ON=critical INPUT_COMMENT-KEY= \
    rustscope ci -q --metric work --launches 1 --sample-rate 0 --baseline ./old --current ./new >log 2>&1
grep -E '^(severity|gate|exit-code|critical)=' out
grep -c '^::error ' log
grep -c 'gate failed' summary
# Paths of what was written, each between two lines that nobody can guess.
python3 - out <<'END'
import re, sys
text = open(sys.argv[1]).read()
for name in ("session", "report-json", "report-html", "report-markdown", "comment-id"):
    found = re.search(r"^%s<<(\S+)\n(.*?)\n?\1$" % name, text, re.M | re.S)
    print(name, found and found[2].split("/")[-1].strip())
END
