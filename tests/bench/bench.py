#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench.py BUILD [PODS…]: audits generated clusters and prints what it took, next to a bare download of the same lists.

The API server is a process of its own (bench_server) and makes pods of about 14 KB, managedFields included, as it sends them. Ratios
matter, not seconds: server and client share the machine's cores. The download is curl with the very requests that the audit made.
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from processes import Daemon, run_measured  # noqa: E402

MEGABYTES_PER_SECOND = 240  # of each reply: about what a kube-apiserver's JSON encoder gives
PODS_OF_A_WORKLOAD = 30  # a hundred thousand pods have a few thousand pod specs
FEW_PODS_OF_A_WORKLOAD = 10  # three times the workloads: what memory depends on most
POLICIES = 5000
LISTS_AT_ONCE = 4  # as many as the audit reads
CURL = shutil.which("curl")
SCRAPES = 200
PAGE_REQUESTS = 20
NAMESPACES_OF_PAGES = 1000
PODS_OF_PAGES = 60_000  # some fifty thousand findings
REPEATS = 3


class Server:
    def __init__(self, build, pods, rate, pods_of_a_workload=PODS_OF_A_WORKLOAD, policies=0, namespaces=330):
        self._process = subprocess.Popen([str(build / "tests/bench_server"), str(pods), str(rate), str(pods_of_a_workload), str(policies), str(namespaces)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self._process.stdout.readline().strip()
        assert self.url, "bench_server did not start"

    def requests(self):
        """Targets of the requests since the last call."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return [line.split(" ", 1)[1].rstrip("\n") for line in iter(self._process.stdout.readline, "\n")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait()


def timed(command):
    """(seconds, CPU seconds, peak resident bytes) of a command whose output is thrown away."""
    done, used = run_measured(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return used["seconds"], used["cpu_seconds"], used["peak_bytes"]


def download_seconds(folder, url, targets):
    """What curl takes for the requests that the audit made: its four lists at a time, the pages of one list one behind the other."""
    lists = {}
    for target in targets:
        lists.setdefault(target.split("?")[0], []).append(target)
    commands = []
    for number, pages in enumerate(lists.values()):
        settings = folder / f"curl-{number}.txt"
        settings.write_text("".join(f'url = "{url}{page}"\noutput = "/dev/null"\n' for page in pages))
        commands.append([CURL, "--silent", "--user-agent", "bench", "--header", "Accept: application/json", "--config", settings])
    began = time.monotonic()
    with ThreadPoolExecutor(LISTS_AT_ONCE) as pool:
        list(pool.map(lambda command: subprocess.run(command, check=False), commands))
    return time.monotonic() - began


def kubeconfig(folder, url):
    path = folder / "kubeconfig"
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "bench", "clusters": [{"name": "bench", "cluster": {"server": url}}],
                                "users": [{"name": "bench", "user": {}}], "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}]}))
    return path


def best(command):
    return min((timed(command) for _ in range(REPEATS)), key=lambda run: run[0])


def bench_audit(build, folder, pods, pods_of_a_workload):
    with Server(build, pods, MEGABYTES_PER_SECOND, pods_of_a_workload) as server:
        audit = [build / "seaworthy", "audit", "--kubeconfig", kubeconfig(folder, server.url)]
        timed(audit)
        targets = [target for target in server.requests() if "/api" in target]
        seconds, cpu, peak = best(audit)
        download = min(download_seconds(folder, server.url, targets) for _ in range(REPEATS))
    print(f"{pods:>8} pods, {pods_of_a_workload:>3} a workload   audit {seconds:6.2f} s   bare download {download:6.2f} s   ratio {seconds / download:4.2f}"
          f"   CPU {cpu / pods * 1e6:5.1f} µs a pod   peak {peak / 1e6:5.1f} MB", flush=True)


def wait_until_ready(daemon):
    deadline = time.monotonic() + 300
    while not ready(daemon):
        assert time.monotonic() < deadline and daemon.process.poll() is None, daemon.log.read_text()[-2000:]
        time.sleep(0.1)


def all_controls(build):
    return json.loads(subprocess.run([build / "seaworthy", "controls", "list", "-o", "json"], check=True, capture_output=True, text=True).stdout)


def first_nine(control):
    """Steps 1 to 8, and central OIDC: judged without the network policies."""
    return control["id"] == "oidc" or (control["step"] or 99) <= 8


def bench_judging(build, folder, pods, policies, judged=lambda control: True):
    """What judging alone takes, by the daemon's own clock, and the memory of an audit with every kind of rule at work."""
    controls = all_controls(build)
    off = {check["id"]: {"enabled": False} for control in controls if not judged(control) for check in control["checks"]}
    with Server(build, pods, 0, PODS_OF_A_WORKLOAD, policies) as server:
        daemon = Daemon(build / "seaworthy", folder, kubeconfig(folder, server.url), {"audit": {"interval": "1h"}, "controls": {"checks": off}})
        try:
            wait_until_ready(daemon)
            seconds = next(value for name, value in daemon.metrics().items() if "audit_phase_duration" in name and "evaluate" in name)
            status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
            peak = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024
        finally:
            daemon.stop()
        _, _, audit_peak = timed([build / "seaworthy", "audit", "--kubeconfig", kubeconfig(folder, server.url)])
    print(f"{pods:>8} pods, {policies} network policies, {sum(map(judged, controls))} controls: judged in {seconds:5.2f} s, {seconds / pods * 1e6:4.2f} µs a pod   peak of an audit {audit_peak / 1e6:5.1f} MB,"
          f" of the daemon {peak / 1e6:5.1f} MB", flush=True)


def bench_scrape(build, folder, pods):
    with Server(build, pods, 0) as server:
        daemon = Daemon(build / "seaworthy", folder, kubeconfig(folder, server.url), {"audit": {"interval": "1h"}})
        try:
            wait_until_ready(daemon)
            series = len(daemon.metrics())
            for form, headers in (("plain", []), ("gzip", ["--compressed"])):
                times = scrape_times(folder, daemon.main, headers)
                print(f"{series:>8} series, {form:5}: median {statistics.median(times) * 1e3:5.2f} ms   worst of {len(times)} {max(times) * 1e3:5.2f} ms", flush=True)
        finally:
            daemon.stop()


def bench_pages(build, folder, pods):
    """Each page of a large report: its size as sent without compression, and the median of some requests."""
    with Server(build, pods, 0, FEW_PODS_OF_A_WORKLOAD, 0, NAMESPACES_OF_PAGES) as server:
        daemon = Daemon(build / "seaworthy", folder, kubeconfig(folder, server.url), {"audit": {"interval": "1h"}})
        try:
            wait_until_ready(daemon)
            report = daemon.report()
            findings = sum(result["status"] in ("warn", "fail") for result in report["results"])
            worst = min(report["namespaces"], key=lambda namespace: namespace["score"] or 100)["name"]
            print(f"{len(report['namespaces']):>8} namespaces, {findings} findings:")
            for page in ("/", f"/namespaces/{worst}", "/controls", "/controls/rbac", "/findings", "/findings?status=fail&sort=-worth", "/findings?q=team-077", "/status"):
                times = []
                for _ in range(PAGE_REQUESTS):
                    began = time.monotonic()
                    status, text = daemon.get(page)
                    times.append(time.monotonic() - began)
                    assert status == 200, (page, status)
                print(f"         {page:40} {len(text.encode()) / 1000:6.1f} kB   median {statistics.median(times) * 1e3:5.1f} ms   worst of {len(times)} {max(times) * 1e3:5.1f} ms",
                      flush=True)
        finally:
            daemon.stop()


def ready(daemon):
    try:
        return daemon.ready()
    except OSError:
        return False


def scrape_times(folder, port, headers):
    settings = folder / "scrapes.txt"
    settings.write_text(f'url = "http://127.0.0.1:{port}/metrics"\noutput = "/dev/null"\n' * SCRAPES)
    done = subprocess.run(["curl", "--silent", "--fail", *headers, "--config", str(settings), "--write-out", "%{time_total}\n"], check=True, capture_output=True, text=True)
    return [float(line) for line in done.stdout.split()]


def main(build, sizes):
    build = pathlib.Path(build).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        print(f"lists at {MEGABYTES_PER_SECOND} MB/s a reply, {os.cpu_count()} cores for client and server together, best of {REPEATS}")
        for pods in sizes:
            bench_audit(build, folder, pods, PODS_OF_A_WORKLOAD)
        bench_audit(build, folder, max(sizes), FEW_PODS_OF_A_WORKLOAD)
        bench_judging(build, folder, max(sizes), POLICIES)
        bench_judging(build, folder, max(sizes), 0, first_nine)
        bench_scrape(build, folder, min(sizes))
        bench_pages(build, folder, PODS_OF_PAGES)


if __name__ == "__main__":
    main(sys.argv[1], [int(size) for size in sys.argv[2:]] or [1000, 10000, 100000])
