# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus as a process that scrapes every second."""
import json
import subprocess
import time
import urllib.parse
import urllib.request

from processes import free_port

TARGET_NAMESPACE = "seaworthy-itself"  # where service discovery would say that the daemon runs; no case file has such a namespace


class Prometheus:
    def __init__(self, folder, targets, labels=None):
        self.port = free_port()
        config = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
                  "scrape_configs": [{"job_name": "seaworthy", "honor_labels": True,
                                      "static_configs": [{"targets": targets, "labels": {"namespace": TARGET_NAMESPACE, **(labels or {})}}]}]}
        (folder / "prometheus.yml").write_text(json.dumps(config))
        self._log = open(folder / "prometheus.log", "wb")
        self._process = subprocess.Popen(["prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}",
                                          f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"], stdout=self._log, stderr=self._log)

    def get(self, path, **parameters):
        """The `data` of an answer of its API; a refused query raises HTTPError."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?" + urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """[(labels without __name__, instance and job; value)]"""
        result = self.get("query", query=expression)["result"]
        return [({name: value for name, value in row["metric"].items() if name not in ("__name__", "instance", "job")}, float(row["value"][1])) for row in result]

    def recent(self, expression, seconds):
        """[{metric, values}] of every one of the last seconds."""
        now = time.time()
        return self.get("query_range", query=expression, start=now - seconds, end=now, step=1)["result"]

    def by(self, expression, *labels):
        """{label values: value}"""
        rows = self.query(expression)
        found = {tuple(row[0].get(label, "") for label in labels): row[1] for row in rows}
        assert len(found) == len(rows), f"{expression}: several series for one {labels}"
        return found

    def stop(self):
        self._process.terminate()
        self._process.wait(15)
        self._log.close()
