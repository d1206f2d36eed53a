#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An OpenAPI description of some operations alone, with what they refer to: the whole of GitHub's takes a mock longer to
read than all tests together. Answers are there under the media type as well that GitHub's documentation asks clients to
accept, which its description leaves out. usage: trim.py DESCRIPTION <OPERATIONS >TRIMMED     a line of OPERATIONS: METHOD PATH"""
import json
import sys

KEPT = ("parameters", "servers", "summary", "description")


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def add_media_type(responses):
    for response in responses.values():
        content = response.get("content", {})
        if "application/json" in content:
            content["application/vnd.github+json"] = content["application/json"]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        whole = json.load(file)
    trimmed = {"openapi": whole["openapi"], "info": whole["info"], "servers": whole["servers"], "paths": {}, "components": {}}
    for line in sys.stdin:
        method, path = line.split()
        there = whole["paths"][path]
        kept = trimmed["paths"].setdefault(path, {key: there[key] for key in KEPT if key in there})
        kept[method.lower()] = there[method.lower()]
    wanted = list(references(trimmed["paths"]))
    while wanted:
        reference = wanted.pop()
        _, components, kind, name = reference.split("/", 3)
        if components != "components":
            raise ValueError(reference)
        place = trimmed["components"].setdefault(kind, {})
        if name not in place:
            place[name] = whole["components"][kind][name]
            wanted += references(place[name])
    for path in trimmed["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                add_media_type(operation["responses"])
    add_media_type(trimmed["components"].get("responses", {}))
    json.dump(trimmed, sys.stdout)


main()
