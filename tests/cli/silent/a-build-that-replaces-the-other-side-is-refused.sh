# SPDX-License-Identifier: GPL-3.0-or-later
cat >rustscope.yml <<'EOF'
version: 1
baseline: {build: cp /bin/true app}
current: {build: cp /bin/false app}
benchmarks:
  - name: x
    command: ./app
EOF
rustscope bench-run -q -c rustscope.yml -o run.json
