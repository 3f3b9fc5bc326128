// SPDX-License-Identifier: Apache-2.0
#include "kube/secret_rows.hpp"

#include <map>
#include <memory>
#include <utility>

#include "kube/decode/api_answers.hpp"
#include "kube/forget.hpp"
#include "seaworthy/model/vault.hpp"
#include "seaworthy/net/url.hpp"

namespace seaworthy::kube {
namespace {

constexpr const char* k_accept_table = "application/json;as=Table;v=v1;g=meta.k8s.io";
constexpr const char* k_without_objects = "includeObject=None";

/// The reading of one namespace: the labels' lists first, then the rows.
struct SecretReading {
    ListContext context;
    SecretOrder asked;
    std::function<void(const ListResult&)> done;
    std::map<std::string, std::vector<std::pair<std::string, std::string>>> labels; ///< by Secret name
    std::size_t lists_left = 0;
    std::optional<ReadFailure> failure;
};

std::pair<std::string, std::string> key_and_value(const std::string& label)
{
    const auto equals = label.find('=');
    return {label.substr(0, equals), equals == std::string::npos ? std::string{} : label.substr(equals + 1)};
}

/// Notes which Secrets a selector has found.
class LabelSink final : public ElementSink {
public:
    LabelSink(std::shared_ptr<SecretReading> reading, std::string label) : m_reading(std::move(reading)), m_label(std::move(label)) {}
    void element(PaddedJson json) override { m_reading->labels[parse_row_name(json)].push_back(key_and_value(m_label)); }
    void skipped(std::string_view, std::string_view) override {}

private:
    std::shared_ptr<SecretReading> m_reading;
    std::string m_label;
};

class RowSink final : public ElementSink {
public:
    explicit RowSink(std::shared_ptr<SecretReading> reading) : m_reading(std::move(reading)) {}

    void element(PaddedJson json) override
    {
        const std::string& ns = m_reading->asked.order.ns;
        m_reading->asked.decoder.decode_secret_row(ns, json, labels_of(json));
        m_reading->context.observer.object_read("secrets", ns, json.text);
    }
    void skipped(std::string_view reason, std::string_view head) override
    {
        ObjectDecoder& decoder = m_reading->asked.decoder;
        decoder.skipped(decoder.target("secrets"), reason, head);
    }

private:
    model::StringMap labels_of(PaddedJson json)
    {
        if (m_reading->labels.empty()) return {};
        const auto found = m_reading->labels.find(parse_row_name(json));
        if (found == m_reading->labels.end()) return {};
        model::Vault& vault = m_reading->context.inventory.vault();
        std::vector<model::KeyValue> entries;
        for (const auto& [key, value] : found->second) entries.push_back({vault.texts.intern(key), vault.texts.intern(value)});
        return vault.map(entries);
    }

    std::shared_ptr<SecretReading> m_reading;
};

void start_rows(const std::shared_ptr<SecretReading>& reading)
{
    auto restart = [reading] { forget(reading->context.inventory, "secrets", reading->asked.order.ns); };
    start_list(reading->context, reading->asked.order, std::make_unique<RowSink>(reading), std::move(restart), [reading](ListResult result) {
        if (!result.failure) result.failure = reading->failure;
        reading->done(result);
    });
}

void start_label(const std::shared_ptr<SecretReading>& reading, const std::string& label)
{
    ListOrder order = reading->asked.order;
    order.query += "&labelSelector=" + net::percent_encode(label);
    auto restart = [reading, label] {
        for (auto& [name, labels] : reading->labels) std::erase(labels, key_and_value(label));
    };
    start_list(reading->context, std::move(order), std::make_unique<LabelSink>(reading, label), std::move(restart), [reading](const ListResult& result) {
        if (result.failure) reading->failure = result.failure;
        if (--reading->lists_left == 0) start_rows(reading);
    });
}

} // namespace

void start_secret_rows(const ListContext& context, SecretOrder order, std::function<void(const ListResult&)> done)
{
    order.order.accept = k_accept_table;
    order.order.query = k_without_objects;
    auto reading = std::make_shared<SecretReading>(SecretReading{context, std::move(order), std::move(done)});
    reading->lists_left = reading->asked.labels.size();
    if (reading->lists_left == 0) return start_rows(reading);
    for (const std::string& label : reading->asked.labels) start_label(reading, label);
}

} // namespace seaworthy::kube
