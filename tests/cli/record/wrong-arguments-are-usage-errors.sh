# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
for arguments in "" "--" "--pid 1 -- true" "--name x -- true" "true" "--pid 0" "--pid x" "--sample-rate -1 -- true" \
    "--sample-rate 1e9 -- true" "--sampler gdb -- true" "--stack-size 70000 -- true" "--interval 0 -- true" \
    "--duration 0 -- true" "--last 0 -- true" "--buffer-mb 4 -- true" "--retention-minutes 4 -- true" "--buffer x -- true" \
    "--continuous --buffer-mb 0 -- true" "--snapshot-interval 5 -- true" "--enable-snapshots --snapshot-interval 0 -- true" \
    "--correlation-padding-ms 5 -- true" "-o - -- true" "--durations 5 -- true"; do
    # shellcheck disable=SC2086 # words
    status rustscope record $arguments
done
status rustscope --duration 5
status rustscope --pid 1 --threshold 5
status rustscope --compare-baseline a --compare-current b --duration 5
status rustscope --pid 1 --otel --otel-endpoint http://localhost:4317
status rustscope --import-pprof session.pb.gz --export-json out.json
status rustscope --doctor --pid 1
ls
