# SPDX-License-Identifier: Apache-2.0
"""Real receivers of events: Grafana Loki and the OpenTelemetry Collector, each in a folder of its own on free ports of loopback."""
import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from processes import free_port


class Receiver:
    """A child process that is ready when is_ready() says so. Its log stays in the folder for a failed test to show."""

    def __init__(self, folder, command):
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log.txt"
        self._stream = open(self.log, "ab")
        self._process = subprocess.Popen(command, stdout=self._stream, stderr=self._stream, cwd=folder)

    def is_running(self):
        return self._process.poll() is None

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(15)
        self._stream.close()


class Loki(Receiver):
    def __init__(self, folder, program):
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        config = {
            "auth_enabled": False,
            "server": {"http_listen_address": "127.0.0.1", "http_listen_port": self.port, "grpc_listen_address": "127.0.0.1",
                       "grpc_listen_port": free_port(), "log_level": "warn"},
            "common": {"instance_addr": "127.0.0.1", "path_prefix": str(folder / "data"), "replication_factor": 1,
                       "ring": {"kvstore": {"store": "inmemory"}},
                       "storage": {"filesystem": {"chunks_directory": str(folder / "data/chunks"), "rules_directory": str(folder / "data/rules")}}},
            "schema_config": {"configs": [{"from": "2024-01-01", "store": "tsdb", "object_store": "filesystem", "schema": "v13",
                                           "index": {"prefix": "index_", "period": "24h"}}]},
            "limits_config": {"allow_structured_metadata": True},
            "analytics": {"reporting_enabled": False},
        }
        (folder / "loki.json").write_text(json.dumps(config))
        super().__init__(folder, [str(program), f"-config.file={folder / 'loki.json'}"])

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.url}/ready", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def lines(self, query, since="1h"):
        """The log lines that a LogQL query gives, oldest first."""
        arguments = urllib.parse.urlencode({"query": query, "since": since, "limit": 5000, "direction": "forward"})
        with urllib.request.urlopen(f"{self.url}/loki/api/v1/query_range?{arguments}", timeout=10) as answer:
            streams = json.load(answer)["data"]["result"]
        rows = [(int(value[0]), value[1]) for stream in streams for value in stream["values"]]
        return [line for _, line in sorted(rows)]


class Collector(Receiver):
    """Takes OTLP over HTTP and writes what came to a file, one export request a line."""

    def __init__(self, folder, program):
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.file = folder / "logs.jsonl"
        config = {
            "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{self.port}"}}}},
            "exporters": {"file": {"path": str(self.file), "flush_interval": "100ms"}},
            "service": {"telemetry": {"metrics": {"level": "none"}}, "pipelines": {"logs": {"receivers": ["otlp"], "exporters": ["file"]}}},
        }
        (folder / "collector.yaml").write_text(json.dumps(config))
        super().__init__(folder, [str(program), f"--config=file:{folder / 'collector.yaml'}"])

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self):
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{self.url}/v1/logs", b"{}", {"Content-Type": "application/json"}), timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def records(self):
        """Every log record that has been written, as the collector's own JSON."""
        if not self.file.exists():
            return []
        requests = [json.loads(line) for line in self.file.read_text().splitlines() if line.endswith("}")]
        return [record for request in requests for resource in request["resourceLogs"] for scope in resource["scopeLogs"] for record in scope["logRecords"]]
