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
rustscope calibrate -q -n 1 --seed 1 -c rustscope.yml | head -1 | cut -d' ' -f1-4
