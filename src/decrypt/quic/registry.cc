#include "decrypt/quic/registry.h"

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include "decrypt/quic/packet.h"

namespace tattle {
namespace {

// Where ids are looked up: those of one server endpoint, of packets that go one way.
struct Realm {
  Endpoint server;
  Direction direction;
  auto operator<=>(const Realm&) const = default;
};

// An id that short may be met by chance in a datagram that has another meaning: only keys can then tell.
constexpr std::size_t kTellingId = 8;

std::string key_of(const Realm& realm, Bytes id) {
  std::string key(as_text(realm.server.address.bytes));
  key.push_back(static_cast<char>(realm.server.port >> 8));
  key.push_back(static_cast<char>(realm.server.port & 0xff));
  key.push_back(static_cast<char>(realm.direction));
  return key.append(as_text(id));
}

}  // namespace

struct QuicRegistry::State {
  // A session with the ids by which it is found. Told by its connection of new ones.
  struct Entry : QuicIdObserver {
    Entry(State& state, std::shared_ptr<QuicSession> quic_session, const FlowInfo& flow)
        : all(state), session(std::move(quic_session)), server(flow.server), home(flow.id) {}
    void on_connection_id(Direction direction, Bytes id) override { all.add_id(*this, direction, id); }
    bool has_id(const Chunk& datagram, Bytes at) const {
      return std::ranges::any_of(ids, [&](const auto& id) {
        return id.first == datagram.direction && at.size() >= id.second.size() &&
               std::equal(id.second.begin(), id.second.end(), at.begin());
      });
    }

    State& all;
    std::shared_ptr<QuicSession> session;
    Endpoint server;
    FlowId home;                // where it began
    std::vector<FlowId> flows;  // that carry it and may go on
    std::vector<std::pair<Direction, ByteVector>> ids;
    bool ended = false;
  };
  using Shared = std::shared_ptr<Entry>;
  struct Flow {
    std::vector<Shared> entries;  // the latest in use last
    // Of connections that this flow has too many of: what they carried, and the first of them.
    QuicFlowBytes bytes;
    std::shared_ptr<QuicSession> first;
    bool suspended = false;
  };

  State(const Limits& run_limits, Anomalies* noted) : limits(run_limits), anomalies(noted) {}

  const Limits& limits;
  Anomalies* anomalies;
  std::unordered_map<FlowId, Flow> flows;
  std::unordered_map<std::string, Entry*> by_id;
  std::map<Realm, std::array<std::uint32_t, kMaxConnectionId + 1>> lengths;  // how many ids of each length
  std::unordered_map<FlowId, std::vector<Entry*>> by_home;  // sessions that go on, by the flow where they began
  std::vector<FlowId> released;

  void add_id(Entry& entry, Direction direction, Bytes id);
  void forget_ids(Entry& entry);
  Shared find(const Chunk& datagram);
  Entry* find_elsewhere(const Chunk& datagram, const QuicPacket* long_header);
  Shared share(Entry* entry);
  void join(const Shared& entry, const Chunk& datagram);
  void quit(Entry& entry, FlowId flow);
  bool has_roaming(FlowId home) const;
};

// An id that two connections claim is the later one's.
void QuicRegistry::State::add_id(Entry& entry, Direction direction, Bytes id) {
  if (id.empty() || id.size() > kMaxConnectionId) return;
  const Realm realm{entry.server, direction};
  by_id[key_of(realm, id)] = &entry;
  ++lengths[realm][id.size()];
  entry.ids.emplace_back(direction, ByteVector(id.begin(), id.end()));
}

void QuicRegistry::State::forget_ids(Entry& entry) {
  for (const auto& [direction, id] : entry.ids) {
    const Realm realm{entry.server, direction};
    auto found = by_id.find(key_of(realm, id));
    if (found != by_id.end() && found->second == &entry) by_id.erase(found);
    auto counts = lengths.find(realm);
    --counts->second[id.size()];
    if (std::ranges::all_of(counts->second, [](std::uint32_t count) { return count == 0; })) lengths.erase(counts);
  }
  entry.ids.clear();
}

// Among connections of other flows with the same server endpoint.
QuicRegistry::State::Entry* QuicRegistry::State::find_elsewhere(const Chunk& datagram, const QuicPacket* long_header) {
  const Realm realm{datagram.flow.server, datagram.direction};
  if (long_header) {
    auto found = by_id.find(key_of(realm, long_header->destination));
    return found == by_id.end() ? nullptr : found->second;
  }
  auto known = lengths.find(realm);
  if (known == lengths.end()) return nullptr;
  for (std::size_t length = kMaxConnectionId; length > 0; --length) {
    if (known->second[length] == 0 || datagram.data.size() <= length) continue;
    auto found = by_id.find(key_of(realm, datagram.data.subspan(1, length)));
    if (found == by_id.end()) continue;
    if (length >= kTellingId || found->second->session->connection().can_open(datagram)) return found->second;
  }
  return nullptr;
}

QuicRegistry::State::Shared QuicRegistry::State::share(Entry* entry) {
  for (const Shared& each : flows[entry->flows.front()].entries) {
    if (each.get() == entry) return each;
  }
  return nullptr;
}

QuicRegistry::State::Shared QuicRegistry::State::find(const Chunk& datagram) {
  if (datagram.data.empty()) return nullptr;
  auto flow = flows.find(datagram.flow.id);
  const bool known = flow != flows.end() && !flow->second.entries.empty();
  const bool is_long = has_quic_long_header(datagram.data);
  const auto packet = is_long ? parse_quic_long_header(datagram.data) : Result<QuicPacket>();
  if (!packet) return known ? flow->second.entries.back() : nullptr;
  const Bytes id = is_long ? packet->destination : datagram.data.subspan(1);
  if (known) {
    auto& entries = flow->second.entries;
    auto own = std::find_if(entries.rbegin(), entries.rend(), [&](const Shared& e) { return e->has_id(datagram, id); });
    if (own != entries.rend()) return *own;
  }
  if (Entry* entry = find_elsewhere(datagram, is_long ? &*packet : nullptr)) return share(entry);
  if (!known) return nullptr;
  const Shared& latest = flow->second.entries.back();
  return latest->session->connection().begins_another(datagram) ? nullptr : latest;
}

void QuicRegistry::State::join(const Shared& entry, const Chunk& datagram) {
  const FlowId id = datagram.flow.id;
  Flow& flow = flows[id];
  if (!flow.entries.empty() && flow.entries.back() == entry) return;
  auto found = std::ranges::find(flow.entries, entry);
  if (found != flow.entries.end()) {
    std::rotate(found, found + 1, flow.entries.end());
    return;
  }
  flow.entries.push_back(entry);
  entry->flows.push_back(id);
  if (flow.entries.size() <= std::max<std::uint64_t>(limits.quic_connections, 1)) return;
  if (anomalies) anomalies->note("quic.connections-limit", datagram.first_packet());
  const Shared oldest = flow.entries.front();
  flow.entries.erase(flow.entries.begin());
  quit(*oldest, id);
  const QuicFlowBytes bytes = oldest->session->connection().take_flow_bytes(id);
  flow.bytes.parsed += bytes.parsed;
  flow.bytes.opaque += bytes.opaque;
  if (!flow.first) flow.first = oldest->session;
}

// This flow carries it no more; without any it is over.
void QuicRegistry::State::quit(Entry& entry, FlowId flow) {
  std::erase(entry.flows, flow);
  if (!entry.flows.empty() || entry.ended) return;
  entry.ended = true;
  forget_ids(entry);
  auto& siblings = by_home[entry.home];
  std::erase(siblings, &entry);
  if (siblings.empty()) by_home.erase(entry.home);
  entry.session->connection().set_id_observer(nullptr);
  entry.session->finish();
  auto home = flows.find(entry.home);
  if (home != flows.end() && home->second.suspended && !has_roaming(entry.home)) released.push_back(entry.home);
}

bool QuicRegistry::State::has_roaming(FlowId home) const {
  auto found = by_home.find(home);
  if (found == by_home.end()) return false;
  return std::ranges::any_of(found->second, [home](const Entry* entry) {
    return std::ranges::any_of(entry->flows, [home](FlowId flow) { return flow != home; });
  });
}

QuicRegistry::QuicRegistry(const Limits& limits, Anomalies* anomalies)
    : state_(std::make_unique<State>(limits, anomalies)) {}
QuicRegistry::~QuicRegistry() = default;

bool QuicRegistry::deliver(const Chunk& datagram) {
  const State::Shared entry = state_->find(datagram);
  if (!entry) return false;
  state_->join(entry, datagram);
  entry->session->connection().on_datagram(datagram);
  return true;
}

void QuicRegistry::begin(std::shared_ptr<QuicSession> session, const Chunk& first) {
  auto entry = std::make_shared<State::Entry>(*state_, std::move(session), first.flow);
  state_->by_home[first.flow.id].push_back(entry.get());
  state_->join(entry, first);
  entry->session->connection().set_id_observer(entry.get());
  entry->session->connection().on_datagram(first);
}

QuicFlowReport QuicRegistry::leave(FlowId flow) {
  QuicFlowReport report;
  auto found = state_->flows.find(flow);
  if (found == state_->flows.end()) return report;
  report.bytes = found->second.bytes;
  if (found->second.first) report.sessions.push_back(found->second.first);
  const std::vector<State::Shared> entries = found->second.entries;
  for (const State::Shared& entry : entries) {
    state_->quit(*entry, flow);
    const QuicFlowBytes bytes = entry->session->connection().take_flow_bytes(flow);
    report.bytes.parsed += bytes.parsed;
    report.bytes.opaque += bytes.opaque;
    report.sessions.push_back(entry->session);
  }
  std::erase(state_->released, flow);
  state_->flows.erase(flow);
  return report;
}

bool QuicRegistry::may_end(FlowId flow) const { return !state_->has_roaming(flow); }

void QuicRegistry::suspend(FlowId flow) {
  auto found = state_->flows.find(flow);
  if (found == state_->flows.end()) return;
  found->second.suspended = true;
  const std::vector<State::Shared> entries = found->second.entries;
  for (const State::Shared& entry : entries) state_->quit(*entry, flow);
}

std::vector<FlowId> QuicRegistry::take_released() { return std::exchange(state_->released, {}); }

}  // namespace tattle
