#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""screenshots.py BINARY FOLDER PICTURES: every page of the demo into FOLDER, and those that the README shows into PICTURES."""
import json
import pathlib
import re
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from browser import SCHEMES, WIDTHS, Browser  # noqa: E402
from demo import PAGES, Demo  # noqa: E402
from processes import clean_environment  # noqa: E402
from terminal_picture import page_of, said_on_a_terminal  # noqa: E402

SHOWN = {("/", "wide", "light"): "overview.png", ("/namespaces/shop", "wide", "dark"): "namespace.png"}


def wait_for_changes(site, least=12, seconds=120):
    deadline = time.monotonic() + seconds
    while len(json.load(urllib.request.urlopen(site + "/api/v1/changes", timeout=10)).get("checks", [])) < least:
        assert time.monotonic() < deadline, "too little has changed in the demo"
        time.sleep(1)


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
        wait_for_changes(site)
        for (page, width, scheme), picture in SHOWN.items():
            browser = Browser(WIDTHS[width], scheme)
            browser.open(site + page)
            browser.screenshot(pictures / picture, height=1420 if page == "/" else 1000)
            browser.close()
    # The demo's cluster is the daemon's own; a terminal shows one that is committed.
    root = pathlib.Path(__file__).resolve().parents[2]
    said = said_on_a_terminal([pathlib.Path(binary).resolve(), "audit", root / "tests" / "reference" / "typical"], 112, clean_environment())
    with tempfile.TemporaryDirectory() as work:
        page = pathlib.Path(work) / "terminal.html"
        page.write_text(page_of(said, 52))
        browser = Browser(1000, "dark")
        browser.open(page.as_uri())
        browser.screenshot(pictures / "terminal.png")
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}, {len(SHOWN) + 1} in {pictures}")


if __name__ == "__main__":
    main(*sys.argv[1:])
