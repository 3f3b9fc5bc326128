#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""screenshots.py BINARY FOLDER PICTURES: every page of the demo into FOLDER, and those that the README shows into PICTURES."""
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from browser import SCHEMES, WIDTHS, Browser  # noqa: E402
from demo import PAGES, Demo  # noqa: E402

SHOWN = {("/", "wide", "light"): "overview.png", ("/namespaces/payments", "wide", "dark"): "namespace.png"}


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
                    if shown := SHOWN.get((page, width, scheme)):
                        browser.screenshot(pictures / shown, height=1000)
                browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}, {len(SHOWN)} in {pictures}")


if __name__ == "__main__":
    main(*sys.argv[1:])
