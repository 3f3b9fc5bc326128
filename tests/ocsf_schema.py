# SPDX-License-Identifier: Apache-2.0
"""Events against the closed schemas of OCSF 1.6.0 in tests/data."""
import functools
import json
import pathlib

import jsonschema

FOLDER = pathlib.Path(__file__).parent / "data" / "ocsf-1.6.0"
CLASSES = {2003: "compliance_finding", 6002: "application_lifecycle", 6007: "scan_activity", 6008: "application_error"}


@functools.cache
def validator(class_uid):
    schema = json.loads((FOLDER / f"{CLASSES[class_uid]}.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def faults(event):
    """What the schema of the event's class has against it, as texts."""
    return [f"{error.json_path}: {error.message[:200]}" for error in validator(event["class_uid"]).iter_errors(event)]
