// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_tree.hpp"

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <unordered_map>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace seaworthy::config {

namespace {

Position position(const YAML::Mark& mark)
{
    return {mark.line + 1, mark.column + 1};
}

struct Refusal : std::runtime_error {
    Refusal(Position where, const std::string& why) : std::runtime_error(why), at(where) {}
    Position at;
};

/// Builds the tree from the parser's events: a stack of open containers, each map remembering the key it waits with.
class Builder : public YAML::EventHandler {
public:
    [[nodiscard]] Node::Pointer take() { return std::move(m_root); }

    void OnDocumentStart(const YAML::Mark& mark) override
    {
        if (m_root) throw Refusal(position(mark), "a second document; one file holds one configuration");
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(make(Node::Kind::null, mark), anchor); }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        const auto found = m_anchors.find(anchor);
        if (found == m_anchors.end()) throw Refusal(position(mark), "an alias inside the node that it stands for");
        attach(found->second, position(mark));
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override
    {
        auto node = make(Node::Kind::scalar, mark);
        node->text = value;
        node->quoted = tag == "!" || tag.ends_with(":str");
        if (!node->quoted && (value == "~" || value == "null" || value == "Null" || value == "NULL")) node->kind = Node::Kind::null;
        add(node, anchor);
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        open(make(Node::Kind::sequence, mark), anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        open(make(Node::Kind::map, mark), anchor);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        std::shared_ptr<Node> node;
        YAML::anchor_t anchor = YAML::NullAnchor;
        std::string key{};
        Position key_at{};
        bool has_key = false;
        std::unordered_map<std::string, int> lines_of_keys{};
    };

    static std::shared_ptr<Node> make(Node::Kind kind, const YAML::Mark& mark)
    {
        auto node = std::make_shared<Node>();
        node->kind = kind;
        node->at = position(mark);
        return node;
    }

    void add(const std::shared_ptr<Node>& node, YAML::anchor_t anchor)
    {
        if (anchor != YAML::NullAnchor) m_anchors[anchor] = node;
        attach(node, node->at);
    }

    void open(std::shared_ptr<Node> node, YAML::anchor_t anchor) { m_open.push_back(Open{.node = std::move(node), .anchor = anchor}); }

    void close()
    {
        const auto open = std::move(m_open.back());
        m_open.pop_back();
        add(open.node, open.anchor);
    }

    void attach(const Node::Pointer& node, Position at)
    {
        if (m_open.empty()) {
            m_root = node;
            return;
        }
        auto& parent = m_open.back();
        if (parent.node->kind == Node::Kind::sequence) {
            parent.node->items.push_back(node);
        } else if (!parent.has_key) {
            take_key(parent, *node, at);
            return;
        } else {
            parent.node->entries.push_back({std::move(parent.key), parent.key_at, node});
            parent.has_key = false;
        }
        // Saturating, so that nested aliases cannot wrap it round.
        parent.node->weight = std::min(parent.node->weight + node->weight, 2 * k_maximum_nodes);
        if (parent.node->weight > k_maximum_nodes)
            throw Refusal(at, "more than " + std::to_string(k_maximum_nodes) + " values with aliases written out");
    }

    static void take_key(Open& parent, const Node& node, Position at)
    {
        if (node.kind != Node::Kind::scalar) throw Refusal(at, "a key must be text, not " + std::string{name(node.kind)});
        if (node.text == "<<" && !node.quoted) throw Refusal(at, "merge keys (<<) are not read here");
        const auto [twin, fresh] = parent.lines_of_keys.emplace(node.text, at.line);
        if (!fresh) throw Refusal(at, "the key \"" + node.text + "\" is there twice; the first is on line " + std::to_string(twin->second));
        parent.key = node.text;
        parent.key_at = at;
        parent.has_key = true;
    }

    Node::Pointer m_root;
    std::vector<Open> m_open;
    std::unordered_map<YAML::anchor_t, Node::Pointer> m_anchors;
};

} // namespace

const Node* Node::find(std::string_view key) const
{
    const auto found = std::ranges::find(entries, key, &Entry::key);
    return found == entries.end() ? nullptr : found->value.get();
}

std::string_view name(Node::Kind kind)
{
    switch (kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return "text";
    case Node::Kind::sequence: return "a list";
    case Node::Kind::map: return "a map";
    }
    return "";
}

tl::expected<Node::Pointer, Problem> parse_yaml(std::string_view text)
{
    Builder builder;
    try {
        std::istringstream stream{std::string{text}};
        YAML::Parser parser{stream};
        while (parser.HandleNextDocument(builder)) {}
    } catch (const Refusal& refusal) {
        return tl::make_unexpected(Problem{refusal.at.line, refusal.at.column, {}, refusal.what()});
    } catch (const YAML::Exception& error) {
        const auto at = position(error.mark);
        return tl::make_unexpected(Problem{at.line, at.column, {}, "this is not YAML: " + error.msg});
    }
    auto root = builder.take();
    return root ? std::move(root) : std::make_shared<const Node>();
}

} // namespace seaworthy::config
