# SPDX-License-Identifier: Apache-2.0
"""Who has nothing but the README: its commands, as they stand there, in a fresh copy of the project."""
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from fresh_copy import fresh_copy
from processes import clean_environment, end_with_parent


def blocks(root):
    """The shell commands under "Try it", a list a block; what follows a # is for the reader."""
    section = (root / "README.md").read_text().split("## Try it")[1].split("\n## ")[0]
    found = re.findall(r"```sh\n(.*?)```", section, re.S)
    return [[re.sub(r"\s+#.*", "", line) for line in block.splitlines()] for block in found]


@pytest.fixture(scope="module")
def copy(root, tmp_path_factory):
    return fresh_copy(root, tmp_path_factory.mktemp("clone"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    # Compilers' cache and the machine's packages are the reader's too, the second time.
    return {**clean_environment(), "PATH": os.environ["PATH"], "HOME": os.environ["HOME"]}


def first_page(address):
    """The page, once the first audit has ended."""
    deadline = time.monotonic() + 60
    while True:
        try:
            return urllib.request.urlopen(address, timeout=30).read().decode()
        except urllib.error.HTTPError as error:
            assert error.code == 503 and time.monotonic() < deadline, error
            time.sleep(0.2)


def test_the_first_block_ends_at_the_page_of_the_demo(root, copy, environment):
    first = blocks(root)[0]
    assert first == ["make demo"]
    demo = subprocess.Popen(first[0].split(), cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            preexec_fn=end_with_parent, start_new_session=True)
    limit = threading.Timer(1500, demo.kill)
    limit.start()
    try:
        said = []
        for line in demo.stdout:
            said.append(line)
            if found := re.search(r"The demo is at (http://127\.0\.0\.1:\d+/)", line):
                break
        else:
            raise AssertionError("".join(said)[-3000:])
        assert "Namespaces and controls" in first_page(found.group(1))
    finally:
        limit.cancel()
        os.killpg(demo.pid, signal.SIGTERM)
        demo.stdout.close()
        demo.wait(30)


def test_the_second_block_ends_at_reports_of_a_cluster_and_of_manifests(root, copy, environment, control_plane, admin):
    admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "payments"}})
    commands = blocks(root)[1]
    assert len(commands) > 3
    try:
        said = {}
        for command in commands:
            done = subprocess.run(["bash", "-ec", command], cwd=copy, env={**environment, "KUBECONFIG": str(control_plane.admin_kubeconfig())},
                                  capture_output=True, text=True, timeout=1500)
            assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            said[command] = done.stdout
    finally:
        admin.delete_namespace("payments")
    assert "FIX FIRST" in said["build/release/seaworthy audit"]
    assert [one["name"] for one in json.loads(said["build/release/seaworthy audit -n payments -o json"])["namespaces"]] == ["payments"]
    assert "RESULTS" in said["build/release/seaworthy audit deploy/install.yaml"]
