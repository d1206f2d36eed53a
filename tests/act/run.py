# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one workflow under act and says what came of it. usage: run.py LOG ACT [ARGUMENT...]
LOG.json gets act's log, LOG what people would see of it, LOG.outputs lines "STEP NAME=VALUE", LOG.summary the job summaries.
Exit status: act's."""
import json
import subprocess
import sys

log, command = sys.argv[1], sys.argv[2:]
with open(log + ".json", "w", encoding="utf-8") as raw:
    status = subprocess.run([*command, "--json"], stdout=raw, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False).returncode
with open(log + ".json", encoding="utf-8", errors="replace") as raw, open(log, "w", encoding="utf-8") as text, \
        open(log + ".outputs", "w", encoding="utf-8") as outputs, open(log + ".summary", "w", encoding="utf-8") as summary:
    for line in raw:
        try:
            row = json.loads(line)
        except ValueError:
            row = {"msg": line}
        if row.get("command") == "summary":
            summary.write(row["content"])
            continue
        if row.get("command") == "set-output":
            outputs.write(f'{"/".join(row.get("stepID", ["?"]))} {row["name"]}={row["arg"]}\n')
        text.write(f'{row.get("job", "")} | {row.get("msg", "").rstrip()}\n')
sys.exit(status)
