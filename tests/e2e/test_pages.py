# SPDX-License-Identifier: Apache-2.0
"""Every page as people meet it: in a browser, wide and narrow, light and dark, with a keyboard, without scripts."""
import json
import os
import pathlib
import re
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from browser import SCHEMES, WIDTHS, Browser
from demo import PAGES, Demo

@pytest.fixture(scope="module")
def site(binary, tmp_path_factory):
    with Demo(binary, tmp_path_factory.mktemp("demo")) as url:
        yield url


@pytest.fixture(scope="module")
def axe():
    found = os.environ.get("SEAWORTHY_AXE")
    assert found, "SEAWORTHY_AXE is what scripts/axe.sh prints: run this through `make e2e`"
    return pathlib.Path(found).read_text()


@pytest.fixture(scope="module", params=[(width, scheme) for width in WIDTHS for scheme in SCHEMES], ids="-".join)
def browser(request):
    width, scheme = request.param
    one = Browser(WIDTHS[width], scheme)
    yield one
    one.close()


def test_pages_are_clean_accessible_and_fit(browser, site, axe):
    problems = []
    for page in PAGES:
        said = [message for message in browser.open(site + page) if not (page == "/nowhere" and "404" in message)]
        problems += [(page, "the console says", message) for message in said]
        problems += [(page, "axe", *violation) for violation in browser.violations(axe)]
        if browser.overflow() > 0:
            problems.append((page, "is wider than the window by", browser.overflow()))
    assert not problems, "\n".join(map(str, problems[:20]))


@pytest.fixture(scope="module")
def moving(binary, tmp_path_factory):
    """The demo as it is for a newcomer, from when it has a trend and a change on."""
    with Demo(binary, tmp_path_factory.mktemp("moving"), interval="1s") as url:
        deadline = time.monotonic() + 60
        while not json.load(urllib.request.urlopen(url + "/api/v1/changes", timeout=10)).get("checks"):
            assert time.monotonic() < deadline, "nothing has changed in the demo within a minute"
            time.sleep(0.5)
        yield url


def test_trends_and_changes_fit_too(browser, moving, axe):
    for page in ("/", "/?since=7d", "/namespaces/legacy", "/?since=tuesday", "/namespaces/legacy?since=0h"):
        said = [message for message in browser.open(moving + page) if "400" not in message]
        assert not said and not browser.violations(axe) and browser.overflow() <= 0, (page, said)
        if "=tuesday" not in page and "=0h" not in page:
            assert "What changed" in browser.text() and browser.run("return document.querySelectorAll('svg.trend').length") == 1, page
            # A heading that is squeezed by its neighbours has a line for each letter.
            assert browser.run("return document.querySelector('h1').getBoundingClientRect().height") < 60, page


def test_the_html_report_fits_and_is_accessible(browser, binary, axe, root, tmp_path):
    report = tmp_path / "report.html"
    subprocess.run([binary, "audit", root / "tests/reference/typical", "-o", f"html={report}"], check=True, capture_output=True)
    assert not browser.open(report.as_uri())
    assert browser.overflow() <= 0
    assert not browser.violations(axe)


def words(text):
    return re.sub(r"\b(just now|\d+[smhd] ago)\b", "lately", " ".join(text.split()))


def test_pages_are_complete_without_scripts(site):
    """All that a page says, and every link and form, comes from the server."""
    with_scripts, without = Browser(), Browser(scripts=False)
    try:
        for page in PAGES:
            with_scripts.open(site + page)
            without.open(site + page)
            links = [one.run("return [...document.querySelectorAll('a[href], form[action], details')].length") for one in (with_scripts, without)]
            assert links[0] == links[1] > 0, page
            assert words(with_scripts.text()) == words(without.text()), page
        assert without.run("return document.documentElement.dataset.scripts") is None
    finally:
        with_scripts.close()
        without.close()


def test_the_first_key_offers_to_skip_the_navigation(site):
    one = Browser()
    try:
        one.open(site + "/")
        one.press("\ue004")  # Tab
        assert one.run("return document.activeElement.getAttribute('href')") == "#main"
        outline = one.run("const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.boxShadow")
        assert outline != "nonenone", "the focus is invisible"
    finally:
        one.close()


def test_every_link_leads_somewhere(site):
    """From the overview on, each page once; a few of those that differ in a name only."""
    seen, waiting, kinds = set(), {"/"}, {}
    while waiting:
        page = waiting.pop()
        seen.add(page)
        try:
            with urllib.request.urlopen(site + page, timeout=10) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            pytest.fail(f"{page}: {error.code}")
        for link in re.findall(r'href="(/[^"#]*)', text):
            link = link.replace("&amp;", "&")
            kind = re.sub(r"=[^&]*", "", re.sub(r"^(/[a-z]+)/.*", r"\1/", link))
            if link not in seen | waiting and kinds.get(kind, 0) < 6 and "continue=" not in link and not link.startswith("/assets/"):
                kinds[kind] = kinds.get(kind, 0) + 1
                waiting.add(link)
    assert len(seen) > 30
