# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
unset GITHUB_ACTIONS GITLAB_CI
if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
    echo "root alone can be root in somebody's folder" >&2
    exit 77
fi
worker old 100
worker new 100
mkdir workspace && chown 65534:65534 workspace
(cd workspace && rustscope ci -q --baseline ../old --current ../new --metric work --launches 1 --sample-rate 0 >/dev/null 2>&1)
stat -c '%n %u' workspace/rustscope-out workspace/rustscope-out/verdict.json
cd workspace && setpriv --reuid 65534 --regid 65534 --clear-groups rm -r rustscope-out && ls
