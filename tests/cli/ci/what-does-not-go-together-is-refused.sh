# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
unset GITHUB_ACTIONS GITLAB_CI
: >base.json
status rustscope ci --command ./a -- ./b 2>&1
status rustscope ci --baseline-file base.json --current ./a --build make 2>&1
status rustscope ci --baseline ./a --current ./b -c rustscope.yml 2>&1
status rustscope ci -c rustscope.yml -- ./a 2>&1
status rustscope ci -c rustscope.yml --working-directory sub 2>&1
status rustscope ci --results out 2>&1
