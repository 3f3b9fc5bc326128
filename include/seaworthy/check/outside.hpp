// SPDX-License-Identifier: Apache-2.0
// What the configuration names outside the cluster, and where it is asked: who probes and who judges go by the same URLs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/model/label_query.hpp"

namespace seaworthy::check {

/// `probes.registries[]`.
struct Registry {
    std::string host; ///< as image references name it
    std::string api_url;
    std::string repo;
    std::string tag;
    bool expect_private = false;
    bool from_nodes_only = false;
    std::string ca_file;

    /// Where its API answers, without a trailing slash: `apiUrl`, else https://<host>; Docker Hub's is another host.
    [[nodiscard]] std::string base() const;
    /// `/v2/`: is a registry there (OCI distribution-spec end-1)?
    [[nodiscard]] std::string ping_url() const;
    /// The manifest that `expectPrivate` asks for; empty where repo or tag is.
    [[nodiscard]] std::string manifest_url() const;
};

/// `oidc.issuers[]`.
struct Issuer {
    std::string url;
    std::string ca_file;

    /// OpenID Connect Discovery 1.0 §4: the issuer without its last slash, and the well-known path.
    [[nodiscard]] std::string discovery_url() const;
};

/// One of `oidc.extraComponents`: workloads that people log in to, and where they name their identity provider.
struct LoginComponent {
    enum class Source { arg, env, configmap, probe };

    model::LabelQuery selector; ///< of the workload's pod template
    Source source = Source::arg;
    std::string path; ///< arg: a flag without dashes; env: a variable; configmap: NAME/KEY, or NAME/KEY/a.b where the value is YAML; probe: the URL
                      ///< that starts a login, which redirects to the provider
};
/// Reads `SELECTOR SOURCE PATH`, such as `app=backstage env AUTH_OIDC_ISSUER`. Nothing for anything else.
[[nodiscard]] std::optional<LoginComponent> parse_login_component(std::string_view text);

struct Oidc {
    std::string expected_issuer;
    std::vector<Issuer> issuers;
    std::vector<std::vector<std::string>> issuer_aliases; ///< each: issuers that are one identity provider
    std::vector<std::string> additional_issuers;
    std::vector<std::string> extra_components; ///< each as parse_login_component() takes it
};

struct Outside {
    std::vector<Registry> registries;
    std::map<std::string, std::string, std::less<>> components; ///< "grafana" → base URL
    Oidc oidc;
    std::string control_target; ///< a URL that shows whether the way out works (registry-probe-availability)

    /// What is asked of a component (`probes.components`), its base URL included; nothing where it is not configured.
    [[nodiscard]] std::vector<std::string> urls_of(std::string_view component) const;
    /// The one of them that ends in `path`; empty where the component is not configured.
    [[nodiscard]] std::string url_of(std::string_view component, std::string_view path) const;
    /// What is asked of `oidc.extraComponents`.
    [[nodiscard]] std::vector<std::string> login_urls() const;
    /// A host of `probes.registries`, the registry's own or that of its API.
    [[nodiscard]] bool names_registry_host(std::string_view host) const;
};

/// Where an anonymous token for one repository is had, by the Bearer challenge of a 401 (distribution's token specification). Nothing
/// without such a challenge, or where its realm is on a host that is neither the registry's nor configured.
[[nodiscard]] std::optional<std::string> token_url(const Outside& outside, const Registry& registry, std::string_view www_authenticate);
/// True if a `WWW-Authenticate` has a Bearer challenge at all.
[[nodiscard]] bool is_bearer_challenge(std::string_view www_authenticate);

/// `host` or `host:port` of an http(s) URL, in lower case; empty for anything else.
[[nodiscard]] std::string host_of_url(std::string_view url);

} // namespace seaworthy::check
