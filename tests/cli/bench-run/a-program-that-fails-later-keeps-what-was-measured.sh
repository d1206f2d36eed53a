# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
cat >new <<'END'
#!/bin/sh
echo x >>count
[ $(wc -l <count) -le 4 ] || { echo full; kill -SEGV $$; }
echo "work 130 count lower" >"$RUSTSCOPE_METRICS"
END
chmod +x new
status collect old new --trials 9 -C "$PWD"
value run.json 'd["benchmarks"][0]["stop_reason"]'
value run.json 'len(d["benchmarks"][0]["trials"]["arm"]) > 1 if "trials" in d["benchmarks"][0] else sorted(d["benchmarks"][0])'
