#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the README's console blocks in order, as a reader would, and compares each exit status with the one they show; then the
# configuration it shows, and the links it makes.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

verdict() { # NAME STATUS WANTED
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1: exit status $2, the README shows $3" >&2
    fi
}

cd "$scratch"
mkdir old new
# The reader's program: it counts its work as a metric would, by burning CPU time; the new one does it twice.
for side in old new; do
    n=60000
    [ "$side" = old ] || n=150000
    # shellcheck disable=SC2016 # the variables are the written script's
    printf '#!/bin/sh\ni=0\nwhile [ $i -lt %s ]; do i=$((i + 1)); done\n' "$n" >"$side/app"
    chmod +x "$side/app"
done
echo input >input.txt

awk '/^```console/ { on = 1; next } /^```/ { if (on && cmd != "") print status "\t" cmd; cmd = ""; on = 0 }
     on && /^\$ / { if (cmd != "") print status "\t" cmd; cmd = substr($0, 3); status = 0 }
     on && /^# exit status / { status = $4 }' "$root/README.md" >commands
while IFS="$(printf '\t')" read -r wanted command; do
    status=0
    sh -c "$command" >out 2>err </dev/null || status=$?
    verdict "$command" "$status" "$wanted"
    [ "$status" = "$wanted" ] || cat out err >&2
done <commands
verdict "there are console blocks" "$([ "$(wc -l <commands)" -ge 5 ]; echo $?)" 0
for file in verdict.json comment.md report.html widgets/junit.xml widgets/metrics.txt; do
    verdict "$file is written" "$([ -s "$file" ]; echo $?)" 0
done

mkdir base
# Of the blocks of YAML the one with benchmarks; the others are for pipelines.
awk '/^```yaml/ { on = 1; text = ""; next } /^```/ { if (on && text ~ /\nbenchmarks:/) printf "%s", text; on = 0 }
    on { text = text $0 "\n" }' "$root/README.md" >rustscope.yml
status=0
rustscope bench-run -c rustscope.yml --filter 'no such name' 2>err || status=$?
verdict "the configuration is read" "$status" 2
verdict "and its benchmarks are known" "$(grep -q 'parse-small' err; echo $?)" 0

sed -n 's/.*](\([^)#:]*\)).*/\1/p' "$root/README.md" | sort -u >links
while read -r link; do
    verdict "link $link" "$([ -e "$root/$link" ]; echo $?)" 0
done <links
for command in $(rustscope help --format fish | sed -n 's/.*__fish_use_subcommand -f -a \([a-z-]*\) .*/\1/p'); do
    verdict "command $command is in the README" "$(grep -q "^| .$command" "$root/README.md"; echo $?)" 0
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
