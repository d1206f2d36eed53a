# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
command -v git >/dev/null || { echo "no git is here" >&2; exit 77; }
git init -q -b main .
git config user.name Maintainer
git config user.email maintainer@example.org
printf '.gitignore\n*.txt\n*.json\n' >.gitignore
commit() { git add -f -A . ':!verdict.json' ':!out.txt' ':!err.txt' && git commit -qm "$1" && git rev-parse HEAD; }
config() { printf 'version: 1\n%sbenchmarks:\n  - name: a\n    baseline: {command: "true"}\n    current: {command: "true"}\n' "$1" >rustscope.yml; }
config ''
strict=$(commit 'a gate')
config 'acceptance:
  file: perf/accepted.txt
'
BASE_SHA=$(commit 'a file may accept')
echo work >work
before=$(commit 'work')
mkdir perf
printf 'a better hash costs this once\n@everyone\n' >perf/accepted.txt
HEAD_SHA=$(commit 'accept it')
echo more >>work
next=$(commit 'more work')
forge ''
# What git is told by rustscope, for done_well: every variable of its environment.
mkdir "$TMPDIR/bin"
printf '#!/bin/sh\nenv >>"%s/env.txt"\nexec /usr/bin/git "$@"\n' "$PWD" >"$TMPDIR/bin/git"
chmod +x "$TMPDIR/bin/git"
# of HEAD [BASE]
of() {
    HEAD_SHA=$1 BASE_SHA=${2-$BASE_SHA}
    server set 'repositories|o/r|changes|7|head' "\"$HEAD_SHA\""
    github pull_request o/r
    export INPUT_TOKEN="$TOKEN"
    verdict ''
    (PATH=$TMPDIR/bin:$PATH && post verdict.json --accept-file perf/accepted.txt --accept-label '' --comment never --format json \
        -o accepted.json) | sed "s/$HEAD_SHA/HEAD/g; s/[0-9a-f]\{10\} *;/EARLIER;/"
    grep -o '"status": "[a-z]*"\|"how": "[^"]*"\|"by": "[^"]*"\|"reason": "a [^"]*"' accepted.json
}
right=$HEAD_SHA
echo "-- the head commit changes it"
of "$right"
echo "-- the next push is not waved through"
of "$next"
echo "-- without it"
of "$before"
echo "-- the base does not allow it"
of "$right" "$strict"
echo "-- the base is not there"
of "$right" 1111111111111111111111111111111111111111
echo "-- without the commits before it"
git clone -q --depth 1 "file://$PWD" shallow
cd shallow && git fetch -q --depth 1 origin "$right" && of "$right" "$BASE_SHA"
cd ..
grep -c '^GIT_TERMINAL_PROMPT=' env.txt | sed 's/^[1-9].*/git was asked/'
done_well
