# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge 'r["changes"]["8"] = {"head": "'$NEXT_SHA'"}'
github push o/r
export GITHUB_SHA=$HEAD_SHA GITHUB_REF=refs/heads/topic
verdict ''
post verdict.json
comments
server set 'repositories|o/r|changes|8|head' "\"$HEAD_SHA\""
post verdict.json
server set 'repositories|o/r|changes' '{}'
post verdict.json --commit-status
done_well
