#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""generate.py BINARY: writes anew every committed file that the program generates. The contract tests compare by the same list."""
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

FILES = {
    "config.example.yaml": ["config", "default"],
    "docs/configuration.md": ["config", "default", "-o", "markdown"],
    "docs/metrics.md": ["metrics", "list", "-o", "markdown"],
    "deploy/rbac/seaworthy.yaml": ["rbac", "-o", "yaml"],
    "deploy/rbac/seaworthy-namespaced.yaml": ["rbac", "--namespaced", "-o", "yaml"],
}


def output(binary, arguments):
    return subprocess.run([str(binary), *arguments], check=True, capture_output=True, text=True, timeout=60).stdout


def files(binary):
    """{path: arguments of the program that print it}, a page for each control among them."""
    pages = {f"docs/controls/{control['id']}.md": ["controls", "explain", control["id"], "-o", "markdown"]
             for control in json.loads(output(binary, ["controls", "list", "-o", "json"]))}
    return {**FILES, "docs/controls/README.md": ["controls", "list", "-o", "markdown"], **pages}


def main(binary):
    for path, arguments in files(binary).items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = output(binary, arguments)
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
            print(f"wrote {path}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
