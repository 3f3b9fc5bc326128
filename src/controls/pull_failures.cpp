// SPDX-License-Identifier: Apache-2.0
#include "controls/pull_failures.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "seaworthy/base/letter_case.hpp"

namespace seaworthy::controls {

using check::Context;
using check::Reason;
using check::Verdict;

namespace {

bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/// Quoted text and words that are the image or a digest become a space: what is left is the kubelet's and the registry's own words.
std::string own_words(std::string_view message, std::string_view image)
{
    std::string text;
    bool quoted = false;
    for (const char c : message) {
        if (c == '"') quoted = !quoted;
        text.push_back(quoted || c == '"' ? ' ' : c);
    }
    // An odd quote ends where the message was cut.
    std::size_t begin = 0;
    while (begin < text.size()) {
        const auto end = std::min(text.find(' ', begin), text.size());
        const std::string_view word{text.data() + begin, end - begin};
        const bool names_image = !image.empty() && word.starts_with(image) && (word.size() == image.size() || !is_word(word[image.size()]));
        if (names_image || word.find("sha256:") != std::string_view::npos)
            std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(begin), end - begin, ' ');
        begin = end + 1;
    }
    return text;
}

/// The text in lower case, with the questions that the classes ask.
class Words {
public:
    explicit Words(std::string text) : m_text(std::move(text)), m_lower(to_lower(m_text)) {}

    [[nodiscard]] bool say(std::string_view phrase) const { return m_lower.find(phrase) != std::string::npos; }

    /// A status of HTTP: the number as a word, then its reason phrase.
    [[nodiscard]] bool has_status(std::string_view status) const
    {
        for (auto at = m_text.find(status); at != std::string::npos; at = m_text.find(status, at + 1)) {
            const auto end = at + status.size();
            const bool starts = at == 0 || !(is_word(m_text[at - 1]) || m_text[at - 1] == '.' || m_text[at - 1] == ':');
            if (starts && end + 1 < m_text.size() && m_text[end] == ' ' && m_text[end + 1] >= 'A' && m_text[end + 1] <= 'Z') return true;
        }
        return false;
    }

    /// `EOF` as a word of its own, in capitals as Go writes it.
    [[nodiscard]] bool ends_early() const
    {
        for (auto at = m_text.find("EOF"); at != std::string::npos; at = m_text.find("EOF", at + 1)) {
            const auto end = at + 3;
            if ((at == 0 || !is_word(m_text[at - 1])) && (end == m_text.size() || !is_word(m_text[end]))) return true;
        }
        return false;
    }

private:
    std::string m_text;
    std::string m_lower;
};

bool any_of(const Words& words, std::initializer_list<std::string_view> phrases)
{
    return std::ranges::any_of(phrases, [&](auto phrase) { return words.say(phrase); });
}

bool waits_for_image(std::string_view reason)
{
    return reason == "ErrImagePull" || reason == "ImagePullBackOff" || reason == "RegistryUnavailable" || reason == "ImageInspectError";
}

std::string_view image_of(const model::Pod& pod, std::string_view container)
{
    if (pod.spec() == nullptr) return {};
    const auto found = std::ranges::find_if(pod.spec()->containers, [&](const auto& candidate) { return candidate.name == container; });
    return found == pod.spec()->containers.end() ? std::string_view{} : found->image.view();
}

bool is_pull_failure(const model::Event& event)
{
    return event.reason == "Failed" && event.message.view().starts_with("Failed to pull image");
}

/// Events name the image in quotes; an image that the pod no longer asks for says nothing about it.
bool is_about(const model::Event& event, std::string_view image)
{
    return !image.empty() && event.message.view().find(fmt::format("\"{}\"", image)) != std::string_view::npos;
}

std::optional<seconds> waiting_since(const model::Pod& pod, Timestamp now)
{
    if (const auto* condition = model::find_condition(pod.conditions(), "ContainersReady");
        condition != nullptr && condition->last_transition.known())
        return condition->last_transition.age(now);
    return pod.started.known() ? pod.started.age(now) : pod.created.age(now);
}

class Collector {
public:
    Collector(const model::Workload& workload, const Context& context, seconds window) : m_workload(workload), m_context(context), m_window(window) {}

    PullHistory collect()
    {
        for (const auto* pod : m_workload.pods) {
            read_events(*pod);
            for (const auto& status : pod->container_statuses()) {
                if (status.waiting_reason.empty() || !m_workload.declares_container(status.name)) continue;
                if (waits_for_image(status.waiting_reason)) add_waiting(*pod, status);
                if (status.waiting_reason == "InvalidImageName" || status.waiting_reason == "ErrImageNeverPull") m_history.never_pulls = true;
            }
        }
        return std::move(m_history);
    }

private:
    [[nodiscard]] std::span<const model::Event* const> events_of(const model::Pod& pod) const
    {
        return m_context.index.events_about(pod.ns(), "Pod", pod.name);
    }
    [[nodiscard]] bool in_window(const model::Event& event) const
    {
        const auto age = event.last_seen.age(m_context.now);
        return !age || *age <= m_window;
    }

    void read_events(const model::Pod& pod)
    {
        for (const auto* event : events_of(pod)) {
            if (!is_pull_failure(*event) || !in_window(*event)) continue;
            const auto message = event->message.view();
            const auto quote = message.find('"');
            const auto image =
                quote == std::string_view::npos ? std::string_view{} : message.substr(quote + 1, message.find('"', quote + 1) - quote - 1);
            count(classify_pull_message(message, image), event->count);
        }
    }

    void count(PullFailure failure, int times)
    {
        const auto found = std::ranges::find(m_history.recent, failure, &std::pair<PullFailure, int>::first);
        if (found == m_history.recent.end()) {
            m_history.recent.emplace_back(failure, std::max(times, 1));
        } else {
            found->second += std::max(times, 1);
        }
    }

    void add_waiting(const model::Pod& pod, const model::ContainerStatus& status)
    {
        WaitingContainer waiting{&pod, status.name, image_of(pod, status.name), PullFailure::none_seen, waiting_since(pod, m_context.now)};
        waiting.failure = classify_pull_message(status.waiting_message, waiting.image);
        if (waiting.failure == PullFailure::none_seen) waiting.failure = from_newest_event(pod, waiting.image);
        if (waiting.failure == PullFailure::none_seen && status.waiting_reason == "RegistryUnavailable") waiting.failure = PullFailure::unavailable;
        m_history.waiting.push_back(waiting);
    }

    [[nodiscard]] PullFailure from_newest_event(const model::Pod& pod, std::string_view image) const
    {
        const model::Event* newest = nullptr;
        for (const auto* event : events_of(pod)) {
            if (!is_pull_failure(*event) || !in_window(*event) || !is_about(*event, image)) continue;
            if (newest == nullptr || newest->last_seen < event->last_seen) newest = event;
        }
        return newest == nullptr ? PullFailure::none_seen : classify_pull_message(newest->message, image);
    }

    const model::Workload& m_workload;
    const Context& m_context;
    seconds m_window;
    PullHistory m_history;
};

} // namespace

PullFailure classify_pull_message(std::string_view message, std::string_view image)
{
    const Words words{own_words(message, image)};
    if (words.has_status("429") || any_of(words, {"toomanyrequests", "too many requests", "pull rate limit"})) return PullFailure::throttled;
    if (any_of(words, {"may require authorization", "may require 'docker login'"})) return PullFailure::auth_or_not_found;
    if (words.has_status("401") || words.has_status("403") ||
        any_of(words, {"unauthorized", "no basic auth credentials", "insufficient_scope", "denied"}))
        return PullFailure::auth;
    if (any_of(words, {"not found", "manifest unknown", "name unknown"})) return PullFailure::not_found;
    for (const auto status : {"500", "501", "502", "503", "504"})
        if (words.has_status(status)) return PullFailure::unavailable;
    if (words.ends_early() ||
        any_of(words, {"i/o timeout", "deadline exceeded", "connection refused", "no such host", "tls handshake", "registry is unavailable",
                       "connection reset", "network is unreachable", "no route to host", "client.timeout exceeded"}))
        return PullFailure::unavailable;
    return PullFailure::none_seen;
}

int PullHistory::recent_count(PullFailure failure) const
{
    const auto found = std::ranges::find(recent, failure, &std::pair<PullFailure, int>::first);
    return found == recent.end() ? 0 : found->second;
}

const WaitingContainer* PullHistory::find(PullFailure failure) const
{
    const auto found = std::ranges::find(waiting, failure, &WaitingContainer::failure);
    return found == waiting.end() ? nullptr : &*found;
}

PullHistory pull_history(const model::Workload& workload, const Context& context, seconds window)
{
    return Collector{workload, context, window}.collect();
}

std::optional<Verdict> hidden_cause(const PullHistory& history, const model::Workload& workload, const Context& context)
{
    const auto* hidden = history.find(PullFailure::none_seen);
    if (hidden == nullptr) return std::nullopt;
    if (const auto* gap = context.gap("events", workload.ns)) return context.unknown_for(*gap);
    return check::unknown(Reason::unobservable,
                          fmt::format("Container {} of pod {} waits for its image and nothing says why", hidden->name, hidden->pod->name.view()))
        .with("waiting", fmt::format("{}/{}", hidden->pod->name.view(), hidden->name));
}

} // namespace seaworthy::controls
