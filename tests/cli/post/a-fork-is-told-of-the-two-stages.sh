# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge 's["tokens"]["'$TOKEN'"]["may"] = ["read"]; c["head_repository"] = "fork/r"'
github pull_request fork/r
verdict ''
post verdict.json
post verdict.json --comment never --check-run --commit-status --on-post-error fail
github pull_request o/r
echo "not from a fork:"
post verdict.json
done_well
