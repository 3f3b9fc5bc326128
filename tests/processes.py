# SPDX-License-Identifier: Apache-2.0
"""The program as a process: a daemon on free loopback ports, and an environment without the tester's own clusters."""
import ctypes
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

import yaml


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent():
    """In a child before exec: a test run that is killed leaves no servers behind (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def clean_environment():
    """Nothing of the tester's own clusters and proxies."""
    own = ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "SEAWORTHY_CONFIG",
           "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
    return {name: value for name, value in os.environ.items() if name not in own}


# Runs a program and writes what it used to a file. The peak of a process includes that of the one it was made from, up to its exec: measured
# from a test run, it would be the size of the test run.
_MEASURE = """
import json, os, sys, time
began = time.monotonic()
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
used = {"seconds": time.monotonic() - began, "cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_bytes": usage.ru_maxrss * 1024}
open(sys.argv[1], "w").write(json.dumps(used))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def run_measured(command, timeout=None, **options):
    """subprocess.run(command) and {seconds, cpu_seconds, peak_bytes} of the program itself; `command` begins with its path."""
    with tempfile.TemporaryDirectory() as folder:
        used = pathlib.Path(folder) / "used.json"
        done = subprocess.run([sys.executable, "-S", "-c", _MEASURE, str(used), *map(str, command)], timeout=timeout, env=clean_environment(), **options)
        return done, json.loads(used.read_text())


def seconds(duration):
    """Of a duration of the configuration, "250ms" or "10s"."""
    return int(duration[:-2]) / 1000 if duration.endswith("ms") else int(duration.removesuffix("s"))


class Daemon:
    """`seaworthy serve` on free loopback ports."""

    def __init__(self, binary, folder, kubeconfig, config, environment=None):
        self.flush = seconds(config.get("events", {}).get("shutdownFlush", "10s"))
        self.main, self.probe = free_port(), free_port()
        config = {**config, "http": {**config.get("http", {}), "listen": f"127.0.0.1:{self.main}", "probeListen": f"127.0.0.1:{self.probe}"}}
        self.config = folder / "seaworthy.yaml"
        self.config.write_text(yaml.safe_dump(config))
        self.log = folder / "daemon.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([str(binary), "serve", "--config", str(self.config), "--kubeconfig", str(kubeconfig)],
                                            stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env={**clean_environment(), **(environment or {})}, cwd=folder)

    def get(self, path, port=None, timeout=10):
        """(status, text); an HTTP error is an answer too."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.main}{path}", timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def report(self):
        status, text = self.get("/api/v1/report")
        assert status == 200, text[:500]
        return json.loads(text)

    def live(self):
        return self.get("/livez", self.probe)[0] == 200

    def ready(self):
        return self.get("/readyz", self.probe)[0] == 200

    def metrics(self):
        """{series as text: value} of the text exposition."""
        status, text = self.get("/metrics")
        assert status == 200, text[:500]
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line and not line.startswith("#")}

    def stop(self):
        """The exit status after SIGTERM; None of a daemon that is still there long after its sinks' time has run out."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(self.flush + 10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                return None
        return self.process.returncode
