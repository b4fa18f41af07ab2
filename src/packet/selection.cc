#include "packet/selection.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/result.h"

namespace tattle {
namespace {

constexpr std::int64_t kSecond = 1000000000, kDay = 86400 * kSecond;
constexpr std::uint16_t kUnknownLink = 65535;

// In files raw IP is 101; libpcap's own number for it differs between systems.
int data_link_of(std::uint16_t link_type) { return link_type == 101 ? DLT_RAW : link_type; }

std::int64_t day_of(Time time) { return time.ns / kDay - (time.ns % kDay < 0 ? 1 : 0); }

/// HH:MM or HH:MM:SS, in nanoseconds since midnight.
std::optional<std::int64_t> parse_time_of_day(std::string_view text) {
  if (text.size() != 5 && text.size() != 8) return std::nullopt;
  std::array<int, 3> parts{};
  for (std::size_t i = 0; i * 3 < text.size(); ++i) {
    const char tens = text[i * 3], ones = text[i * 3 + 1];
    if (tens < '0' || tens > '9' || ones < '0' || ones > '9' || (i > 0 && text[i * 3 - 1] != ':')) return std::nullopt;
    parts[i] = (tens - '0') * 10 + (ones - '0');
  }
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  return (parts[0] * 3600LL + parts[1] * 60 + parts[2]) * kSecond;
}

}  // namespace

struct PacketSelection::Program {
  bpf_program code{};
  ~Program() { pcap_freecode(&code); }

  /// @return  Null when the expression does not fit the link; `why` says so.
  static std::unique_ptr<Program> compile(const std::string& expression, int data_link, std::string& why) {
    constexpr int kSnapLength = 262144;
    const std::unique_ptr<pcap_t, decltype(&pcap_close)> dead(pcap_open_dead(data_link, kSnapLength), pcap_close);
    auto program = std::make_unique<Program>();
    if (dead && pcap_compile(dead.get(), &program->code, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0) {
      return program;
    }
    why = dead ? pcap_geterr(dead.get()) : "no memory";
    std::replace(why.begin(), why.end(), '\n', ' ');
    return nullptr;
  }
};

PacketSelection::~PacketSelection() = default;
PacketSelection::PacketSelection(PacketSelection&&) noexcept = default;
PacketSelection& PacketSelection::operator=(PacketSelection&&) noexcept = default;

PacketSelection::PacketSelection(SelectionOptions options) : options_(std::move(options)) {
  since_ = bound("--since", options_.since);
  until_ = bound("--until", options_.until);
  const bool alike = since_.time.has_value() == until_.time.has_value();
  const bool both = !options_.since.empty() && !options_.until.empty();
  if (both && alike && (since_.time ? *since_.time >= *until_.time : *since_.time_of_day >= *until_.time_of_day)) {
    throw UserError(fmt::format("--since {} --until {}: no time lies between; the first must be the earlier one",
                                options_.since, options_.until));
  }
  if (options_.filter.empty()) return;
  // What it is wrong for all kinds of links is wrong before anything is read.
  std::string why, ignored;
  if (Program::compile(options_.filter, DLT_EN10MB, why)) return;
  for (int link : {DLT_RAW, DLT_IEEE802_11, DLT_LINUX_SLL, DLT_NULL, DLT_PPP}) {
    if (Program::compile(options_.filter, link, ignored)) return;
  }
  throw UserError(fmt::format("--filter '{}': {}; pcap-filter(7) shows how to write it", options_.filter, why));
}

PacketSelection::Bound PacketSelection::bound(std::string option, const std::string& text) {
  Bound bound{std::move(option), text, std::nullopt, std::nullopt};
  if (text.empty()) return bound;
  bound.time_of_day = parse_time_of_day(text);
  if (!bound.time_of_day) bound.time = parse_rfc3339(text);
  if (!bound.time_of_day && !bound.time) {
    throw UserError(
        fmt::format("{} {}: not a time; write 2012-11-05T18:03:21Z (UTC without a zone) or, within one day, 18:03",
                    bound.option, text));
  }
  return bound;
}

void PacketSelection::settle(Bound& bound, Time time) const {
  if (!bound.time_of_day) return;
  if (day_of(time) != *day_) {
    throw UserError(fmt::format("{} {}: the captures lie on several days (UTC); give the date too, as in {}",
                                bound.option, bound.text, to_rfc3339({*day_ * kDay + *bound.time_of_day})));
  }
  bound.time = Time{*day_ * kDay + *bound.time_of_day};
}

bool PacketSelection::selects_time(Time time) {
  if (since_.time_of_day || until_.time_of_day) {
    if (!day_) day_ = day_of(time);
    settle(since_, time);
    settle(until_, time);
  }
  return (!since_.time || time >= *since_.time) && (!until_.time || time < *until_.time);
}

bool PacketSelection::passes(const CapturedPacket& packet) {
  auto found = programs_.find(packet.link_type);
  if (found == programs_.end()) {
    std::string why;
    std::unique_ptr<Program> program;
    if (packet.link_type != kUnknownLink) {
      program = Program::compile(options_.filter, data_link_of(packet.link_type), why);
      if (!program) {
        throw UserError(fmt::format("--filter '{}': not for packets of link type {}, which the captures hold: {}",
                                    options_.filter, packet.link_type, why));
      }
    }
    found = programs_.emplace(packet.link_type, std::move(program)).first;
  }
  if (!found->second) return false;
  pcap_pkthdr header{};
  header.caplen = static_cast<bpf_u_int32>(packet.data.size());
  header.len = packet.wire_length;
  return pcap_offline_filter(&found->second->code, &header, packet.data.data()) != 0;
}

}  // namespace tattle
