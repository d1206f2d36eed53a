# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge ''
github pull_request o/r
verdict ''
post verdict.json --dry-run --check-run --commit-status | grep -v external_id | cut -c 1-120 # it is drawn; the bodies are reports
asked changes
unset GITHUB_TOKEN
post verdict.json --dry-run --comment-key other | grep -v '"body"'
echo "-- asked for:"
asked all
done_well
