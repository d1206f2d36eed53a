# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge 's["repositories"]["other/r"] = s["repositories"].pop("o/r")'
github pull_request o/r
verdict ''
post verdict.json
GITHUB_TOKEN=wrong-token
post verdict.json
server stop
