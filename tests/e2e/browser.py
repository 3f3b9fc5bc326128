# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium without a window, at a width and in a colour scheme."""
import base64
import json

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

WIDTHS = {"wide": 1440, "phone": 390}
SCHEMES = ("light", "dark")


class Browser:
    def __init__(self, width=1440, scheme="light", scripts=True):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
                         "--disable-background-networking", "--disable-component-update", "--disable-sync"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        self._driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self._driver.set_page_load_timeout(30)
        self._driver.set_script_timeout(60)
        self._tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self._tell("Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1, mobile=False)

    def _tell(self, command, **parameters):
        return self._driver.execute_cdp_cmd(command, parameters)

    def open(self, url):
        """Loads it; the list of what the console had to say, violations of the content security policy among that."""
        self._driver.get(url)
        return [entry["message"] for entry in self._driver.get_log("browser")]

    def run(self, script, *arguments):
        return self._driver.execute_script(script, *arguments)

    def text(self):
        return self.run("return document.body.innerText")

    def wait_for(self, selector, count):
        """Until the page has so many elements that the CSS selector matches."""
        WebDriverWait(self._driver, 30).until(lambda driver: len(driver.find_elements(By.CSS_SELECTOR, selector)) >= count)

    def overflow(self):
        """By how many pixels the page is wider than the window."""
        return self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def violations(self, axe):
        """What axe-core finds: [(rule, element, why)]"""
        self.run(axe + ";window.axe = axe")
        found = self._driver.execute_async_script(
            "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(r => done(JSON.stringify(r.violations)), e => done(JSON.stringify([{id: String(e), nodes: []}])))")
        return [(rule["id"], node["target"], node["failureSummary"]) for rule in json.loads(found) for node in rule["nodes"] or [{"target": [], "failureSummary": ""}]]

    def screenshot(self, path, height=None):
        """All of the page, or only so many pixels of it from the top."""
        width, whole = self.run("return [document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": min(whole, height or whole), "scale": 1}
        shot = self._tell("Page.captureScreenshot", captureBeyondViewport=True, clip=clip, format="png")
        path.write_bytes(base64.b64decode(shot["data"]))

    def press(self, keys):
        self._driver.switch_to.active_element.send_keys(keys)

    def close(self):
        self._driver.quit()
