# SPDX-License-Identifier: Apache-2.0
"""Clients that send a byte a second, or that never read, must not delay the kubelet's probe or the scrape."""
import json
import socket
import threading
import time

import pytest

CONNECTIONS = 200
REQUEST = b"GET /metrics HTTP/1.1\r\nHost: seaworthy\r\nX-Padding: " + b"a" * 4000
WATCH_SECONDS = 8


class SlowClients:
    """Connections to one port. A connection that the server closes is opened again, as an attacker would."""

    def __init__(self, port, sources, reads=True, request=REQUEST, step=1):
        self._port, self._sources, self._reads, self._request, self._step = port, sources, reads, request, step
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.sent = 0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _open(self, number):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.bind((self._sources[number % len(self._sources)], 0))
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", self._port))
        return [client, 0]

    def _run(self):
        clients = [self._open(number) for number in range(CONNECTIONS)]
        while not self._stop.is_set():
            for number, entry in enumerate(clients):
                client, at = entry
                try:
                    if at < len(self._request):
                        sent = client.send(self._request[at:at + self._step])
                        entry[1] += sent
                        self.sent += sent
                    if self._reads and client.recv(4096) == b"":
                        raise ConnectionError
                except BlockingIOError:
                    pass
                except OSError:
                    client.close()
                    clients[number] = self._open(number)
            self._stop.wait(1)
        for client, _ in clients:
            client.close()


SOURCES = {"from the scraper's own address": ["127.0.0.1"], "from other addresses": [f"127.0.0.{number}" for number in range(2, 42)]}


@pytest.fixture
def attacked(daemon, tmp_path):
    """A daemon whose cluster is unreachable: its listeners do not depend on one."""
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "none",
                                      "clusters": [{"name": "none", "cluster": {"server": "http://127.0.0.1:9"}}], "users": [{"name": "none", "user": {}}],
                                      "contexts": [{"name": "none", "context": {"cluster": "none", "user": "none"}}]}))
    return daemon(kubeconfig, wait="live")


def slowest(daemon, clients):
    """The longest that /livez and /metrics took while the slow clients were at work."""
    worst, rounds, deadline = {"/livez": 0.0, "/metrics": 0.0}, 0, time.monotonic() + WATCH_SECONDS
    while time.monotonic() < deadline:
        for path, port in (("/livez", daemon.probe), ("/metrics", daemon.main)):
            began = time.monotonic()
            status, _ = daemon.get(path, port, timeout=5)
            worst[path] = max(worst[path], time.monotonic() - began)
            assert status == 200
        rounds += 1
        time.sleep(0.1)
    assert rounds > 5
    assert clients.sent >= CONNECTIONS, "the slow clients did not get to work"
    return worst


@pytest.mark.parametrize("sources", SOURCES.values(), ids=SOURCES.keys())
@pytest.mark.parametrize("listener", ["main", "probe"])
def test_two_hundred_dribbling_connections_delay_neither_probe_nor_scrape(attacked, listener, sources):
    with SlowClients(getattr(attacked, listener), sources) as clients:
        worst = slowest(attacked, clients)

    assert max(worst.values()) < 1.0, worst


@pytest.mark.parametrize("listener", ["main", "probe"])
def test_two_hundred_clients_that_never_read_their_reply_delay_neither_probe_nor_scrape(attacked, listener):
    whole = b"GET /metrics HTTP/1.1\r\nHost: seaworthy\r\n\r\n"
    with SlowClients(getattr(attacked, listener), SOURCES["from other addresses"], reads=False, request=whole, step=len(whole)) as clients:
        worst = slowest(attacked, clients)

    assert max(worst.values()) < 1.0, worst


def test_a_dribbled_request_is_given_up_at_its_deadline_and_counted(attacked, eventually):
    with SlowClients(attacked.main, SOURCES["from other addresses"]):
        eventually(lambda: any(value > 0 for name, value in attacked.metrics().items()
                               if name.startswith("seaworthy_http_connections_rejected_total") and ('"deadline"' in name or '"limit"' in name)),
                   20, "rejected connections in the metrics")
