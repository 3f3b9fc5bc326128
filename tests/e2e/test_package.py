# SPDX-License-Identifier: Apache-2.0
"""What `make package` makes: the same bytes in two folders, a Debian package that works, and a bill of materials that a tool of others accepts."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile

import pytest
from fresh_copy import fresh_copy
from processes import clean_environment

EPOCH = "1795737600"
# docs/adr/0007: what gets security updates of its own stays a library, all else is inside.
LIBRARIES = {"libc.so.6", "libcrypto.so.3", "libcurl.so.4", "libm.so.6", "libsasl2.so.2", "libssl.so.3", "libz.so.1"}
DEPENDS = {"libc6", "libcurl4", "libsasl2-2", "libssl3", "zlib1g"}
INSIDE = {"libbrotli-dev", "libcpp-httplib-dev", "libfmt-dev", "libgcc-12-dev", "liblz4-dev", "librdkafka-dev", "libre2-dev",
          "libsimdjson-dev", "libspdlog-dev", "libsqlite3-dev", "libstdc++-12-dev", "libtomlplusplus-dev", "libyaml-cpp-dev", "libzstd-dev", "prometheus-cpp-dev"}


def tell(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=1200, **options)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def packed(root, folder):
    """The packages of a copy of the project's files in another folder."""
    fresh_copy(root, folder)
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


@pytest.fixture
def bare_debian(root, tmp_path):
    """The root of a Debian 12 that has only what every one has."""
    archive = tell(root / "scripts" / "bare-debian.sh").strip()
    where = tmp_path / "root"
    where.mkdir()
    tell("tar", "-xf", archive, "-C", where)
    return where


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


def dependencies(package):
    return set(re.findall(r"([a-z0-9.+-]+)(?: \([^)]*\))?(?:, |$)", tell("dpkg-deb", "-f", next(package.glob("*.deb")), "Depends").strip()))


def test_the_program_loads_only_what_gets_security_updates_of_its_own(package, installed):
    dynamic = tell("readelf", "-dW", installed / "usr/bin/seaworthy")

    assert set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)) - {"ld-linux-x86-64.so.2"} == LIBRARIES
    assert dependencies(package) == DEPENDS
    with tarfile.open(next(package.glob("*.tar.gz"))) as archive:
        program = next(member for member in archive.getmembers() if member.name.endswith("/bin/seaworthy"))
        assert archive.extractfile(program).read() == (installed / "usr/bin/seaworthy").read_bytes()


def test_the_program_that_is_packaged_is_hardened_too(installed, root):
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", root / "tests/contract/test_hardening.py"],
                          capture_output=True, text=True, env={**os.environ, "SEAWORTHY_BINARY": str(installed / "usr/bin/seaworthy")})
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout[-2000:]


def test_licences_of_what_is_inside_are_there(installed):
    licences = installed / "usr/share/doc/seaworthy/licences"

    assert INSIDE <= {path.name for path in licences.iterdir()}
    assert all("opyright" in path.read_text() for path in licences.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="chroot and apt need root")
def test_it_installs_and_runs_on_a_bare_debian(package, bare_debian, root, tmp_path):
    where = bare_debian
    target = where / "tmp" / "seaworthy"
    target.mkdir()
    (target / "seaworthy.deb").write_bytes(next(package.glob("*.deb")).read_bytes())
    (target / "deployment.yaml").write_bytes((root / "deploy/install.yaml").read_bytes())
    inside = ("chroot", where, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive")

    tell(*inside, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "/tmp/seaworthy/seaworthy.deb")

    assert tell(*inside, "seaworthy", "version").startswith("seaworthy ")
    assert "not found" not in tell(*inside, "ldd", "/usr/bin/seaworthy")
    report = json.loads(tell(*inside, "seaworthy", "audit", "/tmp/seaworthy/deployment.yaml", "-o", "json"))
    assert report["results"]


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
    assert dependencies(package) <= named
    linkage = {component["name"]: component["properties"][0]["value"] for component in document["components"]}
    assert {name for name, how in linkage.items() if how == "static"} == INSIDE
    digest = tell("sha256sum", installed / "usr/bin/seaworthy").split()[0]
    assert document["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]
