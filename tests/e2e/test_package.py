# SPDX-License-Identifier: Apache-2.0
"""What `make package` makes: the same bytes in two folders, a Debian package that works, and a bill of materials that a tool of others accepts."""
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
from processes import clean_environment

EPOCH = "1795737600"


def tell(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=1200, **options)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def packed(root, folder):
    """The packages of a copy of the project's files in another folder."""
    for name in tell("git", "-C", root, "ls-files", "-z").split("\0")[:-1]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (root / name).exists():
            (folder / name).write_bytes((root / name).read_bytes())
            (folder / name).chmod((root / name).stat().st_mode)
    tell("scripts/package.sh", cwd=folder, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "SEAWORTHY_REVISION": "packed"})
    return folder / "build" / "package"


@pytest.fixture(scope="module")
def package(root, tmp_path_factory):
    return packed(root, tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def installed(package, tmp_path_factory):
    """The Debian package's files, unpacked."""
    folder = tmp_path_factory.mktemp("installed")
    tell("dpkg-deb", "-x", next(package.glob("*.deb")), folder)
    return folder


@pytest.fixture(scope="module")
def bill(package):
    return next(package.glob("*.cdx.json"))


def test_two_folders_give_the_same_bytes(package, root, tmp_path):
    other = packed(root, tmp_path / "a-longer-name-than-the-other")

    assert (package / "SHA256SUMS").read_text() == (other / "SHA256SUMS").read_text()
    tell("sha256sum", "-c", "SHA256SUMS", cwd=package)
    assert {path.suffix for path in package.iterdir()} == {".gz", ".deb", ".json", ""}


def test_the_installed_program_works(package, installed):
    program = installed / "usr" / "bin" / "seaworthy"

    assert program.stat().st_size <= 25_000_000
    assert tell(program, "version").startswith("seaworthy ")
    assert "packed" in tell(program, "version", "-o", "json")
    tell(program, "config", "validate", installed / "etc" / "seaworthy" / "config.yaml", env=clean_environment())
    owners = tell("dpkg-deb", "-c", next(package.glob("*.deb")))
    assert {line.split()[1] for line in owners.splitlines()} == {"root/root"}
    assert tell("dpkg-deb", "-f", next(package.glob("*.deb")), "Depends").count("lib") > 10


def test_manual_page_and_completions_are_read_without_complaint(installed):
    page = tell("gzip", "-dc", installed / "usr/share/man/man1/seaworthy.1.gz")
    done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8"], input=page, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("audit diff", "serve", "sinks parked retry"):
        assert f'.SS "{command}"' in page, command
    tell("bash", "-n", installed / "usr/share/bash-completion/completions/seaworthy")


CHECK = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
sys.exit(str(problem)[:2000] if problem else 0)
"""


def test_the_bill_of_materials_is_cyclonedx_and_names_what_is_loaded(package, installed, bill, tmp_path):
    validators = os.environ.get("SEAWORTHY_VALIDATORS")
    assert validators, "SEAWORTHY_VALIDATORS is what scripts/validators.sh prints: run this through `make e2e`"
    environment = {**clean_environment(), "PYTHONPATH": str(pathlib.Path(validators) / "python")}
    document = json.loads(bill.read_text())
    tell(sys.executable, "-c", CHECK, bill, env=environment)
    document["components"][0]["made-up"] = True
    (tmp_path / "broken.json").write_text(json.dumps(document))
    refused = subprocess.run([sys.executable, "-c", CHECK, str(tmp_path / "broken.json")], capture_output=True, env=environment)
    assert refused.returncode == 1

    named = {component["name"] for component in document["components"]}
    needed = re.findall(r"([a-z0-9.+-]+)(?: \([^)]*\))?(?:, |$)", tell("dpkg-deb", "-f", next(package.glob("*.deb")), "Depends").strip())
    provided = dict(re.findall(r"^(\S+) .*?\b(libspdlog[^ ,]*-fmt9)\b", tell("dpkg-query", "-W", "-f", "${Package} ${Provides}\\n"), re.MULTILINE))
    virtual = {name: real for real, name in provided.items()}  # Debian names the ABI, not the package
    assert len(needed) > 10 and {virtual.get(name, name) for name in needed} <= named, set(needed) - named
    digest = tell("sha256sum", installed / "usr/bin/seaworthy").split()[0]
    assert document["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]
