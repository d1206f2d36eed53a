# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
cat >worker <<'END'
#!/bin/sh
trap 'echo told to end; exit 5' TERM
echo ready
while :; do sleep 0.05; done
END
chmod +x worker
rustscope record --sample-rate 0 -o app.json -- ./worker >out 2>err &
recorder=$!
ends_with_us $recorder
until_true grep -q ready out
kill -TERM $recorder
wait $recorder
echo "status $?"
cat out
value app.json 'd["process_summary"]["exit_status"]'
