# SPDX-License-Identifier: GPL-3.0-or-later
mkdir bin && cp /bin/sleep bin/tool && ln bin/tool bin/other
rustscope bench-run -q -n 2 --allow-undecided --baseline 'bin/tool 0' --current 'bin/other 0' -o run.json
python3 -c 'import json; print(json.load(open("run.json"))["benchmarks"][0]["stop_reason"])'
