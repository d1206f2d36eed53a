#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends what server.py was asked (its --log) to a validating mock, as it was but for the place, and tells of each kind of
request whether every one of them was taken. usage: replay.py LOG URL BASE     BASE: of the paths in the log, "/api/v3" """
import json
import re
import sys
import urllib.error
import urllib.request


def main():
    log, url, base = sys.argv[1:]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    refused = {}
    with open(log, encoding="utf-8") as file:
        requests = [json.loads(line) for line in file]
    for request in requests:
        if request["origin"] != "home" or not request["path"].startswith(base):
            raise ValueError(request)
        headers = {name: value for name, value in request["headers"].items()
                   if name.lower() not in ("host", "content-length", "accept-encoding", "connection")}
        path = request["path"][len(base):]
        kind = request["method"] + " " + re.sub(r"\b([0-9a-f]{40}|\d+)\b", "*", path.split("?")[0])
        refused.setdefault(kind, "")
        sent = urllib.request.Request(url + path, method=request["method"], headers=headers,
                                      data=request["body"].encode() if request["body"] else None)
        try:
            opener.open(sent, timeout=60).close()
        except urllib.error.HTTPError as error:
            refused[kind] = f": {error.code} {path} {request['body'][:200]} {error.read().decode()[:600]}"
    for kind, why in refused.items():
        print(("not ok" if why else "ok") + f" replayed: {kind}{why}")
    return 1 if any(refused.values()) or not refused else 0


sys.exit(main())
