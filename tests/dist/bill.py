#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does the SPDX document fit what lies there? usage: bill.py DOCUMENT [FOLDER]
Ids are unique and all that relations name are there; every element is reached from the document. With FOLDER: its files
are listed with their checksums, all but the document itself; each bundled package has its licences there."""
import hashlib
import json
import pathlib
import sys


def troubles(document, folder):
    elements = {e["SPDXID"]: e for e in document["packages"] + document.get("files", [])}
    if len(elements) != len(document["packages"]) + len(document.get("files", [])):
        yield "two elements have one id"
    related = {r["relatedSpdxElement"] for r in document["relationships"]}
    for name in related - elements.keys():
        yield f"{name} is related, but not there"
    for name in elements.keys() - related:
        yield f"{name} is there, but not related"
    if folder is None:
        return
    listed = {f["fileName"]: {c["algorithm"]: c["checksumValue"] for c in f["checksums"]} for f in document["files"]}
    there = {f"./{p.relative_to(folder)}": p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()}
    there = {name: path for name, path in there.items() if not name.endswith("/sbom.spdx.json")}
    for name in listed.keys() ^ there.keys():
        yield f"{name} is either listed or there"
    for name in listed.keys() & there.keys():
        data = there[name].read_bytes()
        if listed[name] != {"SHA1": hashlib.sha1(data).hexdigest(), "SHA256": hashlib.sha256(data).hexdigest()}:
            yield f"{name} has other checksums"
    for package in document["packages"]:
        licence = folder / "share/doc/rustscope/packages" / package["name"] / "copyright"
        if package["name"] != "rustscope" and not licence.is_file():
            yield f"{package['name']} has no licence there"


found = list(troubles(json.load(open(sys.argv[1], encoding="utf-8")), pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None))
print("\n".join(found))
sys.exit(bool(found))
