# SPDX-License-Identifier: Apache-2.0
"""The image without a container engine: the Dockerfile is linted, and the root file system that it makes is put together here and run in."""
import json
import os
import re
import shutil
import signal
import subprocess
import urllib.request

import pytest
from deployment import tool
from processes import clean_environment, free_port


@pytest.fixture(scope="module")
def dockerfile(root):
    return (root / "deploy/Dockerfile").read_text()


@pytest.fixture(scope="module")
def image(root, binary, tmp_path_factory):
    """Everything that the program needs, what the base image has included."""
    folder = tmp_path_factory.mktemp("image")
    folder.chmod(0o755)  # the root of the image, for a user who is not its owner
    subprocess.run([root / "scripts/image-root.sh", binary, folder], check=True, timeout=60)
    return folder


def inside(folder, *arguments):
    """The command that runs the program in that root: as the image's user where we may become it, else as one without rights outside."""
    become = ["chroot", "--userspec=65532:65532", folder] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", f"--root={folder}"]
    return [*map(str, become), "/usr/bin/seaworthy", *arguments]


def test_the_linter_of_dockerfiles_finds_nothing(root):
    done = subprocess.run([tool("hadolint"), "--no-color", root / "deploy/Dockerfile"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_the_linter_finds_what_is_wrong(dockerfile, tmp_path):
    (tmp_path / "Dockerfile").write_text(re.sub(r"@sha256:[0-9a-f]{64}", ":latest", dockerfile).replace(":bookworm:latest", ":latest"))
    assert subprocess.run([tool("hadolint"), tmp_path / "Dockerfile"], capture_output=True, timeout=60).returncode == 1


def test_bases_are_named_by_digest_and_the_image_has_no_root_and_no_shell(dockerfile, root):
    bases = re.findall(r"^FROM (\S+)", dockerfile, re.M)
    assert len(bases) == 2 and all(re.search(r"@sha256:[0-9a-f]{64}$", base) for base in bases)
    final = dockerfile[dockerfile.rindex("FROM "):]
    assert "distroless" in final and ":nonroot@" in final
    assert "\nUSER 65532:65532\n" in final and "RUN" not in final
    assert '\nENTRYPOINT ["/usr/bin/seaworthy"]\n' in final
    assert f'org.opencontainers.image.version="{(root / "VERSION").read_text().strip()}"' in final


def test_the_build_finds_everything_in_what_is_not_ignored(root, dockerfile, tmp_path):
    """CMake configures there, and each input of the program is there or made from what is; nothing is compiled."""
    def lines(*command):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, env={**clean_environment(), "SEAWORTHY_REVISION": "none"})
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout.splitlines()

    assert "\nCOPY . .\n" in dockerfile
    for name in (line[1:] for line in (root / ".dockerignore").read_text().splitlines() if line.startswith("!")):
        (shutil.copytree if (root / name).is_dir() else shutil.copy)(root / name, tmp_path / name)
    [options] = re.findall(r"^RUN cmake (--preset release .*?) \\$", dockerfile, re.M)
    lines("cmake", *options.split())

    inputs = lines("ninja", "-C", "build/release", "-t", "inputs", "seaworthy")[1:]
    made = {line.rsplit(": ", 1)[0] for line in lines("ninja", "-C", "build/release", "-t", "targets", "all")}
    assert any(path.endswith("/src/app/run.cpp") for path in inputs)
    assert not [path for path in inputs if path not in made and not (tmp_path / "build/release" / path).exists()]


def test_the_program_runs_in_the_image_as_a_user_without_rights(image, binary):
    done = subprocess.run(inside(image, "version", "-o", "json"), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(subprocess.run([binary, "version", "-o", "json"], capture_output=True, text=True, timeout=30).stdout)


def test_the_daemon_serves_from_the_image_and_writes_nothing_there(image, eventually):
    before = sorted(path for path in image.rglob("*"))
    port = free_port()
    process = subprocess.Popen(inside(image, "demo", "--listen", f"127.0.0.1:{port}"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with eventually(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5), 60, "metrics of the demo") as answer:
            assert b"seaworthy_build_info" in answer.read()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    assert sorted(path for path in image.rglob("*")) == before


def test_the_image_lacks_only_what_the_base_has_and_tells_scanners_of_the_rest(root, binary, dockerfile, image, tmp_path):
    in_base = re.search(r"image-root\.sh \S+ \S+ ([\w .+-]+)$", dockerfile, re.M)[1].split()
    subprocess.run([root / "scripts/image-root.sh", binary, tmp_path, *in_base], check=True, timeout=60)

    def packages(folder):
        return {path.name for path in (folder / "var/lib/dpkg/status.d").iterdir()}

    assert packages(image) - packages(tmp_path) == set(in_base), "the base has these, and the program needs them"
    for name in packages(tmp_path):
        assert "\nStatus: install ok installed\n" in (tmp_path / "var/lib/dpkg/status.d" / name).read_text()
        assert (tmp_path / "usr/share/doc" / name / "copyright").is_file()
    assert (tmp_path / "usr/bin/seaworthy").stat().st_mode & 0o777 == 0o755
