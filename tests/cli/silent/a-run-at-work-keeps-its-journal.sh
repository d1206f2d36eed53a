# SPDX-License-Identifier: GPL-3.0-or-later
rustscope bench-run -q -n 10 --launches 1 --baseline 'sleep 0.1' --current 'sleep 0.11' -o run.json &
until [ -s run.json.journal ]; do sleep 0.05; done
rustscope bench-run -q -n 10 --launches 1 --baseline 'sleep 0.1' --current 'sleep 0.11' -o run.json --resume
status=$?
wait
test -s run.json || exit 99
exit $status
