# SPDX-License-Identifier: Apache-2.0
"""A webhook behind Debian's nginx, which ends TLS and asks for a client's certificate, as many receivers are run."""
import time

import receiver
from control_plane import Authority
from processes import free_port
from receivers import Receiver as Program
from siem import code, pod, uid

CONFIGURATION = """
daemon off; pid nginx.pid; error_log stderr warn;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    ssl_client_certificate {authority}; ssl_verify_client on;
    keepalive_timeout 1s; keepalive_requests 5; client_max_body_size 16k; client_body_buffer_size 16k;
    location / {{ proxy_pass http://127.0.0.1:{upstream}; }}
  }}
}}
"""


class Nginx(Program):
    """It breaks connections off after five requests or a second without one, and takes bodies of 16 KiB."""

    def __init__(self, folder, upstream, certificate, key, authority):
        super().__init__(folder, "nginx")
        (self.folder / "nginx.conf").write_text(CONFIGURATION.format(port=self.port, certificate=certificate, key=key, authority=authority, upstream=upstream))

    def command(self):
        return ["/usr/sbin/nginx", "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", "stderr"]


def sink(front, tls, **more):
    return {"name": "front", "type": "webhook", "url": f"https://127.0.0.1:{front.port}/events", "tls": {**tls, "serverName": "logs.local"},
            "batch": {"linger": "0s"}, "retry": {"base": "100ms", "cap": "1s"}, **more}


def of_sink(daemon, name):
    return sum(value for series, value in daemon.metrics().items() if series.startswith(name) and 'sink="front"' in series)


def make_pods(admin, namespace, names):
    for name in names:
        admin.create(pod(namespace, name))


def test_siem_row_21_and_22_a_front_with_mutual_tls_small_bodies_and_short_patience_gets_each_event_once(
        admin, namespace, certificates, started, auditing, told, tmp_path, eventually):
    server, tls = certificates
    with receiver.Receiver(lambda _: 200) as upstream:
        front = started(Nginx(tmp_path, upstream.port, *server))
        make_pods(admin, namespace, [f"web-{i}" for i in range(12)])
        daemon = auditing([sink(front, tls, batch={"linger": "500ms", "maxEvents": 500})], namespace)
        eventually(lambda: len([event for event in told() if code(event) == "finding_opened"]) > 100, 60, "findings")
        eventually(lambda: {uid(event) for event in told()} <= set(upstream.uids()), 60, "all of them behind the front")
        assert len(upstream.taken) > 1, "bodies of more than 16 KiB are refused with 413, and halved"
        assert max(map(len, upstream.taken)) <= 16 * 1024
        # Longer than the front keeps a connection that nobody uses.
        idle = time.monotonic() + 3
        eventually(lambda: time.monotonic() > idle, 30, "the end of its patience")
        make_pods(admin, namespace, ["late"])
        eventually(lambda: any("late" in str(event["resources"]) for event in told() if code(event) == "finding_opened"), 30, "a finding after the pause")
        eventually(lambda: {uid(event) for event in told()} <= set(upstream.uids()), 30, "it too behind the front")
        assert len(upstream.uids()) == len(set(upstream.uids())), "no event came twice"
        assert of_sink(daemon, "seaworthy_sink_parked{") == 0


def test_siem_row_24_and_25_a_front_that_refuses_the_certificate_or_has_nobody_behind_it_costs_no_event(
        admin, namespace, certificates, started, auditing, told, tmp_path, eventually):
    server, tls = certificates
    certificate, key = Authority(tmp_path, "strangers").issue("stranger", "/CN=stranger.local", "DNS:stranger.local")
    port = free_port()
    front = started(Nginx(tmp_path, port, *server))
    make_pods(admin, namespace, ["web"])
    daemon = auditing([sink(front, {**tls, "certFile": str(certificate), "keyFile": str(key)})], namespace)
    eventually(lambda: any(code(event) == "finding_opened" for event in told()), 60, "findings")
    eventually(lambda: of_sink(daemon, "seaworthy_sink_event_failures_total") > 2, 60, "tries that the front refused")
    assert of_sink(daemon, "seaworthy_sink_last_success_timestamp_seconds") == 0 and of_sink(daemon, "seaworthy_sink_up") == 0, "nothing counts as delivered"
    assert of_sink(daemon, "seaworthy_sink_parked{") == 0, "no event is at fault"
    eventually(lambda: "The SSL certificate error" in daemon.log.read_text(), 60, "the front's own words")
    assert daemon.stop() == 0

    daemon = auditing([sink(front, tls)], namespace)
    eventually(lambda: "502" in daemon.log.read_text(), 60, "the front's word that nobody is behind it")
    with receiver.Receiver(lambda _: 200, port=port) as upstream:
        eventually(lambda: any(code(event) == "finding_opened" for event in told()) and {uid(event) for event in told()} <= set(upstream.uids()), 60,
                   "all events")
        assert len(upstream.uids()) == len(set(upstream.uids()))
