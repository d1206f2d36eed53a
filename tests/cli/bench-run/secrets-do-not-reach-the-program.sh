# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck disable=SC2016
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
export GITHUB_TOKEN=geheim CI_JOB_TOKEN=geheim DB_PASSWORD=geheim MY_API_KEY=geheim PLAIN=visible REGISTRY=https://me:geheim@host/
printf '#!/bin/sh\nenv >"$PWD/seen"\n' >program
chmod +x program
status rustscope bench-run -q -n 2 -o run.json -- ./program
grep -c geheim seen
grep PLAIN seen
status rustscope bench-run -q -n 2 --pass-env GITHUB_TOKEN,DB_PASSWORD --env ADDED=one --env PLAIN=other -o run.json -- ./program
grep -e geheim -e ADDED -e PLAIN seen | sort
grep -q geheim run.json || echo the file holds no secret
