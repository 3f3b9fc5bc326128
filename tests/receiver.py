# SPDX-License-Identifier: Apache-2.0
"""An HTTP receiver on loopback whose answers a test decides."""
import dataclasses
import http.server
import json
import threading


@dataclasses.dataclass
class Request:
    path: str
    headers: dict
    body: bytes


class Receiver:
    """Answers with the status that answer(request) gives; what it took is in `taken`. A context manager."""

    def __init__(self, answer, port=0):
        self.requests, self.taken, self._lock = [], [], threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                request = Request(self.path, self.headers, self.rfile.read(int(self.headers["Content-Length"])))
                status = answer(request)
                with outer._lock:
                    outer.requests.append(request)
                    if 200 <= status < 300:
                        outer.taken.append(request.body)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def uids(self):
        """Of every event taken, in its order: CloudEvents, one or a batch a request."""
        with self._lock:
            documents = [json.loads(body) for body in self.taken]
        return [event["id"] for document in documents for event in (document if isinstance(document, list) else [document])]
