# SPDX-License-Identifier: GPL-3.0-or-later
cat >rustscope.yml <<'EOF'
version: 1
baseline: {prepare: sh -c 'echo exec sleep 0.01 >app'}
current: {prepare: sh -c 'echo exec sleep 0.05 >app'}
benchmarks:
  - name: x
    command: sh app
    metric: [wall]
EOF
rustscope bench-run -q -c rustscope.yml -o run.json && rustscope compare run.json >/dev/null
