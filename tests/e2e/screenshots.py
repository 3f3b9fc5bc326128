#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""screenshots.py BINARY FOLDER PICTURES: every page of the demo into FOLDER, and those that the README shows into PICTURES."""
import json
import pathlib
import re
import sys
import tempfile
import time
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from browser import SCHEMES, WIDTHS, Browser  # noqa: E402
from demo import PAGES, Demo  # noqa: E402
from processes import clean_environment  # noqa: E402
from prometheus import Prometheus  # noqa: E402
from terminal_picture import page_of, said_on_a_terminal  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
GRAPHED = [("fleet", "Score and coverage"), ("fleet", "Findings over time")]  # panels whose first query the README shows, on Prometheus' own page
SHOWN = {("/", "wide", "light"): "overview.png", ("/namespaces/shop", "wide", "dark"): "namespace.png"}


def wait_for_changes(site, least=12, seconds=120):
    deadline = time.monotonic() + seconds
    while len(json.load(urllib.request.urlopen(site + "/api/v1/changes", timeout=10)).get("checks", [])) < least:
        assert time.monotonic() < deadline, "too little has changed in the demo"
        time.sleep(1)


def query_of(dashboard, title):
    """The first query of a panel, for every cluster, job and namespace."""
    panels = json.loads((ROOT / "dashboards" / f"{dashboard}.json").read_text())["panels"]
    panel = next(panel for panel in panels if panel["title"] == title)
    return re.sub(r"\$\w+", ".*", panel["targets"][0]["expr"])


def has_samples(prometheus, query, seconds):
    """Whether each series has one of nearly every second; not while Prometheus is starting."""
    try:
        found = prometheus.recent(query, seconds)
    except OSError:
        return False
    return bool(found) and all(len(row["values"]) >= 0.9 * seconds for row in found)


def picture_queries(prometheus, picture, seconds=60):
    """Prometheus' graphs of GRAPHED, once there is something to see."""
    queries = [query_of(*panel) for panel in GRAPHED]
    deadline = time.monotonic() + seconds + 30
    while not all(has_samples(prometheus, query, seconds) for query in queries):
        assert time.monotonic() < deadline, "Prometheus has not enough samples"
        time.sleep(1)
    parts = "&".join(f"g{i}.{key}={urllib.parse.quote(str(value))}" for i, query in enumerate(queries)
                     for key, value in {"expr": query, "tab": 0, "range_input": f"{seconds}s", "step_input": 1}.items())
    browser = Browser(1200, "light")
    browser.open(f"http://127.0.0.1:{prometheus.port}/graph?{parts}")
    browser.wait_for("svg path", len(queries))
    # Of its fonts only the one for emoji is likely to be here, which has digits too.
    browser.run("document.head.appendChild(document.createElement('style')).textContent ="
                " 'body, textarea, input { font-family: \"DejaVu Sans\", sans-serif !important } textarea { height: 4em !important; resize: none }'")
    browser.screenshot(picture)
    browser.close()


def main(binary, folder, pictures):
    folder, pictures = pathlib.Path(folder), pathlib.Path(pictures)
    folder.mkdir(parents=True, exist_ok=True)
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work, Demo(pathlib.Path(binary).resolve(), pathlib.Path(work)) as site:
        for width, pixels in WIDTHS.items():
            for scheme in SCHEMES:
                browser = Browser(pixels, scheme)
                for page in PAGES:
                    browser.open(site + page)
                    name = re.sub(r"[^a-z0-9]+", "-", page).strip("-") or "overview"
                    browser.screenshot(folder / f"{name}-{width}-{scheme}.png")
                browser.close()
    # The README's show what a newcomer sees after the demo's first steps: a trend, and what changed.
    with tempfile.TemporaryDirectory() as work, Demo(pathlib.Path(binary).resolve(), pathlib.Path(work), interval="5s") as site:
        prometheus = Prometheus(pathlib.Path(work), [site.removeprefix("http://")])
        try:
            picture_queries(prometheus, pictures / "queries.png")
        finally:
            prometheus.stop()
        wait_for_changes(site)
        for (page, width, scheme), picture in SHOWN.items():
            browser = Browser(WIDTHS[width], scheme)
            browser.open(site + page)
            browser.screenshot(pictures / picture, height=1420 if page == "/" else 1000)
            browser.close()
    # The demo's cluster is the daemon's own; a terminal shows one that is committed.
    said = said_on_a_terminal([pathlib.Path(binary).resolve(), "audit", ROOT / "tests" / "reference" / "typical"], 112, clean_environment())
    with tempfile.TemporaryDirectory() as work:
        page = pathlib.Path(work) / "terminal.html"
        page.write_text(page_of(said, 52))
        browser = Browser(1000, "dark")
        browser.open(page.as_uri())
        browser.screenshot(pictures / "terminal.png")
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}, {len(SHOWN) + 2} in {pictures}")


if __name__ == "__main__":
    main(*sys.argv[1:])
