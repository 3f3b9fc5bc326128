// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/http/server.hpp"

#include <optional>
#include <thread>

#include <sys/eventfd.h>
#include <unistd.h>

#include "http/engine.hpp"
#include "http/field.hpp"
#include "http/gate.hpp"

namespace seaworthy::http {

struct Server::Implementation {
    Implementation(Options given, Handler given_handler, Listener listener, std::optional<TlsContext> tls)
        : options(std::move(given)), handler(std::move(given_handler)), port(listener.port), stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
          gate(options, std::move(listener), std::move(tls), ready, tally)
    {}

    void start()
    {
        threads.emplace_back([this] { gate.run(stopped.get()); });
        for (unsigned i = 0; i < std::max(options.workers, 1U); ++i)
            threads.emplace_back([this] { work(); });
    }

    void work()
    {
        Engine engine{handler, options, stopped.get()};
        while (auto connection = ready.pop()) {
            engine.answer(*connection);
            // Most replies fit into the socket's buffer, so they leave from here; the gate sends what does not.
            const auto now = Clock::now();
            connection->progress = now;
            connection->state = flush(*connection, now) == Io::closed ? Connection::State::finished : Connection::State::replying;
            gate.give_back(std::move(connection));
        }
    }

    void stop()
    {
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(stopped.get(), &one, sizeof one);
        ready.close();
        threads.clear(); // joins
        gate.close();
    }

    const Options options;
    const Handler handler;
    const std::uint16_t port;
    Descriptor stopped; ///< readable from stop() on; nobody reads it, so it wakes everyone
    Tally tally;
    Queue ready;
    Gate gate;
    std::vector<std::jthread> threads;
};

Server::Server(std::unique_ptr<Implementation> implementation) : m_implementation(std::move(implementation)) {}

Result<std::unique_ptr<Server>> Server::start(Options options, Handler handler)
{
    std::erase_if(options.default_headers, [](const Field& field) { return !is_one_line(field); });
    std::optional<TlsContext> tls;
    if (options.certificate_file.empty() != options.key_file.empty()) {
        return failure(Error::Kind::usage, "TLS needs both a certificate file and a key file");
    }
    if (!options.client_ca_file.empty() && options.certificate_file.empty())
        return failure(Error::Kind::usage, "certificates of clients need TLS: a certificate file and a key file");
    if (!options.certificate_file.empty()) {
        auto loaded = TlsContext::load(options.certificate_file, options.key_file, options.client_ca_file);
        if (!loaded) return tl::make_unexpected(loaded.error());
        tls = std::move(*loaded);
    }
    auto listener = open_listener(options.listen);
    if (!listener) return tl::make_unexpected(listener.error());
    auto implementation = std::make_unique<Implementation>(std::move(options), std::move(handler), std::move(*listener), std::move(tls));
    implementation->start();
    return std::unique_ptr<Server>{new Server{std::move(implementation)}};
}

Server::~Server()
{
    stop();
}

void Server::stop()
{
    m_implementation->stop();
}

std::uint16_t Server::port() const
{
    return m_implementation->port;
}

Counters Server::counters() const
{
    const auto& tally = m_implementation->tally;
    return {.accepted = tally.accepted,
            .requests = tally.requests,
            .rejected_limit = tally.rejected_limit,
            .rejected_deadline = tally.rejected_deadline,
            .rejected_malformed = tally.rejected_malformed,
            .rejected_too_large = tally.rejected_too_large,
            .connections = tally.connections};
}

} // namespace seaworthy::http
