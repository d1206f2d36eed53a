# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
unset GITHUB_ACTIONS GITLAB_CI
worker old 100
worker new 150
status gate --baseline ./old --current ./new >log 2>&1
verdicts rustscope-out/verdict.json
status gate --baseline ./old --current ./new --fail-on none >log 2>&1
value rustscope-out/verdict.json 'd["gate"]["status"], d["gate"]["would_be"]'
status gate --baseline ./old --current ./new --build make 2>&1
