# SPDX-License-Identifier: Apache-2.0
"""Receivers of events, as security teams run them: rsyslog, syslog-ng, Grafana Loki and the OpenTelemetry Collector, each on loopback with files of its own."""
import json
import os
import socket
import subprocess
import time
import urllib.parse
import urllib.request

import yaml
from processes import end_with_parent, free_port


class Receiver:
    """A program that listens on `port`; what it printed is in folder/NAME.log."""

    def __init__(self, folder, name):
        self.folder, self.name = folder / name, name
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self._process = None

    def start(self):
        with open(self.folder / f"{self.name}.log", "ab") as log:
            self._process = subprocess.Popen([str(part) for part in self.command()], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             cwd=self.folder, env={**os.environ, **self.environment()}, preexec_fn=end_with_parent)
        deadline = time.monotonic() + 90
        while not self.answers():
            assert self._process.poll() is None, f"{self.name} ended:\n{self.log_tail()}"
            assert time.monotonic() < deadline, f"{self.name} does not listen:\n{self.log_tail()}"
            time.sleep(0.05)
        return self

    def environment(self):
        return {}

    def answers(self):
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def log_tail(self):
        return (self.folder / f"{self.name}.log").read_text(errors="replace")[-3000:]

    def kill(self):
        """At once, with whatever it had read and not written."""
        self._process.kill()
        self._process.wait(20)

    def stop(self):
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


class SyslogReceiver(Receiver):
    """Writes the message of each record as a line. With `tls` = (certificate, key, authority of clients): RFC 5425 with mutual authentication."""

    def __init__(self, folder, name, tls=None):
        super().__init__(folder, name)
        self.tls = tls
        self.output = self.folder / "messages.txt"

    def lines(self):
        """What has arrived whole; a line that is being written comes with the next call."""
        return self.output.read_bytes().split(b"\n")[:-1] if self.output.exists() else []

    def events(self):
        return [json.loads(line.decode().lstrip("\ufeff ")) for line in self.lines()]


class Rsyslog(SyslogReceiver):
    def __init__(self, folder, tls=None, name="rsyslog"):
        super().__init__(folder, name, tls)

    def command(self):
        files, driver = "", ""
        if self.tls:
            certificate, key, authority = self.tls
            files = f' DefaultNetstreamDriverCAFile="{authority}" DefaultNetstreamDriverCertFile="{certificate}" DefaultNetstreamDriverKeyFile="{key}"'
            driver = ' StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="x509/name" PermittedPeer=["client.local"]'
        (self.folder / "rsyslog.conf").write_text(f'''
global(workDirectory="{self.folder}" maxMessageSize="64k"{files} parser.escapeControlCharactersOnReceive="on")
module(load="imtcp"{driver})
input(type="imtcp" address="127.0.0.1" port="{self.port}" ruleset="rx")
template(name="line" type="string" string="%msg%\\n")
ruleset(name="rx") {{ action(type="omfile" file="{self.output}" template="line" flushOnTXEnd="on") }}
''')
        return ["rsyslogd", "-n", "-f", self.folder / "rsyslog.conf", "-i", self.folder / "rsyslog.pid"]


class SyslogNg(SyslogReceiver):
    def __init__(self, folder, unpacked, tls=None, name="syslog-ng"):
        super().__init__(folder, name, tls)
        self._libraries = unpacked / "usr" / "lib"
        self._program = unpacked / "usr" / "sbin" / "syslog-ng"

    def environment(self):
        return {"LD_LIBRARY_PATH": f"{self._libraries / 'syslog-ng'}:{self._libraries / 'x86_64-linux-gnu'}"}

    def command(self):
        transport = 'transport("tcp")'
        if self.tls:
            certificate, key, authority = self.tls
            transport = (f'transport("tls") tls(key-file("{key}") cert-file("{certificate}") ca-file("{authority}") peer-verify(required-trusted))')
        (self.folder / "syslog-ng.conf").write_text(f'''@version: 3.38
options {{ log-msg-size(65536); flush-lines(1); stats-freq(0); }};
source s {{ syslog(ip("127.0.0.1") port({self.port}) {transport}); }};
destination d {{ file("{self.output}" template("${{MESSAGE}}\\n")); }};
log {{ source(s); destination(d); }};
''')
        return [self._program, "-F", "--no-caps", "-f", self.folder / "syslog-ng.conf", "-R", self.folder / "persist", "-p", self.folder / "pid",
                "-c", self.folder / "control", f"--module-path={self._libraries / 'syslog-ng' / '3.38'}"]


class Loki(Receiver):
    def __init__(self, folder, program):
        super().__init__(folder, "loki")
        self._program = program

    def command(self):
        (self.folder / "loki.yaml").write_text(yaml.safe_dump({
            "auth_enabled": False,
            "analytics": {"reporting_enabled": False},
            "server": {"http_listen_address": "127.0.0.1", "http_listen_port": self.port, "grpc_listen_address": "127.0.0.1", "grpc_listen_port": free_port(),
                       "log_level": "warn"},
            "common": {"instance_addr": "127.0.0.1", "path_prefix": str(self.folder / "data"), "replication_factor": 1,
                       "storage": {"filesystem": {"chunks_directory": str(self.folder / "chunks"), "rules_directory": str(self.folder / "rules")}},
                       "ring": {"kvstore": {"store": "inmemory"}}},
            "ingester": {"lifecycler": {"min_ready_duration": "0s"}},
            "schema_config": {"configs": [{"from": "2024-01-01", "store": "tsdb", "object_store": "filesystem", "schema": "v13",
                                           "index": {"prefix": "index_", "period": "24h"}}]},
            "limits_config": {"allow_structured_metadata": True},
        }))
        return [self._program, "-config.file", self.folder / "loki.yaml"]

    def answers(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def query(self, logql):
        """The lines that a LogQL query finds in the last hour, oldest first."""
        parameters = urllib.parse.urlencode({"query": logql, "since": "1h", "limit": 5000, "direction": "forward"})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/loki/api/v1/query_range?{parameters}", timeout=10) as answer:
            result = json.load(answer)["data"]["result"]
        return [line for _, line in sorted(value for stream in result for value in ((int(when), line) for when, line in stream["values"]))]

    def events(self):
        return [json.loads(line) for line in self.query('{app="seaworthy"}')]


class Collector(Receiver):
    """The OpenTelemetry Collector: OTLP/HTTP in, a file of JSON lines out."""

    def __init__(self, folder, program):
        super().__init__(folder, "collector")
        self._program = program
        self.output = self.folder / "logs.jsonl"

    def command(self):
        (self.folder / "collector.yaml").write_text(yaml.safe_dump({
            "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{self.port}"}}}},
            "exporters": {"file": {"path": str(self.output), "flush_interval": "100ms"}},
            "service": {"telemetry": {"metrics": {"level": "none"}}, "pipelines": {"logs": {"receivers": ["otlp"], "exporters": ["file"]}}},
        }))
        return [self._program, "--config", f"file:{self.folder / 'collector.yaml'}"]

    def records(self):
        """The log records that it exported, each with its attributes as `{name: value}`."""
        lines = self.output.read_bytes().split(b"\n")[:-1] if self.output.exists() else []
        return [{**record, "attributes": {pair["key"]: next(iter(pair["value"].values())) for pair in record.get("attributes", [])}}
                for line in lines for resource in json.loads(line)["resourceLogs"] for scope in resource["scopeLogs"] for record in scope["logRecords"]]
