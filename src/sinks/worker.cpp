// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/sinks/worker.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "sinks/courier.hpp"

namespace seaworthy::sinks {
namespace {

using Clock = std::chrono::steady_clock;

constexpr milliseconds k_after_bug{10'000};

struct Test {
    state::EventRow event;
    std::promise<Result<std::string>> answer;
};

Failure has_ended()
{
    return failure(Error::Kind::cancelled, "the sink's worker has ended");
}

} // namespace

class Worker::Body {
public:
    Body(config::Sink sink, state::Store& store, std::unique_ptr<Transport> transport, Surroundings surroundings)
        : courier(std::move(sink), store, std::move(transport), std::move(surroundings))
    {}
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;
    ~Body()
    {
        request_stop();
        join();
    }

    void start()
    {
        m_thread = std::jthread{[this](const std::stop_token& stop) { run(stop); }};
    }
    void wake()
    {
        const std::lock_guard lock{m_mutex};
        m_woken = true;
        m_condition.notify_all();
    }
    std::future<Result<std::string>> add(Test test)
    {
        const std::lock_guard lock{m_mutex};
        auto answer = test.answer.get_future();
        if (m_done) {
            test.answer.set_value(has_ended());
        } else {
            m_tests.push_back(std::move(test));
            m_condition.notify_all();
        }
        return answer;
    }
    void begin_flush(Clock::time_point deadline)
    {
        const std::lock_guard lock{m_mutex};
        m_deadline = deadline;
        m_condition.notify_all();
    }
    bool wait_until(Clock::time_point deadline)
    {
        std::unique_lock lock{m_mutex};
        return m_condition.wait_until(lock, deadline, [&] { return m_done; });
    }
    void request_stop() { m_thread.request_stop(); }
    void join()
    {
        if (m_thread.joinable()) m_thread.join();
    }

    Courier courier;

private:
    /// A bug must not end the daemon, nor turn the loop into a busy one.
    Courier::Next step(const std::stop_token& stop, bool flushing)
    {
        try {
            return courier.step(stop, flushing);
        } catch (const std::exception&) {
            return {k_after_bug, false};
        }
    }

    Result<std::string> answer(const state::EventRow& event, const std::stop_token& stop)
    {
        try {
            return courier.test(event, stop);
        } catch (const std::exception& error) {
            return failure(Error::Kind::internal, error.what());
        }
    }

    void run(const std::stop_token& stop)
    {
        std::unique_lock lock{m_mutex};
        while (!stop.stop_requested()) {
            if (!m_tests.empty()) {
                Test test = std::move(m_tests.front());
                m_tests.pop_front();
                lock.unlock();
                test.answer.set_value(answer(test.event, stop));
                lock.lock();
                continue;
            }
            m_woken = false;
            const auto deadline = m_deadline;
            lock.unlock();
            const auto next = step(stop, deadline.has_value());
            lock.lock();
            const auto until = Clock::now() + next.wait;
            if (deadline && (next.idle || until >= *deadline)) break;
            if (next.wait.count() == 0) continue;
            m_condition.wait_until(lock, stop, until, [&] { return m_woken || !m_tests.empty() || m_deadline != deadline; });
        }
        lock.unlock();
        courier.close();
        lock.lock();
        m_done = true;
        for (auto& test : m_tests)
            test.answer.set_value(has_ended());
        m_tests.clear();
        m_condition.notify_all();
    }

    std::mutex m_mutex;
    std::condition_variable_any m_condition;
    bool m_woken = false;
    bool m_done = false;
    std::optional<Clock::time_point> m_deadline; ///< of a flush
    std::deque<Test> m_tests;
    std::jthread m_thread;
};

Worker::Worker(config::Sink sink, state::Store& store, std::unique_ptr<Transport> transport, Surroundings surroundings)
    : m_body(std::make_unique<Body>(std::move(sink), store, std::move(transport), std::move(surroundings)))
{}
Worker::~Worker() = default;

void Worker::start()
{
    m_body->start();
}
void Worker::wake()
{
    m_body->wake();
}
Facts Worker::facts() const
{
    return m_body->courier.facts();
}
std::future<Result<std::string>> Worker::test(state::EventRow event)
{
    return m_body->add({std::move(event), {}});
}
void Worker::begin_flush(Clock::time_point deadline)
{
    m_body->begin_flush(deadline);
}
bool Worker::wait_until(Clock::time_point deadline)
{
    return m_body->wait_until(deadline);
}
void Worker::request_stop()
{
    m_body->request_stop();
}
void Worker::join()
{
    m_body->join();
}

} // namespace seaworthy::sinks
