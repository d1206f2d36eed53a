# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge ''
gitlab
unset RUSTSCOPE_GITLAB_TOKEN
export CI_JOB_TOKEN=$TOKEN
verdict ''
post verdict.json --commit-status
post verdict.json --token-variable REVIEW_BOT --on-post-error fail
post verdict.json --comment never # there is nothing to write, but the label would be asked for
asked all
done_well
