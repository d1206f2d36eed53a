# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
# The first workflow ran from 12:00 to 12:40; nobody had seen its result at 12:30.
forge 'c["head_repository"] = "fork/r"; c["labels"] = ["rustscope:accept"]
c["events"] = [{"label": "rustscope:accept", "action": "add", "by": "maintainer", "at": "2026-03-01T12:30:00Z"}]'
github workflow_run fork/r
sed -i 's/"run_started_at"/"updated_at": "2026-03-01T12:40:00Z", "run_started_at"/' "$GITHUB_EVENT_PATH"
verdict 'v["created_at"] = "2026-03-01T12:00:00Z"' # says the artifact; the server knows better
post verdict.json
comments
echo "-- once it was seen"
server set 'repositories|o/r|changes|7|events' \
    '[{"label": "rustscope:accept", "action": "add", "by": "maintainer", "at": "2026-03-01T12:50:00Z"}]'
post verdict.json
comments
done_well
