#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Gathers the CustomResourceDefinitions that tests/e2e/crds/modules.json names from the projects' Go modules, once for each state of that
file, and prints the path of a JSON file: a list of {project, module, version, definition}."""
import copy
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml

MODULES = pathlib.Path(__file__).resolve().parent.parent / "tests/e2e/crds/modules.json"


class Plain(yaml.CSafeLoader):
    """YAML as JSON sees it: a lone "=" (an operator in an enum) and timestamps are text."""


for tag in ("value", "timestamp"):
    Plain.add_constructor(f"tag:yaml.org,2002:{tag}", lambda loader, node: loader.construct_scalar(node))


def cache_folder():
    base = os.environ.get("SEAWORTHY_CRD_CACHE") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "seaworthy/crds")
    return pathlib.Path(base)


def download(rows):
    """{module@version: folder}, each with the content that the table's checksum promises."""
    wanted = {f"{row['module']}@{row['version']}": row["sum"] for row in rows}
    with tempfile.TemporaryDirectory() as outside_any_module:
        run = subprocess.run(["go", "mod", "download", "-json", *wanted], cwd=outside_any_module, capture_output=True, text=True)
    decoder, text, folders = json.JSONDecoder(), run.stdout, {}
    while text.strip():
        answer, end = decoder.raw_decode(text.lstrip())
        text = text.lstrip()[end:]
        name = f"{answer['Path']}@{answer['Version']}"
        if "Error" in answer:
            sys.exit(f"{name} could not be had: {answer['Error']}")
        if answer["Sum"] != wanted[name]:
            sys.exit(f"{name} has the checksum {answer['Sum']}, but {MODULES.name} says {wanted[name]}")
        folders[name] = pathlib.Path(answer["Dir"])
    missing = set(wanted) - set(folders)
    if missing:
        sys.exit(f"go mod download gave nothing for {', '.join(sorted(missing))}:\n{run.stderr}")
    return folders


def definitions(row, folder):
    files = [path for pattern in row["files"] for path in sorted(folder.glob(pattern))]
    if not files:
        sys.exit(f"{row['module']} {row['version']} has none of {', '.join(row['files'])}")
    for path in files:
        for document in yaml.load_all(path.read_text(), Loader=Plain):
            if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition":
                for definition in (document, *aggregated(row, document)):
                    yield {"project": row["project"], "module": row["module"], "version": row["version"], "definition": definition}


def aggregated(row, definition):
    """The kind as the project's aggregated API server serves it: the same types under the group and version of "also"."""
    if "also" not in row:
        return
    definition = copy.deepcopy(definition)
    spec = definition["spec"]
    spec["group"], version = row["also"].split("/")
    definition["metadata"]["name"] = f"{spec['names']['plural']}.{spec['group']}"
    spec["versions"] = [{**one, "name": version} for one in spec["versions"] if one["storage"]]
    yield definition


def main():
    target = cache_folder() / (hashlib.sha256(MODULES.read_bytes() + pathlib.Path(__file__).read_bytes()).hexdigest()[:16] + ".json")
    if not target.exists():
        rows = json.loads(MODULES.read_text())
        print(f"fetching the CustomResourceDefinitions of {len(rows)} modules (once; some minutes)", file=sys.stderr)
        folders = download(rows)
        found = [one for row in rows for one in definitions(row, folders[f"{row['module']}@{row['version']}"])]
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False) as fresh:
            json.dump(found, fresh)
        os.replace(fresh.name, target)
    print(target)


if __name__ == "__main__":
    main()
