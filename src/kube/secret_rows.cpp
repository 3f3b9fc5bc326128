// SPDX-License-Identifier: Apache-2.0
#include "kube/secret_rows.hpp"

#include <map>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "kube/decode/api_answers.hpp"
#include "kube/forget.hpp"
#include "seaworthy/base/percent_encode.hpp"
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

/// A selector, and the label that the Secrets which it finds are known to carry.
struct Question {
    std::string selector;
    std::string key;
    std::string value;
};

/// The day on which a legacy token was last used. Rows show no labels and a selector cannot compare, but it can name days.
constexpr std::string_view k_last_used = "kubernetes.io/legacy-token-last-used";
constexpr int k_days_of_use = 90;

std::string day(Timestamp time)
{
    return format_rfc3339(time).substr(0, 10);
}

/// "Used on one of the last ninety days"; the value is the first of them, the day from which on that is certain.
Question used_lately(Timestamp now)
{
    const auto ago = [&](int days) { return day(Timestamp{now.unix_seconds() - days * 86'400LL}); };
    std::string days = ago(-1); // the API server's clock may be ahead
    for (int days_ago = 0; days_ago <= k_days_of_use; ++days_ago)
        days += "," + ago(days_ago);
    return {fmt::format("{} in ({})", k_last_used, days), std::string{k_last_used}, ago(k_days_of_use)};
}

Question question(const std::string& label, Timestamp now)
{
    if (label == k_last_used) return used_lately(now);
    const auto equals = label.find('=');
    return {label, label.substr(0, equals), equals == std::string::npos ? std::string{} : label.substr(equals + 1)};
}

/// Notes which Secrets a selector has found.
class LabelSink final : public ElementSink {
public:
    LabelSink(std::shared_ptr<SecretReading> reading, Question question) : m_reading(std::move(reading)), m_question(std::move(question)) {}
    void element(PaddedJson json) override { m_reading->labels[parse_row_name(json)].emplace_back(m_question.key, m_question.value); }
    void skipped(std::string_view, std::string_view) override {}

private:
    std::shared_ptr<SecretReading> m_reading;
    Question m_question;
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
        for (const auto& [key, value] : found->second)
            entries.push_back({vault.texts.intern(key), vault.texts.intern(value)});
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
    const auto asked = question(label, reading->context.inventory.taken_at);
    ListOrder order = reading->asked.order;
    order.query += "&labelSelector=" + percent_encode(asked.selector);
    auto restart = [reading, asked] {
        for (auto& [name, labels] : reading->labels)
            std::erase(labels, std::pair{asked.key, asked.value});
    };
    start_list(reading->context, std::move(order), std::make_unique<LabelSink>(reading, asked), std::move(restart),
               [reading](const ListResult& result) {
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
    for (const std::string& label : reading->asked.labels)
        start_label(reading, label);
}

} // namespace seaworthy::kube
