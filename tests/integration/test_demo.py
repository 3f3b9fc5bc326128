# SPDX-License-Identifier: Apache-2.0
"""The newcomer's first minute: the demo starts at once, looks right and moves."""
import argparse
import html.parser
import json
import re
import shlex
import subprocess
import threading
import time
import urllib.error
import urllib.request

import pytest
from processes import clean_environment, free_port


class Demo:
    def __init__(self, binary):
        self._process = subprocess.Popen([str(binary), "demo", "--listen", f"127.0.0.1:{free_port()}"], stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=clean_environment())
        self.began = time.monotonic()
        self.lines, self.address, self.seconds_to_address = [], None, None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self.lines.append(line)
            found = re.search(r"http://(127\.0\.0\.1|localhost):\d+", line)
            if found and not self.address:
                self.seconds_to_address = time.monotonic() - self.began
                self.address = found.group(0)

    def get(self, path, **headers):
        """(status, headers, text)"""
        try:
            with urllib.request.urlopen(urllib.request.Request(self.address + path, headers=headers), timeout=10) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def stop(self):
        began = time.monotonic()
        self._process.terminate()
        try:
            status = self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._reader.join()
        return status, time.monotonic() - began


@pytest.fixture(scope="module")
def demo(binary):
    """A running demo with its first report. Its end is part of the test: in order and in under two seconds."""
    one = Demo(binary)
    deadline = time.monotonic() + 60
    try:
        while not (one.address and report_of(one)):
            assert time.monotonic() < deadline, "no report within a minute:\n" + "".join(one.lines[-40:])
            time.sleep(0.05)
        yield one
    finally:
        status, seconds = one.stop()
    assert status == 0, "".join(one.lines[-40:])
    assert seconds < 2


def report_of(demo):
    try:
        status, _, text = demo.get("/api/v1/report")
    except OSError:
        return None
    return json.loads(text) if status == 200 else None


def test_the_address_is_printed_within_five_seconds(demo, preset):
    assert demo.seconds_to_address < (5 if preset == "release" else 30)


def test_a_dozen_namespaces_of_different_quality_are_judged(demo):
    report = report_of(demo)
    scores = {namespace["name"]: namespace["score"] for namespace in report["namespaces"] if namespace["class"] == "application"}

    assert len(scores) >= 10
    assert {"shop", "payments", "legacy"} <= set(scores)
    assert max(scores.values()) - min(scores.values()) > 20
    assert len(report["controls"]) == 19


class Page(html.parser.HTMLParser):
    VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

    def __init__(self, text):
        super().__init__()
        self.open, self.problems, self.text, self.links, self.scripts = [], [], [], [], 0
        self.feed(text)
        self.close()
        self.problems += [f"<{tag}> is never closed" for tag in self.open if tag not in ("html", "body", "li", "p", "td", "th", "tr")]

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)
        self.scripts += tag == "script"
        self.links += [value for name, value in attributes if name == "href" and tag == "a"]
        self.problems += [f"<{tag}> has an inline {name}" for name, _ in attributes if name == "style" or name.startswith("on")]

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        else:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.text.append(data)


def test_the_overview_shows_every_namespace_with_its_score(demo):
    report = report_of(demo)
    status, headers, text = demo.get("/")
    page = Page(text)
    words = " ".join(page.text)

    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert not page.problems
    for namespace in report["namespaces"]:
        assert namespace["name"] in words
        assert f"/namespaces/{namespace['name']}" in page.links


def test_the_namespace_page_shows_the_nineteen_controls(demo):
    status, _, text = demo.get("/namespaces/legacy")
    page = Page(text)

    assert status == 200 and not page.problems
    missing = [control["title"] for control in report_of(demo)["controls"] if control["title"] not in " ".join(" ".join(page.text).split())]
    assert not missing


@pytest.mark.parametrize("path", ["/", "/namespaces/legacy", "/metrics", "/api/v1/report", "/no/such/page", "/api/v1/no-such-thing"])
def test_every_answer_carries_the_security_headers(demo, path):
    _, headers, _ = demo.get(path)

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy and "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in headers


def test_errors_of_the_api_are_problem_documents(demo):
    status, headers, text = demo.get("/api/v1/namespaces/no-such-namespace")

    assert status == 404 and headers["Content-Type"].startswith("application/problem+json")
    assert json.loads(text)["status"] == 404


def test_the_api_describes_itself(demo):
    status, _, text = demo.get("/openapi.json")
    document = json.loads(text)

    assert status == 200 and document["openapi"].startswith("3.")
    for path in document["paths"]:
        if "{" not in path and "get" in document["paths"][path]:
            assert demo.get(path)[0] == 200, path


def status_of(command, address):
    """The status of a curl command's request, made here."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-X", default="GET")
    parser.add_argument("url")
    given = parser.parse_args(shlex.split(command)[1:])
    try:
        with urllib.request.urlopen(urllib.request.Request(given.url.replace("$U", address), method=given.X), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def test_the_examples_of_the_page_on_the_api_get_the_answers_it_gives(demo, root):
    examples = re.findall(r"^(curl [^|#\n]*?)(?:\|[^#\n]*)?# (\d{3})$", (root / "docs/api.md").read_text(), re.M)

    assert len(examples) >= 10
    assert {command: str(status_of(command, demo.address)) for command, _ in examples} == dict(examples)


def test_the_metrics_are_valid_in_both_formats(demo):
    _, headers, text = demo.get("/metrics")
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"

    _, headers, text = demo.get("/metrics", Accept="application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
    assert headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert text.endswith("# EOF\n")


def test_a_score_changes_while_one_watches(demo, eventually):
    def scores():
        return [line for line in demo.get("/metrics")[2].splitlines() if line.startswith("seaworthy_namespace_score_ratio")]

    before = scores()
    assert before
    eventually(lambda: scores() != before, 60, "a changed score")


def test_the_api_is_read_only(demo):
    request = urllib.request.Request(demo.address + "/api/v1/report", data=b"{}", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request, timeout=10)

    assert refusal.value.code in (400, 405, 413)
