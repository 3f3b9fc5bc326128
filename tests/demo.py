# SPDX-License-Identifier: Apache-2.0
"""The demo as a process: its cluster has something of everything that the pages show."""
import subprocess
import time
import urllib.request

from processes import clean_environment, end_with_parent, free_port

PAGES = ("/", "/?sort=name", "/namespaces/legacy", "/namespaces/payments", "/controls", "/controls/rbac", "/controls/network-policies", "/findings",
         "/findings?namespace=legacy&status=fail&sort=-worth", "/findings?q=nothing-has-this-name", "/tenants", "/exemptions", "/status", "/nowhere")


class Demo:
    """`with Demo(binary, folder) as url`: from its first report on."""

    def __init__(self, binary, folder, interval="1h"):
        self._binary, self._log = binary, folder / "demo.log"
        self._config = folder / "demo.yaml"
        # By default one report: pages that are read twice are the same.
        self._config.write_text(f"cluster: {{name: demo}}\naudit: {{interval: {interval}, jitter: 0}}\n")

    def __enter__(self):
        port = free_port()
        with open(self._log, "wb") as out:
            self._process = subprocess.Popen([self._binary, "demo", "--config", self._config, "--listen", f"127.0.0.1:{port}"], stdout=out, stderr=out, env=clean_environment(),
                                             preexec_fn=end_with_parent)
        url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while not self._answers(url):
            assert self._process.poll() is None and time.monotonic() < deadline, self._log.read_text()[-2000:]
            time.sleep(0.1)
        return url

    @staticmethod
    def _answers(url):
        try:
            with urllib.request.urlopen(url + "/api/v1/report", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(20)
