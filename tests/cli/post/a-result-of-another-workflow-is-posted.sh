# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
# Nobody tells the number: the commit has one open change. The label was set after the first workflow began.
forge 'c["head_repository"] = "fork/r"; c["labels"] = ["rustscope:accept"]
c["events"] = [{"label": "rustscope:accept", "action": "add", "by": "maintainer", "at": "2026-03-01T12:30:00Z"}]'
github workflow_run fork/r
verdict 'v["created_at"] = "2099-01-01T00:00:00Z"' # says the artifact; the server knows better
post verdict.json
comments
done_well
