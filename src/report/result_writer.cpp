// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/report/result_writer.hpp"

#include <new>
#include <type_traits>

#include "seaworthy/report/evidence.hpp"

namespace seaworthy::report {
namespace {

std::size_t mixed(std::size_t seed, std::size_t value)
{
    return (seed ^ value) * 0x9E3779B97F4A7C15U;
}

template <typename T>
const T* kept(const T& item, Arena& arena)
{
    static_assert(std::is_trivially_destructible_v<T>);
    return new (arena.allocate(sizeof item, alignof(T))) T(item);
}

std::size_t object_hash(std::string_view kind, std::string_view ns, std::string_view name)
{
    return mixed(mixed(hash_bytes(name), hash_bytes(ns)), hash_bytes(kind));
}

} // namespace

std::size_t ResultWriter::ObjectHash::operator()(const Object* object) const
{
    return object_hash(object->kind, object->ns, object->name);
}

std::size_t ResultWriter::ObjectHash::operator()(const Wanted& wanted) const
{
    return object_hash(wanted.key.kind, wanted.key.ns, wanted.key.name);
}

bool ResultWriter::ObjectEqual::operator()(const Wanted& a, const Object* b) const
{
    return b->name == a.key.name && b->ns == a.key.ns && b->kind == a.key.kind && b->api_version == a.key.api_version && b->uid == a.key.uid &&
           b->counts_in == a.counts_in;
}

std::size_t ResultWriter::StatementHash::operator()(const Statement* statement) const
{
    // Interned texts have one address for equal content.
    std::size_t hash = mixed(0, reinterpret_cast<std::uintptr_t>(statement->check));
    for (const Text text : {statement->message, statement->grant, statement->remediation, statement->evidence})
        hash = mixed(hash, reinterpret_cast<std::uintptr_t>(text.view().data()));
    const auto rest = static_cast<unsigned>(statement->status) << 16U | static_cast<unsigned>(statement->severity) << 8U |
                      static_cast<unsigned>(statement->reason) | static_cast<unsigned>(statement->exemption) << 24U;
    return mixed(hash, rest);
}

const Object* ResultWriter::object(const check::ObjectKey& key, std::string_view counts_in)
{
    const Wanted wanted{key, counts_in};
    if (m_next < m_order.size() && ObjectEqual{}(wanted, m_order[m_next])) return m_order[m_next++];
    if (const auto at = m_objects.find(wanted); at != m_objects.end()) {
        m_next = at->second + 1;
        return at->first;
    }
    auto& texts = m_report.texts;
    const auto* added = kept(Object{texts.intern(key.api_version), texts.intern(key.kind), texts.intern(key.ns), texts.intern(key.name),
                                    texts.store(key.uid), texts.intern(counts_in)},
                             m_report.arena);
    m_objects.emplace(added, m_order.size());
    m_order.push_back(added);
    m_next = m_order.size();
    return added;
}

const Statement* ResultWriter::statement(const Asker& asker, const check::Verdict& verdict, std::uint16_t exemption)
{
    auto& texts = m_report.texts;
    const Statement wanted{.check = &asker.check,
                           .message = texts.intern(verdict.message),
                           .grant = texts.intern(verdict.grant),
                           .remediation = texts.intern(verdict.remediation),
                           .evidence = texts.intern(encode(verdict.evidence)),
                           .control = asker.control,
                           .status = verdict.status,
                           .severity = verdict.severity.value_or(asker.severity),
                           .reason = verdict.status == Status::unknown ? verdict.reason : Reason::none,
                           .attested = verdict.attested,
                           .exemption = exemption};
    if (const auto at = m_statements.find(&wanted); at != m_statements.end()) return *at;
    const auto* added = kept(wanted, m_report.arena);
    m_statements.insert(added);
    return added;
}

Result& ResultWriter::add(const Asker& asker, const check::ObjectKey& key, std::string_view counts_in, const check::Verdict& verdict,
                          std::uint16_t exemption)
{
    return m_report.results.emplace_back(statement(asker, verdict, exemption), object(key, counts_in));
}

} // namespace seaworthy::report
