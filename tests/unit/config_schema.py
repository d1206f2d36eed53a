# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration's schema against its fixtures, read by another YAML reader.

usage: config_schema.py SCHEMA FIXTURES
Every valid fixture must satisfy the schema, and together they use every key of it. Every invalid one must be refused by the YAML reader or
by the schema, or say in a file "beyond-schema" why neither can. Prints what is not so.
"""
import json
import pathlib
import sys

import jsonschema
import yaml


def refusal(path, validator):
    """Why the file is refused; None when it is accepted."""
    try:
        document = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        return f"YAML: {error}"
    for error in validator.iter_errors(document):
        return f"{error.json_path}: {error.message[:200]}"
    return None


def keys_of_schema(schema):
    """(place, key) of every key that the schema knows."""
    objects = {
        "file": schema,
        "benchmark": schema["$defs"]["benchmark"],
        "arm": schema["$defs"]["arm"]["oneOf"][1],
    }
    return {(place, key) for place, it in objects.items() for key in it["properties"]}


def keys_of_document(document):
    """(place, key) of every key that a valid configuration uses."""
    places = [("file", document)] + [("benchmark", it) for it in document["benchmarks"]]
    places += [("arm", it.get(arm)) for _, it in places for arm in ("baseline", "current")]
    return {(place, key) for place, it in places if isinstance(it, dict) for key in it}


def unused_keys(schema, fixtures):
    used = set()
    for path in pathlib.Path(fixtures, "valid").glob("*/rustscope.yml"):
        used |= keys_of_document(yaml.safe_load(path.read_bytes()))
    return sorted(keys_of_schema(schema) - used)


def main(schema_path, fixtures):
    schema = json.loads(pathlib.Path(schema_path).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    problems, n_seen = [], {"valid": 0, "invalid": 0}
    problems += [f"no valid fixture has {key} in a {place}" for place, key in unused_keys(schema, fixtures)]
    for kind in n_seen:
        for case in sorted(pathlib.Path(fixtures, kind).iterdir()):
            why = refusal(case / "rustscope.yml", validator)
            beyond = (case / "beyond-schema").exists()
            n_seen[kind] += 1
            if kind == "valid" and why:
                problems.append(f"{case}: valid, but refused: {why}")
            elif kind == "invalid" and not why and not beyond:
                problems.append(f"{case}: invalid, but accepted, and no beyond-schema")
            elif beyond and why:
                problems.append(f"{case}: said to be beyond the schema, but refused: {why}")
    if not all(n_seen.values()):
        problems.append(f"{fixtures}: fixtures are missing")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
