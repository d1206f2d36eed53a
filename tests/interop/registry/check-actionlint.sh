#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The example workflows through today's actionlint, built from its Go module: it knows today's runners, runs shellcheck on what
# they run, and, since our actions lie beside them here, checks the inputs they are given and the outputs that are read.
# shellcheck disable=SC2317 # functions are called through claim
set -u -o pipefail
cd "$(dirname "$0")/../../.." || exit 2
actionlint=$PWD/build/interop/actionlint-1.7.12
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/claim.sh
. tests/lib/claim.sh
if [ ! -x "$actionlint" ]; then
    command -v go >/dev/null || { echo "SKIP: actionlint is built by Go, and there is none" && exit 77; }
    GOBIN=$work/bin timeout 900 go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 >"$work/go.log" 2>&1 ||
        { echo "SKIP: actionlint cannot be built here: $(tail -n 1 "$work/go.log")" && exit 77; }
    mkdir -p "${actionlint%/*}" && mv "$work/bin/actionlint" "$actionlint"
fi

tree=$work/tree
workflows=$tree/.github/workflows
mkdir -p "$workflows" && git init -q "$tree" && cp -r actions "$tree/"
for file in examples/workflows/github/*.yml; do
    sed -E 's,OWNER/rustscope/(actions/[a-z]+)@.*,./\1,' "$file" >"$workflows/${file##*/}"
done
check() { (cd "$tree" && "$actionlint" -no-color); }
finds() { # file sed-expression text
    cp "$workflows/$1" "$work/kept" && sed -Ei "$2" "$workflows/$1"
    local output
    output=$(check)
    cp "$work/kept" "$workflows/$1"
    grep -F -e "$3" <<<"$output" || { echo "$output" && return 1; }
}
claim the_workflows_are_what_actionlint_takes check
claim an_unknown_input_is_found finds docker-action.yml 's/ baseline: / basline: /' 'input "basline" is not defined'
claim an_unknown_output_is_found finds docker-action.yml 's/outputs\.gate/outputs.gat/' 'property "gat" is not defined'
exit $failed
