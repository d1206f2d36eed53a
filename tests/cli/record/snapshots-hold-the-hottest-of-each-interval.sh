# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
rustscope --enable-snapshots --snapshot-interval 100 --correlation-padding-ms 20 --output app.json -- \
    "$BUILD/tests/programs/workers" 1 2000 >out 2>err || echo "status $?"
value app.json 'len(d["hotspot_snapshots"]) >= 3'
value app.json '{s["duration_ns"] for s in d["hotspot_snapshots"][1:]}'
# Nearly all of its time is in one function, although samples are at many addresses.
value app.json 'all(s["functions"][0]["name"] == "compute" for s in d["hotspot_snapshots"][1:3])'
value app.json 'd["hotspot_snapshots"][1]["functions"][0]["self_pct"] > 60'
complies app.json
