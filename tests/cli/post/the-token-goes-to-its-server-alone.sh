# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/forge.sh
. "$CASE_DIR/../forge.sh"
forge ''
github pull_request o/r
verdict ''
other=$(sed -n 's/^other //p' "$TMPDIR/server.out")
post verdict.json --api-url "$other/api/v3" | sed "s|$other|OTHER|g"
post verdict.json --api-url http://api.example/api/v3
post verdict.json --api-url https://user@api.example/api/v3
post verdict.json --api-url "ftp://127.0.0.1/api/v3" --allow-api-url
echo "-- the same server, and one that was allowed"
post verdict.json --api-url "$URL/any/sub/path/api/v3"
GITHUB_API_URL=https://api.github.com
post verdict.json --api-url "$URL/api/v3" --allow-api-url --comment-key allowed
echo "-- a server that sends us elsewhere"
GITHUB_API_URL=$URL/api/v3
server fault '{"request": "POST */issues/7/comments", "redirect": "other", "times": 9}'
post verdict.json --comment-key elsewhere | sed "s|$other|OTHER|g"
echo "-- a server that says the token back"
server fault '{"request": "GET */pulls/7", "status": 400, "body": {"message": "what is '"$TOKEN"'?"}, "times": 9}'
post verdict.json --comment-key echo
done_well
