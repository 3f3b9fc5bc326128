# SPDX-License-Identifier: Apache-2.0
"""A Kubernetes client of the size that the tests need: JSON over HTTPS, kinds resolved by discovery."""
import http.client
import json
import ssl
import urllib.parse


# At once, and without waiting for a garbage collector, which does not run here.
DELETE = {"gracePeriodSeconds": 0, "propagationPolicy": "Background"}


class ApiError(Exception):
    def __init__(self, code, status):
        self.code = code
        self.reason = status.get("reason", "") if isinstance(status, dict) else ""
        self.message = status.get("message", "") if isinstance(status, dict) else str(status)
        super().__init__(f"{code} {self.reason}: {self.message}")


class Client:
    """Requests as one user over one connection, which is opened anew where the server closed it. For one thread."""

    def __init__(self, host, port, ca_file, token):
        self._connection = http.client.HTTPSConnection(host, port, timeout=30, context=ssl.create_default_context(cafile=ca_file))
        self._token = token
        self._resources = {}

    def request(self, method, path, body=None, query=None, content_type="application/json", headers=None):
        """The decoded answer (text where it is not JSON). Raises ApiError for anything but 2xx."""
        if query:
            path += "?" + urllib.parse.urlencode(query)
        answer, raw = self._exchange(method, path, None if body is None else json.dumps(body), {
            "Authorization": f"Bearer {self._token}", "Content-Type": content_type, "Accept": "application/json", **(headers or {})})
        try:
            value = json.loads(raw)
        except ValueError:
            value = raw
        if not 200 <= answer.status < 300:
            raise ApiError(answer.status, value)
        return value

    def _exchange(self, *request):
        for last in (False, True):
            try:
                self._connection.request(*request)
                answer = self._connection.getresponse()
                return answer, answer.read().decode()
            except (http.client.HTTPException, ConnectionError, ssl.SSLEOFError):
                self._connection.close()  # an idle connection may be gone; a fresh one has to work
                if last:
                    raise

    def get(self, path, **query):
        return self.request("GET", path, query=query)

    def resource(self, api_version, kind):
        """(plural, namespaced) of a kind, or None where the server does not serve it."""
        if api_version not in self._resources:
            root = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
            try:
                served = self.get(root)["resources"]
            except ApiError as error:
                if error.code != 404:
                    raise
                served = []
            self._resources[api_version] = {item["kind"]: (item["name"], item["namespaced"]) for item in served if "/" not in item["name"]}
        return self._resources[api_version].get(kind)

    def forget_resources(self):
        """After a CustomResourceDefinition came or went."""
        self._resources = {}

    def path(self, api_version, kind, namespace="", name=""):
        plural, namespaced = self.resource(api_version, kind)
        parts = ["/api" if "/" not in api_version else "/apis", api_version]
        if namespaced:
            parts += ["namespaces", namespace or "default"]
        parts.append(plural)
        if name:
            parts.append(urllib.parse.quote(name))
        return "/".join(parts)

    def path_of(self, manifest, named=False):
        metadata = manifest["metadata"]
        return self.path(manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""), metadata["name"] if named else "")

    def create(self, manifest, **query):
        """Creates it and, where the manifest has one, writes its status as a controller would."""
        made = self.request("POST", self.path_of(manifest), manifest, query)
        if "status" in manifest and "dryRun" not in query:
            made["status"] = manifest["status"]
            try:
                made = self.request("PUT", self.path_of(made, named=True) + "/status", made)
            except ApiError as error:
                if error.code != 404:  # the kind has no status subresource
                    raise
        return made

    def replace(self, manifest, **query):
        return self.request("PUT", self.path_of(manifest, named=True), manifest, query)

    def delete(self, api_version, kind, name, namespace=""):
        return self.request("DELETE", self.path(api_version, kind, namespace, name), query=DELETE)

    def _namespaced_collections(self):
        """(root, plural) of all that can be deleted by namespace, from aggregated discovery. A group whose server is down is not among them."""
        accept = {"Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}
        for base, prefix in (("/api", "/api"), ("/apis", "/apis")):
            for group in self.request("GET", base, headers=accept)["items"]:
                version = group["versions"][0]
                name = group["metadata"].get("name")
                for item in version.get("resources", []):
                    if item["scope"] == "Namespaced" and "deletecollection" in item["verbs"]:
                        yield f"{prefix}/{name}/{version['version']}" if name else f"{prefix}/{version['version']}", item["resource"]

    def delete_namespace(self, name):
        """What the namespace controller does: the contents, then the finalizer, then the namespace is gone."""
        self.request("DELETE", f"/api/v1/namespaces/{name}")
        for root, plural in self._namespaced_collections():
            self.request("DELETE", f"{root}/namespaces/{name}/{plural}", query=DELETE)
        namespace = self.get(f"/api/v1/namespaces/{name}")
        namespace["spec"]["finalizers"] = []
        self.request("PUT", f"/api/v1/namespaces/{name}/finalize", namespace)

    def service_account_token(self, namespace, name, seconds=3600):
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": seconds}}
        return self.request("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", request)["status"]["token"]

    def allowed(self, user, verb, resource, group="", namespace="", groups=()):
        """Whether the server's authorizers let `user` do that (SubjectAccessReview)."""
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                  "spec": {"user": user, "groups": list(groups),
                           "resourceAttributes": {"verb": verb, "resource": resource, "group": group, "namespace": namespace}}}
        return self.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)["status"]["allowed"]
