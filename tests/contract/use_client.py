# SPDX-License-Identifier: Apache-2.0
"""use_client.py URL: reads everything through the client that openapi-python-client made of openapi.json; prints what it found as JSON."""
import json
import sys

from client import Client
from client.api.default import get_control, get_namespace, get_report, get_status, list_controls, list_exemptions, list_findings, list_namespaces, list_tenants
from client.models import Problem


def all_findings(api):
    """Page by page."""
    found, following = [], {}
    while True:
        page = list_findings.sync(client=api, limit=100, **following)
        found += page.items
        if not page.metadata.continue_:
            assert len(found) == page.metadata.total
            return found
        following = {"continue_": page.metadata.continue_}


def main(url):
    api = Client(base_url=url, raise_on_unexpected_status=True)
    report = get_report.sync(client=api)
    namespaces = [one.name for one in list_namespaces.sync(client=api).items]
    findings = all_findings(api)
    problem = get_namespace.sync(client=api, ns="no-such-namespace")
    assert isinstance(problem, Problem), problem
    print(json.dumps({
        "score": report.score,
        "namespaces": namespaces,
        "namespace": get_namespace.sync(client=api, ns=namespaces[0]).namespace.name,
        "controls": [one.control.id for one in list_controls.sync(client=api).items],
        "control": get_control.sync(client=api, id="rbac").control.id,
        "findings": len(findings),
        "statuses": sorted({str(one.status) for one in findings}),
        "tenants": len(list_tenants.sync(client=api).items),
        "exemptions": len(list_exemptions.sync(client=api).items),
        "status": get_status.sync(client=api).to_dict()["kind"],
        "problem": [problem.status, problem.title],
    }))


if __name__ == "__main__":
    main(sys.argv[1])
