# SPDX-License-Identifier: GPL-3.0-or-later
cat >rustscope.yml <<'EOF'
version: 1
benchmarks:
  - name: a
    baseline: {command: sleep 0.01}
    current: {command: sleep 0.010}
  - name: b
    command: 'true'
EOF
rustscope bench-run -q -c rustscope.yml --shard 2/2 -o shard.json
rustscope compare shard.json >/dev/null && rustscope compare --on-missing fail shard.json >/dev/null
