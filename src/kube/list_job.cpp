// SPDX-License-Identifier: Apache-2.0
#include "kube/list_job.hpp"

#include <algorithm>
#include <limits>

#include "seaworthy/base/percent_encode.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/net/url.hpp"

namespace seaworthy::kube {
namespace {

constexpr std::uint32_t k_largest_page = 2000;

/// What the pages of one list share.
struct ListJob {
    ListContext context;
    ListOrder order;
    std::unique_ptr<ElementSink> sink;
    std::function<void()> restart;
    std::function<void(const ListResult&)> done;

    ListResult result;
    std::uint64_t bytes = 0;
    std::size_t pages_open = 0; ///< made and not ended
    std::size_t pages_in_flight = 0;
    unsigned generation = 0; ///< pages of an older one are abandoned
    bool restarted = false;
    bool exhausted = false; ///< a limit of ours was met

    void fail(const ReadFailure& failure)
    {
        if (!result.failure) result.failure = failure;
    }
    void page_ended()
    {
        if (--pages_open == 0) done(result);
    }
};

ReadFailure truncated(std::string message)
{
    ReadFailure failure;
    failure.reason = model::Reason::truncated;
    failure.message = std::move(message);
    return failure;
}

/// One page: a request with its own attempts. Elements that an earlier attempt has handed on are skipped in the next, which
/// is right as long as the server sends the same list again: with a continue token, or at the resource version of the first attempt.
class Page final : public Exchange, private ListSink {
public:
    Page(std::shared_ptr<ListJob> job, std::string token, std::uint32_t limit)
        : m_job(std::move(job)), m_token(std::move(token)), m_limit(limit), m_generation(m_job->generation)
    {
        ++m_job->pages_open;
    }

    ApiRequest request() override
    {
        if (!m_in_flight) ++m_job->pages_in_flight;
        m_in_flight = true;
        m_splitter.emplace(static_cast<ListSink&>(*this), limits());
        m_to_skip = m_taken;
        m_failure.reset();
        ApiRequest request;
        request.verb = "list";
        request.accept = m_job->order.accept;
        request.path = m_job->order.path + query();
        request.max_body_bytes = m_job->order.max_bytes - std::min(m_job->order.max_bytes, m_job->bytes);
        return request;
    }

    Next take_body(std::string_view bytes) override
    {
        m_job->bytes += bytes.size();
        if (const auto fed = m_splitter->feed(bytes); !fed) m_failure = unreadable(fed.error());
        if (m_job->exhausted) m_failure = truncated("more than " + std::to_string(m_job->order.max_objects) + " objects");
        return m_failure ? Next::abort : Next::go_on;
    }

    std::optional<ReadFailure> finish(const net::Head&) override
    {
        if (const auto finished = m_splitter->finish(); !finished) return truncated("the list broke off: " + printable(finished.error().message));
        if (!m_splitter->envelope().items_seen) return truncated("the answer is no list");
        ask_for_next(m_splitter->envelope());
        end();
        return std::nullopt;
    }

    /// A body that is no JSON, or too much of it, is final.
    std::optional<ReadFailure> aborted() override { return m_failure; }

    bool can_retry() override
    {
        // The version of a custom resource's list comes last: what was taken of a first page cannot be asked for again, nor skipped.
        const bool can_skip = m_taken == 0 || !m_token.empty() || !m_version.empty();
        if (!can_skip && m_job->restarted) return false;
        if (!can_skip) start_over(m_job->order.paging.limit);
        return true;
    }

    bool recover(int status, const StatusAnswer& answer) override
    {
        if (status == 410 && !answer.continue_token.empty() && answer.continue_token != m_token) {
            m_token = answer.continue_token;
            m_exact_version.clear();
            m_job->context.inventory.cluster.consistent = false;
            return true;
        }
        if (status == 410 && !m_job->restarted) {
            start_over(std::min(m_job->order.paging.limit * 4, k_largest_page)); // fewer round trips, so that the token lives through them
            return false;
        }
        const bool plain_helps = status == 400 && m_token.empty() && m_limit != 0;
        if (plain_helps) m_limit = 0; // an aggregated server that does not know the parameter
        return plain_helps;
    }

    void give_up(const ReadFailure& failure) override
    {
        if (abandoned()) return;
        m_job->fail(failure);
        end();
    }

    [[nodiscard]] int priority() const override { return m_job->order.priority; }
    [[nodiscard]] bool may_start() const override { return m_in_flight || m_job->pages_in_flight < m_job->context.max_pages_in_flight; }
    [[nodiscard]] bool abandoned() const override { return m_generation != m_job->generation; }

private:
    void element(PaddedJson json) override
    {
        if (m_to_skip > 0) {
            --m_to_skip;
            return;
        }
        ++m_taken;
        if (++m_job->result.objects > m_job->order.max_objects) {
            m_job->exhausted = true;
            return;
        }
        m_job->sink->element(json);
    }

    void skipped(std::string_view reason, std::string_view head) override
    {
        if (m_to_skip > 0) {
            --m_to_skip;
            return;
        }
        ++m_taken;
        m_job->sink->skipped(reason, head);
    }

    void metadata(const ListEnvelope& envelope) override
    {
        // Typed lists send it before their items: the next page can be under way while this one arrives.
        if (m_token.empty() && m_exact_version.empty()) m_version = envelope.resource_version;
        if (m_job->order.paging.prefetch) ask_for_next(envelope);
    }

    void ask_for_next(const ListEnvelope& envelope)
    {
        if (m_next_asked || envelope.continue_token.empty() || m_job->exhausted) return;
        m_next_asked = true;
        const std::uint32_t limit = next_page_size(m_job->order.paging, m_job->result.objects, m_job->bytes);
        m_job->context.loop.add(std::make_unique<Page>(m_job, envelope.continue_token, limit));
    }

    [[nodiscard]] std::string query()
    {
        std::string query;
        const auto add = [&](const std::string& parameter) { query += (query.empty() ? '?' : '&') + parameter; };
        if (!m_job->order.query.empty()) add(m_job->order.query);
        if (m_limit != 0) add("limit=" + std::to_string(m_limit));
        if (!m_token.empty()) {
            add("continue=" + percent_encode(m_token));
        } else if (m_taken > 0 && !m_version.empty()) {
            m_exact_version = m_version; // the same list again, so that what is taken can be skipped
            add("resourceVersion=" + percent_encode(m_exact_version) + "&resourceVersionMatch=Exact");
        }
        return query;
    }

    /// Drops every page of the list and begins again; this page is abandoned by that.
    void start_over(std::uint32_t limit)
    {
        const std::shared_ptr<ListJob> job = m_job;
        ++job->generation;
        job->restarted = true;
        job->pages_open = 0;
        job->pages_in_flight = 0;
        job->result = {};
        job->restart();
        job->context.loop.add(std::make_unique<Page>(job, "", limit));
    }

    [[nodiscard]] static SplitLimits limits()
    {
        SplitLimits limits;
        limits.elements = std::numeric_limits<std::uint64_t>::max(); // the list as a whole is counted, not the page
        return limits;
    }

    static ReadFailure unreadable(const Error& error)
    {
        ReadFailure failure;
        failure.reason = model::Reason::malformed;
        failure.message = printable(error.message);
        return failure;
    }

    void end()
    {
        if (m_in_flight) --m_job->pages_in_flight;
        m_in_flight = false;
        m_job->page_ended();
    }

    std::shared_ptr<ListJob> m_job;
    std::string m_token;
    std::uint32_t m_limit;
    unsigned m_generation;
    std::optional<ListSplitter> m_splitter; ///< of the current attempt
    std::optional<ReadFailure> m_failure;
    std::string m_version;       ///< of the list as the first attempt saw it
    std::string m_exact_version; ///< asked for in a further attempt
    std::uint64_t m_taken = 0;   ///< elements handed on
    std::uint64_t m_to_skip = 0;
    bool m_next_asked = false;
    bool m_in_flight = false;
};

} // namespace

void start_list(const ListContext& context, ListOrder order, std::unique_ptr<ElementSink> sink, std::function<void()> restart,
                std::function<void(const ListResult&)> done)
{
    auto job = std::make_shared<ListJob>(ListJob{context, std::move(order), std::move(sink), std::move(restart), std::move(done)});
    const std::uint32_t limit = job->order.paging.limit;
    auto& loop = job->context.loop;
    loop.add(std::make_unique<Page>(std::move(job), "", limit));
}

} // namespace seaworthy::kube
