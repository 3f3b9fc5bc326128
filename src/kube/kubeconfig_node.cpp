// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig_node.hpp"

#include <filesystem>

#include "kube/base64.hpp"
#include "seaworthy/base/json_text.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/base/yaml_json.hpp"

namespace seaworthy::kube {
namespace {

constexpr std::size_t k_max_json_bytes = 1U << 20U; // aliases can make a small file large

int line_of(const YAML::Node& node)
{
    return node.IsDefined() ? node.Mark().line + 1 : 0;
}

bool is_absent(const YAML::Node& node)
{
    return !node.IsDefined() || node.IsNull();
}

/// Stops growing once `out` is too large; the caller looks.
void append_json(const YAML::Node& node, std::string& out)
{
    if (out.size() > k_max_json_bytes) return;
    if (node.IsMap()) {
        char separator = '{';
        for (const auto& entry : node) {
            out += separator + json_quote(entry.first.Scalar()) + ':';
            append_json(entry.second, out);
            separator = ',';
        }
        out += node.size() == 0 ? "{}" : "}";
    } else if (node.IsSequence()) {
        char separator = '[';
        for (const YAML::Node& item : node) {
            out += separator;
            append_json(item, out);
            separator = ',';
        }
        out += node.size() == 0 ? "[]" : "]";
    } else if (node.IsScalar()) {
        const bool plain = node.Tag() == "?"; // unquoted: YAML's types apply
        out += plain ? yaml_to_json(node.Scalar()).value_or(json_quote(node.Scalar())) : json_quote(node.Scalar());
    } else {
        out += "null";
    }
}

} // namespace

KubeconfigNode::KubeconfigNode(const YAML::Node& node, std::string file, std::string what)
    : m_node(node), m_file(std::move(file)), m_what(std::move(what))
{
    if (!is_absent(m_node) && !m_node.IsMap()) fail("it is not a map");
}

YAML::Node KubeconfigNode::member(const char* key) const
{
    return m_node.IsMap() ? m_node[key] : YAML::Node{YAML::NodeType::Undefined};
}

Origin KubeconfigNode::origin() const
{
    return {m_file, line_of(m_node)};
}

std::string KubeconfigNode::text(const char* key)
{
    const YAML::Node node = member(key);
    if (is_absent(node)) return {};
    if (!node.IsScalar()) fail(node, m_what + ": " + key + " is not a string");
    return node.IsScalar() ? node.Scalar() : std::string{};
}

bool KubeconfigNode::flag(const char* key)
{
    const YAML::Node node = member(key);
    if (is_absent(node)) return false;
    bool value = false;
    if (!node.IsScalar() || !YAML::convert<bool>::decode(node, value)) fail(node, m_what + ": " + key + " is neither true nor false");
    return value;
}

std::string KubeconfigNode::path(const char* key)
{
    const std::string value = text(key);
    return value.empty() ? value : resolve(value);
}

std::string KubeconfigNode::resolve(const std::string& path) const
{
    const std::filesystem::path value{path};
    return value.is_absolute() ? path : (std::filesystem::path{m_file}.parent_path() / value).lexically_normal().string();
}

std::string KubeconfigNode::pem(const char* key)
{
    const std::string encoded = text(key);
    auto decoded = base64_decode(encoded);
    const bool is_pem = encoded.empty() || (decoded && decoded->find("-----BEGIN ") != std::string::npos);
    if (!is_pem) fail(member(key), m_what + ": " + key + " is not base64 of PEM text");
    return decoded.value_or(std::string{});
}

std::vector<std::string> KubeconfigNode::texts(const char* key)
{
    std::vector<std::string> result;
    for (const YAML::Node& item : list(key)) {
        if (item.IsScalar())
            result.push_back(item.Scalar());
        else
            fail(item, m_what + ": an item of " + key + " is not a string");
    }
    return result;
}

std::vector<YAML::Node> KubeconfigNode::list(const char* key)
{
    const YAML::Node node = member(key);
    if (is_absent(node)) return {};
    if (node.IsSequence()) return {node.begin(), node.end()};
    fail(node, m_what + ": " + key + " is not a list");
    return {};
}

std::string KubeconfigNode::json(const char* key)
{
    const YAML::Node node = member(key);
    std::string result;
    if (node.IsDefined()) append_json(node, result);
    if (result.size() > k_max_json_bytes) fail(node, m_what + ": " + key + " is too large");
    return result;
}

void KubeconfigNode::fail(const YAML::Node& node, const std::string& message)
{
    if (m_error) return;
    m_error = Error{Error::Kind::invalid_input, Origin{m_file, line_of(node)}.text() + ": " + printable(message), "Correct the kubeconfig file."};
}

void KubeconfigNode::fail(const std::string& message)
{
    fail(m_node, m_what + ": " + message);
}

void KubeconfigNode::adopt(const KubeconfigNode& part)
{
    if (!m_error) m_error = part.m_error;
}

Result<void> KubeconfigNode::verdict() const
{
    if (m_error) return tl::make_unexpected(*m_error);
    return {};
}

} // namespace seaworthy::kube
