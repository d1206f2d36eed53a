# SPDX-License-Identifier: GPL-3.0-or-later
cat >rustscope.yml <<'EOF'
version: 1
benchmarks:
  - name: x
    baseline: {command: sh -c 'test $API_TOKEN = hunter2'}
    current: {command: sh -c 'true; test $API_TOKEN = hunter2'}
    env: {API_TOKEN: hunter2}
EOF
rustscope bench-run -q -c rustscope.yml -n 3 --allow-undecided -o run.json || exit
python3 -c 'import json; print(json.load(open("run.json"))["benchmarks"][0]["programs"]["current"]["environment"])'
